"""The day by the clock as a table: net by bin, then what is usual, what is unusual, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sugeup.market import investors
from sugeup.usecases.wording import ABSENT, Grid, eok, plain, signed

_LINES = 14
"""Rows of the concise table at most; finer bins are joined for people, never in the answer."""
_BIAS = {"BUY": "매수 우위 BUY", "SELL": "매도 우위 SELL", "NEUTRAL": "중립 NEUTRAL"}


def text(answer: Any) -> Sequence[object]:
    """Heading, a line per half-hour or slot, patterns, anomalies, gaps."""
    lines: list[object] = [_heading(answer), "", _table(answer)]
    lines += _patterns(answer)
    lines += _unusual(answer)
    lines += _windows(answer)
    lines += [f"! {warning}" for warning in answer.warnings]
    lines += [f"없음 {gap.what}: {gap.reason}. {gap.how}" for gap in answer.coverage]
    return lines


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per bin and group."""
    about = {"session": str(answer.date), "of": answer.stock_code or answer.market, "resolution": answer.resolution}
    return [
        about
        | {"time": one.time, "until": one.until, "investor": group, "korean": investors.korean(group)}
        | {name: getattr(getattr(one, group), name) for name in ("buy", "sell", "net", "net_volume", "intensity")}
        | {"turnover": one.turnover, "open": one.price_impact.open, "close": one.price_impact.close}
        for one in answer.time_flow_data
        for group in investors.GROUPS
    ]


def _heading(answer: Any) -> str:
    what = {"ALL": "KOSPI+KOSDAQ"}.get(answer.market, answer.market)
    if answer.stock_code:
        what = " ".join(part for part in (answer.stock_code, answer.stock_name) if part)
    state = (
        "추정 estimated" if answer.resolution == "SLOT" else "잠정 provisional" if answer.provisional else "확정 final"
    )
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    clock = answer.as_of[11:16]
    step = "가집계 slots" if answer.resolution == "SLOT" else answer.interval
    return (
        f"시간대별 수급 · {what} · {answer.date} {answer.session} {step} · {clock} 현재 · {state} · KRX{simulated} · "
        f"출처 {', '.join(answer.sources)}"
    )


def _table(answer: Any) -> Grid:
    slot = answer.resolution == "SLOT"
    groups = ("foreign", "institution") if slot else investors.GROUPS
    header = ["시각", *(f"{investors.korean(group)}({'주' if slot else '억'})" for group in groups)]
    header += ["외국인 강도", "주가%" if slot else "지수%"]
    found = []
    for part in _joined(answer.time_flow_data):
        nets = [_sum(getattr(getattr(one, group), "net_volume" if slot else "net") for one in part) for group in groups]
        strength = (
            part[0].foreign.intensity
            if len(part) == 1
            else max((one.foreign.intensity for one in part if one.foreign.intensity is not None), default=None)
        )
        first, last = part[0].price_impact.open, part[-1].price_impact.close
        change = None if first is None or last is None else 100 * (last / first - 1)
        cells = [signed(net) if slot else eok(net) for net in nets]
        found.append([f"{part[0].time}-{part[-1].until}", *cells, plain(strength, 1), signed(change, 2)])
    return Grid(header, found or [[ABSENT] * len(header)])


def _joined(bins: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Neighbouring bins joined so that at most `_LINES` lines are left; the closing auction stays alone."""
    size = max(1, -(-(len(bins) - 1) // (_LINES - 1)))
    if size == 1:
        yield from ([one] for one in bins)
        return
    for begin in range(0, len(bins) - 1, size):
        yield bins[begin : min(begin + size, len(bins) - 1)]
    yield bins[-1:]


def _sum(values: Iterator[int | None]) -> int | None:
    """The sum, null where a part is."""
    known = list(values)
    return None if any(value is None for value in known) else sum(value for value in known if value is not None)


def _patterns(answer: Any) -> list[str]:
    if answer.resolution == "SLOT":
        return []
    lines = []
    for group in investors.GROUPS:
        block = getattr(answer.patterns, group)
        said = []
        if block.typical_entry_time:
            said.append(f"매수 {block.typical_entry_time}")
        if block.typical_exit_time:
            said.append(f"매도 {block.typical_exit_time}")
        if block.morning_bias and block.afternoon_bias:
            said.append(f"오전 {_BIAS[block.morning_bias]}, 오후 {_BIAS[block.afternoon_bias]}")
        if block.execution_pattern:
            said.append(block.execution_pattern)
        if block.consistency_score is not None:
            said.append(f"일관성 {block.consistency_score:+.2f}")
        if said:
            lines.append(f"{investors.korean(group)} 20일: {' · '.join(said)}")
    return lines


def _unusual(answer: Any) -> list[str]:
    if answer.anomalies is None:
        return [f"이상 시간대 {ABSENT} {answer.meta['anomalies'].reason}"]
    if not answer.anomalies:
        return ["이상 시간대 없음 (p_adj ≤ 0.05)"]
    shown = [
        f"{one.time} {'거래대금' if one.investor == 'all' else investors.korean(one.investor)} "
        f"{eok(one.magnitude)}억 z {one.z_score:+.1f} p {one.p_adj:.3f}"
        for one in answer.anomalies[:3]
    ]
    rest = len(answer.anomalies) - len(shown)
    return [f"이상 시간대: {' / '.join(shown)}{f' 외 {rest}' if rest else ''}"]


def _windows(answer: Any) -> list[str]:
    block = answer.optimal_trading_windows
    named = (
        ("거래 많음", block.high_liquidity),
        ("충격 작음", block.low_impact),
        ("외국인 활발", block.foreign_active),
    )
    said = [f"{label} {', '.join(spans)}" for label, spans in named if spans]
    return [f"지난 20일: {' · '.join(said)} (과거 서술, 보장 아님)"] if said else []
