"""Daily figures of one scope, aligned on the exchange's sessions: the frame that every daily question starts from.

A session without a row is a row of nulls, so that a gap stays visible and no window is counted in rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import calendar_tables, publication, sessions
from sugeup.usecases import doors, standing
from sugeup.usecases.securities import nothing_stored

SEOUL = sessions.SEOUL
LOOKBACK = 400
"""Sessions read for a question: 60 of the longest period, 250 of the reference, and a margin for gaps."""


@dataclass(frozen=True)
class Window:
    """`frame` has one row per session of `days`, oldest first, the session of the answer last; `stored`: has a row."""

    days: tuple[date, ...]
    frame: pl.DataFrame

    @property
    def session(self) -> date:
        """The session that the window ends with."""
        return self.days[-1]

    def series(self, column: str) -> NDArray[np.float64]:
        """A column as one row of numbers, NaN where missing: the shape that metrics take."""
        return self.frame[column].cast(pl.Float64).to_numpy().reshape(1, -1).astype(np.float64)

    @cached_property
    def begun(self) -> int:
        """Place of the first session with a stored row: what lies before is no gap but no history."""
        stored = self.frame["stored"].fill_null(value=False).arg_true()
        return int(stored[0]) if len(stored) else len(self.days)

    def history(self, column: str) -> NDArray[np.float64]:
        """A column from the first stored session on."""
        return self.series(column)[:, self.begun :]

    def tail(self, n: int) -> pl.DataFrame:
        """The last n sessions."""
        return self.frame.tail(n)


def choose(
    archive: Archive, dataset: str, stored: pl.DataFrame, scope: str, wanted: Sequence[str], day: date | None
) -> date:
    """The session to answer for: `day` if given, else the newest that every wanted scope has.

    `stored` holds the key columns of what was read. Raises NoData: MARKET_CLOSED, NOT_PUBLISHED_YET, OUT_OF_HISTORY or
    NOT_COLLECTED, with what is allowed instead.
    """
    if day is not None and not sessions.is_session(day):
        raise closed(day)
    complete = (
        stored.group_by("session").agg(pl.col(scope).n_unique().alias("found")).filter(pl.col("found") == len(wanted))
    )
    if complete.is_empty():
        raise nothing_stored(archive, dataset)
    first, newest = complete["session"].min(), complete["session"].max()
    assert isinstance(first, date) and isinstance(newest, date)
    if day is None:
        return newest
    if complete["session"].is_in([day]).any():
        return day
    told = standing.silent(archive, wanted[0], day, newest) if scope == "code" and first <= day else None
    raise told or _absent(archive, dataset, day, first, newest)


def align(stored: pl.DataFrame, session: date, lookback: int = LOOKBACK) -> Window:
    """The rows on the last `lookback` sessions up to `session`, which is fewer where the session table begins."""
    days = sessions.sessions(calendar_tables.FIRST, session)[-lookback:]
    calendar = pl.DataFrame({"session": days}, schema={"session": pl.Date})
    return Window(days, calendar.join(stored, on="session", how="left", maintain_order="left"))


def closing_moment(session: date) -> datetime:
    """The close of a session in Seoul: what an answer of daily figures is as of."""
    return sessions.close_at(session) or datetime.combine(session, datetime.min.time(), sessions.SEOUL)


def closed(day: date) -> NoData:
    """That the exchange had no session on a day, why, and its neighbours: MARKET_CLOSED."""
    closure = sessions.closure(day)
    why = f"it is {closure.reason}" if closure else "it is a weekend"
    before, after = sessions.previous(day), sessions.next(day)
    return NoData(
        f"The exchange is closed on {day}: {why}.",
        code="MARKET_CLOSED",
        hint=f"Ask for {before} or {after}.",
        details={"previous_session": before.isoformat(), "next_session": after.isoformat()},
    )


def _absent(archive: Archive, dataset: str, day: date, first: date, newest: date) -> NoData:
    if day < first:
        return NoData(
            f"{day} is before the first stored session, {first}.", code="OUT_OF_HISTORY", hint=f"Ask from {first} on."
        )
    public = publication.known_at(dataset, day).astimezone(publication.SEOUL)
    if archive.clock.now() < public:
        return NoData(
            f"Figures of {day} are public from {public:%Y-%m-%d %H:%M} Seoul time.",
            code="NOT_PUBLISHED_YET",
            hint=f"The newest stored session is {newest}.",
            details={"available_at": public.isoformat()},
        )
    return NoData(
        f"{day} is not stored here ({dataset}); the newest session is {newest}.",
        code="NOT_COLLECTED",
        hint=f"{doors.hint(archive, dataset)} Or ask for a stored session.",
    )
