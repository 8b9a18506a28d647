"""결제: from wishes to whole shares and won, so that every share and every won bought was sold, to the last one.

For each stock and session: the twelve leaves' purchases add to the volume, and so do their sales; the same for won.
Nothing is negative, and no price paid lies outside the day's low and high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sugeup.sandbox.draws import Array, Draws
from sugeup.sandbox.flows import gross_parts
from sugeup.sandbox.leaves import CHARACTERS
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.prices import Prices
from sugeup.sandbox.universe import Universe, Whole
from sugeup.sandbox.views import LEAVES

BLOCK = 40
"""Sessions settled at once: bounds the memory."""
ONE_SIDED = 1.95
"""Most that |net| may be of half of what a leaf trades; 2 would be trading one way only."""
ROOM = 0.97
"""Most that the leaves but 개인 may trade of the whole."""
_INDIVIDUAL = LEAVES.index("individual")
_OTHERS = [one.place for one in CHARACTERS]


@dataclass(frozen=True, eq=False)
class Trades:
    """Whole shares and won by session, stock and leaf (in the order of `LEAVES`)."""

    buy_volume: Whole
    sell_volume: Whole
    buy_amount: Whole
    sell_amount: Whole


def settle(plan: Plan, stocks: Universe, priced: Prices, net: Sequence[Array]) -> Trades:
    """The trades of a plan; zeros where nothing was traded."""
    shape = (*priced.volume.shape, len(LEAVES))
    found = Trades(*(np.zeros(shape, dtype=np.int64) for _ in range(4)))
    for start in range(0, plan.sessions, BLOCK):
        rows = slice(start, min(start + BLOCK, plan.sessions))
        wished = np.stack([part[rows] for part in net], axis=2)
        buys, sells = shares(wished, gross_parts(plan, stocks, rows), priced.volume[rows])
        found.buy_volume[rows], found.sell_volume[rows] = buys, sells
        draws = Draws(plan.seed, range(plan.sessions)[rows], plan.stocks)
        for side, volume, amount in (("buy", buys, found.buy_amount), ("sell", sells, found.sell_amount)):
            amount[rows] = won(draws, side, volume, priced, rows)
    return found


def shares(wished: Array, gross: Array, volume: Whole) -> tuple[Whole, Whole]:
    """Shares bought and sold by all leaves, from net and gross parts of all but 개인 (in `CHARACTERS`' order)."""
    gross = np.maximum(gross, np.abs(wished) / ONE_SIDED)
    total = gross.sum(axis=2, keepdims=True)
    shrink = np.minimum(1.0, ROOM / total)
    gross, wished = gross * shrink, wished * shrink
    left = ONE_SIDED * (1.0 - gross.sum(axis=2))
    taken = np.abs(wished.sum(axis=2))
    wished = wished * np.minimum(1.0, left / np.maximum(taken, 1e-12))[:, :, None]
    net = np.trunc(wished * volume[:, :, None]).astype(np.int64)
    traded = (2.0 * gross * volume[:, :, None]).astype(np.int64)
    others = np.maximum((traded + net) // 2, np.maximum(net, 0))
    buys = np.zeros((*volume.shape, len(LEAVES)), dtype=np.int64)
    sells = np.zeros_like(buys)
    buys[:, :, _OTHERS], sells[:, :, _OTHERS] = others, others - net
    buys[:, :, _INDIVIDUAL] = volume - buys.sum(axis=2)
    sells[:, :, _INDIVIDUAL] = volume - sells.sum(axis=2)
    _lift(buys, sells)
    return buys, sells


def _lift(buys: Whole, sells: Whole) -> None:
    """Where 개인 fell below zero, takes the missing shares from both sides of the leaves that trade most both ways."""
    while True:
        missing = -np.minimum(buys[:, :, _INDIVIDUAL], sells[:, :, _INDIVIDUAL])
        row, stock = np.nonzero(missing > 0)
        if not len(row):
            return
        both = np.minimum(buys[row, stock], sells[row, stock])
        both[:, _INDIVIDUAL] = 0
        leaf = both.argmax(axis=1)
        moved = np.minimum(missing[row, stock], both[np.arange(len(row)), leaf])
        if not moved.all():
            raise AssertionError("leaves that trade one way only exceed the volume")
        for side in (buys, sells):
            side[row, stock, leaf] -= moved
            side[row, stock, _INDIVIDUAL] += moved


def won(draws: Draws, side: str, volume: Whole, priced: Prices, rows: slice) -> Whole:
    """Won of each leaf's shares: near the day's average price; 개인 takes the remainder, so that they add up."""
    low, high = priced.low[rows][:, :, None], priced.high[rows][:, :, None]
    average = priced.average[rows][:, :, None]
    lean = np.stack([draws.normal(f"paid-{side}-{leaf}").clip(-2.5, 2.5) for leaf in LEAVES], axis=2)
    room = np.minimum(high - average, average - low)
    paid = np.clip(average + 0.12 * lean * room, low, high)
    found = np.rint(volume * paid).astype(np.int64)
    total = priced.amount[rows]
    _close(found, volume, total)
    individual = volume[:, :, _INDIVIDUAL]
    value = found[:, :, _INDIVIDUAL]
    outside = (value < individual * low[:, :, 0]) | (value > individual * high[:, :, 0])
    if outside.any():
        plain = np.rint(volume[outside] * average[outside]).astype(np.int64)
        rest = total[outside] - plain.sum(axis=1)
        plain[np.arange(len(plain)), volume[outside].argmax(axis=1)] += rest
        found[outside] = plain
    return found


def _close(found: Whole, volume: Whole, total: Whole) -> None:
    """Gives 개인 what the other leaves leave of the day's turnover."""
    found[:, :, _INDIVIDUAL] = 0
    found[:, :, _INDIVIDUAL] = total - found.sum(axis=2)
