"""이상적인 감지기: how well the best linear detector could find a planted event, as a measure for those that we have.

It knows the shape of the event and the covariance of ordinary windows (Fisher's direction, the likelihood ratio when
noise is normal). Trained on every second stock of a market without events, tried on the others. "known": it is told the
window; "scan": it takes the largest score of all windows inside a stretch of 60 sessions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sugeup.research.detection import STRETCH
from sugeup.research.figures import Figures, Floats

FARTHEST = 6.0
"""Standard deviations at which figures are cut off."""
USUAL = 60
"""Sessions of the mean that volume is held against."""
RIDGE = 1e-3
SPREAD = 0.3
"""Standard deviation of the logarithm of amplitudes."""
GROUPS = 200
"""Random groups of stocks tried for each stretch, where an event happens to a group."""


@dataclass(frozen=True)
class Shape:
    """A planted event: additions by series for each of its days at amplitude 1, and the default amplitude.

    `group`: how many stocks it happens to at once, 1 for a single one. Units are the stock's own noise.
    """

    kind: str
    default: float
    days: tuple[Mapping[str, float], ...]
    group: int = 1

    @property
    def series(self) -> tuple[str, ...]:
        """Names of what it adds to, without those that it leaves alone."""
        return tuple(sorted({name for day in self.days for name, amount in day.items() if amount}))

    @property
    def additions(self) -> Floats:
        """(days, series)."""
        return np.array([[day.get(name, 0.0) for name in self.series] for day in self.days])


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of windows with nothing and, by strength, with the event: told when (`known`) and not (`scan`)."""

    known_null: Floats
    scan_null: Floats
    known: Mapping[float, Floats]
    scan: Mapping[float, Floats]


