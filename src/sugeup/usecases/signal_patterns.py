"""패턴 신호 of a whole market: what `get_stock_patterns` says of each stock, found in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from sugeup.market import investors
from sugeup.metrics import patterns, statistics
from sugeup.metrics.outcome import Outcome, Reason
from sugeup.usecases.signal_panels import SPAN, Panels
from sugeup.usecases.signal_rows import Family, Finding, figure
from sugeup.usecases.stock_patterns import ALPHA

SMART = ("foreign", "institution", "other_corporation")
SIDES = {"ACCUMULATION": "BUY", "DISTRIBUTION": "SELL"}
SWEEP, SURGE = 22, 31
"""Sessions that the patterns of prices look at."""
SHORT = SURGE + 1


def found(panels: Panels, provisional: bool) -> tuple[Family, ...]:
    """Accumulation and distribution by group, surges on individual buying, sweeps of old lows and highs."""
    return (
        _accumulation(panels, provisional),
        _surges(panels, provisional),
        _sweeps(panels, provisional),
    )


def kind(group: str, pattern: str) -> str:
    """Name of an accumulation or distribution by a group: FOREIGN_ACCUMULATION."""
    return f"{group.upper()}_{pattern}"


def _accumulation(panels: Panels, provisional: bool) -> Family:
    """Significant ones: the sign test of a stock's four groups, adjusted over the four as the answer does."""
    groups, stocks = investors.GROUPS, len(panels.codes)
    nets = np.array([panels.net(group) for group in groups])
    told = patterns.accumulation(nets, panels.turnover[None], panels.excess[None], window=SPAN, last=1)
    chances = told.extra["sign_p"][..., 0]
    adjusted = statistics.bh_adjust(chances.T).value.T
    usable = ~(panels.torn | panels.unbalanced)
    listed = []
    for row, group in enumerate(groups):
        for at in np.flatnonzero((told.reason[row, :, 0] == 0) & (adjusted[row] <= ALPHA) & usable):
            cell = told.at(row, int(at), 0)
            pattern = str(cell["value"])
            figures = {"days": cell["same_sign_days"], "percentile": cell["percentile"], "net": round(cell["cum_net"])}
            listed.append(
                Finding(
                    code=panels.codes[at],
                    kind=kind(group, pattern),
                    direction=SIDES[pattern],
                    family="STOCK",
                    statistic=figure(cell["percentile"]),
                    p=figure(cell["sign_p"]),
                    p_adj=figure(adjusted[row, at]),
                    strength=round(100 * (1 - cell["sign_p"]), 2),
                    n_tested=int(np.isfinite(chances[:, at]).sum()),
                    basis="VOLUME" if panels.on_shares[at] else "AMOUNT",
                    metric="pat.accumulation",
                    evidence=figures | {"excess_return": cell["cum_excess_ret"], "window": SPAN},
                )
            )
    kinds = tuple(kind(group, pattern) for group in groups for pattern in SIDES)
    return Family(kinds, listed, stocks > 0 and bool(np.isfinite(chances).any()), provisional)


def _surges(panels: Panels, provisional: bool) -> Family:
    cut = slice(-SHORT, None)
    smart = sum((panels.net(group) for group in SMART), np.zeros(panels.volume.shape))
    parts = (panels.price("close"), panels.volume, smart, panels.net("individual"), panels.index)
    told = patterns.surge_dump(*(part[:, cut] for part in parts), last=1)
    names = ("surge", "volume_ratio", "drawdown")
    return _priced(panels, told, "pat.surge_dump", patterns.SURGES, names, "volume_ratio", provisional)


def _sweeps(panels: Panels, provisional: bool) -> Family:
    parts = (*(panels.price(name) for name in ("open", "high", "low", "close")), panels.volume)
    told = patterns.liquidity_sweep(*(part[:, -SHORT:] for part in parts), last=1)
    return _priced(
        panels, told, "pat.liquidity_sweep", patterns.SWEEPS, ("depth_atr", "volume_z"), "depth_atr", provisional
    )


def _priced(
    panels: Panels,
    told: Outcome,
    metric: str,
    kinds: tuple[str, ...],
    names: tuple[str, ...],
    statistic: str,
    provisional: bool,
) -> Family:
    """Patterns without a test and without a side: what happened, and nothing about what it means."""
    listed = []
    for at in np.flatnonzero(told.reason[:, 0] == 0):
        cell: dict[str, Any] = told.at(int(at), 0)
        listed.append(
            Finding(
                code=panels.codes[at],
                kind=str(cell["value"]),
                direction="NONE",
                family="STOCK",
                statistic=figure(cell[statistic]),
                metric=metric,
                evidence={name: cell[name] for name in names},
            )
        )
    judged = (told.reason == 0) | (told.reason == Reason.NO_PATTERN)
    return Family(kinds, listed, bool(judged.any()), provisional)
