"""The clock of a simulated lake: the sandbox's moment and speed, read once; the machine's while none answers."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from sugeup.errors import Retryable
from sugeup.hub.remote_clock import RemoteClock
from sugeup.market.clock import FixedClock
from tests.support.sandboxes import serving
from tests.support.servers import free_port

HERE = FixedClock(datetime(2026, 11, 25, tzinfo=UTC))


def test_it_tells_the_moment_of_the_sandbox_at_its_speed() -> None:
    with serving(at="2025-04-01T09:00", speed=600) as (address, control):
        clock = RemoteClock(address, HERE)
        first = clock.now()
        time.sleep(0.2)
        assert timedelta(minutes=1.5) < clock.now() - first < timedelta(minutes=20)
        assert abs(clock.now() - control.now()) < timedelta(minutes=5)
        assert (600, UTC) == (clock.speed, clock.now().tzinfo)
        clock.require()


def test_without_a_sandbox_it_tells_the_time_of_the_machine_and_collecting_is_refused() -> None:
    clock = RemoteClock(f"http://127.0.0.1:{free_port()}", HERE)
    assert (HERE.now(), 1.0) == (clock.now(), clock.speed)
    with pytest.raises(Retryable, match="sugeup sandbox"):
        clock.require()


def test_it_asks_this_machine_alone() -> None:
    clock = RemoteClock("http://example.com", HERE)
    assert HERE.now() == clock.now()


def test_it_tells_the_plan_and_moves_the_clock_of_the_sandbox() -> None:
    with serving(at="2025-04-01T15:45") as (address, control):
        clock = RemoteClock(address, HERE)
        assert control.plan() == clock.plan()
        assert clock.now() == control.now()
        clock.go(datetime(2025, 4, 1, 10, 0, tzinfo=UTC))
        assert datetime(2025, 4, 1, 10, 0, tzinfo=UTC) == clock.now() == control.now()
