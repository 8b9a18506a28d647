"""The minutes of the simulated market look like those of the real one: bands of the public sample, with some slack."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sugeup.sandbox.intraday_figures import bar_figures, figures, tick_figures
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan

BANDS: dict[str, tuple[float, float]] = {
    "im.KOSPI.for.netflow5m_acf1": (0.15371, 0.44296),
    "im.KOSPI.inst.netflow5m_acf1": (0.14313, 0.37743),
    "im.KOSPI.ind.netflow5m_acf1": (0.12183, 0.3437),
    "im.KOSDAQ.ind.corr_5m_flow_ret": (-0.7475, -0.39122),
    "im.KOSDAQ.for.corr_5m_flow_ret": (0.38497, 0.7333),
    "mb.ret_acf1_median": (-0.13399, -0.026901),
    "mb.absret_acf1_median": (0.16293, 0.28275),
    "mb.kurt_median": (4.4807, 8.8902),
    "mb.zero_return_share_median": (0.19658, 0.24026),
    "mb.lnvol_minute_sd_median": (1.2065, 1.4746),
    "mb.corr_lnvol_absret_median": (0.38954, 0.53811),
    "tick015760.trade_size_ln_sd": (1.6923, 2.0683),
    "tick015760.imbalance_1m_acf1": (0.33242, 0.4063),
    "tick015760.corr_imbalance_ret_1m": (0.23253, 0.55296),
    "tick015760.tick_ret_acf1": (-0.52395, -0.42869),
}
"""Committed bands of the stylised facts: public figures of 16 sessions, of 44 stocks and of one stock's trades."""
MIDDLES: dict[str, tuple[float, ...]] = {
    "im.KOSPI.intensity_rel_mean_by_slot": (
        *(2.342, 1.327, 1.006, 0.8435, 0.7186, 0.566, 0.5182),
        *(0.6232, 0.684, 0.7057, 0.7174, 0.944, 1.147, 0.05675),
    ),
    "im.KOSDAQ.intensity_rel_mean_by_slot": (
        *(2.794, 1.596, 1.135, 0.8638, 0.7462, 0.5866, 0.5417),
        *(0.6315, 0.6811, 0.6826, 0.7607, 0.8239, 1.066, 0.06484),
    ),
    "mb.vol_smile_by_30min_from_0900": (
        *(1.934, 1.186, 1.046, 0.8965, 0.8122, 0.7481, 0.7608),
        *(0.7387, 0.7779, 0.9806, 0.8873, 0.7909, 0.6903),
    ),
    "tick015760.side_acf_1_2_5_10_20_50_100": (0.4169, 0.3844, 0.3749, 0.348, 0.3016, 0.2389, 0.1768),
}
"""Lists: each element within a quarter of the real one (the committed rule), or 0.02."""
SLACK = 0.15
"""Part of a band's width allowed beyond it, for six sessions of one seed."""


@pytest.mark.slow
def test_the_minutes_of_six_sessions_lie_in_the_bands_of_the_real_market() -> None:
    market = SimulatedMarket(Plan(seed=2026, stocks=2_000, sessions=20))
    found = figures(market, market.sessions[5:11])
    assert {*BANDS, *MIDDLES} <= set(found)
    outside = {}
    for name, (low, high) in BANDS.items():
        slack = SLACK * (high - low)
        if not low - slack <= found[name] <= high + slack:  # type: ignore[operator]
            outside[name] = found[name]
    for name, middle in MIDDLES.items():
        allowed = np.maximum(0.25 * np.abs(middle), 0.02) * (1 + 2 * SLACK)
        if (np.abs(np.asarray(found[name]) - middle) > allowed).any():
            outside[name] = found[name]
    assert {} == outside


def test_shares_of_the_groups_in_trading_add_to_all_of_it() -> None:
    market = SimulatedMarket(Plan(seed=4, stocks=60, sessions=3))
    found = figures(market, market.sessions[1:2])
    for name in ("KOSPI", "KOSDAQ"):
        shares = [found[f"im.{name}.{group}.gross_share_pct"] for group in ("ind", "for", "inst", "corp")]
        assert 100.0 == pytest.approx(sum(shares))  # type: ignore[arg-type]


def test_figures_of_bars_and_trades_are_what_their_names_say() -> None:
    traded = np.array([0, 1, 2, 35])
    told = bar_figures(traded, np.array([100, 110, *[110] * 34]), np.full(36, 7))
    assert 2 / 3 == told["zero_return_share_median"]
    assert 0.0 == pytest.approx(told["lnvol_minute_sd_median"], abs=1e-12)
    assert math.isnan(told["corr_lnvol_absret_median"])  # type: ignore[arg-type]
    side = np.array([1, -1] * 200)
    trades = tick_figures(np.arange(400) // 10, np.where(side > 0, 101, 100), np.full(400, 5), side)
    assert -1.0 == pytest.approx(trades["side_acf_1_2_5_10_20_50_100"][0])  # type: ignore[index]
    assert -1.0 == pytest.approx(trades["tick_ret_acf1"], abs=0.01)
    assert 0.0 == pytest.approx(trades["trade_size_ln_sd"], abs=1e-12)
