"""The parts of an answer about sentiment, each figure with what is to know about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sugeup.market import investors
from sugeup.metrics import behavior, sentiment, sentiment_labels
from sugeup.usecases import sentiment_sectors, unusual
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.sentiment_models import (
    ByType,
    Divergence,
    Driver,
    Drivers,
    Evidence,
    ForeignMood,
    IndividualMood,
    Insight,
    InstitutionMood,
    MarketComponents,
    Overall,
    SectorMood,
    TypeComponents,
)
from sugeup.usecases.sentiment_scene import LEAST, MONTH, RANKED, WEEK, Scene
from sugeup.usecases.sentiment_scores import FULL, TYPED, Apart, MarketMood, TypeMoods, additive
from sugeup.usecases.sentiment_sectors import Stocks
from sugeup.usecases.sentiment_smart import Smart

LABELS = {
    "breadth": "상승 종목 비율",
    "momentum": "지수 20일 수익률",
    "basis": "선물 베이시스",
    "short_inverse": "공매도 비중(역)",
    "credit": "신용융자 증가율",
    "smart_flow": "스마트머니 지수",
}
_SHORT = f"fewer than {LEAST} past windows are stored"
_NARRATIVE = "narrative: no news or macro data are stored"
_FAILED = "the four groups do not add to zero on the session"


@dataclass(frozen=True)
class Told:
    """How the components of the types were found: window in words, why breadth is null, method, failed closure."""

    window: str
    no_breadth: tuple[str, str] | None
    method: str | None = None
    failed: bool = False
    short: str = _SHORT


def overall(mood: MarketMood, smart: Smart | None) -> Overall:
    """Score, label, change since the day before, and the six components."""
    scene, draft = mood.scene, Draft({}, {})
    cell = mood.score.at(mood.last - 1)
    reason, note = cell.get("reason"), None
    if reason:
        reason, note = "INSUFFICIENT_HISTORY", f"{cell['n']} of 6 components are known, {FULL} are needed"
    about: dict[str, Any] = {"reason": reason, "note": note, "metric": "sen.overall"}
    draft.put("score", _rounded(cell["value"], 2), unit="0-100", n=cell["n"], **about)
    draft.put("interpretation", cell["label"], **about)
    moved = sentiment.change(mood.at(0), mood.at(1), min_components=FULL).at()
    missing = "the day before has other components, or too few" if moved["value"] is None else None
    draft.measure("change_from_yesterday", moved, 2, unit="points", window="1D", note=note or missing)
    return Overall(session=scene.session, components=_components(mood, smart), **draft.values, meta=draft.meta)


def _components(mood: MarketMood, smart: Smart | None) -> MarketComponents:
    scene, draft = mood.scene, Draft({}, {})
    share, no_shorts = scene.shorts
    growth, of = scene.loans
    close = scene.figures["close"]
    absent = {
        "breadth": None if np.isfinite(scene.breadth[-1]) else "counts of rising and falling stocks are not stored",
        "momentum": None if np.isfinite(close[[-1, -1 - MONTH]]).all() else f"closes of {scene.bench} are missing",
        "basis": "closes of a future with its fair value (이론가) of 60 past sessions are not stored",
        "short_inverse": no_shorts,
        "credit": None if np.isfinite(growth[-1]) else "loans (신용융자) of 20 sessions apart are not stored",
        "smart_flow": None,
    }
    windows = {"breadth": "10D", "momentum": "20D", "basis": "1D", "short_inverse": "1D", "credit": "20D"}
    series = {"breadth": scene.breadth, "momentum": close, "short_inverse": share, "credit": growth}
    for name, value in mood.at().items():
        known = np.isfinite(value)
        if name == "smart_flow" and not known:
            why = smart.why if smart is not None and smart.why else ("INSUFFICIENT_HISTORY", _SHORT)
            draft.put(name, None, unit="0-100", reason=why[0], note=why[1], metric="smt.market_index")
            continue
        missing = absent[name]
        banned = name == "short_inverse" and missing is not None and "전면 금지" in missing
        reason = "OUT_OF_SCOPE" if banned else "MISSING_INPUT" if missing else "INSUFFICIENT_HISTORY"
        said: dict[str, Any] = {"note": None if known else missing or _SHORT, "reason": None if known else reason}
        if known and name == "credit" and of is not None:
            said |= {"as_of": str(of), "note": "as public on the evening of the session"}
        if known and name == "momentum":
            said["note"] = scene.bench
        if known and name == "basis":
            said["method"] = "fair value of the source"
        if name in series and known:
            said["n"] = min(RANKED, int(np.isfinite(series[name][:-1]).sum()))
        metric = "smt.market_index" if name == "smart_flow" else "tk.percentile_rank"
        draft.put(name, _rounded(value, 1), unit="0-100", window=windows.get(name), metric=metric, **said)
    return MarketComponents(**draft.values, meta=draft.meta)


def drivers(mood: MarketMood, affected: list[str]) -> Drivers:
    """Impacts of the components, which add up to the score less 50; none without a score."""
    score = mood.score.at(mood.last - 1)["value"]
    if score is None:
        return Drivers(positive=[], negative=[])
    parts = {name: value for name, value in mood.at().items() if np.isfinite(value)}
    added = sentiment.impacts(parts)
    impacts = additive(score, {name: float(added[name]) for name in parts})
    found = [
        Driver(
            factor=name,
            label=LABELS[name],
            impact=impacts[name],
            percentile=round(parts[name], 1),
            affected_sectors=affected if name == "momentum" else [],
        )
        for name in sorted(impacts, key=lambda name: -abs(impacts[name]))
    ]
    return Drivers(
        positive=[one for one in found if one.impact >= 0], negative=[one for one in found if one.impact < 0]
    )


def by_type(scene: Scene, moods: Mapping[str, TypeMoods], told: Told, stocks: Stocks | None, window: int) -> ByType:
    """The three classes, each with what only it has."""
    foreign, institution, individual = (_mood(scene, moods[group], group, told) for group in moods)
    foreign.put("key_drivers", None, reason="NOT_AVAILABLE_FROM_SOURCE", note=_NARRATIVE)
    institution.put("concerns", None, reason="NOT_AVAILABLE_FROM_SOURCE", note=_NARRATIVE)
    _positioning(institution, stocks)
    _behavior(individual, scene)
    _favorites(individual, stocks, window)
    return ByType(
        foreign=ForeignMood(**foreign.values, meta=foreign.meta),
        institution=InstitutionMood(**institution.values, meta=institution.meta),
        individual=IndividualMood(**individual.values, meta=individual.meta),
    )


def _mood(scene: Scene, mood: TypeMoods, group: str, told: Told) -> Draft:
    draft, parts = Draft({}, {}), Draft({}, {})
    metrics = {"flow_pct": told.window, "persistence_pct": "20D", "breadth_pct": told.window}
    net, traded = scene.net(group)[-1], scene.turnover[-1]
    for name, window in metrics.items():
        value = float(mood.components[name][0, -1])
        reason, note = None, None
        if told.failed:
            value, reason, note = float("nan"), "RECONCILIATION_FAILED", _FAILED
        elif not np.isfinite(value):
            reason, note = "INSUFFICIENT_HISTORY", told.short
            if name == "breadth_pct" and told.no_breadth:
                reason, note = told.no_breadth
            elif told.method is None and (np.isnan(net) or (name == "flow_pct" and np.isnan(traded))):
                reason, note = "MISSING_INPUT", "official net or turnover of a market is not stored for the session"
        parts.put(
            name,
            _rounded(value, 1),
            unit="0-100",
            window=window,
            reason=reason,
            note=note,
            metric="tk.percentile_rank",
            method=told.method,
        )
    cell = mood.score.at(0, -1)
    if told.failed:
        cell = {"value": None, "reason": "RECONCILIATION_FAILED", "label": None, "n": 0}
    note = None
    if cell["value"] is None:
        note = _FAILED if told.failed else f"{cell['n']} of 3 components are known, {TYPED} are needed"
    reason = cell.get("reason")
    about: dict[str, Any] = {"reason": reason, "note": note, "metric": "sen.type_score"}
    draft.put("score", _rounded(cell["value"], 2), unit="0-100", n=cell["n"], **about)
    draft.put("interpretation", cell["label"], **about)
    moved = mood.change(WEEK) if not told.failed else {"value": None, "reason": "RECONCILIATION_FAILED"}
    missing = note or ("five sessions before has other components, or too few" if moved["value"] is None else None)
    draft.measure("change_5d", moved, 2, unit="points", window="5D", note=missing)
    trend = sentiment.trend(np.nan if moved["value"] is None else moved["value"]).at()["value"]
    draft.put("trend", trend, window="5D", reason=moved.get("reason"), note=missing)
    lasting = behavior.consistency(scene.net(group), last=1).at(-1)
    noise = lasting.get("null_expectation")
    said = "20 sessions with a net are needed" if lasting["value"] is None else f"pure noise would give {noise:.2f}"
    draft.measure("consistency", lasting, 3, unit="0-1", window="20D", metric="beh.consistency", note=said)
    draft.values["components"] = TypeComponents(**parts.values, meta=parts.meta)
    return draft


def _positioning(draft: Draft, stocks: Stocks | None) -> None:
    if stocks is None:
        draft.put("positioning", None, reason="MISSING_INPUT", note="sums by sector are of whole sessions")
        return
    cell, z, why = stocks.positioning()
    told = f"z {z:.2f} of cyclical less defensive sectors; the lists are a convention" if z is not None else why
    estimated = True if cell["value"] is not None else None
    draft.put(
        "positioning", cell["value"], window="20D", reason=cell.get("reason"), note=told, estimated=estimated,
        metric="tk.robust_z",
    )  # fmt: skip


def _behavior(draft: Draft, scene: Scene) -> None:
    """Quadrant of individuals' flow of 20 sessions against the index return of the five sessions before today."""
    x = unusual.ratios(scene.net("individual")[None], scene.turnover[None], MONTH)
    close = scene.figures["close"]
    before = np.full((1, len(close)), np.nan)
    before[0, WEEK + 1 :] = close[WEEK:-1] / close[: -WEEK - 1] - 1
    flow, past = unusual.zs(x, MONTH).at(0, -1), unusual.zs(before, WEEK).at(0, -1)
    zs = [np.nan if one["value"] is None else one["value"] for one in (flow, past)]
    cell = sentiment_labels.behavior(*zs).at()
    reason = flow.get("reason") or past.get("reason")
    note = (
        f"z of flow {zs[0]:.2f}, of the index before {zs[1]:.2f}; both from 1 make a quadrant"
        if not reason
        else "net, turnover or index closes of 20 sessions and 60 windows before are needed"
    )
    draft.put("behavior", cell["value"], window="20D, 5D", reason=reason, note=note, metric="tk.robust_z")


