"""Pages about a market: days from the newest one back, and the minutes of the newest session."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from sugeup.errors import Refused
from sugeup.sources.naver import hours, origins, turning
from sugeup.sources.naver.route import MARKETS, Route
from sugeup.sources.replies.pages import EMPTY, PADDING, Days, filled, page
from sugeup.sources.replies.paging import one
from sugeup.sources.replies.timed import OLDER, newest, timed
from sugeup.sources.vendor import Ask, Page, Reply


def market(ask: Ask) -> str:
    """The one market of an ask; Refused for one that the vendor has not."""
    found = one(ask)
    if found not in MARKETS:
        raise Refused(
            f"Naver has no figures of the market {found!r}; allowed: {', '.join(MARKETS)}.",
            details={"vendor": "naver", "market": found},
        )
    return found


def by_day(route: Route, days: Days, ask: Ask, reply: Reply) -> Page:
    """One row a session; the row of a running session is left out."""
    document = route.document(reply)
    sheet = route.sheet(document, route.blocks[0])
    after = turning.older(ask, route, document, sheet, turning.size(ask, route.most))
    found = days.page(ask, reply, turning.left_out(ask, sheet), after)
    return Page(hours.told(found.frame, reply), found.after, found.faults, found.notes)


def by_minute(
    route: Route,
    measures: Sequence[str],
    ask: Ask,
    reply: Reply,
    shape: Callable[[pl.DataFrame], pl.DataFrame] = lambda frame: frame,
) -> Page:
    """Cumulative figures, one row a minute of the regular session; `shape` derives columns from those of the answer."""
    document = route.document(reply)
    sheet = route.sheet(document, route.blocks[0])
    marks = [f"{day:%Y%m%d} {time}" for day, time in sheet.across(["session", "hour"]) if day is not None]
    after = turning.earlier(ask, route, document, marks, route.most)
    full, empty = filled(sheet, measures)
    inside, notes = timed(full, full.columns["session"], reply)
    single, older = newest(inside)
    return page(
        ask,
        shape(single.frame).with_columns(pl.lit(market(ask)).alias("market")),
        origins.MINUTES,
        faulty=single.faults,
        after=after,
        notes={**notes, PADDING: sheet.padding, EMPTY: empty, OLDER: older},
    )
