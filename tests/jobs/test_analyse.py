"""The nightly analysis: largest stocks first, within its quota and time, never doubled, corrected when figures are."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sugeup.errors import NoData, Retryable
from sugeup.jobs import analyse, running, scopes
from sugeup.jobs.analyse_models import path
from sugeup.market import publication
from sugeup.records.ledger import State as Progress
from sugeup.sandbox.plan import Plan
from tests.support import nightly
from tests.support.nightly import Night

PLAN = Plan(seed=5, stocks=40, sessions=150, turbulence=1.5, events=4, event_count=8)
DAYS = PLAN.days()
EVENING, NEXT, THIRD = DAYS[-3], DAYS[-2], DAYS[-1]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """147 sessions are stored; that of EVENING has just been collected, and it is 19:30."""
    night = nightly.lake(tmp_path_factory.mktemp("night") / "lake", PLAN, 3)
    night.evening(EVENING)
    return night


@pytest.fixture
def night(filled: Night, tmp_path: Path) -> Night:
    return filled.copy(tmp_path / "lake")


@pytest.fixture(scope="module")
def told(filled: Night, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Signals of one run without quota or interruption."""
    night = filled.copy(tmp_path_factory.mktemp("whole") / "lake")
    assert night.run().error is None
    return night.signals()


def codes(night: Night) -> list[str]:
    return list(scopes.stocks(night.archive, EVENING))


def test_nothing_is_analysed_before_daily_has_completed_the_session(night: Night) -> None:
    night.clock.at(NEXT, 19)
    night.arrive(NEXT, NEXT)
    outcome = night.run()
    assert isinstance(outcome.error, Retryable) and 75 == outcome.error.exit_code
    assert str(NEXT) in outcome.error.message and "sugeup job run daily" in (outcome.error.hint or "")
    assert ((), set()) == (outcome.steps, night.analysed(NEXT))


def test_a_run_of_daily_that_failed_does_not_count(night: Night) -> None:
    night.clock.at(NEXT, 19)
    night.arrive(NEXT, NEXT)
    night.state.end(night.state.begin("daily", NEXT, night.clock.now(), 1, "here"), night.clock.now(), "BUSY", "a part")
    assert isinstance(night.run().error, Retryable)


def test_one_run_finds_signals_of_stocks_and_writes_down_every_stock(night: Night) -> None:
    outcome = night.run()
    assert (None, EVENING) == (outcome.error, outcome.session)
    assert set(codes(night)) == night.analysed(EVENING)
    stored = night.archive.read("signals")
    assert stored.height == sum(span.rows for span in night.spans()) == sum(step.rows for step in outcome.steps) > 10
    assert {EVENING} == set(stored["session"])
    assert {span.scope for span in night.spans()} >= {"KOSPI", "KOSDAQ", *scopes.sectors(night.archive)}
    assert stored["known_at"].min() >= publication.known_at("index_day", EVENING)


def test_sectors_are_gone_through_together_and_again_when_a_figure_of_any_stock_comes(night: Night) -> None:
    sectors = set(scopes.sectors(night.archive))

    def gone_through() -> dict[str, datetime]:
        return {span.scope: span.asked_at for span in night.spans() if span.scope in sectors}

    night.run(quota=1)
    evening = gone_through()
    assert sectors == set(evening) and 1 == len(set(evening.values()))
    night.clock.at(EVENING, 20, 30)
    night.run(quota=1)
    assert evening == gone_through(), "nothing came in since"
    one = night.market.rows("investor_day_stock", EVENING, EVENING)[:1]
    night.store("investor_day_stock", one.with_columns(foreign_net_amount=pl.lit(1, pl.Int64)))
    night.clock.at(EVENING, 21, 30)
    night.run(quota=1)
    assert sectors == set(gone_through()) and {night.clock.now()} == set(gone_through().values())


