"""What is told about a signal: read for the listed stocks alone, after the test of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from sugeup.market import investors
from sugeup.metrics import investor, ownership, smart_market, smart_money, technical
from sugeup.metrics.similar_patterns import similar_patterns
from sugeup.research import validation
from sugeup.usecases import calibrations, panels, smart_money_ticks
from sugeup.usecases.answers import FieldMeta
from sugeup.usecases.calibrations import Calibrations, Confidence
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.panels import Floats, Panel
from sugeup.usecases.share_basis import ShareBasis
from sugeup.usecases.smart_money_detectors import INVESTORS, SIGNAL_TYPES, Detection, leaf_nets
from sugeup.usecases.smart_money_models import (
    DetectionDetails,
    Evidence,
    SignalMetrics,
    SimilarPattern,
    SimilarPatterns,
    SmartMoneySignal,
    TechnicalContext,
)
from sugeup.usecases.smart_money_scene import KINDS, WEEK, Scene
from sugeup.usecases.smart_money_ticks import Blocks, Impact

LEVELS = 20
SHAPE, AHEAD, NEAREST = 20, 5, 5
"""Sessions compared with the past, sessions of the outcome, stretches told."""
EVENT = "the stock beats its market index from the open of the next session to the close of the fifth"
"""The declared event that a confidence would be the probability of (metrics: calibrated confidence)."""
LARGE_SHARE = 0.1
"""Share of the institution's net from which a kind of institution is named as a buyer."""
_PRICES = ("raw_high", "raw_low", "raw_close", "base_price", "volume", "amount")
_NO_TICKS = "trades (ticks) of the stock are not stored"
_NO_TYPE = "trades carry no investor type"


@dataclass(frozen=True, eq=False)
class Details:
    """Figures of the listed stocks over the sessions of the scene; `listed` are places among the stocks under test."""

    scene: Scene
    detection: Detection
    listed: Sequence[int]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Codes of the listed stocks."""
        return tuple(self.detection.codes[at] for at in self.listed)

    @cached_property
    def calibrations(self) -> Calibrations:
        """What strengths meant, as of the session."""
        return calibrations.load(self.scene.archive, self.scene.session)

    @cached_property
    def bars(self) -> Panel:
        """Prices and volume, raw."""
        return panels.panel(self.scene.archive, "daily_bars", _PRICES, self.codes, self.scene.days)

    @cached_property
    def group(self) -> Panel | None:
        """Gross and net figures of the flagged investor over the five sessions."""
        name = INVESTORS.get(self.detection.method)
        if name is None:
            return None
        sides = (("net", "amount"), ("net", "volume"), ("buy", "amount"), ("buy", "volume"))
        columns = [investors.column(name, *side) for side in sides]
        having = [investors.column(name, "buy", "amount")]
        read = (self.scene.archive, "investor_day_stock", columns, self.codes, self.scene.window)
        gross = panels.panel(*read, having=having)
        return gross if gross.stored.all() else panels.panel(*read)

    @cached_property
    def leaves(self) -> Floats:
        """Net of the seven kinds over the five sessions, (7, listed)."""
        known = self.detection.leaves
        return leaf_nets(self.scene, self.codes) if known is None else known[:, list(self.listed)]

    @cached_property
    def blocks(self) -> Blocks | None:
        """Large executions of the listed stocks."""
        known = self.detection.blocks
        if known is not None or not self.codes:
            return known
        rows = [self.scene.place[code] for code in self.codes]
        turnover = self.scene.bars["amount"][rows]
        return smart_money_ticks.load(self.scene.archive, self.codes, self.scene.days, turnover, past=False)

    @cached_property
    def impacts(self) -> dict[str, Impact]:
        """Price impact of the large executions, of the method that looks for them."""
        blocks = self.detection.blocks
        if blocks is None:
            return {}
        thresholds = {code: float(blocks.threshold[at]) for code, at in zip(self.codes, self.listed, strict=True)}
        return smart_money_ticks.impacts(self.scene.archive, thresholds, self.scene.days)

    @cached_property
    def factors(self) -> Floats:
        """What brings shares of each session to today's scale, (listed, sessions); NaN before an unknown change."""
        rows = [self.scene.place[code] for code in self.codes]
        torn = self.scene.torn[rows]
        found = np.ones(torn.shape)
        if not torn.any():
            return found
        actions = self.scene.archive.read("corporate_actions", columns=["share_factor"], scopes=list(self.codes))
        for at, code in enumerate(self.codes):
            found[at] = (
                _basis(actions.filter(pl.col("code") == code), self.scene.days, torn[at]).latest(found[at]).value
            )
        return found

    @cached_property
    def streaks(self) -> Floats:
        """`own.streak` of what the flagged flow has gathered: sessions in a row, signed."""
        daily = self.detection.daily
        if daily is None and self.detection.blocks is not None:
            daily = self.detection.blocks.signed
        if daily is None:
            return np.full(len(self.listed), np.nan)
        cut = daily[list(self.listed)]
        gathered = np.zeros((cut.shape[0], cut.shape[1] + 1))
        np.cumsum(np.nan_to_num(cut), axis=1, out=gathered[:, 1:])
        gathered[:, :-1][np.isnan(cut)] = np.nan
        found: Floats = ownership.streak(gathered, last=1).value[:, -1]
        return found


