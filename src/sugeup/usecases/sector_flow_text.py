"""The answer about sectors as a table, amounts in 억원: who buys what, how unusual, where money rotates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.usecases.wording import Grid, eok, plain, signed, told_apart

_TRENDS = {
    "STRONG_INFLOW": "강한 유입",
    "INFLOW": "유입",
    "NEUTRAL": "중립",
    "OUTFLOW": "유출",
    "STRONG_OUTFLOW": "강한 유출",
}
_SIGNALS = {"INFLOW": "유입 신호", "OUTFLOW": "유출 신호", "NEUTRAL": "–"}
_WHO = {"ALL": "외국인+기관", "FOREIGN": "외국인", "INSTITUTION": "기관"}
_SIDES = {"BUY": "유입 ←", "SELL": "유출 →"}
_LISTED = 3


def text(answer: Any) -> Sequence[object]:
    """Heading, a line per sector, rotation, market; top stocks of a sector that was asked for."""
    lines: list[object] = [_heading(answer), "", _grid(answer), *_rotation(answer), *_market(answer), *_unusual(answer)]
    if answer.scope == "SECTOR":
        lines += _stocks(answer)
    lines += [f"! {warning}" for warning in answer.warnings]
    lines += [f"없음 {gap.what}: {gap.reason}. {gap.how}" for gap in answer.coverage]
    return lines


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per sector with every figure."""
    found = []
    for one in answer.sector_flows:
        row: dict[str, Any] = {
            "session": str(answer.period.end),
            "period": answer.period.name,
            "scheme": answer.sector_scheme,
            "sector_code": one.sector_code,
            "sector_name": one.sector_name,
            "market": one.market,
            "members": one.members,
            "coverage": one.coverage,
        }
        for group in ("foreign", "institution"):
            block = getattr(one, group)
            if block is not None:
                figures = block.model_dump(exclude={"meta", "top_stocks"})
                row |= {f"{group}_{name}": value for name, value in figures.items()}
        for part in (one.momentum, one.sector_performance, one.rotation):
            row |= part.model_dump(exclude={"meta"})
        row |= {f"unusual_{name}": getattr(one.unusual, name, None) for name in ("signal", "z", "partner")}
        found.append(row)
    return found


def _heading(answer: Any) -> str:
    period = answer.period
    days = str(period.end) if period.sessions == 1 else f"{period.start}~{period.end}"
    state = "잠정 provisional" if answer.provisional else "확정 final"
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    return (
        f"업종별 수급 · {_WHO[answer.investor_type]} · {period.name} {days} · 분류 {answer.sector_scheme} "
        f"({answer.sectors} sectors) · {state} · KRX{simulated} · 출처 {', '.join(answer.sources)}"
    )


def _grid(answer: Any) -> Grid:
    header = ["업종", "외국인(억원)", "기관(억원)", "비정상(억원)", "z(5D)", "p", "신호", "추세", "수익률%", "시장비%p"]
    lines = [
        [
            " ".join(part for part in (one.sector_name, one.market) if part),
            eok(one.foreign.net_amount) if one.foreign else "–",
            eok(one.institution.net_amount) if one.institution else "–",
            eok(one.rotation.abnormal_net),
            signed(one.rotation.z, 1),
            plain(one.rotation.p_adj, 2),
            _SIGNALS.get(one.rotation.signal or "", "–"),
            _TRENDS.get(one.momentum.trend or "", "–"),
            signed(one.sector_performance.return_, 2),
            signed(one.sector_performance.vs_market, 2),
        ]
        for one in answer.sector_flows
    ]
    return Grid(header, lines)


def _unusual(answer: Any) -> list[str]:
    """A rotation that is rare over a year, if one is told."""
    return [
        f"이상 순환매 {one.sector_name}: {_SIDES[one.unusual.signal]} {one.unusual.partner} · "
        f"z {signed(one.unusual.z, 1)} · {one.unusual.meta['signal'].note}"
        for one in answer.sector_flows
        if one.unusual is not None and one.unusual.signal in _SIDES
    ]


def _rotation(answer: Any) -> list[str]:
    found = answer.rotation_analysis
    every = [*found.from_sectors, *found.to_sectors]
    codes = [one.sector_code for one in every]
    names = dict(zip(codes, told_apart(codes, [one.name for one in every]), strict=True))
    parts = []
    for label, listed, field in (("나간 곳", found.from_sectors, "outflow"), ("들어온 곳", found.to_sectors, "inflow")):
        named = [
            f"{names[one.sector_code]} {eok(getattr(one, field))}{' *' if one.significant else ''}"
            for one in listed[:_LISTED]
        ]
        if named:
            parts.append(f"{label} {', '.join(named)}")
    if not parts:
        return []
    strength = "" if found.rotation_strength is None else f" · 순환매 강도 {plain(found.rotation_strength, 1)}/10"
    return [f"순환매 추정(억원, 시총 비중 대비, * p≤0.10): {' → '.join(parts)}{strength}"]


def _market(answer: Any) -> list[str]:
    found = answer.market_overview
    said = [
        f"시장 전체 외국인 {eok(found.total_foreign_net)}억원, 기관 {eok(found.total_institution_net)}억원 (공식 합계)"
    ]
    if found.sector_dispersion is not None:
        said.append(f"업종 간 격차 {plain(found.sector_dispersion, 2)}%p")
    if found.concentration_risk is not None:
        said.append(f"쏠림 {found.concentration_risk}")
    return [" · ".join(said)]


def _stocks(answer: Any) -> list[str]:
    """The largest nets of each sector."""
    lines = []
    for one in answer.sector_flows:
        for label, block in (("외국인", one.foreign), ("기관", one.institution)):
            if block is not None and block.top_stocks:
                named = [f"{top.code} {top.name or ''} {eok(top.net_amount)}" for top in block.top_stocks]
                lines.append(f"{one.sector_name} {label}: {', '.join(named)}")
    return lines
