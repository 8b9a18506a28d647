"""One call as the hub's parts hand it on."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sugeup.hub.turns import Lane, Priority
from sugeup.sources.vendor import Request


@dataclass(frozen=True)
class Call:
    """What is sent, under which name it is logged, how urgent it is, and until when (monotonic) it is of use.

    `lane`: the limit of its own kind, beside that of the whole vendor.
    """

    request: Request
    endpoint: str
    scope: str
    priority: Priority
    until: float | None
    lane: Lane | None = None

    def in_time(self, seconds: float) -> bool:
        """Whether a wait of so many seconds leaves time."""
        return self.until is None or time.monotonic() + seconds < self.until


def until(deadline: float | None) -> float | None:
    """The monotonic moment that lies so many seconds ahead."""
    return None if deadline is None else time.monotonic() + deadline
