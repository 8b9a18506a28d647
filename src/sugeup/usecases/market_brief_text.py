"""The page about the market as text: at most 25 lines, amounts in 억원."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.market import investors
from sugeup.usecases.investor_sentiment_text import MOODS, REGIMES
from sugeup.usecases.wording import Grid, eok, plain, run, signed, told_apart

_LISTS = (
    ("foreign_buy", "외국인 순매수"),
    ("foreign_sell", "외국인 순매도"),
    ("institution_buy", "기관 순매수"),
    ("institution_sell", "기관 순매도"),
    ("double_buy", "쌍끌이 매수(외국인 5일 z)"),
    ("double_sell", "쌍끌이 매도(외국인 5일 z)"),
)
_GAPS = 3


def text(answer: Any) -> Sequence[object]:
    """Indices, investors, stocks, sectors, programme trading, shorts, mood, what is missing."""
    lines: list[object] = [_heading(answer)]
    lines += [_index(one) for one in answer.indices]
    lines.append(_flows(answer.flows))
    lines += _stocks(answer.stocks)
    lines.append(_sectors(answer.sectors))
    lines.append(_program(answer.program))
    lines.append(_shorts(answer.shorts))
    lines.append(_mood(answer.sentiment))
    lines += [f"! {warning}" for warning in answer.warnings[:_GAPS]]
    if answer.coverage:
        lines.append("없음 missing: " + "; ".join(f"{gap.what} ({gap.reason})" for gap in answer.coverage))
    return lines


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per figure: section, name, value, unit."""
    about = {"session": str(answer.session), "market": answer.market}
    found: list[dict[str, Any]] = []

    def add(section: str, name: str, value: Any, unit: str) -> None:
        found.append(about | {"section": section, "name": name, "value": value, "unit": unit})

    for one in answer.indices:
        add("index", one.index, one.close, "points")
        add("index_change", one.index, one.change_rate, "%")
    for one in answer.flows:
        add("flow", f"{one.market} {one.investor}", one.net_amount, "won")
    for name, _ in _LISTS:
        for one in getattr(answer.stocks, name):
            won = answer.stocks.by == "NET_AMOUNT"
            add(
                name,
                f"{one.code} {one.name or ''}".strip(),
                one.net_amount if won else one.net_volume,
                "won" if won else "shares",
            )
    for side in ("inflow", "outflow"):
        for one in getattr(answer.sectors, side):
            add(f"sector_{side}", f"{one.sector_code} {one.sector_name}", one.abnormal_net, "won")
    add("program", "net", answer.program.net_amount, "won")
    for market, ratio in answer.shorts.short_ratio.items():
        add("short_ratio", market, ratio, "%")
    add("sentiment", "score", answer.sentiment.score, "0-100")
    return found


def _heading(answer: Any) -> str:
    what = {"ALL": "KOSPI+KOSDAQ"}.get(answer.market, answer.market)
    state = "잠정 provisional" if answer.provisional else "확정 final"
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    return f"시장 요약 · {what} · {answer.session} · {state} · KRX{simulated} · 억원"


def _index(one: Any) -> str:
    counts = ""
    if one.advancers is not None and one.decliners is not None:
        counts = f" · 상승 {one.advancers:,} 하락 {one.decliners:,} 보합 {plain(one.unchanged)}"
    traded = "" if one.amount is None else f" · 거래대금 {eok(one.amount).lstrip('+')}"
    return f"{one.index} {plain(one.close, 2)} ({signed(one.change_rate, 2)}%){counts}{traded}"


def _flows(flows: Sequence[Any]) -> Grid:
    lines = [
        [
            f"{one.market} {investors.korean(one.investor)}",
            eok(one.net_amount),
            signed(one.net_to_turnover, 2),
            plain(one.percentile, 0),
            run(one.streak),
        ]
        for one in flows
    ]
    return Grid(["투자자", "순매수", "대금비%", "백분위", "연속"], lines)


def _stocks(stocks: Any) -> list[str]:
    if stocks.session is None:
        return []
    lines = []
    for name, title in _LISTS:
        listed = getattr(stocks, name)
        if not listed:
            if name == "double_buy":
                lines.append("쌍끌이 매수: 없음 none")
            continue
        lines.append(f"{title}: {', '.join(_stock(one, name) for one in listed)}")
    return lines


def _stock(one: Any, listed: str) -> str:
    """Name with the figure that the list is in: z of the week for 쌍끌이, else won or % of turnover."""
    figure = f"{signed(one.net_to_turnover, 1)}%" if one.net_amount is None else eok(one.net_amount)
    return f"{one.name or one.code} " + (f"z{signed(one.z, 1)}" if listed.startswith("double") else figure)


def _sectors(sectors: Any) -> str:
    if not sectors.inflow and not sectors.outflow:
        about = sectors.meta.get("inflow")
        return f"업종: – ({about.note if about else ''})"
    every = [*sectors.inflow, *sectors.outflow]
    codes = [one.sector_code for one in every]
    shown = dict(zip(codes, told_apart(codes, [one.sector_name for one in every]), strict=True))
    sides = [
        f"{title} " + ", ".join(f"{shown[one.sector_code]} {eok(one.abnormal_net)}" for one in listed)
        for title, listed in (("유입", sectors.inflow), ("유출", sectors.outflow))
        if listed
    ]
    return "업종(양 시장, 시총 비중 대비, 외국인+기관) " + " / ".join(sides)


def _program(program: Any) -> str:
    if program.net_amount is None:
        return f"프로그램: – ({program.meta['net_amount'].reason})"
    return (
        f"프로그램(위 수급에 포함) 순매수 {eok(program.net_amount)}"
        f" · 차익 {eok(program.arbitrage_net)} · 비차익 {eok(program.non_arbitrage_net)}"
    )


def _shorts(shorts: Any) -> str:
    if shorts.ban:
        return "공매도: 전면 금지 banned"
    if shorts.session is None:
        return f"공매도: – ({shorts.meta['short_ratio'].reason})"
    ratios = " ".join(f"{market} {plain(ratio, 2)}%" for market, ratio in shorts.short_ratio.items())
    said = [f"공매도 비중 {ratios}"]
    if shorts.overheated:
        said.append(
            "과열 요건(자체 계산) " + ", ".join(f"{one.name or one.code}({one.type})" for one in shorts.overheated)
        )
    if shorts.official is not None:
        said.append(f"거래소 과열 지정 {len(shorts.official)}종목")
    return " · ".join(said)


def _mood(mood: Any) -> str:
    score = "–" if mood.score is None else f"{mood.score:.1f} {MOODS[mood.interpretation]}"
    moved = "" if mood.change_from_yesterday is None else f", 전일 대비 {signed(mood.change_from_yesterday, 1)}"
    regime = "국면 –" if mood.regime is None else f"{REGIMES[mood.regime]} (모형 확률 {mood.regime_confidence:.2f})"
    return f"심리 {score}{moved} · {regime}"