def signal(details: Details, at: int) -> SmartMoneySignal:
    """The block of one listed stock, by its place in the list."""
    detection, scene, place = details.detection, details.scene, details.listed[at]
    code = details.codes[at]
    known = scene.stocks.place[code]
    strength, kind = round(float(detection.strength[place]), 2), SIGNAL_TYPES[detection.method]
    confidence = details.calibrations.calibrated(kind, strength)
    meta = {"strength": FieldMeta(unit="0-100", window="5D", metric="ano.conformal")}
    meta["signal_type"] = FieldMeta(note=validation.of(kind).sentence)
    meta["confidence"] = FieldMeta(n=confidence.n, metric="tk.isotonic")
    if confidence.value is None:
        meta["confidence"] = FieldMeta(reason="UNCALIBRATED", note=confidence.why)
    name, market = scene.stocks.names[known], scene.stocks.markets[known]
    for field, value in (("stock_name", name), ("market", market)):
        if value is None:
            meta[field] = FieldMeta(reason="NOT_COLLECTED", note="no names of stocks (instruments) are stored")
    return SmartMoneySignal(
        stock_code=code,
        stock_name=name,
        market=market,
        signal_type=kind,
        direction="BUY",
        strength=strength,
        confidence=confidence.value,
        evidence=_evidence(details, place, confidence),
        detection_details=_seen(details, at),
        metrics=_metrics(details, at),
        technical_context=_technical(details, at),
        similar_patterns=_similar(details, at),
        meta=meta,
    )


def _evidence(details: Details, place: int, confidence: Confidence) -> Evidence:
    detection = details.detection
    days = None if detection.days is None or np.isnan(detection.days[place]) else int(detection.days[place])
    none = FieldMeta(reason="UNCALIBRATED", note=confidence.why)
    tick = FieldMeta(reason="OUT_OF_SCOPE", note=_NO_TYPE)
    method = "VOLUME_BASIS" if details.scene.basis == "VOLUME" and detection.blocks is None else None
    meta = dict.fromkeys(("base_rate", "brier_skill", "calibrated_until"), none) if confidence.why else {}
    meta |= {"net_buy_days": tick} if days is None else {}
    meta["net_to_turnover"] = FieldMeta(unit="%", window="5D", method=method)
    meta["z"] = FieldMeta(unit="z", window="5D", metric="tk.robust_z", method=method)
    meta["p_adj"] = FieldMeta(n=detection.tested, method="empirical, pooled over stocks and 60 sessions, BH")
    return Evidence(
        net_to_turnover=round(100 * float(detection.x[place]), 2),
        z=round(float(detection.z[place]), 2),
        p=_significant(detection.p[place]),
        p_adj=_significant(detection.p_adj[place]),
        net_buy_days=days,
        base_rate=confidence.base_rate,
        n_calibration=confidence.n,
        brier_skill=confidence.brier_skill,
        calibrated_until=None if confidence.until is None else str(confidence.until),
        event=EVENT,
        meta=meta,
    )


