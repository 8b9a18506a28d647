"""The morning's job: provisional rows become final, the same figures or corrected ones; what is final stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from sugeup.errors import Retryable
from sugeup.market import sessions
from tests.support.vendors import CODES, desk

DAYS = sessions.sessions(date(2026, 1, 5), date(2026, 2, 13))
EVENING = DAYS[-2]
PROVISIONAL = ("investor_day_stock", "program_day_stock", "investor_day_market", "program_day_market")


def test_what_was_provisional_in_the_evening_is_final_in_the_morning(tmp_path: Path) -> None:
    market = desk(tmp_path, DAYS)
    market.clock.at(EVENING, 19)
    market.run("daily")
    assert not market.archive.read("investor_day_stock")["final"].any()
    before = market.archive.read("investor_day_stock")
    market.truth.rows["investor_day_stock"] = market.truth.rows["investor_day_stock"].with_columns(
        foreign_net_volume=pl.col("foreign_net_volume") + 7, individual_net_volume=pl.col("individual_net_volume") - 7
    )
    market.clock.at(DAYS[-1], 8, 10)
    outcome = market.run("confirm")
    assert (EVENING, None) == (outcome.session, outcome.error)
    for dataset in PROVISIONAL:
        assert market.archive.read(dataset)["final"].all()
        market.holds(dataset, [EVENING])
    as_of = market.archive.read("investor_day_stock", as_of=before["known_at"].max())
    assert before["foreign_net_volume"].to_list() == as_of["foreign_net_volume"].to_list()


def test_what_is_final_is_not_asked_again(tmp_path: Path) -> None:
    market = desk(tmp_path, DAYS)
    market.clock.at(EVENING, 19)
    market.run("daily")
    market.clock.at(DAYS[-1], 8, 10)
    market.truth.asks.clear()
    market.run("confirm")
    names = {name for name, _ in market.truth.asks}
    assert {f"{name}_past" for name in PROVISIONAL} == names


def test_a_morning_that_broke_off_is_finished_by_the_next_call(tmp_path: Path) -> None:
    market = desk(tmp_path, DAYS)
    market.clock.at(EVENING, 19)
    market.run("daily")
    market.clock.at(DAYS[-1], 8, 10)
    down = Retryable("down", code="SOURCE_DOWN")
    market.truth.errors["investor_day_stock_past"] = lambda ask: down if ask.scopes == (CODES[2],) else None
    assert market.run("confirm").error is not None
    market.truth.errors.clear()
    market.truth.asks.clear()
    assert market.run("confirm").error is None
    assert {"investor_day_stock_past"} == {name for name, _ in market.truth.asks}
    assert market.archive.read("investor_day_stock")["final"].all()


def test_the_first_morning_ever_confirms_an_evening_of_long_ago(tmp_path: Path) -> None:
    """Collected once, then offline for a month: nothing but the ledger knows that those figures are provisional."""
    market = desk(tmp_path, DAYS)
    market.clock.at(DAYS[8], 19)
    market.run("daily")
    market.clock.at(DAYS[-2], 19)
    market.run("daily")
    market.clock.at(DAYS[-1], 8, 10)
    assert market.run("confirm").error is None
    for dataset in PROVISIONAL:
        assert market.archive.read(dataset)["final"].all(), dataset
        market.holds(dataset, DAYS[8:-1])


def test_mornings_that_were_missed_are_confirmed_by_a_later_one(tmp_path: Path) -> None:
    market = desk(tmp_path, DAYS)
    for day in DAYS[-4:-1]:
        market.clock.at(day, 19)
        market.run("daily")
    market.clock.at(DAYS[-1], 8, 10)
    assert market.run("confirm").error is None
    for dataset in PROVISIONAL:
        assert market.archive.read(dataset)["final"].all()
