"""Market regime (시장 국면): a calm and a stormy state of the index, told apart by its returns up to each session.

Only filtered probabilities leave this module: smoothed ones would tell a past session what came after it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, between, floats, lines, newest, shaped, whole
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.registry import metric

STATES = ("RISK_ON", "RISK_OFF")
VARIANCE_RATIO = 1.5  # a model whose states differ less in variance tells nothing apart
LEAST_SESSIONS = 750
STARTS = 20
SEED = 20240101
SHORT_CLIMB, FULL_CLIMB, FINALISTS = 30, 3000, 3
MORE_PARAMETERS = 4  # of two states than of one
TOLERANCE = 1e-7  # of the log-likelihood
FARTHEST = 700.0  # largest log of a ratio of densities: beyond it the ratio is endless in floating point
QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, eq=False)
class Filtered(Outcome):
    """An outcome whose extra `prob` reads as the list of all sessions up to the cell's."""

    def at(self, *index: int) -> dict[str, Any]:
        """One session as plain values, the newest without an index; `prob` oldest first, null without skill."""
        index = index or (-1,)
        cell = super().at(*index)
        if not self.value.size:
            return cell | {"prob": []}
        series = self.extra["prob"][index[:-1]] if len(index) > 1 else self.extra["prob"]
        until = index[-1] % series.shape[-1]
        known = [float(part) if np.isfinite(part) else None for part in series[: until + 1]]
        return cell | {"prob": known if any(part is not None for part in known) else None}


@metric(
    "sen.hamilton_filter",
    korean="시장 국면 (마르코프 국면전환)",
    formula="P(state 0 | returns up to the session): the probability before the session, times the normal density of "
    "the return in that state ÷ the sum over both states; carried to the next session by p00 and p11, from their "
    "long-run probability before the first one; RISK_ON from 0.5; confidence = probability of the state named; "
    "expected_duration = 1 ÷ (1 - its p)",
    unit="label; probabilities 0-1; expected_duration in sessions",
    window="all sessions up to each; the parameters come from sessions before them",
    null_rule="NO_SKILL: variance of state 1 below 1.5 times that of state 0; MISSING_INPUT: a parameter is null, or "
    "no return yet; a session without a return is a step of prediction only",
    source="Hamilton 1989, Econometrica 57; the confidence is a model probability, not calibrated",
)
def hamilton_filter(
    ret: ArrayLike, mu: ArrayLike, sigma: ArrayLike, p00: float, p11: float, *, last: int | None = None
) -> Filtered:
    """Is the market calm or stormy (위험 선호·위험 회피 국면)? The probability of the calm state at each session.

    ret: (..., sessions), daily log-returns of the index, oldest first; mu, sigma: mean and standard deviation of state
    0 (low variance) and state 1, sigma above 0; p00, p11: chance that a state lasts another session, inside 0-1; else
    Refused. They come from `fit`. One answer per session; extras `prob`, `confidence`, `expected_duration`.

    >>> hamilton_filter([0.0], [0, 0], [0.25, 1], 0.75, 0.75).at(-1)
    {'value': 'RISK_ON', 'prob': [0.8], 'confidence': 0.8, 'expected_duration': 4.0}
    """
    kept = newest(last)
    means, spreads, stay = _pair("mu", mu), _pair("sigma", sigma), floats("p", [_one(p00), _one(p11)])
    between("sigma", spreads, 0, np.inf, open_ended=True)
    between("p00, p11", stay, 0, 1, open_ended=True)
    shape, (rows,) = lines(ret=ret)
    known = ~np.isnan([*means, *spreads, *stay]).any()
    skilled = known & (spreads[1] ** 2 >= VARIANCE_RATIO * spreads[0] ** 2)
    prob = _filtered(rows, means, spreads, stay) if skilled else np.full(rows.shape, np.nan)
    before = np.logical_and.accumulate(np.isnan(rows), axis=-1)
    absent = (~known | (before & skilled), Reason.MISSING_INPUT)
    return _named(prob, codes(prob.shape, absent, (~skilled, Reason.NO_SKILL)), stay, shape, kept)


