"""Pages: which days a request asks for, and which page comes next.

The vendor gives the newest rows up to a day. The next page ends a calendar day before the oldest row; there is none
when a page is empty, when its oldest row did not move back, or when no session lies between the wanted days and it.
"""

from __future__ import annotations

from datetime import date, timedelta

from sugeup.errors import Refused
from sugeup.market import sessions
from sugeup.market.calendar_tables import FIRST, LAST
from sugeup.sources.vendor import Ask

WRITTEN = "%Y%m%d"
_DAY = timedelta(days=1)


def one(ask: Ask) -> str:
    """The only scope of an ask; Refused when there are none or several."""
    if len(ask.scopes) != 1:
        raise Refused(f"one scope is asked at a time, not {len(ask.scopes)}: {', '.join(ask.scopes[:5])}.")
    return ask.scopes[0]


def until(ask: Ask) -> date:
    """The day at which a page ends."""
    return date.fromisoformat(ask.cursor[:8]) if ask.cursor else ask.last


def written(day: date) -> str:
    """A day as the vendor writes it."""
    return day.strftime(WRITTEN)


def earlier(ask: Ask, oldest: date | None, *, anchor: date | None = None) -> Ask | None:
    """The page before this one, whose oldest row is of `oldest`; `anchor`: the day at which this page ended."""
    if oldest is None:
        return None
    end = oldest - _DAY
    if end >= (anchor or until(ask)) or not any_session(ask.first, end):
        return None
    return ask.at(written(end))


def session_before(first: date, day: date) -> date | None:
    """The newest session before a day, if it is not before `first`."""
    if not any_session(first, day - _DAY):
        return None
    return sessions.previous(min(day, LAST))


def any_session(first: date, last: date) -> bool:
    """Whether the exchange traded between two days, both included, as far as the calendar reaches."""
    start, end = max(first, FIRST), min(last, LAST)
    return start <= end and sessions.count_between(start, end) > 0
