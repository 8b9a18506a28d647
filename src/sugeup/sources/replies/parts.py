"""One row from several questions: pages that hold some columns of the same rows follow each other and are joined.

An endpoint asks one question after the other by the cursor; each reply is a page marked `part` but the last of a group.
Whoever turns the pages gathers a group and hands it to `Endpoint.join`, so that only whole rows leave it: a row that is
in one answer and not in another is a fault, not a row with holes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from sugeup.sources.files.layout import FAULT_SCHEMA, ROW
from sugeup.sources.vendor import Page

TORN = "the row is in one answer and not in another to the same question"
ORIGIN = ("source", "venue", "products", "hours")


def groups(pages: Iterable[Page]) -> Iterator[list[Page]]:
    """Pages that belong together: those that are a part, up to the one that is not."""
    held: list[Page] = []
    for page in pages:
        held.append(page)
        if not (page.part and page.after is not None):
            yield held
            held = []


def joined(pages: Sequence[Page], key: Sequence[str], measures: Sequence[Sequence[str]]) -> Page:
    """One page of the rows of a group; `measures`: the columns that each question brings, in its order.

    Pages of one question follow each other (their rows are put together) and hold nothing but the key, where they are
    from and their own measures. Faults are gathered; a row that is not in every answer is one.
    """
    tables = [_of(pages, names, key) for names in measures]
    there = [table for table in tables if table is not None]
    whole = there[0] if len(there) == len(tables) else there[0].clear()
    for table in there[1:]:
        whole = whole.join(table.drop([*ORIGIN, ROW]), on=list(key), how="inner")
    told = pl.concat([table.select(*key) for table in there]).unique(maintain_order=True)
    torn = [" ".join(map(str, row)) for row in told.join(whole, on=list(key), how="anti").iter_rows()]
    faulty = [page.faults for page in pages]
    faulty.append(pl.DataFrame([(0, TORN, said) for said in torn], schema=FAULT_SCHEMA, orient="row"))
    notes: dict[str, int] = {}
    for page in pages:
        for said, count in page.notes.items():
            notes[said] = max(notes.get(said, 0), count)
    return Page(whole.sort(ROW, maintain_order=True), pages[-1].after, pl.concat(faulty), notes)


def _of(pages: Sequence[Page], names: Sequence[str], key: Sequence[str]) -> pl.DataFrame | None:
    """The rows that one question brought, each once; None when it was not asked."""
    mine = [page.frame for page in pages if set(names) <= set(page.frame.columns)]
    if not mine:
        return None
    rows = pl.concat([frame.select(ROW, *key, *ORIGIN, *names) for frame in mine])
    return rows.unique(list(key), keep="first", maintain_order=True)
