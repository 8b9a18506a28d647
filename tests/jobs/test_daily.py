"""The evening's job: everything of the session and of every session missed, once, in order, healed after a fault."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sugeup import jobs
from sugeup.errors import ConfigError, Retryable, SchemaDrift
from sugeup.jobs import running
from sugeup.market import sessions
from sugeup.records.ledger import State
from tests.support.vendors import CODES, MARKET_DAYS, STOCK_DAYS, Desk, Truth, desk, endpoint, vendor

DAYS = sessions.sessions(date(2026, 1, 5), date(2026, 2, 13))
TODAY = DAYS[-1]


@pytest.fixture
def market(tmp_path: Path) -> Desk:
    return desk(tmp_path, DAYS)


def test_one_run_stores_the_session_exactly_as_it_was_published(market: Desk) -> None:
    outcome = market.run("daily")
    assert (TODAY, None) == (outcome.session, outcome.error)
    for dataset in (*STOCK_DAYS, *MARKET_DAYS):
        market.holds(dataset, [TODAY])


def test_a_completed_step_is_not_repeated(market: Desk) -> None:
    market.run("daily")
    asked = market.truth.asked
    again = market.run("daily")
    assert (asked, ()) == (market.truth.asked, again.steps)
    assert {"daily_bars", "short_day"} <= set(again.skipped)


def test_sessions_that_were_missed_are_caught_up_by_themselves(market: Desk) -> None:
    """A month offline: the next run asks for every session since the last one."""
    market.clock.at(DAYS[3], 19)
    market.run("daily")
    market.clock.at(TODAY, 19)
    assert market.run("daily").error is None
    for dataset in (*STOCK_DAYS, *MARKET_DAYS):
        market.holds(dataset, DAYS[3:])


def test_the_largest_stocks_are_asked_first_once_sizes_are_known(market: Desk) -> None:
    market.run("daily")
    short = [ask.scopes[0] for name, ask in market.truth.asks if name == "short_day_past"]
    assert {*CODES} == {*short}
    assert CODES[0] in short[:2]


def test_before_the_evening_the_session_before_is_collected(market: Desk) -> None:
    market.clock.at(TODAY, 16)
    assert DAYS[-2] == market.run("daily").session
    market.holds("short_day", [DAYS[-2]])


def test_a_source_that_is_down_leaves_a_part_and_the_next_run_does_it(market: Desk) -> None:
    market.truth.errors["short_day_past"] = lambda _: Retryable("no answer", code="SOURCE_DOWN")
    outcome = market.run("daily")
    assert isinstance(outcome.error, Retryable) and 75 == outcome.error.exit_code
    assert "short_day" in outcome.error.message
    market.truth.errors.clear()
    again = market.run("daily")
    assert (None, ["short_day"]) == (again.error, [step.step for step in again.steps])
    market.holds("short_day", [TODAY])


def test_an_endpoint_whose_answer_has_another_shape_stops_alone(market: Desk) -> None:
    market.truth.errors["program_day_stock_past"] = lambda _: SchemaDrift("the field whol_smtn is gone")
    outcome = market.run("daily")
    failed = [step.step for step in outcome.steps if step.state is State.FAILED]
    assert ["program_day_stock"] == failed
    assert outcome.error is not None and "whol_smtn" in outcome.error.message
    market.holds("short_day", [TODAY])


def test_wrong_keys_end_the_run_at_once(market: Desk) -> None:
    market.truth.errors["index_day_past"] = lambda _: ConfigError("the key is wrong", code="NO_CREDENTIALS")
    outcome = market.run("daily")
    assert isinstance(outcome.error, ConfigError) and 78 == outcome.error.exit_code
    assert "index_day" == outcome.steps[-1].step


def test_runs_and_steps_are_written_down(market: Desk) -> None:
    market.run("daily")
    run = market.archive.coverage().runs[0]
    assert ("daily", TODAY, State.COMPLETED) == (run.job, run.session, run.state)
    assert run.rows == sum(step.rows for step in run.steps) > 0
    assert run.calls == market.truth.asked


def test_a_run_that_was_killed_is_marked_by_the_next(market: Desk) -> None:
    work = market.work()
    work.journal.begin("daily", TODAY, work.now, 1, "somewhere")
    market.run("daily")
    assert [State.COMPLETED, State.FAILED] == [run.state for run in market.archive.coverage().runs]
    assert "interrupted" in (market.archive.coverage().runs[1].error or "")


def test_an_end_that_is_asked_for_keeps_what_was_received(market: Desk) -> None:
    work = market.work()
    work.stop.set()
    outcome = running.run(jobs.named("daily"), work)
    assert isinstance(outcome.error, Retryable)
    assert market.run("daily").error is None


HOLD = """
import sys, time
from pathlib import Path
from datetime import date
from tests.support.vendors import desk
from sugeup.jobs import running
work = desk(Path(sys.argv[1]), [date(2026, 2, 13)]).work()
with running.locked("daily", work):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.slow
def test_of_two_at_once_the_second_is_told_who_runs_it_and_a_kill_frees_the_lock(market: Desk) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(market.folder)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None and b"held" in holder.stdout.readline()
        with pytest.raises(Retryable, match=str(holder.pid)) as caught:
            market.run("daily")
        assert ("BUSY", holder.pid) == (caught.value.code, caught.value.details["pid"])
        told = json.loads((market.folder / "locks" / "daily.json").read_text())
        assert told["since"] in str(caught.value)
    finally:
        holder.kill()
        holder.wait()
    assert market.run("daily").error is None


def test_a_vendor_that_does_not_let_us_in_is_a_note_where_another_one_stands_in(tmp_path: Path) -> None:
    market = desk(tmp_path, DAYS)
    told = {name: frame.with_columns(pl.lit("second").alias("source")) for name, frame in market.truth.rows.items()}
    other = Truth(told, market.clock, page=30)
    market.second = (vendor(endpoint("short_second", "short_day", source="second"), name="second"), other)
    market.truth.errors["short_day_past"] = lambda _: ConfigError("the key is wrong", code="NO_CREDENTIALS")
    outcome = market.run("daily")
    assert outcome.error is None
    step = next(one for one in outcome.steps if one.step == "short_day")
    assert "not asked: NO_CREDENTIALS: the key is wrong" in (step.note or "")
