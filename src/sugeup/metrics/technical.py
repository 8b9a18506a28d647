"""Technical indicators (기술적 지표) on adjusted prices, computed and never stored.

Series are (..., sessions), oldest first, with one value per session. A session without a bar (halted, or not
collected) has no value, and the sessions around it are closed up: no trade is no observation.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics.dense import BLOCK, Floats, between, by_blocks, floats, lines, newest, whole
from sugeup.metrics.outcome import Outcome, Reason, Single, codes, nothing
from sugeup.metrics.windows import moving, moving_mean, newest_sessions
from sugeup.registry import metric

LONG = 1 << 19  # cells of a block in which a mean is carried from session to session
CROSSES = ("DEAD", "NONE", "GOLDEN")
BAR_NULLS = "MISSING_INPUT: the session has no bar; INSUFFICIENT_HISTORY: fewer bars than the window"


@metric(
    "tec.sma",
    korean="단순 이동평균",
    formula="mean of the last n closes",
    unit="KRW",
    window="n bars",
    null_rule=BAR_NULLS,
    source="definition",
)
def sma(close: ArrayLike, *, n: int = 20, last: int | None = None) -> Outcome:
    """Simple moving average (이동평균선).

    close: (..., sessions), adjusted, in KRW.

    >>> sma([1, 2, 3, 4], n=2).at(-1)
    {'value': 3.5}
    """
    span = whole("n", n, 1)
    shape, rows = lines(close=close)
    return on_bars(lambda price: _warm(moving_mean(price, span)), shape, newest(last), *rows)


@metric(
    "tec.ema",
    korean="지수 이동평균",
    formula="the mean before + (close - that) * 2 ÷ (n + 1); the first one is the mean of the first n closes",
    unit="KRW",
    window="all bars handed in; the first value after n",
    null_rule=BAR_NULLS,
    source="definition",
)
def ema(close: ArrayLike, *, n: int = 20, last: int | None = None) -> Outcome:
    """Exponential moving average (지수 이동평균).

    close: (..., sessions), adjusted, in KRW.

    >>> ema([1, 2, 3], n=2).at(-1)
    {'value': 2.5}
    """
    span = whole("n", n, 1)
    shape, rows = lines(close=close)
    return on_bars(
        lambda price: _warm(_smoothed(price, span, 0, 2 / (span + 1))), shape, newest(last), *rows, block=LONG
    )


@metric(
    "tec.rsi",
    korean="상대강도지수 (RSI)",
    formula="100 * G ÷ (G + L): G and L are the means of the rises and of the falls (as sizes) of the close; the first "
    "over n changes, then the mean before * (n - 1) ÷ n + the newest ÷ n",
    unit="0-100",
    window="all bars handed in; the first value after n changes",
    null_rule=BAR_NULLS + "; ZERO_DENOMINATOR: neither a rise nor a fall",
    source="Wilder 1978, New Concepts in Technical Trading Systems",
)
def rsi(close: ArrayLike, *, n: int = 14, last: int | None = None) -> Outcome:
    """Relative strength index (상대강도지수): how much of the recent movement was upwards.

    close: (..., sessions), adjusted, in KRW.

    >>> rsi([1, 3, 2], n=2).at(-1)
    {'value': 66.66666666666667}
    """
    span = whole("n", n, 1)
    shape, rows = lines(close=close)

    def work(price: Floats) -> Outcome:
        step = _changes(price)
        up, down = (_smoothed(np.maximum(side, 0), span, 1, 1 / span) for side in (step, -step))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(up + down > 0, 100 * up / (up + down), np.nan)
        rules = ((np.isnan(up), Reason.INSUFFICIENT_HISTORY), (np.isnan(value), Reason.ZERO_DENOMINATOR))
        return Outcome(value, codes(value.shape, *rules))

    return on_bars(work, shape, newest(last), *rows, block=LONG)


@metric(
    "tec.macd",
    korean="이동평균 수렴·확산 (MACD)",
    formula="EMA of the close over `fast` - EMA over `slow`, each begun with the mean of its first closes; signal = "
    "EMA of that difference over `signal`; histogram = difference - signal; cross GOLDEN when the histogram is above 0 "
    "and was not the bar before, DEAD when it is below 0 and was not",
    unit="KRW",
    window="all bars handed in; the first value at bar slow + signal - 1 (34)",
    null_rule=BAR_NULLS + "; cross is null at the first value",
    source="Appel 1979, The Moving Average Convergence-Divergence Trading Method",
)
def macd(close: ArrayLike, *, fast: int = 12, slow: int = 26, signal: int = 9, last: int | None = None) -> Outcome:
    """Moving average convergence-divergence (MACD), its signal line, and where they cross (골든·데드 크로스).

    close: (..., sessions), adjusted, in KRW; fast below slow, else Refused. Extras `signal`, `histogram`; `cross`
    GOLDEN, DEAD or NONE.

    >>> macd([100.0] * 34).at(-1)
    {'value': 0.0, 'signal': 0.0, 'histogram': 0.0, 'cross': None}
    """
    quick, slower, line = whole("fast", fast, 1), whole("slow", slow, 1), whole("signal", signal, 1)
    if quick >= slower:
        raise Refused(f"fast={quick} with slow={slower} is not allowed; allowed: fast below slow.")
    shape, rows = lines(close=close)

    def work(price: Floats) -> Outcome:
        near, far = (_smoothed(price, span, 0, 2 / (span + 1)) for span in (quick, slower))
        smooth = _smoothed(near - far, line, slower - 1, 2 / (line + 1))
        value = np.where(np.isnan(smooth), np.nan, near - far)
        crossing = _crossing(value - smooth)
        named = np.where(np.isnan(crossing), "", np.array(CROSSES)[np.nan_to_num(crossing).astype(np.int64)])
        told = _warm(value)
        return Outcome(value, told.reason, {"signal": smooth, "histogram": value - smooth, "cross": named})

    return on_bars(work, shape, newest(last), *rows, block=LONG)


@metric(
    "tec.cross",
    korean="골든·데드 크로스",
    formula="GOLDEN when fast_line - slow_line is above 0 and was not the session before; DEAD when it is below 0 and "
    "was not; else NONE",
    unit="label",
    window="two sessions with both lines",
    null_rule="MISSING_INPUT: a line has no value that session; INSUFFICIENT_HISTORY: no session with both before it",
    source="definition",
)
def cross(fast_line: ArrayLike, slow_line: ArrayLike, *, last: int | None = None) -> Outcome:
    """Where one line crosses another, such as the 5- and the 20-session average (골든·데드 크로스).

    fast_line, slow_line: (..., sessions), same unit; one label per session.

    >>> cross([1, 3], [2, 2]).at(-1)
    {'value': 'GOLDEN'}
    """
    shape, rows = lines(fast_line=fast_line, slow_line=slow_line)
    return on_bars(lambda near, far: _warm(_crossing(near - far), CROSSES), shape, newest(last), *rows)


@metric(
    "tec.bollinger",
    korean="볼린저 밴드",
    formula="middle = mean of the last n closes; upper and lower = middle ± k standard deviations (divisor n); "
    "percent_b = (close - lower) ÷ (upper - lower); width = (upper - lower) ÷ middle",
    unit="KRW; percent_b and width as fractions",
    window="20 bars",
    null_rule=BAR_NULLS + "; percent_b is null when the bands meet",
    source="Bollinger 2001, Bollinger on Bollinger Bands",
)
def bollinger(close: ArrayLike, *, n: int = 20, k: float = 2, last: int | None = None) -> Outcome:
    """Bands around the moving average as wide as the price has scattered (볼린저 밴드). The value is the middle.

    close: (..., sessions), adjusted, in KRW; k above 0, else Refused. Extras `upper`, `lower`, `percent_b`, `width`.

    >>> bollinger([1, 3], n=2, k=1).at(-1)
    {'value': 2.0, 'upper': 3.0, 'lower': 1.0, 'percent_b': 1.0, 'width': 1.0}
    """
    span = whole("n", n, 2)
    between("k", k, 0, np.inf, open_ended=True)
    shape, rows = lines(close=close)

    def work(price: Floats) -> Outcome:
        middle, spread = moving(price, span, 0)
        reach = k * spread
        upper, lower = middle + reach, middle - reach
        with np.errstate(invalid="ignore", divide="ignore"):
            place = np.where(reach > 0, (price - lower) / (upper - lower), np.nan)
            width = np.where(middle != 0, (upper - lower) / middle, np.nan)
        extra = {"upper": upper, "lower": lower, "percent_b": place, "width": width}
        return Outcome(middle, _warm(middle).reason, extra)

    return on_bars(work, shape, newest(last), *rows)


@metric(
    "tec.atr",
    korean="평균 진폭 (ATR)",
    formula="true range = largest of high - low, |high - close before|, |low - close before|; the first value is its "
    "mean over n bars, then the value before * (n - 1) ÷ n + the newest ÷ n",
    unit="KRW",
    window="all bars handed in; the first value after n true ranges",
    null_rule=BAR_NULLS,
    source="Wilder 1978, New Concepts in Technical Trading Systems",
)
def atr(high: ArrayLike, low: ArrayLike, close: ArrayLike, *, n: int = 14, last: int | None = None) -> Outcome:
    """Average true range (평균 진폭): how far the price moves in a session, gaps included.

    high, low, close: (..., sessions), adjusted, in KRW.

    >>> atr([2, 4, 5], [1, 2, 3], [1, 3, 4], n=2).at(-1)
    {'value': 2.5}
    """
    span = whole("n", n, 1)
    shape, rows = lines(high=high, low=low, close=close)

    def work(top: Floats, bottom: Floats, end: Floats) -> Outcome:
        reach = np.full(end.shape, np.nan)
        sides = top[:, 1:] - bottom[:, 1:], np.abs(top[:, 1:] - end[:, :-1]), np.abs(bottom[:, 1:] - end[:, :-1])
        reach[:, 1:] = np.maximum(np.maximum(sides[0], sides[1]), sides[2])
        return _warm(_smoothed(reach, span, 1, 1 / span))

    return on_bars(work, shape, newest(last), *rows, block=LONG)


@metric(
    "tec.obv",
    korean="누적 거래량 지표 (OBV)",
    formula="running sum of the volume of bars that closed higher less that of bars that closed lower; the first bar "
    "counts in full",
    unit="shares; only changes mean something, the level hangs on the first bar",
    window="all bars handed in",
    null_rule="MISSING_INPUT: the session has no bar",
    source="Granville 1963, Granville's New Key to Stock Market Profits",
)
def obv(close: ArrayLike, volume: ArrayLike, *, last: int | None = None) -> Outcome:
    """On-balance volume (누적 거래량 지표): does volume come on rises or on falls?

    close: (..., sessions), adjusted, in KRW; volume: (..., sessions) in shares, same basis.

    >>> obv([10, 11, 10], [5, 7, 2]).at(-1)
    {'value': 10.0}
    """
    from sugeup.metrics.kernels import steps

    shape, rows = lines(close=close, volume=volume)
    return newest_sessions(Outcome(*steps.balance(*rows)), shape, newest(last))


@metric(
    "smt.technical",
    korean="지지·저항, 매집 구간",
    formula="support = lowest low and resistance = highest high of the n sessions before the newest; zone = the first "
    "prices, in ascending order, at which the cumulative volume reaches 25% and 75%",
    unit="KRW",
    window="20 sessions before the newest one, which is left out: else no price could be beyond a level; the zone: the "
    "accumulation window handed in",
    null_rule="MISSING_INPUT: a high or low of the n sessions is null; INSUFFICIENT_HISTORY: fewer than n + 1 "
    "sessions; the zone alone is null without a priced volume (MISSING_INPUT), or when all volumes are 0 "
    "(ZERO_DENOMINATOR)",
    source="definition; weighted quantile of the typical price (high + low + close) ÷ 3",
)
def levels(high: ArrayLike, low: ArrayLike, price: ArrayLike, volume: ArrayLike, *, n: int = 20) -> Single:
    """Support and resistance of the month (지지·저항), and the prices at which most was traded (매집 구간).

    high, low: (sessions,), adjusted, in KRW, oldest first, the newest included; price, volume: (sessions,) typical
    price in KRW and shares of the accumulation window. Value {"support", "resistance"}; extra `zone` [low, high].

    >>> levels([3, 4, 9], [1, 2, 0], [2, 3], [30, 10], n=2).at()
    {'value': {'support': 1.0, 'resistance': 4.0}, 'zone': [2.0, 2.0]}
    """
    span = whole("n", n, 1)
    _, (tops, bottoms) = lines(high=high, low=low)
    if len(tops) != 1:
        raise Refused(f"high and low must be one series each; received {len(tops)} series.")
    zone, why = _zone(floats("price", price).reshape(-1), floats("volume", volume).reshape(-1))
    top, bottom = (part[0, -span - 1 : -1] for part in (tops, bottoms))
    if np.isnan([top, bottom]).any() or (tops.shape[-1] and np.isnan([tops, bottoms]).all()):
        return Single(None, Reason.MISSING_INPUT.name, {"zone": zone})
    if len(top) < span:
        return Single(None, Reason.INSUFFICIENT_HISTORY.name, {"zone": zone})
    return Single({"support": float(bottom.min()), "resistance": float(top.max())}, why, {"zone": zone})


def _zone(price: Floats, volume: Floats) -> tuple[list[float] | None, str]:
    """Volume-weighted quartiles of the prices; None with the reason."""
    if not np.isfinite(price).any() or not np.isfinite(volume).any():
        return None, Reason.MISSING_INPUT.name
    if price.size != volume.size:
        raise Refused(f"price ({price.size}) and volume ({volume.size}) must have one length.")
    known = np.isfinite(price) & (volume >= 0)
    order = np.argsort(price[known], kind="stable")
    prices, reached = price[known][order], volume[known][order].cumsum()
    if not prices.size:
        return None, Reason.MISSING_INPUT.name
    if reached[-1] == 0:
        return None, Reason.ZERO_DENOMINATOR.name
    return [float(prices[np.argmax(reached / reached[-1] >= share)]) for share in (0.25, 0.75)], ""


def on_bars(
    work: Callable[..., Outcome], shape: tuple[int, ...], kept: int | None, *rows: Floats, block: int = BLOCK
) -> Outcome:
    """`work` on the complete bars of each row, closed up to the front (NaN behind), put back where they were.

    Rows are worked on in blocks of so many cells; work that steps from session to session wants them large.
    """
    found = by_blocks(lambda *part: _on_complete(work, *part), *rows, block=block)
    return newest_sessions(found, shape, kept)


def _on_complete(work: Callable[..., Outcome], *rows: Floats) -> Outcome:
    present = np.logical_and.reduce([~np.isnan(part) for part in rows])
    front = np.arange(present.shape[-1]) < present.sum(axis=-1)[:, None]
    packed = []
    for part in rows:
        closed = np.full(part.shape, np.nan)
        closed[front] = part[present]
        packed.append(closed)
    found = work(*packed)

    def back(part: np.ndarray, empty: object) -> np.ndarray:
        placed = np.full(part.shape, empty, part.dtype)
        placed[present] = part[front]
        return placed

    def nulled(part: np.ndarray) -> np.ndarray:
        kind = part.dtype.kind
        return back(part, "" if kind == "U" else np.nan if kind == "f" else nothing(part.dtype))

    extra = {name: nulled(part) for name, part in found.extra.items()}
    return Outcome(back(found.value, np.nan), back(found.reason, Reason.MISSING_INPUT), extra, found.labels)


def _warm(value: Floats, labels: tuple[str | int, ...] | None = None) -> Outcome:
    """A series that is null only until its window is full."""
    return Outcome(value, codes(value.shape, (np.isnan(value), Reason.INSUFFICIENT_HISTORY)), {}, labels)


def _changes(price: Floats) -> Floats:
    step = np.full(price.shape, np.nan)
    step[:, 1:] = np.diff(price, axis=-1)
    return step


def _smoothed(x: Floats, n: int, start: int, weight: float) -> Floats:
    """Mean of the n cells from `start` on, then moved by `weight` towards each new cell; NaN before."""
    found = np.full(x.shape, np.nan)
    first = start + n - 1
    if x.shape[-1] <= first:
        return found
    level = np.zeros(len(x))
    for place in range(start, first + 1):
        level = level + x[:, place]
    level = level / n
    found[:, first] = level
    for place in range(first + 1, x.shape[-1]):
        level = level + (x[:, place] - level) * weight
        found[:, place] = level
    return found


def _crossing(gap: Floats) -> Floats:
    """2 where the gap rises above 0, 0 where it falls below, 1 elsewhere; NaN without a gap before."""
    found = np.full(gap.shape, np.nan)
    now, before = gap[:, 1:], gap[:, :-1]
    moved = 1.0 + ((now > 0) & (before <= 0)) - ((now < 0) & (before >= 0))
    found[:, 1:] = np.where(np.isnan(now) | np.isnan(before), np.nan, moved)
    return found
