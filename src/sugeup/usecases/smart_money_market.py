"""시장 스마트머니: flow of investors weighted by their past record, and what of institutions' position can be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.market import investors
from sugeup.metrics import flow, sentiment_labels, smart_market, smart_money, smart_record, smart_skill, statistics
from sugeup.usecases import panels, unusual
from sugeup.usecases.answers import FieldMeta
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.panels import Floats
from sugeup.usecases.smart_money_models import InstitutionalPositioning, MarketSmartMoneyIndex, Quality
from sugeup.usecases.smart_money_scene import KINDS, WEEK, Scene
from sugeup.usecases.smart_money_sectors import SectorScores

TYPES = ("foreign", *KINDS)
"""Investor types that a record is kept of."""
RESOLVED = 5
"""An outcome counts when it ended so many sessions before the session of the answer, or more."""
RANKED, MONTH = 250, 20
TREND = 10.0
"""Points in five sessions from which the index rises or falls."""
_HISTORY = RANKED + 2 * MONTH
_NO_MARKET = "official totals of a market or of a type (investor_day_market, index_day) are not stored for the session"


@dataclass(frozen=True, eq=False)
class Totals:
    """Official net won by type and one-sided turnover of the markets on the last sessions; NaN where one is missing."""

    days: tuple[date, ...]
    nets: dict[str, Floats]
    turnover: Floats
    sources: tuple[str, ...]


def totals(archive: Archive, market: str, session: date) -> Totals:
    """Read the official totals of the market, or of both added up."""
    days = panels.span(session, _HISTORY)
    scopes = panels.MARKETS if market == "ALL" else (market,)
    groups = [investors.column(group, "net", "amount") for group in ("foreign", "institution")]
    leaves = [investors.column(kind, "net", "amount") for kind in KINDS]
    sources: set[str] = set()
    found: dict[str, Floats] = {}
    for columns, having in ((groups, []), (leaves, leaves)):
        rows = archive.read(
            "investor_day_market",
            columns=(*columns, "products"),
            scopes=scopes,
            start=days[0],
            end=session,
            having=having,
        ).filter((pl.col("venue") == "KRX") & (pl.col("products") == "STOCK"))
        sources.update(rows["source"].unique().to_list())
        found |= _summed(rows, "market", columns, scopes, days)
    bars = archive.read("index_day", columns=("amount",), scopes=scopes, start=days[0], end=session)
    bars = bars.filter(pl.col("venue") == "KRX")
    sources.update(bars["source"].unique().to_list())
    turnover = _summed(bars, "index_code", ("amount",), scopes, days)["amount"]
    nets = {name: found[investors.column(name, "net", "amount")] for name in ("institution", *TYPES)}
    return Totals(days, nets, turnover, tuple(sorted(sources)))


def _summed(
    rows: pl.DataFrame, key: str, columns: Sequence[str], scopes: Sequence[str], days: Sequence[date]
) -> dict[str, Floats]:
    """Columns by session, added over the scopes; NaN where one of them is missing."""
    held = panels.by_scope(rows, key, columns, scopes, days)
    return {name: array.sum(axis=0) for name, array in held.items()}


@dataclass(frozen=True, eq=False)
class Records:
    """How well each type of investor has chosen stocks: mean rank correlation over dates five sessions apart."""

    scene: Scene

    @cached_property
    def dates(self) -> list[int]:
        """Columns of the dates: t whose outcome t+1..t+5 ended `RESOLVED` sessions before the session or earlier."""
        newest = len(self.scene.days) - 1 - WEEK - RESOLVED
        return list(range(newest, -1, -WEEK))[::-1]

    @cached_property
    def found(self) -> dict[str, dict[str, Any]]:
        """Type -> `smart_record.selection_record` as plain values."""
        scene = self.scene
        if scene.basis is None or not self.dates:
            return {name: {"value": None, "n": 0, "t": None} for name in TYPES}
        columns = {name: investors.column(name, "net", scene.measure) for name in TYPES}
        days = [scene.days[at] for at in self.dates]
        leaves = panels.panel(scene.archive, "investor_day_stock", [columns[name] for name in KINDS], scene.codes, days)
        turnover = scene.turnover[scene.tested][:, self.dates]
        turnover = np.where(turnover > 0, turnover, np.nan)
        later, quarter = self._later, np.array([day.year * 10 + (day.month + 2) // 3 for day in days])
        answer = {}
        for name, column in columns.items():
            net = scene.net("foreign")[:, self.dates] if name == "foreign" else leaves[column]
            # Dates are apart already, so that no outcome overlaps another.
            record = smart_record.selection_record((net[scene.tested] / turnover).T, later.T, quarter, h=1)
            answer[name] = record.at()
        return answer

    @property
    def _later(self) -> Floats:
        """Compounded return of the five sessions after each date, (stocks, dates)."""
        moved = 1 + self.scene.returns[self.scene.tested]
        found = np.ones((len(moved), len(self.dates)))
        for ahead in range(1, WEEK + 1):
            found *= moved[:, [at + ahead for at in self.dates]]
        return found - 1

    @cached_property
    def weights(self) -> tuple[dict[str, float] | None, str | None]:
        """`smt.quality_weights`, or the reason why there are none."""
        ic = {name: record["value"] for name, record in self.found.items()}
        told = smart_skill.quality_weights(ic, {name: record["n"] for name, record in self.found.items()})
        return told.value, told.reason or None

    def shown(self) -> list[Quality]:
        """The records as the answer lists them."""
        weights = self.weights[0] or {}
        return [
            Quality(
                investor=name,
                ic=_rounded(record["value"], 4),
                t=_rounded(record["t"], 2),
                n=record["n"],
                weight=_rounded(weights.get(name), 3),
            )
            for name, record in self.found.items()
        ]


def index(scene: Scene, whole: Totals, records: Records, sectors: SectorScores) -> MarketSmartMoneyIndex:
    """The market's index: percentile of today's quality-weighted net ÷ turnover among the 250 sessions before."""
    draft = Draft({}, {})
    weights, why = records.weights
    used = {name: weight for name, weight in (weights or {}).items() if weight > 0}
    net = np.full(len(whole.days), np.nan)
    if used:
        net = smart_skill.quality_weighted_flow({name: whole.nets[name] for name in used}, used).value
    with np.errstate(invalid="ignore", divide="ignore"):
        x = np.where(whole.turnover > 0, net / whole.turnover, np.nan)
    now, before = (
        smart_money.market_index(x[at], x[max(0, at - RANKED) : at]).at() for at in (_last(x), _last(x) - WEEK)
    )
    reason, note = None, None
    if now["value"] is None:
        reason = why or ("MISSING_INPUT" if np.isnan(x[-1]) else now.get("reason"))
        note = _why(reason, used)
    method = f"weights by records to {scene.days[records.dates[-1]]}" if used and records.dates else None
    n = int(np.isfinite(x[-RANKED - 1 : -1]).sum())
    about: dict[str, Any] = {"reason": reason, "note": note, "metric": "smt.market_index", "method": method}
    span = {"unit": "0-100", "window": f"{RANKED} sessions", "n": n, "ci": _interval(now["value"], n)}
    draft.put("current_value", _rounded(now["value"], 2), **span, **about)
    draft.put("interpretation", now["interpretation"] if now["value"] is not None else None, **about)
    moved = None if now["value"] is None or before["value"] is None else now["value"] - before["value"]
    short = None if moved is not None else (reason or "INSUFFICIENT_HISTORY")
    said = None if moved is not None else (note or "the index of five sessions before has too few sessions before it")
    draft.put("change_5d", _rounded(moved, 2), unit="points", window="5D", reason=short, note=said)
    trend = None if moved is None else "INCREASING" if moved >= TREND else "DECREASING" if moved <= -TREND else "STABLE"
    draft.put("trend", trend, window="5D", reason=short, note=said)
    today = None if np.isnan(net[-1]) else round(float(net[-1]))
    absent = {"reason": why or "MISSING_INPUT", "note": _why(why or "MISSING_INPUT", used)} if today is None else {}
    draft.put("quality_weighted_net", today, unit="won", window="1D", metric="smt.quality_weighted_flow", **absent)
    sectors.focus(draft)
    _appetite(scene, draft)
    shown = records.shown()
    for name, said in _RECORD.items():
        if any(getattr(one, name) is None for one in shown):
            short = "INSUFFICIENT_HISTORY" if records.dates else "MISSING_INPUT"
            lacking = (records.weights[1] or short) if name == "weight" else short
            draft.meta[f"quality.{name}"] = FieldMeta(reason=lacking, note=said)
    return MarketSmartMoneyIndex(**draft.values, quality=shown, meta=draft.meta)


_RECORD = {
    "ic": "no past date with flows and later returns of enough stocks",
    "t": "fewer than 20 dates, or they do not differ",
    "weight": "a record that is unknown has no weight, and none has one where no record is positive",
}
"""Field of a record -> why it may be null."""


def positioning(scene: Scene, whole: Totals, sectors: SectorScores) -> InstitutionalPositioning:
    """What flows can say: their tilt, the sector they went to, and how long they last by type."""
    draft = Draft({}, {})
    for name in ("net_exposure", "leverage_estimate"):
        note = "no positions of institutions are published; flows are not exposures"
        draft.put(name, None, reason="NOT_AVAILABLE_FROM_SOURCE", note=note)
    x = unusual.ratios(whole.nets["institution"][None], whole.turnover[None], MONTH)[0]
    ranked = statistics.percentile_rank(x[-1], x[: len(x) - MONTH][-RANKED:], min_n=60).at()
    missing = None if ranked["value"] is not None else _NO_MARKET if np.isnan(x[-1]) else "fewer than 60 past windows"
    past = int(np.isfinite(x[: len(x) - MONTH][-RANKED:]).sum())
    span = {"unit": "0-100", "window": "20D", "n": past, "ci": _interval(ranked["value"], past // MONTH)}
    draft.measure("flow_tilt", ranked, 1, **span, metric="tk.percentile_rank", note=missing, method="기관계")
    sectors.rotation(draft)
    names = ("institution", *KINDS)
    lasting = flow.persistence(np.array([whole.nets[name] for name in names]), whole.turnover, last=1)
    half = lasting.extra["half_life"][:, -1]
    labels = sentiment_labels.horizon(half)
    told = {name: labels.at(at)["value"] for at, name in enumerate(names)}
    headline = told.pop("institution")
    outcome = lasting.at(0, -1)
    if headline is None:
        reason = outcome.get("reason", "NO_PATTERN")
        note = _NO_MARKET if outcome["value"] is None else f"slope {outcome['value']:.2f}: the flow does not go on"
        draft.put("time_horizon", None, window="60D", reason=reason, note=note, metric="flow.persistence")
    else:
        note = f"half-life {half[0]:.1f} sessions of the market's flow"
        draft.put("time_horizon", headline, window="60D", estimated=True, note=note, metric="flow.persistence")
    draft.put("time_horizon_by_type", told, window="60D", estimated=True, metric="flow.persistence", note=_BY_TYPE)
    for at, name in enumerate(names[1:], 1):
        if told[name] is None:
            slope = lasting.at(at, -1)
            why = slope.get("reason", "NO_PATTERN")
            note = "too few sessions of its flow are stored" if slope["value"] is None else "the flow does not go on"
            draft.meta[f"time_horizon_by_type.{name}"] = FieldMeta(reason=why, note=note)
    return InstitutionalPositioning(**draft.values, meta=draft.meta)


_BY_TYPE = "null: no figures of the type, or a flow that does not go on (slope not between 0 and 1)"


def _appetite(scene: Scene, draft: Draft) -> None:
    """Flow of foreigners and institutions into stocks of high beta less low beta, against its own past."""
    percentile, note = None, "flows or returns of the stocks are missing"
    if scene.basis is not None:
        both = scene.net("foreign") + scene.net("institution")
        net, turnover = (unusual.sums(part[scene.tested], WEEK) for part in (both, scene.turnover))
        returns = scene.returns[scene.tested][:, -RISK:]
        weight = np.nan_to_num(scene.bars["market_cap"][scene.tested][:, -RISK:])
        known = np.isfinite(returns) & (weight > 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            market = (np.where(known, returns, 0) * weight).sum(axis=0) / np.where(known, weight, 0).sum(axis=0)
        beta = smart_market.betas(returns, market)
        tilt = smart_market.beta_tilt(net, turnover, beta)
        ranked = statistics.percentile_rank(tilt[-1], tilt[: len(tilt) - WEEK], min_n=RISK).at()
        percentile = ranked["value"]
        note = "fewer than 60 past windows, or fewer than 30 stocks with a beta"
    label = None if percentile is None else sentiment_labels.risk_appetite(percentile).at()["value"]
    about = "외국인+기관 into the highest less the lowest third of 60-session betas of today, past windows as well"
    draft.put(
        "risk_appetite",
        label,
        window="5D",
        percentile=_rounded(percentile, 1),
        estimated=True if label else None,
        reason=None if label else "INSUFFICIENT_HISTORY" if scene.basis else "MISSING_INPUT",
        note=about if label else note,
    )


RISK = 60
"""Sessions of a beta, and the fewest past windows of the tilt."""


def _interval(percentile: float | None, n: int) -> tuple[float, float] | None:
    """95% Wilson interval of a percentile among n independent past values; null from 250 on."""
    if percentile is None or not 0 < n < RANKED:
        return None
    found = statistics.wilson_interval(percentile / 100 * n, n).at()
    return round(100 * found["lo"], 1), round(100 * found["hi"], 1)


def _last(x: Floats) -> int:
    return len(x) - 1


def _why(reason: str | None, used: dict[str, float]) -> str:
    if reason == "NO_SKILL":
        return "no type of investor has a positive record; types are never weighted evenly"
    if reason == "INSUFFICIENT_HISTORY":
        return "fewer than 60 past sessions"
    return _NO_MARKET if used else "no type has a record: flows by type, turnover or base prices are missing"


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), digits)