def _seen(details: Details, at: int) -> DetectionDetails:
    scene, detection, draft = details.scene, details.detection, Draft({}, {})
    place, leaves = details.listed[at], details.leaves[:, at]
    _blocks(details, at, draft)
    whole = scene.net("institution")[scene.place[details.codes[at]], -WEEK:].sum()
    silent = np.isnan(leaves).all() or np.isnan(whole)
    about = {"window": "5D", "note": "sub-types, never names of institutions"}
    missing = {"reason": "MISSING_INPUT", "note": "no stored source has the kinds of institutions of this stock"}
    buying = [kind for kind, net in zip(KINDS, leaves, strict=True) if net > 0 and abs(net) >= LARGE_SHARE * abs(whole)]
    draft.put("institutional_buyers", None if silent else buying, **(missing if silent else about))
    streak = details.streaks[at]
    run = int(streak) if streak > 0 else None
    ended = "the newest session was not bought on balance, so no run lasts to it"
    draft.put(
        "accumulation_period",
        run,
        unit="sessions",
        metric="own.streak",
        reason=None if run else "NO_PATTERN",
        note=None if run else ended,
    )
    sides = detection.sides
    cell = {} if sides is None else sides.at(place)
    together = None if sides is None or cell.get("coordination") is None else round(cell["coordination"], 3)
    majority = 1 if sides is None else (1 if cell["buyers"] * 2 >= cell["active"] else -1)
    joined = None if sides is None else [kind for kind, net in zip(KINDS, leaves, strict=True) if net * majority > 0]
    other = {"reason": "OUT_OF_SCOPE", "note": "told by INSTITUTION_CLUSTER"}
    draft.put("participating_institutions", joined, **(other if sides is None else {"window": "5D"}))
    same = None if sides is None else detection.same_side
    draft.put("cluster_size", same, **(other if sides is None else {"unit": "stocks"}))
    draft.put("coordination_score", together, **(other if sides is None else {"unit": "0.5-1", "estimated": True}))
    note = "kinds of institutions are published once a day per stock"
    draft.put("time_synchronization", None, reason="NOT_AVAILABLE_FROM_SOURCE", note=note)
    return DetectionDetails(**draft.values, meta=draft.meta)


def _blocks(details: Details, at: int, draft: Draft) -> None:
    """Large executions of the five sessions, their mean size and how far the price went with them."""
    blocks = details.blocks
    row = details.listed[at] if details.detection.blocks is not None else at
    if blocks is None or np.isnan(blocks.threshold[row]):
        few = "fewer than 1,000 trades or no turnover of the 20 sessions before the five are stored"
        why = {"reason": "MISSING_INPUT", "note": _NO_TICKS if blocks is None else few}
        for name in ("large_block_trades", "average_block_size", "price_impact", "price_impact_bps"):
            draft.put(name, None, **why)
        return
    n = int(blocks.count[row])
    floor = f"trades of {blocks.threshold[row]:,.0f} won or more"
    draft.put("large_block_trades", n, window="5D", metric="smt.block_threshold", note=floor)
    size = round(float(blocks.value[row]) / n) if n else None
    none = {} if n else {"reason": "ZERO_DENOMINATOR", "note": "no large trade in the five sessions"}
    draft.put("average_block_size", size, unit="won", window="5D", **none)
    told = details.impacts.get(details.codes[at])
    why = {"reason": "OUT_OF_SCOPE", "note": "told by LARGE_ORDERS"} if told is None else {}
    told = told or Impact(None, None, n)
    if told.label is None and not why:
        few = "fewer than 20 large trades, now or in the 60 sessions before"
        why = {"reason": "INSUFFICIENT_HISTORY", "note": few}
    draft.put("price_impact", told.label, n=told.n, window="5D against 60D", **why)
    level = _rounded(told.value, 1)
    draft.put("price_impact_bps", level, unit="bp", n=told.n, metric="smt.impact_bps", **why)


