"""The answer about sentiment as a page: score and what drives it, the classes, the regime, what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.usecases.sentiment_blocks import LABELS
from sugeup.usecases.wording import Grid, plain, signed

MOODS = {
    "STRONGLY_BEARISH": "매우 비관 strongly bearish",
    "BEARISH": "비관 bearish",
    "NEUTRAL": "중립 neutral",
    "BULLISH": "낙관 bullish",
    "STRONGLY_BULLISH": "매우 낙관 strongly bullish",
}
TRENDS = {"INCREASINGLY_BULLISH": "↑ 개선", "STABLE": "→ 유지", "INCREASINGLY_BEARISH": "↓ 악화"}
REGIMES = {"RISK_ON": "안정 국면 RISK_ON", "RISK_OFF": "불안 국면 RISK_OFF"}
_GROUPS = {"foreign": "외국인", "institution": "기관", "individual": "개인"}
_SHOWN = 3
SHORT_MOODS = {
    "STRONGLY_BEARISH": "매우 비관",
    "BEARISH": "비관",
    "NEUTRAL": "중립",
    "BULLISH": "낙관",
    "STRONGLY_BULLISH": "매우 낙관",
}


def text(answer: Any) -> Sequence[object]:
    """Heading, score, drivers, classes, sectors at both ends, regime, observations, what is missing."""
    scores = answer.sentiment_scores
    lines: list[object] = [_heading(answer), _overall(scores)]
    lines += _drivers(scores)
    if scores.by_investor_type is not None:
        lines += _types(scores)
    if scores.by_sector:
        lines += _sectors(scores.by_sector)
    lines.append(_regime(answer.market_regime))
    lines += [_observed(one) for one in answer.actionable_insights[:_SHOWN]]
    lines += [f"! {warning}" for warning in answer.warnings]
    if answer.coverage:
        lines.append("없음 missing: " + ", ".join(gap.what for gap in answer.coverage))
    return lines


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row for the market, per class and per sector: score, label, components."""
    about = {"session": str(answer.session), "market": answer.market, "period": answer.period}
    scores = answer.sentiment_scores
    whole = scores.overall
    found = [
        about
        | {"of": "market", "score": whole.score, "label": whole.interpretation}
        | whole.components.model_dump(exclude={"meta"})
    ]
    if scores.by_investor_type is not None:
        for name in _GROUPS:
            one = getattr(scores.by_investor_type, name)
            parts = one.components.model_dump(exclude={"meta"})
            found.append(about | {"of": name, "score": one.score, "label": one.interpretation} | parts)
    for sector in scores.by_sector or ():
        for name in _GROUPS:
            of = f"{sector.sector_code} {sector.sector_name} {name}"
            found.append(about | {"of": of, "score": getattr(sector, name)})
    return found


def _heading(answer: Any) -> str:
    what = {"ALL": "KOSPI+KOSDAQ"}.get(answer.market, answer.market)
    state = "잠정 provisional" if answer.provisional else "확정 final"
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    return f"투자 심리 · {what} · {answer.period} {answer.session} · {state} · KRX{simulated} · 50 = 평소 ordinary"


def _overall(scores: Any) -> str:
    one = scores.overall
    if one.score is None:
        about = one.meta["score"]
        return f"시장 심리 – ({about.reason}: {about.note})"
    moved = "" if one.change_from_yesterday is None else f", 전일 대비 {signed(one.change_from_yesterday, 1)}"
    return f"시장 심리 {one.score:.1f} {MOODS[one.interpretation]}{moved} (구성 지표 {one.meta['score'].n}개)"


def _drivers(scores: Any) -> list[str]:
    drivers = scores.sentiment_drivers
    lines = []
    for title, listed in (("올린 요인 up", drivers.positive), ("내린 요인 down", drivers.negative)):
        if listed:
            told = [f"{one.label} {signed(one.impact, 1)} (백분위 {one.percentile:.0f})" for one in listed]
            lines.append(f"{title}: " + ", ".join(told))
    if not lines:
        known = scores.overall.components.model_dump(exclude={"meta"})
        told = [f"{LABELS[name]} {value:.0f}" for name, value in known.items() if value is not None]
        lines = [f"알려진 구성 지표 백분위: {', '.join(told)}"] if told else []
    return lines


def _types(scores: Any) -> list[object]:
    lines = []
    for name, korean in _GROUPS.items():
        one = getattr(scores.by_investor_type, name)
        parts = one.components
        lines.append(
            [
                korean,
                plain(one.score, 1),
                SHORT_MOODS.get(one.interpretation or "", "–"),
                TRENDS.get(one.trend or "", "–"),
                plain(parts.flow_pct, 0),
                plain(parts.persistence_pct, 0),
                plain(parts.breadth_pct, 0),
                plain(one.consistency, 2),
            ]
        )
    found: list[object] = [Grid(["투자자", "점수", "심리", "5일 추세", "수급%", "지속%", "폭%", "일관성"], lines)]
    kinds = scores.by_investor_type
    said = []
    if kinds.institution.positioning:
        said.append(f"기관 포지션 {kinds.institution.positioning} (추정)")
    if kinds.individual.behavior:
        said.append(f"개인 행태 {kinds.individual.behavior}")
    if kinds.individual.retail_favorites:
        said.append(f"개인 선호 업종 {', '.join(kinds.individual.retail_favorites)}")
    apart = scores.divergence_indicators
    if apart is not None and apart.foreign_vs_domestic is not None:
        label = f" {apart.interpretation}" if apart.interpretation else ""
        said.append(f"외국인-국내 괴리 {signed(apart.foreign_vs_domestic, 1)}{label}")
    return [*found, " · ".join(said)] if said else found


def _observed(one: Any) -> str:
    return f"관찰 {one.insight} (z {one.evidence.z:+.2f}, 보정 p {one.evidence.p_adj:.3f})"


def _sectors(listed: Sequence[Any]) -> list[object]:
    """Scores inside the sectors at both ends."""
    known = [one for one in listed if one.foreign is not None or one.institution is not None]
    order = sorted(known, key=lambda one: -((one.foreign or 0) + (one.institution or 0)))
    shown = order if len(order) <= 2 * _SHOWN else [*order[:_SHOWN], *order[-_SHOWN:]]
    lines = [[one.sector_name, *(plain(getattr(one, name), 0) for name in _GROUPS)] for one in shown]
    head = f"업종별 점수 (외국인+기관 순, {len(known)}/{len(listed)} 업종)"
    return [head, Grid(["업종", *_GROUPS.values()], lines)] if lines else [f"{head}: –"]


def _regime(regime: Any) -> str:
    if regime.current is None:
        return f"시장 국면 – ({regime.meta['current'].reason}: {regime.meta['current'].note})"
    low, middle, high = regime.duration_quantiles
    lasts = f"국면 길이 평균 {regime.expected_duration:.0f}거래일, 10/50/90% {low}/{middle}/{high}"
    return f"시장 국면 {REGIMES[regime.current]} · 모형 확률 {regime.confidence:.2f} (미검증) · {lasts}"
