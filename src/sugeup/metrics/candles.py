"""Candlestick patterns (캔들 패턴), by the rules of Nison and the thresholds of TA-Lib, which has made them exact.

A body is long or short against the mean body of the 10 bars before it; a shadow is very short below a tenth of the mean
range of the 10 bars before; near means within a fifth of the mean range of 5 bars, not far within three fifths. A body
that closes where it opened counts as white. Patterns describe what was traded and predict nothing by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, lines, newest
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.metrics.technical import on_bars
from sugeup.metrics.windows import moving_sum
from sugeup.registry import metric

LABELS = ("BEARISH", "NONE", "BULLISH", "UNDIRECTED")
USUAL, NEAR_BARS = 10, 5
VERY_SHORT, DOJI, NEAR, FAR, PIERCED, RECOVERED = 0.1, 0.1, 0.2, 0.6, 0.5, 0.3

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Bars:
    """Bars of many stocks, (rows, bars); `back(k)` is the bar k places before each."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats

    def back(self, places: int) -> Bars:
        """The bars `places` before; NaN before the first."""
        return Bars(*(_shifted(part, places) for part in (self.open, self.high, self.low, self.close)))

    @cached_property
    def body(self) -> Floats:
        """Size of the body."""
        return np.abs(self.close - self.open)

    @cached_property
    def white(self) -> Flags:
        """Closed at the open or above."""
        return np.asarray(self.close >= self.open)

    @cached_property
    def black(self) -> Flags:
        """Closed below the open."""
        return np.asarray(self.close < self.open)

    @cached_property
    def top(self) -> Floats:
        """Upper end of the body."""
        return np.maximum(self.open, self.close)

    @cached_property
    def bottom(self) -> Floats:
        """Lower end of the body."""
        return np.minimum(self.open, self.close)

    @cached_property
    def usual_body(self) -> Floats:
        """Mean body of the bars before: a longer body is long, a shorter one short."""
        return _shifted(moving_sum(self.body, USUAL), 1) / USUAL

    def usual_range(self, bars: int = USUAL) -> Floats:
        """Mean distance of high and low of the bars before."""
        return _shifted(moving_sum(self.high - self.low, bars), 1) / bars

    @cached_property
    def no_upper(self) -> Flags:
        """Hardly any upper shadow."""
        return np.asarray(self.high - self.top < VERY_SHORT * self.usual_range())

    @cached_property
    def no_lower(self) -> Flags:
        """Hardly any lower shadow."""
        return np.asarray(self.bottom - self.low < VERY_SHORT * self.usual_range())


def engulfing(bar: Bars) -> tuple[Flags, Flags]:
    """장악형. The body covers the body of the bar before, which had the other colour; one end may coincide."""
    last = bar.back(1)
    covers = (bar.top >= last.top) & (bar.bottom <= last.bottom) & (bar.body > last.body)
    return covers & bar.white & last.black, covers & bar.black & last.white


def harami(bar: Bars) -> tuple[Flags, Flags]:
    """잉태형. A short body within the long body of the bar before; the turn is against that bar's colour."""
    last = bar.back(1)
    inside = (last.body > last.usual_body) & (bar.body <= bar.usual_body)
    inside &= (bar.top <= last.top) & (bar.bottom >= last.bottom)
    return inside & last.black, inside & last.white


def hammer(bar: Bars) -> tuple[Flags, Flags]:
    """망치형. A short body near or below the last low, a lower shadow longer than it, hardly an upper one."""
    last = bar.back(1)
    low_down = bar.bottom <= last.low + NEAR * last.usual_range(NEAR_BARS)
    return _dropped(bar) & low_down, np.zeros(bar.open.shape, dtype=bool)


def hanging_man(bar: Bars) -> tuple[Flags, Flags]:
    """교수형. The body of a hammer near or above the high of the bar before."""
    last = bar.back(1)
    high_up = bar.bottom >= last.high - NEAR * last.usual_range(NEAR_BARS)
    return np.zeros(bar.open.shape, dtype=bool), _dropped(bar) & high_up