def _metrics(details: Details, at: int) -> SignalMetrics:
    draft, factor = Draft({}, {}), details.factors[at, -WEEK:]
    gap = bool(np.isnan(factor).any())
    bought = shares = amount = net = np.nan
    name = INVESTORS.get(details.detection.method)
    if name is not None and details.group is not None:
        amount, net, bought, shares = (
            _total(details.group[investors.column(name, side, unit)][at] * scale)
            for side, unit, scale in (
                ("net", "amount", 1),
                ("net", "volume", factor),
                ("buy", "amount", 1),
                ("buy", "volume", factor),
            )
        )
    elif details.detection.blocks is not None:
        amount = _total(details.detection.blocks.signed[details.listed[at], -WEEK:])
    note = "buyer- less seller-initiated large trades" if name is None else None
    silent = {"reason": "MISSING_INPUT", "note": "no stored source has net won of the group in each session"}
    won = None if np.isnan(amount) else round(float(amount))
    draft.put("net_buy_amount", won, unit="won", window="5D", **(silent if won is None else {"note": note}))
    price = details.bars["raw_close"][at, -1]
    torn = {"reason": "CORPORATE_ACTION_GAP"}
    sides = {"reason": "MISSING_INPUT", "note": "no stored source has what the group bought, apart from its net"}
    typeless = {"reason": "NOT_AVAILABLE_FROM_SOURCE", "note": _NO_TYPE}
    paid = investor.avg_price(bought, shares, "STOCK").at()
    why = typeless if name is None else torn if gap else sides if np.isnan(bought + shares) else {}
    draft.measure("avg_buy_price", paid | why, 2, unit="won", window="5D", metric="inv.avg_price", note=why.get("note"))
    missing = {"reason": "MISSING_INPUT", "note": "no price of the session is stored"}
    current = None if np.isnan(price) else int(price)
    draft.put("current_price", current, unit="won", **(missing if current is None else {}))
    cost = np.nan if paid["value"] is None else paid["value"]
    gain = smart_money.unrealized_gain(cost, price, net).at() | why
    said = why.get("note") or ("the group sold more shares than it bought" if gain["value"] is None else None)
    draft.measure(
        "unrealized_gain",
        gain,
        2,
        unit="%",
        window="5D",
        metric="smt.unrealized_gain",
        estimated=True if gain["value"] is not None else None,
        note=said,
    )
    traded, volume = details.bars["amount"][at, -WEEK:], details.bars["volume"][at, -WEEK:] * factor
    mean = investor.avg_price(_total(traded), _total(volume), "STOCK").at() | (torn if gap else {})
    none = None if mean["value"] is not None else "turnover in won or volume of a session is not stored"
    draft.measure("volume_weighted_price", mean, 2, unit="won", window="5D", metric="inv.avg_price", note=none)
    return SignalMetrics(**draft.values, meta=draft.meta)


