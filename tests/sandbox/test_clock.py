"""The sandbox's clock runs at its speed, stands still, is moved, and knows no zone but those it is given."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.sandbox.clock import FASTEST, SandboxClock
from tests.support.sandboxes import seoul

START = seoul("2025-06-02T15:45")


class Seconds:
    """Real seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_it_starts_at_its_moment_and_tells_it_in_utc_and_in_seoul() -> None:
    clock = SandboxClock(START, counter=Seconds())
    assert datetime(2025, 6, 2, 6, 45, tzinfo=UTC) == clock.now()
    assert UTC is clock.now().tzinfo
    assert "2025-06-02T15:45:00+09:00" == clock.seoul().isoformat()


@given(speed=st.floats(0, FASTEST), passed=st.floats(0, 3_600))
def test_real_seconds_count_times_the_speed(speed: float, passed: float) -> None:
    seconds = Seconds()
    clock = SandboxClock(START, speed, counter=seconds)
    seconds.now += passed
    assert START + timedelta(seconds=(seconds.now - 100.0) * speed) == clock.now()


def test_standing_still_it_moves_only_by_steps() -> None:
    seconds = Seconds()
    clock = SandboxClock(START, 0, counter=seconds)
    seconds.now += 1_000
    assert START == clock.now()
    assert START + timedelta(minutes=5) == clock.step(timedelta(minutes=5))
    clock.set(seoul("2025-06-03T08:10"))
    assert "2025-06-03T08:10:00+09:00" == clock.seoul().isoformat()


def test_a_change_of_speed_counts_from_that_moment_on() -> None:
    seconds = Seconds()
    clock = SandboxClock(START, 1, counter=seconds)
    seconds.now += 10
    clock.run(60)
    seconds.now += 10
    assert 60 == clock.speed
    assert START + timedelta(seconds=610) == clock.now()


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(Refused, match="no time zone"):
        SandboxClock(datetime(2025, 6, 2, 15, 45))


@pytest.mark.parametrize("speed", [-1, FASTEST + 1, float("nan")])
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(Refused, match="speed"):
        SandboxClock(START, speed)


def test_threads_that_step_it_at_once_lose_no_step() -> None:
    clock = SandboxClock(START, 0)
    threads = [
        threading.Thread(target=lambda: [clock.step(timedelta(seconds=1)) for _ in range(500)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert START + timedelta(seconds=2_000) == clock.now()
