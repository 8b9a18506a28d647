"""One metric of the bench with the bare code that does the same work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.markets import Panel
from sugeup.metrics.outcome import Outcome

Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Case:
    """A metric, its bare baseline, and the arrays both are given; `flat`: the baseline takes cells in one row."""

    id: str
    product: Callable[..., Outcome]
    bare: Callable[..., Arrays]
    inputs: Callable[[Panel], Arrays]
    flat: bool = False

    def ours(self, panel: Panel) -> Arrays:
        """What the product answers: value, reason, extras."""
        outcome = self.product(*self.inputs(panel))
        return (outcome.value, outcome.reason, *outcome.extra.values())

    def theirs(self, panel: Panel) -> Arrays:
        """What the bare baseline answers."""
        given = self.inputs(panel)
        return self.bare(*(array.reshape(-1) for array in given)) if self.flat else self.bare(*given)


def take(*names: str, sessions: int | None = None, rows: int | None = None) -> Callable[[Panel], Arrays]:
    """These arrays of a panel, or the first sessions or rows of them."""
    return lambda panel: tuple(np.ascontiguousarray(panel[name][:rows, :sessions]) for name in names)