def own_noise(market: Figures, name: str) -> Floats:
    """One series in standard deviations of each stock's own, cut off at six; (stocks, sessions)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if name == "return":
            values = market.excess
        elif name == "volume":
            values = _less_usual(np.log(np.where(market.traded, market.volume, np.nan)))
        elif name == "short":
            ratio = market.short_amount / np.where(market.turnover > 0, market.turnover, np.nan)
            values = np.log(np.where(ratio > 0, ratio, np.nan))
        elif name == "balance":
            level = np.log(np.where(market.short_balance > 0, market.short_balance, np.nan))
            values = np.diff(level, axis=1, prepend=np.nan)
        else:
            values = market.ratio(name)
    known = np.isfinite(values)
    count = known.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0).sum(axis=1, keepdims=True) / count
        spread = np.sqrt(np.where(known, (values - mean) ** 2, 0).sum(axis=1, keepdims=True) / count)
        scaled = (values - mean) / np.where(spread > 0, spread, np.nan)
    found: Floats = np.clip(scaled, -FARTHEST, FARTHEST)
    return found


def _less_usual(values: Floats) -> Floats:
    """Less the mean of the 60 sessions before; NaN where fewer than 20 of them are known."""
    known = np.isfinite(values)
    total = np.cumsum(np.where(known, values, 0), axis=1)
    count = np.cumsum(known, axis=1).astype(np.float64)
    for series in (total, count):
        before = series.copy()
        before[:, USUAL:] -= series[:, :-USUAL]
        series[:, 1:], series[:, 0] = before[:, :-1], 0
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = values - np.where(count >= 20, total / count, np.nan)
    return found


def scores(market: Figures, shape: Shape, strengths: Sequence[float], seed: int) -> Scores:
    """What the ideal detector gives to windows of the stocks that it was not trained on; `market` has no events."""
    chance = np.random.default_rng(seed)
    panel = np.stack([own_noise(market, name) for name in shape.series], axis=-1)
    train, test = panel[0::2], panel[1::2]
    if shape.group > 1:
        train, test = (_grouped(part, shape.group, chance) for part in (train, test))
    template = shape.additions
    weights = _direction(train, template)
    path = _scored(test, weights)
    shifts = _shifted(template, weights)
    length = len(template)
    known = path[:, ::length]
    known = known[np.isfinite(known)]
    stretches = [
        path[:, start : start + STRETCH - length + 1] for start in range(0, path.shape[1] - STRETCH + length, STRETCH)
    ]
    ordinary = np.concatenate(stretches)
    ordinary = ordinary[np.isfinite(ordinary).all(axis=1)]
    found_known, found_scan = {}, {}
    for strength in strengths:
        size = strength * shape.default * np.exp(SPREAD * chance.standard_normal(len(ordinary)) - SPREAD**2 / 2)
        starts = chance.integers(0, ordinary.shape[1], len(ordinary))
        added = np.zeros(ordinary.shape)
        for step in range(-length + 1, length):
            at = starts + step
            inside = (at >= 0) & (at < ordinary.shape[1])
            added[np.flatnonzero(inside), at[inside]] = shifts[step + length - 1]
        found_scan[strength] = (ordinary + size[:, None] * added).max(axis=1)
        amount = strength * shape.default * np.exp(SPREAD * chance.standard_normal(len(known)) - SPREAD**2 / 2)
        found_known[strength] = known + amount * shifts[length - 1]
    return Scores(known, ordinary.max(axis=1), found_known, found_scan)


def _grouped(panel: Floats, size: int, chance: np.random.Generator) -> Floats:
    """Means over random groups of stocks."""
    chosen = [chance.choice(len(panel), min(size, len(panel)), replace=False) for _ in range(GROUPS)]
    with np.errstate(invalid="ignore", divide="ignore"):
        known = np.isfinite(panel)
        filled = np.where(known, panel, 0)
        found: Floats = np.stack([filled[one].sum(axis=0) / known[one].sum(axis=0) for one in chosen])
    return found


def _direction(panel: Floats, template: Floats) -> Floats:
    """Fisher's direction: the inverse covariance of ordinary windows times the template; (days, series)."""
    length = len(template)
    cut = range(0, panel.shape[1] - length + 1, max(1, length // 2))
    windows = np.concatenate([panel[:, start : start + length].reshape(len(panel), -1) for start in cut])
    windows = windows[np.isfinite(windows).all(axis=1)]
    spread = np.cov(windows, rowvar=False).reshape(template.size, template.size)
    ridge: Floats = RIDGE * float(np.trace(spread)) / template.size * np.eye(template.size)
    solved = np.linalg.solve(spread + ridge, template.reshape(-1, 1))
    return np.array(solved, dtype=np.float64).reshape(template.shape)


def _scored(panel: Floats, weights: Floats) -> Floats:
    """Score of the window that begins at each session; NaN where a figure is missing."""
    length = len(weights)
    starts = panel.shape[1] - length + 1
    found = np.zeros((len(panel), starts))
    for day in range(length):
        found += panel[:, day : day + starts] @ weights[day]
    return found


def _shifted(template: Floats, weights: Floats) -> Floats:
    """What the event adds to the score of a window that begins `step` sessions after it, from -(D - 1) to D - 1."""
    length = len(template)
    found = np.zeros(2 * length - 1)
    for step in range(-length + 1, length):
        for day in range(length):
            if 0 <= day + step < length:
                found[step + length - 1] += float(template[day + step] @ weights[day])
    return found


def auc(null: Floats, event: Floats) -> float:
    """Chance that an event scores higher than nothing, ties counting half."""
    ordered = np.sort(null)
    below, upto = (np.searchsorted(ordered, event, side=side) for side in ("left", "right"))
    return float((0.5 * (below + upto)).mean() / len(ordered))


def recall_at(null: Floats, event: Floats, false_alarms: float) -> float:
    """Part of the events above the score that a share `false_alarms` of ordinary stretches exceeds."""
    bar = np.quantile(null, 1 - min(max(false_alarms, 0.0), 1.0))
    return float((event > bar).mean())