def test_without_a_map_of_sectors_the_others_are_analysed_and_a_note_says_so(tmp_path: Path) -> None:
    others = tuple(name for name in nightly.DATASETS if name != "sector_membership")
    bare = nightly.lake(tmp_path / "lake", PLAN, 2, others)
    bare.collected(EVENING)
    bare.clock.at(EVENING, 19, 30)
    outcome = bare.run()
    (step,) = [one for one in outcome.steps if one.step == "sectors"]
    assert (None, 0, Progress.COMPLETED) == (outcome.error, step.rows, step.state)
    assert "no signals of sectors" in (step.note or "") and "sector_membership" in (step.note or "")
    assert set(scopes.stocks(bare.archive, EVENING)) == bare.analysed(EVENING)


def test_the_largest_stocks_come_first_as_many_as_the_quota_allows(night: Night, told: pl.DataFrame) -> None:
    order = codes(night)
    for part in range(0, len(order), 15):
        assert set(order[:part]) == night.analysed(EVENING)
        outcome = night.run(quota=15)
        assert outcome.error is None
        assert f"stocks analysed: {len(order[part : part + 15])}" in (outcome.steps[-1].note or "")
        left = len(order) - part - 15
        assert (f"left by the quota of the run: {left};" in (outcome.steps[-1].note or "")) == (left > 0)
    assert_frame_equal(told, night.signals())
    again = night.run(quota=15).steps[-1]
    assert (0, "every stock was analysed before", Progress.COMPLETED) == (again.rows, again.note, again.state)


def test_no_batch_begins_after_fifty_minutes(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyse, "BATCH", 10)

    def half_an_hour(_stage: str, done: int, _all: int) -> None:
        night.clock.instant += timedelta(minutes=30 if done else 0)

    outcome = running.run(analyse.JOB, night.work(half_an_hour))
    order = codes(night)
    assert (None, set(order[:20])) == (outcome.error, night.analysed(EVENING))
    assert "left by the 50 minutes" in (outcome.steps[-1].note or "")
    assert night.run().error is None
    assert set(order) == night.analysed(EVENING)


def test_a_run_that_is_asked_to_end_stores_whole_batches_and_the_next_one_goes_on(
    night: Night, told: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyse, "BATCH", 10)
    work = night.work()
    work.tell = lambda stage, done, _all: work.stop.set() if stage == "stocks" and done else None
    outcome = running.run(analyse.JOB, work)
    assert isinstance(outcome.error, Retryable) and f"stocks left: {len(codes(night)) - 10}" in str(outcome.error)
    assert set(codes(night)[:10]) == night.analysed(EVENING)
    assert night.run().error is None
    assert_frame_equal(told, night.signals())


@pytest.mark.slow
def test_what_was_left_yesterday_comes_first_and_is_caught_up(night: Night) -> None:
    order = codes(night)
    night.run(quota=25)
    night.evening(NEXT)
    night.run(quota=15)
    assert set(order[25:]) == night.analysed(NEXT)
    # A stock that was never analysed begins with the session of its first run.
    assert set(order[:25]) == night.analysed(EVENING)
    night.evening(THIRD)
    night.run(quota=len(order) - 15)
    assert set(order[:25]) == night.analysed(THIRD)
    assert set(order) == night.analysed(NEXT)


def test_analysing_the_same_session_twice_changes_nothing(night: Night) -> None:
    night.run()
    before = night.archive.read("signals")
    (night.folder / "state.sqlite").unlink()  # the ledger is lost: everything is analysed again
    night.collected(EVENING)
    night.clock.at(EVENING, 20, 30)
    outcome = night.run()
    assert (None, 0) == (outcome.error, sum(step.rows for step in outcome.steps))
    assert_frame_equal(before, night.archive.read("signals"))


