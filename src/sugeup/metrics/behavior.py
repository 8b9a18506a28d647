"""How investors behave (행동 지표)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from sugeup.metrics import rolling
from sugeup.metrics.dense import Floats, by_blocks, cells, lines, newest, shaped, whole
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.metrics.statistics import hhi
from sugeup.metrics.windows import any_within, newest_sessions, on_leading_axes
from sugeup.registry import metric


@metric(
    "beh.consistency",
    korean="매매 일관성",
    formula="size of the summed net purchases ÷ sum of their sizes; null_expectation = 1 ÷ √n, the value that noise "
    "reaches",
    unit="0-1",
    window="20 sessions; null sessions are left out",
    null_rule="MISSING_INPUT: no session of the window is present; INSUFFICIENT_HISTORY: fewer than min_n present; "
    "ZERO_DENOMINATOR: all are 0",
    source="path efficiency, Kaufman 1995, Smarter Trading",
)
def consistency(net: ArrayLike, *, window: int = 20, min_n: int = 20, last: int | None = None) -> Outcome:
    """How one-sided the last sessions were (매매 일관성): 1 is only buying or only selling, 0 is back and forth.

    net: (..., sessions) in KRW, oldest first; one value per session. Extras: `direction` 1, -1 or 0;
    `null_expectation`, to read the value against; both null with the value.

    >>> consistency([1.0] * 20).at(-1)
    {'value': 1.0, 'direction': 1, 'null_expectation': 0.22360679774997896}
    """
    span, least = whole("window", window, 1), whole("min_n", min_n, 1)
    shape, (flow,) = lines(net=net)
    value, direction, noise, reason = rolling.one_way(flow, span, least, newest(last))
    extra = {"direction": shaped(direction, shape), "null_expectation": shaped(noise, shape)}
    return Outcome(shaped(value, shape), shaped(reason, shape), extra)


@metric(
    "beh.feedback",
    korean="추세 추종·역추세 성향",
    formula="rank correlation of x = net ÷ turnover with the summed log returns of the `lookback` sessions before; "
    "momentum_following = the correlation where positive, contrarian_score = its size where negative, else 0",
    unit="-1 to 1; the two scores 0-1",
    window="120 sessions; sessions without x or with a gap in the returns before are left out",
    null_rule="MISSING_INPUT: no session of the window has x, or none a return; INSUFFICIENT_HISTORY: fewer than "
    "min_n complete; ZERO_VARIANCE: x or the past returns are constant",
    source="Choe, Kho & Stulz 1999, Journal of Financial Economics 54; Grinblatt & Keloharju 2000",
)
def feedback(
    net: ArrayLike,
    turnover: ArrayLike,
    logret: ArrayLike,
    *,
    lookback: int = 5,
    window: int = 120,
    min_n: int = 40,
    last: int | None = None,
) -> Outcome:
    """Does the group buy after rises or after falls (추세 추종·역추세)? The return of the day itself does not count.

    net, turnover: (..., sessions) in KRW, oldest first; logret: (..., sessions), log returns; one value per session.
    Extras `momentum_following`, `contrarian_score`; `n` sessions used.

    >>> feedback(range(50), [1] * 50, [0.001 * day for day in range(50)]).at(-1)
    {'value': 1.0, 'momentum_following': 1.0, 'contrarian_score': 0.0, 'n': 45}
    """
    back, span, least = whole("lookback", lookback, 1), whole("window", window, 2), whole("min_n", min_n, 2)
    shape, (flow, traded, move) = lines(net=net, turnover=turnover, logret=logret)
    past = np.full(move.shape, np.nan)
    ended = max(0, move.shape[-1] - back)
    past[:, back:] = sum((move[:, step : step + ended] for step in range(back)), np.zeros((len(move), ended)))

    kept = newest(last)
    value, n, reason = rolling.spearman(flow, traded, past, span, least, kept)
    known = any_within(np.isfinite(flow) & (traded > 0), span) & any_within(np.isfinite(move), span)
    unpaired = (reason == Reason.MISSING_INPUT) & known[:, known.shape[1] - value.shape[1] :]
    reason = np.where(unpaired, np.uint8(Reason.INSUFFICIENT_HISTORY), reason)
    extra = {"momentum_following": np.maximum(value, 0), "contrarian_score": np.maximum(-value, 0), "n": n}
    found = Outcome(value, reason, extra)
    return newest_sessions(found, shape, None)


@metric(
    "beh.gtw_momentum",
    korean="보유 변화 추세 추종도",
    formula="sum over stocks of (weight now - weight before) * the stock's return in the period before, both weights "
    "at the prices of the period before",
    unit="return",
    window="two consecutive periods",
    null_rule="a stock with a null input, or a negative one but for the return, is left out; MISSING_INPUT: none is "
    "left; ZERO_DENOMINATOR: nothing was held on one of the dates",
    source="Grinblatt, Titman & Wermers 1995, American Economic Review 85",
)
def gtw_momentum(shares_prev: ArrayLike, shares_now: ArrayLike, price_prev: ArrayLike, ret_prev: ArrayLike) -> Outcome:
    """Did holdings move towards the winners of the period before (보유 변화 추세 추종도)? Above 0: yes.

    shares_prev, shares_now: (..., stocks), split-adjusted; price_prev: (..., stocks) in KRW; ret_prev: (..., stocks),
    decimal. Constant prices keep a rise from reading as a purchase.

    >>> gtw_momentum([100, 100], [150, 50], [10, 10], [0.1, -0.1]).at()
    {'value': 0.05}
    """
    named = {"shares_prev": shares_prev, "shares_now": shares_now, "price_prev": price_prev, "ret_prev": ret_prev}
    shape, rows = lines(**named)

    def work(before: Floats, now: Floats, price: Floats, move: Floats) -> Outcome:
        known = (before >= 0) & (now >= 0) & (price >= 0) & np.isfinite(move)
        old, new = (np.where(known, held * price, 0) for held in (before, now))
        totals = old.sum(axis=-1), new.sum(axis=-1)
        empty = (totals[0] == 0) | (totals[1] == 0)
        reason = codes(empty.shape, (~known.any(axis=-1), Reason.MISSING_INPUT), (empty, Reason.ZERO_DENOMINATOR))
        with np.errstate(invalid="ignore", divide="ignore"):
            shift = new / totals[1][:, None] - old / totals[0][:, None]
        value = np.where(known, shift * np.where(known, move, 0), 0).sum(axis=-1)
        return Outcome(np.where(reason > 0, np.nan, value), reason)

    return on_leading_axes(by_blocks(work, *rows), shape)


@metric(
    "beh.concentration",
    korean="매매 집중도",
    formula="sum of the k largest sizes of net ÷ sum of all sizes; hhi and hhi_normalized as tk.hhi",
    unit="0-1",
    window="the period of the nets",
    null_rule="MISSING_INPUT: no stock, or one without net; ZERO_DENOMINATOR: every net is 0",
    source="concentration ratio; Hirschman 1964, American Economic Review 54",
)
def concentration(net: Mapping[str, ArrayLike], *, k: int = 5) -> Outcome:
    """How much of a group's trading sits in few stocks (매매 집중도).

    net: stock, or sector, to (...) in KRW, either sign. Extras `hhi`, `hhi_normalized`; `n` members.

    >>> concentration({"000660": -60, "005930": 30, "035420": 10}, k=1).at()["value"]
    0.6
    """
    most = whole("k", k, 1)
    named = {f"net[{code}]": amounts for code, amounts in net.items()}
    stacked = np.stack(cells(**named), axis=-1) if named else np.full(1, np.nan)
    found = hhi(stacked)
    size = np.sort(np.abs(stacked), axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        largest = size[..., -most:].sum(axis=-1) / size.sum(axis=-1)
    extra = {"hhi": found.value, "hhi_normalized": found.extra["normalized"], "n": found.extra["n"]}
    return Outcome(np.where(found.reason > 0, np.nan, largest), found.reason, extra)
