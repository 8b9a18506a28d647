"""사건 연구: what prices did ahead of their index around signals, with intervals for signals that come in flocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sugeup.metrics import statistics
from sugeup.research.figures import Figures, Flags, Floats

BEFORE, AFTER = 10, 20


@dataclass(frozen=True)
class Step:
    """Mean cumulated abnormal return up to `offset` sessions from the signal, decimal; interval None below 20 days."""

    offset: int
    mean: float
    lo: float | None
    hi: float | None
    n: int


def forward(market: Figures, h: int) -> Floats:
    """Return from the open of the next session to the close of the h-th, less that of the index; NaN at the end.

    The index has no open in the rows: it is taken from its close of the session itself, as a holder of it would.
    """
    ahead = np.full(market.shape, np.nan)
    ended = market.shape[1] - h
    if ended <= 0:
        return ahead
    close, open_ = market.price("close"), market.price("open")
    level = market.levels
    with np.errstate(invalid="ignore", divide="ignore"):
        gained = close[:, h:] / open_[:, 1 : ended + 1]
        index = level[:, h:] / level[:, :ended]
    ahead[:, :ended] = gained - index
    return ahead


def study(
    fired: Flags,
    excess: Floats,
    *,
    sign: float = 1.0,
    before: int = BEFORE,
    after: int = AFTER,
    block: int | None = None,
) -> tuple[Step, ...]:
    """Cumulated abnormal returns from `before` sessions ahead of the signals on, by offset.

    fired, excess: (stocks, sessions). Signals of one session are averaged first, then sessions are resampled in blocks
    (`tk.block_bootstrap_mean`, `block` sessions with signals together). Signals whose whole window is not known are
    left out.
    """
    rows, at = np.nonzero(fired)
    inside = (at >= before) & (at + after < fired.shape[1])
    rows, at = rows[inside], at[inside]
    offsets = np.arange(-before, after + 1)
    if not len(rows):
        return tuple(Step(int(offset), float("nan"), None, None, 0) for offset in offsets)
    paths = sign * excess[rows[:, None], at[:, None] + offsets]
    known = np.isfinite(paths).all(axis=1)
    paths, at = np.cumsum(paths[known], axis=1), at[known]
    days = np.unique(at)
    by_day = np.array([paths[at == day].mean(axis=0) for day in days]).reshape(len(days), len(offsets))
    told = statistics.block_bootstrap_mean(by_day.T, block=block)
    return tuple(_step(int(offset), by_day[:, place], told.at(place), len(at)) for place, offset in enumerate(offsets))


def _step(offset: int, values: Floats, cell: dict[str, object], n: int) -> Step:
    mean = float(values.mean()) if values.size else float("nan")
    low, high = cell.get("lo"), cell.get("hi")
    return Step(offset, mean, low if isinstance(low, float) else None, high if isinstance(high, float) else None, n)


def outcomes(fired: Flags, ahead: Floats, sign: float) -> tuple[Flags, Flags]:
    """Which signals were right (sign x return above 0), and which of all stock-sessions would have been (base)."""
    known = np.isfinite(ahead)
    return (sign * ahead > 0)[fired & known], (sign * ahead > 0)[known]


def same_days(fired: Flags, ahead: Floats, sign: float) -> float | None:
    """Base rate of the same dates: mean over signals of the share of all stocks of that session that would be right."""
    known = np.isfinite(ahead)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = ((sign * ahead > 0) & known).sum(axis=0) / known.sum(axis=0)
    weights = (fired & known).sum(axis=0)
    total = weights.sum()
    return float(np.nansum(weights * np.nan_to_num(share)) / total) if total else None


def adjusted(p: Sequence[float | None]) -> list[float | None]:
    """p-values of a family of signals, Benjamini-Hochberg; None stays None."""
    values = np.array([np.nan if one is None else one for one in p])
    found = statistics.bh_adjust(values).value
    return [None if np.isnan(one) else float(one) for one in np.atleast_1d(found)]