def test_a_correction_supersedes_what_was_told_and_keeps_it_in_the_log(night: Night) -> None:
    """A stock that foreigners and institutions did not trade after all: its signals are withdrawn, not forgotten."""
    night.run()
    whole = night.archive.read("signals")
    code = whole.filter(pl.col("kind").str.ends_with("FLOW_REVERSAL"))["code"][0]
    told, moment = whole.filter(pl.col("code") == code), night.clock.now()
    night.clock.at(NEXT, 8)
    rows = night.market.rows("investor_day_stock", DAYS[-13], EVENING).filter(pl.col("code") == code)
    nets = [name for name in rows.columns if "_net_" in name]
    night.store("investor_day_stock", rows.with_columns(pl.lit(0, pl.Int64).alias(name) for name in nets))
    night.clock.at(NEXT, 12)
    outcome = night.run(session=EVENING)
    assert "stocks analysed: 1" in (outcome.steps[-1].note or "")
    now = night.archive.read("signals", scopes=[code])
    gone = told.filter(pl.col("metric") != "pat.surge_dump").join(
        now.filter(~pl.col("withdrawn")), on="signal_id", how="anti"
    )
    assert gone.height
    assert set(gone["signal_id"]) == set(now.filter("withdrawn")["signal_id"])
    assert {night.clock.now()} == set(now.filter("withdrawn")["known_at"])
    assert_frame_equal(told, night.archive.read("signals", scopes=[code], as_of=moment))


def test_signals_of_another_family_or_version_are_left_as_they_are(night: Night) -> None:
    """What an answer about KOSPI alone told, or an older definition, was not looked for and is not withdrawn."""
    night.run()
    row = night.archive.read("signals").filter(pl.col("kind").str.ends_with("FLOW_REVERSAL"))[:1]
    others = pl.concat(
        [
            row.with_columns(pl.lit("KOSPI").alias("family"), pl.lit("of another family").alias("signal_id")),
            row.with_columns(pl.lit("0").alias("metric_version"), pl.lit("of another version").alias("signal_id")),
        ]
    )
    night.archive.fill("signals", others)
    (night.folder / "state.sqlite").unlink()
    night.collected(EVENING)
    assert night.run().error is None
    assert not night.archive.read("signals")["withdrawn"].any()


@pytest.mark.slow
def test_the_evening_is_provisional_and_looked_at_again_once_it_is_final(night: Night) -> None:
    night.evening(NEXT, final=False)
    night.run()
    evening = night.archive.read("signals", start=NEXT, end=NEXT)
    stocks = evening.filter(pl.col("scope") == "STOCK")
    assert stocks.height and not stocks["final"].any()
    assert {night.clock.now()} == set(stocks["known_at"])
    assert not any(span.final for span in night.spans() if span.last == NEXT and span.scope not in scopes.MARKETS)
    night.clock.at(THIRD, 8, 10)
    night.arrive(NEXT, NEXT)  # confirmed as it was
    night.evening(THIRD)
    night.run()
    morning = night.archive.read("signals", start=NEXT, end=NEXT)
    assert morning["final"].all()
    same = [name for name in evening.columns if name not in {"final", "known_at", "ingested_at"}]
    assert_frame_equal(evening.select(same), morning.select(same))
    assert night.analysed(NEXT) == night.analysed(THIRD) == set(codes(night))


def test_an_earlier_session_can_be_asked_for_and_says_when_it_is_not_stored(night: Night) -> None:
    assert night.run(session=DAYS[-10]).error is None
    assert set(night.archive.read("signals")["session"]) == {DAYS[-10]}
    night.clock.at(THIRD, 20)
    absent = night.run(session=NEXT).error
    assert isinstance(absent, NoData) or (isinstance(absent, Retryable) and "NOT_COLLECTED" in str(absent))


def test_without_the_history_for_a_model_there_are_no_anomalies_and_a_note(night: Night) -> None:
    step = night.run().steps[0]
    assert ("model", Progress.COMPLETED) == (step.step, step.state)
    assert "341 sessions" in (step.note or "") and "backfill" in (step.note or "")
    assert not path(night.work(), EVENING).exists()
