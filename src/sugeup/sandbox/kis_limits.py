"""How often a key may ask: calls in any second, counted when they arrive, and what the sandbox has counted so far."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any

from sugeup.sandbox.kis_envelope import Answer, failed

WINDOW = 1.0
NEWCOMER = "new-"
"""A key that begins so belongs to a new customer."""
NEWCOMER_RATE = 3
_AS_200 = 4
"""One refusal in so many comes with HTTP 200, as both are seen in life."""


class Windows:
    """Calls of every key within the last second. `rate`: most that are executed; refused ones do not count."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._executed: dict[str, deque[float]] = {}

    def allowed(self, key: str) -> int:
        """Most calls of a key in a second."""
        return min(self.rate, NEWCOMER_RATE) if key.startswith(NEWCOMER) else self.rate

    def take(self, key: str, at: float) -> bool:
        """Whether a call that arrives at that real second is executed."""
        executed = self._executed.setdefault(key, deque())
        _forget(executed, at)
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

    def arrived(self, tr_id: str, at: float) -> None:
        """Note a call."""
        self.calls[tr_id] += 1
        _forget(self._arrived, at)
        self._arrived.append(at)
        self.busiest = max(self.busiest, len(self._arrived))

    def refused(self) -> Answer:
        """The refusal of a call that came too soon."""
        self.rejected += 1
        return too_often(200 if self.rejected % _AS_200 == 0 else 500)

    def shown(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "calls": dict(sorted(self.calls.items())),
            "total": self.calls.total(),
            "answers": dict(sorted(self.answers.items())),
            "max_calls_in_a_second": self.busiest,
            "rejected": self.rejected,
            "tokens": self.tokens,
            "files": self.files,
            "faults": dict(sorted(self.faults.items())),
        }


def too_often(status: int = 500) -> Answer:
    """EGW00201: the call was not executed."""
    return failed("EGW00201", "초당 거래건수를 초과하였습니다.", status=status)


def _forget(moments: deque[float], at: float) -> None:
    while moments and moments[0] <= at - WINDOW:
        moments.popleft()
