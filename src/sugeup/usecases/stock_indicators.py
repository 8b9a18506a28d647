"""기술적 지표: indicators of one stock on adjusted prices, session by session, computed from the stored bars."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from sugeup.archive import Archive
from sugeup.registry import usecase
from sugeup.usecases import adjusted_bars, candle_marks, doors, indicator_measures, securities, standing
from sugeup.usecases.adjusted_bars import AdjustedBars
from sugeup.usecases.answers import Answer, FieldMeta, Gap, Meta, Shown
from sugeup.usecases.arguments import Session, StockCode
from sugeup.usecases.candle_marks import CandleMark
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.stock_indicators_text import rows, text
from sugeup.usecases.windows import SEOUL

Cross = Literal["GOLDEN", "NONE", "DEAD"]
Sessions = Annotated[int, Field(ge=1, le=250, description="How many sessions to list, the newest last in time.")]


class IndicatorRow(Shown):
    """Indicators of one session; prices and volume per share of the answer's session. Null: see `meta`."""

    session: date
    close: float | None = Field(description="수정주가 adjusted close, won.")
    volume: int | None = Field(description="Adjusted shares.")
    sma_5: float | None
    sma_20: float | None
    sma_60: float | None
    sma_120: float | None
    ema_12: float | None
    ema_26: float | None
    ma_cross: Cross | None = Field(description="SMA 5 through SMA 20.")
    rsi: float | None
    macd: float | None
    macd_signal: float | None
    macd_histogram: float | None
    macd_cross: Cross | None
    bollinger_upper: float | None
    bollinger_middle: float | None
    bollinger_lower: float | None
    percent_b: float | None
    bollinger_width: float | None
    mfi: float | None
    atr: float | None
    obv: int | None = Field(description="Only changes mean something.")
    support: float | None = Field(description="Lowest low of the 20 sessions before.")
    resistance: float | None = Field(description="Highest high of the 20 sessions before.")
    candles: list[CandleMark] | None
    meta: Meta


class IndicatorSpan(Shown):
    """The sessions listed."""

    start: date
    end: date
    sessions: int


class StockIndicators(Answer):
    """Rows newest first; `meta` holds unit, window and metric of each field, once for all rows."""

    code: str
    name: str | None
    market: str | None
    period: IndicatorSpan
    rows: list[IndicatorRow]
    meta: Meta


@usecase(path="/stocks/{stock_code}/indicators", verb="indicators", title="기술적 지표", text=text, rows=rows)
def get_stock_indicators(
    archive: Archive, *, stock_code: StockCode, sessions: Sessions = 20, session: Session | None = None
) -> StockIndicators:
    """Technical indicators of one Korean stock (기술적 지표) on adjusted prices (수정주가), session by session.

    RSI, MACD, Bollinger bands, MFI, moving averages, ATR, OBV, candlestick patterns, support and resistance. They
    describe prices and say nothing about who trades: for that, use get_investor_trading.
    """
    security = securities.resolve(archive, stock_code)
    bars = adjusted_bars.load(archive, security, adjusted_bars.chosen(archive, security, session))
    first = max(0, len(bars.window.days) - sessions)
    listed = _rows(bars, first)
    shown = {field.name: field.meta for field in indicator_measures.FIELDS}
    span = f"{len(bars.window.days) - bars.window.begun} sessions read"
    warnings = adjusted_bars.about(bars)
    age = archive.clock.now().astimezone(SEOUL).date() - bars.session
    if session is None and age.days > 7:
        warnings.append(f"The newest bar is of {bars.session}, {age.days} days ago.")
    if session is None:
        warnings += standing.since(archive, security.code, security.delisted_on, bars.session)
    return StockIndicators(
        **bars.envelope(archive, warnings=warnings, coverage=_gaps(archive, bars, first)),
        code=security.code,
        name=security.name,
        market=security.market,
        period=IndicatorSpan(start=bars.window.days[first], end=bars.session, sessions=len(listed)),
        rows=listed[::-1],
        meta=shown
        | {
            "close": FieldMeta(unit="won", note=f"per share of {bars.session}", window=span),
            "volume": FieldMeta(unit="shares", note=f"on the share basis of {bars.session}"),
            "candles": FieldMeta(unit="label", metric="tec.candle", note="describes the bar, predicts nothing"),
        },
    )


def _rows(bars: AdjustedBars, first: int) -> list[IndicatorRow]:
    told = indicator_measures.values(bars, first)
    count = len(bars.window.days) - first
    marks = candle_marks.labels(bars, count)
    listed = []
    for at in range(count):
        place, draft = first + at, Draft({}, {})
        for name, series, digits in (("close", bars.close, 2), ("volume", bars.volume, 0)):
            missing = {"value": None, "reason": "MISSING_INPUT"}
            found = bars.told(missing if series[place] != series[place] else {"value": series[place]}, place)
            note = None if found["value"] is not None or bars.halted[place] else "no trade is stored for the session"
            draft.put(
                name,
                found["value"] if found["value"] is None else round(found["value"], digits or None),
                reason=found["reason"],
                note=None if found["reason"] == "CORPORATE_ACTION_GAP" else note,
            )
        for name, cells in told.items():
            draft.put(
                name,
                cells[at]["value"],
                reason=cells[at]["reason"],
                note=candle_marks.missing_range(bars, place, cells[at]["reason"]),
            )
        candle_marks.enter(draft, "candles", bars, marks, at, place)
        listed.append(IndicatorRow(session=bars.window.days[place], **draft.values, meta=draft.meta))
    return listed


def _gaps(archive: Archive, bars: AdjustedBars, first: int) -> list[Gap]:
    gaps = []
    stored = bars.window.series("raw_close")[0][max(first, bars.window.begun) :]
    missing = int((stored != stored).sum())
    if missing:
        how = doors.how(archive, "daily_bars")
        gaps.append(Gap(what=f"daily bars of {missing} of {len(stored)} sessions", reason="MISSING_INPUT", how=how))
    if bars.basis.gaps:
        how = "`sugeup import FILE...` with corporate_actions (share_factor)"
        gaps.append(Gap(what="share factor of a corporate action", reason="CORPORATE_ACTION_GAP", how=how))
    return gaps
