"""The running session: polled each minute until ten minutes past the close, by the clock that is injected."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from sugeup import jobs
from sugeup.archive import Archive, Supply
from sugeup.errors import ConfigError, NoData, Refused, Retryable, SugeupError
from sugeup.jobs import running
from sugeup.jobs.job import Options, Work
from sugeup.market import sessions
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Scope
from sugeup.store.care import Care
from sugeup.store.lake import Lake
from sugeup.store.state import State
from tests.support.archives import rows
from tests.support.vendors import ORIGINS, SetClock, endpoint, truth_rows, vendor

DAY = date(2026, 2, 13)
POLLS = ("investor_minute_market", "program_minute_market")
ENDPOINTS = (
    *(endpoint(name, name, scope=Scope.MARKET, reach=Reach.NOW) for name in POLLS),
    endpoint("tally", "stock_estimate", reach=Reach.TODAY),
)


class RunningClock(SetClock):
    """Moves by two seconds each time it is read."""

    step = timedelta(seconds=2)

    def now(self) -> datetime:
        self.instant += self.step
        return self.instant


@dataclass
class Board:
    """Answers with one cumulative row of the minute, and with the slots that are out."""

    clock: SetClock
    error: SugeupError | None = None
    asked: list[tuple[str, datetime]] = field(default_factory=list)
    stop_after: int = 10**9
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def pages(self, endpoint: Endpoint, ask: Ask, priority: int) -> Iterator[Page]:
        now = self.clock.instant
        with self.lock:
            self.asked.append((endpoint.dataset, now))
            if len(self.asked) >= self.stop_after:
                self.stop.set()
        assert 1 == priority
        if self.error is not None:
            raise self.error
        key = {"session": DAY, "at": now.replace(second=0, microsecond=0)}
        if endpoint.dataset == "stock_estimate":
            given = [{"code": code, "session": DAY, "slot": 1, "foreign_net_volume": 3} for code in ask.scopes]
        elif endpoint.dataset == "program_minute_market":
            given = [key | {"market": ask.scopes[0], "program_net_amount": 1}]
        else:
            given = [key | {"market": ask.scopes[0], "foreign_net_amount": 1}]
        yield Page(truth_rows(endpoint.dataset, given))

    def contracts(self) -> list[str]:
        return []

    def close(self) -> None:
        pass


def polling(folder: Path, at: time, **about: object) -> tuple[Work, Board]:
    clock = RunningClock(datetime.combine(DAY, at, sessions.SEOUL).astimezone(UTC))
    board = Board(clock, **about)  # type: ignore[arg-type]
    lake = Lake(folder, {name: origin.standing for name, origin in ORIGINS.items()})
    state = State(folder / "state.sqlite")
    archive = Archive("real", lake, state, clock, ORIGINS, Supply([(vendor(*ENDPOINTS), lambda: board)]))
    listed = {"code": "005930", "valid_from": date(2026, 2, 2), "kind": "STOCK", "market": "KOSPI"}
    archive.fill("instruments", rows("instruments", [listed]))
    work = Work(archive, state, Care(lake, state, clock), folder, Options(floor=0), stop=board.stop, speed=1e6)
    return work, board


def run(work: Work) -> running.Outcome:
    return running.run(jobs.named("intraday"), work)


def test_each_minute_is_polled_until_ten_past_the_close(tmp_path: Path) -> None:
    work, _ = polling(tmp_path, time(15, 30))
    assert run(work).error is None
    stored = work.archive.read("investor_minute_market")
    minutes = stored["at"].dt.convert_time_zone("Asia/Seoul").dt.time().unique().sort().to_list()
    assert time(15, 40) == minutes[-1]
    assert 5 <= len(minutes) <= 11
    assert {"KOSPI", "KOSDAQ"} == {*stored["market"]}
    assert stored["final"].all() and (stored["known_at"] >= stored["at"]).all()


def test_the_day_is_covered_only_once_it_is_over(tmp_path: Path) -> None:
    work, board = polling(tmp_path, time(10, 0), stop_after=8)
    run(work)
    assert not work.archive.coverage("investor_minute_market")
    assert board.asked
    work, _ = polling(tmp_path, time(15, 36))
    run(work)
    assert {DAY} == {span.last for span in work.archive.coverage("investor_minute_market")}


def test_tallies_are_asked_when_their_slot_is_certain_to_be_out(tmp_path: Path) -> None:
    work, board = polling(tmp_path, time(9, 36), stop_after=30)
    run(work)
    asked = [at.astimezone(sessions.SEOUL).time() for dataset, at in board.asked if dataset == "stock_estimate"]
    assert asked and all(at >= time(9, 40) for at in asked)
    assert not work.archive.read("stock_estimate")["final"].any()


def test_an_end_that_is_asked_for_is_no_failure_of_what_was_stored(tmp_path: Path) -> None:
    work, _ = polling(tmp_path, time(10, 0), stop_after=8)
    outcome = run(work)
    assert "asked to end" in (outcome.steps[0].note or "")
    assert 0 < work.archive.read("investor_minute_market").height


def test_a_source_that_is_down_costs_the_minute_and_a_session_without_any_is_told(tmp_path: Path) -> None:
    work, _ = polling(tmp_path, time(15, 38), error=Retryable("no answer", code="SOURCE_DOWN"))
    outcome = run(work)
    assert isinstance(outcome.error, Retryable) and "no answer" in outcome.error.message


def test_wrong_keys_end_it_at_once(tmp_path: Path) -> None:
    work, board = polling(tmp_path, time(10, 0), error=ConfigError("the key is wrong", code="NO_CREDENTIALS"))
    assert isinstance(run(work).error, ConfigError)
    assert len(board.asked) <= 2


def test_what_nobody_gives_is_told_once_and_not_polled(tmp_path: Path) -> None:
    work, board = polling(tmp_path, time(15, 38))
    outcome = run(work)
    assert outcome.error is None
    assert "none of the sources that are asked gives index_minute, futures_minute" in str(outcome.steps[0].note)
    assert {*POLLS, "stock_estimate"} == {name for name, _ in board.asked}


def test_a_day_without_trading_is_refused_in_words(tmp_path: Path) -> None:
    work, _ = polling(tmp_path, time(10, 0))
    work.archive.clock.instant += timedelta(days=1)  # type: ignore[attr-defined]
    with pytest.raises(NoData, match="does not trade today"):
        run(work)


def test_a_clock_that_stands_still_is_refused(tmp_path: Path) -> None:
    work, _ = polling(tmp_path, time(10, 0))
    work.speed = 0
    outcome = run(work)
    assert isinstance(outcome.error, Refused) and "stands still" in outcome.error.message
