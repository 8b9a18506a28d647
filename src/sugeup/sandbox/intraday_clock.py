"""Minutes of one session: labels of bars, moments of snapshots, and how trading spreads over the day.

A regular session has 381 bars: 09:00 to 15:19 and the closing auction, labelled 15:30. Hours come from our table of
sessions, so the first session of a year and the day of the 수능 are shifted or shorter. Shares of the half-hours are
those of stylised facts, section 5 (16 full sessions of June 2026; 44 stocks of one session).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from sugeup.market import sessions
from sugeup.sandbox.intraday_draws import Floats, Integers

CALL = 10
"""Minutes of orders without trades before the closing auction (동시호가)."""
LATE = 2
"""One part in so many of a minute's trades reaches the running tallies with the next snapshot."""
_AFTER = 10
_SEOUL_MINUTES = 9 * 60

_EDGES = np.append(np.arange(13) * 30.0, 380.0)
_SLOTS: dict[str, tuple[float, ...]] = {
    "KOSPI": (18.61, 10.21, 7.74, 6.49, 5.53, 4.35, 3.99, 4.79, 5.26, 5.43, 5.52, 7.26, 5.88),
    "KOSDAQ": (22.06, 12.60, 8.96, 6.82, 5.89, 4.63, 4.28, 4.99, 5.38, 5.39, 6.01, 6.50, 5.61),
    "THEME": (21.87, 12.15, 9.63, 6.50, 5.45, 4.23, 4.78, 4.47, 5.83, 7.09, 7.05, 6.62, 3.27),
}
_SMILE = (1.96, 1.186, 1.046, 0.8965, 0.8122, 0.7481, 0.7608, 0.7387, 0.7779, 0.9806, 0.8873, 0.7909, 0.6903)


@dataclass(frozen=True)
class Grid:
    """Minutes of a session, in minutes since midnight in Seoul.

    `bars` labels the bars (the last is the closing auction); `snapshots` are the moments of running tallies: every
    minute from the open to the auction, and one ten minutes after it, which holds the whole day.
    """

    session: date
    bars: Integers
    snapshots: Integers

    @property
    def length(self) -> int:
        """Number of bars."""
        return len(self.bars)

    @property
    def open(self) -> int:
        """Minute of the open."""
        return int(self.bars[0])

    def at(self, minutes: Integers) -> pl.Series:
        """Instants (UTC) of minutes since midnight in Seoul."""
        midnight = np.datetime64(self.session.isoformat(), "us")
        moments = midnight + (minutes - _SEOUL_MINUTES).astype("timedelta64[m]")
        return pl.Series("at", moments.astype("datetime64[us]")).dt.replace_time_zone("UTC")

    def seen(self, cumulative: Integers) -> Integers:
        """What the snapshots show of cumulative integers by bar (last axis): trades up to the moment.

        Half of the minute just ended is still on its way; the last snapshot holds all.
        """
        started = np.concatenate([np.zeros((*cumulative.shape[:-1], 1), dtype=np.int64), cumulative], axis=-1)
        ended = np.searchsorted(self.bars, self.snapshots, side="left")
        ended[-1] = self.length
        shown = started[..., ended]
        fresh = (ended > 0) & (self.snapshots == self.bars[np.maximum(ended, 1) - 1] + 1)
        before = started[..., np.maximum(ended, 1) - 1]
        return np.where(fresh, shown - (shown - before) // LATE, shown)


@functools.lru_cache(maxsize=64)
def grid(session: date) -> Grid:
    """The minutes of a trading day; NoData MARKET_CLOSED on other days."""
    hours = sessions.session(session)
    assert hours.open is not None
    assert hours.close is not None
    first = hours.open.hour * 60 + hours.open.minute
    auction = hours.close.hour * 60 + hours.close.minute
    bars = np.append(np.arange(first, auction - CALL), auction).astype(np.int64)
    snapshots = np.append(np.arange(first, auction + 1), auction + _AFTER).astype(np.int64)
    return Grid(session, bars, snapshots)


@functools.lru_cache(maxsize=64)
def curve(kind: str, continuous: int) -> Floats:
    """Shares of the continuous minutes in turnover, adding to 1: kind KOSPI, KOSDAQ or THEME (busy small stocks)."""
    shares = np.asarray(_SLOTS[kind])
    at = (np.arange(continuous) + 0.5) * 380.0 / continuous
    middles = (_EDGES[1:] + _EDGES[:-1]) / 2
    smooth = np.interp(at, middles, shares / np.diff(_EDGES)) * (1.0 + 1.3 * np.exp(-at / 4.0))
    slot = np.minimum((at // 30).astype(np.int64), 12)
    wanted = shares / shares.sum()
    found = np.bincount(slot, weights=smooth, minlength=13)
    minutes = smooth * wanted[slot] / found[slot]
    return np.asarray(minutes / minutes.sum())


@functools.lru_cache(maxsize=64)
def smile(continuous: int) -> Floats:
    """Volatility of the continuous minutes relative to the day's."""
    at = (np.arange(continuous) + 0.5) * 380.0 / continuous
    return np.asarray(_SMILE)[np.minimum((at // 30).astype(np.int64), 12)]
