"""A ranking by investor flow as a table: who was bought or sold, how much of the trading, how unusual, since when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.market import investors
from sugeup.usecases.wording import Grid, eok, plain, signed

SHOWN = 15
"""Stocks of the text; all of them stand in the answer itself."""
_BY = {
    "NET_AMOUNT": "순매수금액 net won",
    "NET_TO_TURNOVER": "거래대금 대비 net to turnover",
    "STREAK": "연속 일수 streak",
    "DOUBLE": "쌍끌이 foreigners and institutions together",
}
_FOCUS = {
    "DOUBLE_BUY": "쌍끌이 매수",
    "DOUBLE_SELL": "쌍끌이 매도",
    "FOREIGN_BUY": "외국인 매수",
    "FOREIGN_SELL": "외국인 매도",
    "INSTITUTION_BUY": "기관 매수",
    "INSTITUTION_SELL": "기관 매도",
}


def text(answer: Any) -> Sequence[object]:
    """Heading, a line per stock, how many qualify, and what is not known."""
    lines: list[object] = [_heading(answer), ""]
    stocks = answer.stocks[:SHOWN]
    if stocks:
        lines.append(_grid(answer, stocks))
    else:
        lines.append("해당 종목 없음 no stock qualifies")
    lines.append(
        f"해당 {answer.total:,} 종목 · 전체 {answer.universe:,} 중 {answer.covered:,} 종목 집계"
        + (f" · next: --cursor {answer.next_cursor}" if answer.next_cursor else "")
    )
    if any(about.method == "VOLUME_BASIS" for about in answer.columns.values()):
        lines.append("주식 수 기준 VOLUME_BASIS: 거래대금이 없어 비율·z·연속은 주식 수로 계산")
    lines += [f"! {warning}" for warning in answer.warnings]
    lines += [f"없음 {gap.what}: {gap.reason}. {gap.how}" for gap in answer.coverage]
    return lines


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per stock with every figure."""
    about = {
        "session": str(answer.period.end),
        "period": answer.period.name,
        "investor": answer.investor,
        "direction": answer.direction,
        "by": answer.by,
    }
    return [about | stock.model_dump(exclude={"meta"}) for stock in answer.stocks]


def _heading(answer: Any) -> str:
    side = "순매수 buying" if answer.direction == "BUY" else "순매도 selling"
    market = {"ALL": "KOSPI+KOSDAQ"}.get(answer.market, answer.market)
    period = answer.period
    days = str(period.end) if period.sessions == 1 else f"{period.start}~{period.end}"
    state = "잠정 provisional" if answer.provisional else "확정 final"
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    who = "외국인·기관" if answer.by == "DOUBLE" else investors.korean(answer.investor)
    return (
        f"수급 순위 · {who} {side} · {_BY[answer.by]} · {market} · {period.name} {days} · {state} · KRX{simulated}"
        f" · 출처 {', '.join(answer.sources)}"
    )


def _grid(answer: Any, stocks: Sequence[Any]) -> Grid:
    won = any(stock.net_amount is not None for stock in answer.stocks)
    both = answer.by == "DOUBLE"
    header = ["종목", "시장", "순매수(억원)" if won else "순매수(주)", "대금비%" if won else "거래량비%"]
    header += [*(("외국인 z(5D)", "기관 z(5D)") if both else ("z(5D)",)), "연속", "현재가", "등락%", "구분"]
    lines = [
        [
            f"{stock.rank} {stock.code} {stock.name or ''}".rstrip(),
            stock.market or "–",
            eok(stock.net_amount) if won else signed(stock.net_volume),
            signed(stock.net_to_turnover, 2),
            *((signed(stock.foreign_z, 1), signed(stock.institution_z, 1)) if both else (signed(stock.z, 1),)),
            signed(stock.streak),
            plain(stock.current_price),
            "거래정지" if stock.halted else signed(stock.change_rate, 2),
            _FOCUS.get(stock.focus or "", "–"),
        ]
        for stock in stocks
    ]
    return Grid(header, lines)
