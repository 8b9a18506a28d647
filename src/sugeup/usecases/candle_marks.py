"""캔들 패턴 of one stock: which of them end on a session, and how many could be looked for."""

from __future__ import annotations

from typing import Literal

from sugeup.metrics import candles
from sugeup.metrics.outcome import Outcome
from sugeup.usecases.adjusted_bars import AdjustedBars
from sugeup.usecases.answers import Shown
from sugeup.usecases.investor_blocks import Draft

NO_RANGE = "open, high and low of the session are not stored"


class CandleMark(Shown):
    """A candlestick pattern (캔들 패턴) that ends on a session."""

    pattern: str
    korean: str
    direction: Literal["BULLISH", "BEARISH", "UNDIRECTED"]


def labels(bars: AdjustedBars, last: int = 1) -> dict[str, Outcome]:
    """`tec.candle` of every pattern on the last sessions, one row each."""
    sides = [part[None] for part in (bars.open, bars.high, bars.low, bars.close)]
    return {name: candles.candle(name, *sides, last=last) for name in candles.PATTERNS}


def enter(draft: Draft, field: str, bars: AdjustedBars, found: dict[str, Outcome], at: int, place: int) -> None:
    """Enter the marks of the session at `place` (column `at` of `found`); null where no pattern could be looked for."""
    cells = {name: bars.told(outcome.at(0, at), place) for name, outcome in found.items()}
    known = {name: cell["value"] for name, cell in cells.items() if cell["value"] is not None}
    if not known:
        reason = cells["DOJI"]["reason"]
        draft.put(field, None, reason=reason, note=missing_range(bars, place, reason), metric="tec.candle")
        return
    marks = [
        CandleMark(pattern=name, korean=korean(name), direction=label)
        for name, label in known.items()
        if label != "NONE"
    ]
    short = len(cells) - len(known)
    note = f"{short} of {len(cells)} patterns need more bars before the session" if short else None
    draft.put(field, marks, note=note, n=len(known) if short else None)


def missing_range(bars: AdjustedBars, place: int, reason: str | None) -> str | None:
    """Words for a traded session without open, high and low; None where the usual words fit."""
    absent = bars.traded[place] and bars.high[place] != bars.high[place]
    return NO_RANGE if reason == "MISSING_INPUT" and absent else None


def korean(pattern: str) -> str:
    """The Korean name of a candlestick pattern."""
    return str(candles.PATTERNS[pattern][0].__doc__).split(".", 1)[0]
