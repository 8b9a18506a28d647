"""The indicators of a stock as a page: the newest session in words, the sessions before as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.usecases.wording import ABSENT, plain, signed

_CROSSES = {"GOLDEN": "골든크로스 golden cross", "DEAD": "데드크로스 dead cross", "NONE": "교차 없음 no cross"}


def text(answer: Any) -> Sequence[object]:
    """The newest session, and why values of it are null."""
    row = answer.rows[0]
    lines: list[object] = [_heading(answer), ""]
    lines.append(f"종가 close {plain(row.close, 2)}원 · 거래량 volume {plain(row.volume)}주")
    averages = " · ".join(f"{n}일 {plain(getattr(row, f'sma_{n}'), 2)}" for n in (5, 20, 60, 120))
    lines.append(f"이동평균 SMA: {averages} · 5/20 {_CROSSES.get(row.ma_cross or '', ABSENT)}")
    lines.append(f"EMA: 12일 {plain(row.ema_12, 2)} · 26일 {plain(row.ema_26, 2)}")
    lines.append(f"RSI(14) {plain(row.rsi, 2)} · MFI(14) {plain(row.mfi, 2)} (가격·거래량 지표, 누가 샀는지는 모름)")
    lines.append(
        f"MACD {signed(row.macd, 2)} · 시그널 signal {signed(row.macd_signal, 2)}"
        f" · 히스토그램 {signed(row.macd_histogram, 2)} · {_CROSSES.get(row.macd_cross or '', ABSENT)}"
    )
    bands = " / ".join(plain(getattr(row, f"bollinger_{side}"), 2) for side in ("upper", "middle", "lower"))
    lines.append(f"볼린저 Bollinger(20, 2): {bands} · %B {plain(row.percent_b, 3)}")
    lines.append(f"ATR(14) {plain(row.atr, 2)}원 · OBV {signed(row.obv)}주 ({_obv(answer)})")
    lines.append(f"지지 support {plain(row.support, 2)} · 저항 resistance {plain(row.resistance, 2)} (직전 20거래일)")
    lines.append(f"캔들 candles: {_candles(row.candles)}")
    lines.append("지표는 지난 가격을 설명할 뿐 앞날을 말하지 않습니다 (description, not a forecast).")
    lines += [f"! {warning}" for warning in answer.warnings]
    lines += [f"없음 {gap.what}: {gap.reason}. {gap.how}" for gap in answer.coverage]
    return lines + _nulls(row)


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per session, candles as names with their direction."""
    about = {"code": answer.code, "name": answer.name}
    return [
        about
        | one.model_dump(mode="json", exclude={"meta", "candles"})
        | {"candles": " ".join(f"{mark.pattern}:{mark.direction}" for mark in one.candles or [])}
        for one in answer.rows
    ]


def _heading(answer: Any) -> str:
    what = " ".join(part for part in (answer.code, answer.name) if part)
    simulated = " · SIMULATED 모의" if answer.simulated else ""
    running = " · 잠정 provisional" if answer.provisional else ""
    return (
        f"기술적 지표 · {what} · 수정주가 · {answer.period.end} · KRX{running}{simulated}"
        f" · 출처 {', '.join(answer.sources)}"
    )


def _obv(answer: Any) -> str:
    known = [row for row in answer.rows if row.obv is not None]
    if len(known) < 2:
        return "변화 –"
    return f"{known[-1].session} 이후 {signed(known[0].obv - known[-1].obv)}"


def _candles(marks: Any) -> str:
    if marks is None:
        return ABSENT
    return ", ".join(f"{mark.korean} {mark.pattern} ({mark.direction})" for mark in marks) or "없음 none"


def _nulls(row: Any) -> list[str]:
    """Why values are empty: one line per reason, with its fields."""
    grouped: dict[str, list[str]] = {}
    for field, about in row.meta.items():
        if about.reason:
            grouped.setdefault(f"{about.reason}: {about.note}", []).append(field)
    return [f"null {', '.join(fields)} ({row.session}): {reason}" for reason, fields in grouped.items()]
