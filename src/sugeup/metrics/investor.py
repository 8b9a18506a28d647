"""What one investor group did (투자자별 매매동향): ratios, prices, trend, intensity, momentum and price impact.

Series are (..., sessions), oldest first: stocks by sessions, or investors by stocks by sessions. Every series metric
answers for every session, or for the `last` ones alone, from the columns up to it. x is the daily net purchase ÷
one-sided turnover of the same scope; a session without turnover has none, and a negative turnover is read as missing.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics import rolling
from sugeup.metrics.dense import Floats, between, by_blocks, cells, lines, newest, shaped, whole
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.registry import metric

TRENDS = ("DISTRIBUTING", "NEUTRAL", "ACCUMULATING")
SCOPES = ("STOCK", "MARKET")
WINDOW_NULLS = (
    "HALTED: the session has turnover 0 and no net; MISSING_INPUT: net or turnover of the session, or of another of "
    "its window, is null; ZERO_DENOMINATOR: a session of the window has turnover 0; INSUFFICIENT_HISTORY: fewer "
    "sessions than the window, or "
)
PAIR_NULLS = (
    "MISSING_INPUT: no session of the window is complete; INSUFFICIENT_HISTORY: fewer than min_n complete sessions; "
)


@metric(
    "inv.net_ratio",
    korean="순매수 비율",
    formula="100 * (bought - sold) ÷ (bought + sold)",
    unit="%, -100 to 100",
    window="the period of the amounts",
    null_rule="MISSING_INPUT: an amount is null or negative; ZERO_DENOMINATOR: neither bought nor sold",
    source="order imbalance, Chordia & Subrahmanyam 2004; Choe, Kho & Stulz 1999",
)
def net_ratio(buy_amount: ArrayLike, sell_amount: ArrayLike) -> Outcome:
    """Net purchases in the investor's own trading (순매수 비율): 100 is only buying, -100 only selling.

    buy_amount, sell_amount: (...) in KRW.

    >>> net_ratio(300, 100).at()
    {'value': 50.0}
    """
    bought, sold = cells(buy_amount=buy_amount, sell_amount=sell_amount)

    def work(bought: Floats, sold: Floats) -> Outcome:
        return _share(100 * (bought - sold), bought + sold, ~((bought >= 0) & (sold >= 0)))

    return by_blocks(work, bought, sold)


@metric(
    "inv.avg_price",
    korean="평균 매매 단가",
    formula="amount ÷ volume, the volume in the latest share basis",
    unit="KRW per share",
    window="the period of the amounts",
    null_rule="OUT_OF_SCOPE: a whole market; MISSING_INPUT: amount or volume is null or negative; "
    "ZERO_DENOMINATOR: volume 0",
    source="definition of an average price",
)
def avg_price(amount: ArrayLike, volume: ArrayLike, scope: str) -> Outcome:
    """Average price paid or received (평균 매수·매도 단가) in one stock.

    amount: (...) in KRW; volume: (...) in shares; scope: STOCK or MARKET, else Refused.

    >>> avg_price(500_000, 10, "STOCK").at()
    {'value': 50000.0}
    """
    if scope not in SCOPES:
        raise Refused(f"scope={scope!r} is not allowed; allowed: {', '.join(SCOPES)}.")
    paid, shares = cells(amount=amount, volume=volume)
    if scope == "MARKET":
        return Outcome(np.full(paid.shape, np.nan), np.full(paid.shape, Reason.OUT_OF_SCOPE, dtype=np.uint8))

    def work(paid: Floats, shares: Floats) -> Outcome:
        return _share(paid, shares, ~((paid >= 0) & (shares >= 0)))

    return by_blocks(work, paid, shares)


@metric(
    "inv.participation",
    korean="거래 비중",
    formula="100 * (bought + sold) ÷ (2 * turnover): the groups of a market add to 100",
    unit="%, 0-100",
    window="the period of the amounts",
    null_rule="MISSING_INPUT: an input is null or negative; ZERO_DENOMINATOR: turnover 0",
    source="every trade has a buyer and a seller, turnover counts it once",
)
def participation(buy_amount: ArrayLike, sell_amount: ArrayLike, turnover: ArrayLike) -> Outcome:
    """How much of the trading an investor was part of (거래 비중).

    buy_amount, sell_amount, turnover: (...) in KRW of one scope; turnover is one-sided.

    >>> participation(300, 200, 1000).at()
    {'value': 25.0}
    """
    bought, sold, traded = cells(buy_amount=buy_amount, sell_amount=sell_amount, turnover=turnover)

    def work(bought: Floats, sold: Floats, traded: Floats) -> Outcome:
        return _share(100 * (bought + sold), 2 * traded, ~((bought >= 0) & (sold >= 0) & (traded >= 0)))

    return by_blocks(work, bought, sold, traded)


@metric(
    "inv.trend",
    korean="수급 추세",
    formula="Σnet ÷ Σturnover over the window and its percentile among the ref windows that end `window` rows or more "
    "before; ACCUMULATING when above 0 with percentile at least hi, DISTRIBUTING when below 0 with percentile at most "
    "lo, else NEUTRAL",
    unit="label; ratio as a fraction of turnover, percentile 0-100",
    window="5 sessions against 250 windows, at least 60 of them present",
    null_rule=WINDOW_NULLS + "fewer than min_ref reference windows (the ratio is still given)",
    source="percentile of scaled order imbalance, after Chordia & Subrahmanyam 2004",
)
def trend(
    net: ArrayLike,
    turnover: ArrayLike,
    *,
    window: int = 5,
    ref: int = 250,
    min_ref: int = 60,
    hi: float = 70,
    lo: float = 30,
    last: int | None = None,
) -> Outcome:
    """Is the investor accumulating or distributing (매집·분산), by the standard of the past year?

    net, turnover: (..., sessions) in KRW. One label per session; extras `ratio` and `percentile`. A reference window
    with a null or without turnover does not count; it still uses up its place among the `ref`.

    >>> trend([1, -1] * 40 + [3] * 5, [100] * 85).at(-1)
    {'value': 'ACCUMULATING', 'ratio': 0.03, 'percentile': 100.0}
    """
    between("hi", hi, 0, 100)
    between("lo", lo, 0, 100)
    shape, ratio, percentile, reason = _ranked(net, turnover, window, ref, min_ref, last, size_only=False)

    def work(ratio: Floats, percentile: Floats, reason: np.ndarray) -> Outcome:
        with np.errstate(invalid="ignore"):
            label = 1.0 + ((ratio > 0) & (percentile >= hi)) - ((ratio < 0) & (percentile <= lo))
        return Outcome(np.where(reason > 0, np.nan, label), reason)

    value = shaped(by_blocks(work, ratio, percentile, reason).value, shape)
    extra = {"ratio": shaped(ratio, shape), "percentile": shaped(percentile, shape)}
    return Outcome(value, shaped(reason, shape), extra, TRENDS)


@metric(
    "inv.intensity",
    korean="매매 강도",
    formula="1 + 9 * P ÷ 100, P the percentile of |Σnet| ÷ Σturnover over the window among the ref windows that end "
    "`window` rows or more before",
    unit="1-10",
    window="1 session, or the requested window, against 250 windows, at least 60 of them present",
    null_rule=WINDOW_NULLS + "fewer than min_ref reference windows",
    source="percentile of scaled order imbalance, after Chordia & Subrahmanyam 2004",
)
def intensity(
    net: ArrayLike, turnover: ArrayLike, *, window: int = 1, ref: int = 250, min_ref: int = 60, last: int | None = None
) -> Outcome:
    """How forceful the net buying or selling was (매매 강도), by the standard of the past year, whatever its direction.

    net, turnover: (..., sessions) in KRW; one value per session.

    >>> intensity([1] * 60 + [-5], [100] * 61).at(-1)
    {'value': 10.0}
    """
    shape, _, percentile, reason = _ranked(net, turnover, window, ref, min_ref, last, size_only=True)
    scored = by_blocks(lambda place, why: Outcome(1 + 9 * place / 100, why), percentile, reason)
    return Outcome(shaped(scored.value, shape), shaped(reason, shape))


@metric(
    "inv.price_correlation",
    korean="주가·수급 상관",
    formula="rank correlation of x and the return of the same session",
    unit="-1 to 1",
    window="60 sessions; sessions without x or return are left out",
    null_rule=PAIR_NULLS + "ZERO_VARIANCE: x or the return is constant",
    source="Spearman 1904; contemporaneous, it predicts nothing",
)
def price_correlation(
    net: ArrayLike, turnover: ArrayLike, ret: ArrayLike, *, window: int = 60, min_n: int = 20, last: int | None = None
) -> Outcome:
    """Does the price go with this investor on the same day (주가·수급 상관)?

    net, turnover: (..., sessions) in KRW; ret: (..., sessions), decimal, against the base price. Extra `n`: sessions.

    >>> price_correlation(range(20), [100] * 20, range(20)).at(-1)
    {'value': 1.0, 'n': 20}
    """
    span, least = whole("window", window, 2), whole("min_n", min_n, 2)
    shape, (flow, traded, move) = lines(net=net, turnover=turnover, ret=ret)
    value, n, reason = rolling.spearman(flow, traded, move, span, least, newest(last))
    return Outcome(shaped(value, shape), shaped(reason, shape), {"n": shaped(n, shape)})


@metric(
    "inv.momentum_score",
    korean="수급 모멘텀 점수",
    formula="10 * Φ(z): z is the robust z (tk.robust_z) of s = mean of x over `fast` - mean over `slow` sessions "
    "against the s of the ref sessions before",
    unit="0-10, 5 neutral",
    window="5 and 20 sessions, against 60, at least 20 of them present",
    null_rule=WINDOW_NULLS + "fewer than 20 past s; ZERO_VARIANCE: all past s are equal",
    source="Iglewicz & Hoaglin 1993 for the z",
)
def momentum_score(
    net: ArrayLike, turnover: ArrayLike, *, fast: int = 5, slow: int = 20, ref: int = 60, last: int | None = None
) -> Outcome:
    """Is the investor's flow speeding up (수급 모멘텀)?

    net, turnover: (..., sessions) in KRW; one score per session. fast at most slow, else Refused. Extra `z`.

    >>> momentum_score([1.0] * 60, [100] * 60).at(-1)["reason"]
    'ZERO_VARIANCE'
    """
    slow, fast, ref = whole("slow", slow, 1), whole("fast", fast, 1), whole("ref", ref, 1)
    if fast > slow:
        raise Refused(f"fast={fast} with slow={slow} is not allowed; allowed: fast at most slow.")
    shape, (flow, traded) = lines(net=net, turnover=turnover)
    score, z, reason = rolling.momentum(flow, traded, fast, slow, ref, newest(last))
    return Outcome(shaped(score, shape), shaped(reason, shape), {"z": shaped(z, shape)})


@metric(
    "inv.change_vs",
    korean="순매수 증감",
    formula="net of the last `period` sessions - net of as many sessions ending `lag` sessions earlier",
    unit="KRW",
    window="period + lag sessions; lag 1, 5 and 20 read as yesterday, a week and a month ago",
    null_rule="MISSING_INPUT: a session of either sum is null; INSUFFICIENT_HISTORY: fewer than period + lag sessions. "
    "There is no percentage: the base is signed",
    source="difference of two sums",
)
def change_vs(net: ArrayLike, *, period: int = 1, lag: int = 1, last: int | None = None) -> Outcome:
    """How net purchases changed against yesterday, a week or a month ago (순매수 증감).

    net: (..., sessions) in KRW; one value per session, whole won in, whole won out.

    >>> change_vs([10, 20, -5, 7, 30]).at(-1)
    {'value': 23.0}
    """
    length, back = whole("period", period, 1), whole("lag", lag, 1)
    shape, (flow,) = lines(net=net)
    value, reason = rolling.change(flow, length, back, newest(last))
    return Outcome(shaped(value, shape), shaped(reason, shape))


@metric(
    "inv.kyle_lambda",
    korean="가격 충격 (카일 람다)",
    formula="least-squares slope of the return on x of the same session; t with Bartlett weights over `lag` sessions, "
    "no small-sample factor",
    unit="return per unit of net ÷ turnover",
    window="60 sessions; sessions without x or return are left out and the rest closed up",
    null_rule=PAIR_NULLS + "ZERO_VARIANCE: x is constant; t alone is null when the line fits without error",
    source="Kyle 1985, Econometrica 53; Newey & West 1987",
)
def kyle_lambda(
    net: ArrayLike,
    turnover: ArrayLike,
    ret: ArrayLike,
    *,
    window: int = 60,
    min_n: int = 20,
    lag: int = 5,
    last: int | None = None,
) -> Outcome:
    """How far the price moves when this investor takes all of the turnover (가격 충격).

    net, turnover: (..., sessions) in KRW; ret: (..., sessions), decimal. Leave sessions at the price limit out (NaN):
    their return is censored. Extras: `t`, `n` sessions.

    >>> kyle_lambda(range(20), [1] * 20, [0] * 20).at(-1)
    {'value': 0.0, 't': None, 'n': 20}
    """
    span, least, reach = whole("window", window, 3), whole("min_n", min_n, 3), whole("lag", lag, 0)
    shape, (flow, traded, move) = lines(net=net, turnover=turnover, ret=ret)
    value, t, n, reason = rolling.impact(flow, traded, move, span, least, reach, newest(last))
    return Outcome(shaped(value, shape), shaped(reason, shape), {"t": shaped(t, shape), "n": shaped(n, shape)})


@metric(
    "inv.amihud",
    korean="아미후드 비유동성",
    formula="mean of |return| ÷ turnover, times scale",
    unit="return per KRW 1 billion of turnover",
    window="20 sessions; sessions without a return or turnover are left out",
    null_rule=PAIR_NULLS.rstrip("; "),
    source="Amihud 2002, Journal of Financial Markets 5",
)
def amihud(
    ret: ArrayLike,
    turnover: ArrayLike,
    *,
    window: int = 20,
    min_n: int = 10,
    scale: float = 1e9,
    last: int | None = None,
) -> Outcome:
    """How easily money moves the price (비유동성).

    ret: (..., sessions), decimal; turnover: (..., sessions) in KRW; one value per session. Extra `n`: sessions used.

    >>> amihud([0.0] * 10, [1_000_000_000] * 10).at(-1)
    {'value': 0.0, 'n': 10}
    """
    span, least = whole("window", window, 1), whole("min_n", min_n, 1)
    between("scale", scale, 0, math.inf, open_ended=True)
    shape, (move, traded) = lines(ret=ret, turnover=turnover)
    value, n, reason = rolling.illiquidity(move, traded, span, least, float(scale), newest(last))
    return Outcome(shaped(value, shape), shaped(reason, shape), {"n": shaped(n, shape)})


def _share(part: np.ndarray, total: np.ndarray, absent: np.ndarray) -> Outcome:
    reason = codes(part.shape, (absent, Reason.MISSING_INPUT), (total == 0, Reason.ZERO_DENOMINATOR))
    with np.errstate(invalid="ignore", divide="ignore"):
        return Outcome(np.where(reason > 0, np.nan, part / total), reason)


def _ranked(
    net: ArrayLike, turnover: ArrayLike, window: int, ref: int, min_ref: int, last: int | None, *, size_only: bool
) -> tuple[tuple[int, ...], np.ndarray, np.ndarray, np.ndarray]:
    """Shape, window ratio, its percentile among earlier windows that share no session with it, and reasons."""
    span, past, least = whole("window", window, 1), whole("ref", ref, 1), whole("min_ref", min_ref, 1)
    shape, (flow, traded) = lines(net=net, turnover=turnover)
    return (shape, *rolling.ratio_percentile(flow, traded, span, past, least, size_only, newest(last)))
