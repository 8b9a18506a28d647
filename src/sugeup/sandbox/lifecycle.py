"""상장과 폐지, 분할과 병합, 거래정지: what happens to a listing during a plan, drawn before any price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sugeup.sandbox.draws import Array, generator
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.universe import Flags, Universe, Whole

YEAR = 245
"""Sessions of a year."""
LISTINGS, DELISTINGS = 118 / 2_579, 37.5 / 2_579
"""New and lost codes per code and year."""
SPLITS, CONSOLIDATIONS = 0.0161, 0.0153
"""Per stock and year; a consolidation may be a reduction of capital."""
HALT_START, HALT_MEAN, ALWAYS_HALTED = 0.00030, 75.0, 0.015
BEFORE_SPLIT = 3
"""Sessions of halt before the new shares trade."""
BURN_IN = 80
"""Days drawn before the first session, so that states have settled."""


@dataclass(frozen=True, eq=False)
class Lifecycle:
    """By stock: rows of first and last listing; by session and stock: shares, halts, share factors of splits."""

    first: Whole
    """Row of the first session; -1 when the stock was listed before the plan."""
    last: Whole
    """Row of the last session; the number of sessions when it stays listed."""
    factor: Array
    """Shares after for one before, from that session on; 1 where nothing happens. Shape (sessions, stocks)."""
    shares: Whole
    """Listed shares, shape (sessions, stocks)."""
    listed: Flags
    halted: Flags
    """Listed but not traded."""


def lifecycle(plan: Plan, stocks: Universe) -> Lifecycle:
    """What happens to the stocks of a plan."""
    n, days = plan.stocks, plan.sessions
    years = days / YEAR
    chance = generator(plan.seed, "listing")
    ordinary = ~stocks.preferred & ~np.isin(np.arange(n), stocks.parent[stocks.preferred])
    small = stocks.size < 0.5
    comes = (chance.random(n) < LISTINGS * years / (ordinary & (stocks.size < 2)).mean()) & ordinary & (stocks.size < 2)
    first = np.where(comes & (days > 20), chance.integers(1, max(days - 5, 2), n), -1)
    goes = (chance.random(n) < DELISTINGS * years / max((ordinary & small).mean(), 0.05)) & ordinary & small & ~comes
    last = np.where(goes & (days > 20), chance.integers(10, max(days - 1, 11), n), days)
    factor = _splits(plan, stocks, first, last)
    rows = np.arange(days)[:, None]
    listed = (rows >= first) & (rows <= last)
    halted = _halts(plan) | _around(factor)
    halted &= listed & (factor == 1.0) & (rows != first)
    shares = np.maximum(np.floor(stocks.shares * np.cumprod(factor, axis=0) + 1e-6), 1.0).astype(np.int64)
    return Lifecycle(first, last, factor, shares, listed, halted)


def _splits(plan: Plan, stocks: Universe, first: Whole, last: Whole) -> Array:
    """At most one split or consolidation of a stock, never near its listing or delisting."""
    n, days = plan.stocks, plan.sessions
    chance = generator(plan.seed, "splits")
    years = days / YEAR
    drawn, size, row = chance.random(n), chance.random(n), chance.integers(4, max(days - 1, 5), n)
    found = np.ones((days, n))
    dear, cheap = stocks.price >= 8_000, stocks.price < 4_000
    splits = dear & (drawn < SPLITS * years / max(dear.mean(), 0.05))
    joins = cheap & (drawn < CONSOLIDATIONS * years / max(cheap.mean(), 0.05))
    allowed = (row < days - 2) & (row > first + 10) & (row < last - 5)
    for at in np.flatnonzero((splits | joins) & allowed):
        parts = (2.0, 5.0, 10.0) if splits[at] else (0.5, 0.2, 0.1)
        found[row[at], at] = parts[min(int(size[at] * 3), 2)]
    return found


def _around(factor: Array) -> Flags:
    """True on the sessions of halt before new shares trade."""
    found = np.zeros(factor.shape, dtype=bool)
    changes = factor != 1.0
    for back in range(1, BEFORE_SPLIT + 1):
        found[:-back] |= changes[back:]
    return found


def _halts(plan: Plan) -> Flags:
    """Spells of halt: a rare start, an exponential length; some stocks are halted throughout."""
    n, days = plan.stocks, plan.sessions
    halted = np.zeros((days, n), dtype=bool)
    halted[:, generator(plan.seed, "halted-throughout").random(n) < ALWAYS_HALTED] = True
    for day in range(-BURN_IN, days):
        chance = generator(plan.seed, "halt", day)
        starts, lengths = chance.random(n), chance.standard_exponential(n) * HALT_MEAN
        for at in np.flatnonzero(starts < HALT_START):
            halted[max(day, 0) : max(day + 1 + int(lengths[at]), 0), at] = True
    return halted
