"""실제 시장에서: what followed the signals in real figures, beside the base rate, by horizon and regime.

A hit is sign x return above 0, from the open of the next session to the close of the h-th. Stocks are held against
their index and against all stocks of the same dates; markets against all sessions of the same regime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from sugeup.market import investors
from sugeup.metrics import regimes, statistics
from sugeup.metrics.windows import cut_windows, moving_sum
from sugeup.research import calibration, detectors, detectors_more, events
from sugeup.research.detectors import Found
from sugeup.research.figures import Figures, Flags, Floats, figures

HORIZONS = (5, 20)
SIGNS = {"BUY": 1.0, "SELL": -1.0}
STOCK_DETECTORS = ("foreign_surge", "institution_same_side", "accumulation", "alert_conditions", "unusual_flow")
MARKET_DETECTORS = ("accumulation", "alert_conditions")
RARE, PAST, LEAST = 1.0, 250, 60
"""Percentile and reference of selling by foreigners that is told."""
FLAT = "FLAT"
STORM = 20
"""Sessions of realised volatility."""
ALL = "ALL"
REGIMES = (ALL, *regimes.STATES)


def on_shares(market: Figures, flows: pl.DataFrame) -> Figures:
    """The market with flows and turnover in shares, where a source gives no won (VOLUME_BASIS)."""
    columns = {one: investors.column(one, "net", "volume") for one in investors.GROUPS}
    renamed = flows.rename({name: investors.column(one, "net", "amount") for one, name in columns.items()})
    nothing = flows.clear().select(code=pl.col("code"), session=pl.col("session"), raw_close=pl.lit(None, pl.Float64))
    placed = figures(nothing, renamed, pl.DataFrame({"index_code": [], "session": []}, schema=_INDEX),
                     markets=dict(zip(market.codes, market.markets, strict=True)), days=market.days)  # fmt: skip
    net = {one: np.where(market.halted, np.nan, part * market.scale) for one, part in placed.net.items()}
    return replace(market, net=net, bars={**market.bars, "amount": market.bars["volume"] * market.scale})


_INDEX = {"index_code": pl.String, "session": pl.Date}


def whole_markets(flows: pl.DataFrame, index: pl.DataFrame) -> Figures:
    """KOSPI and KOSDAQ as if each were a stock, with its index as price, against a level that never moves."""
    names = tuple(sorted(flows["market"].unique().to_list()))
    bars = index.filter(pl.col("index_code").is_in(names)).sort("index_code", "session")
    bars = bars.select(
        pl.col("index_code").alias("code"),
        "session",
        *(pl.col(name).alias(f"raw_{name}") for name in ("open", "high", "low", "close")),
        pl.col("close").shift(1).over("index_code").alias("base_price"),
        "volume",
        "amount",
        pl.lit(1).alias("market_cap"),
    )
    found = figures(
        bars,
        flows.rename({"market": "code"}),
        index.filter(pl.lit(value=False)),
        markets=dict.fromkeys(names),
    )
    return replace(found, markets=(FLAT,) * len(names), index={FLAT: np.ones(len(found.days))})


def massive_selling(market: Figures) -> Found:
    """외국인 대량 순매도 of a market: net ÷ turnover at the first percentile of 250 sessions or below."""
    x = market.ratio("foreign")
    past = cut_windows(x, PAST + 1, x.shape[1])[..., :-1]
    rank = statistics.percentile_rank(x, past, min_n=LEAST).value
    fired = (rank <= RARE) & (market.net["foreign"] < 0)
    return Found("MASSIVE_FOREIGN_SELLING", "SELL", fired, np.isfinite(rank), np.full(x.shape, np.nan))


def states(level: Floats, days: Sequence[date]) -> tuple[list[str | None], Floats]:
    """Regime of an index on each session as it was known then, and the probability of the calm one."""
    ret = np.diff(np.log(level), prepend=np.nan)
    months = [day.year * 100 + day.month for day in days]
    told, _ = regimes.walk_forward(ret[1:], months[1:])
    named = [None, *(None if np.isnan(one) else regimes.STATES[int(one)] for one in told.value)]
    return named, np.concatenate([[np.nan], told.extra["prob"]])


def rows(level: str, market: Figures, found: Sequence[Found], regime: Sequence[str | None]) -> list[dict[str, Any]]:
    """One row for each kind with a side, horizon and regime that has signals."""
    state = np.array([one or "" for one in regime])
    told = []
    for h in HORIZONS:
        ahead = events.forward(market, h)
        for one in found:
            if one.direction not in SIGNS:
                continue
            for name in REGIMES:
                inside = np.ones(len(state), bool) if name == ALL else state == name
                told.append(_row(level, one, ahead, h, name, inside, same_days=level == "STOCK"))
    return [row for row in told if row is not None]


def _row(
    level: str, one: Found, ahead: Floats, h: int, name: str, inside: Flags, *, same_days: bool
) -> dict[str, Any] | None:
    sign = SIGNS[one.direction]
    fired, known = one.fired & inside, np.isfinite(ahead) & one.judged & inside
    usable = np.where(known, ahead, np.nan)
    hit, every = events.outcomes(fired, usable, sign)
    base = events.same_days(fired, usable, sign) if same_days else (float(every.mean()) if every.size else None)
    if not hit.size or base is None:
        return None
    cell = statistics.hit_rate(int(hit.sum()), len(hit), min(max(base, 0.0), 1.0), h).at()
    reversal = f" {one.direction}" if one.kind.endswith("REVERSAL") else ""
    about = {"level": level, "name": one.kind + reversal, "kind": one.kind, "direction": one.direction, "h": h}
    return (
        about
        | {"regime": name, "n": len(hit), "hits": int(hit.sum()), "base": base, **_numbers(cell)}
        | _mean(fired, usable, sign, h)
    )


def _numbers(cell: Mapping[str, Any]) -> dict[str, Any]:
    return {name: cell.get(name) for name in ("value", "lo", "hi", "lift", "n_eff", "p_value")}


def _mean(fired: Flags, ahead: Floats, sign: float, h: int) -> dict[str, float | None]:
    """Mean return after the signals, sessions first, resampled in blocks as long as the horizon."""
    at = np.flatnonzero((fired & np.isfinite(ahead)).any(axis=0))
    with np.errstate(invalid="ignore"):
        daily = np.array([sign * np.nanmean(ahead[fired[:, day], day]) for day in at])
    cell = statistics.block_bootstrap_mean(daily, block=min(h, max(1, len(daily)))).at()
    return {"mean": float(daily.mean()) if daily.size else None, "mean_lo": cell["lo"], "mean_hi": cell["hi"]}


def corrected(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with `p_adj` over all of them, and `beats`: lower bound above the base rate and p_adj up to 0.10."""
    adjusted = events.adjusted([row["p_value"] for row in told])
    return [
        row | {"p_adj": p, "beats": p is not None and p <= detectors.ALPHA and row["lo"] is not None
               and row["lo"] > row["base"]}
        for row, p in zip(told, adjusted, strict=True)
    ]  # fmt: skip


