"""The clock that every computation is given. Only `app.py` makes one; nothing else reads the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time, in UTC."""

    def now(self) -> datetime:
        """The present moment, timezone-aware."""
        ...


@dataclass(frozen=True)
class FixedClock:
    """A clock that stands still, for tests and for reproducible answers."""

    instant: datetime

    def now(self) -> datetime:
        """The instant it was made with."""
        return self.instant
