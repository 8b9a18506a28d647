"""What `sugeup explain` prints: every metric of these families, completely described, with the reference's defaults."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from typing import Any

import pytest

from sugeup import metrics as package
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
    "prg.summary": ("buy sell turnover", {}),
    "prg.basis": ("futures spot rate days dividend_points", {"band_bp": 10}),
    "prg.implied_futures_leg": ("arb_buy arb_sell", {"min_share": 0.1}),
    "prg.intensity": ("x ref", {"min_n": 20}),
    "prg.efficiency": ("ret", {"q": 5, "min_n": 60}),
    "prg.top_stocks": ("rows", {"top": 2}),
    "own.change": ("shares0 shares1 listed0 listed1 price0 price1", {"flat": 0.01}),
    "own.streak": ("shares", {}),
    "own.milestones": ("dates pct", {"step": 5, "hysteresis": 0.25}),
    "own.limit": ("foreign_shares limit_shares", {}),
    "own.concentration_bounds": ("foreign_pct treasury_pct", {}),
    "itd.execution_style": ("flow volume", {"ks": 0.10, "edge": 0.02, "close_bins": 1, "tilt": 0.15}),
    "itd.bias": ("net", {"min_n": 15, "alpha": 0.05}),
    "itd.active_slot": ("share", {"min_sessions": 10}),
    "itd.windows": ("turnover_share illiq", {"top": 2, "min_sessions": 10}),
    "sht.overheat": (
        "market ret_pct short_ratio quarter_ratio multiple avg40_ratio days_traded_40 banned_today",
        {"cap": 20, "rule": None},
    ),
    "sht.days_to_cover": ("balance_shares volume", {"min_n": 10}),
    "alr.flow_reversal": ("z_now z_prev", {"cut": 1}),
    "alr.focus": ("foreign_z institution_z foreign_days institution_days", {"z_cut": 2, "days": 3}),
    "hlt.score": ("components", {}),
    "beh.feedback": ("net turnover logret", {"lookback": 5, "window": 120, "min_n": 40}),
    "beh.gtw_momentum": ("shares_prev shares_now price_prev ret_prev", {}),
    "beh.herding_lsv": ("buyers sellers", {"min_traders": 5, "min_stocks": 10}),
    "beh.herding_fhw": ("buyers sellers", {"min_traders": 5, "min_stocks": 10}),
    "beh.herding_sias": ("d_now d_prev", {"min_stocks": 10}),
    "beh.timing_hm": ("net_sign fwd", {"min_n": 40}),
    "beh.timing_tm": ("y mkt", {"min_n": 60, "lag": 5}),
    "beh.timing_forward": ("net ret bench", {"h": 5, "min_side": 20}),
    "beh.concentration": ("net", {"k": 5}),
    "flow.strength": ("net turnover", {}),
    "flow.alignment": ("foreign_net institution_net", {}),
    "flow.persistence": ("net turnover", {"window": 60, "min_n": 40, "q": 5}),
    "flow.forecast": ("x", {"min_train": 60, "min_oos": 20}),
    "flow.rotation_matrix": ("net weight", {}),
    "flow.rotation_strength": ("net weight turnover", {}),
    "flow.sector_dispersion": ("net turnover", {"min_sectors": 5}),
    "flow.stealth": ("flow_percentile abs_return_percentile", {}),
    "sec.aggregate": ("rows", {"top": 2}),
    "sec.relative_strength": ("sector bench", {"n": 60, "k": 10}),
    "sec.mfi": ("high low close volume", {"n": 14}),
    "sec.flow_mfi": ("net", {"n": 20, "min_n": 15}),
    "sec.rotation_signal": ("z p_adj", {"enter": 1.0, "exit": 0.5, "q": 0.10}),
    "sec.ranker": ("features", {}),
    "smt.technical": ("high low price volume", {"n": 20}),
    "pat.accumulation": (
        "net turnover excess_ret",
        {"window": 10, "ref": 250, "min_ref": 60, "days": 7, "pct": 90},
    ),
    "pat.surge_dump": ("close volume smart_net individual_net bench", {"surge": 0.20, "vol_mult": 3, "dd": 0.10}),
    "pat.liquidity_sweep": ("open high low close volume", {"n": 20, "atr_mult": 0.5, "vol_z": 2}),
    "pat.window_dressing": ("spread_qend spread_other", {"min_n": 20, "z_cut": 2}),
    "pat.rotation": ("recent prior", {"min_sectors": 8}),
    "tec.sma": ("close", {"n": 20}),
    "tec.ema": ("close", {"n": 20}),
    "tec.rsi": ("close", {"n": 14}),
    "tec.macd": ("close", {"fast": 12, "slow": 26, "signal": 9}),
    "tec.cross": ("fast_line slow_line", {}),
    "tec.bollinger": ("close", {"n": 20, "k": 2}),
    "tec.atr": ("high low close", {"n": 14}),
    "tec.obv": ("close volume", {}),
    "tec.candle": ("pattern open high low close", {}),
    "smt.block_threshold": (
        "tick_values adv",
        {"quantile": 0.995, "adv_frac": 0.0005, "floor": 100000000, "min_n": 1000},
    ),
    "smt.wpc": ("dp size_class", {}),
    "smt.impact_bps": ("side price_before price_after", {}),
    "smt.information_ratio": ("active", {"min_n": 60, "annual": 252}),
    "smt.mimicking_return": ("net_prev excess_ret", {}),
    "smt.selection_ic": ("flow fwd", {"min_stocks": 10}),
    "smt.quality_weights": ("ic n", {"n0": 50}),
    "smt.quality_weighted_flow": ("net weights", {}),
    "smt.market_index": ("x ref", {"min_n": 60}),
    "smt.similar_patterns": ("series price", {"m": 5, "h": 3, "k": 2}),
    "smt.foreign_class": ("foreign_net program_net", {}),
    "smt.unrealized_gain": ("avg_buy_price current_price net_volume", {}),
    "smt.evened_flow": ("net turnover", {"n": 5, "past": 250, "min_n": 60}),
    "smt.backed_flow": (
        "net turnover excess_ret volume",
        {"n": 3, "side": "BUY", "past": 250, "min_n": 60},
    ),
    "sec.evened_flow": ("z sector market", {"cap": 4.0, "min_members": 5}),
    "sec.unusual_rotation": (
        "z members market",
        {"stretch": 20, "alpha": 0.10, "pool": 250, "min_n": 60, "gate": 2.5},
    ),
    "smt.unusual_flow": ("z", {"stretch": 10, "alpha": 0.10, "pool": 250, "min_n": 5000}),
    "sen.type_score": ("components", {"min_components": 2}),
    "sen.overall": ("components", {"min_components": 4}),
    "sen.divergence": ("score participation", {}),
    "sen.hamilton_filter": ("ret mu sigma p00 p11", {}),
    "ano.conformal": ("score ref", {"min_n": 60}),
    "ano.type": ("z foreign_sign institution_sign", {"cut": 3}),
}
MODULES = sorted(module.name for module in pkgutil.iter_modules(package.__path__) if not module.ispkg)


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
