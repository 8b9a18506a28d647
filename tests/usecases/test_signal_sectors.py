"""업종 신호 of a stored market: the evening tells what research and the answer find, by what was known then."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.faces import evaluating_market, payload
from sugeup.research.unusual_sectors import unusual_rotations
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from sugeup.usecases import sector_scene, signal_board, signal_sectors
from sugeup.usecases.signal_kinds import KOREAN
from tests.support.simulated import fill, open_simulated, store

pytestmark = pytest.mark.slow
DATASETS = ("daily_bars", "investor_day_stock", "investor_day_market", "instruments", "index_day", "sector_membership")
PLAN = Plan(seed=103, stocks=300, first=date(2025, 1, 2), sessions=300, events=4.0)
UNTIL = 259
"""An answer about sectors reads so many sessions: up to here it reads what research reads."""
MOMENTS = ("ingested_at", "known_at")
FLOW, RECORD = registry.usecases()["get_sector_investor_flow"], registry.usecases()["get_sector_signals"]


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return SimulatedMarket(PLAN)


@pytest.fixture(scope="module")
def archive(market: SimulatedMarket, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    found = open_simulated(tmp_path_factory.mktemp("sectors"), market.sessions[-1])
    fill(found, market, DATASETS)
    return found


@pytest.fixture(scope="module")
def rich(market: SimulatedMarket) -> tuple[date, set[tuple[str, str]]]:
    """The session with most unusual rotations by the research on all sessions, and its kinds and sectors."""
    seen = evaluating_market.read(market)
    found = unusual_rotations(seen)
    at = int(np.argmax(sum(one.fired[:, :UNTIL].sum(axis=0) for one in found)))
    of = dict(zip(seen.codes, seen.sectors, strict=True))
    told = {
        (one.kind, str(of[one.members[row][0]]))
        for one in found
        if one.members is not None
        for row in np.flatnonzero(one.fired[:, at])
    }
    return market.sessions[at], told


@pytest.fixture(scope="module")
def told(archive: Archive, rich: tuple[date, set[tuple[str, str]]]) -> pl.DataFrame:
    """Signals of that session, stored as the evening stores them."""
    found = signal_board.load_sectors(archive, rich[0]).rows
    archive.fill("signals", found)
    return found


def ask(case: registry.UseCase, archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(case, archive)(**arguments))


@pytest.mark.torture
def test_the_evening_tells_what_research_finds_on_its_session(
    told: pl.DataFrame, rich: tuple[date, set[tuple[str, str]]]
) -> None:
    day, expected = rich
    rare = told.filter(metric="sec.unusual_rotation")
    assert expected and expected == set(rare.select("kind", "code").iter_rows())
    for row in rare.iter_rows(named=True):
        evidence = json.loads(row["evidence"])
        assert (day, "SECTOR", 10, 250) == (
            row["session"],
            row["scope"],
            evidence["window"],
            evidence["tested_together"],
        )
        assert row["family"] in {"KOSPI", "KOSDAQ"} and 0 <= row["p"] <= row["p_adj"] <= 0.1
        (other,) = rare.filter(code=evidence["partner_code"]).iter_rows(named=True)
        mirrored = json.loads(other["evidence"])
        assert (row["code"], evidence["name"]) == (mirrored["partner_code"], mirrored["partner_name"])
        assert {"BUY", "SELL"} == {row["direction"], other["direction"]}
        assert evidence["members"] >= evidence["counted"] >= 5
        assert (row["z"] > 0) == (row["direction"] == "BUY") == (evidence["partner_z"] < 0)
        assert KOREAN[row["kind"]].startswith("업종")


@pytest.mark.torture
def test_flows_of_sectors_are_the_signals_of_the_answer_about_all_of_them(
    archive: Archive, market: SimulatedMarket
) -> None:
    kinds = {"INFLOW": "SECTOR_INFLOW", "OUTFLOW": "SECTOR_OUTFLOW"}
    total = 0
    for day in market.sessions[200:300:12]:
        answer = ask(FLOW, archive, session=day, top_n=60)
        judged = {one["sector_code"]: one["rotation"] for one in answer["sector_flows"]}
        expected = {(kinds[one["signal"]], code) for code, one in judged.items() if one["signal"] in kinds}
        scene = sector_scene.known(archive, day)
        family = signal_sectors.flows(scene, provisional=False)
        assert expected == {(one.kind, one.code) for one in family.found}, day
        for one in family.found:
            block = judged[one.code]
            assert block["abnormal_net"] == one.evidence["abnormal_net"]
            assert (block["z"], block["p_adj"]) == pytest.approx((one.z, one.p_adj), abs=6e-3)
            assert one.p is not None and one.strength == pytest.approx(100 * (1 - one.p), abs=0.01)
        total += len(expected)
    assert total


def test_no_signal_of_a_session_changes_when_later_rows_come(
    market: SimulatedMarket, told: pl.DataFrame, rich: tuple[date, set[tuple[str, str]]], tmp_path: Path
) -> None:
    """Neither figures, nor another map or name of sectors, nor another listing that begins later."""
    day = rich[0]
    early = open_simulated(tmp_path / "early", day)
    for name in DATASETS:
        rows = market.rows(name, market.sessions[0], day)
        store(early, name, rows)
    later = market.sessions[market.sessions.index(day) + 3]
    maps = market.rows("sector_membership", market.sessions[0], market.sessions[-1])
    wics = maps.with_columns(scheme=pl.lit("WICS"), sector=pl.lit("G1010"), sector_name=pl.lit("에너지"))
    renamed = maps.with_columns(sector_name=pl.lit("다른 이름"))
    before = signal_board.load_sectors(early, day).rows.drop(MOMENTS).sort("signal_id")
    assert_frame_equal(told.drop(MOMENTS).sort("signal_id"), before)
    for rows in (wics, renamed):
        store(early, "sector_membership", rows.with_columns(valid_from=pl.lit(later)))
    listed = market.rows("instruments", market.sessions[0], day).unique("code")
    moved = listed.with_columns(valid_from=pl.lit(later), market=pl.lit("KOSDAQ"))
    store(early, "instruments", moved)
    assert_frame_equal(before, signal_board.load_sectors(early, day).rows.drop(MOMENTS).sort("signal_id"))


def test_before_the_map_begins_nothing_is_told_of_sectors(
    archive: Archive, market: SimulatedMarket, tmp_path: Path
) -> None:
    bare = open_simulated(tmp_path / "bare", market.sessions[40])
    for name in DATASETS:
        rows = market.rows(name, market.sessions[0], market.sessions[40])
        begins = pl.lit(market.sessions[41])
        store(bare, name, rows.with_columns(valid_from=begins) if name == "sector_membership" else rows)
    with pytest.raises(NoData, match="begins on"):
        signal_board.load_sectors(bare, market.sessions[40])
    with pytest.raises(NoData, match="begins on"):
        signal_board.sectors(bare, market.sessions[40])


def test_the_answer_about_all_sectors_tells_what_is_stored(
    archive: Archive, told: pl.DataFrame, rich: tuple[date, set[tuple[str, str]]]
) -> None:
    day, expected = rich
    answer: Any = registry.bind(FLOW, archive)(session=day, top_n=60)
    shown = {one.sector_code: one for one in answer.sector_flows if one.unusual is not None}
    assert {code for _, code in expected} == set(shown)
    for code, one in shown.items():
        asked = ask(FLOW, archive, session=day, sector=code)["sector_flows"][0]["unusual"]
        mine = payload.plain(one.unusual)
        assert all(asked[name] == mine[name] for name in ("signal", "z", "partner"))
        assert {"signals"} == {about["source"] for about in mine["meta"].values()}
        assert asked["meta"]["signal"]["p_adj"] == mine["meta"]["signal"]["p_adj"]
        assert asked["meta"]["signal"]["note"] == mine["meta"]["signal"]["note"]
    lines = [str(line) for line in FLOW.text(answer) if str(line).startswith("이상 순환매")]
    assert len(shown) == len(lines)
    silent = next(one for one in answer.sector_flows if one.unusual is None)
    about = silent.meta["unusual"]
    assert "OUT_OF_SCOPE" == about.reason and "analyse" in about.note
    assert len({tuple(row) for row in FLOW.rows(answer)}) == 1, "every row has the same columns"


def test_signals_that_were_withdrawn_or_are_of_another_scheme_are_not_told(
    archive: Archive,
    market: SimulatedMarket,
    told: pl.DataFrame,
    rich: tuple[date, set[tuple[str, str]]],
    tmp_path: Path,
) -> None:
    day, _ = rich
    mine = open_simulated(tmp_path / "lake", market.sessions[-1])
    fill(mine, market, DATASETS)
    rare = told.filter(metric="sec.unusual_rotation")
    mine.fill("signals", rare[:1].with_columns(withdrawn=pl.lit(value=True)))
    mine.fill("signals", rare[1:].with_columns(pl.col("evidence").str.replace("KRX_INDUSTRY", "WICS")))
    answer = ask(FLOW, mine, session=day, top_n=60)
    assert {None} == {one["unusual"] for one in answer["sector_flows"]}