def _favorites(draft: Draft, stocks: Stocks | None, window: int) -> None:
    found = why = None
    if stocks is None:
        why = "sums by sector are of whole sessions"
    elif stocks.sums is None:
        why = stocks.why
    else:
        found = stocks.favorites(window)
        why = None if found is not None else _SHORT
    reason = None if found is not None else "INSUFFICIENT_HISTORY" if why == _SHORT else "MISSING_INPUT"
    draft.put("retail_favorites", found, window=f"{window}D", reason=reason, note=why)


def sectors(stocks: Stocks | None, window: int) -> tuple[list[SectorMood] | None, str | None]:
    """Type scores of every sector with members, by code; None with the reason in words."""
    if stocks is None or stocks.sums is None:
        return None, "sums by sector are of whole sessions" if stocks is None else stocks.why
    moods = stocks.moods(window)
    found = []
    for at, code in enumerate(stocks.sums.map.codes):
        if not stocks.sums.map.sizes[at]:
            continue
        draft = Draft({}, {})
        dark = sentiment_sectors.covered(stocks, at)
        for group, mood in moods.items():
            cell = mood.score.at(at, -1)
            reason = None if cell["value"] is not None else "MISSING_INPUT" if dark else "INSUFFICIENT_HISTORY"
            note = dark or (None if cell["value"] is not None else _SHORT)
            draft.put(group, _rounded(cell["value"], 1), reason=reason, note=note if reason else None)
        name = stocks.sums.map.names[at]
        found.append(SectorMood(sector_code=code, sector_name=name, **draft.values, meta=draft.meta))
    return found, None


