"""Metrics of bars and of readings with their bare baselines, beside investors, statistics and bookkeeping."""

from __future__ import annotations

from functools import partial

import numpy as np

from bench import cells_baseline as cells
from bench import crowds_baseline as crowded
from bench import levels_baseline as levels
from bench import rows_baseline as rows
from bench import samples_more_baseline as samples
from bench import technical_baseline as lines
from bench.case import Arrays, Case, take
from bench.markets import Panel
from sugeup.metrics import (
    alerts,
    anomalies,
    behavior,
    candles,
    flow,
    herding,
    intraday,
    ownership,
    patterns,
    program,
    regimes,
    rotation,
    sector,
    sentiment,
    short,
    smart_money,
    smart_skill,
    technical,
    timing,
)

OHLC = ("open", "high", "low", "close")
GROUPS = ("foreign", "institution", "individual", "other_corporation")
FIRST, SECOND, THIRD = "first_percent", "second_percent", "third_percent"


def returns(panel: Panel, name: str = "close") -> np.ndarray:
    """Daily returns of a series of prices, NaN where one of the two is missing."""
    price = panel[name]
    found = np.full(price.shape, np.nan)
    found[:, 1:] = price[:, 1:] / price[:, :-1] - 1
    return found


def moves(panel: Panel) -> Arrays:
    return (returns(panel),)


def flows_and_logs(panel: Panel) -> Arrays:
    """A year and a half of flows, turnovers and log returns: every window of the baseline is sorted twice."""
    turnover, logs = panel["volume"] * panel["index"], np.log1p(returns(panel))
    return tuple(np.ascontiguousarray(part[:, :400]) for part in (panel["smart"], turnover, logs))


def flows_and_moves(panel: Panel) -> Arrays:
    return panel["smart"], returns(panel), returns(panel, "index")


def by_session(panel: Panel) -> Arrays:
    """Flows and returns of all stocks, a row for each session."""
    return np.ascontiguousarray(panel["smart"].T), np.ascontiguousarray(returns(panel).T)


def crowds(panel: Panel) -> Arrays:
    """Buyers and sellers of all stocks, a row for each session; of every fiftieth nobody is known."""
    buyers, sellers = (np.ascontiguousarray(panel[side].T) for side in ("buyers", "sellers"))
    buyers[::50] = np.nan
    return buyers, sellers


def weeks(panel: Panel) -> Arrays:
    """Who bought a dozen stocks in two weeks, for many groups of two traders."""
    groups = panel["z"].shape[1] // 24 * 24
    now, before = (
        np.where(panel[mark][:, :groups] > 0.5, np.nan, panel[side][:, :groups] > 0).reshape(-1, 12, 2)
        for mark, side in (("z", "foreign"), ("other_z", "institution"))
    )
    return now, before


def slots(panel: Panel) -> Arrays:
    """Shares of six slots on twenty sessions, for many groups."""
    groups = panel["z"].shape[1] // 120 * 120
    shares = np.where(panel["z"] > 2.6, np.nan, panel["p"])[:, :groups]
    return (np.ascontiguousarray(shares).reshape(-1, 20, 6),)


def rules(panel: Panel) -> Arrays:
    """Falls, shares and multiples of stocks that are sold short, some of them young."""
    first, second, third = (panel[name] for name in (FIRST, SECOND, THIRD))
    return panel["z"] * 3, first, third / 10, second / 10, panel["days"] * 10 + 15, (panel["p"] > 0.9).astype(float)


def year(panel: Panel) -> Arrays:
    """A year of returns of each stock and of the index."""
    names = ("close", "index")
    stock, index = (np.ascontiguousarray(returns(panel, name)[:, -250:]) for name in names)
    return stock, index


def balances(panel: Panel) -> Arrays:
    """Balances, of every tenth stock none, and volumes."""
    balance = panel["held"][:, -1].copy()
    balance[::10] = np.nan
    return balance, panel["price"]


