"""The answer about trading by investor as a table that stands on its own, amounts in 억원."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.market import investors
from sugeup.usecases.wording import Grid, eok, plain, run, signed

_TRENDS = {"ACCUMULATING": "매집 accumulating", "DISTRIBUTING": "분산 distributing", "NEUTRAL": "중립 neutral"}


def text(answer: Any) -> Sequence[object]:
    """Heading, one line per investor, then what matters beside it."""
    blocks = {name: block for name in investors.GROUPS if (block := getattr(answer.investor_data, name)) is not None}
    lines: list[object] = [_heading(answer), "", _investors(blocks)]
    institution = blocks.get("institution")
    inside = getattr(institution, "sub_categories", None)
    if inside is not None:
        lines.append(f"기관 세부(억원): {_inside(inside)}")
    if any(about.method == "VOLUME_BASIS" for block in blocks.values() for about in block.meta.values()):
        lines.append("주식 수 기준 VOLUME_BASIS: 거래대금이 없어 비율·추세·강도·상관은 주식 수로 계산")
    lines += _program(answer.investor_data.program)
    lines += _context(answer)
    lines += [f"! {warning}" for warning in answer.warnings]
    lines += [f"없음 {gap.what}: {gap.reason}. {gap.how}" for gap in answer.coverage]
    return lines


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per investor with every figure of its block, and one per sub-type of 기관계 with its net."""
    about = {"session": str(answer.period.end), "period": answer.period.name, "scope": answer.scope}
    about["of"] = answer.stock_info.code if answer.stock_info else answer.market
    found = []
    for name in investors.GROUPS:
        block = getattr(answer.investor_data, name)
        if block is None:
            continue
        figures = block.model_dump(exclude_unset=True, exclude={"meta", "sub_categories"})
        found.append(about | {"investor": name, "korean": investors.korean(name)} | figures)
        inside = getattr(block, "sub_categories", None)
        if inside is not None:
            found += [
                about | {"investor": leaf, "korean": investors.korean(leaf), "net_amount": net}
                for leaf, net in inside.model_dump(exclude={"meta"}).items()
            ]
    return found


def _heading(answer: Any) -> str:
    stock = answer.stock_info
    if stock is None:
        what = {"ALL": "KOSPI+KOSDAQ"}.get(answer.market, answer.market)
    else:
        price = "" if stock.current_price is None else f" {plain(stock.current_price)}원"
        rate = "" if stock.change_rate is None else f" ({signed(stock.change_rate, 2)}%)"
        what = " ".join(part for part in (stock.code, stock.name) if part) + price + rate
    period = answer.period
    days = str(period.end) if period.sessions == 1 else f"{period.start}~{period.end}"
    state = "잠정 provisional" if answer.provisional else "확정 final"
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    sources = ", ".join(answer.sources)
    return f"투자자별 매매동향 · {what} · {period.name} {days} · {state} · KRX{simulated} · 출처 {sources}"


def _investors(blocks: dict[str, Any]) -> Grid:
    won = any(block.net_amount is not None for block in blocks.values())
    header = ["투자자", "순매수(억원)" if won else "순매수(주)", "대금비%" if won else "거래량비%"]
    measured = any(block.trend is not None or "trend" in block.meta for block in blocks.values())
    if measured:
        header += ["추세(5D)", "백분위", "강도", "일관성", "연속"]
    lines = []
    for name, block in blocks.items():
        net = eok(block.net_amount) if won else signed(block.net_volume)
        row = [investors.korean(name), net, signed(block.net_to_turnover, 2)]
        if measured:
            percentile = block.meta["trend"].percentile if "trend" in block.meta else None
            row += [
                _TRENDS.get(block.trend or "", "–"),
                plain(percentile, 0),
                plain(block.intensity, 1),
                plain(block.consistency, 2),
                run(block.streak),
            ]
        lines.append(row)
    return Grid(header, lines)


def _program(program: Any) -> list[str]:
    """프로그램매매 of the same sessions; it is part of the figures above, not another group."""
    if program is None or program.total_buy is None or program.total_sell is None:
        return []
    said = [f"매수 {_won(program.total_buy)} 매도 {_won(program.total_sell)}"]
    for korean, buy, sell in (
        ("순매수", program.total_buy, program.total_sell),
        ("차익", program.arbitrage_buy, program.arbitrage_sell),
        ("비차익", program.non_arbitrage_buy, program.non_arbitrage_sell),
    ):
        if buy is not None and sell is not None:
            said.append(f"{korean} {eok(buy - sell)}")
    return [f"프로그램(억원, 위 수급에 포함): {' · '.join(said)}"]


def _won(amount: int) -> str:
    return eok(amount).lstrip("+")


def _context(answer: Any) -> list[str]:
    lines = []
    impact, change = answer.market_impact, answer.historical_comparison
    if impact is not None:
        said = [f"주가 상관(60D) {signed(impact.price_correlation, 2)}", f"모멘텀 {plain(impact.momentum_score, 1)}/10"]
        if impact.volume_contribution is not None:
            said.append(f"거래 비중 {plain(impact.volume_contribution, 1)}%")
        lines.append(f"{investors.korean(impact.investor)}: {' · '.join(said)} (동시적 관계, 예측 아님)")
    if change is not None:
        parts = []
        for label, part in (
            ("전일", change.vs_yesterday),
            ("1주 전", change.vs_week_ago),
            ("1달 전", change.vs_month_ago),
        ):
            moves = [
                f"{investors.korean(name)} {eok(value)}"
                for name in investors.GROUPS
                if (value := getattr(part, f"{name}_net_change")) is not None
            ]
            if moves:
                parts.append(f"{label} 대비 {', '.join(moves)}")
        if parts:
            lines.append("순매수 변화(억원): " + " / ".join(parts))
    return lines


def _inside(inside: Any) -> str:
    """Sub-types of 기관계; those that are not known stay visible with the reason."""
    known = {leaf: getattr(inside, leaf) for leaf in investors.members("institution")}
    if all(net is None for net in known.values()):
        return "– " + _why(inside.meta)
    shown = " · ".join(f"{investors.korean(leaf)} {eok(net)}" for leaf, net in known.items())
    absent = {leaf: inside.meta[leaf] for leaf, net in known.items() if net is None}
    return f"{shown} ({_why(absent)})" if absent else shown


def _why(meta: dict[str, Any]) -> str:
    reasons = {f"{about.reason}: {about.note}" if about.note else str(about.reason) for about in meta.values()}
    return "; ".join(sorted(reasons))
