"""When a waiting call may be sent: pure arithmetic on the times of earlier sends. The gate in `limits` keeps the times.

Any window of `Pace.seconds` holds at most `Pace.calls` sends. Calls of jobs are spread over the window besides, so that
a question that comes between them finds the next place after a fraction of the window and not after all of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from sugeup.sources.vendor import Pace

GRACE = 0.004
"""Seconds that a free place is kept for the caller who is first and does not come: his thread may have been slow."""
LONG_GRACE = 0.02
"""The same for each further one behind the second: a queue that is stopped or killed, not slow."""
SHARE = 0.8
"""Jobs leave at least this part of `seconds / calls` between two sends; below 1, so that a late one is made up for."""
FAIRNESS = 20
"""After so many sends in a row, one is for the call that has waited longest, whatever its priority.

So a back-fill waits at most for 20 sends (and half a second, the longest time between two looks) at a place in the
queue, and urgent calls keep 19 of 20 sends.
"""


class Priority(IntEnum):
    """Who goes first when several wait: a smaller number."""

    QUESTION = 0
    """Somebody is waiting for the answer."""
    LIVE = 1
    """Figures of the running session: lost if not asked in time."""
    DAILY = 2
    BACKFILL = 3


@dataclass(frozen=True)
class Lane:
    """Calls of one kind, with a pace of their own beside that of all calls together."""

    name: str
    pace: Pace


def due(sent: Sequence[float], pace: Pace, priority: Priority, ahead: int, held: float = -math.inf) -> float:
    """The moment from which a call may be sent; −inf or a past moment: now.

    `sent`: times of the newest sends, ascending, at most `pace.calls` of them. `ahead`: waiting calls that go first.
    `held`: nothing may be sent before. A call behind others takes a place that they let pass.
    """
    step = SHARE * pace.seconds / pace.calls if priority >= Priority.DAILY else 0.0
    last = sent[-1] if sent and step else -math.inf
    turn = max(_free(sent, pace, ahead), last + step * (ahead + 1))
    passed_by = max(_free(sent, pace, 0), last + step) + GRACE * ahead + LONG_GRACE * max(ahead - 2, 0)
    return max(held, min(turn, passed_by))


def first(waiting: Sequence[tuple[int, float, int]], overtaken: int) -> list[tuple[int, float, int]]:
    """Waiting calls (priority, since, id) in the order in which they go.

    `overtaken`: sends since the call that has waited longest was last passed over for the first time.
    """
    order = sorted(waiting)
    if order and overtaken >= FAIRNESS - 1:
        oldest = min(order, key=lambda one: one[1:])
        order.remove(oldest)
        order.insert(0, oldest)
    return order


def _free(sent: Sequence[float], pace: Pace, ahead: int) -> float:
    """The moment at which one more place than `ahead` is free, if nobody sends until then."""
    missing = pace.calls - len(sent)
    if ahead < missing:
        return -math.inf
    cycles, place = divmod(ahead - missing, pace.calls)
    if place >= len(sent):  # the places that are free now, a window later
        return sent[-1] + pace.seconds * (cycles + 1) if sent else -math.inf
    return sent[place] + pace.seconds * (cycles + 1)
