"""시세: prices on the grid and inside the limits, volume and the day's average price, from the hidden states.

A return that the limit cuts off is partly made up for on the next day. A move much smaller than a tick leaves the price
where it was, which is why quiet and cheap stocks close unchanged more often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sugeup.sandbox.activity import Activity
from sugeup.sandbox.draws import Array, Draws
from sugeup.sandbox.grid import Grid, grid
from sugeup.sandbox.lifecycle import Lifecycle
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.universe import Universe, Whole

STICKY = 0.80
"""A close this many ticks from the base price, or nearer, is the base price."""
MADE_UP, CARRIED, LITTLE = 0.26, 2.20, -0.10
"""How often a return cut off by the limit follows on the next day, with how much of what was cut off, then and else."""


@dataclass(frozen=True, eq=False)
class Prices:
    """Won and shares by session and stock; what is not listed holds zeros, halted days have no volume."""

    base: Whole
    open: Whole
    high: Whole
    low: Whole
    close: Whole
    volume: Whole
    average: Array
    """Price of the average share traded, between low and high."""
    amount: Whole


def prices(plan: Plan, days: Sequence[date], stocks: Universe, life: Lifecycle, states: Activity) -> Prices:
    """Prices and volumes of a plan."""
    grids = {day: grid(day) for day in days}
    table = [grids[day] for day in days]
    follow = Draws(plan.seed, range(plan.sessions), plan.stocks).uniform("made-up")
    base, close = _closes(table, stocks, life, states, follow)
    open_, high, low = _ranges(plan, table, stocks, base, close, states)
    traded = life.listed & ~life.halted
    share = np.minimum(np.exp(states.volume), 1.5)
    volume = np.where(traded, np.maximum(np.rint(life.shares * share), 1.0), 0.0).astype(np.int64)
    lean = 0.5 + 0.16 * Draws(plan.seed, range(plan.sessions), plan.stocks).normal("average").clip(-2.5, 2.5)
    middle = (open_ + high + low + 2 * close) / 5.0
    average = np.clip(middle + (lean - 0.5) * 0.5 * (high - low), low, high)
    amount = np.rint(volume * average).astype(np.int64)
    return Prices(base, open_, high, low, close, volume, average, amount)


def _closes(
    table: Sequence[Grid], stocks: Universe, life: Lifecycle, states: Activity, follow: Array
) -> tuple[Whole, Whole]:
    shape = states.wanted.shape
    base, close = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    before = stocks.price
    owed = np.zeros(shape[1])
    for row, ruled in enumerate(table):
        split = life.factor[row] != 1.0
        start = np.where(split, ruled.nearest(before / life.factor[row], stocks.market), before)
        lowest, highest = ruled.band(start, stocks.market)
        asked = start * np.exp(states.wanted[row] + owed)
        tick = ruled.tick(start, stocks.market)
        found = ruled.nearest(asked, stocks.market)
        found = np.where(np.abs(asked - start) <= STICKY * tick, start, found)
        found = np.clip(found, lowest, highest)
        still = life.halted[row] | ~life.listed[row]
        over = np.where(asked > highest, np.log(asked / highest), np.where(asked < lowest, np.log(asked / lowest), 0.0))
        owed = np.where(still, owed, over * np.where(follow[row] < MADE_UP, CARRIED, LITTLE))
        found = np.where(still, start, found)
        base[row] = np.where(life.listed[row], start, 0)
        close[row] = np.where(life.listed[row], found, 0)
        before = np.where(life.listed[row], found, before)
    return base, close


def _ranges(
    plan: Plan, table: Sequence[Grid], stocks: Universe, base: Whole, close: Whole, states: Activity
) -> tuple[Whole, Whole, Whole]:
    """Open, high and low round base and close; on the grid and inside the limits."""
    draws = Draws(plan.seed, range(plan.sessions), plan.stocks)
    change = np.log(np.maximum(close, 1) / np.maximum(base, 1))
    gap = 0.28 * change + 0.34 * states.spread * draws.normal("open")
    up = 0.42 * states.spread * np.abs(draws.normal("high"))
    down = 0.42 * states.spread * np.abs(draws.normal("low"))
    open_, high, low = np.zeros_like(base), np.zeros_like(base), np.zeros_like(base)
    for row, ruled in enumerate(table):
        start = np.maximum(base[row], 1)
        lowest, highest = ruled.band(start, stocks.market)
        first = np.clip(ruled.nearest(start * np.exp(gap[row]), stocks.market), lowest, highest)
        upper = np.maximum(first, close[row])
        lower = np.minimum(first, close[row])
        top = np.clip(ruled.nearest(upper * np.exp(up[row]), stocks.market), upper, np.maximum(highest, upper))
        bottom = np.clip(ruled.nearest(lower * np.exp(-down[row]), stocks.market), np.minimum(lowest, lower), lower)
        open_[row], high[row], low[row] = first, top, bottom
    unlisted = base == 0
    for found in (open_, high, low):
        found[unlisted] = 0
    return open_, high, low
