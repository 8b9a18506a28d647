"""Pages by number, newest first: how large, which one follows, and how a past day is reached without turning them all.

A place is written `page/mark/how`: the number of the page, the oldest mark (day, or day and time) of the page before
it, and whether pages were left out. The vendor counts pages from the newest row, so rows that are new push the others
back: a page may repeat rows of the one before it and never leaves any out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from sugeup.errors import NoData
from sugeup.market import sessions
from sugeup.market.calendar_tables import FIRST, LAST
from sugeup.sources.files.layout import FAULT_SCHEMA
from sugeup.sources.naver.route import Route, ended
from sugeup.sources.replies.paging import any_session, written
from sugeup.sources.replies.sheet import Sheet
from sugeup.sources.vendor import Ask

FEW = 20
"""Sessions up to which a small page is enough."""
SMALL = 30
MARGIN = 20
"""Rows that a leap falls short, so that it lands before the wanted days and not behind them."""
_DAY = timedelta(days=1)
_LEAPT = "leap"
GAP = "the list leaves a session out between its days"


def number(ask: Ask) -> int:
    """The page that an ask is for."""
    return int(ask.cursor.split("/")[0]) if ask.cursor else 0


def size(ask: Ask, most: int) -> int:
    """Rows of a page: few where few days are wanted."""
    return SMALL if _between(ask.first, ask.last) <= FEW else most


def older(ask: Ask, route: Route, document: Mapping[str, Any], sheet: Sheet, rows: int) -> Ask | None:
    """The page after one with the days of `sheet`, with `rows` rows in a page; None when all is there.

    SchemaDrift when a page leads back or leaves wanted days out; NoData (OUT_OF_HISTORY) when the list ends before the
    wanted days and before it is known to.
    """
    page, mark, leapt = _place(ask)
    days = [day for day in sheet.columns["session"] if day is not None]
    if not days:
        if sheet.faults.is_empty():
            _end(ask, route, mark)
        return None
    newest, oldest = max(days), min(days)
    if mark and written(oldest) >= mark:
        raise route.drift("startIdx", f"page {page} goes no further back than the one before it")
    if leapt and any_session(max(newest + _DAY, ask.first), min(_day(mark) - _DAY, ask.last)):
        raise route.drift("startIdx", f"page {page} lies behind the days that were asked for")
    if not any_session(ask.first, oldest - _DAY):
        return None
    if ended(document, rows):
        _end(ask, route, written(oldest))
        return None
    ahead = 0 if page else (_between(ask.last + _DAY, newest) - MARGIN) // rows
    following = ahead if ahead > 1 else page + 1
    return ask.at(f"{following}/{written(oldest)}/{_LEAPT if following > page + 1 else ''}")


def left_out(ask: Ask, sheet: Sheet) -> Sheet:
    """The sheet with a fault for each wanted session that its list leaves out: a market has a row for every session.

    So such a day stays open, and is never taken for one on which nothing was traded.
    """
    page, mark, leapt = _place(ask)
    days = {day for day in sheet.columns["session"] if day is not None}
    if not days:
        return sheet
    behind = _day(mark) - _DAY if page and not leapt else max(days)
    first, last = max(min(days), ask.first, FIRST), min(behind, ask.last, LAST)
    missing = [day for day in sessions.sessions(first, last) if day not in days] if first <= last else []
    listed = pl.DataFrame([(0, GAP, str(day)) for day in missing], schema=FAULT_SCHEMA, orient="row")
    return replace(sheet, faults=pl.concat([sheet.faults, listed]))


def earlier(ask: Ask, route: Route, document: Mapping[str, Any], marks: Sequence[str], rows: int) -> Ask | None:
    """The same of rows within one day, whose marks are day and time."""
    page, mark, _ = _place(ask)
    if not marks or ended(document, rows):
        return None
    if mark and min(marks) >= mark:
        raise route.drift("startIdx", f"page {page} goes no further back than the one before it")
    return ask.at(f"{page + 1}/{min(marks)}/")


def _end(ask: Ask, route: Route, mark: str) -> None:
    """The list ends here: nothing is wrong where it is known to begin, or where nobody knows."""
    if route.begins is None or not any_session(max(ask.first, route.begins), (_day(mark) if mark else LAST) - _DAY):
        return
    raise NoData(
        f"Naver {route.name}: the list ends at {_day(mark) if mark else 'its first page'}, and it is known to reach "
        f"back to {route.begins}.",
        code="OUT_OF_HISTORY",
        hint="Ask another source for the days before it; nothing is entered for them.",
        details={"vendor": "naver", "endpoint": route.name},
    )


def _place(ask: Ask) -> tuple[int, str, bool]:
    if not ask.cursor:
        return 0, "", False
    page, mark, how = ask.cursor.split("/")
    return int(page), mark, how == _LEAPT


def _day(mark: str) -> date:
    return date.fromisoformat(mark[:8])


def _between(first: date, last: date) -> int:
    start, end = max(first, FIRST), min(last, LAST)
    return sessions.count_between(start, end) if start <= end else 0
