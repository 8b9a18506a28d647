"""What `sugeup explain` prints: every metric of these families, completely described, with the reference's defaults."""

from __future__ import annotations

import doctest
import importlib
import re
import subprocess
import sys
from typing import Any

import pytest

from sugeup.registry import Metric, metrics

# Inputs and defaults of the metric reference, Appendix A.
SIGNATURES: dict[str, tuple[str, dict[str, Any]]] = {
    "tk.robust_z": ("x ref", {"min_n": 20}),
    "tk.percentile_rank": ("x ref", {"min_n": 20}),
    "tk.hhi": ("weights", {}),
    "tk.spearman": ("x y", {"min_n": 20}),
    "tk.bh_adjust": ("p", {}),
    "tk.wilson_interval": ("hits n", {"conf": 0.95}),
    "tk.brier": ("prob outcome", {}),
    "tk.isotonic": ("score outcome query", {"min_n": 200}),
    "tk.block_bootstrap_mean": ("x", {"block": None, "B": 2000, "seed": 20240101, "conf": 0.95}),
    "tk.newey_west_t": ("x", {"lag": 5}),
    "acc.closure_check": ("net unit", {}),
    "acc.trading_day_window": ("calendar as_of n", {}),
    "acc.snapshot_increment": ("times cumulative interval_minutes open close", {}),
    "acc.split_adjust": ("shares factor", {}),
    "acc.estimate_slots": ("rows", {}),
    "inv.net_ratio": ("buy_amount sell_amount", {}),
    "inv.avg_price": ("amount volume scope", {}),
    "inv.trend": ("net turnover", {"window": 5, "ref": 250, "min_ref": 60, "hi": 70, "lo": 30}),
    "inv.intensity": ("net turnover", {"window": 1, "ref": 250, "min_ref": 60}),
    "inv.participation": ("buy_amount sell_amount turnover", {}),
    "inv.price_correlation": ("net turnover ret", {"window": 60, "min_n": 20}),
    "inv.momentum_score": ("net turnover", {"fast": 5, "slow": 20, "ref": 60}),
    "inv.change_vs": ("net", {"period": 1, "lag": 1}),
    "inv.kyle_lambda": ("net turnover ret", {"window": 60, "min_n": 20, "lag": 5}),
    "inv.amihud": ("ret turnover", {"window": 20, "min_n": 10, "scale": 1e9}),
    "beh.consistency": ("net", {"window": 20, "min_n": 20}),
    "val.hit_rate": ("hits n base h", {"conf": 0.95}),
}
MODULES = ("accounting", "behavior", "dense", "investor", "outcome", "samples", "statistics")


@pytest.mark.parametrize("id", SIGNATURES)
def test_a_metric_takes_the_inputs_and_defaults_of_the_reference(id: str) -> None:
    """A default that drifts changes every answer without anybody having asked for it."""
    inputs, defaults = SIGNATURES[id]
    assert (tuple(inputs.split()), defaults) == (metrics()[id].inputs, dict(metrics()[id].defaults))


@pytest.mark.parametrize("id", SIGNATURES)
def test_a_metric_explains_itself(id: str) -> None:
    """An empty line in `sugeup explain` leaves the user with a number that nobody can check."""
    metric: Metric = metrics()[id]
    for part in ("korean", "formula", "unit", "window", "null_rule", "source"):
        assert getattr(metric, part).strip(), part
    assert re.search("[가-힣]", metric.korean)
    assert ">>>" in (metric.function.__doc__ or "")


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_in_the_docstrings_are_true(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"sugeup.metrics.{module}")).failed == 0


def test_listing_the_metrics_does_not_load_the_compiler() -> None:
    """The stdio server answers its first message at once only if numba stays out of the start."""
    program = "import sys; from sugeup.registry import metrics; metrics(); print('numba' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
