"""Candlestick patterns: the same sessions as TA-Lib, and what each pattern looks like."""

from __future__ import annotations

import numpy as np
import pytest

from sugeup.metrics import candles
from tests.support.talib import talib

Bar = tuple[float, float, float, float]
THEIRS = {
    "ENGULFING": "CDLENGULFING", "HARAMI": "CDLHARAMI", "HAMMER": "CDLHAMMER", "HANGING_MAN": "CDLHANGINGMAN",
    "INVERTED_HAMMER": "CDLINVERTEDHAMMER", "SHOOTING_STAR": "CDLSHOOTINGSTAR", "DOJI": "CDLDOJI",
    "PIERCING": "CDLPIERCING", "DARK_CLOUD_COVER": "CDLDARKCLOUDCOVER", "MORNING_STAR": "CDLMORNINGSTAR",
    "EVENING_STAR": "CDLEVENINGSTAR", "THREE_WHITE_SOLDIERS": "CDL3WHITESOLDIERS",
    "THREE_BLACK_CROWS": "CDL3BLACKCROWS",
}  # fmt: skip


def wild(seed: int, length: int) -> list[np.ndarray]:
    """Open, high, low, close of independent bars in a narrow band: every pattern occurs, ends coincide often."""
    rng = np.random.default_rng(seed)
    start, end = rng.integers(90, 110, (2, length)).astype(float)
    up, down = rng.choice([0, 0, 1, 2, 8], (2, length))
    return [start, np.maximum(start, end) + up, np.minimum(start, end) - down, end]


def walking(seed: int, length: int) -> list[np.ndarray]:
    """Open, high, low, close of a stock whose sessions open near the last close, in whole won."""
    rng = np.random.default_rng(seed)
    end = np.round(5000 + np.cumsum(rng.normal(0, 10, length)))
    start = np.round(np.append(end[0], end[:-1]) + rng.normal(0, 8, length))
    up, down = np.round(np.abs(rng.normal(0, 4, (2, length))))
    return [start, np.maximum(start, end) + up, np.minimum(start, end) - down, end]


def test_every_pattern_has_its_counterpart() -> None:
    assert set(THEIRS) == set(candles.PATTERNS)


@pytest.mark.parametrize("pattern", THEIRS)
def test_a_pattern_ends_on_the_sessions_on_which_talib_sees_it(pattern: str) -> None:
    seen = 0
    for bars in (wild(1, 40_000), walking(2, 40_000)):
        theirs = np.sign(getattr(talib(), THEIRS[pattern])(*bars))
        outcome = candles.candle(pattern, *bars)
        known = np.isfinite(outcome.value)
        known[:2] = False  # TA-Lib leaves the second session out, where an engulfing can already be told
        found = (outcome.value == 3) if pattern == "DOJI" else outcome.value - 1
        assert (theirs[known] == found[known]).all()
        assert not theirs[~known].any()
        seen += int((theirs != 0).sum())
    assert seen > 5


QUIET: list[Bar] = [(100, 103, 97, 102), (102, 105, 98, 100)] * 6


@pytest.mark.parametrize(
    ("pattern", "bars", "label"),
    [
        ("ENGULFING", [(105, 106, 99, 100), (99, 108, 98, 107)], "BULLISH"),
        ("ENGULFING", [(100, 106, 99, 105), (106, 107, 98, 99)], "BEARISH"),
        ("ENGULFING", [(100, 106, 99, 105), (105, 107, 98, 100)], "NONE"),
        ("HARAMI", [(110, 111, 99, 100), (104, 106, 103, 105)], "BULLISH"),
        ("HAMMER", [(100, 101, 98, 99), (97, 97.5, 90, 97.4)], "BULLISH"),
        ("HANGING_MAN", [(100, 103, 98, 102), (103, 103.5, 96, 103.4)], "BEARISH"),
        ("INVERTED_HAMMER", [(100, 101, 95, 96), (93, 101, 92.9, 94)], "BULLISH"),
        ("SHOOTING_STAR", [(96, 101, 95, 100), (103, 111, 102.9, 104)], "BEARISH"),
        ("DOJI", [(100, 104, 96, 100.5)], "UNDIRECTED"),
        ("DOJI", [(100, 104, 96, 101)], "NONE"),
        ("PIERCING", [(110, 111, 99, 100), (98, 108, 97, 107)], "BULLISH"),
        ("DARK_CLOUD_COVER", [(100, 111, 99, 110), (112, 113, 102, 103)], "BEARISH"),
        ("MORNING_STAR", [(110, 111, 99, 100), (97, 99, 96, 98), (99, 108, 98, 107)], "BULLISH"),
        ("EVENING_STAR", [(100, 111, 99, 110), (112, 114, 111, 113), (111, 112, 102, 103)], "BEARISH"),
        (
            "THREE_WHITE_SOLDIERS",
            [(100, 104.1, 99, 104), (102, 108.1, 101, 108), (106, 112.1, 105, 112)],
            "BULLISH",
        ),
        (
            "THREE_BLACK_CROWS",
            [(108, 113, 107, 112), (111, 112, 106.9, 107), (109, 110, 102.9, 103), (105, 106, 98.9, 99)],
            "BEARISH",
        ),
    ],
)
def test_a_pattern_as_the_books_draw_it(pattern: str, bars: list[Bar], label: str) -> None:
    series = [list(side) for side in zip(*QUIET, *bars, strict=True)]
    assert {"value": label} == candles.candle(pattern, *series).at(-1)


def test_a_pattern_needs_the_bars_it_is_measured_against() -> None:
    bars = wild(3, 40)
    for pattern, (_, needed) in candles.PATTERNS.items():
        outcome = candles.candle(pattern, *bars)
        assert "INSUFFICIENT_HISTORY" == outcome.at(needed - 1)["reason"]
        assert outcome.at(needed)["value"] in candles.LABELS


def test_halted_sessions_do_not_hide_a_pattern() -> None:
    bars = wild(4, 300)
    holed = [np.insert(part, 150, np.nan) for part in bars]
    for pattern in candles.PATTERNS:
        whole, gap = candles.candle(pattern, *bars), candles.candle(pattern, *holed)
        assert "MISSING_INPUT" == gap.at(150)["reason"]
        assert whole.value.tobytes() == np.delete(gap.value, 150).tobytes()
