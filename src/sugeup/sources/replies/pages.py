"""From the rows of an answer to a page: the days asked for, rows that say something, and where they are from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time

import polars as pl

from sugeup.sources.files.layout import no_faults
from sugeup.sources.replies import moments
from sugeup.sources.replies.paging import earlier
from sugeup.sources.replies.sheet import Answering, Sheet
from sugeup.sources.vendor import Ask, Page, Reply

PADDING = "row without a day"
EMPTY = "row without a figure: not published yet, or nothing traded"
RUNNING = "the session is still running"
UNDATED = "asked while the figures of the day do not run"


def told(
    frame: pl.DataFrame, source: str, *, hours: str = "REGULAR", venue: str = "KRX", products: str = "STOCK"
) -> pl.DataFrame:
    """The frame with where its rows are from."""
    return frame.with_columns(
        pl.lit(source).alias("source"),
        pl.lit(venue).alias("venue"),
        pl.lit(products).alias("products"),
        pl.lit(hours).alias("hours"),
    )


def page(
    ask: Ask,
    frame: pl.DataFrame,
    source: str,
    *,
    faulty: pl.DataFrame | None = None,
    after: Ask | None = None,
    notes: Mapping[str, int] | None = None,
    hours: str = "REGULAR",
    products: str = "STOCK",
    dated: str = "session",
) -> Page:
    """A page of the rows of the wanted days, with their origin; the rows of other days are not kept."""
    kept = frame.filter(pl.col(dated).is_between(ask.first, ask.last)) if dated in frame.columns else frame
    counted = {said: count for said, count in (notes or {}).items() if count}
    shown = told(kept, source, hours=hours, products=products)
    return Page(shown, after, no_faults() if faulty is None else faulty, counted)


def filled(sheet: Sheet, measures: Sequence[str], witnesses: Sequence[str] = ()) -> tuple[Sheet, int]:
    """The rows that say something, and how many do not.

    A row says something when one of its measures is told and one of them, or a witness that there was trading, is not
    0: a wrong code and a venue on which the stock is not listed give zeros throughout.
    """
    spoken = sheet.across(measures)
    mask = [any(values) for values in spoken]
    if witnesses:
        seen = [any(values) for values in sheet.across(witnesses)]
        some = [any(value is not None for value in values) for values in spoken]
        mask = [full or (there and known) for full, there, known in zip(mask, seen, some, strict=True)]
    return sheet.keep(mask), len(mask) - sum(mask)


@dataclass(frozen=True)
class Days:
    """How an answer with one row a session becomes a page.

    `measures`: the columns of the dataset that the answer fills. `witnesses`: columns that show whether there was
    trading, not kept. `prepare` and `shape`: what is derived, from lists and from the frame. `published`: before that
    time the row of the day still runs.
    """

    route: Answering
    source: str
    scope: str
    measures: tuple[str, ...]
    witnesses: tuple[str, ...] = ()
    prepare: Callable[[Sheet], Sheet] | None = None
    shape: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    published: time | None = None
    paged: bool = True

    def parse(self, ask: Ask, reply: Reply) -> Page:
        """The page of a reply about the one scope of `ask`."""
        sheet = self.route.sheet(self.route.document(reply), self.route.blocks[0])
        days = [day for day in sheet.columns["session"] if day is not None]
        after = earlier(ask, min(days)) if self.paged and days else None
        return self.page(ask, reply, sheet, after)

    def page(self, ask: Ask, reply: Reply, sheet: Sheet, after: Ask | None) -> Page:
        """The page of rows that are read already."""
        full, empty = filled(sheet, self.measures, self.witnesses)
        today = moments.unsettled(reply, self.published)
        settled = full.keep([day != today for day in full.columns["session"]])
        sound = settled if self.prepare is None else self.prepare(settled)
        frame = sound.frame if self.shape is None else self.shape(sound.frame)
        if self.witnesses:
            frame = frame.drop(self.witnesses)
        if self.scope:
            frame = frame.with_columns(pl.lit(ask.scopes[0]).alias(self.scope))
        return page(
            ask,
            frame,
            self.source,
            faulty=sound.faults,
            after=after,
            notes={PADDING: sheet.padding, EMPTY: empty, RUNNING: full.height - settled.height},
        )
