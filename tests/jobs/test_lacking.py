"""Where the sources that are asked lack something, a job does the rest and says what nobody gave."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sugeup.errors import NoData
from sugeup.jobs.backfill import UNSIZED
from sugeup.jobs.daily import UNSORTED
from sugeup.jobs.job import NOBODY
from sugeup.market import sessions
from tests.support.vendors import CODES, MARKET_DAYS, STOCK_DAYS, Desk, desk

DAYS = sessions.sessions(date(2026, 2, 2), date(2026, 2, 13))


@pytest.fixture
def market(tmp_path: Path) -> Desk:
    return desk(tmp_path, DAYS)


def notes(market: Desk, job: str, **options: object) -> dict[str, str | None]:
    outcome = market.run(job, **options)
    assert outcome.error is None
    return {step.step: step.note for step in outcome.steps}


def test_a_step_that_nobody_gives_says_so_and_is_complete(market: Desk) -> None:
    said = notes(market, "daily")
    nobody = {"corporate_actions", "market_funds", "index_minute", "futures_minute", "stock_estimate"}
    assert {name: f"{NOBODY} {name}" for name in nobody} == {name: said[name] for name in nobody}
    assert all(said[name] is None for name in (*STOCK_DAYS, *MARKET_DAYS))
    for dataset in (*STOCK_DAYS, *MARKET_DAYS):
        market.holds(dataset, DAYS[-1:])


def test_without_a_list_of_sectors_markets_are_collected_and_the_lack_is_told(market: Desk) -> None:
    market.truth.rows["sector_membership"] = market.truth.rows["sector_membership"].clear()
    said = notes(market, "daily")
    assert UNSORTED == said["index_day"] == said["investor_day_market"]
    assert {"KOSPI", "KOSDAQ"} <= {*market.archive.read("investor_day_market")["market"]}


def test_where_nobody_tells_sizes_the_past_of_every_stock_is_filled(market: Desk) -> None:
    listed = market.truth.rows["instruments"]
    unknown = pl.lit(None, dtype=pl.Int64).alias("listed_shares")
    market.truth.rows["instruments"] = listed.with_columns(unknown)
    said = notes(market, "backfill", sessions=len(DAYS))
    assert UNSIZED == said["investor_day_stock"]
    market.holds("investor_day_stock", DAYS, CODES)


def test_a_day_is_not_polled_when_nobody_shows_the_running_session(market: Desk) -> None:
    market.clock.at(DAYS[-1], 10)
    asked = len(market.truth.asks)
    outcome = market.run("intraday")
    assert isinstance(outcome.error, NoData) and "running session" in str(outcome.error)
    assert asked == len(market.truth.asks)
