"""The answer about programme trading as a page that stands on its own, amounts in 억원."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.usecases.wording import Grid, eok, plain, signed

_TYPES = {"ALL": "전체", "ARBITRAGE": "차익", "NON_ARBITRAGE": "비차익"}
_WINDOWS = {"CURRENT": "장 시작부터", "1H": "최근 60분", "TODAY": "장 시작부터"}
_LEGS = {"LONG": "선물 매수 LONG", "SHORT": "선물 매도 SHORT", "FLAT": "중립 FLAT"}
_LEVELS = {"LOW": "낮음 LOW", "MEDIUM": "보통 MEDIUM", "HIGH": "높음 HIGH"}
_SHOWN, _STOCKS = 4, 5


def text(answer: Any) -> Sequence[object]:
    """Heading, the kinds, what they are held against, the last bins and the first stocks."""
    block = answer.program_trading
    lines: list[object] = [_heading(answer), "", _kinds(answer), *_context(block)]
    if block.time_series:
        lines += [
            "",
            Grid(
                ["시각 time", "매수", "매도", "순매수", "누적 순매수"],
                [_bin(one) for one in block.time_series[-_SHOWN:]],
            ),
        ]
    if block.top_stocks:
        shown = block.top_stocks[:_STOCKS]
        stocks = [[" ".join(filter(None, (s.code, s.name))), eok(s.net), plain(s.ratio, 1)] for s in shown]
        lines += ["", Grid(["상위 종목 top", "순매수(억원)", "비중%"], stocks)]
    lines += [f"! {warning}" for warning in answer.warnings]
    lines += [f"없음 {gap.what}: {gap.reason}. {gap.how}" for gap in answer.coverage]
    return lines


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per kind with its sums, then one per bin of the series and per stock."""
    block = answer.program_trading
    about = {"session": str(answer.session), "market": answer.market, "window": answer.time_window}
    summary = block.summary
    found = [
        about
        | {"part": "summary", "of": answer.program_type}
        | {"buy": summary.total_buy, "sell": summary.total_sell, "net": summary.net_value}
    ]
    for name in ("arbitrage", "non_arbitrage"):
        kind = getattr(block, name)
        if kind is not None:
            found.append(about | {"part": "kind", "of": name, "buy": kind.buy, "sell": kind.sell, "net": kind.net})
    for one in block.time_series or ():
        found.append(about | {"part": "time_series", "of": one.time} | one.model_dump(exclude={"time"}))
    for stock in block.top_stocks or ():
        named = {"part": "top_stocks", "of": stock.code, "name": stock.name}
        sums = {"buy": stock.program_buy, "sell": stock.program_sell, "net": stock.net, "ratio": stock.ratio}
        found.append(about | named | sums)
    columns = dict.fromkeys(name for row in found for name in row)
    return [{name: row.get(name) for name in columns} for row in found]


def _heading(answer: Any) -> str:
    what = {"ALL": "KOSPI+KOSDAQ"}.get(answer.market, answer.market)
    when = f"{answer.session} 일별"
    if answer.resolution == "MINUTE":
        when = f"{answer.as_of[:16].replace('T', ' ')} ({_WINDOWS[answer.time_window]})"
    state = "잠정 provisional" if answer.provisional else "확정 final"
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    sources = ", ".join(answer.sources)
    return f"프로그램매매 · {what} · {when} · {state} · KRX{simulated} · 출처 {sources}"


def _kinds(answer: Any) -> Grid:
    block = answer.program_trading
    summary = block.summary
    total = [_TYPES[answer.program_type], *map(_won, (summary.total_buy, summary.total_sell)), eok(summary.net_value)]
    lines = [total] if answer.program_type == "ALL" else []
    for name, korean in (("arbitrage", "차익"), ("non_arbitrage", "비차익")):
        kind = getattr(block, name)
        if kind is not None:
            lines.append([korean, _won(kind.buy), _won(kind.sell), eok(kind.net)])
    return Grid(["억원", "매수 buy", "매도 sell", "순매수 net"], lines)


def _context(block: Any) -> list[str]:
    summary, market = block.summary, block.market_indicators
    shares = f"매수 비율 {plain(summary.buy_ratio, 1)}% · 대금비 {signed(summary.market_impact, 2)}%"
    lines = [f"{shares} · 거래 비중 {plain(market.program_participation_rate, 1)}%"]
    kind = block.arbitrage
    if kind is not None:
        basis = f"베이시스 {signed(kind.basis, 2)}{'p' if kind.basis is not None else ''}"
        if kind.vendor_theoretical is not None:
            basis += f" (증권사 이론가 {plain(kind.vendor_theoretical, 2)})"
        leg = _LEGS.get(kind.futures_position or "", "–")
        percentile = kind.meta["intensity"].percentile
        rank = "" if percentile is None else f" (백분위 {plain(percentile, 0)})"
        level = _LEVELS.get(kind.intensity or "", "–")
        lines.append(f"차익: {basis} · 추정 {leg} · 강도 {level}{rank}")
    lines.append(f"시장 효율성 {plain(market.market_efficiency, 2)} · 이론 베이시스 – (CD91·배당 미설정)")
    return lines


def _bin(one: Any) -> list[str]:
    return [one.time, _won(one.buy), _won(one.sell), eok(one.net), eok(one.cumulative_net)]


def _won(amount: int | None) -> str:
    return eok(amount).lstrip("+")
