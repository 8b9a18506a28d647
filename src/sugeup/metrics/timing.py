"""Timing (매매 시점): does a group buy before rises and sell before falls? Outcomes begin after the trading day."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sugeup.metrics import samples
from sugeup.metrics.dense import Floats, by_blocks, lines, whole
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.metrics.windows import on_leading_axes
from sugeup.registry import metric

ROUNDING = 8 * float(np.finfo(np.float64).eps)


@metric(
    "beh.timing_hm",
    korean="시장 방향 적중 (HM)",
    formula="p_up + p_down - 1: p_up = share of the up periods before which the group bought, p_down = share of the "
    "down periods before which it sold; p_value = P(X ≥ purchases in up periods), X hypergeometric: all purchases "
    "drawn from all periods",
    unit="-1 to 1, 0 = no skill; p 0-1, one-sided",
    window="the non-overlapping periods handed in; those with a zero net or a zero return are dropped",
    null_rule="MISSING_INPUT: periods were given and none is complete; INSUFFICIENT_HISTORY: fewer than min_n left; "
    "ZERO_DENOMINATOR: no up period, or no down period",
    source="Henriksson & Merton 1981, Journal of Business 54, non-parametric",
)
def timing_hm(net_sign: ArrayLike, fwd: ArrayLike, *, min_n: int = 40) -> Outcome:
    """Does the group stand on the right side of the market's next move (시장 방향 적중)?

    net_sign: (..., periods), 1 bought, -1 sold, 0 neither (of other numbers the sign counts); fwd: (..., periods),
    excess return of the market after it. Extras `p_up`, `p_down`, `p_value`.

    >>> timing_hm([1, -1] * 20, [0.01, -0.01] * 20).at()["value"]
    1.0
    """
    least = whole("min_n", min_n, 1)
    shape, rows = lines(net_sign=net_sign, fwd=fwd)

    def work(sign: Floats, after: Floats) -> Outcome:
        known = np.isfinite(sign) & np.isfinite(after)
        used = known & (sign != 0) & (after != 0)
        up, down, bought = used & (after > 0), used & (after < 0), used & (sign > 0)
        n, ups, downs, buys = (part.sum(axis=-1) for part in (used, up, down, bought))
        hits = (up & bought).sum(axis=-1)
        reason = codes(
            n.shape,
            (~known.any(axis=-1) & (sign.shape[-1] > 0), Reason.MISSING_INPUT),
            (n < least, Reason.INSUFFICIENT_HISTORY),
            ((ups == 0) | (downs == 0), Reason.ZERO_DENOMINATOR),
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            p_up, p_down = hits / ups, (downs - (buys - hits)) / downs
        tails = [
            math.nan if why else hypergeometric_tail(*map(int, counts))
            for why, *counts in zip(reason, hits, n, ups, buys, strict=True)
        ]
        p_up, p_down = (np.where(reason > 0, np.nan, part) for part in (p_up, p_down))
        return Outcome(p_up + p_down - 1, reason, {"p_up": p_up, "p_down": p_down, "p_value": np.array(tails)})

    return on_leading_axes(by_blocks(work, *rows), shape)


@metric(
    "beh.timing_tm",
    korean="시장 시점 선택 (TM)",
    formula="γ of the least-squares fit y = α + β * m + γ * m²; t with Bartlett weights over `lag` sessions, no "
    "small-sample factor",
    unit="return per squared return",
    window="the sessions handed in, incomplete ones closed up",
    null_rule="MISSING_INPUT: sessions were given and none is complete; INSUFFICIENT_HISTORY: fewer than min_n; "
    "ZERO_VARIANCE: m takes fewer than three values; t alone is null when the curve fits without error",
    source="Treynor & Mazuy 1966, Harvard Business Review 44; Newey & West 1987",
)
def timing_tm(y: ArrayLike, mkt: ArrayLike, *, min_n: int = 60, lag: int = 5) -> Outcome:
    """Does the group hold more of the market when it moves up much (시장 시점 선택)? γ above 0: yes.

    y: (..., sessions), excess return of the portfolio that mimics the group's flow; mkt: (..., sessions), excess return
    of the market. Extras `t`, `alpha`, `beta`.

    >>> timing_tm([0.0] * 60, [0.01, -0.01, 0.02] * 20).at()
    {'value': 0.0, 't': None, 'alpha': 0.0, 'beta': 0.0}
    """
    least, reach = whole("min_n", min_n, 4), whole("lag", lag, 0)
    shape, rows = lines(y=y, mkt=mkt)

    def work(y: Floats, market: Floats) -> Outcome:
        both = np.isfinite(y) & np.isfinite(market)
        n = both.sum(axis=-1)
        y, market = (samples.compacted(np.where(both, part, np.nan)) for part in (y, market))
        ordered = np.sort(market, axis=-1)
        size = np.abs(np.nan_to_num(market)).max(axis=-1, initial=0)
        steps = (np.diff(ordered, axis=-1) > ROUNDING * size[:, None]).sum(axis=-1)
        short = (((n == 0) & (y.shape[-1] > 0), Reason.MISSING_INPUT), (n < least, Reason.INSUFFICIENT_HISTORY))
        reason = codes(n.shape, *short, (steps < 2, Reason.ZERO_VARIANCE))
        fitted = _quadratic(y, market, np.where(size > 0, size, 1), reason > 0, reach)
        gamma, t, alpha, beta = (np.where(reason > 0, np.nan, part) for part in fitted)
        return Outcome(gamma, reason, {"t": t, "alpha": alpha, "beta": beta})

    return on_leading_axes(by_blocks(work, *rows), shape)


@metric(
    "beh.timing_forward",
    korean="매수·매도 시점 점수",
    formula="f = compounded return of the stock over the h sessions after the day - that of the index; base = mean f; "
    "buy_timing = mean f after purchases - base; sell_timing = base - mean f after sales; value = their mean weighted "
    "by n_buy and n_sell; hit_rate = share of purchases with f > 0 and sales with f < 0; base_hit_rate = the same "
    "when the days of the purchases and sales are drawn at random",
    unit="return over h sessions; rates 0-1",
    window="the sessions handed in; the last h have no outcome yet and are dropped",
    null_rule="MISSING_INPUT: net or one of the returns is null in every session; INSUFFICIENT_HISTORY: fewer than "
    "min_side purchases or sales with an outcome",
    source="event returns against their own base; the day of the trade is left out, or its own price pressure would "
    "read as skill",
)
def timing_forward(net: ArrayLike, ret: ArrayLike, bench: ArrayLike, *, h: int = 5, min_side: int = 20) -> Outcome:
    """Did the stock do better after the group bought, and worse after it sold (매수·매도 시점)?

    net: (..., sessions) in KRW; ret, bench: (..., sessions), returns of stock and index, decimal, same dates, oldest
    first. Extras `buy_timing`, `sell_timing`, `base`, `hit_rate`, `base_hit_rate`, `n_buy`, `n_sell`.

    >>> timing_forward([1, -1] * 21, [-0.01, 0.01] * 21, [0.0] * 42, h=1).at()["hit_rate"]
    1.0
    """
    horizon, least = whole("h", h, 1), whole("min_side", min_side, 1)
    shape, rows = lines(net=net, ret=ret, bench=bench)

    def work(flow: Floats, move: Floats, index: Floats) -> Outcome:
        after = _compounded(move, horizon) - _compounded(index, horizon)
        known = np.isfinite(flow) & np.isfinite(after)
        bought, sold = known & (flow > 0), known & (flow < 0)
        n, n_buy, n_sell = (part.sum(axis=-1) for part in (known, bought, sold))
        short = (n_buy < least) | (n_sell < least)
        given = np.isfinite([flow, move, index]).any(axis=-1).all(axis=0) | (flow.shape[-1] == 0)
        reason = codes(n.shape, (~given, Reason.MISSING_INPUT), (short, Reason.INSUFFICIENT_HISTORY))
        with np.errstate(invalid="ignore", divide="ignore"):
            base, up, down = (
                np.where(part, after, 0).sum(axis=-1) / part.sum(axis=-1) for part in (known, bought, sold)
            )
            buy, sell = up - base, base - down
            both = n_buy + n_sell
            hits = (bought & (after > 0)).sum(axis=-1) + (sold & (after < 0)).sum(axis=-1)
            rises, falls = (known & (after > 0)).sum(axis=-1) / n, (known & (after < 0)).sum(axis=-1) / n
            named = {
                "buy_timing": buy,
                "sell_timing": sell,
                "base": base,
                "hit_rate": hits / both,
                "base_hit_rate": (n_buy * rises + n_sell * falls) / both,
            }
            value = np.where(reason > 0, np.nan, (n_buy * buy + n_sell * sell) / both)
        extra: dict[str, Any] = {name: np.where(reason > 0, np.nan, part) for name, part in named.items()}
        return Outcome(value, reason, extra | {"n_buy": n_buy.astype(np.int64), "n_sell": n_sell.astype(np.int64)})

    return on_leading_axes(by_blocks(work, *rows), shape)


def hypergeometric_tail(least: int, population: int, marked: int, drawn: int) -> float:
    """P(X ≥ least): X marked ones among `drawn` of a population, exact."""
    most = min(marked, drawn)
    ways = sum(
        math.comb(marked, k) * math.comb(population - marked, drawn - k)
        for k in range(max(least, drawn - (population - marked), 0), most + 1)
    )
    return ways / math.comb(population, drawn)


def _quadratic(y: Floats, market: Floats, size: Floats, spoilt: np.ndarray, lag: int) -> tuple[Floats, ...]:
    """γ, its t, α and β of each row; rows without nulls in front of NaN; `spoilt` rows are not worth solving."""
    present = np.isfinite(y)
    u = np.where(present, market, 0) / size[:, None]
    design = np.stack([present.astype(np.float64), u, u * u], axis=-1)
    design[spoilt] = 0
    square = np.einsum("rti,rtj->rij", design, design)
    square[spoilt] = np.eye(3)
    inverse = np.linalg.inv(square)
    known = np.where(present, y, 0)
    slopes = np.einsum("rij,rtj,rt->ri", inverse, design, known)
    left = known - np.einsum("rti,ri->rt", design, slopes)
    left = np.where(
        np.abs(left).max(axis=-1, keepdims=True, initial=0)
        <= 64 * ROUNDING * np.abs(known).max(axis=-1, keepdims=True, initial=0),
        0,
        left,
    )
    score = design * left[..., None]
    meat = np.einsum("rti,rtj->rij", score, score)
    for step in range(1, min(lag, y.shape[-1] - 1) + 1):
        cross = np.einsum("rti,rtj->rij", score[:, step:], score[:, :-step])
        meat += (1 - step / (lag + 1)) * (cross + np.swapaxes(cross, -1, -2))
    spread = np.einsum("ri,rij,rj->r", inverse[:, 2], meat, inverse[:, 2])
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(spread > 0, slopes[:, 2] / np.sqrt(np.abs(spread)), np.nan)
    return slopes[:, 2] / size**2, t, slopes[:, 0], slopes[:, 1] / size


def _compounded(move: Floats, horizon: int) -> Floats:
    """Compounded return of the `horizon` sessions after each session; NaN where one of them is null or not there."""
    found = np.full(move.shape, np.nan)
    ended = move.shape[-1] - horizon
    if ended > 0:
        growth = np.ones((len(move), ended))
        for step in range(1, horizon + 1):
            growth *= 1 + move[:, step : step + ended]
        found[:, :ended] = growth - 1
    return found
