"""Which session an answer is of, told from the moment of its receipt where the vendor does not say.

The vendor shows the running day from the open on, and leaves it standing overnight; what it shows before the open and
on days without trading is not dated here, because it may be of either day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sugeup.market import sessions
from sugeup.market.calendar_tables import FIRST, LAST
from sugeup.market.sessions import SEOUL
from sugeup.sources.replies.values import clock
from sugeup.sources.vendor import Reply

SETTLING = timedelta(minutes=10)
"""After the close, until the closing auction is in every figure."""
_HOLDINGS = time(8, 0)


def received(reply: Reply) -> datetime:
    """The moment of receipt in Seoul."""
    return reply.received_at.astimezone(SEOUL)


def running(reply: Reply) -> date | None:
    """The session that has opened on the day of receipt; None before its open and on days without trading."""
    now = received(reply)
    opened = sessions.open_at(now.date()) if sessions.is_session(now.date()) else None
    return now.date() if opened is not None and now >= opened else None


def closed(reply: Reply) -> date | None:
    """The session whose regular close is behind the receipt, on the same day; None otherwise."""
    day = running(reply)
    shut = None if day is None else sessions.close_at(day)
    return day if shut is not None and received(reply) >= shut + SETTLING else None


def minute(reply: Reply) -> datetime:
    """The minute of receipt, at its start, in UTC."""
    return reply.received_at.astimezone(UTC).replace(second=0, microsecond=0)


def hours(reply: Reply) -> str:
    """Hours that a figure covers which is cumulative on the day of receipt: not known once the after-market runs."""
    now = received(reply)
    for phase in sessions.phases(now.date()) if sessions.is_session(now.date()) else ():
        if phase.phase == "AFTER" and (phase.open is None or now.time() >= phase.open):
            return "UNKNOWN"
    return "REGULAR"


def settled(reply: Reply) -> date:
    """The newest session whose holdings are public at the receipt: the one before, from 08:00 on."""
    now = received(reply)
    if sessions.is_session(now.date()) and now.time() >= _HOLDINGS:
        return sessions.previous(now.date())
    return sessions.previous(now.date(), 2)


def unsettled(reply: Reply, published: time | None) -> date | None:
    """The day of receipt while its figures still run, None once they are published; a late close makes them late."""
    now = received(reply)
    if published is None:
        return None
    shut = regular(now.date())[1]
    return now.date() if now.time() < published or (shut is not None and now < shut + SETTLING) else None


def instants(dates: list[date | None], texts: list[object]) -> list[datetime | None]:
    """Minutes (start, UTC) of days and times written HHMMSS; None where either is none."""
    found: list[datetime | None] = []
    for day, text in zip(dates, texts, strict=True):
        at = clock(str(text))
        found.append(
            None if at is None or day is None else datetime.combine(day, at.replace(second=0), SEOUL).astimezone(UTC)
        )
    return found


def regular(day: date) -> tuple[datetime | None, datetime | None]:
    """Open and close of the regular session; None twice on a day without one, and beyond the calendar."""
    known = FIRST <= day <= LAST and sessions.is_session(day)
    return (sessions.open_at(day), sessions.close_at(day)) if known else (None, None)
