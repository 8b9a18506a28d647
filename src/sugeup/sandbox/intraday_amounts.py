"""Turnover by minute: whole won inside each bar's low and high that add to the day's turnover exactly."""

from __future__ import annotations

import numpy as np

from sugeup.sandbox.intraday_draws import Integers
from sugeup.sandbox.intraday_prices import Bars, Day


def by_bar(day: Day, shares: Integers, made: Bars) -> Integers:
    """Won by bar, shape (stocks, bars), rows adding to `day.amount`.

    Bars are widened in place, never beyond the day's low and high, when they cannot hold the day's average price. A day
    whose average lies at or beyond a price that another of its bars had to leave keeps the exact sum and breaks the
    bounds of its largest bar by what is left, a few won a share.
    """
    least = shares * made.low
    room = shares * made.high - least
    missing = day.amount - least.sum(axis=1)
    for row in np.flatnonzero((missing < 0) | (missing > room.sum(axis=1))):
        _widen(int(row), day, shares, made)
        least[row] = shares[row] * made.low[row]
        room[row] = shares[row] * made.high[row] - least[row]
        missing[row] = day.amount[row] - least[row].sum()
    total = room.sum(axis=1)
    part = np.clip(missing / np.maximum(total, 1), 0.0, 1.0)
    taken = np.minimum((room * part[:, None]).astype(np.int64), room)
    left = missing - taken.sum(axis=1)
    _one_each(taken, left, room)
    rest = missing - taken.sum(axis=1)
    rows = np.flatnonzero(rest)
    taken[rows, np.argmax(shares[rows], axis=1)] += rest[rows]
    return np.asarray(least + taken)


def _one_each(taken: Integers, left: Integers, room: Integers) -> None:
    """Gives or takes one won a bar until nothing is left, in place."""
    able = np.where((left > 0)[:, None], taken < room, (left < 0)[:, None] & (taken > 0))
    turn = np.cumsum(able, axis=1)
    taken += np.where(able & (turn <= np.abs(left)[:, None]), np.sign(left)[:, None], 0)


def _widen(row: int, day: Day, shares: Integers, made: Bars) -> None:
    """Stretches the bars of one stock, the largest first, toward the day's low or high until the turnover fits."""
    held = shares[row]
    open_bars = np.flatnonzero(held[:-1] > 1)
    least, most = int((held * made.low[row]).sum()), int((held * made.high[row]).sum())
    side, bound = (made.low, day.low[row]) if day.amount[row] < least else (made.high, day.high[row])
    gap = abs(int(day.amount[row]) - (least if day.amount[row] < least else most))
    gains = held[open_bars] * np.abs(side[row, open_bars] - bound)
    order = np.argsort(-gains, kind="stable")
    needed = int(np.searchsorted(np.cumsum(gains[order]), gap)) + 1
    side[row, open_bars[order[:needed]]] = bound
