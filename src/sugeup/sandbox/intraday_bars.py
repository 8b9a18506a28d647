"""Bars on the exchange's grid around fair prices, bouncing between bid and offer, through the day's four prices.

All arrays have shape (stocks, bars); the last bar is the closing auction. A bar without volume has no meaning and is
dropped by whoever makes rows.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from sugeup.sandbox.intraday_draws import Booleans, Floats, Integers
from sugeup.sandbox.intraday_prices import Bars, Day, tick_sizes

ROOM = 4
"""Shares with which a bar may have four prices."""
_BOUNCE, _JUMP = 0.64, 0.85


def bars(day: Day, on: date, shares: Integers, fair: Floats, bounce: Floats, wick: Floats) -> Bars:
    """Bars on the grid around the fair prices; `bounce` and `wick` are standard normal.

    The first traded bar starts at the open, the last ends at the close, and high and low are reached.
    """
    steps, crossing = _steps(day, on)
    tick = np.repeat(steps[:, None], shares.shape[1], axis=1)
    _renew(tick, fair, crossing, day, on)
    shown = np.maximum(fair + np.where(bounce > 0, _BOUNCE, -_BOUNCE) * tick, 1.0)
    _renew(tick, shown, crossing, day, on)
    close = np.floor(shown / tick + 0.5).astype(np.int64) * tick
    low, high = day.low[:, None], day.high[:, None]
    np.clip(close, low, high, out=close)
    opening = np.concatenate([day.open[:, None], close[:, :-1]], axis=1)
    jump = np.where(np.abs(bounce) > _JUMP, np.sign(wick), 0.0).astype(np.int64) * tick
    opening = np.clip(_on_grid(opening + jump, day, on, opening, crossing), low, high)
    several = shares >= ROOM
    strength = np.floor(np.abs(wick) * 0.8 + np.abs(np.diff(fair, axis=1, prepend=fair[:, :1])) / tick * 0.25)
    extra = np.where(several, strength, 0.0).astype(np.int64) * tick
    top = np.maximum(opening, close)
    bottom = np.minimum(opening, close)
    top = np.minimum(np.where(wick > -0.3, _on_grid(top + extra, day, on, top, crossing), top), high)
    bottom = np.maximum(np.where(wick < 0.3, _on_grid(bottom - extra, day, on, bottom, crossing), bottom), low)
    single = shares == 1
    for side_of in (opening, top, bottom):
        np.copyto(side_of, close, where=single)
    made = Bars(opening, top, bottom, close)
    _reach_the_day(made, day, shares, fair)
    return made


def _steps(day: Day, on: date) -> tuple[Integers, Booleans]:
    """Tick at each stock's low, and whether it is another one at its high."""
    low, high = np.empty_like(day.low), np.empty_like(day.high)
    for market, rows in _by_market(day):
        low[rows] = tick_sizes(day.low[rows], on, market)
        high[rows] = tick_sizes(day.high[rows], on, market)
    return low, np.asarray(low != high)


def _by_market(day: Day) -> list[tuple[str, Booleans]]:
    return [(market, np.array([one == market for one in day.market])) for market in sorted(set(day.market))]


def _renew(tick: Integers, price: Floats | Integers, crossing: Booleans, day: Day, on: date) -> None:
    """Puts the ticks of the prices where a stock's day lies on two parts of the grid, in place."""
    for market, rows in _by_market(day):
        both = np.flatnonzero(rows & crossing)
        tick[both] = tick_sizes(price[both], on, market)


def _on_grid(price: Integers, day: Day, on: date, otherwise: Integers, crossing: Booleans) -> Integers:
    """The price where it lies on the grid (a step may cross into a coarser part), else the other price, in place."""
    for market, rows in _by_market(day):
        both = np.flatnonzero(rows & crossing)
        off = (price[both] < 1) | (price[both] % tick_sizes(price[both], on, market) != 0)
        price[both] = np.where(off, otherwise[both], price[both])
    return price


def _reach_the_day(made: Bars, day: Day, shares: Integers, fair: Floats) -> None:
    """Puts the day's four prices into traded bars, in place."""
    traded = shares > 0
    stocks = np.flatnonzero(traded.any(axis=1))
    if not len(stocks):
        return
    auction = shares.shape[1] - 1
    for prices in (made.open, made.high, made.low, made.close):
        prices[:, auction] = day.close
    first = np.argmax(traded[stocks], axis=1)
    last = auction - np.argmax(traded[stocks][:, ::-1], axis=1)
    made.open[stocks, first] = day.open[stocks]
    lone = (shares[stocks, first] == 1) & (first != last)
    made.close[stocks[lone], first[lone]] = day.open[stocks[lone]]
    for prices in (made.high, made.low):
        prices[stocks[lone], first[lone]] = day.open[stocks[lone]]
    made.close[stocks, last] = day.close[stocks]
    for at in (first, last):
        ends = np.stack([made.open[stocks, at], made.close[stocks, at]])
        made.high[stocks, at] = np.maximum(made.high[stocks, at], ends.max(axis=0))
        made.low[stocks, at] = np.minimum(made.low[stocks, at], ends.min(axis=0))
    continuous = traded[stocks, :-1] if len(stocks) < len(traded) else traded[:, :-1]
    some = continuous.any(axis=1)
    inside = stocks[some]
    fitting = _fitting(shares[inside, :-1], continuous[some])
    _touch(made.high, day.high, inside, np.where(fitting, fair[inside, :-1], -np.inf), traded, 1)
    _touch(made.low, day.low, inside, np.where(fitting, -fair[inside, :-1], -np.inf), traded, -1)


def _fitting(shares: Integers, continuous: Booleans) -> Booleans:
    """Bars in which an extreme may be put: those of several trades, else any traded one."""
    several: Booleans = np.asarray(shares >= ROOM)
    some = np.any(several, axis=1, keepdims=True)
    return np.asarray(np.where(some, several, continuous))


def _touch(prices: Integers, wanted: Integers, stocks: Integers, liking: Floats, traded: Booleans, sign: int) -> None:
    reached = np.where(traded[stocks], sign * prices[stocks], np.iinfo(np.int64).min).max(axis=1)
    missing = reached < sign * wanted[stocks]
    at = np.argmax(liking, axis=1)
    prices[stocks[missing], at[missing]] = wanted[stocks[missing]]