def _technical(details: Details, at: int) -> TechnicalContext:
    draft, factor = Draft({}, {}), details.factors[at]
    high, low, close = (details.bars[name][at] / factor for name in ("raw_high", "raw_low", "raw_close"))
    volume = details.bars["volume"][at] * factor
    typical = ((high + low + close) / 3)[-WEEK:]
    found = technical.levels(high, low, typical, volume[-WEEK:], n=LEVELS).at()
    reason = "CORPORATE_ACTION_GAP" if np.isnan(factor[-LEVELS - 1 :]).any() else found.get("reason")
    levels = found["value"] or {"support": None, "resistance": None}
    window = "20 sessions before the last"
    about: dict[str, Any] = {"unit": "won", "window": window, "metric": "smt.technical"}
    why = (
        {}
        if found["value"]
        else {"reason": reason or "MISSING_INPUT", "note": "highs and lows of 21 sessions are needed"}
    )
    draft.put("support_level", _rounded(levels["support"], 2), **about, **why)
    draft.put("resistance_level", _rounded(levels["resistance"], 2), **about, **why)
    trend = smart_market.price_trend(close[-LEVELS:]).at()
    t = None if trend["t"] is None else f"slope {100 * trend['slope']:+.2f}% a session, t {trend['t']:.1f}"
    none = None if trend["value"] else "a session of the last 20 has no price"
    draft.measure("trend", trend, None, window="20D", note=none or t, method="log price, Newey-West t")
    zone = None if found["zone"] is None else [round(edge, 2) for edge in found["zone"]]
    lacking = {"reason": "MISSING_INPUT", "note": "prices or volumes of the five sessions are not stored"}
    draft.put("accumulation_zone", zone, unit="won", window="5D", metric="smt.technical", **({} if zone else lacking))
    return TechnicalContext(**draft.values, meta=draft.meta)


def _similar(details: Details, at: int) -> SimilarPatterns:
    scene, detection, draft = details.scene, details.detection, Draft({}, {})
    code = details.codes[at]
    row = scene.place[code]
    if detection.blocks is not None:
        flow, turnover = detection.blocks.signed[details.listed[at]], scene.bars["amount"][row]
    else:
        flow, turnover = scene.net(INVESTORS[detection.method])[row], scene.turnover[row]
    with np.errstate(invalid="ignore", divide="ignore"):
        x = np.where(turnover > 0, flow / turnover, np.nan)
    price = details.bars["raw_close"][at] / details.factors[at]
    found = similar_patterns(x, price, m=SHAPE, h=AHEAD, k=NEAREST).at()
    nearest = None
    if found["value"] is not None:
        nearest = [
            SimilarPattern(
                start=scene.days[one["start"]],
                end=scene.days[one["start"] + SHAPE - 1],
                similarity_score=round(one["similarity"], 3),
                outcome=round(100 * one["outcome"], 2),
            )
            for one in found["value"]
        ]
    short = "a session of the last 20 has no flow, or no earlier stretch of 20 is complete"
    why = {} if nearest is not None else {"reason": found.get("reason", "INSUFFICIENT_HISTORY"), "note": short}
    about = {"window": f"{SHAPE} of {len(scene.days)} sessions", "metric": "smt.similar_patterns"}
    draft.put("nearest", nearest, **about, **why)
    for name, key, scale in (("mean", "mean", 100), ("base_mean", "base_mean", 100), ("p", "p_value", 1)):
        value = None if found[key] is None else round(scale * found[key], 3)
        draft.put(name, value, unit="%" if scale == 100 else None, n=found["n"], **why)
    return SimilarPatterns(**draft.values, n=found["n"], meta=draft.meta)


def _basis(actions: pl.DataFrame, days: Sequence[date], torn: Any) -> ShareBasis:
    """The share basis of one stock: stored factors; a jump of the base price without one is a gap."""
    factor = np.ones(len(days))
    factor[torn] = np.nan
    for day, share in actions.select("effective_session", "share_factor").iter_rows():
        if day in days and share is not None and share > 0:
            place = days.index(day)
            factor[place] = share if np.isnan(factor[place]) else factor[place] * share
    gaps = tuple(days[int(place)] for place in np.flatnonzero(np.isnan(factor)))
    return ShareBasis(tuple(days), factor, gaps)


def _total(figures: Any) -> float:
    """Sum, NaN where one of them is missing."""
    return float(np.sum(figures))


def _significant(p: float) -> float:
    """Four significant digits: a p far below one keeps its size."""
    return float(f"{float(p):.4g}")


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
