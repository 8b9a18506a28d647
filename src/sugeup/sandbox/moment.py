"""What is public at a moment: which session a snapshot shows, which days are final, which are not there yet.

Times are those at which the vendor's figures appear; nothing of a session after the moment is ever shown.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property

from sugeup.market import sessions as calendar
from sugeup.market.sessions import SEOUL

PREPARED = time(8, 0)
"""Counters of the new day start at zero from here on."""
INVESTORS_FROM = time(15, 40)
"""Investors by stock of today: before it the question is refused."""
SETTLED = time(8, 0)
"""Figures of a session are final from here on, the day after."""
EVENING = time(18, 30)
SLOTS: tuple[time, ...] = (time(9, 30), time(10, 0), time(11, 20), time(13, 20), time(14, 30))
"""Moments at which the staff's tallies of a stock appear."""


class State(StrEnum):
    """Where a moment lies in the trading day."""

    CLOSED_DAY = "closed day"
    BEFORE = "before the open"
    OPEN = "open"
    AFTER = "after the close"


@dataclass(frozen=True)
class Moment:
    """A moment in Seoul, seen from the sessions of a plan (oldest first)."""

    now: datetime
    sessions: Sequence[date]

    @cached_property
    def day(self) -> date:
        """Date in Seoul."""
        return self.now.date()

    @cached_property
    def minute(self) -> int:
        """Minutes since midnight in Seoul."""
        return self.now.hour * 60 + self.now.minute

    @cached_property
    def _at(self) -> int:
        return bisect_left(self.sessions, self.day)

    @cached_property
    def trades(self) -> bool:
        """Whether the plan has a session on this date."""
        return self._at < len(self.sessions) and self.sessions[self._at] == self.day

    @cached_property
    def hours(self) -> tuple[time, time]:
        """Open and close of today's session."""
        found = calendar.session(self.day)
        assert found.open is not None
        assert found.close is not None
        return found.open, found.close

    @cached_property
    def state(self) -> State:
        """Where in the trading day this is."""
        if not self.trades:
            return State.CLOSED_DAY
        start, end = self.hours
        at = self.now.time()
        return State.BEFORE if at < start else State.OPEN if at < end else State.AFTER

    @cached_property
    def prepared(self) -> bool:
        """Whether counters already belong to today's session."""
        return self.trades and self.now.time() >= PREPARED

    @cached_property
    def closed(self) -> date | None:
        """The newest session that is over; None before the first."""
        at = self._at if self.state is State.AFTER else self._at - 1
        return self.sessions[at] if at >= 0 else None

    @cached_property
    def shown(self) -> date | None:
        """The session whose counters a snapshot shows: today's once prepared, else the newest that is over."""
        return self.day if self.prepared else self.closed

    @cached_property
    def investors(self) -> date | None:
        """The newest session whose investors by stock are there."""
        if self.trades and self.now.time() >= max(INVESTORS_FROM, self._later(self.hours[1], 10)):
            return self.day
        return self.sessions[self._at - 1] if self._at else None

    @property
    def early(self) -> bool:
        """Whether asking for today's investors by stock is refused now."""
        return self.trades and self.investors != self.day

    def public(self, lag: int, at: time) -> date | None:
        """The newest session whose figures appear `lag` sessions later at that time."""
        last = bisect_right(self.sessions, self.day) - 1
        for place in range(last, max(last - lag - 2, -1), -1):
            day = self.sessions[place]
            appears = calendar.next(day, lag) if lag else day
            if datetime.combine(appears, at, SEOUL) <= self.now:
                return day
        return None

    def settled(self, session: date) -> bool:
        """Whether the figures of a session are final."""
        return self.now >= datetime.combine(session + timedelta(days=1), SETTLED, SEOUL)

    @cached_property
    def slot(self) -> int:
        """Number of the newest tally of today, 0 before the first and on other days."""
        return bisect_right(SLOTS, self.now.time()) if self.trades else 0

    def _later(self, at: time, minutes: int) -> time:
        return (datetime.combine(self.day, at) + timedelta(minutes=minutes)).time()
