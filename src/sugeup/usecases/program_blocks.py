"""The parts of an answer about programme trading: sums, the two kinds, bins of time, and what they are held against."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import numpy as np
from pydantic import Field

from sugeup.archive import Archive
from sugeup.metrics import program
from sugeup.usecases import program_gauges
from sugeup.usecases.answers import FieldMeta, Meta, Shown
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.program_figures import AMOUNTS, SIDES, Figures, Sums
from sugeup.usecases.program_gauges import Future, Turnover
from sugeup.usecases.wording import moment

HOUR = timedelta(minutes=60)
KINDS = {"ALL": "program", "ARBITRAGE": "arbitrage", "NON_ARBITRAGE": "non_arbitrage"}
EFFICIENCY = {"ALL": program_gauges.INDEX}
"""The index whose minutes are tested; a single market's own where it is not here."""
_NO_CARRY = "no dated CD91 rate and dividend points are configured"
_NO_TURNOVER = "turnover of the same minute is not stored"
_STRATEGIES = ("index_tracking", "etf_hedging", "portfolio_rebalancing")


class Summary(Shown):
    """Won of the chosen type in the window."""

    total_buy: int | None
    total_sell: int | None
    net_value: int | None
    buy_ratio: float | None = Field(description="100 x buy / (buy + sell), %; 50 is balance.")
    market_impact: float | None = Field(description="Net to turnover: 100 x (buy - sell) / turnover, %.")
    meta: Meta


class Arbitrage(Shown):
    """차익 against index futures."""

    buy: int | None
    sell: int | None
    net: int | None
    basis: float | None = Field(description="Future - index, points.")
    theoretical: float | None = Field(description="Fair value of the future, points.")
    vendor_theoretical: float | None = Field(description="이론가 as the vendor computes it.")
    deviation: float | None = Field(description="Future - fair value, points.")
    deviation_pct: float | None
    futures_position: Literal["LONG", "FLAT", "SHORT"] | None = Field(description="Implied futures leg of the flow.")
    intensity: Literal["LOW", "MEDIUM", "HIGH"] | None
    meta: Meta


class StrategyBreakdown(Shown):
    """No exchange publishes it."""

    index_tracking: int | None
    etf_hedging: int | None
    portfolio_rebalancing: int | None
    meta: Meta


class NonArbitrage(Shown):
    """비차익: baskets without a futures leg."""

    buy: int | None
    sell: int | None
    net: int | None
    strategy_breakdown: StrategyBreakdown
    meta: Meta


class MarketIndicators(Shown):
    """How much of the market it is, and whether prices leave room for arbitrage."""

    program_participation_rate: float | None = Field(description="100 x (buy + sell) / (2 x turnover), %.")
    arbitrage_opportunity: Literal["LOW", "MODERATE", "HIGH"] | None
    side: Literal["SELL_CASH_BUY_FUTURES", "BUY_CASH_SELL_FUTURES"] | None
    market_efficiency: float | None = Field(description="0-1; 1: a random walk.")
    meta: Meta


def in_window(figures: Figures, window: str) -> Sums:
    """Sums of the window: since the open, or of the last hour; all None where the hour's start has no row."""
    if window != "1H":
        return figures.now
    then = figures.then(HOUR) if figures.by_minute else None
    if then is None:
        return dict.fromkeys(AMOUNTS)
    return {name: _less(figures.now[name], then[name]) for name in AMOUNTS}


def why_missing(figures: Figures, window: str, value: int | None) -> dict[str, str]:
    """Reason and note of a sum that is null."""
    if value is not None:
        return {}
    if window == "1H" and not figures.by_minute:
        return {"reason": "MISSING_INPUT", "note": "the session has no minutes up to its close"}
    if window == "1H" and figures.then(HOUR) is None:
        start = (figures.moment - HOUR).strftime("%H:%M")
        return {"reason": "MISSING_INPUT", "note": f"the moment {start} has no row"}
    return {"reason": "NOT_AVAILABLE_FROM_SOURCE", "note": f"{', '.join(figures.sources)} does not publish it"}


def summary(figures: Figures, sums: Sums, kind: str, window: str, traded: Turnover) -> tuple[Summary, dict[str, Any]]:
    """Sums of one kind, how they lean, and what they are of the turnover; and the metric's cell."""
    draft = Draft({}, {})
    for name, side in (("total_buy", "buy"), ("total_sell", "sell"), ("net_value", "net")):
        value = sums[f"{kind}_{side}_amount"]
        draft.put(name, value, unit="won", **why_missing(figures, window, value))
    cell = program.summary(
        _number(sums[f"{kind}_buy_amount"]), _number(sums[f"{kind}_sell_amount"]), _number(traded.amount)
    ).at()
    draft.measure("buy_ratio", cell, 2, unit="%", metric="prg.summary")
    draft.measure("market_impact", leaning(cell, "net_to_turnover"), 2, unit="%", **against(cell, traded))
    return Summary(**draft.values, meta=draft.meta), cell


def against(cell: dict[str, Any], traded: Turnover) -> dict[str, Any]:
    """What is to be said of a share of turnover."""
    note = _NO_TURNOVER if traded.amount is None else None
    return {"metric": "prg.summary", "note": note, "source": traded.source, "method": traded.method}


def leaning(cell: dict[str, Any], extra: str) -> dict[str, Any]:
    """An extra of a metric as a cell of its own."""
    value = cell.get(extra)
    return {"value": value} | ({} if value is not None else {"reason": cell.get("reason") or "MISSING_INPUT"})


