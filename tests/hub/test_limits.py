"""The gate on a real file, between threads and processes."""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from sugeup.errors import ConfigError, CorruptStore, Retryable
from sugeup.hub.limits import LATE, LOOK, Gate
from sugeup.hub.turns import FAIRNESS, Priority
from sugeup.sources.vendor import Pace
from tests.hub import serving, working
from tests.hub.test_turns import most

DAY = date(2026, 9, 1)
SLOW = Pace(5, 0.25)
Opened = Callable[..., Gate]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gate.sqlite"


@pytest.fixture
def gate(path: Path) -> Iterator[Gate]:
    with closing(Gate(path, SLOW, today=lambda: DAY)) as found:
        yield found


def fill(gate: Gate) -> None:
    """Use up the window."""
    for _ in range(gate.pace.calls):
        gate.enter(Priority.QUESTION)


def test_a_question_overtakes_waiting_back_fill(gate: Gate) -> None:
    order: list[str] = []
    fill(gate)

    def enter(name: str, priority: Priority) -> None:
        gate.enter(priority)
        order.append(name)

    with ThreadPoolExecutor(20) as threads:
        for number in range(15):
            threads.submit(enter, f"job {number}", Priority.BACKFILL)
        time.sleep(0.05)
        threads.submit(enter, "question", Priority.QUESTION)
    assert "question" in order[:3]  # one or two may have been on their way
    assert 16 == len(order)


@pytest.mark.slow
def test_back_fill_goes_on_while_questions_never_end(gate: Gate) -> None:
    fill(gate)
    ended = threading.Event()
    questions = []

    def ask() -> None:
        while not ended.is_set():
            questions.append(gate.enter(Priority.QUESTION).at)

    with ThreadPoolExecutor(8) as threads:
        for _ in range(6):
            threads.submit(ask)
        time.sleep(0.1)
        came = time.monotonic()
        left = gate.enter(Priority.BACKFILL).at
        ended.set()
    overtook = sum(came < at < left for at in questions)
    older, between_looks = 6, LOOK * SLOW.calls / SLOW.seconds
    assert 1 <= overtook <= older + FAIRNESS + between_looks + SLOW.calls


def test_a_place_is_given_back_by_who_comes_too_late(gate: Gate) -> None:
    first = gate.enter(Priority.DAILY)
    assert gate.fresh(first) is first
    time.sleep(2 * LATE)
    second = gate.fresh(first)
    assert second.at > first.at + LATE
    assert 1 == gate.used_today()
    with gate._file.transaction() as rows:
        assert [second.at] == rows.sent(time.monotonic(), SLOW)


def test_a_deadline_that_cannot_be_met_is_told_at_once(gate: Gate) -> None:
    fill(gate)
    start = time.monotonic()
    with pytest.raises(Retryable) as caught:
        gate.enter(Priority.BACKFILL, start + 0.1)
    assert time.monotonic() - start < 0.05
    assert "RATE_LIMITED" == caught.value.code
    assert 0.1 < caught.value.details["retry_after"] <= 0.4
    with gate._file.transaction() as rows:
        assert [] == rows.waiting(time.monotonic())


def test_a_quota_is_counted_over_all_processes_and_by_the_date_in_seoul(path: Path) -> None:
    today = [DAY]
    with (
        closing(Gate(path, Pace(100, 0.1), today=lambda: today[0], quota=3)) as one,
        closing(Gate(path, Pace(100, 0.1), today=lambda: today[0], quota=3)) as other,
    ):
        for gate in (one, other, one):
            gate.enter(Priority.BACKFILL)
        with pytest.raises(Retryable) as caught:
            other.enter(Priority.QUESTION)
        assert ("RATE_LIMITED", "QUOTA") == (caught.value.code, caught.value.details["reason"])
        assert {"quota": 3, "used": 3, "day": "2026-09-01"}.items() <= caught.value.details.items()
        assert "2026-09-02T00:00:00+09:00" == caught.value.details["again_at"]
        today[0] += timedelta(days=1)
        other.enter(Priority.QUESTION)
        assert 1 == one.used_today()


def test_times_of_before_a_restart_of_the_machine_are_forgotten(gate: Gate, path: Path) -> None:
    """Time counts from the start of the machine: a later one than now cannot be of this start."""
    gate.enter(Priority.DAILY)
    ahead = time.monotonic() + 50_000
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany("INSERT INTO calls (at) VALUES (?)", [(ahead,)] * 50)
        database.execute("INSERT INTO waiting VALUES (1, 0, ?, ?)", (ahead, ahead + 1))
        database.execute("INSERT INTO marks VALUES ('held', ?, 0)", (ahead,))
    start = time.monotonic()
    for _ in range(4):
        gate.enter(Priority.QUESTION)
    assert time.monotonic() - start < 0.2


def test_the_right_to_issue_a_token_comes_once_per_interval_also_over_a_restart(gate: Gate, path: Path) -> None:
    assert 0 == gate.issue(60, wall=1000.0)
    assert 59 < gate.issue(60, wall=1000.5) <= 60
    gate.unissue()
    assert 0 == gate.issue(60, wall=1001.0)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE marks SET at = ? WHERE name = 'issued'", (time.monotonic() + 9_000,))
    assert pytest.approx(20) == gate.issue(60, wall=1041.0)
    assert 0 == gate.issue(60, wall=1062.0)


