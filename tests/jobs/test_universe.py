"""Lists are stored as changes: a day without news adds nothing, and a list that was cut short is not believed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from sugeup.errors import SchemaDrift
from sugeup.market import sessions
from sugeup.records.ledger import State
from tests.support.vendors import CODES, desk, small_market

DAYS = sessions.sessions(date(2026, 2, 2), date(2026, 2, 13))
MANY = tuple(f"{number:06d}" for number in range(100, 200))


def test_a_day_without_news_adds_no_row(tmp_path: Path) -> None:
    market = desk(tmp_path, DAYS)
    market.clock.at(DAYS[-2], 8, 5)
    market.run("universe")
    before = market.archive.read("instruments")
    market.clock.at(DAYS[-1], 8, 5)
    outcome = market.run("universe")
    assert (None, 0) == (outcome.error, sum(step.rows for step in outcome.steps))
    assert before.equals(market.archive.read("instruments"))


def test_what_changed_has_a_row_from_that_day_and_the_old_one_ends_before_it(tmp_path: Path) -> None:
    market = desk(tmp_path, DAYS)
    market.clock.at(DAYS[-2], 8, 5)
    market.run("universe")
    listed = market.truth.rows["instruments"]
    more = pl.when(pl.col("code") == "005930").then(pl.col("listed_shares") * 2).otherwise("listed_shares")
    market.truth.rows["instruments"] = listed.with_columns(listed_shares=more)
    market.clock.at(DAYS[-1], 8, 5)
    market.run("universe")
    found = market.archive.read("instruments", scopes=["005930"])
    assert [(DAYS[-2], date(2026, 2, 12), 10**8), (DAYS[-1], None, 2 * 10**8)] == list(
        found.select("valid_from", "valid_to", "listed_shares").iter_rows()
    )


def test_a_list_that_lost_many_at_once_is_not_believed(tmp_path: Path) -> None:
    market = desk(tmp_path, DAYS)
    market.truth.rows["instruments"] = small_market(DAYS[:1], MANY)["instruments"].with_columns(
        listed_shares=pl.lit(10**6)
    )
    market.clock.at(DAYS[-2], 8, 5)
    market.run("universe")
    market.truth.rows["instruments"] = market.truth.rows["instruments"].head(50)
    market.clock.at(DAYS[-1], 8, 5)
    outcome = market.run("universe")
    assert {"instruments"} == {step.step for step in outcome.steps if step.state is State.FAILED}
    assert outcome.error is not None and "50 of 100 entries vanished" in str(outcome.error)
    assert isinstance(outcome.error, SchemaDrift) or 75 == outcome.error.exit_code
    assert market.archive.read("instruments")["valid_to"].is_null().all()


def test_a_stock_that_leaves_an_index_has_an_end_although_it_is_in_no_list_any_more(tmp_path: Path) -> None:
    market = desk(tmp_path, DAYS)
    sectors = market.truth.rows["sector_membership"]
    one = sectors.with_columns(scheme=pl.lit("INDEX"), sector=pl.lit("KOSPI200"))
    member = pl.concat([one.with_columns(code=pl.lit(code)) for code in CODES[:2]])
    market.truth.rows["sector_membership"] = pl.concat([sectors, member])
    market.clock.at(DAYS[-2], 8, 5)
    market.run("universe")
    market.truth.rows["sector_membership"] = pl.concat([sectors, member.head(1)])
    market.clock.at(DAYS[-1], 8, 5)
    assert market.run("universe").error is None
    held = market.archive.read("sector_membership").filter(pl.col("scheme") == "INDEX").sort("valid_to")
    assert {CODES[0]: None, CODES[1]: date(2026, 2, 12)} == dict(held.select("code", "valid_to").iter_rows())
    assert market.archive.read("sector_membership").filter(pl.col("scheme") != "INDEX")["valid_to"].is_null().all()