def arbitrage(
    archive: Archive, figures: Figures, sums: Sums, window: str, traded: Turnover, future: Future | None, market: str
) -> Arbitrage:
    """차익: sums of the window, basis, implied futures leg, and how strong it is for this time of day."""
    draft = _kind(figures, sums, "arbitrage", window)
    _basis(draft, future, market)
    bought, sold = (_number(sums[f"arbitrage_{side}_amount"]) for side in ("buy", "sell"))
    leg = program.implied_futures_leg(bought, sold).at()
    draft.measure(
        "futures_position",
        leg,
        None,
        estimated=True,
        metric="prg.implied_futures_leg",
        note=None if leg["value"] is None else f"net / gross of the stock leg {leg['ratio']:+.2f}; flow, no position",
    )
    total = _sum(figures.now["arbitrage_buy_amount"], figures.now["arbitrage_sell_amount"])
    x = np.nan if total is None or not traded.amount else total / traded.amount
    past, method = program_gauges.reference(archive, figures)
    strength = program.intensity(x, past).at()
    percentile, count = strength["percentile"], int(np.isfinite(past).sum())
    note = None
    if strength["value"] is None:
        note = f"{count} past sessions have arbitrage and turnover of the same minute; 20 are needed"
        note = ("nothing was traded" if traded.amount == 0 else _NO_TURNOVER) if np.isnan(x) else note
    draft.measure(
        "intensity",
        strength,
        None,
        window=f"{program_gauges.REFERENCE}D",
        n=count,
        note=note,
        percentile=None if percentile is None else round(percentile, 1),
        metric="prg.intensity",
        method=method,
    )
    return Arbitrage(**draft.values, meta=draft.meta)


def non_arbitrage(figures: Figures, sums: Sums, window: str) -> NonArbitrage:
    """비차익: sums of the window."""
    draft = _kind(figures, sums, "non_arbitrage", window)
    unknown = FieldMeta(unit="won", reason="NOT_AVAILABLE_FROM_SOURCE", note="the exchange does not publish strategies")
    breakdown = StrategyBreakdown(**dict.fromkeys(_STRATEGIES), meta=dict.fromkeys(_STRATEGIES, unknown))
    return NonArbitrage(**draft.values, strategy_breakdown=breakdown, meta=draft.meta)


def _kind(figures: Figures, sums: Sums, kind: str, window: str) -> Draft:
    draft = Draft({}, {})
    for side in SIDES:
        value = sums[f"{kind}_{side}_amount"]
        draft.put(side, value, unit="won", **why_missing(figures, window, value))
    return draft


def _basis(draft: Draft, future: Future | None, market: str) -> None:
    """F - S; the fair value needs parameters that are not configured."""
    if future is None:
        for name in ("basis", "vendor_theoretical", "theoretical", "deviation", "deviation_pct"):
            draft.put(name, None, unit="%" if name == "deviation_pct" else "points", **_no_future(market))
        return
    cell = program.basis(future.close, future.spot, np.nan, np.nan, np.nan).at()
    sources = ", ".join(future.sources)
    draft.measure(
        "basis",
        {"value": cell["value"]},
        2,
        unit="points",
        metric="prg.basis",
        note=f"{future.contract} {future.close:,.2f} - {program_gauges.INDEX} {future.spot:,.2f}",
        as_of=moment(future.at),
        source=sources,
    )
    told = future.theoretical
    absent = {"reason": "NOT_AVAILABLE_FROM_SOURCE", "note": f"{sources} has none in that minute"}
    about = {"source": future.told} if told is not None else absent
    draft.put("vendor_theoretical", told, unit="points", **about)
    for name in ("theoretical", "deviation", "deviation_pct"):
        unit = "%" if name == "deviation_pct" else "points"
        draft.put(name, cell[name], unit=unit, reason=cell["reason"], note=_NO_CARRY, metric="prg.basis")


def _no_future(market: str) -> dict[str, str]:
    if market == "KOSDAQ":
        note = "minutes of KOSDAQ150 futures and their index are not collected"
        return {"reason": "NOT_AVAILABLE_FROM_SOURCE", "note": note}
    return {"reason": "NOT_COLLECTED", "note": "no minute of an index future and its index is stored"}


def indicators(
    archive: Archive, figures: Figures, cell: dict[str, Any], traded: Turnover, future: Future | None, market: str
) -> MarketIndicators:
    """Share of the market, room for arbitrage, and whether the index moves like a random walk."""
    draft = Draft({}, {})
    draft.measure("program_participation_rate", leaning(cell, "participation"), 2, unit="%", **against(cell, traded))
    why = {"reason": "MISSING_INPUT", "note": _NO_CARRY} if future is not None else _no_future(market)
    for name in ("arbitrage_opportunity", "side"):
        draft.put(name, None, metric="prg.basis", **why)
    index = EFFICIENCY.get(market, market)
    outcome = program.efficiency(program_gauges.returns(archive, figures, index)).at()
    count, ratio = outcome.get("n") or 0, outcome.get("variance_ratio")
    said = f"{index}: {count} minutes" if ratio is None else f"{index}: variance ratio of 5 minutes {ratio:.2f}"
    if not count:
        outcome, said = outcome | {"reason": "MISSING_INPUT"}, f"no minutes of {index} are stored"
    draft.measure("market_efficiency", outcome, 3, unit="0-1", n=count, metric="prg.efficiency", note=said)
    return MarketIndicators(**draft.values, meta=draft.meta)


def _less(now: int | None, then: int | None) -> int | None:
    return None if now is None or then is None else now - then


def _sum(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else left + right


def _number(value: int | None) -> float:
    return np.nan if value is None else float(value)
