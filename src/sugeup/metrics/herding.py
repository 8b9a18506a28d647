"""Herding (군집 매매): do many traders stand on one side of one stock more often than chance puts them there?

The traders are whatever units are handed in. With the sub-types of institutions as units it is their movement
together that is measured, not that of single funds.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, by_blocks, floats, lines, whole
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.metrics.windows import on_leading_axes
from sugeup.registry import metric

COUNTED = (
    "MISSING_INPUT: stocks were given and none has both counts; INSUFFICIENT_HISTORY: fewer than min_stocks with "
    "min_traders"
)


@metric(
    "beh.herding_lsv",
    korean="군집 매매 (LSV)",
    formula="mean over stocks of |b ÷ n - p| - E|B ÷ n - p|: b buyers among n traders, p = Σb ÷ Σn, B binomial on n "
    "with chance p; buy_side and sell_side are the means of the stocks above and below p",
    unit="-1 to 1, 0 = chance",
    window="one session, or 5; stocks with fewer than min_traders are left out",
    null_rule=COUNTED + "; a side is null when no stock is on it",
    source="Lakonishok, Shleifer & Vishny 1992, Journal of Financial Economics 32; Wermers 1999; biased down when n is "
    "small (beh.herding_fhw is the headline)",
)
def herding_lsv(buyers: ArrayLike, sellers: ArrayLike, *, min_traders: int = 5, min_stocks: int = 10) -> Outcome:
    """Do traders crowd on one side of a stock (군집 매매), as the literature first measured it?

    buyers, sellers: (..., stocks), how many distinct traders bought and sold each stock, whole numbers from 0, else
    Refused. Extras `p`, `n_stocks`, `buy_side`, `sell_side`.

    >>> round(herding_lsv([6, 0] * 5, [0, 6] * 5).at()["value"], 6)
    0.34375
    """
    least, few = whole("min_traders", min_traders, 1), whole("min_stocks", min_stocks, 1)
    shape, rows = _counts(buyers, sellers)

    def work(bought: Floats, sold: Floats) -> Outcome:
        used, b, n, chance, reason = _pooled(bought, sold, least, few)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = b / n
            excess = np.where(used, np.abs(share - chance[:, None]) - _mean_distance(n, chance[:, None]), 0)
            totals = b.sum(axis=-1)[:, None], n.sum(axis=-1)[:, None]
            sides = [used & (b * totals[1] > totals[0] * n), used & (b * totals[1] < totals[0] * n)]
            value, up, down = (np.where(part, excess, 0).sum(axis=-1) / part.sum(axis=-1) for part in (used, *sides))
        none = reason > 0
        value, up, down, chance = (np.where(none, np.nan, part) for part in (value, up, down, chance))
        extra = {"p": chance, "n_stocks": used.sum(axis=-1).astype(np.int64), "buy_side": up, "sell_side": down}
        return Outcome(value, reason, extra)

    return on_leading_axes(by_blocks(work, *rows), shape)


@metric(
    "beh.herding_fhw",
    korean="군집 매매 (편의 보정)",
    formula="h2 = mean over stocks of ((b - p * n)² - n * p * (1 - p)) ÷ (n * (n - 1)), b buyers among n traders, p = "
    "Σb ÷ Σn; value = √h2, 0 when h2 is negative; overdispersion_p = P(χ² ≥ Σ(b - p * n)² ÷ (n * p * (1 - p))) with "
    "stocks - 1 degrees of freedom",
    unit="0-1; p 0-1",
    window="one session, or 5; stocks with fewer than min_traders are left out",
    null_rule=COUNTED + "; ZERO_VARIANCE: all traders of all stocks are on one side",
    source="Frey, Herbst & Walter 2014, Journal of International Financial Markets, Institutions and Money 32",
)
def herding_fhw(buyers: ArrayLike, sellers: ArrayLike, *, min_traders: int = 5, min_stocks: int = 10) -> Outcome:
    """Do traders crowd on one side of a stock (군집 매매), without the bias of few traders, and is it chance?

    buyers, sellers: (..., stocks), how many distinct traders bought and sold each stock, whole numbers from 0, else
    Refused; min_traders from 2. Extras `h2`, `overdispersion_p`, `n_stocks`.

    >>> herding_fhw([3] * 10, [3] * 10).at()["value"]
    0.0
    """
    least, few = whole("min_traders", min_traders, 2), whole("min_stocks", min_stocks, 1)
    shape, rows = _counts(buyers, sellers)

    def work(bought: Floats, sold: Floats) -> Outcome:
        used, b, n, chance, reason = _pooled(bought, sold, least, few)
        count = used.sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            noise = n * (chance * (1 - chance))[:, None]
            squared = (b - chance[:, None] * n) ** 2
            h2 = np.where(used, (squared - noise) / (n * (n - 1)), 0).sum(axis=-1) / count
            spread = np.where(used, squared / noise, 0).sum(axis=-1)
        one_sided = codes(count.shape, ((chance <= 0) | (chance >= 1), Reason.ZERO_VARIANCE))
        reason = np.where(reason > 0, reason, one_sided)
        tails = [
            math.nan if why else chi_square_tail(float(x), int(stocks) - 1)
            for x, stocks, why in zip(spread, count, reason, strict=True)
        ]
        h2 = np.where(reason > 0, np.nan, h2)
        extra = {"h2": h2, "overdispersion_p": np.array(tails), "n_stocks": count.astype(np.int64)}
        return Outcome(np.sqrt(np.maximum(h2, 0)), reason, extra)

    return on_leading_axes(by_blocks(work, *rows), shape)


@metric(
    "beh.herding_sias",
    korean="군집 매매 (시차)",
    formula="correlation over stocks of the fraction of buyers now and before; own: the part of traders that repeat "
    "themselves, others: the part of traders that follow others; standard deviations with divisor n",
    unit="-1 to 1; own + others = value",
    window="two consecutive periods of 5 sessions; stocks that traded in both",
    null_rule="MISSING_INPUT: no stock traded in both periods; INSUFFICIENT_HISTORY: fewer than min_stocks; "
    "ZERO_VARIANCE: all stocks have the same fraction of buyers in one of them",
    source="Sias 2004, Review of Financial Studies 17; only `others` is herding",
)
def herding_sias(d_now: ArrayLike, d_prev: ArrayLike, *, min_stocks: int = 10) -> Outcome:
    """Do traders follow each other from one week to the next (군집 매매), or only themselves?

    d_now, d_prev: (..., stocks, traders), same traders: 1 bought, 0 sold, null no trade, else Refused. Extras `own`,
    `others`, `n_stocks`.

    >>> herding_sias([[1, 0], [0, 0], [1, 1]], [[0, 1], [0, 0], [1, 1]], min_stocks=3).at()["own"]
    0.25
    """
    few = whole("min_stocks", min_stocks, 2)
    now, before = (_trades(name, given) for name, given in (("d_now", d_now), ("d_prev", d_prev)))
    if not now.size or not before.size:
        now, before = (np.full(max(now.shape, before.shape, key=math.prod), np.nan) for _ in range(2))
    if now.shape != before.shape:
        raise Refused(f"d_now {now.shape} and d_prev {before.shape} must have the same stocks and traders.")
    active = np.isfinite(now).any(axis=-1) & np.isfinite(before).any(axis=-1)
    n = active.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        (left, gone), (right, come) = (_away(part, active) for part in (now, before))
        beta = (left * right).sum(axis=-1) / np.sqrt((left**2).sum(axis=-1) * (right**2).sum(axis=-1))
        own = np.nansum(gone * come, axis=(-2, -1)) / np.sqrt((left**2).sum(axis=-1) * (right**2).sum(axis=-1))
    flat = [np.abs(part).max(axis=-1, initial=0) <= 8 * np.finfo(float).eps for part in (left, right)]
    reason = codes(
        n.shape,
        (n == 0, Reason.MISSING_INPUT),
        (n < few, Reason.INSUFFICIENT_HISTORY),
        (flat[0] | flat[1], Reason.ZERO_VARIANCE),
    )
    beta, own = (np.where(reason > 0, np.nan, part) for part in (beta, own))
    return Outcome(beta, reason, {"own": own, "others": beta - own, "n_stocks": n.astype(np.int64)})


def chi_square_tail(x: float, freedom: int) -> float:
    """P(χ² ≥ x) with that many degrees of freedom, from 1; 1 at x = 0.

    Upper incomplete gamma function: its power series below the mean, Lentz's continued fraction above it.
    """
    a, half = freedom / 2, x / 2
    if half <= 0:
        return 1.0
    front = math.exp(a * math.log(half) - half - math.lgamma(a))
    if half < a + 1:
        term = total = 1 / a
        step = a
        while term > total * 1e-17:
            step += 1
            term *= half / step
            total += term
        return 1 - front * total
    b = half + 1 - a
    c, d = math.inf, 1 / b
    fraction = d
    for i in range(1, 10_000):
        factor = -i * (i - a)
        b += 2
        d = 1 / (factor * d + b)
        c = b + factor / c
        fraction *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return front * fraction


def _counts(buyers: ArrayLike, sellers: ArrayLike) -> tuple[tuple[int, ...], list[Floats]]:
    shape, rows = lines(buyers=buyers, sellers=sellers)
    for name, counts in zip(("buyers", "sellers"), rows, strict=True):
        wrong = (counts < 0) | (counts != np.floor(counts)) & np.isfinite(counts)
        if wrong.any():
            raise Refused(f"{name}={counts[wrong][0]:g} is not allowed; allowed: whole numbers from 0, or null.")
    return shape, rows


def _pooled(
    bought: Floats, sold: Floats, least: int, few: int
) -> tuple[np.ndarray, Floats, Floats, Floats, np.ndarray]:
    """Stocks that count, their buyers and traders (0 elsewhere), the share of buyers overall, reasons."""
    n = bought + sold
    used = n >= least
    b, n = np.where(used, bought, 0), np.where(used, n, 0)
    known = np.isfinite(bought + sold).any(axis=-1)
    rules = (
        (~known & (bought.shape[-1] > 0), Reason.MISSING_INPUT),
        (used.sum(axis=-1) < few, Reason.INSUFFICIENT_HISTORY),
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return used, b, n, b.sum(axis=-1) / n.sum(axis=-1), codes(known.shape, *rules)


def _mean_distance(n: Floats, chance: Floats) -> Floats:
    """E|B ÷ n - p| of binomial counts B on n trials: 2 * m * C(n, m) * p^m * (1 - p)^(n - m + 1) ÷ n, m = ⌊np⌋ + 1.

    De Moivre 1730; 0 where p is 0 or 1.
    """
    m = np.minimum(np.floor(n * chance) + 1, n)
    logs = np.concatenate([[0.0], np.log(np.arange(1, int(np.max(n, initial=0)) + 1)).cumsum()])
    n_, m_ = (np.nan_to_num(part).astype(np.int64) for part in (n, m))
    ways = logs[n_] - logs[m_] - logs[n_ - m_]
    found = 2 * m * np.exp(ways + m * np.log(chance) + (n - m + 1) * np.log1p(-chance)) / n
    return np.where((chance <= 0) | (chance >= 1), 0.0, found)


def _trades(name: str, given: ArrayLike) -> Floats:
    matrix = floats(name, given)
    if matrix.size == 0:
        return matrix.reshape(0, 0) if matrix.ndim < 2 else matrix
    wrong = np.isfinite(matrix) & (matrix != 0) & (matrix != 1)
    if matrix.ndim < 2 or wrong.any():
        shown = f"shape {matrix.shape}" if matrix.ndim < 2 else f"{matrix[wrong].flat[0]:g}"
        raise Refused(f"{name}: {shown} is not allowed; allowed: stocks in rows, traders in columns, 0, 1 or null.")
    return matrix


def _away(traded: Floats, active: Any) -> tuple[Floats, Floats]:
    """Fraction of buyers of each active stock less their mean; each trade less it, ÷ the traders of its stock."""
    counted = np.where(active[..., None], traded, np.nan)
    n = np.isfinite(counted).sum(axis=-1)
    share = np.where(active, np.nansum(counted, axis=-1) / n, 0)
    mean = share.sum(axis=-1, keepdims=True) / active.sum(axis=-1, keepdims=True)
    return np.where(active, share - mean, 0), (counted - mean[..., None]) / n[..., None]
