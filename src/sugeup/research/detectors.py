"""모든 감지기: every detector of the nightly analysis on all sessions of a market at once, to test whether it works.

The same metrics with the same thresholds as `jobs.analyse` uses; a test holds both against each other. Each session
sees what was known on it: a figure of a later one changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sugeup.market import investors
from sugeup.metrics import alerts, patterns, smart_signals, statistics
from sugeup.metrics.outcome import Outcome, Reason
from sugeup.metrics.window_scores import z_history
from sugeup.metrics.windows import moving_sum
from sugeup.research.figures import LEAVES, Figures, Flags, Floats

WEEK, POOL = 5, 60
SMART = ("foreign", "institution", "other_corporation")
SIDES = {"ACCUMULATION": "BUY", "DISTRIBUTION": "SELL"}
ALPHA = 0.10
SCHEMA = {
    "kind": pl.String,
    "direction": pl.String,
    "row": pl.Int32,
    "at": pl.Int32,
    "strength": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class Found:
    """What one kind of signal found: `fired` (rows, sessions) with `strength` (null without a test).

    `judged`: where it could judge, whether it fired or not. Rows are stocks, or sectors where `members` says which
    stocks belong to each row.
    """

    kind: str
    direction: str
    fired: Flags
    judged: Flags
    strength: Floats
    members: tuple[tuple[str, ...], ...] | None = None

    def frame(self) -> pl.DataFrame:
        """One row per signal: kind, direction, row, at (place of the session), strength."""
        row, at = np.nonzero(self.fired)
        strength = self.strength[row, at]
        return pl.DataFrame(
            {
                "kind": [self.kind] * len(row),
                "direction": [self.direction] * len(row),
                "row": row,
                "at": at,
                "strength": np.where(np.isnan(strength), np.nan, strength),
            },
            schema=SCHEMA,
            nan_to_null=True,
        )


Detector = Callable[[Figures], list[Found]]


def weekly(market: Figures, investor: str) -> Floats:
    """Σnet ÷ Σturnover of five sessions at every session; NaN where one of them is missing or was not traded."""
    traded = np.where(market.turnover > 0, market.turnover, np.nan)
    net = np.where(np.isnan(traded), np.nan, market.net[investor])
    total, whole = moving_sum(net, WEEK), moving_sum(traded, WEEK)
    ratio = np.full(total.shape, np.nan)
    ratio[:, WEEK - 1 :] = total[:, WEEK - 1 :] / whole[:, WEEK - 1 :]
    return ratio


def scores(market: Figures, investor: str) -> Floats:
    """`tk.robust_z` of five sessions at every session."""
    return z_history(weekly(market, investor), gap=WEEK, last=market.shape[1])


def tested(z: Floats) -> tuple[Floats, Floats]:
    """Empirical p and p adjusted over all rows, on every session, against the z of all rows on the 60 before it."""
    p, adjusted = np.full(z.shape, np.nan), np.full(z.shape, np.nan)
    for at in range(1, z.shape[1]):
        found = smart_signals.pooled_p(z[:, at], z[:, max(0, at - POOL) : at])
        p[:, at], adjusted[:, at] = found.value, found.extra["p_adj"]
    return p, adjusted


def buying_days(market: Figures, investor: str) -> Floats:
    """Net-buy days of the last five sessions; NaN where one is missing."""
    net = market.net[investor]
    bought = moving_sum((net > 0).astype(np.float64), WEEK)
    known: Floats = np.where(np.isnan(moving_sum(net, WEEK)), np.nan, bought)
    known[:, : WEEK - 1] = np.nan
    return np.rint(known)


def foreign_surge(market: Figures) -> list[Found]:
    """외국인 순매수 급증."""
    z = scores(market, "foreign")
    p, adjusted = tested(z)
    told = smart_signals.foreign_surge(z, adjusted, buying_days(market, "foreign"))
    judged = np.isfinite(told.value)
    return [Found("FOREIGN_SURGE", "BUY", told.value == 1, judged, 100 * (1 - p))]


def same_side(market: Figures) -> list[Found]:
    """기관 동반 순매수."""
    z = scores(market, "institution")
    p, adjusted = tested(z)
    leaves = np.array([_week(market.net[leaf]) for leaf in LEAVES])
    told = smart_signals.institution_same_side(z, adjusted, leaves)
    return [Found("INSTITUTION_SAME_SIDE", "BUY", told.value == 1, np.isfinite(told.value), 100 * (1 - p))]


def _week(net: Floats) -> Floats:
    total = moving_sum(net, WEEK)
    total[:, : WEEK - 1] = np.nan
    return total


def accumulation(market: Figures) -> list[Found]:
    """매집·분산 by the four groups; the sign test of a stock is adjusted over its groups."""
    nets = np.array([market.net[group] for group in investors.GROUPS])
    told = patterns.accumulation(nets, market.turnover[None], market.excess[None])
    chances = told.extra["sign_p"]
    adjusted = np.moveaxis(statistics.bh_adjust(np.moveaxis(chances, 0, -1)).value, -1, 0)
    judged = (told.reason == 0) | (told.reason == Reason.NO_PATTERN)
    found = []
    for place, group in enumerate(investors.GROUPS):
        for pattern, side in SIDES.items():
            here = (told.reason[place] == 0) & (told.value[place] == float(pattern == "ACCUMULATION"))
            fired = here & (adjusted[place] <= ALPHA)
            strength = 100 * (1 - chances[place])
            found.append(Found(f"{group.upper()}_{pattern}", side, fired, judged[place], strength))
    return found


def surge_dump(market: Figures) -> list[Found]:
    """급등·개인 순매수 집중, and the fall after it."""
    smart = sum((market.net[one] for one in SMART), np.zeros(market.shape))
    parts = (market.price("close"), market.volume, smart, market.net["individual"], market.levels)
    return _labelled(patterns.surge_dump(*parts), patterns.SURGES)


def sweeps(market: Figures) -> list[Found]:
    """전저점·전고점 이탈 후 복귀."""
    start, high, low, close = (market.price(name) for name in ("open", "high", "low", "close"))
    return _labelled(patterns.liquidity_sweep(start, high, low, close, market.volume), patterns.SWEEPS)


def _labelled(told: Outcome, kinds: Sequence[str]) -> list[Found]:
    judged = (told.reason == 0) | (told.reason == Reason.NO_PATTERN)
    none = np.full(told.value.shape, np.nan)
    return [
        Found(kind, "NONE", (told.reason == 0) & (told.value == place), judged, none)
        for place, kind in enumerate(kinds)
    ]


def conditions(market: Figures) -> list[Found]:
    """Turns of the flow against the week before, and 쌍끌이: conditions without a test."""
    z = {group: scores(market, group) for group in ("foreign", "institution")}
    found = []
    for group, now in z.items():
        before = np.full(now.shape, np.nan)
        before[:, WEEK:] = now[:, :-WEEK]
        told = alerts.flow_reversal(now, before)
        for name, side in (("TO_BUY", "BUY"), ("TO_SELL", "SELL")):
            fired = (told.value == 1) & (told.extra["direction"] == name)
            kind = f"{group.upper()}_FLOW_REVERSAL"
            found.append(Found(kind, side, fired, np.isfinite(told.value), np.full(now.shape, np.nan)))
    days = [buying_days(market, group) for group in z]
    told = alerts.focus(z["foreign"], z["institution"], *days)
    for name, side in (("DOUBLE_BUY", "BUY"), ("DOUBLE_SELL", "SELL")):
        fired = told.value == alerts.FOCUSES.index(name)
        found.append(Found(name, side, fired, np.isfinite(told.value), np.full(fired.shape, np.nan)))
    return found
