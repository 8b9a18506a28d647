"""The answer about short selling as a page that stands on its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.usecases.wording import Grid, eok, plain, signed

KINDS = {
    "NONE": "과열 아님 none",
    "TYPE1": "과열 유형1 type 1",
    "TYPE2": "과열 유형2 type 2",
    "TYPE3": "과열 유형3 type 3",
    "TYPE4": "과열 유형4 type 4",
    "EXTENDED": "금지 연장 extended",
}
MEASURES = {
    "multiple": "배수",
    "return": "하락률",
    "return_above": "하락률 하한",
    "short_ratio": "비중",
    "average_ratio_40": "40일 비중",
    "short_ratio_quarter": "비중(분기 기준)",
}
_LISTED = 10


def text(answer: Any) -> Sequence[object]:
    """Figures of the session, the rule with distances, the exchange beside it, what is missing."""
    lines: list[object] = [_heading(answer)]
    lines += _stock(answer.stock) if answer.stock is not None else _market(answer.market)
    lines += [f"! {warning}" for warning in answer.warnings]
    lines += [f"없음 {gap.what}: {gap.reason}. {gap.how}" for gap in answer.coverage]
    return lines


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per session of a stock's period, or per stock of a market's list."""
    if answer.stock is not None:
        about = {"code": answer.stock.stock_info.code, "name": answer.stock.stock_info.name}
        return [about | day.model_dump(mode="json") for day in answer.stock.history]
    caught = {one.code for one in answer.market.top}
    listed = [*answer.market.top, *(one for one in answer.market.overheated if one.code not in caught)]
    return [{"session": str(answer.session)} | one.model_dump(mode="json") for one in listed]


def _heading(answer: Any) -> str:
    if answer.stock is not None:
        info = answer.stock.stock_info
        price = "" if info.current_price is None else f"{plain(info.current_price)}원"
        rate = "" if info.change_rate is None else f"({signed(info.change_rate, 2)}%)"
        what = " ".join(part for part in (info.code, info.name, price, rate) if part)
    else:
        what = "+".join(total.market for total in answer.market.totals)
    state = "잠정 provisional" if answer.provisional else "확정 final"
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    return f"공매도 · {what} · {answer.session} · {state} · KRX{simulated} · 출처 {', '.join(answer.sources) or '–'}"


def _stock(parts: Any) -> list[object]:
    traded, rule = parts.trading, parts.overheating
    about = traded.meta.get("short_ratio")
    rank = "" if about is None or about.percentile is None else f" (과거 {about.n}일 중 백분위 {about.percentile:.0f})"
    basis = " 주식 수 기준 VOLUME_BASIS" if about is not None and about.method else ""
    lines: list[object] = [
        "",
        f"거래 short: {plain(traded.short_volume)}주 · {_won(traded.short_amount)}"
        f" · 비중 {plain(traded.short_ratio, 2)}%{rank}{basis}",
        f"기간 비중 {plain(traded.average_ratio, 2)}% · 합계 {plain(traded.period_short_volume)}주"
        f" {_won(traded.period_short_amount)}",
        f"과열 판정(재현, 지정 아님): {KINDS.get(rule.type or '', '– ' + _why(rule, 'type'))}"
        f" · 배수 {plain(rule.multiple, 2)} · 40일 비중 {plain(rule.average_ratio_40, 2)}%"
        f" · 유형1 기준 {plain(rule.threshold, 0)}%"
        + (" · 오늘 공매도 금지 barred today" if rule.barred_today else ""),
    ]
    if rule.types:
        lines.append(Grid(["유형", "충족", "남은 거리 distance (0: 충족)"], [_kind(kind) for kind in rule.types]))
    for one in rule.beside:
        why = _why(one, "official").partition(":")[0]
        theirs = {True: "지정", False: "지정 없음", None: f"모름 ({why})"}[one.official]
        mark = {True: "일치", False: "불일치 DISAGREE", None: "비교 불가"}[one.agree]
        lines.append(f"{one.decided_after} 판정 {one.ours or '–'} / 거래소 {one.in_force}: {theirs} → {mark}")
    held = parts.balance
    lines.append(
        f"잔고 balance ({held.session or '–'}): {plain(held.shares)}주 · {plain(held.ratio, 2)}% · 상환 소요"
        f" {plain(held.days_to_cover, 2)}일 · 20일 변화 {signed(held.change_20d)}주"
    )
    lent, owed = parts.lending, parts.credit
    lines.append(
        f"대차 lending ({lent.session or '–'}): 잔고 {plain(lent.balance_shares)}주 · 신규 {plain(lent.new_shares)}"
        f" · 상환 {plain(lent.repaid_shares)}"
    )
    lines.append(
        f"신용 credit ({owed.session or '–'}): 융자 {plain(owed.loan_balance_shares)}주"
        f" · 대주 {plain(owed.stock_loan_balance_shares)}주"
    )
    return lines


def _kind(kind: Any) -> list[str]:
    met = {True: "예", False: "아니오", None: "모름"}[kind.met]
    parts = [
        f"{MEASURES[one.measure]} {'–' if one.distance is None else plain(one.distance, 2)}"
        for one in kind.requirements
    ]
    return [kind.type, met, ", ".join(parts)]


def _market(parts: Any) -> list[object]:
    lines: list[object] = []
    for total in parts.totals:
        lines.append(
            f"{total.market}: {_won(total.short_amount)} / 거래대금 {_won(total.turnover)}"
            f" = {plain(total.short_ratio, 2)}% ({total.stocks} stocks, 자료 없음 {total.without})"
            f" · 전분기 {plain(total.quarter_ratio, 2)}% (추정)"
        )
    header = ["종목", "이름", "비중%", "대금", "배수", "등락%", "판정"]
    if parts.top:
        lines += ["", Grid(header, [_row(one) for one in parts.top[:_LISTED]])]
    caught = ", ".join(
        f"{one.code} {one.name or ''} {one.type}".replace("  ", " ") for one in parts.overheated[:_LISTED]
    )
    more = f" 외 {len(parts.overheated) - _LISTED}" if len(parts.overheated) > _LISTED else ""
    whole = f"{len(parts.overheated)} of {parts.judged} judged"
    lines.append(f"과열(재현, 지정 아님) overheated {whole}: {caught or '없음'}{more}")
    if parts.unjudged:
        lines.append("판정 못 함: " + ", ".join(f"{reason} {count}" for reason, count in parts.unjudged.items()))
    for one in parts.beside:
        if one.both is None:
            lines.append(f"{one.decided_after} 판정: 거래소 {one.in_force} 목록 없음")
        else:
            lines.append(
                f"{one.decided_after} 판정 / 거래소 {one.in_force}: 둘 다 {one.both}, 우리만 {len(one.ours_only)}"
                f", 거래소만 {len(one.official_only)}"
            )
    return lines


def _row(one: Any) -> list[str]:
    return [
        one.code,
        one.name or "–",
        plain(one.short_ratio, 2),
        _won(one.short_amount),
        plain(one.multiple, 2),
        signed(one.change_rate, 2),
        one.type or "–",
    ]


def _won(amount: int | None) -> str:
    return "–" if amount is None else f"{eok(amount).lstrip('+')}억"


def _why(block: Any, field: str) -> str:
    about = block.meta.get(field)
    return "" if about is None else f"{about.reason}: {about.note}"
