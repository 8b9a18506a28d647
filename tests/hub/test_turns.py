"""The order and the moments of sends, on simulated time."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.hub.limits import Gate
from sugeup.hub.turns import FAIRNESS, SHARE, Priority, due, first
from sugeup.sources.vendor import Pace

PACES = st.builds(Pace, st.integers(1, 30), st.floats(0.1, 5))
CALLERS = st.tuples(st.floats(0, 0.4), st.integers(0, 40), st.sampled_from(Priority))


def most(sent: Sequence[float], seconds: float) -> int:
    """The largest number of sends in any window that is shorter than `seconds` by a rounding error."""
    return max(bisect_left(sent, at + seconds - 1e-9) - place for place, at in enumerate(sent))


@settings(max_examples=60, deadline=None)
@given(PACES, st.lists(CALLERS, min_size=40, max_size=120))
def test_no_window_holds_more_than_the_limit_however_late_callers_come_and_whoever_lets_them_pass(
    pace: Pace, callers: list[tuple[float, int, Priority]]
) -> None:
    now, sent = 0.0, []
    for late, ahead, priority in callers:
        window = [at for at in sent if at > now - pace.seconds][-pace.calls :]
        now = max(now, due(window, pace, priority, ahead)) + late * pace.seconds
        sent.append(now)
    assert most(sent, pace.seconds) <= pace.calls


@given(PACES, st.sampled_from(Priority))
def test_callers_who_are_on_time_use_the_whole_limit(pace: Pace, priority: Priority) -> None:
    now, sent = 0.0, []
    for _ in range(10 * pace.calls):
        now = max(now, due(sent[-pace.calls :], pace, priority, 0))
        sent.append(now)
    assert sent[-1] <= (len(sent) / pace.calls) * pace.seconds + 1e-6


def test_a_job_leaves_room_between_its_sends_and_a_question_does_not() -> None:
    pace = Pace(10, 1.0)
    assert SHARE * 0.1 + 5 == due([5.0], pace, Priority.BACKFILL, 0)
    assert -math.inf == due([5.0], pace, Priority.QUESTION, 0)


def test_a_place_that_the_first_caller_lets_pass_goes_to_the_next_one() -> None:
    pace = Pace(2, 1.0)
    assert 1.0 == due([0.0, 0.5], pace, Priority.QUESTION, 0)
    later = [due([0.0, 0.5], pace, Priority.QUESTION, ahead) for ahead in (1, 2, 3, 4)]
    assert pytest.approx([1.004, 1.008, 1.032, 1.056]) == later


def test_nothing_is_sent_while_the_vendor_wants_to_be_left_alone() -> None:
    assert 9.0 == due([], Pace(2, 1.0), Priority.QUESTION, 0, held=9.0)


def test_the_more_urgent_goes_first_and_among_equals_the_older() -> None:
    question, old, young = (0, 9.0, 3), (3, 1.0, 1), (3, 2.0, 2)
    assert [question, old, young] == first([young, old, question], 0)
    assert [old, question, young] == first([young, old, question], FAIRNESS - 1)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 9), st.lists(st.tuples(st.floats(0, 0.3), st.sampled_from(Priority)), min_size=30, max_size=60))
def test_the_gate_keeps_its_window_on_any_clock(calls: int, callers: list[tuple[float, Priority]]) -> None:
    time = [1000.0]

    def pause(seconds: float) -> None:
        time[0] += seconds

    with TemporaryDirectory() as folder:
        gate = Gate(
            Path(folder) / "gate.sqlite",
            Pace(calls, 1.0),
            today=lambda: date(2026, 9, 1),
            now=lambda: time[0],
            pause=pause,
        )
        sent = []
        for late, priority in callers:
            time[0] += late
            sent.append(gate.enter(priority).at)
        gate.close()
    assert most(sent, 1.0) <= calls
