"""Further detectors on all sessions of a market: anomalies, short overheating, rotation of sectors, window dressing."""

from __future__ import annotations

from datetime import date

import numpy as np

from sugeup.market import overheating
from sugeup.metrics import anomalies, anomaly_features, anomaly_models, patterns, rotation, short
from sugeup.metrics.window_scores import z_history
from sugeup.metrics.windows import moving_sum
from sugeup.research.detectors import (
    WEEK,
    Detector,
    Found,
    accumulation,
    conditions,
    foreign_surge,
    same_side,
    surge_dump,
    sweeps,
    tested,
)
from sugeup.research.figures import Figures, Floats
from sugeup.research.unusual import unusual
from sugeup.research.unusual_sectors import unusual_rotations

BEFORE = 40
"""Sessions of the mean of short selling."""
NEEDED = anomaly_models.FIT_SESSIONS + anomaly_models.CALIBRATION_SESSIONS
LEAST_TURNED = 0.2
"""Part of the stocks in the best and in the worst fifth of a quarter."""
ENDING = 3
LOWEST = -0.99
"""Return below which none is believed."""
"""Sessions of the end of a quarter."""


def anomaly(market: Figures) -> list[Found]:
    """이상 거래: a model fitted anew each month on the sessions before it, p against held-out scores, BH at 5%."""
    seen = anomaly_features.features(
        market.net["foreign"],
        market.net["institution"],
        market.net["individual"],
        market.turnover,
        excess_ret=market.excess,
    )
    fired, judged = np.zeros(market.shape, bool), np.zeros(market.shape, bool)
    strength = np.full(market.shape, np.nan)
    months = np.array([day.year * 100 + day.month for day in market.days])
    for month in np.unique(months):
        inside = np.flatnonzero(months == month)
        if inside[0] < NEEDED + anomaly_features.REFERENCE + 1:
            continue
        fit, held_out = anomaly_models.training(int(inside[0]))
        rows = seen.rows(fit)
        if len(rows) < anomaly_models.LEAST_ROWS:
            continue
        first, last = str(market.days[fit.start]), str(market.days[fit.stop - 1])
        model = anomaly_models.fit(rows, seen.names, first=first, last=last)
        model = anomaly_models.calibrated(model, seen.rows(held_out), seen.names)
        for at in inside:
            told = anomalies.judged(anomaly_models.scores(model, seen.values[:, at], seen.names), model.calibration)
            fired[:, at], judged[:, at] = told.value == 1, told.reason == 0
            strength[:, at] = 100 * (1 - told.extra["p"])
    return [Found("ANOMALY", "NONE", fired, judged, strength)]


def short_overheat(market: Figures) -> list[Found]:
    """공매도 과열: the exchange's rule of each date; the quarter's share is that of all stocks of the market."""
    fired, judged = np.zeros(market.shape, bool), np.zeros(market.shape, bool)
    open_days = [at for at, day in enumerate(market.days) if not overheating.banned(day)]
    names = np.array([market if market in overheating.MARKETS else None for market in market.markets], dtype=object)
    shares = _shares(market)
    quarters = [_quarter(day) for day in market.days]
    by_quarter = {name: _by_quarter(market, name, quarters, open_days) for name in set(market.markets)}
    closed = [_before(one) for one in quarters]
    for place, at in enumerate(open_days):
        rule = overheating.on(market.days[at])
        before = open_days[max(0, place - BEFORE) : place]
        if rule is None or not before:
            continue
        traded = market.traded[:, before]
        past = np.where(traded, market.short_amount[:, before], np.nan)
        known = np.isfinite(past).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.nansum(past, axis=1) / known
            multiple = market.short_amount[:, at] / np.where(mean > 0, mean, np.nan)
            part = np.where(traded, shares[:, before], np.nan)
            usual = np.nansum(part, axis=1) / np.isfinite(part).sum(axis=1)
        quarter = [by_quarter[one].get(closed[at], np.nan) for one in market.markets]
        days = traded.sum(axis=1).astype(np.float64)
        told = short.overheat(
            names, 100 * market.returns[:, at], shares[:, at], quarter, multiple, usual, days, 0.0, rule=rule
        )
        judged[:, at] = np.isfinite(told.value)
        fired[:, at] = told.value > 0
    return [Found("SHORT_OVERHEAT", "NONE", fired, judged, np.full(market.shape, np.nan))]


def _shares(market: Figures) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = 100 * market.short_amount / np.where(market.turnover > 0, market.turnover, np.nan)
    return found


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def _before(quarter: int) -> int:
    return quarter - 1


def _by_quarter(market: Figures, name: str | None, quarters: list[int], open_days: list[int]) -> dict[int, float]:
    """Short share of a market's turnover in % by quarter, bans left out."""
    rows = np.array([one == name for one in market.markets])
    found: dict[int, float] = {}
    for quarter in set(quarters):
        at = [place for place in open_days if quarters[place] == quarter]
        sold, whole = market.short_amount[rows][:, at], market.turnover[rows][:, at]
        both = np.isfinite(sold) & np.isfinite(whole)
        if both.any() and whole[both].sum() > 0:
            found[quarter] = float(100 * sold[both].sum() / whole[both].sum())
    return found


