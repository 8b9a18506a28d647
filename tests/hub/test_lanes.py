"""Calls of one kind have a pace of their own beside that of all calls, over threads, processes and kinds."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sugeup.errors import Retryable
from sugeup.hub import Hub, Priority
from sugeup.hub.limits import Gate
from sugeup.hub.turns import Lane
from sugeup.sources.vendor import Pace
from tests.hub import tiny
from tests.hub.test_turns import most

FAST = Pace(200, 1.0)
SLOW = Lane("slow", Pace(2, 0.2))
OTHER = Lane("other", Pace(2, 0.2))
Made = Callable[[], Gate]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gate.sqlite"


@pytest.fixture
def gate(path: Path) -> Iterator[Gate]:
    with closing(Gate(path, FAST, today=lambda: date(2026, 9, 1))) as found:
        yield found


def test_no_window_of_a_lane_holds_more_than_its_pace(gate: Gate) -> None:
    with ThreadPoolExecutor(6) as threads:
        sent = sorted(grant.at for grant in threads.map(lambda _: gate.enter(Priority.BACKFILL, lane=SLOW), range(8)))
    assert most(sent, SLOW.pace.seconds) <= SLOW.pace.calls
    assert sent[-1] - sent[0] < 2.5 * 4 * SLOW.pace.seconds


def test_two_gates_on_one_file_share_a_lane(gate: Gate, path: Path) -> None:
    with closing(Gate(path, FAST, today=lambda: date(2026, 9, 1))) as other, ThreadPoolExecutor(4) as threads:
        jobs = [threads.submit(one.enter, Priority.DAILY, lane=SLOW) for one in (gate, other) * 3]
        sent = sorted(job.result().at for job in jobs)
    assert most(sent, SLOW.pace.seconds) <= SLOW.pace.calls


def test_who_waits_in_a_lane_holds_nobody_of_another_up(gate: Gate) -> None:
    with ThreadPoolExecutor(12) as threads:
        jobs = [threads.submit(gate.enter, Priority.BACKFILL, lane=SLOW) for _ in range(10)]
        time.sleep(0.1)
        began = gate.now()
        gate.enter(Priority.BACKFILL, lane=OTHER)
        gate.enter(Priority.BACKFILL)
        took = gate.now() - began
        assert sum(job.done() for job in jobs) < 10
        for job in jobs:
            job.result()
    assert took < SLOW.pace.seconds


def test_a_question_overtakes_a_back_fill_of_its_lane(gate: Gate) -> None:
    order: list[str] = []

    def enter(name: str, priority: Priority) -> None:
        gate.enter(priority, lane=SLOW)
        order.append(name)

    with ThreadPoolExecutor(10) as threads:
        for number in range(8):
            threads.submit(enter, f"job {number}", Priority.BACKFILL)
        time.sleep(0.1)
        threads.submit(enter, "question", Priority.QUESTION)
    assert order.index("question") <= 4
    assert 9 == len(order)


def test_the_pace_of_all_calls_holds_over_lanes(path: Path) -> None:
    whole = Pace(3, 0.2)
    with closing(Gate(path, whole, today=lambda: date(2026, 9, 1))) as gate, ThreadPoolExecutor(6) as threads:
        lanes = [Lane(name, Pace(10, 0.2)) for name in "abc"]
        jobs = [threads.submit(gate.enter, Priority.LIVE, lane=lane) for lane in lanes * 4]
        sent = sorted(job.result().at for job in jobs)
    assert most(sent, whole.seconds) <= whole.calls


def test_a_lane_that_leaves_no_place_in_time_says_when(gate: Gate) -> None:
    for _ in range(SLOW.pace.calls):
        gate.enter(Priority.QUESTION, lane=SLOW)
    with pytest.raises(Retryable) as caught:
        gate.enter(Priority.QUESTION, gate.now() + 0.05, lane=SLOW)
    assert "RATE_LIMITED" == caught.value.code
    gate.enter(Priority.QUESTION, gate.now() + 0.05, lane=OTHER)


def test_a_place_given_back_is_free_in_its_lane_too(gate: Gate) -> None:
    first = gate.enter(Priority.QUESTION, lane=SLOW)
    gate.enter(Priority.QUESTION, lane=SLOW)
    began = gate.now()
    again = gate.enter(Priority.QUESTION, lane=SLOW, instead_of=first)
    assert again.at - began < SLOW.pace.seconds / 2
    assert SLOW == again.lane


def test_a_gate_file_from_before_lanes_is_opened_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as old:
        old.executescript(
            "CREATE TABLE calls (id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL);"
            "CREATE TABLE waiting (id INTEGER PRIMARY KEY, priority INTEGER NOT NULL, since REAL NOT NULL,"
            " until REAL NOT NULL);"
        )
    with closing(Gate(path, FAST, today=lambda: date(2026, 9, 1))) as gate:
        assert SLOW == gate.enter(Priority.DAILY, lane=SLOW).lane


def test_an_endpoint_keeps_its_own_pace_on_the_wire_and_shares_it_with_its_lane(opened: Callable[..., Hub]) -> None:
    pace = Pace(2, 0.3)
    first = replace(tiny.NUMBERS, name="first", pace=pace, lane="shared")
    second = replace(tiny.NUMBERS, name="second", pace=pace, lane="shared")
    hub = opened()
    list(hub.pages(first, tiny.ask("000000")))
    began = time.monotonic()
    with ThreadPoolExecutor(6) as threads:
        jobs = [threads.submit(lambda one, n: list(hub.pages(one, tiny.ask(f"{n:06d}"))), one, n)
                for n, one in enumerate([first, second] * 3, 1)]  # fmt: skip
        for job in jobs:
            job.result()
    assert time.monotonic() - began > 2.5 * pace.seconds - 0.1
    began = time.monotonic()
    list(hub.pages(tiny.NUMBERS, tiny.ask("900000")))
    assert time.monotonic() - began < pace.seconds
