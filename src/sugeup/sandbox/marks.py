"""시장조치: marks that follow from the figures: halts, liquidation, warnings after surges, 공매도 과열 by its rule.

공매도 과열종목 is the exchange's published rule (types 1 to 4 by market), judged after the close and valid on the next
session: fall of the price, share of short sales against the quarter's mean, value of short sales against the mean of
the forty sessions before. Source: KRX 공매도 과열종목 지정제도, criteria since 2022-10-24.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sugeup.sandbox.draws import Array
from sugeup.sandbox.followers import Followers
from sugeup.sandbox.lifecycle import Lifecycle
from sugeup.sandbox.prices import Prices
from sugeup.sandbox.universe import Flags, Universe, Whole

MEAN_OF, QUARTER = 40, 60
LIQUIDATION, ADMINISTRATIVE = 7, 60
"""Sessions before the end of a listing."""
WARNED = 10
"""Sessions that a warning (투자경고) stays."""


@dataclass(frozen=True, eq=False)
class Marks:
    """Marks by session and stock; `warning` holds the step (0 none, 1 주의, 2 경고)."""

    halt: Flags
    administrative: Flags
    liquidation: Flags
    overheat: Flags
    warning: Whole


def marks(stocks: Universe, life: Lifecycle, priced: Prices, followed: Followers) -> Marks:
    """The marks of a plan."""
    rows = np.arange(len(priced.close))[:, None]
    left = np.where(life.last < len(rows), life.last - rows, len(rows) + ADMINISTRATIVE)
    near = life.listed & (left < ADMINISTRATIVE)
    overheat = np.zeros_like(near)
    overheat[1:] = overheated(stocks, life, priced, followed)[:-1] > 0
    return Marks(
        life.halted,
        near & (left >= LIQUIDATION),
        near & (left < LIQUIDATION),
        overheat & life.listed & ~life.halted,
        _warnings(life, priced),
    )


def overheated(stocks: Universe, life: Lifecycle, priced: Prices, followed: Followers) -> Whole:
    """Type of the overheating rule that each stock met at the close of each session; 0: none."""
    amount, turnover = followed.short_amount.astype(np.float64), priced.amount.astype(np.float64)
    ratio = amount / np.maximum(turnover, 1.0)
    traded = (life.listed & ~life.halted).astype(np.float64)
    counted = _before(traded, MEAN_OF)
    mean_value = _before(amount, MEAN_OF) / np.maximum(counted, 1.0)
    mean_ratio = _before(amount, MEAN_OF) / np.maximum(_before(turnover, MEAN_OF), 1.0)
    times = amount / np.maximum(mean_value, 1.0)
    change = priced.close / np.maximum(priced.base, 1) - 1.0
    kosdaq = stocks.market == 1
    usual = np.where(kosdaq, *(_usual(amount, turnover, kosdaq == side) for side in (True, False)))
    bar = np.minimum(3 * usual, 0.20)
    value = np.where(kosdaq, 5.0, 6.0)
    fell = (change <= -0.05) & (change > -0.10)
    kinds = [
        fell & (ratio >= bar) & (times >= value),
        (change <= -0.10) & (times >= value),
        kosdaq & (times >= 5.0) & (mean_ratio >= 0.05),
        (change <= -0.03) & (ratio >= 0.30) & (times >= 2.0),
    ]
    known = (counted >= 20) & (np.arange(len(change))[:, None] >= MEAN_OF) & (traded > 0)
    return np.where(known, np.select(kinds, [1, 2, 3, 4], 0), 0)


def _before(series: Array, sessions: int) -> Array:
    """Sum over the sessions before each one, today left out."""
    total = np.vstack([np.zeros((1, series.shape[1])), np.cumsum(series, axis=0)])
    rows = np.arange(len(series))
    return np.asarray(total[rows] - total[np.maximum(rows - sessions, 0)])


def _usual(amount: Array, turnover: Array, chosen: Flags) -> Array:
    """Share of short sales in a market's turnover over the quarter before, by session (as a column)."""
    sums = [_before(series[:, chosen].sum(axis=1, keepdims=True), QUARTER) for series in (amount, turnover)]
    return np.asarray(sums[0] / np.maximum(sums[1], 1.0))


def _warnings(life: Lifecycle, priced: Prices) -> Whole:
    """투자주의 on the session after a rise of 30% in three sessions, 투자경고 for ten after one of 60% in five."""
    change = np.log(np.maximum(priced.close, 1) / np.maximum(priced.base, 1))
    three, five = (_before(change, count) for count in (3, 5))
    caution = three >= np.log(1.3)
    alarm = _before((five >= np.log(1.6)).astype(np.float64), WARNED - 1) > 0
    alarm |= five >= np.log(1.6)
    return np.where(life.listed, np.where(alarm, 2, np.where(caution, 1, 0)), 0)
