"""The sandbox's own time: it starts where the plan says, runs at any speed, stands still, or is moved by hand.

The only place where the sandbox reads a clock, and that one only counts seconds (`time.monotonic`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sugeup.errors import Refused
from sugeup.market.sessions import SEOUL

FASTEST = 86_400.0
"""Most seconds that may pass in the sandbox within one."""


def elapsed() -> float:
    """Seconds of real time since an unknown moment: for limits and for the life of tokens."""
    return time.monotonic()


class SandboxClock:
    """Simulated time. Threads may read and move it at once.

    `start` needs a time zone. `speed` is how many seconds pass in one real second: 1 as in life, 60 a minute a second,
    0 stands still until it is moved.
    """

    def __init__(self, start: datetime, speed: float = 1.0, *, counter: Callable[[], float] = elapsed) -> None:
        self._lock = threading.Lock()
        self._counter = counter
        self._at = _aware(start)
        self._since = counter()
        self._speed = _allowed(speed)

    def now(self) -> datetime:
        """The simulated moment, in UTC."""
        with self._lock:
            return self._now()

    def seoul(self) -> datetime:
        """The simulated moment on the clocks of Seoul."""
        return self.now().astimezone(SEOUL)

    @property
    def speed(self) -> float:
        """Seconds that pass in one real second."""
        return self._speed

    def set(self, moment: datetime) -> None:
        """Go to a moment, forwards or back."""
        at = _aware(moment)
        with self._lock:
            self._start(at)

    def step(self, span: timedelta) -> datetime:
        """Go on by a span (back if it is negative); the moment reached."""
        with self._lock:
            self._start(self._now() + span)
            return self._at

    def run(self, speed: float) -> None:
        """Change the speed from now on."""
        allowed = _allowed(speed)
        with self._lock:
            self._start(self._now())
            self._speed = allowed

    def _now(self) -> datetime:
        return self._at + timedelta(seconds=(self._counter() - self._since) * self._speed)

    def _start(self, at: datetime) -> None:
        self._at, self._since = at, self._counter()


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise Refused(f"moment {moment} has no time zone", hint="Write it with an offset, such as +09:00.")
    return moment.astimezone(UTC)


def _allowed(speed: float) -> float:
    if not 0 <= speed <= FASTEST:
        raise Refused(f"speed {speed}; allowed: 0 to {FASTEST:,.0f} seconds a second")
    return float(speed)
