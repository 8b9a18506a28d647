"""체결: every trade of one stock, cut out of its minute bars.

Sizes are log-normal with many single shares, sides come from a chain of split orders with long memory (Pareto lengths),
buyers pay the upper and sellers get the lower of two neighbouring prices. Volumes add to each bar exactly and prices
reach each bar's four; a bar's turnover lies between its low and high, so that of its trades only comes near it.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from sugeup.sandbox.intraday_clock import grid
from sugeup.sandbox.intraday_draws import Floats, Integers, generator
from sugeup.sandbox.intraday_minutes import Minutes
from sugeup.sandbox.intraday_prices import tick_sizes

_SIZE_SD, _SINGLES = 2.15, 0.11
_USUAL_SIZE, _MOST_TRADES = 74.0, 120_000
_ORDER_TAIL, _SHORTEST_ORDER, _FOLLOWING = 1.5, 27.0, 0.648
_AUCTION_SIDE = 0
_SWAY = 0.48
_BURSTS = 1.6


def trades(seed: int, made: Minutes, stock: int) -> pl.DataFrame:
    """Rows of `ticks` of the stock at that place in `made`; the opening and the closing auction are one trade each,
    without a side."""
    session, code = made.grid.session, made.codes[stock]
    numbers = generator(seed, "ticks", session, code)
    bar, size, side, price = _drawn(numbers, made, stock)
    second = _seconds(numbers, bar)
    at = grid(session).at(made.grid.bars[bar])
    moment = at.dt.epoch("us") + pl.Series(second) * 1_000_000
    return pl.DataFrame(
        {
            "code": pl.repeat(code, len(bar), eager=True, dtype=pl.String),
            "session": pl.repeat(session, len(bar), eager=True, dtype=pl.Date),
            "seq": np.arange(1, len(bar) + 1),
            "at": moment.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "price": price,
            "volume": size,
            "side": pl.Series(side).set(pl.Series(side == _AUCTION_SIDE), None),
        }
    )


def executions(seed: int, made: Minutes, stock: int) -> tuple[Integers, Integers, Integers]:
    """Shares, side (1 buyer, -1 seller, 0 none) and price of the same trades, in half the time: without moments."""
    _, size, side, price = _drawn(generator(seed, "ticks", made.grid.session, made.codes[stock]), made, stock)
    return size, side, price


def _drawn(numbers: np.random.Generator, made: Minutes, stock: int) -> tuple[Integers, Integers, Integers, Integers]:
    """Bar, shares, side and price of each trade."""
    held = np.flatnonzero(made.shares[stock])
    bar, size = _sizes(numbers, held, made.shares[stock, held], made.grid.length - 1)
    side = _sides(numbers, _pressure(made, stock, bar))
    price = _prices(numbers, made, stock, bar, side)
    side[bar == made.grid.length - 1] = _AUCTION_SIDE
    if len(bar) and bar[0] == 0:
        side[0] = _AUCTION_SIDE
    return bar, size, side, price


def _sizes(numbers: np.random.Generator, held: Integers, shares: Integers, auction: int) -> tuple[Integers, Integers]:
    """Bar and shares of each trade."""
    usual = max(_USUAL_SIZE, float(shares.sum()) / _MOST_TRADES)
    count = np.maximum(
        1, np.minimum(shares, np.rint(shares / usual * np.exp(0.3 * numbers.standard_normal(len(held)))))
    )
    count = np.where(held == auction, 1, np.maximum(count, np.minimum(shares, 4))).astype(np.int64)
    bar = np.repeat(np.arange(len(held)), count)
    weights = np.exp(_SIZE_SD * numbers.standard_normal(len(bar)))
    weights[numbers.random(len(bar)) < _SINGLES] = 0.0
    last = np.cumsum(count) - 1
    weights[last] = np.maximum(weights[last], 1e-9)
    reached = np.cumsum(weights)
    before = np.append(0.0, reached[last])[bar]
    whole = np.diff(np.append(0.0, reached[last]))[bar]
    free = (shares - count)[bar]
    cumulative = np.floor(free * np.clip((reached - before) / whole, 0.0, 1.0)).astype(np.int64)
    cumulative[last] = shares - count
    extra = np.diff(cumulative, prepend=0)
    starts = np.append(0, last[:-1] + 1)
    extra[starts] = cumulative[starts]
    return held[bar], extra + 1


def _pressure(made: Minutes, stock: int, bar: Integers) -> Floats:
    """Chance that a trade between orders takes the offer: above one half in a bar that rises."""
    opening, close = made.prices.open[stock][bar], made.prices.close[stock][bar]
    tick = tick_sizes(close, made.grid.session, made.market[stock])
    return np.asarray(0.5 + _SWAY * np.tanh((close - opening) / tick))


def _sides(numbers: np.random.Generator, buying: Floats) -> Integers:
    """1 buyer, -1 seller of each trade: orders of Pareto length, and trades of others between."""
    count = len(buying)
    orders = int(count / _SHORTEST_ORDER) + 2
    lengths = np.ceil(_SHORTEST_ORDER * numbers.random(orders) ** (-1.0 / _ORDER_TAIL))
    parent = np.searchsorted(np.cumsum(np.minimum(lengths, count + 1.0)), np.arange(count), side="right")
    order_side = np.where(numbers.random(orders) < 0.5, -1, 1)
    other = np.where(numbers.random(count) < buying, 1, -1)
    follows = numbers.random(count) < _FOLLOWING
    return np.asarray(np.where(follows, order_side[np.minimum(parent, orders - 1)], other), dtype=np.int64)


def _prices(numbers: np.random.Generator, made: Minutes, stock: int, bar: Integers, side: Integers) -> Integers:
    """Price of each trade: lower or upper of two neighbours on the way from the bar's open to its close."""
    first = np.append(True, bar[1:] != bar[:-1])
    last = np.append(bar[1:] != bar[:-1], True)
    starts = np.flatnonzero(first)
    count = np.diff(np.append(starts, len(bar)))
    order = np.repeat(np.arange(len(starts)), count)
    done: Floats = (np.arange(len(bar)) - starts[order]) / np.maximum(count - 1, 1)[order]
    opening, high, low, close = (
        part[stock][bar] for part in (made.prices.open, made.prices.high, made.prices.low, made.prices.close)
    )
    middle = opening + done * (close - opening)
    tick = tick_sizes(middle, made.grid.session, made.market[stock])
    lower = np.floor(middle / tick).astype(np.int64) * tick
    price = np.clip(np.where(side > 0, lower + tick, lower), low, high)
    price[first] = opening[first]
    price[last] = close[last]
    inner = np.maximum(count - 2, 1)
    place = (numbers.random(len(starts)) * inner).astype(np.int64)
    other = (place + 1 + (numbers.random(len(starts)) * (inner - 1)).astype(np.int64)) % inner
    for wanted, sign, at in ((high, 1, place), (low, -1, other)):
        beyond = (sign * wanted > np.maximum(sign * opening, sign * close))[starts] & (count > 2)
        price[(starts + 1 + at)[beyond]] = wanted[starts[beyond]]
    return np.asarray(price)


def _seconds(numbers: np.random.Generator, bar: Integers) -> Integers:
    """Second within the minute of each trade, in bursts, rising within a bar."""
    made = np.empty(len(bar), dtype=np.int64)
    busy = np.cumsum(np.exp(_BURSTS * numbers.standard_normal((int(bar.max()) + 1 if len(bar) else 0, 60))), axis=1)
    drawn = numbers.random(len(bar))
    starts = np.flatnonzero(np.append(True, bar[1:] != bar[:-1])) if len(bar) else np.empty(0, dtype=np.int64)
    for start, end in zip(starts, np.append(starts[1:], len(bar)), strict=True):
        minute = busy[bar[start]]
        made[start:end] = np.sort(np.searchsorted(minute, drawn[start:end] * minute[-1], side="right"))
    return np.minimum(made, 59)
