"""워크포워드: what could have been fitted before each month, and what is then tried on it; the past grows.

A signal of one session is decided `h` sessions later, so that the last h sessions before a month teach nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sugeup.errors import Refused
from sugeup.metrics import statistics
from sugeup.research.figures import Flags, Floats

Dates = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Fold:
    """One month: places of the signals to learn from and of those to try."""

    month: str
    train: NDArray[np.int64]
    test: NDArray[np.int64]


def folds(told: Sequence[date], known: Sequence[date]) -> Iterator[Fold]:
    """Folds by calendar month of signals told on `told` whose outcome was known on `known`, in any order.

    A fold learns from signals whose outcome was known before the month began. Months without signals have no fold.
    Raises Refused where an outcome was known before its signal.
    """
    when, decided = (np.array(days, dtype="datetime64[D]") for days in (told, known))
    if when.shape != decided.shape or (decided < when).any():
        raise Refused("an outcome is known on or after the session of its signal, one for each signal.")
    months = when.astype("datetime64[M]")
    for month in np.unique(months):
        train = np.flatnonzero(decided < month.astype("datetime64[D]"))
        yield Fold(str(month), train, np.flatnonzero(months == month))


def predictions(
    score: Floats, outcome: Floats, told: Sequence[date], known: Sequence[date], *, least: int = 200
) -> Floats:
    """Probability of each signal from an isotonic map of the signals decided before its month; NaN before `least`."""
    said = np.full(len(score), np.nan)
    for fold in folds(told, known):
        said[fold.test] = statistics.isotonic(
            score[fold.train], outcome[fold.train], score[fold.test], min_n=least
        ).value
    return said


def lift(hit: Flags, base: float, h: int) -> dict[str, float | int | None]:
    """`val.hit_rate` of resolved signals against a base rate, overlapping outcomes counted once."""
    cell = statistics.hit_rate(int(hit.sum()), len(hit), base, h).at()
    return {"hits": int(hit.sum()), "n": len(hit), "base": base, "h": h} | cell
