"""Smart money, seen in trades (스마트머니): large executions, price impact, who drives a foreigner's net, paper gain.

Ticks carry no investor type: a large tick is a large execution, not an institution's order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sugeup.errors import Refused
from sugeup.metrics import samples
from sugeup.metrics.dense import Floats, between, by_blocks, cells, floats, lines, whole
from sugeup.metrics.outcome import Outcome, Reason, Single, codes
from sugeup.metrics.statistics import percentile_rank
from sugeup.registry import metric

SIZES = ("S", "M", "L")
FOREIGN_CLASSES = ("DISCRETIONARY", "MIXED", "PROGRAM_DRIVEN")
NOISE = 8 * float(np.finfo(np.float64).eps)
MIXED_FROM, PROGRAM_FROM = 0.3, 0.7
INDEX_BANDS = ("STRONG_OUTFLOW", "OUTFLOW", "NEUTRAL", "INFLOW", "STRONG_INFLOW")


@metric(
    "smt.block_threshold",
    korean="대량체결 기준금액",
    formula="the largest of: the `quantile` quantile of tick values (read linearly between two ticks), adv_frac * adv, "
    "and floor",
    unit="KRW",
    window="ticks of the previous 20 sessions; adv is the mean turnover of the same sessions",
    null_rule="MISSING_INPUT: adv is null or negative, or ticks were given and all are null; INSUFFICIENT_HISTORY: "
    "fewer than min_n ticks",
    source="a threshold of each stock, comparable between large and small ones; Barclay & Warner 1993 for size classes",
)
def block_threshold(
    tick_values: ArrayLike,
    adv: ArrayLike,
    *,
    quantile: float = 0.995,
    adv_frac: float = 0.0005,
    floor: float = 100_000_000,
    min_n: int = 1000,
) -> Outcome:
    """From what value on is one execution of this stock a large one (대량체결)?

    tick_values: (..., ticks), price * volume in KRW, null left out; adv: (...), mean daily turnover in KRW; quantile in
    0-1, adv_frac and floor from 0, else Refused.

    >>> block_threshold([1e6] * 1000, 4e11).at()
    {'value': 200000000.0}
    """
    between("quantile", quantile, 0, 1)
    between("adv_frac", adv_frac, 0, np.inf)
    between("floor", floor, 0, np.inf)
    least = whole("min_n", min_n, 1)
    shape, (rows,) = lines(tick_values=tick_values)
    mean, _ = cells(adv=adv, tick_values=np.zeros(shape[:-1]))
    ticks = np.broadcast_to(rows.reshape(shape), (*mean.shape, shape[-1]))

    def work(mean: Floats, ticks: Floats) -> Outcome:
        n = samples.counts(ticks)
        absent = ~(mean >= 0) | ((n == 0) & (ticks.shape[-1] > 0))
        reason = codes(mean.shape, (absent, Reason.MISSING_INPUT), (n < least, Reason.INSUFFICIENT_HISTORY))
        largest = np.maximum(_quantile(ticks, n, quantile), np.maximum(adv_frac * mean, floor))
        return Outcome(np.where(reason > 0, np.nan, largest), reason)

    return by_blocks(work, mean, ticks)


@metric(
    "smt.wpc",
    korean="체결 크기별 가격 기여",
    formula="sum of the price changes of the trades of a class ÷ the sum of all price changes; the shares add to 1",
    unit="share, any sign",
    window="the trades handed in; pool 20 sessions or more, weighted by the size of their total change",
    null_rule="MISSING_INPUT: no trades, or one without price change or class (then no share of the total is known); "
    "ZERO_DENOMINATOR: the total change is 0. A class without any trade is left out",
    source="weighted price contribution, Barclay & Warner 1993, Journal of Financial Economics 34",
)
def wpc(dp: ArrayLike, size_class: Sequence[str | None]) -> Single:
    """Which trade sizes moved the price (체결 크기별 가격 기여)? Stealth trading shows as a large share of class M.

    dp: (trades,), price change of each trade; size_class: as many of S (below the 50th percentile), M (below the 95th)
    and L, else Refused. Value {class: share}; compare it with the class's share of the volume.

    >>> wpc([10, -5, 15], ["S", "M", "L"]).value
    {'S': 0.5, 'M': -0.25, 'L': 0.75}
    """
    changes = floats("dp", [] if dp is None else dp).ravel()
    classes = [] if size_class is None else list(size_class)
    if not changes.size or not classes:
        return Single(None, Reason.MISSING_INPUT.name)
    if changes.size != len(classes):
        raise Refused(f"dp has {changes.size} trades and size_class {len(classes)}; allowed: one class for each trade.")
    unknown = {name for name in classes if name is not None and name not in SIZES}
    if unknown:
        raise Refused(f"size_class={min(unknown, key=str)!r} is not allowed; allowed: {', '.join(SIZES)}.")
    if np.isnan(changes).any() or None in classes:
        return Single(None, Reason.MISSING_INPUT.name)
    total = float(changes.sum())
    if abs(total) <= NOISE * float(np.abs(changes).sum()):
        return Single(None, Reason.ZERO_DENOMINATOR.name)
    places = np.array([SIZES.index(str(name)) for name in classes])
    shares = {name: changes[places == place] for place, name in enumerate(SIZES)}
    return Single({name: float(part.sum()) / total for name, part in shares.items() if part.size})


@metric(
    "smt.impact_bps",
    korean="체결 가격 충격",
    formula="side * (price_after ÷ price_before - 1) * 10,000",
    unit="basis points; + moved with the trade",
    window="from just before the trade to 5 minutes after it (to the close for the permanent part)",
    null_rule="MISSING_INPUT: any input is null (ticks of call auctions have no side) or a price is negative; "
    "ZERO_DENOMINATOR: price_before is 0",
    source="Kraus & Stoll 1972, Journal of Finance 27",
)
def impact_bps(side: ArrayLike, price_before: ArrayLike, price_after: ArrayLike) -> Outcome:
    """How far the price went with a large trade (가격 충격).

    side: (...), 1 buyer-initiated, -1 seller-initiated, else Refused; price_before, price_after: (...) in KRW.

    >>> impact_bps(-1, 10000, 9900).at()["value"]
    100.0
    """

    def work(side: Floats, before: Floats, after: Floats) -> Outcome:
        absent = np.isnan(side) | ~(before >= 0) | ~(after >= 0)
        reason = codes(side.shape, (absent, Reason.MISSING_INPUT), (before == 0, Reason.ZERO_DENOMINATOR))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = side * ((after - before) / before) * 10_000 + 0.0
        return Outcome(np.where(reason > 0, np.nan, value), reason)

    sides, before, after = cells(side=side, price_before=price_before, price_after=price_after)
    wrong = ~(np.isnan(sides) | (np.abs(sides) == 1))
    if wrong.any():
        raise Refused(f"side={sides[wrong].flat[0]:g} is not allowed; allowed: 1, -1 or null.")
    return by_blocks(work, sides, before, after)


@metric(
    "smt.foreign_class",
    korean="외국인 매매 성격 (프로그램 비중)",
    formula="program_share = the smaller of the sizes of both nets ÷ the size of the foreign net where both have one "
    "sign, else 0; PROGRAM_DRIVEN from 0.7, MIXED from 0.3, else DISCRETIONARY",
    unit="label; program_share 0-1",
    window="the period of the nets, same stock",
    null_rule="MISSING_INPUT: either net is null; ZERO_DENOMINATOR: foreign_net is 0",
    source="definition; an estimate: the programme net belongs to all investors, and funds cannot be told apart",
)
def foreign_class(foreign_net: ArrayLike, program_net: ArrayLike) -> Outcome:
    """Is a foreign net purchase basket trading or somebody's choice of this stock (외국인 매매 성격)?

    foreign_net, program_net: (...) in KRW, same stock and period. Extra `program_share`.

    >>> foreign_class(100, 80).at()
    {'value': 'PROGRAM_DRIVEN', 'program_share': 0.8}
    """

    def work(foreign: Floats, program: Floats) -> Outcome:
        absent = np.isnan(foreign) | np.isnan(program)
        reason = codes(foreign.shape, (absent, Reason.MISSING_INPUT), (foreign == 0, Reason.ZERO_DENOMINATOR))
        together = np.minimum(np.abs(program), np.abs(foreign))
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(np.sign(foreign) == np.sign(program), together / np.abs(foreign), 0.0)
            share = np.where(reason > 0, np.nan, share)
            label = (share >= MIXED_FROM) * 1.0 + (share >= PROGRAM_FROM)
        return Outcome(np.where(reason > 0, np.nan, label), reason, {"program_share": share}, FOREIGN_CLASSES)

    return by_blocks(work, *cells(foreign_net=foreign_net, program_net=program_net))


@metric(
    "smt.unrealized_gain",
    korean="평가손익률 추정",
    formula="100 * (current_price ÷ avg_buy_price - 1)",
    unit="%",
    window="the period of the purchases",
    null_rule="MISSING_INPUT: any input is null; NOT_NET_BUYER: net_volume is 0 or less; ZERO_DENOMINATOR: "
    "avg_buy_price is 0",
    source="definition; an estimate from the gross average of purchases, not the cost of a position",
)
def unrealized_gain(avg_buy_price: ArrayLike, current_price: ArrayLike, net_volume: ArrayLike) -> Outcome:
    """Paper gain of a group that bought on balance (평가손익률).

    avg_buy_price, current_price: (...) in KRW, same share basis; net_volume: (...) in shares, its sign decides alone.

    >>> unrealized_gain(100, 110, 5).at()["value"]
    10.0
    """

    def work(bought: Floats, price: Floats, net: Floats) -> Outcome:
        reason = codes(
            net.shape,
            (np.isnan(net), Reason.MISSING_INPUT),
            (net <= 0, Reason.NOT_NET_BUYER),
            (~(bought >= 0) | ~(price >= 0), Reason.MISSING_INPUT),
            (bought == 0, Reason.ZERO_DENOMINATOR),
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            return Outcome(np.where(reason > 0, np.nan, 100 * ((price - bought) / bought)), reason)

    given = {"avg_buy_price": avg_buy_price, "current_price": current_price, "net_volume": net_volume}
    return by_blocks(work, *cells(**given))


@metric(
    "smt.market_index",
    korean="시장 스마트머니 지수",
    formula="percentile of today's quality-weighted net ÷ turnover among past sessions; below 10 STRONG_OUTFLOW, below "
    "30 OUTFLOW, up to 70 NEUTRAL, up to 90 INFLOW, above STRONG_INFLOW",
    unit="0-100",
    window="the past sessions handed in (250, at least 60), never today",
    null_rule="MISSING_INPUT: x is null, or values were given and all are null; INSUFFICIENT_HISTORY: fewer than min_n",
    source="mid-rank empirical distribution function",
)
def market_index(x: ArrayLike, ref: ArrayLike, *, min_n: int = 60) -> Outcome:
    """Does money with a record of choosing well flow in or out (스마트머니 지수)? 50 is an ordinary day.

    x: (...), `smt.quality_weighted_flow` ÷ turnover; ref: (..., past sessions), NaN left out. Extra `interpretation`.

    >>> market_index(2.0, [1.0, 3.0] * 30).at()
    {'value': 50.0, 'interpretation': 'NEUTRAL'}
    """
    ranked = percentile_rank(x, ref, min_n=min_n)
    low = np.searchsorted([10, 30], ranked.value, side="right")
    high = np.searchsorted([70, 90], ranked.value, side="left")
    words = np.where(ranked.reason > 0, "", np.array(INDEX_BANDS)[np.minimum(low + high, 4)])
    return Outcome(ranked.value, ranked.reason, {"interpretation": words})


def _quantile(ticks: Floats, n: Floats, share: float) -> Floats:
    """Linear quantile of the present values of each row; NaN where there is none."""
    if not ticks.shape[-1]:
        return np.full(n.shape, np.nan)
    ordered: NDArray[np.float64] = np.sort(ticks, axis=-1)
    place = share * np.maximum(n - 1, 0)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(n.astype(np.int64) - 1, 0))
    low, high = (np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0] for at in (below, above))
    return low + (high - low) * (place - below)
