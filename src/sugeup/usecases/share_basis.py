"""주식수 기준: share counts of one stock over time on one scale, so that a split is neither a purchase nor a sale."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sugeup.archive import Archive
from sugeup.market import sessions
from sugeup.metrics import accounting
from sugeup.metrics.outcome import Outcome

JUMP = 0.02
"""A base price (기준가) further than this from the close before was adjusted: rounding to ticks is far smaller."""
LIMIT = 0.30
"""Most that a price moves in one session."""
_SHARELESS = ("DIVIDEND",)
"""Kinds that leave the number of shares alone when no factor of shares is stored."""


@dataclass(frozen=True, eq=False)
class ShareBasis:
    """The factors of one stock: `factor` holds the share multiplier in force from each of `days` (1: none).

    NaN where shares changed and no factor is known; those sessions are `gaps`, and share counts before the newest of
    them cannot be brought to the scale of the last day.
    """

    days: tuple[date, ...]
    factor: NDArray[np.float64]
    gaps: tuple[date, ...]

    def latest(self, shares: NDArray[np.float64]) -> Outcome:
        """Shares (..., sessions) on the last day's basis; CORPORATE_ACTION_GAP before a gap. `acc.split_adjust`."""
        return accounting.split_adjust(shares, self.factor)

    def prices(self, won: NDArray[np.float64]) -> NDArray[np.float64]:
        """Prices (..., sessions) per share of the last day; NaN before a gap."""
        shares: NDArray[np.float64] = self.latest(np.ones(len(self.days))).value
        return won / shares

    @property
    def changed(self) -> tuple[date, ...]:
        """Sessions from which on shares are counted on another scale, known or not."""
        return tuple(day for day, factor in zip(self.days, self.factor, strict=True) if factor != 1)


def load(archive: Archive, code: str, days: Sequence[date], bars: pl.DataFrame) -> ShareBasis:
    """The share basis of one stock on some sessions, oldest first.

    `bars` has `session`, `raw_close` and `base_price` of these sessions. Factors come from `corporate_actions`; a base
    price that is not the close before it, without a stored action, is a gap.
    """
    held = tuple(days)
    factor = np.ones(len(held))
    actions = archive.read("corporate_actions", columns=("share_factor",), scopes=[code])
    actions = actions.filter(pl.col("effective_session").is_between(held[0], held[-1]))
    explained: list[date] = []
    for effective, kind, multiplier in actions.select("effective_session", "kind", "share_factor").iter_rows():
        explained.append(effective)
        known = multiplier if multiplier is not None and multiplier > 0 else None
        if known is None and kind in _SHARELESS:
            continue
        factor[bisect_left(held, effective)] *= np.nan if known is None else known
    for before, day in jumps(bars):
        if held[0] < day <= held[-1] and not any(before < told <= day for told in explained):
            factor[bisect_left(held, day)] = np.nan
    gaps = tuple(held[place] for place in np.flatnonzero(np.isnan(factor)))
    return ShareBasis(held, factor, gaps)


def jumps(bars: pl.DataFrame) -> list[tuple[date, date]]:
    """Pairs of stored sessions between which shares were counted anew: (the session before, the first one after).

    The base price (기준가) is the close before unless it was adjusted. Where sessions between are not stored, the price
    may have moved by its limit (가격제한폭) in each of them, and only what lies beyond that tells of an adjustment.
    """
    ordered = bars.sort("session").select(
        pl.col("session").shift().alias("before"),
        "session",
        (pl.col("base_price") / pl.col("raw_close").shift()).alias("ratio"),
    )
    moved = ordered.filter(((pl.col("ratio") - 1).abs() > JUMP).fill_null(value=False))
    found = []
    for before, day, ratio in moved.iter_rows():
        missing = sessions.count_between(before, day) - 2
        if missing <= 0 or not (1 - LIMIT) ** missing <= ratio <= (1 + LIMIT) ** missing:
            found.append((before, day))
    return found