def flows_and_beyond(panel: Panel) -> Arrays:
    return panel["smart"], panel["volume"], returns(panel) - returns(panel, "index")


def flows_and_half(panel: Panel) -> Arrays:
    """Periods of one year: more have no exact tail within a second."""
    flow, move = np.ascontiguousarray(panel["smart"][:, -250:]), returns(panel)[:, -250:]
    return flow, np.ascontiguousarray(move)


def ticks(panel: Panel) -> Arrays:
    """Values of executions, and the mean turnover of each stock."""
    value = panel["volume"] * panel["close"] / 100
    return value, 1000 * np.nansum(value, axis=1) / np.maximum(np.isfinite(value).sum(axis=1), 1)


def sizes(panel: Panel) -> Arrays:
    """Sizes of flows and volumes in the bins of a day."""
    return np.abs(panel["smart"]), panel["volume"]


def sectors(panel: Panel) -> Arrays:
    """Nets, weights and turnovers of thirty sectors."""
    net, listed, turnover = (np.ascontiguousarray(panel[name][:30]) for name in ("foreign", "listed", "turnover"))
    weight = np.nan_to_num(listed, nan=1.0)
    return net, weight / weight.sum(axis=0), turnover


def pooled(panel: Panel) -> Arrays:
    """Scores of today, against all before."""
    return panel["z"][:, -20:].reshape(-1).copy(), np.ascontiguousarray(panel["other_z"]).reshape(-1)


def sides(panel: Panel) -> Arrays:
    return np.sign(panel["foreign"]), panel["price"], panel["later_price"]


def holdings(panel: Panel) -> Arrays:
    """Held before and now, price and return, a row for each session."""
    names = ("held", "listed", "price", "z")
    before, now, price, move = (np.ascontiguousarray(panel[name].T) for name in names)
    return before, now, price, move / 100


def today(panel: Panel) -> Arrays:
    return np.ascontiguousarray(panel["z"][:, -1]), np.ascontiguousarray(panel["z"][:, :-1])


_LIST = "turns one short list of records into another one; there is no market of them"
_ONE = "answers about one stock, sector or moment at a time, in far less than a millisecond of arithmetic"
LEFT_OUT = {
    "acc.trading_day_window": _LIST,
    "acc.snapshot_increment": _LIST,
    "acc.estimate_slots": _LIST,
    "own.milestones": _LIST,
    "prg.top_stocks": _LIST,
    "sec.aggregate": _LIST,
    "sec.ranker": _LIST,
    "smt.wpc": _LIST,
    "hlt.score": _ONE,
    "flow.rotation_matrix": _ONE,
    "pat.rotation": _ONE,
    "smt.quality_weights": _ONE,
    "smt.technical": _ONE,
    "itd.windows": _ONE,
    "sec.evened_flow": "one mean per sector and session of figures that smt.evened_flow has made",
    "sec.unusual_rotation": "judges one session of a few hundred pairs of sectors",
    "smt.backed_flow": "three evened flows, which have a case, and one matrix of three by three",
    "smt.unusual_flow": "judges one session of all stocks, from the few hundred largest values of a year",
    "smt.similar_patterns": "compares one stock with its own past, with 2,000 random choices that all stocks share",
    "beh.concentration": "tk.hhi of the same array, and one sort",
}
"""Metrics without a case, and why."""

