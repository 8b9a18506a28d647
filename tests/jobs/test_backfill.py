"""Filling the past: the largest stocks, all sessions, once; what broke off goes on where it was."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sugeup.errors import NoData, Retryable
from sugeup.market import sessions
from tests.support.vendors import CODES, MARKET_DAYS, STOCK_DAYS, Desk, desk

DAYS = sessions.sessions(date(2026, 1, 5), date(2026, 2, 13))
LARGE = CODES[:2]
"""At about 10,000 won a share, 10^8 and 10^7 shares are above 1,000 억원, 10^6 are not."""


@pytest.fixture
def market(tmp_path: Path) -> Desk:
    return desk(tmp_path, DAYS)


def test_the_past_of_the_largest_stocks_is_stored_exactly(market: Desk) -> None:
    assert market.run("backfill", sessions=len(DAYS)).error is None
    for dataset in STOCK_DAYS[1:]:
        market.holds(dataset, DAYS, LARGE)
    for dataset in MARKET_DAYS:
        market.holds(dataset, DAYS)


def test_all_takes_every_stock(market: Desk) -> None:
    assert market.run("backfill", sessions=len(DAYS), everything=True).error is None
    for dataset in STOCK_DAYS:
        market.holds(dataset, DAYS)


def test_a_floor_above_every_stock_is_told(market: Desk) -> None:
    outcome = market.run("backfill", sessions=5, floor=10**9)
    failed = [step for step in outcome.steps if step.error]
    assert failed and "--all" in str(failed[0].error)
    assert isinstance(outcome.error, Retryable | NoData)


def test_repeating_it_asks_for_nothing(market: Desk) -> None:
    market.run("backfill", sessions=len(DAYS))
    asked = market.truth.asked
    assert market.run("backfill", sessions=len(DAYS)).error is None
    assert asked == market.truth.asked


def test_more_sessions_ask_for_the_older_ones_alone(market: Desk) -> None:
    market.run("backfill", sessions=5)
    market.truth.asks.clear()
    market.run("backfill", sessions=8)
    spans = {(ask.first, ask.last) for name, ask in market.truth.asks if name == "short_day_past"}
    assert {(DAYS[-8], DAYS[-6])} == spans


def test_an_exhausted_quota_tells_what_is_left_and_the_next_day_goes_on(market: Desk) -> None:
    out = Retryable("the quota of the day is used up", code="RATE_LIMITED")
    left = [3]

    def spent(_: object) -> Retryable | None:
        left[0] -= 1
        return out if left[0] < 0 else None

    for name in ("short_day_past", "program_day_stock_past"):
        market.truth.errors[name] = spent
    outcome = market.run("backfill", sessions=len(DAYS))
    assert isinstance(outcome.error, Retryable) and "RATE_LIMITED" == outcome.error.code
    market.truth.errors.clear()
    assert market.run("backfill", sessions=len(DAYS)).error is None
    for dataset in STOCK_DAYS[1:]:
        market.holds(dataset, DAYS, LARGE)


def test_a_store_that_cannot_be_written_ends_the_run_with_its_words(
    market: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sugeup.errors import ConfigError
    from sugeup.store.lake import Lake

    def full(*_: object) -> None:
        raise ConfigError("short_day cannot be stored: the disk is full.", hint="Free some space.")

    with monkeypatch.context() as patched:
        patched.setattr(Lake, "upsert", full)
        outcome = market.run("backfill", sessions=len(DAYS))
    assert outcome.error is not None and "disk is full" in outcome.error.message
    assert [] == market.archive.coverage()
    assert market.run("backfill", sessions=len(DAYS)).error is None
    market.holds("short_day", DAYS, LARGE)


def test_without_a_list_of_stocks_it_says_who_gives_one(tmp_path: Path) -> None:
    found = desk(tmp_path, DAYS)
    found.truth.rows["instruments"] = found.truth.rows["instruments"].clear()
    outcome = found.run("backfill", sessions=5, everything=True)
    assert outcome.error is not None
    said = str(outcome.error)
    assert "no list of stocks (instruments) is stored" in said
    assert "억원" not in said
