"""get_time_based_flow on a simulated market that ends on the day of the 수능 (10:00 to 16:30), against its truth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.market import sessions
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from tests.support.clock_days import GROUPS, unexplained
from tests.support.simulated import fill, open_simulated

pytestmark = pytest.mark.slow
CASE = registry.usecases()["get_time_based_flow"]
EXAM = date(2025, 11, 13)
PLAN = Plan(stocks=12, first=sessions.last(24, EXAM)[0], sessions=24)
DATASETS = ("instruments", "investor_minute_market", "index_minute", "stock_estimate", "minute_bars")


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return SimulatedMarket(PLAN)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, market: SimulatedMarket) -> Archive:
    found = open_simulated(tmp_path_factory.mktemp("clock"), market.sessions[-1])
    fill(found, market, DATASETS)
    return found


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


def truth(market: SimulatedMarket, day: date, scope: str) -> Mapping[int, Mapping[str, Any]]:
    """Rows of a session by minutes since its open."""
    opens = sessions.open_at(day)
    assert opens is not None
    rows = market.rows("investor_minute_market", day, day, [scope])
    return {int((row["at"] - opens) / timedelta(minutes=1)): row for row in rows.iter_rows(named=True)}


@pytest.mark.parametrize("scope", ["KOSPI", "KOSDAQ"])
def test_every_bin_is_the_difference_of_two_rows_of_the_truth(
    archive: Archive, market: SimulatedMarket, scope: str
) -> None:
    rows = truth(market, EXAM, scope)
    answer = ask(archive, market=scope, interval="10M")
    assert (str(EXAM), True) == (answer["date"], answer["simulated"])
    assert ["10:00", "16:20"] == [answer["time_flow_data"][place]["time"] for place in (0, -1)]
    bounds = [*range(0, 381, 10), 400]
    for place, one in enumerate(answer["time_flow_data"]):
        for group in GROUPS:
            for side in ("buy", "sell", "net"):
                name = f"{group}_{side}_amount"
                assert rows[bounds[place + 1]][name] - rows[bounds[place]][name] == one[group][side]


def test_the_bins_of_a_day_add_to_the_day(archive: Archive, market: SimulatedMarket) -> None:
    day = market.rows("investor_day_market", EXAM, EXAM, ["KOSPI"]).row(0, named=True)
    for interval in ("1M", "5M", "1H"):
        bins = ask(archive, market="KOSPI", interval=interval)["time_flow_data"]
        for group in GROUPS:
            assert day[f"{group}_net_amount"] == sum(one[group]["net"] for one in bins)


def test_turnover_and_levels_are_those_of_the_index(archive: Archive, market: SimulatedMarket) -> None:
    opens = sessions.open_at(EXAM)
    bars = market.rows("index_minute", EXAM, EXAM, ["KOSPI"]).with_columns(
        (pl.col("at") - pl.lit(opens).dt.convert_time_zone("UTC")).dt.total_minutes().alias("minute")
    )
    by_minute = {row["minute"]: row for row in bars.iter_rows(named=True)}
    bins = ask(archive, market="KOSPI", interval="30M")["time_flow_data"]
    assert by_minute[59]["amount"] - by_minute[29]["amount"] == bins[1]["turnover"]
    assert (by_minute[30]["open"], by_minute[59]["close"]) == (
        bins[1]["price_impact"]["open"],
        bins[1]["price_impact"]["close"],
    )
    assert by_minute[390]["close"] == bins[-1]["price_impact"]["close"]


def test_the_halves_of_past_days_are_counted_from_their_own_open(archive: Archive, market: SimulatedMarket) -> None:
    bought = 0
    for day in market.sessions[-20:]:
        rows = truth(market, day, "KOSDAQ")
        bought += rows[180]["foreign_net_amount"] > 0
    said = ask(archive, market="KOSDAQ")["patterns"]["foreign"]["meta"]["morning_bias"]
    assert f"net buying on {bought} of 20 days" in said["note"]


def test_slots_of_a_stock_are_differences_of_its_tallies(archive: Archive, market: SimulatedMarket) -> None:
    tallies = market.rows("stock_estimate", EXAM, EXAM)
    code = tallies["code"][0]
    told = {row["slot"]: row for row in tallies.filter(pl.col("code") == code).iter_rows(named=True)}
    bins = ask(archive, stock_code=code)["time_flow_data"]
    assert ["10:00", "11:20", "13:20"] == [one["time"] for one in bins]
    for place, slot in enumerate((3, 4, 5)):
        for group in ("foreign", "institution"):
            name = f"{group}_net_volume"
            before = told[slot - 1][name] if slot > 3 else 0
            assert told[slot][name] - before == bins[place][group]["net_volume"]


def test_every_null_says_why_in_all_scopes(archive: Archive) -> None:
    code = archive.read("instruments")["code"][0]
    for arguments in ({}, {"market": "KOSPI", "interval": "5M"}, {"market": "KOSDAQ"}, {"stock_code": code}):
        assert not unexplained(ask(archive, **arguments)), arguments
