"""`evaluate(id, inputs, params)`: the call contract of the metric test vectors, over the production functions.

It only turns lists into arrays, picks the newest cell and renames nothing: every number comes from `sugeup.metrics`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sugeup.metrics.outcome import Outcome, Rows
from sugeup.registry import metrics

SERIES = {
    "inv.trend", "inv.intensity", "inv.price_correlation", "inv.momentum_score", "inv.change_vs", "inv.kyle_lambda",
    "inv.amihud", "beh.consistency",
}  # fmt: skip
"""Metrics with a value for every session: the vector asks for the newest."""

LISTS = {"tk.bh_adjust", "tk.isotonic", "acc.split_adjust"}
"""Metrics whose vector value is the list of all cells."""

SAMPLES = {
    "tk.robust_z": ["ref"], "tk.percentile_rank": ["ref"], "tk.hhi": ["weights"], "tk.spearman": ["x", "y"],
    "tk.newey_west_t": ["x"], "tk.block_bootstrap_mean": ["x"], "tk.brier": ["prob", "outcome"], "tk.bh_adjust": ["p"],
    "tk.isotonic": ["score", "outcome", "query"], "acc.split_adjust": ["shares", "factor"],
}  # fmt: skip
"""Inputs that are lists; an absent one becomes as many missing values as its neighbour has."""

EMPTY = {
    "acc.closure_check": {"net": {}},
    "acc.trading_day_window": {"calendar": []},
    "acc.estimate_slots": {"rows": []},
}
"""Inputs that are collections of records: an absent one is an empty one."""


def evaluate(id: str, inputs: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, Any]:
    """The metric's full output object: `value`, `reason` when it is null, and its other keys. KeyError: unknown id."""
    if id not in metrics():
        raise KeyError(f"no metric {id!r}; known: {', '.join(metrics())}")
    metric = metrics()[id]
    series = metric.inputs if id in SERIES else SAMPLES.get(id, [])
    given = dict.fromkeys(metric.inputs) | inputs
    lengths = [len(given[name]) for name in series if given[name] is not None]
    for name in series:
        values = [None] * (lengths or [1])[0] if given[name] is None else given[name]
        given[name] = np.array(values, dtype=float).reshape((1, -1) if id in SERIES else -1)
    for name, nothing in EMPTY.get(id, {}).items():
        given[name] = nothing if given[name] is None else given[name]
    result = metric.function(**given | (params or {}))
    if isinstance(result, Rows):
        return result.at()
    return listed(result) if id in LISTS else result.at(*((0, -1) if id in SERIES else ()))


def listed(outcome: Outcome) -> dict[str, Any]:
    """All cells as one list; null as a whole when every cell is null."""
    cells = [outcome.at(place) for place in range(outcome.value.size)]
    if all(cell["value"] is None for cell in cells):
        return cells[0] if cells else {"value": []}
    return {"value": [cell["value"] for cell in cells]}