def inverted_hammer(bar: Bars) -> tuple[Flags, Flags]:
    """역망치형. A short body below the last body, an upper shadow longer than it, hardly a lower one."""
    return _raised(bar) & (bar.top < bar.back(1).bottom), np.zeros(bar.open.shape, dtype=bool)


def shooting_star(bar: Bars) -> tuple[Flags, Flags]:
    """유성형. The body of an inverted hammer above the body of the bar before."""
    return np.zeros(bar.open.shape, dtype=bool), _raised(bar) & (bar.bottom > bar.back(1).top)


def doji(bar: Bars) -> tuple[Flags, Flags]:
    """도지. A body of at most a tenth of the mean range of the 10 bars before: open and close all but meet."""
    met = np.asarray(bar.body <= DOJI * bar.usual_range())
    return met, met


def piercing(bar: Bars) -> tuple[Flags, Flags]:
    """관통형. A long white body that opens under the last low and closes above the middle of a long black body."""
    last = bar.back(1)
    found = last.black & (last.body > last.usual_body) & bar.white & (bar.body > bar.usual_body)
    found &= (bar.open < last.low) & (bar.close < last.open) & (bar.close > last.close + PIERCED * last.body)
    return found, np.zeros(bar.open.shape, dtype=bool)


def dark_cloud_cover(bar: Bars) -> tuple[Flags, Flags]:
    """먹구름형. A black body that opens above the last high and closes below the middle of a long white body."""
    last = bar.back(1)
    found = last.white & (last.body > last.usual_body) & bar.black
    found &= (bar.open > last.high) & (bar.close > last.open) & (bar.close < last.close - PIERCED * last.body)
    return np.zeros(bar.open.shape, dtype=bool), found


def morning_star(bar: Bars) -> tuple[Flags, Flags]:
    """샛별형. A long black body, a short body below it, a white body that wins back 30% of the first."""
    star, first = bar.back(1), bar.back(2)
    found = first.black & _star(bar, star, first) & (star.top < first.bottom)
    found &= bar.white & (bar.close > first.close + RECOVERED * first.body)
    return found, np.zeros(bar.open.shape, dtype=bool)


def evening_star(bar: Bars) -> tuple[Flags, Flags]:
    """석별형. A long white body, a short body above it, a black body that takes back 30% of the first."""
    star, first = bar.back(1), bar.back(2)
    found = first.white & _star(bar, star, first) & (star.bottom > first.top)
    found &= bar.black & (bar.close < first.close - RECOVERED * first.body)
    return np.zeros(bar.open.shape, dtype=bool), found


def three_white_soldiers(bar: Bars) -> tuple[Flags, Flags]:
    """적삼병. Three white bodies, each opening in or near the last and closing higher, hardly an upper shadow.

    No body is far shorter than the one before, and the last is not short.
    """
    middle, first = bar.back(1), bar.back(2)
    found = bar.body > bar.usual_body
    for one in (first, middle, bar):
        found &= one.white & one.no_upper
    for one, before in ((middle, first), (bar, middle)):
        usual = before.usual_range(NEAR_BARS)
        found &= (one.close > before.close) & (one.open > before.open) & (one.open <= before.close + NEAR * usual)
        found &= one.body > before.body - FAR * usual
    return found, np.zeros(bar.open.shape, dtype=bool)


def three_black_crows(bar: Bars) -> tuple[Flags, Flags]:
    """흑삼병. After a white body, three black ones, each opening within the last and closing lower.

    They have hardly a lower shadow, and the first closes below the high of the white bar.
    """
    middle, first, before = bar.back(1), bar.back(2), bar.back(3)
    found = before.white & (first.close < before.high)
    for one in (first, middle, bar):
        found &= one.black & one.no_lower
    for one, last in ((middle, first), (bar, middle)):
        found &= (one.open < last.open) & (one.open > last.close) & (one.close < last.close)
    return np.zeros(bar.open.shape, dtype=bool), found


