"""Rows of a session by minute, newest first; behind its close the last figures stand until the after-market is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sugeup.market import sessions
from sugeup.sandbox.figures import Found
from sugeup.sandbox.moment import State
from sugeup.sandbox.naver.desk import Desk, Row

_EVERY = 2
_BEHIND = 4
"""Minutes behind the end of the after-market at which the last row stands."""


def listed(desk: Desk, dataset: str, market: str, written: Callable[[Found], Row]) -> Row:
    """The page of a session's rows."""
    session = desk.shown_day
    if session is None:
        return desk.paged(0, lambda _start, _stop: [])
    over = session != desk.moment.day
    until = 24 * 60 if over else desk.moment.minute
    opened = sessions.open_at(session)
    first = 0 if opened is None else opened.hour * 60 + opened.minute
    seen = desk.figures.intraday(dataset, session, market)
    upto = seen.upto(until)
    rows = [row for row in seen.plain[:upto] if row["minute"] > first]
    if rows and (over or desk.moment.state is State.AFTER):
        rows += [rows[-1] | {"minute": minute} for minute in _evening(session) if minute <= until]
    rows.reverse()
    return desk.paged(len(rows), lambda start, stop: [written(row) for row in rows[start:stop]])


def _evening(session: date) -> range:
    for phase in sessions.phases(session):
        if phase.phase == "AFTER" and phase.open is not None and phase.close is not None:
            start, end = phase.open, phase.close
            return range(start.hour * 60 + start.minute, end.hour * 60 + end.minute + _BEHIND + 1, _EVERY)
    return range(0)
