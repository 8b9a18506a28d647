"""Programme trading (프로그램매매): shares of the market, basis, the futures leg of arbitrage, efficiency of the index.

Programme trading is a way of entering orders that every investor group uses: it is shown beside the groups and never
added to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics import samples
from sugeup.metrics.dense import Floats, between, by_blocks, cells, floats, lines, whole
from sugeup.metrics.outcome import Outcome, Reason, Rows, codes
from sugeup.metrics.statistics import percentile_rank
from sugeup.registry import metric

SIDES = ("SELL_CASH_BUY_FUTURES", "", "BUY_CASH_SELL_FUTURES")
OPPORTUNITIES = ("LOW", "MODERATE", "HIGH")
FUTURES_LEGS = ("LONG", "FLAT", "SHORT")
INTENSITIES = ("LOW", "MEDIUM", "HIGH")
MEDIUM_FROM, HIGH_FROM = 50, 85
DAYS_OF_YEAR = 365


@metric(
    "prg.summary",
    korean="프로그램 매수 비율",
    formula="100 * bought ÷ (bought + sold); participation = 100 * (bought + sold) ÷ (2 * turnover); net_to_turnover = "
    "100 * (bought - sold) ÷ turnover of the same minute",
    unit="%, 0-100; net_to_turnover signed",
    window="from the open to the minute of the amounts, or the difference of two snapshots",
    null_rule="MISSING_INPUT: bought or sold is null or negative; ZERO_DENOMINATOR: no programme trade; without "
    "turnover, participation and net_to_turnover alone are null and the reason says why",
    source="definition; both sides of the programme over both sides of the market",
)
def summary(buy: ArrayLike, sell: ArrayLike, turnover: ArrayLike) -> Outcome:
    """How programme trading leans, and how much of the market it is (프로그램 매수 비율·거래 비중).

    buy, sell, turnover: (...) in KRW of one scope; turnover is one-sided. Extras `participation`, `net_to_turnover`.

    >>> summary(300, 100, 1000).at()
    {'value': 75.0, 'participation': 20.0, 'net_to_turnover': 20.0}
    """

    def work(bought: Floats, sold: Floats, traded: Floats) -> Outcome:
        absent, gross = ~((bought >= 0) & (sold >= 0)), bought + sold
        unknown = ~(traded >= 0)
        reason = codes(
            bought.shape,
            (absent, Reason.MISSING_INPUT),
            (gross == 0, Reason.ZERO_DENOMINATOR),
            (unknown, Reason.MISSING_INPUT),
            (traded == 0, Reason.ZERO_DENOMINATOR),
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(absent | (gross == 0), np.nan, 100 * bought / gross)
            market = np.where(absent | unknown | (traded == 0), np.nan, traded)
            extra = {"participation": 100 * gross / (2 * market), "net_to_turnover": 100 * (bought - sold) / market}
        return Outcome(value, reason, extra)

    return by_blocks(work, *cells(buy=buy, sell=sell, turnover=turnover))


@metric(
    "prg.basis",
    korean="시장 베이시스·괴리율",
    formula="futures - spot; theoretical = spot * (1 + rate * days ÷ 365) - dividend_points; deviation = futures - "
    "theoretical; deviation_pct = 100 * deviation ÷ theoretical; with the band w = spot * band_bp ÷ 10000, opportunity "
    "is LOW up to 1 w of |deviation|, MODERATE up to 2 w, else HIGH",
    unit="index points; deviation_pct in %",
    window="one minute: the nearest future and its index at the same time",
    null_rule="MISSING_INPUT: futures or spot is null or not above 0; without rate, days or dividend_points the value "
    "stands alone and the reason is MISSING_INPUT; side is null when the deviation is 0",
    source="cost of carry, Cornell & French 1983, Journal of Futures Markets 3",
)
def basis(
    futures: ArrayLike,
    spot: ArrayLike,
    rate: ArrayLike,
    days: ArrayLike,
    dividend_points: ArrayLike,
    *,
    band_bp: float = 10,
) -> Outcome:
    """How far the future stands from its index (시장 베이시스) and from its fair value (괴리도·괴리율).

    futures, spot: (...) in index points; rate: (...), a year, decimal (0.035 = 3.5%); days: (...), calendar days to
    expiry, from 0; dividend_points: (...), dividends until then in index points. band_bp above 0, else Refused.
    Extras: `theoretical`, `deviation`, `deviation_pct`, `side` (which leg an arbitrageur would buy), `opportunity`.

    >>> basis(352.5, 350.0, 0.035, 40, 0.6).at()["side"]
    'BUY_CASH_SELL_FUTURES'
    """
    between("band_bp", band_bp, 0, np.inf, open_ended=True)

    def work(future: Floats, index: Floats, yearly: Floats, left: Floats, dividends: Floats) -> Outcome:
        absent = ~((future > 0) & (index > 0))
        with np.errstate(invalid="ignore", divide="ignore"):
            theoretical = index * (1 + yearly * left / DAYS_OF_YEAR) - dividends
            theoretical = np.where(absent | ~(left >= 0) | ~(theoretical > 0), np.nan, theoretical)
            deviation = future - theoretical
            band = index * band_bp / 10_000
            steps = (np.abs(deviation) > band).astype(np.int64) + (np.abs(deviation) > 2 * band)
            signs = np.nan_to_num(np.sign(deviation)).astype(np.int64)
        known = np.isfinite(deviation)
        extra = {
            "theoretical": theoretical,
            "deviation": deviation,
            "deviation_pct": 100 * deviation / theoretical,
            "side": np.where(known, np.array(SIDES)[signs + 1], ""),
            "opportunity": np.where(known, np.array(OPPORTUNITIES)[steps], ""),
        }
        return Outcome(
            np.where(absent, np.nan, future - index), codes(future.shape, (~known, Reason.MISSING_INPUT)), extra
        )

    named = {"futures": futures, "spot": spot, "rate": rate, "days": days, "dividend_points": dividend_points}
    return by_blocks(work, *cells(**named))


@metric(
    "prg.implied_futures_leg",
    korean="차익거래의 선물 방향",
    formula="ratio = (arb_buy - arb_sell) ÷ (arb_buy + arb_sell) of the cash leg; SHORT futures from min_share, LONG "
    "from -min_share downwards, else FLAT",
    unit="label; ratio -1 to 1",
    window="from the open to the minute of the amounts",
    null_rule="MISSING_INPUT: an amount is null or negative; ZERO_DENOMINATOR: no arbitrage trade",
    source="arbitrage buys one leg and sells the other; an estimate of the day's flow, not of positions",
)
def implied_futures_leg(arb_buy: ArrayLike, arb_sell: ArrayLike, *, min_share: float = 0.1) -> Outcome:
    """What arbitrageurs did in futures (차익거래의 선물 방향): buying the stocks means selling the future.

    arb_buy, arb_sell: (...) in KRW, the stock leg (차익 매수·매도); min_share in 0-1, else Refused. Extra `ratio`.

    >>> implied_futures_leg(60, 40).at()
    {'value': 'SHORT', 'ratio': 0.2}
    """
    between("min_share", min_share, 0, 1)

    def work(bought: Floats, sold: Floats) -> Outcome:
        gross = bought + sold
        absent = ~((bought >= 0) & (sold >= 0))
        reason = codes(gross.shape, (absent, Reason.MISSING_INPUT), (gross == 0, Reason.ZERO_DENOMINATOR))
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(reason > 0, np.nan, (bought - sold) / gross)
            label = np.where(ratio >= min_share, 2.0, np.where(ratio <= -min_share, 0.0, 1.0))
        return Outcome(np.where(reason > 0, np.nan, label), reason, {"ratio": ratio}, FUTURES_LEGS)

    return by_blocks(work, *cells(arb_buy=arb_buy, arb_sell=arb_sell))


@metric(
    "prg.intensity",
    korean="차익거래 강도",
    formula="percentile of x, arbitrage bought and sold ÷ turnover, among the same clock minute of past sessions; HIGH "
    "from 85, MEDIUM from 50, else LOW",
    unit="label; percentile 0-100",
    window="the past sessions handed in (60)",
    null_rule="MISSING_INPUT: x is null, or values were given and all are null; INSUFFICIENT_HISTORY: fewer than min_n",
    source="mid-rank empirical distribution function; same-clock reference, because trading is not even over the day",
)
def intensity(x: ArrayLike, ref: ArrayLike, *, min_n: int = 20) -> Outcome:
    """Is there much arbitrage for this time of day (차익거래 강도)?

    x: (...); ref: (..., past sessions), NaN left out. Extra `percentile`.

    >>> intensity(0.031, [0.01, 0.02] * 10).at()
    {'value': 'HIGH', 'percentile': 100.0}
    """
    ranked = percentile_rank(x, ref, min_n=min_n)
    with np.errstate(invalid="ignore"):
        label = (ranked.value >= MEDIUM_FROM) * 1.0 + (ranked.value >= HIGH_FROM)
    value = np.where(ranked.reason > 0, np.nan, label)
    return Outcome(value, ranked.reason, {"percentile": ranked.value}, INTENSITIES)


@metric(
    "prg.efficiency",
    korean="지수 가격 효율성",
    formula="1 - min(1, |VR - 1|); VR = variance of sums of q neighbouring returns ÷ (q * variance of the returns), "
    "overlapping sums, both without bias",
    unit="0-1, 1 is a random walk",
    window="the one-minute log-returns of one session, call auctions left out; null minutes are closed up",
    null_rule="MISSING_INPUT: returns were given and all are null; INSUFFICIENT_HISTORY: fewer than min_n, or not more "
    "than q; ZERO_VARIANCE: constant returns",
    source="Lo & MacKinlay 1988, Review of Financial Studies 1",
)
def efficiency(ret: ArrayLike, *, q: int = 5, min_n: int = 60) -> Outcome:
    """Does the index move like a random walk today (가격 효율성), or do its minutes predict each other?

    ret: (..., minutes), decimal, oldest first; q from 2, min_n from 3, else Refused. Extras `variance_ratio` (above 1:
    trends; below 1: reversals) and `n` returns used.

    >>> efficiency([0.001] * 60).at()["reason"]
    'ZERO_VARIANCE'
    """
    span, least = whole("q", q, 2), whole("min_n", min_n, 3)
    shape, (rows,) = lines(ret=ret)

    def work(rows: Floats) -> Outcome:
        n = samples.counts(rows)
        ratio, constant = samples.variance_ratio(rows, span)
        reason = codes(
            n.shape,
            ((n == 0) & (rows.shape[-1] > 0), Reason.MISSING_INPUT),
            ((n < least) | (n <= span), Reason.INSUFFICIENT_HISTORY),
            (constant, Reason.ZERO_VARIANCE),
        )
        ratio = np.where(reason > 0, np.nan, ratio)
        extra = {"variance_ratio": ratio, "n": n.astype(np.int64)}
        return Outcome(1 - np.minimum(1, np.abs(ratio - 1)), reason, extra)

    found = by_blocks(work, rows)
    extra = {name: part.reshape(shape[:-1]) for name, part in found.extra.items()}
    return Outcome(found.value.reshape(shape[:-1]), found.reason.reshape(shape[:-1]), extra)


@metric(
    "prg.top_stocks",
    korean="프로그램매매 상위 종목",
    formula="the `top` stocks by bought + sold, equal ones by code; ratio = 100 * (bought + sold) ÷ the sum over all "
    "stocks handed in",
    unit="net in KRW; ratio in %",
    window="from the open to the minute of the amounts",
    null_rule="MISSING_INPUT: no stock, or an amount is null or negative (then no share of the total is known: leave "
    "the stock out and say so as coverage); ZERO_DENOMINATOR: no programme trade",
    source="definition of a market share",
)
def top_stocks(rows: Sequence[Mapping[str, Any]], *, top: int = 2) -> Rows[dict[str, Any]]:
    """The stocks with the most programme trading (프로그램매매 상위 종목).

    rows: {"code", "buy", "sell"}, amounts in KRW; a code twice is Refused. Records {"code", "net", "ratio"}.

    >>> top_stocks([{"code": "000660", "buy": 1, "sell": 2}, {"code": "005930", "buy": 4, "sell": 3}], top=1).value
    ({'code': '005930', 'net': 1, 'ratio': 70.0},)
    """
    most = whole("top", top, 1)
    named = [str(row["code"]) for row in rows]
    if len(set(named)) < len(named):
        twice = next(code for code in named if named.count(code) > 1)
        raise Refused(f"code={twice!r} occurs twice; allowed: one row for each stock.")
    amounts = np.column_stack(
        [floats(side, np.array([row.get(side) for row in rows], dtype=object)) for side in ("buy", "sell")]
    )
    if not rows or not (amounts >= 0).all():
        return Rows(None, Reason.MISSING_INPUT.name)
    sizes = amounts.sum(axis=1)
    total = float(sizes.sum())
    if total == 0:
        return Rows(None, Reason.ZERO_DENOMINATOR.name)
    largest = sorted(range(len(rows)), key=lambda place: (-sizes[place], named[place]))[:most]
    return Rows(
        tuple(
            {
                "code": rows[place]["code"],
                "net": rows[place]["buy"] - rows[place]["sell"],
                "ratio": 100 * float(sizes[place]) / total,
            }
            for place in largest
        )
    )
