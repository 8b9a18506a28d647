"""Unusual rotation of a sector that was asked for: both sides of a planted one, a reason where nothing is judged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from tests.support.simulated import fill, open_simulated

pytestmark = pytest.mark.slow
CASE = registry.usecases()["get_sector_investor_flow"]
DATASETS = ("daily_bars", "investor_day_stock", "investor_day_market", "instruments", "index_day", "sector_membership")
PLAN = Plan(seed=103, stocks=300, first=date(2025, 1, 2), sessions=300, events=4.0)


@pytest.fixture(scope="module")
def planted() -> SimulatedMarket:
    return SimulatedMarket(PLAN)


@pytest.fixture(scope="module")
def archive(planted: SimulatedMarket, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    found = open_simulated(tmp_path_factory.mktemp("rotation"), planted.sessions[-1])
    fill(found, planted, DATASETS)
    return found


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


def sides(planted: SimulatedMarket) -> tuple[date, str, str]:
    """Last session of the planted rotation, the sector that gained and the one that lost."""
    rows = planted.rows("sector_membership", planted.sessions[0], planted.sessions[-1])
    sectors = dict(rows.select("code", "sector").iter_rows())
    events = [one for one in planted.labels.iter_rows(named=True) if one["kind"] == "sector_rotation"]
    gained, lost = sorted(events, key=lambda one: -one["amplitude"])
    return gained["last"], sectors[gained["codes"][0]], sectors[lost["codes"][0]]


@pytest.mark.torture
def test_both_sides_of_a_planted_rotation_name_each_other(archive: Archive, planted: SimulatedMarket) -> None:
    last, gained, lost = sides(planted)
    answers = [ask(archive, sector=code, session=last) for code in (gained, lost)]
    (to, frm) = (answer["sector_flows"][0] for answer in answers)
    assert ("BUY", "SELL") == (to["unusual"]["signal"], frm["unusual"]["signal"])
    assert (frm["sector_name"], to["sector_name"]) == (to["unusual"]["partner"], frm["unusual"]["partner"])
    assert to["unusual"]["z"] > 0 > frm["unusual"]["z"]
    about = to["unusual"]["meta"]["signal"]
    assert 0.1 > about["p_adj"] and about["note"].startswith("validated: ")


def test_the_text_tells_a_rotation_and_is_silent_without_one(archive: Archive, planted: SimulatedMarket) -> None:
    last, gained, lost = sides(planted)
    told = [str(line) for line in CASE.text(registry.bind(CASE, archive)(sector=gained, session=last))]
    (line,) = [one for one in told if one.startswith("이상 순환매")]
    assert "유입 ←" in line and "validated: " in line
    every = ask(archive, session=last, top_n=60)
    assert {None} == {one["unusual"] for one in every["sector_flows"]}
    assert "OUT_OF_SCOPE" == every["sector_flows"][0]["meta"]["unusual"]["reason"]
    quiet = next(
        one for one in every["sector_flows"] if one["members"] >= 8 and one["sector_code"] not in (gained, lost)
    )
    answer: Any = registry.bind(CASE, archive)(sector=quiet["sector_code"], session=last)
    assert "NONE" == answer.sector_flows[0].unusual.signal
    assert not [line for line in CASE.text(answer) if str(line).startswith("이상 순환매")]
    row = CASE.rows(answer)[0]
    assert ("NONE", None) == (row["unusual_signal"], row["unusual_partner"])


def test_what_is_not_judged_says_why(archive: Archive, planted: SimulatedMarket) -> None:
    last, gained, _ = sides(planted)
    every = ask(archive, session=last, top_n=60)["sector_flows"]
    small = next(one["sector_code"] for one in every if one["members"] < 5)
    found = ask(archive, sector=small, session=last)["sector_flows"][0]["unusual"]
    assert (None, None, None) == (found["signal"], found["z"], found["partner"])
    assert {"MISSING_INPUT"} == {found["meta"][name]["reason"] for name in ("signal", "z", "partner")}
    early = ask(archive, sector=gained, session=planted.sessions[100])["sector_flows"][0]["unusual"]
    assert "INSUFFICIENT_HISTORY" == early["meta"]["signal"]["reason"] and early["z"] is not None
