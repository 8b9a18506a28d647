"""Which session an intraday question is answered for, found without reading more days than it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import calendar_tables, sessions
from sugeup.usecases import doors, standing, windows
from sugeup.usecases.windows import SEOUL


@dataclass(frozen=True)
class Chosen:
    """The session of the answer, and the stored rows of it and of the sessions before."""

    session: date
    rows: pl.DataFrame
    warnings: tuple[str, ...]


def choose(
    archive: Archive,
    dataset: str,
    key: str,
    scopes: Sequence[str],
    day: date | None,
    past: int,
    columns: Sequence[str],
) -> Chosen:
    """Rows of `day`, or of the newest session that every scope has, and of up to `past` exchange sessions before it.

    Rows are those of KRX and of stocks without ETF, ETN and ELW.

    Raises NoData: MARKET_CLOSED, NOT_PUBLISHED_YET, OUT_OF_HISTORY or NOT_COLLECTED.
    """
    if day is not None and not sessions.is_session(day):
        windows.choose(archive, dataset, pl.DataFrame(schema={"session": pl.Date, key: pl.String}), key, scopes, day)
    last = day or _today(archive)

    def stored(wanted: Sequence[str], start: date | None = None, end: date | None = None) -> pl.DataFrame:
        found = archive.read(dataset, columns=(*wanted, "products"), scopes=scopes, start=start, end=end)
        return found.filter((pl.col("venue") == "KRX") & (pl.col("products") == "STOCK"))

    rows = stored(columns, start=_before(last, past), end=last)
    complete = _complete(rows, key, scopes)
    if day in complete or (day is None and complete):
        session = day or complete[-1]
    else:
        complete = _complete(stored(()), key, scopes)
        if not complete or day is not None:
            told = (
                standing.silent(archive, scopes[0], day, complete[-1]) if complete and day and key == "code" else None
            )
            raise told or _absent(archive, dataset, scopes, complete, day)
        session = complete[-1]
    if session != last:
        rows = stored(columns, start=_before(session, past), end=session)
    age = (archive.clock.now().astimezone(SEOUL).date() - session).days
    said = (f"The newest figures are of {session}, {age} days ago.",) if age > 7 and day is None else ()
    return Chosen(session, rows, said)


def _complete(rows: pl.DataFrame, key: str, scopes: Sequence[str]) -> list[date]:
    """Sessions that every scope has, oldest first."""
    counted = rows.group_by("session").agg(pl.col(key).n_unique().alias("found"))
    return counted.filter(pl.col("found") == len(scopes))["session"].sort().to_list()


def _today(archive: Archive) -> date:
    """The last day that a stored session can have."""
    today = archive.clock.now().astimezone(SEOUL).date()
    return min(max(today, calendar_tables.FIRST), calendar_tables.LAST)


def _before(session: date, n: int) -> date:
    """The session n before, or the first of the table."""
    days = sessions.sessions(calendar_tables.FIRST, session)
    return days[max(0, len(days) - 1 - n)] if days else session


def _absent(
    archive: Archive, dataset: str, scopes: Sequence[str], complete: Sequence[date], day: date | None
) -> NoData:
    what, how = " and ".join(scopes), doors.hint(archive, dataset)
    if day is not None and (opens := sessions.open_at(day)) is not None and archive.clock.now() < opens:
        return NoData(
            f"The session of {day} opens at {opens:%H:%M} Seoul time.",
            code="NOT_PUBLISHED_YET",
            hint=f"The newest stored session is {complete[-1]}." if complete else how,
            details={"available_at": opens.isoformat()},
        )
    if not complete:
        return NoData(f"The {archive.name} lake holds no intraday figures of {what}.", code="NOT_COLLECTED", hint=how)
    assert day is not None
    if day < complete[0]:
        return NoData(
            f"{day} is before the first stored session of {what}, {complete[0]}.",
            code="OUT_OF_HISTORY",
            hint=f"Ask from {complete[0]} on.",
        )
    return NoData(
        f"{day} is not stored for {what}; the newest session is {complete[-1]}.", code="NOT_COLLECTED", hint=how
    )
