"""How often a key may ask: calls in any second, counted when they arrive, and what a vendor has counted so far."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Any

WINDOW = 1.0


class Windows:
    """Calls of every key within the last second. `allowed`: most of a key that are executed; refused ones do not count.

    `seconds`: length of the window.
    """

    def __init__(self, allowed: Callable[[str], int], seconds: float = WINDOW) -> None:
        self.allowed = allowed
        self.seconds = seconds
        self._executed: dict[str, deque[float]] = {}

    def take(self, key: str, at: float) -> bool:
        """Whether a call that arrives at that real second is executed."""
        executed = self._executed.setdefault(key, deque())
        _forget(executed, at, self.seconds)
        if len(executed) >= self.allowed(key):
            return False
        executed.append(at)
        return True


class Counts:
    """What was asked: calls by identifier, the busiest second, refusals, tokens, faults."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.rejected = 0
        self.tokens = 0
        self.files = 0
        self.busiest = 0
        self._arrived: deque[float] = deque()

    def arrived(self, identifier: str, at: float) -> None:
        """Note a call."""
        self.calls[identifier] += 1
        _forget(self._arrived, at, WINDOW)
        self._arrived.append(at)
        self.busiest = max(self.busiest, len(self._arrived))

    def shown(self) -> dict[str, Any]:
        """As plain JSON."""
        return together([self])


def together(counts: Iterable[Counts]) -> dict[str, Any]:
    """What several vendors counted, as plain JSON; the busiest second is that of one of them."""
    every = list(counts)
    calls, answers, faults = (
        sum((getattr(one, name) for one in every), Counter[str]()) for name in ("calls", "answers", "faults")
    )
    return {
        "calls": dict(sorted(calls.items())),
        "total": calls.total(),
        "answers": dict(sorted(answers.items())),
        "max_calls_in_a_second": max((one.busiest for one in every), default=0),
        "rejected": sum(one.rejected for one in every),
        "tokens": sum(one.tokens for one in every),
        "files": sum(one.files for one in every),
        "faults": dict(sorted(faults.items())),
    }


def _forget(moments: deque[float], at: float, seconds: float) -> None:
    while moments and moments[0] <= at - seconds:
        moments.popleft()
