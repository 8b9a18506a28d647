"""Does a group of investors choose well (종목 선택 능력)? Returns of its flow, rank correlations, weights by record."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics import samples
from sugeup.metrics.dense import Floats, between, by_blocks, cells, floats, lines, whole
from sugeup.metrics.outcome import Outcome, Reason, Single, codes
from sugeup.registry import metric

ByStock = Mapping[str, float | None] | ArrayLike | None


@metric(
    "smt.information_ratio",
    korean="정보비율",
    formula="mean ÷ standard deviation (n - 1) * √annual; t = mean ÷ standard deviation * √n",
    unit="per year; t",
    window="the sessions handed in, nulls closed up",
    null_rule="MISSING_INPUT: returns were given and all are null; INSUFFICIENT_HISTORY: fewer than min_n; "
    "ZERO_VARIANCE: constant returns",
    source="Grinold 1989, Journal of Portfolio Management 15; Grinold & Kahn 2000",
)
def information_ratio(active: ArrayLike, *, min_n: int = 60, annual: float = 252) -> Outcome:
    """How steadily the flow of a group earned more than the index (정보비율).

    active: (..., sessions), daily active return of the flow-mimicking portfolio, decimal; annual above 0, else Refused.
    Extras: `t`, null with the value; `n` sessions present.

    >>> information_ratio([0.01, -0.01] * 30).at()["value"]
    0.0
    """
    least = whole("min_n", min_n, 2)
    between("annual", annual, 0, np.inf, open_ended=True)
    shape, (rows,) = lines(active=active)

    def work(rows: Floats) -> Outcome:
        n = samples.counts(rows)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.nansum(rows, axis=-1) / n
            away = np.nan_to_num(rows - mean[:, None])
            spread = np.sqrt((away**2).sum(axis=-1) / (n - 1))
            widest = np.abs(away).max(axis=-1, initial=0)
            constant = (widest <= 8 * np.finfo(float).eps * np.abs(mean)) | ~(spread > 0)
            daily = mean / spread
        reason = codes(
            n.shape,
            ((n == 0) & (rows.shape[-1] > 0), Reason.MISSING_INPUT),
            (n < least, Reason.INSUFFICIENT_HISTORY),
            (constant, Reason.ZERO_VARIANCE),
        )
        daily = np.where(reason > 0, np.nan, daily)
        return Outcome(daily * np.sqrt(annual), reason, {"t": daily * np.sqrt(n), "n": n.astype(np.int64)})

    return _led(shape, by_blocks(work, rows))


@metric(
    "smt.mimicking_return",
    korean="수급 추종 포트폴리오 수익률",
    formula="Σ net_prev * excess_ret ÷ Σ size of net_prev, over the stocks with both",
    unit="return, decimal",
    window="one session; its nets were known the session before",
    null_rule="a stock without net or return (halted, newly listed) is left out; MISSING_INPUT: no stock with both; "
    "ZERO_DENOMINATOR: all nets are 0",
    source="flow-weighted long-short portfolio with known weights; Grinblatt, Titman & Wermers 1995 for the idea",
)
def mimicking_return(net_prev: ByStock, excess_ret: ByStock) -> Outcome:
    """What one would have earned today by following a group's purchases of yesterday (수급 추종 수익률).

    net_prev: stock to KRW, known at t-1; excess_ret: stock to return of day t minus the index, decimal. Both may be
    arrays (..., stocks) too, such as (sessions, stocks) with the nets moved one session on.

    >>> mimicking_return({"A": 300, "B": -100}, {"A": 0.02, "B": 0.04}).at()
    {'value': 0.005}
    """
    shape, (flow, moved) = _by_stock(net_prev=net_prev, excess_ret=excess_ret)

    def work(flow: Floats, moved: Floats) -> Outcome:
        both = np.isfinite(flow) & np.isfinite(moved)
        net, ret = np.where(both, flow, 0), np.where(both, moved, 0)
        gross = np.abs(net).sum(axis=-1)
        rules = ((~both.any(axis=-1), Reason.MISSING_INPUT), (gross == 0, Reason.ZERO_DENOMINATOR))
        reason = codes(gross.shape, *rules)
        with np.errstate(invalid="ignore", divide="ignore"):
            return Outcome(np.where(reason > 0, np.nan, (net * ret).sum(axis=-1) / gross), reason)

    return _led(shape, by_blocks(work, flow, moved))


@metric(
    "smt.selection_ic",
    korean="종목 선택 능력 (순위 정보계수)",
    formula="rank correlation over stocks of net ÷ turnover at t and the return from t+1 to t+h",
    unit="-1 to 1",
    window="one date",
    null_rule="a stock without flow or return is left out; MISSING_INPUT: no stock with both; INSUFFICIENT_HISTORY: "
    "fewer than min_stocks; ZERO_VARIANCE: all flows or all returns are equal",
    source="Grinold 1989, Journal of Portfolio Management 15",
)
def selection_ic(flow: ByStock, fwd: ByStock, *, min_stocks: int = 10) -> Outcome:
    """Did the stocks that a group bought do better afterwards than those it sold (순위 정보계수)?

    flow: stock to net ÷ turnover at t; fwd: stock to return over t+1..t+h, decimal. Both may also be arrays
    (..., stocks), one answer for each date. Extra `n`: stocks with both. For a mean over dates take dates h apart.

    >>> selection_ic(range(10), range(10)).at()
    {'value': 1.0, 'n': 10}
    """
    least = whole("min_stocks", min_stocks, 2)
    shape, (bought, later) = _by_stock(flow=flow, fwd=fwd)

    def work(bought: Floats, later: Floats) -> Outcome:
        value, n, constant = samples.rank_correlation(bought, later)
        reason = codes(
            n.shape,
            (n == 0, Reason.MISSING_INPUT),
            (n < least, Reason.INSUFFICIENT_HISTORY),
            (constant, Reason.ZERO_VARIANCE),
        )
        return Outcome(np.where(reason > 0, np.nan, value), reason, {"n": n})

    return _led(shape, by_blocks(work, bought, later))


@metric(
    "smt.quality_weights",
    korean="투자자 유형별 품질 가중치",
    formula="the larger of 0 and ic * n ÷ (n + n0), divided by the sum over all types",
    unit="0-1, adding to 1",
    window="correlations whose outcome ended 5 sessions or more before today",
    null_rule="a type without ic or n is left out; MISSING_INPUT: no type with both; NO_SKILL: no type has a positive "
    "one (never even weights)",
    source="Grinold 1989, shrunk toward no skill by n ÷ (n + n0)",
)
def quality_weights(ic: Mapping[str, float | None], n: Mapping[str, float | None], *, n0: float = 50) -> Single:
    """How much the flow of each investor type deserves to count (품질 가중치), by its record of choosing stocks.

    ic: type to mean `smt.selection_ic`, -1 to 1; n: type to the number of dates behind it, not overlapping, from 0; n0
    above 0, else Refused. Value {type: weight}; a negative record has weight 0.

    >>> quality_weights({"pension_fund": 0.04, "bank": -0.01}, {"pension_fund": 50, "bank": 50}).value
    {'pension_fund': 1.0, 'bank': 0.0}
    """
    between("n0", n0, 0, np.inf, open_ended=True)
    known: dict[str, float] = {}
    for name in ic or {}:
        skill, count = _number("ic", ic, name), _number("n", n, name)
        between(f"ic.{name}", skill, -1, 1)
        between(f"n.{name}", count, 0, np.inf)
        if np.isfinite(skill) and np.isfinite(count):
            known[name] = max(0.0, skill * count / (count + n0))
    if not known:
        return Single(None, Reason.MISSING_INPUT.name)
    total = sum(known.values())
    if total <= 0:
        return Single(None, Reason.NO_SKILL.name)
    return Single({name: part / total for name, part in known.items()})


@metric(
    "smt.quality_weighted_flow",
    korean="품질 가중 순매수",
    formula="Σ weight * net over the types that have a weight",
    unit="KRW",
    window="the period of the nets",
    null_rule="MISSING_INPUT: no weight, or one of them or the net of its type is null",
    source="definition; the weights are smt.quality_weights",
)
def quality_weighted_flow(net: Mapping[str, ArrayLike], weights: Mapping[str, float | None]) -> Outcome:
    """Net purchases of all investor types, each counted by its record (품질 가중 순매수).

    net: type to (...) in KRW, by stock or session; weights: type to weight. A type without weight does not count.

    >>> quality_weighted_flow({"pension_fund": 100, "bank": 10}, {"pension_fund": 0.5}).at()
    {'value': 50.0}
    """
    nets, shares = net or {}, weights or {}
    if not shares:
        sizes = cells(**nets) if nets else ()
        shape = sizes[0].shape if sizes else ()
        return Outcome(np.full(shape, np.nan), codes(shape, (True, Reason.MISSING_INPUT)))
    given = cells(**{name: nets.get(name) for name in shares})
    total = np.zeros(given[0].shape)
    for one, (name, weight) in zip(given, shares.items(), strict=True):
        total = total + float(floats(f"weights.{name}", weight)) * one
    return Outcome(total, codes(total.shape, (np.isnan(total), Reason.MISSING_INPUT)))


def _number(label: str, by_type: Mapping[str, float | None] | None, name: str) -> float:
    return float(floats(f"{label}.{name}", (by_type or {}).get(name)))


def _by_stock(**named: ByStock) -> tuple[tuple[int, ...], list[Floats]]:
    """Two inputs by stock as rows with the stocks last: maps are put in one order, a stock absent from one is NaN."""
    maps = {name: given for name, given in named.items() if isinstance(given, Mapping)}
    arrays = {name: given for name, given in named.items() if not (given is None or isinstance(given, Mapping))}
    if maps and arrays:
        raise Refused(f"{next(iter(maps))} is a map and {next(iter(arrays))} is not; allowed: two maps or two arrays.")
    if arrays:
        blank = np.full(np.shape(next(iter(arrays.values()))), np.nan)
        return lines(**{name: arrays.get(name, blank) for name in named})
    stocks = list(dict.fromkeys(stock for given in maps.values() for stock in given))
    return lines(
        **{name: np.array([maps.get(name, {}).get(stock) for stock in stocks], dtype=object) for name in named}
    )


def _led(shape: tuple[int, ...], rows: Outcome) -> Outcome:
    """The outcome of flattened samples in the shape of their leading axes."""
    lead = shape[:-1]
    extra = {name: part.reshape(lead) for name, part in rows.extra.items()}
    return Outcome(rows.value.reshape(lead), rows.reason.reshape(lead), extra)