PATTERNS: Mapping[str, tuple[Callable[[Bars], tuple[Flags, Flags]], int]] = {
    "ENGULFING": (engulfing, 1),
    "HARAMI": (harami, USUAL + 1),
    "HAMMER": (hammer, USUAL + 1),
    "HANGING_MAN": (hanging_man, USUAL + 1),
    "INVERTED_HAMMER": (inverted_hammer, USUAL + 1),
    "SHOOTING_STAR": (shooting_star, USUAL + 1),
    "DOJI": (doji, USUAL),
    "PIERCING": (piercing, USUAL + 1),
    "DARK_CLOUD_COVER": (dark_cloud_cover, USUAL + 1),
    "MORNING_STAR": (morning_star, USUAL + 2),
    "EVENING_STAR": (evening_star, USUAL + 2),
    "THREE_WHITE_SOLDIERS": (three_white_soldiers, USUAL + 2),
    "THREE_BLACK_CROWS": (three_black_crows, USUAL + 3),
}
"""Each pattern and how many bars it needs before the newest."""


@metric(
    "tec.candle",
    korean="캔들 패턴",
    formula="; ".join(
        f"{name}: {' '.join((rule.__doc__ or '').split()).rstrip('.')}" for name, (rule, _) in PATTERNS.items()
    ),
    unit="label: BULLISH, BEARISH, UNDIRECTED (DOJI) or NONE",
    window="1 to 4 bars, read against the 10 bars before each",
    null_rule="MISSING_INPUT: the session has no bar; INSUFFICIENT_HISTORY: fewer bars before it than the pattern "
    "needs",
    source="Nison 1991, Japanese Candlestick Charting Techniques; thresholds of TA-Lib",
)
def candle(
    pattern: str, open: ArrayLike, high: ArrayLike, low: ArrayLike, close: ArrayLike, *, last: int | None = None
) -> Outcome:
    """Where a candlestick pattern ends (캔들 패턴).

    pattern: one of `PATTERNS`, else Refused; open, high, low, close: (..., sessions), adjusted, in KRW, oldest first;
    one label per session. Sessions without a bar are left out and the bars around them closed up.

    >>> candle("ENGULFING", [10, 7], [11, 12], [7, 6], [8, 11]).at(-1)
    {'value': 'BULLISH'}
    """
    if pattern not in PATTERNS:
        raise Refused(f"pattern={pattern!r} is not allowed; allowed: {', '.join(PATTERNS)}.")
    rule, needed = PATTERNS[pattern]
    shape, rows = lines(open=open, high=high, low=low, close=close)

    def work(*parts: Floats) -> Outcome:
        up, down = rule(Bars(*parts))
        value = np.where(up & down, 3.0, 1.0 + up - down)
        short = np.broadcast_to(np.arange(value.shape[-1]) < needed, value.shape)
        return Outcome(
            np.where(short, np.nan, value), codes(value.shape, (short, Reason.INSUFFICIENT_HISTORY)), {}, LABELS
        )

    return on_bars(work, shape, newest(last), *rows)


def _shifted(part: Floats, places: int) -> Floats:
    moved = np.full(part.shape, np.nan)
    moved[:, places:] = part[:, : max(0, part.shape[-1] - places)]
    return moved


def _dropped(bar: Bars) -> Flags:
    """A short body at the upper end of the bar, with a lower shadow longer than it."""
    return np.asarray((bar.body < bar.usual_body) & (bar.bottom - bar.low > bar.body) & bar.no_upper)


def _raised(bar: Bars) -> Flags:
    """A short body at the lower end of the bar, with an upper shadow longer than it."""
    return np.asarray((bar.body < bar.usual_body) & (bar.high - bar.top > bar.body) & bar.no_lower)


def _star(bar: Bars, star: Bars, first: Bars) -> Flags:
    """A long body, a short one, and one that is not short."""
    return np.asarray((first.body > first.usual_body) & (star.body <= star.usual_body) & (bar.body > bar.usual_body))