BARS = (
    Case("tec.sma", technical.sma, lines.sma, take("close")),
    Case("tec.ema", technical.ema, lines.ema, take("close")),
    Case("tec.rsi", technical.rsi, lines.rsi, take("close")),
    Case("tec.macd", technical.macd, lines.macd, take("close")),
    Case("tec.cross", technical.cross, lines.cross, take("close", "index")),
    Case("tec.bollinger", technical.bollinger, lines.bollinger, take("close")),
    Case("tec.atr", technical.atr, lines.atr, take("high", "low", "close")),
    Case("tec.obv", technical.obv, lines.obv, take("close", "volume")),
    Case("tec.candle.engulfing", partial(candles.candle, "ENGULFING"), lines.engulfing, take(*OHLC)),
    Case("tec.candle.morning_star", partial(candles.candle, "MORNING_STAR"), lines.morning_star, take(*OHLC)),
    Case("sec.mfi", sector.mfi, rows.mfi, take("high", "low", "close", "volume")),
    Case("sec.flow_mfi", sector.flow_mfi, rows.flow_mfi, take("smart")),
    Case("sec.relative_strength", sector.relative_strength, levels.relative_strength, take("close", "index")),
    Case("beh.feedback", behavior.feedback, rows.feedback, flows_and_logs),
    Case("beh.timing_forward", timing.timing_forward, rows.timing_forward, flows_and_moves),
    Case("flow.persistence", flow.persistence, rows.persistence, take("smart", "volume")),
    Case(
        "pat.surge_dump",
        patterns.surge_dump,
        levels.surge_dump,
        take("close", "volume", "smart", "individual", "index"),
    ),
    Case("smt.information_ratio", smart_skill.information_ratio, rows.information_ratio, moves),
    Case("smt.mimicking_return", smart_skill.mimicking_return, rows.mimicking_return, by_session),
    Case("smt.selection_ic", smart_skill.selection_ic, rows.selection_ic, by_session),
    Case("pat.accumulation", patterns.accumulation, samples.accumulation, flows_and_beyond),
    Case(
        "sen.hamilton_filter",
        lambda ret: regimes.hamilton_filter(ret, [0.0005, -0.001], [0.015, 0.03], 0.98, 0.95),
        samples.hamilton,
        moves,
    ),
    Case("beh.timing_hm", timing.timing_hm, samples.timing_hm, flows_and_half),
    Case("smt.block_threshold", smart_money.block_threshold, samples.block_threshold, ticks),
    Case("itd.execution_style", intraday.execution_style, samples.execution_style, sizes),
    Case("flow.forecast", flow.forecast, samples.forecast, moves),
    Case("itd.bias", intraday.bias, samples.bias, take("smart")),
    Case("prg.efficiency", program.efficiency, rows.efficiency, moves),
    Case("beh.timing_tm", timing.timing_tm, crowded.timing_tm, year),
    Case("pat.liquidity_sweep", patterns.liquidity_sweep, crowded.liquidity_sweep, take(*OHLC, "volume")),
)
READINGS = (
    Case(
        "flow.strength",
        lambda turnover, *nets: flow.strength(dict(zip(GROUPS, nets, strict=True)), turnover),
        cells.strength,
        take("turnover", "foreign", "institution", "individual", "other"),
        flat=True,
    ),
    Case("flow.alignment", flow.alignment, cells.alignment, take("foreign", "institution"), flat=True),
    Case("flow.stealth", flow.stealth, cells.stealth, take(FIRST, SECOND), flat=True),
    Case("alr.flow_reversal", alerts.flow_reversal, cells.flow_reversal, take("z", "other_z"), flat=True),
    Case("alr.focus", alerts.focus, cells.focus, take("z", "other_z", "days", "days"), flat=True),
    Case(
        "ano.type",
        lambda f, g, *z: anomalies.type(dict(zip(anomalies.NAMED, z, strict=True)), f, g),
        lambda f, g, *z: cells.anomaly_type(f, g, np.stack(z)),
        take("foreign", "institution", "z", "other_z", "z", "other_z", "z"),
        flat=True,
    ),
    Case(
        "own.change",
        ownership.change,
        cells.change,
        take("held", "listed", "listed", "listed", "price", "later_price"),
        flat=True,
    ),
    Case("own.limit", ownership.limit, cells.limit, take("held", "listed"), flat=True),
    Case("own.streak", ownership.streak, rows.streak, take("held")),
    Case(
        "own.concentration_bounds",
        ownership.concentration_bounds,
        cells.concentration_bounds,
        take(FIRST, SECOND),
        True,
    ),
    Case("prg.summary", program.summary, cells.summary, take("held", "listed", "turnover"), flat=True),
    Case(
        "prg.implied_futures_leg",
        program.implied_futures_leg,
        cells.implied_futures_leg,
        take("held", "listed"),
        flat=True,
    ),
    Case(
        "smt.foreign_class", smart_money.foreign_class, cells.foreign_class, take("foreign", "institution"), flat=True
    ),
    Case(
        "smt.unrealized_gain",
        smart_money.unrealized_gain,
        cells.unrealized_gain,
        take("price", "later_price", "foreign"),
        flat=True,
    ),
    Case("smt.market_index", smart_money.market_index, rows.market_index, today),
    Case(
        "sen.type_score",
        lambda *parts: sentiment.type_score(dict(zip(sentiment.TYPE_COMPONENTS, parts, strict=True))),
        cells.type_score,
        take(FIRST, SECOND, THIRD),
        flat=True,
    ),
    Case(
        "sen.overall",
        lambda *parts: sentiment.overall(dict(zip(sentiment.COMPONENTS, parts, strict=True))),
        cells.overall,
        take(FIRST, SECOND, THIRD, FIRST, SECOND, THIRD),
        flat=True,
    ),
    Case(
        "sen.divergence",
        lambda f, g, h, some, others: sentiment.divergence(
            {"foreign": f, "institution": g, "individual": h}, {"institution": some, "individual": others}
        ),
        cells.divergence,
        take(FIRST, SECOND, THIRD, "days", "listed"),
        flat=True,
    ),
    Case("ano.conformal", anomalies.conformal, samples.conformal, pooled),
    Case("prg.intensity", program.intensity, samples.intensity, today),
    Case("pat.window_dressing", patterns.window_dressing, samples.window_dressing, today),
    Case("smt.impact_bps", smart_money.impact_bps, samples.impact_bps, sides, flat=True),
    Case("prg.basis", program.basis, samples.basis, take("price", "price", "p", "days", "p"), flat=True),
    Case("beh.gtw_momentum", behavior.gtw_momentum, samples.gtw_momentum, holdings),
    Case(
        "flow.sector_dispersion",
        lambda *given: rotation.sector_dispersion(*({str(at): row for at, row in enumerate(part)} for part in given)),
        samples.sector_dispersion,
        take("foreign", "turnover", rows=30),
    ),
    Case(
        "smt.quality_weighted_flow",
        lambda *net: smart_skill.quality_weighted_flow(
            dict(zip("abc", net, strict=True)), {"a": 0.5, "b": 0.3, "c": 0.2}
        ),
        samples.quality_weighted_flow,
        take("foreign", "institution", "individual"),
    ),
    Case(
        "flow.rotation_strength",
        lambda *given: rotation.rotation_strength(*({str(at): row for at, row in enumerate(part)} for part in given)),
        samples.rotation_strength,
        sectors,
    ),
    Case("sec.rotation_signal", rotation.rotation_signal, rows.rotation_signal, take("z", "p")),
    Case("sht.days_to_cover", short.days_to_cover, rows.days_to_cover, balances),
    Case(
        "beh.herding_fhw",
        lambda buyers, sellers: herding.herding_fhw(buyers, sellers),
        lambda buyers, sellers: rows.crowding(*rows.herding_fhw(buyers, sellers)),
        crowds,
    ),
    Case("beh.herding_lsv", herding.herding_lsv, crowded.herding_lsv, crowds),
    Case("beh.herding_sias", herding.herding_sias, crowded.herding_sias, weeks),
    Case("itd.active_slot", intraday.active_slot, crowded.active_slot, slots),
    Case(
        "sht.overheat",
        lambda ret, share, quarter, multiple, days, barred: short.overheat(
            "KOSPI", ret, share, quarter, multiple, share, days, barred
        ),
        crowded.overheat,
        rules,
        flat=True,
    ),
)