def sector_rotation(market: Figures) -> list[Found]:
    """순환매 신호 of foreigners and institutions together: rows are the industries with at least one stock."""
    names = tuple(sorted({one for one in market.sectors if one is not None}))
    if not names:
        return []
    member = np.array([[one == name for one in market.sectors] for name in names], dtype=np.float64)
    flow = market.net["foreign"] + market.net["institution"]
    net, turnover = member @ np.nan_to_num(flow), member @ np.nan_to_num(market.turnover)
    cap = member @ np.nan_to_num(market.bars["market_cap"])
    net, turnover = (_summed(part) for part in (net, turnover))
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = cap / cap.sum(axis=0)
        x = (net - weight * net.sum(axis=0)) / np.where(turnover > 0, turnover, np.nan)
    z = z_history(x, gap=WEEK, last=market.shape[1])
    p, adjusted = tested(z)
    told = rotation.rotation_signal(z, adjusted)
    members = tuple(
        tuple(code for code, one in zip(market.codes, market.sectors, strict=True) if one == name) for name in names
    )
    return [
        Found(f"SECTOR_{label}", side, told.value == place, np.isfinite(told.value), 100 * (1 - p), members)
        for place, label, side in ((0, "OUTFLOW", "SELL"), (2, "INFLOW", "BUY"))
    ]


def _summed(daily: Floats) -> Floats:
    total = moving_sum(daily, WEEK)
    total[:, : WEEK - 1] = np.nan
    return total


def window_dressing(market: Figures) -> list[Found]:
    """윈도드레싱: one row, the whole market; true on the last session of a quarter whose end stands out."""
    shape = (1, market.shape[1])
    fired, judged, z = np.zeros(shape, bool), np.zeros(shape, bool), np.full(shape, np.nan)
    quarters = [_quarter(day) for day in market.days]
    ends = [at for at in range(len(quarters) - 1) if quarters[at] != quarters[at + 1]]
    gains = np.log1p(np.maximum(np.nan_to_num(market.returns), LOWEST)).cumsum(axis=1)
    spreads = {at: _spread(market, gains, at, quarters) for at in range(2 * ENDING, market.shape[1])}
    for end in ends:
        blocks = [spreads[at] for at in range(end - ENDING, 2 * ENDING, -ENDING) if not _near(at, ends)]
        told = patterns.window_dressing(spreads[end], blocks)
        judged[0, end] = np.isfinite(told.value)
        fired[0, end] = told.value == 1
        z[0, end] = told.extra["z"]
    codes = (market.codes,)
    return [Found("WINDOW_DRESSING", "BUY", fired, judged, np.full(shape, np.nan), codes)]


def _near(at: int, ends: list[int]) -> bool:
    """A block that touches the end of a quarter is no reference."""
    return any(end - ENDING < at <= end or end - ENDING < at - ENDING + 1 <= end for end in ends)


def _spread(market: Figures, gains: Floats, at: int, quarters: list[int]) -> float:
    """Institutions' net ratio of the quarter's winners less that of its losers over the three sessions up to `at`."""
    first = quarters.index(quarters[at - ENDING])
    gained = np.where(market.traded[:, at], gains[:, at - ENDING] - gains[:, max(first - 1, 0)], np.nan)
    if not np.isfinite(gained).any():
        return float("nan")
    low, high = np.nanquantile(gained, [LEAST_TURNED, 1 - LEAST_TURNED])
    cut = slice(at - ENDING + 1, at + 1)
    net = np.nansum(market.net["institution"][:, cut], axis=1)
    traded = np.nansum(market.turnover[:, cut], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = net / np.where(traded > 0, traded, np.nan)
    best, worst = (part[np.isfinite(part)] for part in (ratio[gained >= high], ratio[gained <= low]))
    return float(best.mean() - worst.mean()) if best.size and worst.size else float("nan")


DETECTORS: dict[str, Detector] = {
    "foreign_surge": foreign_surge,
    "institution_same_side": same_side,
    "accumulation": accumulation,
    "surge_dump": surge_dump,
    "liquidity_sweep": sweeps,
    "alert_conditions": conditions,
    "unusual_flow": unusual,
    "anomaly": anomaly,
    "short_overheat": short_overheat,
    "sector_rotation": sector_rotation,
    "unusual_rotation": unusual_rotations,
    "window_dressing": window_dressing,
}
"""Every detector by name."""


def detect(market: Figures, names: tuple[str, ...] | None = None) -> list[Found]:
    """What the detectors find in a market: all of them, or those named."""
    return [one for name in names or tuple(DETECTORS) for one in DETECTORS[name](market)]
