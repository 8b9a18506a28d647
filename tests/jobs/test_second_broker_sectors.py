"""With LS alone sectors are collected: the same as of the first broker, whole or not at all, and answered from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import SugeupError
from sugeup.faces import payload
from sugeup.jobs.daily import UNSORTED
from sugeup.records.ledger import State as Ended
from sugeup.sandbox.plan import Plan
from tests.support.sandboxes import market
from tests.support.several import Several, filling, serving

pytestmark = pytest.mark.torture

PLAN = Plan(seed=2026, stocks=60, first=date(2025, 3, 4), sessions=44)
LATE = Plan(seed=2055, stocks=12, first=date(2026, 8, 24), sessions=30)
"""Since 2026-09-14 bars of the evening are confirmed next morning."""
BEFORE, EVENING = market(PLAN).sessions[39:41]
BROKERS = ("ls", "kis")
Notes = dict[str, str | None]


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Archive, Notes]]]:
    """A lake of each broker after three sessions of the past and an evening; what the evening said."""
    with ExitStack() as stack:
        address, sandbox = stack.enter_context(serving(market(PLAN)))
        found = {}
        for name in BROKERS:
            lake = stack.enter_context(filling(tmp_path_factory.mktemp(name), address, sandbox, name))
            lake.at(BEFORE, 19)
            for job in ("universe", "backfill"):
                assert lake.run(job, sessions=3).error is None, (name, job)
            lake.at(EVENING, 19)
            outcome = lake.run("daily")
            assert outcome.error is None
            found[name] = (lake.archive, {step.step: step.note for step in outcome.steps})
        yield found


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Several]:
    """An empty lake of LS on the day before the evening."""
    with serving(market(PLAN)) as (address, sandbox), filling(tmp_path, address, sandbox, "ls") as found:
        found.at(BEFORE, 19)
        yield found


def members(archive: Archive, scheme: str) -> set[tuple[str, str]]:
    held = archive.read("sector_membership").filter(pl.col("valid_to").is_null() & (pl.col("scheme") == scheme))
    return {*held.select("code", "sector").rows()}


def asked(archive: Archive, case: str, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = payload.plain(registry.bind(registry.usecases()[case], archive)(**given))
    return found


@pytest.mark.parametrize("scheme", ["KRX_INDUSTRY", "INDEX"])
def test_both_brokers_and_the_market_tell_the_same_of_every_stock(
    scheme: str, lakes: dict[str, tuple[Archive, Notes]]
) -> None:
    mine, first = (members(lakes[name][0], scheme) for name in BROKERS)
    assert mine == first and len(mine) > 5
    if scheme == "KRX_INDUSTRY":
        truth = market(PLAN).rows("sector_membership", PLAN.first, EVENING).sort("valid_from")
        true = dict(truth.select("code", "sector").rows())
        assert {(code, true[code]) for code, _ in mine} == mine
    held = lakes["ls"][0].read("sector_membership")
    assert {"ls_listing"} == {*held["source"]} and held["valid_to"].is_null().all()


@pytest.mark.parametrize(
    ("dataset", "scope", "source"),
    [("index_day", "index_code", "ls_market_million"), ("investor_day_market", "market", "ls_market")],
)
def test_figures_of_every_sector_are_collected(
    dataset: str, scope: str, source: str, lakes: dict[str, tuple[Archive, Notes]]
) -> None:
    """But for those of which the vendor shows zeros alone, rounded to hundred million won and thousand shares."""
    archive, said = lakes["ls"]
    assert UNSORTED not in str(said[dataset])
    sectors = {sector for _, sector in members(archive, "KRX_INDUSTRY")}
    truth = market(PLAN).rows(dataset, EVENING, EVENING)
    if dataset == "investor_day_market":
        nets = pl.any_horizontal(pl.col("^.*_net_amount$").abs() >= 50_000_000, pl.col("^.*_net_volume$").abs() >= 500)
        sectors &= {*truth.filter(nets)[scope]}
    assert len(sectors) > 20
    held = archive.read(dataset, start=EVENING, end=EVENING)
    assert {"KOSPI", "KOSDAQ"} | sectors == {*held[scope]} - {"KOSPI200"}
    assert {source} == {*held["source"]}
    past = archive.read(dataset, end=BEFORE)
    assert sectors <= {*past[scope]} and past["session"].n_unique() >= 3


def test_flows_of_sectors_are_answered_as_with_the_first_broker(lakes: dict[str, tuple[Archive, Notes]]) -> None:
    mine, first = (
        {
            one["sector_code"]: one
            for one in asked(lakes[name][0], "get_sector_investor_flow", period="1D", top_n=60)["sector_flows"]
        }
        for name in BROKERS
    )
    assert {*mine} == {*first} == {sector for _, sector in members(lakes["ls"][0], "KRX_INDUSTRY")}
    for sector, one in mine.items():
        assert 1.0 == one["coverage"], sector
        for group in ("foreign", "institution"):
            assert abs(one[group]["net_amount"] - first[sector][group]["net_amount"]) <= 9_000_000 * one["members"]
        assert one["sector_performance"]["return"] == first[sector]["sector_performance"]["return"]
    listed = asked(lakes["ls"][0], "list_sectors")["sectors"]
    assert {*mine} == {one["sector_code"] for one in listed}


def test_base_prices_of_the_evening_are_those_of_the_market(lakes: dict[str, tuple[Archive, Notes]]) -> None:
    names = ("code", "base_price", "listed_shares", "market_cap")
    held = lakes["ls"][0].read("daily_bars", start=EVENING, end=EVENING).select(names).sort("code")
    truth = market(PLAN).rows("daily_bars", EVENING, EVENING).select(names).sort("code")
    assert truth["base_price"].equals(held["base_price"])
    assert (truth["listed_shares"] - held["listed_shares"]).abs().max() <= 500  # told in thousands
    assert held["market_cap"].is_not_null().all()


def test_a_base_price_stands_when_the_history_confirms_the_bar_without_one(tmp_path: Path) -> None:
    evening, morning = market(LATE).sessions[20:22]
    assert evening >= date(2026, 9, 14)
    with serving(market(LATE)) as (address, sandbox), filling(tmp_path, address, sandbox, "ls") as lake:
        lake.at(evening, 20, 30)
        assert lake.run("daily").error is None
        first = lake.archive.read("daily_bars", start=evening, end=evening)
        lake.at(morning, 8, 30)
        assert lake.run("confirm").error is None
        second = lake.archive.read("daily_bars", start=evening, end=evening)
    assert not first["final"].any() and second["final"].all()
    truth = dict(market(LATE).rows("daily_bars", evening, evening).select("code", "base_price").rows())
    for found in (first, second):
        assert truth == dict(found.select("code", "base_price").rows())
        assert found["market_cap"].is_not_null().all()


@pytest.mark.parametrize("fault", ["server_error", "malformed", "half_body"])
def test_a_list_of_which_a_part_does_not_come_ends_no_membership(fault: str, lake: Several) -> None:
    assert lake.run("universe").error is None
    before = lake.archive.read("sector_membership").sort("code", "scheme")
    lake.at(EVENING, 8, 5)
    lake.sandbox.world.faults.switch(fault, 0.6, only=("t1516",))
    outcome = lake.run("universe")
    assert isinstance(outcome.error, SugeupError)
    assert {"sector_membership"} == {step.step for step in outcome.steps if step.state is not Ended.COMPLETED}
    assert before.equals(lake.archive.read("sector_membership").sort("code", "scheme"))
    lake.sandbox.world.faults.clear()
    lake.at(EVENING, 19)
    assert lake.run("universe").error is None
    assert before.equals(lake.archive.read("sector_membership").sort("code", "scheme"))


def test_rows_that_one_answer_leaves_out_end_no_membership(lake: Several) -> None:
    assert lake.run("universe").error is None
    before = lake.archive.read("sector_membership").sort("code", "scheme")
    lake.at(EVENING, 8, 5)
    lake.sandbox.world.faults.switch("short_page", 1.0, 0.4, only=("t1516", "t1516_index", "t8424"))
    assert lake.run("universe").error is None
    assert before.equals(lake.archive.read("sector_membership").sort("code", "scheme"))