def divergence(apart: Apart, window: str, failed: bool) -> Divergence:
    """Foreigners against investors at home, institutions against individuals."""
    draft = Draft({}, {})
    cell: dict[str, Any] = apart.outcome.at(len(apart.outcome.value) - 1)
    if failed:
        cell = {"value": None, "reason": "RECONCILIATION_FAILED", "institution_vs_individual": None}
    about: dict[str, Any] = {"unit": "points", "window": window, "metric": "sen.divergence"}
    lacking = _FAILED if failed else "a score is null, or buys and sells of institutions and individuals are not stored"
    draft.measure("foreign_vs_domestic", cell, 2, note=None if cell["value"] is not None else lacking, **about)
    other = cell["institution_vs_individual"]
    absent = None if other is not None else "RECONCILIATION_FAILED" if failed else "MISSING_INPUT"
    draft.put("institution_vs_individual", _rounded(other, 2), reason=absent, note=lacking if absent else None, **about)
    place = apart.percentile if cell["value"] is not None else {"value": None, "reason": cell.get("reason")}
    label = sentiment_labels.leadership(np.nan if place["value"] is None else place["value"]).at()["value"]
    few = "fewer than 60 past divergences of the same components"
    short = None if label else few if cell["value"] is not None else lacking
    draft.put("interpretation", label, percentile=_rounded(place["value"], 1), reason=place.get("reason"), note=short)
    return Divergence(**draft.values, meta=draft.meta)


