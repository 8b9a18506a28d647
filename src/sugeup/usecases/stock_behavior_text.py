"""The behaviour of each group in a stock as a page: how one-sided, after what, how well timed, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.market import investors
from sugeup.usecases.wording import ABSENT, plain, signed

_SIDES = {"NET_BUY": "순매수 buying", "NET_SELL": "순매도 selling", "BALANCED": "균형 balanced"}
_TRENDS = {"ACCUMULATING": "매집", "NEUTRAL": "중립", "DISTRIBUTING": "분산"}


def text(answer: Any) -> Sequence[object]:
    """Three lines per group, each figure with its interval."""
    lines: list[object] = [_heading(answer), ""]
    for name, block in answer.investors.items():
        lines += _group(name, block)
    lines.append(f"비유동성 Amihud: {_figure(answer.liquidity, 'amihud', 6)} (1bn won당 |수익률|)")
    lines.append("[ ] 95% 구간; 0을 품으면 우연과 구별되지 않음. 과거의 기술이며 예측·조언이 아님 (not a forecast).")
    lines += [f"! {warning}" for warning in answer.warnings]
    lines += [f"없음 {gap.what}: {gap.reason}. {gap.how}" for gap in answer.coverage]
    return lines


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per group and measure: value, interval, n, adjusted p, reason."""
    about = {"code": answer.code, "name": answer.name, "session": str(answer.session)}
    return [
        about | {"investor": name, "measure": field, "value": getattr(block, field)} | _about(block.meta.get(field))
        for name, block in answer.investors.items()
        for field in type(block).model_fields
        if field != "meta"
    ]


def _about(meta: Any) -> dict[str, Any]:
    low, high = (None, None) if meta is None or meta.ci is None else meta.ci
    kept = {field: None if meta is None else getattr(meta, field) for field in ("n", "p_adj", "reason", "metric")}
    return {"ci_low": low, "ci_high": high} | kept


def _heading(answer: Any) -> str:
    what = " ".join(part for part in (answer.code, answer.name) if part)
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    running = " · 잠정 provisional" if answer.provisional else ""
    return (
        f"투자자 행동 · {what} · {answer.session}까지 {answer.sessions_read}거래일 · KRX{running}{simulated}"
        f" · 출처 {', '.join(answer.sources)}"
    )


def _group(name: str, block: Any) -> list[str]:
    side = _SIDES.get(block.direction or "", ABSENT)
    noise = block.meta["consistency"].note if block.consistency is not None else None
    return [
        f"{investors.korean(name)} {name}: 일관성 {_figure(block, 'consistency', 2)}"
        f"{'' if noise is None else f' ({noise})'} · {side} · 추세 {_TRENDS.get(block.trend or '', ABSENT)}"
        f" · 강도 {plain(block.intensity, 1)} · 모멘텀 {plain(block.momentum_score, 1)}",
        f"  추종 feedback {_figure(block, 'feedback', 2)} · 주가 상관 {_figure(block, 'price_correlation', 2)}"
        f" · 충격 λ {_figure(block, 'kyle_lambda', 3)}",
        f"  시점 timing(5일 뒤) {_figure(block, 'overall_timing', 4)} · 매수 {_figure(block, 'buy_timing', 4)}"
        f" · 매도 {_figure(block, 'sell_timing', 4)} · 적중 {_rate(block)} · HM {_figure(block, 'timing_skill', 2)}",
    ]


def _figure(block: Any, field: str, digits: int) -> str:
    value, about = getattr(block, field), block.meta.get(field)
    if value is None:
        return f"{ABSENT}({about.reason})"
    interval = "" if about is None or about.ci is None else " [" + ", ".join(signed(x, digits) for x in about.ci) + "]"
    count = "" if about is None or about.n is None else f" n={about.n}"
    chance = "" if about is None or about.p_adj is None else f" p_adj={about.p_adj:.3f}"
    return f"{signed(value, digits)}{interval}{count}{chance}"


def _rate(block: Any) -> str:
    if block.hit_rate is None:
        return ABSENT
    return f"{plain(block.hit_rate, 1)}% (우연 base {plain(block.base_hit_rate, 1)}%)"
