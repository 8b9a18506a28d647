"""지수와 선물 by minute: levels of indices with their market's turnover, and the nearest future around the index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from sugeup.sandbox.intraday_clock import Grid, curve
from sugeup.sandbox.intraday_draws import Floats, Integers, autoregressive, normals
from sugeup.sandbox.intraday_prices import Day, path
from sugeup.sandbox.views import FutureDay, IndexDay

_PULL = {"KOSPI": 0.97, "KOSPI200": 0.97, "KOSDAQ": 0.97}
_SECTOR_PULL = 0.80
_POINT = 100
CARRY = 0.011
"""Interest less dividends a year, in the theoretical price of the future."""
MULTIPLIER = 250_000
"""Won a point of the KOSPI 200 future."""
FUTURE_TICK = 0.05
_BASIS_NOISE, _BASIS_MEMORY = 0.00025, 0.92
_OPEN_INTEREST_MOVE = 0.008


def levels(seed: int, grid: Grid, days: Sequence[IndexDay], moves: Floats) -> Floats:
    """Levels of indices in points, shape (indices, 4: open high low close, bars), through each day's four levels.

    `moves` (indices, continuous minutes) are the moves of each one's market.
    """
    points = np.array([[getattr(day, name) for day in days] for name in ("open", "high", "low", "close")])
    opening, high, low, close = np.rint(points * _POINT).astype(np.int64)
    shares = np.ones((len(days), grid.length), dtype=np.int64)
    middle = (opening + high + low + close) * grid.length // 4
    day = Day(("",) * len(days), opening, high, low, close, shares.sum(axis=1), middle)
    drawn = normals(seed, "index minutes", grid.session, [one.index_code for one in days], 3, grid.length)
    pull = np.array([[_PULL.get(one.index_code, _SECTOR_PULL)] for one in days])
    fair = path(day, shares, np.zeros((len(days), grid.length - 1)), moves, drawn[:, 2], pull)
    return np.asarray(bars_around(fair, (opening, high, low, close), drawn[:, :2]) / _POINT)


def bars_around(fair: Floats, day: Sequence[Integers], noise: Floats, step: int = 1) -> Integers:
    """Bars, shape (rows, 4, bars), of fair values at each end: whole multiples of `step` that reach the day's four."""
    start, top, bottom, end = (part[:, None] for part in day)
    close = np.clip(np.floor(fair / step + 0.5).astype(np.int64) * step, bottom, top)
    close[:, -1:] = end
    opening = np.concatenate([start, close[:, :-1]], axis=1)
    moved = np.abs(close - opening)
    usual = np.cumsum(moved, axis=1)[:, -1:] / moved.shape[1]
    wicks = np.floor(np.abs(noise) * usual[:, None] * 0.4 / step).astype(np.int64) * step
    wicks[:, :, -1] = 0
    high = np.minimum(np.maximum(opening, close) + wicks[:, 0], top)
    low = np.maximum(np.minimum(opening, close) - wicks[:, 1], bottom)
    rows = np.arange(len(fair))
    for prices, wanted, sign in ((high, top, 1), (low, bottom, -1)):
        missing = np.flatnonzero((sign * prices).max(axis=1) < (sign * wanted)[:, 0])
        at = np.argmax(sign * fair[:, :-1], axis=1)
        prices[rows[missing], at[missing]] = wanted[missing, 0]
    return np.stack([opening, high, low, close], axis=1)


def index_frame(grid: Grid, codes: Sequence[str], points: Floats, shares: Integers, won: Integers) -> pl.DataFrame:
    """Rows of `index_minute`; `shares` and `won` (indices, bars) are cumulative, at the end of each bar."""
    return pl.DataFrame(
        {
            "index_code": pl.Series(codes, dtype=pl.String).gather(np.repeat(np.arange(len(codes)), grid.length)),
            "session": pl.repeat(grid.session, len(codes) * grid.length, eager=True, dtype=pl.Date),
            "at": grid.at(np.tile(grid.bars, len(codes))),
            **{name: points[:, place].ravel().round(2) for place, name in enumerate(("open", "high", "low", "close"))},
            "volume": shares.ravel(),
            "amount": won.ravel(),
        }
    )


def scaled(reached: Integers, total: int) -> Integers:
    """A cumulative row that ends at `total`; unchanged where it does already, in proportion otherwise."""
    ends = int(reached[-1])
    if ends == total:
        return reached
    part = reached / ends if ends else np.linspace(0.0, 1.0, len(reached))
    moved = np.floor(part * total).astype(np.int64)
    moved[-1] = total
    return moved


def future_frame(seed: int, grid: Grid, day: FutureDay, spot: Floats) -> pl.DataFrame:
    """Rows of `futures_minute` in the minutes of the stock market; `spot` (bars) are levels of the KOSPI 200."""
    drawn = normals(seed, "future minutes", grid.session, [day.contract], 5, grid.length)
    passed = np.linspace(0.0, 1.0, grid.length)
    wander = autoregressive(drawn[0, 2], _BASIS_MEMORY) * np.minimum(1.0, 20.0 * passed * (1.0 - passed))
    first, last = day.open - spot[0], day.close - spot[-1]
    fair = spot * (1.0 + _BASIS_NOISE * wander) + first + passed * (last - first)
    prices = [np.rint(np.array([part]) * _POINT).astype(np.int64) for part in (day.open, day.high, day.low, day.close)]
    fair = np.clip(fair * _POINT, prices[2], prices[1])[None]
    points = bars_around(fair, prices, drawn[:, :2], round(FUTURE_TICK * _POINT))[0] / _POINT
    weights = np.append(curve("KOSPI", grid.length - 1), 0.01) * np.exp(0.4 * drawn[0, 3])
    reached = np.cumsum(weights)
    contracts = np.diff(np.rint(reached / reached[-1] * day.volume).astype(np.int64), prepend=0)
    worth = np.cumsum(contracts * points.mean(axis=0))
    won = scaled(np.rint(worth * MULTIPLIER).astype(np.int64), day.amount)
    left = np.floor(_OPEN_INTEREST_MOVE * day.open_interest * (1.0 - passed) * autoregressive(drawn[0, 4], 0.97))
    close = points[3]
    return pl.DataFrame(
        {
            "contract": pl.repeat(day.contract, grid.length, eager=True, dtype=pl.String),
            "session": pl.repeat(grid.session, grid.length, eager=True, dtype=pl.Date),
            "at": grid.at(grid.bars),
            **{name: points[place].round(2) for place, name in enumerate(("open", "high", "low", "close"))},
            "volume": contracts,
            "amount": won,
            "spot": spot.round(2),
            "expiry": pl.repeat(day.expiry, grid.length, eager=True, dtype=pl.Date),
            "theoretical": theoretical(spot, grid.session, day.expiry),
            "market_basis": (close - spot).round(2),
            "open_interest": day.open_interest - left.astype(np.int64),
        }
    )


def theoretical(spot: Floats, session: date, expiry: date) -> Floats:
    """이론가 in points: the index carried to the last day of trading at interest less dividends."""
    return np.asarray((spot * (1.0 + CARRY * (expiry - session).days / 365.0)).round(2))
