"""`evaluate(id, inputs, params)`: the call contract of the metric test vectors, over the production functions.

It only turns lists into arrays, picks the newest cell and renames nothing: every number comes from `sugeup.metrics`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sugeup.metrics.outcome import Outcome, Rows, Single
from sugeup.registry import metrics

SERIES = {
    "inv.trend", "inv.intensity", "inv.price_correlation", "inv.momentum_score", "inv.change_vs", "inv.kyle_lambda",
    "inv.amihud", "own.streak", "beh.consistency", "beh.feedback", "flow.persistence", "sec.mfi", "sec.flow_mfi",
    "sec.relative_strength", "pat.accumulation", "pat.surge_dump", "pat.liquidity_sweep",
}  # fmt: skip
"""Metrics with a value for every session: the vector asks for the newest."""

LISTS = {"tk.bh_adjust", "tk.isotonic", "acc.split_adjust", "sec.rotation_signal"}
"""Metrics whose vector value is the list of all cells."""

SAMPLES = {
    "tk.robust_z": ["ref"], "tk.percentile_rank": ["ref"], "tk.hhi": ["weights"], "tk.spearman": ["x", "y"],
    "tk.newey_west_t": ["x"], "tk.block_bootstrap_mean": ["x"], "tk.brier": ["prob", "outcome"], "tk.bh_adjust": ["p"],
    "tk.isotonic": ["score", "outcome", "query"], "acc.split_adjust": ["shares", "factor"],
    "prg.intensity": ["ref"], "prg.efficiency": ["ret"], "itd.execution_style": ["flow", "volume"],
    "itd.bias": ["net"], "sht.days_to_cover": ["volume"], "flow.forecast": ["x"],
    "sec.rotation_signal": ["z", "p_adj"], "pat.window_dressing": ["spread_other"],
    "smt.technical": ["high", "low", "price", "volume"],
    "beh.gtw_momentum": ["shares_prev", "shares_now", "price_prev", "ret_prev"],
    "beh.herding_lsv": ["buyers", "sellers"], "beh.herding_fhw": ["buyers", "sellers"],
    "beh.timing_hm": ["net_sign", "fwd"], "beh.timing_tm": ["y", "mkt"], "beh.timing_forward": ["net", "ret", "bench"],
    "smt.block_threshold": ["tick_values"], "smt.information_ratio": ["active"], "smt.market_index": ["ref"],
    "sen.hamilton_filter": ["ret"], "ano.conformal": ["ref"],
}  # fmt: skip
"""Inputs that are lists; an absent one becomes as many missing values as its neighbour has."""

EMPTY = {
    "acc.closure_check": {"net": {}},
    "acc.trading_day_window": {"calendar": []},
    "acc.estimate_slots": {"rows": []},
    "prg.top_stocks": {"rows": []},
    "own.milestones": {"dates": [], "pct": []},
    "itd.active_slot": {"share": []},
    "itd.windows": {"turnover_share": [], "illiq": []},
    "hlt.score": {"components": {}},
    "flow.strength": {"net": {}},
    "flow.rotation_matrix": {"net": {}, "weight": {}},
    "flow.rotation_strength": {"net": {}, "weight": {}, "turnover": {}},
    "flow.sector_dispersion": {"net": {}, "turnover": {}},
    "beh.concentration": {"net": {}},
    "beh.herding_sias": {"d_now": [], "d_prev": []},
    "sec.aggregate": {"rows": []},
    "sec.ranker": {"features": {}},
    "pat.rotation": {"recent": {}, "prior": {}},
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
    if isinstance(result, Rows | Single):
        return result.at()
    return listed(result) if id in LISTS else result.at(*((0, -1) if id in SERIES else ()))


def listed(outcome: Outcome) -> dict[str, Any]:
    """All cells as one list; null as a whole when every cell is null."""
    cells = [outcome.at(place) for place in range(outcome.value.size)]
    if all(cell["value"] is None for cell in cells):
        return cells[0] if cells else {"value": []}
    return {"value": [cell["value"] for cell in cells]}