def storms(level: Floats, calm: Floats) -> dict[str, Any]:
    """Does RISK_OFF come before stormy weeks? Event: volatility of the next 20 sessions above the median so far.

    The benchmark says stormy when the volatility of the last 20 sessions was above its median so far.
    """
    ret = np.diff(np.log(level), prepend=np.nan)
    squares = np.nan_to_num(ret**2)[None]
    past = np.sqrt(moving_sum(squares, STORM)[0] / STORM)
    past[:STORM] = np.nan
    median = np.array([np.nan if at < 2 * STORM else np.nanmedian(past[: at + 1]) for at in range(len(past))])
    after = np.full(len(past), np.nan)
    after[:-STORM] = past[STORM:]
    known = np.isfinite(calm) & np.isfinite(after) & np.isfinite(median)
    happened, said = (after > median)[known], 1 - calm[known]
    if not happened.size:
        return {"n": 0}
    cell = statistics.brier(said, happened.astype(np.float64)).at()
    right = {"regime": (said > 0.5) == happened, "benchmark": (past > median)[known] == happened}
    shown = {name: _numbers(statistics.hit_rate(int(hit.sum()), len(hit), 0.5, STORM).at())
             for name, hit in right.items()}  # fmt: skip
    return {"n": len(happened), "base_rate": float(happened.mean()), "brier_skill": cell["skill"]} | shown


def calibrations(market: Figures, found: Sequence[Found]) -> list[dict[str, Any]]:
    """What a refit would say of each kind with a strength: n, base rate, skill out of sample, accepted or why not."""
    ahead = events.forward(market, HORIZONS[0])
    told = []
    for one in found:
        if one.direction not in SIGNS or not np.isfinite(one.strength[one.fired]).any():
            continue
        row, at = np.nonzero(one.fired & np.isfinite(ahead) & np.isfinite(one.strength))
        happened = (SIGNS[one.direction] * ahead[row, at] > 0).astype(np.float64)
        days, known = ([market.days[place + back] for place in at] for back in (0, HORIZONS[0]))
        fitted = calibration.fit(one.kind, list(one.strength[row, at]), list(happened), days, known)
        shown = {name: getattr(fitted, name) for name in ("kind", "n", "tried", "base_rate", "brier_skill", "apart")}
        told.append(shown | {"refused": fitted.refused})
    return told


def detected(market: Figures, names: tuple[str, ...]) -> list[Found]:
    """What detectors find, with selling by foreigners for whole markets."""
    extra = [massive_selling(market)] if set(market.markets) == {FLAT} else []
    return [*detectors_more.detect(market, names), *extra]
