"""The answer about holdings as a page that stands on its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.market import investors
from sugeup.usecases.wording import eok, plain, signed

_TRENDS = {"INCREASING": "증가 increasing", "DECREASING": "감소 decreasing", "FLAT": "보합 flat"}


def text(answer: Any) -> Sequence[object]:
    """Level, change and its causes, run, milestones, correlations, what is missing."""
    data = answer.ownership_data
    lines: list[object] = [_heading(answer), ""]
    if data.current.foreign is not None:
        lines += _level(data.current.foreign)
    if data.changes.foreign is not None:
        lines += _change(data.changes.foreign, answer)
    for name in ("institution", "individual"):
        block = getattr(data.changes, name)
        if block is not None:
            implied = block.flow_implied_change
            said = (
                f"{signed(implied, 2)}%p (추정 estimated)" if implied is not None else f"– {_why(block, 'net_bought')}"
            )
            lines.append(f"{investors.korean(name)}: 보유량 비공개 not published; 순매수로 본 변화 {said}")
    lines += _filings(data)
    lines += [f"{one.date} {one.event} ({plain(one.foreign_ownership, 2)}%)" for one in (data.milestones or [])[-5:]]
    lines.append(_correlation(answer.correlation_analysis))
    lines += [f"! {warning}" for warning in answer.warnings]
    lines += [f"없음 {gap.what}: {gap.reason}. {gap.how}" for gap in answer.coverage]
    return lines


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per session of the period."""
    about = {"code": answer.stock_info.code, "name": answer.stock_info.name}
    return [about | day.model_dump(mode="json") for day in answer.ownership_data.historical]


def _heading(answer: Any) -> str:
    stock, period = answer.stock_info, answer.period
    what = " ".join(part for part in (stock.code, stock.name) if part)
    cap = "" if stock.market_cap is None else f" · 시가총액 {eok(stock.market_cap).lstrip('+')}억원"
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    return (
        f"보유 비중 변화 · {what}{cap} · {period.name} {period.start}~{period.end} · KRX{simulated}"
        f" · 출처 {', '.join(answer.sources)}"
    )


def _level(level: Any) -> list[str]:
    parts = [f"{plain(level.shares)}주", f"{plain(level.percentage, 2)}%", f"{eok(level.value).lstrip('+')}억원"]
    room = f"한도소진율 {plain(level.limit_exhaustion, 2)}% · 취득 여력 {plain(level.room_shares)}주"
    return [f"외국인 보유 foreign ({level.holding_date}): {' · '.join(parts)} · {room}"]


def _change(change: Any, answer: Any) -> list[str]:
    trend = _TRENDS.get(change.trend or "", "–")
    run = change.consecutive_days
    days = "–" if run is None else f"{abs(run)}일 연속 {'증가' if run > 0 else '감소'}" if run else "보합"
    mark = f" (문턱 {answer.threshold:g}%p 미만)" if change.below_threshold else ""
    lines = [
        f"변화: {signed(change.percentage_change, 2)}%p{mark} · {signed(change.shares_change)}주 · {trend} · {days}"
    ]
    if change.value_change is not None:
        lines.append(
            f"평가액 변화(억원): {eok(change.value_change)} = 매매 {eok(change.quantity_effect)}"
            f" + 가격 {eok(change.price_effect)}"
        )
    if change.net_bought is not None:
        lines.append(
            f"장내 순매수 {signed(change.net_bought)}주, 차이 {signed(change.off_exchange)}주 (장외·결제 시차)"
        )
    elif change.shares_change is None:
        lines.append(f"변화 없음(null): {_why(change, 'shares_change')}")
    return lines


def _filings(data: Any) -> list[str]:
    """자사주, and the newest reports; where none are stored the gaps say how to get them."""
    own, told = data.current.treasury, data.filings
    lines = []
    if own is not None and own.shares is not None:
        about = own.meta["shares"]
        lines.append(f"자사주 treasury ({about.as_of} 공시): {plain(own.shares)}주 · {plain(own.percentage, 2)}%")
    if told.total is not None:
        lines.append(f"지분공시 {plain(told.total)}건 ({told.meta['total'].window}): `sugeup filings`")
    return lines + [f"  {one}" for one in told.newest]


def _correlation(found: Any) -> str:
    said = []
    for label, field in (
        ("주가-지분율", "price_vs_foreign_ownership"),
        ("변동성-지분율 변화", "volatility_vs_ownership_change"),
    ):
        value, about = getattr(found, field), found.meta.get(field)
        if value is None:
            said.append(f"{label} – ({about.reason}, n={about.n})")
        else:
            low, high = about.ci or (None, None)
            said.append(f"{label} {signed(value, 2)} [{signed(low, 2)}, {signed(high, 2)}] n={about.n}")
    return f"순위상관: {' · '.join(said)} (동시적 관계, 예측 아님)"


def _why(block: Any, field: str) -> str:
    about = block.meta.get(field)
    return "" if about is None else f"{about.reason}: {about.note}"
