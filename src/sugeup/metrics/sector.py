"""Sectors (업종별 수급): sums of member stocks, relative strength, price and investor money-flow indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, by_blocks, floats, lines, newest, whole
from sugeup.metrics.outcome import Outcome, Reason, Single, codes
from sugeup.metrics.windows import any_within, moving, moving_sum, newest_sessions, over_windows
from sugeup.registry import metric

QUADRANTS = ("LAGGING", "IMPROVING", "WEAKENING", "LEADING")


@metric(
    "sec.aggregate",
    korean="업종 합산 수급",
    formula="net = Σbuy - Σsell; net_ratio = 100 * net ÷ (Σbuy + Σsell); concentration = sum of squared shares of the "
    "sizes of the nets; contribution = 100 * net of a stock ÷ sum of the sizes",
    unit="KRW; net_ratio and contribution in %, -100 to 100; concentration 1/n to 1",
    window="the period of the amounts",
    null_rule="MISSING_INPUT: no stock, or an amount is null or negative (leave the stock out and say so as coverage); "
    "net_ratio is null without trade, concentration and contribution when every net is 0",
    source="order imbalance, Chordia & Subrahmanyam 2004; Hirschman 1964",
)
def aggregate(rows: Sequence[Mapping[str, Any]], *, top: int = 2) -> Single:
    """What an investor group did in one sector (업종 합산 수급), and in which stocks most.

    rows: {"code", "buy", "sell"} of the member stocks, in KRW; a code twice is Refused. Value: net. Extras `buy`,
    `sell`, `net_ratio`, `concentration`; `top` records {"code", "net", "contribution"}, the largest nets of either
    sign first, equal ones by code.

    >>> aggregate([{"code": "000660", "buy": 30, "sell": 10}]).at()["net_ratio"]
    50.0
    """
    most = whole("top", top, 1)
    named = [str(row["code"]) for row in rows]
    if len(set(named)) < len(named):
        twice = next(code for code in named if named.count(code) > 1)
        raise Refused(f"code={twice!r} occurs twice; allowed: one row for each stock.")
    sides: list[list[Any]] = [[row.get(side) for row in rows] for side in ("buy", "sell")]
    amounts = [floats(side, np.array(given, dtype=object)) for side, given in zip(("buy", "sell"), sides, strict=True)]
    extras = ("buy", "sell", "net_ratio", "concentration", "top")
    if not rows or not all((part >= 0).all() for part in amounts):
        return Single(None, Reason.MISSING_INPUT.name, dict.fromkeys(extras))
    bought, sold = sum(sides[0]), sum(sides[1])
    nets = [row["buy"] - row["sell"] for row in rows]
    whole_size = sum(map(abs, nets))
    largest = sorted(range(len(rows)), key=lambda place: (-abs(nets[place]), named[place]))[:most]
    shown = [
        {
            "code": rows[place]["code"],
            "net": nets[place],
            "contribution": 100 * nets[place] / whole_size if whole_size else None,
        }
        for place in largest
    ]
    extra = {
        "buy": bought,
        "sell": sold,
        "net_ratio": 100 * (bought - sold) / (bought + sold) if bought + sold else None,
        "concentration": sum((abs(net) / whole_size) ** 2 for net in nets) if whole_size else None,
        "top": shown,
    }
    return Single(bought - sold, extra=extra)


@metric(
    "sec.relative_strength",
    korean="업종 상대강도",
    formula="RS = 100 * sector ÷ bench; value = 100 + (RS - its mean) ÷ its standard deviation; ROC = 100 * (value ÷ "
    "the value k sessions before - 1); momentum = 100 + (ROC - its mean) ÷ its standard deviation; means and "
    "deviations (n - 1) over n sessions up to and with the session; LEADING: both ≥ 100, WEAKENING: value alone, "
    "IMPROVING: momentum alone, LAGGING: neither",
    unit="about 97-103, 100 = as the market",
    window="n + k + n - 1 sessions: 129",
    null_rule="MISSING_INPUT: a level of the window is null, or not above 0; INSUFFICIENT_HISTORY: fewer sessions; "
    "ZERO_VARIANCE: RS or ROC is constant",
    source="open approximation of relative rotation; the commercial formulas are not published",
)
def relative_strength(
    sector: ArrayLike, bench: ArrayLike, *, n: int = 60, k: int = 10, last: int | None = None
) -> Outcome:
    """Where a sector stands against the market, and where it is heading (업종 상대강도 사분면).

    sector, bench: (..., sessions), index levels, oldest first; one value per session. Extras `momentum`, `quadrant`.
    The quadrants are no clock of the economy.

    >>> relative_strength([100.0] * 129, [100.0] * 129).at(-1)["reason"]
    'ZERO_VARIANCE'
    """
    span, back, kept = whole("n", n, 2), whole("k", k, 1), newest(last)
    shape, (level, market) = lines(sector=sector, bench=bench)
    needed = 2 * span + back - 1

    def work(level: Floats, market: Floats) -> Outcome:
        with np.errstate(invalid="ignore", divide="ignore"):
            strength = np.where((level > 0) & (market > 0), 100 * level / market, np.nan)
            mean, spread = moving(strength, span)
            ratio = 100 + (strength - mean) / np.where(spread > 0, spread, np.nan)
            change = np.full(ratio.shape, np.nan)
            change[:, back:] = 100 * (ratio[:, back:] / ratio[:, :-back] - 1)
            middle, width = moving(change, span)
            momentum = 100 + (change - middle) / np.where(width > 0, width, np.nan)
        absent = np.isnan(strength)
        gap = any_within(absent, needed)
        early = np.arange(ratio.shape[-1]) < needed - 1
        reason = codes(
            ratio.shape,
            (absent, Reason.MISSING_INPUT),
            (early, Reason.INSUFFICIENT_HISTORY),
            (gap, Reason.MISSING_INPUT),
            (np.isnan(momentum), Reason.ZERO_VARIANCE),
        )
        none = reason > 0
        place = 2 * (ratio >= 100).astype(np.int64) + (momentum >= 100)
        extra = {
            "momentum": np.where(none, np.nan, momentum),
            "quadrant": np.where(none, "", np.array(QUADRANTS)[place]),
        }
        return Outcome(np.where(none, np.nan, ratio), reason, extra)

    return newest_sessions(by_blocks(work, level, market), shape, kept)


@metric(
    "sec.mfi",
    korean="자금흐름지수 (MFI)",
    formula="typical price = (high + low + close) ÷ 3; money = typical price * volume; 100 * P ÷ (P + Q), P the money "
    "of sessions whose typical price rose, Q of those where it fell; unchanged sessions count in neither",
    unit="0-100",
    window="14 changes: 15 sessions",
    null_rule="MISSING_INPUT: a figure of the window is null, or a volume negative; INSUFFICIENT_HISTORY: fewer than "
    "n + 1 sessions; ZERO_DENOMINATOR: P + Q is 0",
    source="Quong & Soudack 1989, Technical Analysis of Stocks & Commodities; says nothing about who trades",
)
def mfi(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, volume: ArrayLike, *, n: int = 14, last: int | None = None
) -> Outcome:
    """Price momentum weighted by volume (자금흐름지수): near 100 after rises on volume, near 0 after falls.

    high, low, close: (..., sessions), adjusted, in KRW; volume: (..., sessions) in shares; one value per session.

    >>> rising = [float(price) for price in range(100, 115)]
    >>> mfi(rising, rising, rising, [10] * 15).at(-1)
    {'value': 100.0}
    """
    span, kept = whole("n", n, 1), newest(last)
    shape, (top, bottom, end, shares) = lines(high=high, low=low, close=close, volume=volume)

    def work(top: Floats, bottom: Floats, end: Floats, shares: Floats) -> Outcome:
        typical = (top + bottom + end) / 3
        money = typical * np.where(shares >= 0, shares, np.nan)
        step = np.full(typical.shape, np.nan)
        step[:, 1:] = np.diff(typical, axis=-1)
        up, down = (moving_sum(np.where(flag, np.nan_to_num(money), 0), span) for flag in (step > 0, step < 0))
        absent = np.isnan(money)
        reason = codes(
            money.shape,
            (absent, Reason.MISSING_INPUT),
            (np.arange(money.shape[-1]) < span, Reason.INSUFFICIENT_HISTORY),
            (any_within(absent, span + 1), Reason.MISSING_INPUT),
            (up + down == 0, Reason.ZERO_DENOMINATOR),
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            return Outcome(np.where(reason > 0, np.nan, 100 * up / (up + down)), reason)

    return newest_sessions(by_blocks(work, top, bottom, end, shares), shape, kept)


@metric(
    "sec.flow_mfi",
    korean="투자자 수급지수",
    formula="100 * sum of the net purchases ÷ sum of the sizes of all nets, of sessions bought and of all",
    unit="0-100, 50 = balanced",
    window="20 sessions; null sessions are left out",
    null_rule="MISSING_INPUT: no session of the window is present; INSUFFICIENT_HISTORY: fewer than min_n present; "
    "ZERO_DENOMINATOR: all are 0",
    source="definition: share of buying in the sizes of net flows; another thing than the price index sec.mfi",
)
def flow_mfi(net: ArrayLike, *, n: int = 20, min_n: int = 15, last: int | None = None) -> Outcome:
    """How much of the foreign and institutional flow of a sector was buying (투자자 수급지수).

    net: (..., sessions), foreign + institution in KRW, oldest first; one value per session.

    >>> flow_mfi([3, -1] * 10).at(-1)
    {'value': 75.0}
    """
    span, least = whole("n", n, 1), whole("min_n", min_n, 1)
    shape, (flow,) = lines(net=net)

    kept = min(newest(last) or flow.shape[1], flow.shape[1])
    absent = np.isnan(flow)
    known = np.zeros((len(flow), span - 1 + flow.shape[1]))  # nothing before the first session
    known[:, span - 1 :] = np.where(absent, 0.0, flow)
    flags = np.zeros(known.shape)
    flags[:, span - 1 :] = ~absent

    def work(bought: Floats, sizes: Floats, flags: Floats) -> Outcome:
        present, size = flags.sum(axis=-1), sizes.sum(axis=-1)
        few = present < least
        rules = ((few & (present == 0), Reason.MISSING_INPUT), (few, Reason.INSUFFICIENT_HISTORY))
        reason = codes(present.shape, *rules, (size == 0, Reason.ZERO_DENOMINATOR))
        with np.errstate(invalid="ignore", divide="ignore"):
            return Outcome(np.where(reason > 0, np.nan, 100 * bought.sum(axis=-1) / size), reason)

    found = over_windows(work, span, kept, np.maximum(known, 0), np.abs(known), flags)
    return newest_sessions(found, shape, None)
