"""Fair prices by minute: a bridge through the day's open, high, low and close with the day's average price.

All arrays have shape (stocks, bars); the last bar is the closing auction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from sugeup.market import rules
from sugeup.sandbox.intraday_clock import smile
from sugeup.sandbox.intraday_draws import Floats, Integers

PULL = 0.40
"""Correlation of a stock's move in a minute with its market's."""
_LIVELY = 0.47
_ROUNDS = 3


@dataclass(frozen=True)
class Day:
    """Open, high, low, close (won), volume and turnover of stocks on one session; `market` names each one's market."""

    market: tuple[str, ...]
    open: Integers
    high: Integers
    low: Integers
    close: Integers
    volume: Integers
    amount: Integers


@dataclass(frozen=True)
class Bars:
    """Bars of stocks: four prices in won."""

    open: Integers
    high: Integers
    low: Integers
    close: Integers


def tick_sizes(price: Floats | Integers, on: date, market: str) -> Integers:
    """Tick of each price on a date (array form of `rules.tick`); 1 won where no table is kept."""
    named = [row for row in rules.TICKS if market in row.markets and row.valid_from <= on]
    if not named:
        return np.ones(np.shape(price), dtype=np.int64)
    steps = max(named, key=lambda row: row.valid_from).steps
    bounds = np.array([bound for bound, _ in steps if bound is not None])
    sizes = np.array([size for _, size in steps], dtype=np.int64)
    return np.asarray(sizes[np.searchsorted(bounds, price, side="right")])


def path(
    day: Day, shares: Integers, active: Floats, common: Floats, noise: Floats, pull: Floats | float = PULL
) -> Floats:
    """Fair price at each bar's end, inside low and high, ending at the close, with the day's average price.

    `active` is the deviation of ln volume by continuous minute, `common` the market's moves (one row for each stock),
    `noise` the stock's own, standard normal; `pull` is the correlation of a minute's move with the market's.
    """
    low, high = day.low[:, None].astype(np.float64), day.high[:, None].astype(np.float64)
    start, end = day.open[:, None].astype(np.float64), day.close[:, None].astype(np.float64)
    scale = smile(active.shape[1]) * np.exp(_LIVELY * active)
    moves = np.empty(shares.shape)
    moves[:, :-1] = scale * (pull * common + np.sqrt(1.0 - pull * pull) * noise[:, :-1])
    moves[:, -1] = 0.3 * moves[:, -2]
    passed = np.empty(shares.shape)
    np.cumsum(scale * scale, axis=1, out=passed[:, :-1])
    passed[:, -1] = passed[:, -2]
    passed /= passed[:, -1:]
    walk = np.cumsum(moves, axis=1)
    walk -= passed * walk[:, -1:]
    reach = high - low
    drift = (end - start) / np.maximum(reach, 1.0)
    size = reach * np.sqrt(1.0 - 0.85 * drift * drift) / np.maximum(_spread(walk), 1e-9)
    fair = start + passed * (end - start) + size * walk
    for _ in range(_ROUNDS):
        least = fair.min(axis=1, keepdims=True)
        fair = low + (fair - least) * (reach / np.maximum(_spread(fair), 1e-9))
        first = fair[:, :1] - start
        fair -= first + passed * (fair[:, -1:] - end - first)
    np.clip(fair, low, high, out=fair)
    return _weighted(fair, day, shares, low, reach, passed)


def _spread(values: Floats) -> Floats:
    return np.asarray(values.max(axis=1, keepdims=True) - values.min(axis=1, keepdims=True))


def _weighted(fair: Floats, day: Day, shares: Integers, low: Floats, reach: Floats, passed: Floats) -> Floats:
    """The path bent inside its range until its volume-weighted mean is the day's."""
    wanted = (day.amount - day.volume * day.low).astype(np.float64)
    free = np.minimum(1.0, 40.0 * passed * (1.0 - passed))
    free[:, -1] = 0.0
    span = np.maximum(reach, 1.0)
    place = (fair - low) / span
    for _ in range(4):
        room = place * (1.0 - place) * free
        has = np.cumsum(shares * place, axis=1)[:, -1] * span[:, 0]
        gains = np.cumsum(shares * room, axis=1)[:, -1] * span[:, 0]
        bend = np.clip((wanted - has) / np.maximum(gains, 1e-9), -0.95, 0.95)
        place += bend[:, None] * room
    return low + span * place
