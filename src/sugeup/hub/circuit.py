"""A circuit per endpoint: an endpoint that keeps failing is left alone for a while instead of using up the pace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

OPEN_AFTER = 10
"""Failed sends in a row that open a circuit: two calls that were given up …"""
LASTING = 5.0
"""… if the first of them is so many seconds ago. Many threads fail together in a short fault, which retries outlast."""
FIRST_PAUSE = 15.0
LONGEST_PAUSE = 240.0


@dataclass(frozen=True)
class Open:
    """Not to be asked for `seconds`; `cause` is the last failure."""

    seconds: float
    cause: str


class Circuit:
    """Closed: everything passes. Open: nothing does. After the pause one call tries; it closes or opens again.

    Every pause in a row is twice as long as the one before, up to four minutes. Thread-safe.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._failures = 0
        self._first = 0.0
        self._pause = 0.0
        self._ends_at: float | None = None
        self._trying = False
        self._cause = ""

    def opened(self) -> Open | None:
        """How long it stays open; None: a call may be admitted."""
        with self._lock:
            return self._opened()

    def admit(self) -> Open | None:
        """None: send, and say then how it went. Else how long it stays open."""
        with self._lock:
            opened = self._opened()
            if opened is None:
                self._trying = self._ends_at is not None
            return opened

    def succeeded(self) -> None:
        """The endpoint answered."""
        with self._lock:
            self._failures, self._pause, self._ends_at, self._trying = 0, 0.0, None, False

    def failed(self, cause: str) -> None:
        """The endpoint did not answer, or with a passing fault."""
        with self._lock:
            now = self._now()
            self._first = self._first if self._failures else now
            self._failures += 1
            self._cause = cause
            lasting = self._failures >= OPEN_AFTER and now - self._first >= LASTING
            if self._trying or (self._ends_at is None and lasting):
                self._pause = min(2 * self._pause or FIRST_PAUSE, LONGEST_PAUSE)
                self._ends_at = now + self._pause
                self._trying = False

    def released(self) -> None:
        """Nothing was learned: the call was not sent."""
        with self._lock:
            self._trying = False

    def _opened(self) -> Open | None:
        if self._ends_at is None:
            return None
        left = self._ends_at - self._now()
        return Open(max(left, 1.0), self._cause) if left > 0 or self._trying else None


class Circuits:
    """The circuits of one vendor by the name of the endpoint."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Circuit] = {}

    def of(self, endpoint: str) -> Circuit:
        """The circuit of an endpoint."""
        with self._lock:
            return self._known.setdefault(endpoint, Circuit())