def insights(stocks: Stocks) -> tuple[list[Insight], str | None]:
    """Observations on sectors that pass the test of their family; why none could be tested."""
    found, tested, why = stocks.signals()
    made = []
    for one in found:
        won, above = f"{abs(one['won']) / 100_000_000:,.0f}", one["won"] > 0
        who = {"foreign": "Foreigners", "institution": "Institutions"}[one["investor"]]
        korean = f"{investors.korean(one['investor'])}: {one['sector']}"
        draft = Draft({}, {})
        draft.put("confidence", None, reason="UNCALIBRATED", note=_UNRESOLVED)
        draft.put("base_rate", None, reason="UNCALIBRATED", note=_UNRESOLVED)
        made.append(
            Insight(
                insight=f"{korean} 5거래일 순매수, 시가총액 비중보다 {won}억원 {'많음' if above else '적음'}",
                insight_en=f"{who}: net purchases of {one['sector']} over 5 sessions are ₩{won}억 "
                f"{'above' if above else 'below'} its share of capitalisation",
                timeframe="SHORT_TERM",
                evidence=Evidence(metrics=_TESTS, z=round(one["z"], 2), p_adj=round(one["p_adj"], 3), tested=tested),
                **draft.values,
                meta=draft.meta,
            )
        )
    return made, why


_TESTS = ["flow.rotation_matrix", "tk.robust_z", "ano.conformal", "tk.bh_adjust"]
_UNRESOLVED = "fewer than 200 resolved signals of this kind are kept"


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), digits)
