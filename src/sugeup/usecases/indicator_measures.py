"""The indicators of one stock: which metric each field comes from, and their values on the last sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sugeup.metrics import sector, technical
from sugeup.metrics.outcome import Outcome
from sugeup.usecases.adjusted_bars import WINDOW, AdjustedBars
from sugeup.usecases.answers import FieldMeta


@dataclass(frozen=True)
class Field:
    """One field of a row: the metric, which part of it (None: its value), and how it is shown."""

    name: str
    metric: str
    part: str | None
    unit: str
    window: str
    digits: int | None = 2

    @property
    def meta(self) -> FieldMeta:
        """What holds for the field on every session."""
        return FieldMeta(unit=self.unit, window=self.window, metric=self.metric)


FIELDS = (
    *(Field(f"sma_{n}", "tec.sma", None, "won", f"{n}D") for n in (5, 20, 60, 120)),
    *(Field(f"ema_{n}", "tec.ema", None, "won", f"{n}D") for n in (12, 26)),
    Field("ma_cross", "tec.cross", None, "label", "SMA 5D against 20D", None),
    Field("rsi", "tec.rsi", None, "0-100", "14D"),
    Field("macd", "tec.macd", None, "won", "12D-26D-9D"),
    Field("macd_signal", "tec.macd", "signal", "won", "12D-26D-9D"),
    Field("macd_histogram", "tec.macd", "histogram", "won", "12D-26D-9D"),
    Field("macd_cross", "tec.macd", "cross", "label", "12D-26D-9D", None),
    Field("bollinger_upper", "tec.bollinger", "upper", "won", "20D, 2 SD"),
    Field("bollinger_middle", "tec.bollinger", None, "won", "20D, 2 SD"),
    Field("bollinger_lower", "tec.bollinger", "lower", "won", "20D, 2 SD"),
    Field("percent_b", "tec.bollinger", "percent_b", "0 = lower, 1 = upper band", "20D, 2 SD", 3),
    Field("bollinger_width", "tec.bollinger", "width", "fraction of the middle", "20D, 2 SD", 4),
    Field("mfi", "sec.mfi", None, "0-100", "14D"),
    Field("atr", "tec.atr", None, "won", "14D"),
    Field("obv", "tec.obv", None, "shares", "since the first bar read", 0),
    Field("support", "smt.technical", "support", "won", f"{WINDOW}D before the session"),
    Field("resistance", "smt.technical", "resistance", "won", f"{WINDOW}D before the session"),
)
"""Every field of a row that is a measure, in the order of the answer."""

_PARTLY = {"macd_cross": "INSUFFICIENT_HISTORY", "percent_b": "ZERO_DENOMINATOR", "bollinger_width": "ZERO_DENOMINATOR"}
"""Why an extra of a metric may be null beside a value."""


def values(bars: AdjustedBars, first: int) -> dict[str, list[dict[str, Any]]]:
    """Field -> {"value", "reason"} of each session from place `first` on; rounding is that of the answer."""
    found = _outcomes(bars)
    places = range(first, len(bars.window.days))
    levels = [_levels(bars, place) for place in places]
    told: dict[str, list[dict[str, Any]]] = {}
    for field in FIELDS:
        if field.metric == "smt.technical":
            told[field.name] = [_cell(bars, field, at, cell) for at, cell in zip(places, levels, strict=True)]
        else:
            outcome = found[field.name] if field.name in found else found[field.metric]
            told[field.name] = [_cell(bars, field, at, outcome.at(0, at)) for at in places]
    return told


def explain(function: Any) -> str:
    """What a metric tells, in one sentence: the first line of its description."""
    return str(function.__doc__).strip().split("\n", 1)[0]


def _outcomes(bars: AdjustedBars) -> dict[str, Outcome]:
    high, low, close, volume = (part[None] for part in (bars.high, bars.low, bars.close, bars.volume))
    averages = {f"sma_{n}": technical.sma(close, n=n) for n in (5, 20, 60, 120)}
    return averages | {
        **{f"ema_{n}": technical.ema(close, n=n) for n in (12, 26)},
        "tec.cross": technical.cross(averages["sma_5"].value, averages["sma_20"].value),
        "tec.rsi": technical.rsi(close),
        "tec.macd": technical.macd(close),
        "tec.bollinger": technical.bollinger(close),
        "sec.mfi": sector.mfi(high, low, close, volume),
        "tec.atr": technical.atr(high, low, close),
        "tec.obv": technical.obv(close, volume),
    }


def _levels(bars: AdjustedBars, place: int) -> dict[str, Any]:
    """Support and resistance at a place, from the sessions before it."""
    seen = slice(max(0, place - WINDOW), place + 1)
    found = technical.levels(bars.high[seen], bars.low[seen], [], [], n=WINDOW).at()
    value = found["value"] or {"support": None, "resistance": None}
    return {"value": found["value"], "reason": found.get("reason")} | value


def _cell(bars: AdjustedBars, field: Field, place: int, cell: dict[str, Any]) -> dict[str, Any]:
    told = bars.told(cell, place)
    value, reason = told["value"] if field.part is None else told[field.part], told["reason"]
    if value is None:
        return {"value": None, "reason": reason or _PARTLY.get(field.name, "MISSING_INPUT")}
    if field.digits is not None:
        value = round(value, field.digits) if field.digits else round(value)
    return {"value": value, "reason": None}
