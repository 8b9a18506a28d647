"""Prices and volume of a stock between the slots of its tallies, from bars of a minute where they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.metrics.dense import Floats
from sugeup.usecases.day_clock import DayClock

DATASET = "minute_bars"
_BEGUN = 10
"""Minutes from the open within which a session's bars have to begin, else they are not those of the whole session."""


@dataclass(frozen=True)
class SlotPrices:
    """`covered`: the session of the answer has bars from its open on. `totals` (sessions, bounds): volume since then.

    `first` and `last` are prices of the slots of that session, `won` their turnover; null where nothing traded.
    """

    covered: bool
    totals: Floats
    first: Sequence[int | None] = ()
    last: Sequence[int | None] = ()
    won: Sequence[int | None] = ()
    sources: Sequence[str] = ()

    def span(self, place: int) -> tuple[int | None, int | None, int | None]:
        """First price, last price and turnover of a slot, counted from 1."""
        if not self.covered:
            return None, None, None
        return self.first[place - 1], self.last[place - 1], self.won[place - 1]

    def volume(self, bound: int, place: int) -> Floats:
        """(sessions,): shares traded between two bounds."""
        found: Floats = self.totals[:, place] - self.totals[:, bound]
        return found


def prices(archive: Archive, code: str, clocks: Sequence[DayClock], slots: Sequence[time]) -> SlotPrices:
    """Prices and volume by slot of the last session of `clocks`, and volume of those before.

    slots: when each ends, by the clock in Seoul. Sessions before are read only when the last one has bars.
    """
    clock = clocks[-1]
    minutes = [clock.minute(slot) for slot in slots]
    asked: dict[str, Any] = {"columns": ("raw_open", "raw_close", "volume", "amount"), "scopes": [code]}
    totals = np.full((len(clocks), len(minutes) + 1), np.nan)
    today = _inside(archive.read(DATASET, **asked, start=clock.session, end=clock.session), [clock])
    _fill(totals[-1:], today, [clock], slots)
    if np.isnan(totals[-1, 0]):
        return SlotPrices(False, totals)
    if len(clocks) > 1:
        past = archive.read(DATASET, **asked, start=clocks[0].session, end=clocks[-2].session)
        _fill(totals[:-1], _inside(past, clocks[:-1]), clocks[:-1], slots)
    bounds = np.searchsorted(today["minute"].to_numpy(), [0, *minutes])
    opens, closes, won = (today[name].to_list() for name in ("raw_open", "raw_close", "amount"))
    parts = [slice(*pair) for pair in pairwise(bounds.tolist())]
    names = [archive.origin(source).name for source in today["source"].unique().sort()]
    return SlotPrices(
        True,
        totals,
        [next((price for price in opens[part] if price is not None), None) for part in parts],
        [next((price for price in reversed(closes[part]) if price is not None), None) for part in parts],
        [None if None in won[part] else sum(won[part]) for part in parts],
        names,
    )


def _inside(bars: pl.DataFrame, clocks: Sequence[DayClock]) -> pl.DataFrame:
    """The bars of the regular sessions with the place of their session and their minute since its open."""
    table = pl.DataFrame(
        {
            "session": [clock.session for clock in clocks],
            "day": range(len(clocks)),
            "opens": [clock.opens for clock in clocks],
            "length": [clock.length for clock in clocks],
        }
    ).with_columns(pl.col("opens").dt.convert_time_zone("UTC").dt.cast_time_unit("us"))
    minute = (pl.col("at") - pl.col("opens")).dt.total_minutes().alias("minute")
    joined = bars.filter(pl.col("venue") == "KRX").join(table, on="session", how="inner").with_columns(minute)
    return joined.filter((pl.col("minute") >= 0) & (pl.col("minute") <= pl.col("length"))).sort("day", "minute")


def _fill(totals: Floats, bars: pl.DataFrame, clocks: Sequence[DayClock], slots: Sequence[time]) -> None:
    """Volume since the open at every bound of the sessions that have bars from their open on; the others stay null.

    A stock that trades seldom may have no bar at the open, and is then left out.
    """
    edges = np.searchsorted(bars["day"].to_numpy(), np.arange(len(clocks) + 1))
    minutes, traded = bars["minute"].to_numpy(), bars["volume"].cast(pl.Float64).to_numpy()
    for day, clock in enumerate(clocks):
        at, volume = (column[edges[day] : edges[day + 1]] for column in (minutes, traded))
        if len(at) and at[0] <= _BEGUN and np.isfinite(volume).all():
            reached = np.concatenate([[0.0], np.cumsum(volume)])
            totals[day] = reached[np.searchsorted(at, [0, *(clock.minute(slot) for slot in slots)])]