def duration_quantiles(p: float) -> tuple[int, int, int]:
    """10%, 50% and 90% quantiles of the length of a spell in sessions, when it lasts another with chance p (0-1).

    Spells are geometric, so that the time left has the same quantiles, however long the spell has lasted.

    >>> duration_quantiles(0.95)
    (3, 14, 45)
    """
    between("p", p, 0, 1, open_ended=True)
    lengths = [max(1, math.ceil(math.log1p(-share) / math.log(p))) for share in QUANTILES]
    return lengths[0], lengths[1], lengths[2]


@dataclass(frozen=True)
class Regimes:
    """A fitted two-state model. State 0 has the lower variance; parameters are NaN when `reason` is not empty.

    `reason`: INSUFFICIENT_HISTORY, or NO_SKILL when the fit did not converge, the states differ too little in variance,
    or they are no regimes: one does not last (p below 0.5) or holds under 1% of the time, or a single normal
    distribution explains the returns as well (BIC). On independent returns the ratio of variances alone is not enough:
    a state on a handful of sessions has any variance.
    """

    mu: tuple[float, float]
    sigma: tuple[float, float]
    p00: float
    p11: float
    log_likelihood: float
    sessions: int
    reason: str = ""

    @property
    def variance_ratio(self) -> float:
        """Variance of state 1 ÷ variance of state 0."""
        return (self.sigma[1] / self.sigma[0]) ** 2


def fit(ret: ArrayLike, *, least: int = LEAST_SESSIONS, starts: int = STARTS, seed: int = SEED) -> Regimes:
    """The two-state model with switching mean and variance that makes the returns likeliest (국면전환 모형 추정).

    ret: (sessions,), log-returns, nulls allowed; fewer than `least` present: INSUFFICIENT_HISTORY. Expectation and
    maximisation from `starts` random points, the best of them followed until it stands still. Hamilton 1990, Journal
    of Econometrics 45. The same answer at every call.
    """
    rows = floats("ret", ret)
    if rows.ndim != 1:
        raise Refused(f"ret must be one series; received shape {rows.shape}.")
    count, tries = int(np.isfinite(rows).sum()), whole("starts", starts, 1)
    if count < whole("least", least, 10):
        return _none(count, Reason.INSUFFICIENT_HISTORY)
    spread = float(np.nanstd(rows))
    if not spread > 8 * np.finfo(float).eps * abs(float(np.nanmean(rows))):
        return _none(count, Reason.NO_SKILL)
    best = _climbed((rows - np.nanmean(rows)) / spread, tries, whole("seed", seed, 0))
    if best is None:
        return _none(count, Reason.NO_SKILL)
    likelihood, mu, sigma, stay = best
    order = np.argsort(sigma)
    mu, sigma, stay = (part[order] for part in (mu, sigma, stay))
    share = (1 - stay[::-1]) / (2 - stay.sum())
    one_state = -0.5 * count * (1 + math.log(2 * math.pi))
    unlikely = 2 * (likelihood - one_state) <= MORE_PARAMETERS * math.log(count)
    if unlikely or sigma[1] ** 2 < VARIANCE_RATIO * sigma[0] ** 2 or stay.min() < 0.5 or share.min() < 0.01:
        return _none(count, Reason.NO_SKILL)
    mean = float(np.nanmean(rows))
    centre, width = mu * spread + mean, sigma * spread
    return Regimes(
        (float(centre[0]), float(centre[1])),
        (float(width[0]), float(width[1])),
        float(stay[0]),
        float(stay[1]),
        likelihood - count * math.log(spread),
        count,
    )


def walk_forward(
    ret: ArrayLike, month: ArrayLike, *, least: int = LEAST_SESSIONS, starts: int = STARTS, seed: int = SEED
) -> tuple[Filtered, dict[int, Regimes]]:
    """Regimes as they could have been known: fitted anew each month on all sessions before it, frozen within it.

    ret: (sessions,), log-returns, oldest first; month: as many whole numbers such as 202611, never falling, else
    Refused. Returns the outcome of `hamilton_filter` for every session, and the model of each month. Sessions of a
    month whose model has a `reason` are null with that reason.
    """
    from sugeup.metrics.kernels import regimes as kernels

    rows, months = floats("ret", ret), floats("month", month)
    if rows.shape != months.shape or rows.ndim != 1 or not (np.diff(months) >= 0).all() or np.isnan(months).any():
        raise Refused("month must hold a whole number for each session of ret, and never fall.")
    prob, reason = np.full(rows.shape, np.nan), np.zeros(rows.shape, dtype=np.uint8)
    stay = np.full((2, rows.size), np.nan)
    models: dict[int, Regimes] = {}
    for one in np.unique(months):
        first, end = np.searchsorted(months, one, side="left"), np.searchsorted(months, one, side="right")
        model = models[int(one)] = fit(rows[:first], least=least, starts=starts, seed=seed)
        if model.reason:
            reason[first:end] = Reason[model.reason]
            continue
        until, ahead = np.empty(end), np.empty(end)
        kernels.filtered(rows[:end], np.array(model.mu), np.array(model.sigma), model.p00, model.p11, until, ahead)
        prob[first:end] = until[first:]
        stay[:, first:end] = [[model.p00], [model.p11]]
    return _named(prob[None], reason[None], stay[:, None], rows.shape, None), models