def test_a_clock_that_stands_still_holds_a_token_up_for_its_interval_and_no_longer(gate: Gate, path: Path) -> None:
    """Real seconds count, also after a restart of the machine."""
    for restarted in (False, True):
        assert 0 == gate.issue(0.2, wall=1000.0)
        if restarted:
            with closing(sqlite3.connect(path)) as database, database:
                database.execute("UPDATE marks SET at = ? WHERE name = 'issued'", (time.monotonic() + 9_000,))
        assert 0 < gate.issue(0.2, wall=1000.0) <= 0.2
        time.sleep(0.25)
        assert 0 == gate.issue(0.2, wall=1000.0)
        gate.unissue()


def test_a_vendor_that_wants_a_pause_gets_it_from_everybody(gate: Gate, path: Path) -> None:
    with closing(Gate(path, SLOW, today=lambda: DAY)) as other:
        gate.hold(0.3)
        start = time.monotonic()
        other.enter(Priority.QUESTION)
        assert 0.29 <= time.monotonic() - start < 0.8


def test_a_caller_who_died_while_waiting_holds_others_up_for_a_second_at_most(gate: Gate, path: Path) -> None:
    fill(gate)
    with closing(sqlite3.connect(path)) as database, database:
        now = time.monotonic()
        for number in range(10):
            database.execute("INSERT INTO waiting VALUES (?, 0, ?, ?)", (number, now - 1, now + 1))
    start = time.monotonic()
    gate.enter(Priority.BACKFILL)
    assert time.monotonic() - start < 1


def test_a_gate_that_is_closed_wakes_who_waits(path: Path) -> None:
    gate = Gate(path, Pace(1, 30.0), today=lambda: DAY)
    gate.enter(Priority.DAILY)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(gate.enter, Priority.DAILY)
        time.sleep(0.1)
        gate.close()
        with pytest.raises(Retryable) as caught:
            waiting.result(2)
    assert "BUSY" == caught.value.code


def test_a_damaged_gate_is_named_with_what_to_do(path: Path) -> None:
    path.write_bytes(b"no database at all" * 300)
    with closing(Gate(path, SLOW, today=lambda: DAY)) as gate, pytest.raises(CorruptStore) as caught:
        gate.enter(Priority.DAILY)
    assert "STORE_DAMAGED" == caught.value.code
    assert "delete the file" in str(caught.value)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    at = tmp_path / "file" / "gate.sqlite"
    with closing(Gate(at, SLOW, today=lambda: DAY)) as gate, pytest.raises(ConfigError) as caught:
        gate.enter(Priority.DAILY)
    assert "gate.sqlite cannot be used" in str(caught.value)


@pytest.mark.torture
@pytest.mark.slow
def test_two_processes_keep_one_limit_and_use_it(tmp_path: Path) -> None:
    with serving.running(jitter=0.03) as server:
        start = time.monotonic() + 1.5
        both = [working.started(folder=tmp_path, hosts=server.hosts, calls=70, name=name, start=start) for name in "ab"]
        found = [working.done(one) for one in both]
    left = sorted(at for one in found for at in one["left"] if at >= start)
    assert [[], []] == [one["codes"] for one in found]
    assert most(left, 1.0) <= 18
    assert most(sorted(server.arrivals), 1.0) <= 20
    assert 126 / (left[126] - left[0]) >= 0.93 * 18
    assert 1 == len(server.issued)


@pytest.mark.torture
@pytest.mark.slow
def test_a_question_of_one_process_overtakes_the_back_fill_of_another(tmp_path: Path) -> None:
    with serving.running() as server:
        job = working.started(folder=tmp_path, hosts=server.hosts, calls=80, name="job")
        while len(server.arrivals) < 25:
            time.sleep(0.02)
        start = time.monotonic()
        asked = working.done(
            working.started(
                folder=tmp_path, hosts=server.hosts, calls=3, name="question", priority="QUESTION", threads=1
            )
        )
        assert [] == asked["codes"]
        assert asked["answered"][-1] - asked["left"][0] < 1.0
        assert max(asked["answered"]) > start
        working.done(job)
    assert [80, 3] == [sum(scope.startswith(kind) for scope in server.scopes) for kind in ("job", "question")]


@pytest.mark.torture
@pytest.mark.slow
def test_a_killed_process_leaves_nothing_that_blocks_others(tmp_path: Path) -> None:
    with serving.running() as server:
        for _ in range(3):
            job = working.started(
                folder=tmp_path, hosts=server.hosts, calls=500, priority="QUESTION", threads=12, name="killed"
            )
            count = len(server.arrivals)
            while len(server.arrivals) < count + 20:
                time.sleep(0.01)
            job.send_signal(signal.SIGKILL)
            job.communicate()
        killed = time.monotonic()
        next_one = working.done(working.started(folder=tmp_path, hosts=server.hosts, calls=5, name="next"))
    assert [] == next_one["codes"]
    assert 5 == len(next_one["answered"])
    assert max(next_one["answered"]) - max(killed, next_one["left"][0]) < 2
    assert json.dumps(server.scopes).count("next") == 5
