"""The patterns of a stock as a page: who bought or sold steadily, what the price did, what cannot be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.market import investors
from sugeup.usecases.wording import ABSENT, eok, plain, signed

_NAMES = {
    "ACCUMULATION": "매집 accumulation",
    "DISTRIBUTION": "분산 distribution",
    "SURGE": "급등·개인 순매수 집중 surge",
    "DUMP": "급등 후 하락·개인 순매수 집중 dump",
    "DOWN_SWEEP": "전저점 이탈 후 복귀 down sweep",
    "UP_SWEEP": "전고점 돌파 후 복귀 up sweep",
}


def text(answer: Any) -> Sequence[object]:
    """Found patterns with their figures, and what cannot be seen."""
    lines: list[object] = [_heading(answer), ""]
    lines += [_group(name, block) for name, block in answer.accumulation.items()]
    surge, sweep = answer.surge_dump, answer.liquidity_sweep
    lines.append(
        f"급등·하락 surge/dump: {_said(surge)} · 지수 대비 {signed(surge.surge_pct, 2)}%"
        f" · 거래량 {plain(surge.volume_ratio, 2)}배 · 고점 대비 {signed(surge.drawdown_pct, 2)}%"
    )
    lines.append(
        f"이탈 후 복귀 liquidity sweep: {_said(sweep)} · 깊이 {signed(sweep.depth_atr, 2)} ATR"
        f" · 거래량 z {signed(sweep.volume_z, 2)}"
    )
    lines.append(f"캔들 candles: {_candles(answer.candles)}")
    unseen = answer.not_observable.meta
    lines += [f"알 수 없음 not observable: {name} ({about.reason}: {about.note})" for name, about in unseen.items()]
    lines.append("패턴은 일어난 일의 기술이며 의도나 앞날을 말하지 않습니다 (description, no intent, no forecast).")
    lines += [f"! {warning}" for warning in answer.warnings]
    lines += [f"없음 {gap.what}: {gap.reason}. {gap.how}" for gap in answer.coverage]
    return lines


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per pattern looked for: name, investor, label (empty: none found), reason, figures."""
    about = {"code": answer.code, "name": answer.name, "session": str(answer.session)}
    listed = [
        about | {"kind": "accumulation", "investor": name} | _flat(block) for name, block in answer.accumulation.items()
    ]
    listed += [
        about | {"kind": kind, "investor": None} | _flat(getattr(answer, kind))
        for kind in ("surge_dump", "liquidity_sweep")
    ]
    for mark in answer.candles.found or []:
        listed.append(about | {"kind": "candle", "investor": None, "pattern": f"{mark.pattern}:{mark.direction}"})
    for name, why in answer.not_observable.meta.items():
        listed.append(about | {"kind": name, "investor": None, "pattern": None, "reason": why.reason})
    return listed


def _flat(block: Any) -> dict[str, Any]:
    about = block.meta.get("pattern")
    figures: dict[str, Any] = block.model_dump(mode="json", exclude={"meta"})
    return figures | {"reason": about.reason if about else None}


def _heading(answer: Any) -> str:
    what = " ".join(part for part in (answer.code, answer.name) if part)
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    running = " · 잠정 provisional" if answer.provisional else ""
    return f"패턴 · {what} · {answer.session} · KRX{running}{simulated} · 출처 {', '.join(answer.sources)}"


def _group(name: str, block: Any) -> str:
    head = f"{investors.korean(name)} {name}: {_said(block)}"
    if block.cum_net is None:
        return head
    unit = block.meta["cum_net"].unit
    net = f"{eok(block.cum_net)}억원" if unit == "won" else f"{signed(block.cum_net)}주"
    chance = block.meta["sign_p"]
    return (
        f"{head} · 10일 순매수 net {net} · 백분위 {plain(block.percentile, 1)} · 같은 방향 {block.same_sign_days}일"
        f" (p {plain(block.sign_p, 3)}, 보정 p_adj {plain(chance.p_adj, 3)})"
        f" · 지수 대비 {signed(block.cum_excess_pct, 2)}%"
    )


def _said(block: Any) -> str:
    if block.pattern is not None:
        weak = " (우연과 구별 안 됨 not significant)" if getattr(block, "significant", None) is False else ""
        return _NAMES[block.pattern] + weak
    about = block.meta["pattern"]
    return "없음 none found" if about.reason == "NO_PATTERN" else f"{ABSENT} {about.reason}: {about.note}"


def _candles(block: Any) -> str:
    if block.found is None:
        return f"{ABSENT} {block.meta['found'].reason}: {block.meta['found'].note}"
    return ", ".join(f"{mark.korean} {mark.pattern} ({mark.direction})" for mark in block.found) or "없음 none found"
