"""The answer about smart money as a page that stands on its own: what was bought, how rare that is, what is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.market import investors
from sugeup.usecases.wording import ABSENT, Grid, eok, plain, signed

METHODS = {
    "LARGE_ORDERS": "대량체결 large trades",
    "INSTITUTION_CLUSTER": "기관 동반 순매수 institutions together",
    "FOREIGN_SURGE": "외국인 순매수 급증 foreign surge",
}
_TRENDS = {"UPWARD": "상승 up", "SIDEWAYS": "횡보 flat", "DOWNWARD": "하락 down"}
_BANDS = {
    "STRONG_OUTFLOW": "강한 유출 strong outflow",
    "OUTFLOW": "유출 outflow",
    "NEUTRAL": "보통 neutral",
    "INFLOW": "유입 inflow",
    "STRONG_INFLOW": "강한 유입 strong inflow",
}
SHORT = 8
"""Signals of the concise page."""


def text(answer: Any) -> Sequence[object]:
    """Heading, the signals with their evidence, index and positioning, what is missing."""
    lines: list[object] = [_heading(answer), _tested(answer)]
    shown = answer.smart_money_signals[:SHORT]
    if shown:
        lines += ["", _signals(shown)]
        rest = answer.total_signals_found - len(shown)
        lines += [f"… {rest} more"] if rest else []
    lines += ["", *_market(answer)]
    lines += [f"! {warning}" for warning in answer.warnings]
    lines += [f"없음 {gap.what}: {gap.reason}. {gap.how}" for gap in answer.coverage]
    return lines


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per signal with its evidence and figures."""
    about = {"session": str(answer.window_end), "method": answer.detection_method, "market": answer.market}
    found = []
    for one in answer.smart_money_signals:
        head = {
            name: getattr(one, name) for name in ("stock_code", "stock_name", "signal_type", "direction", "strength")
        }
        evidence = one.evidence.model_dump(exclude={"meta", "event", "calibrated_until"})
        parts = (one.metrics, one.technical_context)
        figures = {name: value for part in parts for name, value in part.model_dump(exclude={"meta"}).items()}
        zone = figures.pop("accumulation_zone") or [None, None]
        found.append(about | head | evidence | figures | {"zone_low": zone[0], "zone_high": zone[1]})
    return found


def _heading(answer: Any) -> str:
    what = {"ALL": "KOSPI+KOSDAQ"}.get(answer.market, answer.market)
    state = "잠정 provisional" if answer.provisional else "확정 final"
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    method, days = METHODS[answer.detection_method], f"{answer.window_start}~{answer.window_end}"
    return f"스마트머니 · {method} · {what} · {days} · {state} · KRX{simulated} · 출처 {', '.join(answer.sources)}"


def _tested(answer: Any) -> str:
    basis = " · 주식 수 기준 VOLUME_BASIS" if answer.basis == "VOLUME" else ""
    return (
        f"신호 {answer.total_signals_found} of {answer.stocks_tested:,} stocks tested ({answer.universe:,} listed), "
        f"p_adj ≤ 0.10 after correction{basis}. 신뢰도 confidence: {_confidence(answer.smart_money_signals)}"
    )


def _confidence(signals: Sequence[Any]) -> str:
    """Range of the calibrated confidences; 미검증 where none of the signals has one."""
    known = [one.confidence for one in signals if one.confidence is not None]
    return f"{min(known):.2f}~{max(known):.2f}" if known else "미검증 UNCALIBRATED"


def _signals(signals: Sequence[Any]) -> Grid:
    header = ["종목", "강도", "z", "p_adj", "대금비%", "순매수(억원)", "연속", "현재가", "추세(20D)"]
    lines = [
        [
            " ".join(part for part in (one.stock_code, one.stock_name) if part),
            plain(one.strength, 2),
            signed(one.evidence.z, 1),
            f"{one.evidence.p_adj:.3g}",
            signed(one.evidence.net_to_turnover, 1),
            eok(one.metrics.net_buy_amount),
            plain(one.detection_details.accumulation_period),
            plain(one.metrics.current_price),
            _TRENDS.get(one.technical_context.trend or "", ABSENT),
        ]
        for one in signals
    ]
    return Grid(header, lines)


def _market(answer: Any) -> list[str]:
    index, position = answer.market_smart_money_index, answer.institutional_positioning
    band = _BANDS.get(index.interpretation or "", ABSENT)
    lines = [
        f"시장 지수 index {plain(index.current_value, 1)}/100 {band} (5D {signed(index.change_5d, 1)}), "
        f"품질 가중 순매수 {eok(index.quality_weighted_net)}억원"
        + ("" if index.current_value is not None else f": {_why(index, 'current_value')}")
    ]
    weights = [f"{investors.korean(one.investor)} {one.weight:.2f}" for one in index.quality if one.weight]
    if weights:
        lines.append(f"가중치 weights (past record only): {' · '.join(weights)}")
    focus = ABSENT if index.sector_focus is None else ", ".join(index.sector_focus) or "없음 none significant"
    lines.append(f"업종 sectors: {focus} · 위험 선호 risk appetite {index.risk_appetite or ABSENT}")
    tilt = f"기관 20D 기울기 tilt {plain(position.flow_tilt, 0)}백분위"
    lines.append(f"{tilt} · 호흡 horizon {position.time_horizon or ABSENT} · 업종 {position.sector_rotation or ABSENT}")
    herd = answer.herding
    if herd is not None and herd.value is not None:
        lines.append(f"기관 군집 herding {herd.value:.3f} (p {herd.p:.3g}, {herd.n_stocks} stocks, sub-types)")
    lines.append("포지션·레버리지 exposure, leverage: 공표되지 않음 not published")
    return lines


def _why(block: Any, name: str) -> str:
    about = block.meta.get(name)
    return ABSENT if about is None or not about.reason else f"{about.reason}, {about.note}"