def _named(prob: Floats, reason: NDArray[np.uint8], stay: Floats, shape: tuple[int, ...], kept: int | None) -> Filtered:
    """The outcome of rows of probabilities of state 0: the likelier state, how likely, how long it lasts."""
    stormy, empty = prob < 0.5, reason > 0
    lasts = 1 / (1 - stay)
    extra = {
        "prob": prob,
        "confidence": np.where(empty, np.nan, np.maximum(prob, 1 - prob)),
        "expected_duration": np.where(empty, np.nan, np.where(stormy, lasts[1], lasts[0])),
    }
    cut = slice(None) if kept is None else slice(-kept, None)
    extra = {name: shaped(part[:, cut], shape) for name, part in extra.items()}
    value = np.where(empty, np.nan, stormy)
    return Filtered(shaped(value[:, cut], shape), shaped(reason[:, cut], shape), extra, STATES)


def _climbed(ret: Floats, tries: int, seed: int) -> tuple[float, Floats, Floats, Floats] | None:
    """The likeliest parameters of standardised returns; None when the best climb did not come to rest."""
    from sugeup.metrics.kernels import regimes as kernels

    generator = np.random.default_rng(seed)
    found = []
    for _ in range(tries):
        mu = generator.uniform(-0.3, 0.3, 2)
        sigma = np.array([generator.uniform(0.3, 0.9), generator.uniform(1.1, 2.5)])
        stay = generator.uniform(0.8, 0.99, 2)
        likelihood, _, _ = kernels.climb(ret, mu, sigma, stay, SHORT_CLIMB, TOLERANCE)
        found.append((float(likelihood), mu, sigma, stay))
    found.sort(key=lambda one: -one[0])
    rested = []
    for _, mu, sigma, stay in found[:FINALISTS]:
        likelihood, _, calm = kernels.climb(ret, mu, sigma, stay, FULL_CLIMB, TOLERANCE)
        rested.append((float(likelihood), mu, sigma, stay, calm))
    best = max(rested, key=lambda one: one[0])
    return best[:4] if best[4] else None


def _none(sessions: int, reason: Reason) -> Regimes:
    nothing = (math.nan, math.nan)
    return Regimes(nothing, nothing, math.nan, math.nan, math.nan, sessions, reason.name)


def _filtered(rows: Floats, mu: Floats, sigma: Floats, stay: Floats) -> Floats:
    """P(state 0) of each row, session by session."""
    z0, z1 = ((rows - mu[state]) / sigma[state] for state in range(2))
    against = 0.5 * (z0 * z0 - z1 * z1) + math.log(sigma[0] / sigma[1])  # log density of state 1 less that of state 0
    odds = np.exp(np.clip(np.nan_to_num(against), -FARTHEST, FARTHEST)).T
    prob = np.empty(odds.shape)
    before = np.full(rows.shape[0], (1 - stay[1]) / (2 - stay[0] - stay[1]))
    for t in range(rows.shape[-1]):
        prob[t] = before / (before + (1 - before) * odds[t])
        before = prob[t] * stay[0] + (1 - prob[t]) * (1 - stay[1])
    return prob.T


def _pair(name: str, values: ArrayLike | None) -> NDArray[np.float64]:
    pair = floats(name, np.full(2, np.nan) if values is None else values)
    if pair.shape != (2,):
        raise Refused(f"{name} must hold two numbers, of state 0 and state 1; received shape {pair.shape}.")
    return pair


def _one(value: float | None) -> float:
    return math.nan if value is None else value
