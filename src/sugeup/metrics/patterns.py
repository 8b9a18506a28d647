"""Patterns of flow and price (패턴): what happened, in neutral words. None of them shows what anybody intended.

Every threshold is a starting value: choose it on training data, then freeze it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from sugeup.metrics import rolling, samples
from sugeup.metrics.dense import Floats, between, by_blocks, floats, lines, newest, whole
from sugeup.metrics.outcome import Outcome, Reason, codes, nothing
from sugeup.metrics.statistics import robust_z
from sugeup.metrics.windows import cut_windows, moving_sum, newest_sessions, over_windows
from sugeup.registry import metric

BUILDING = ("DISTRIBUTION", "ACCUMULATION")
SURGES = ("SURGE", "DUMP")
SWEEPS = ("DOWN_SWEEP", "UP_SWEEP")
RISE_SESSIONS, PEAK_SESSIONS, BASE_SESSIONS, HOLDER_SESSIONS = 5, 10, 20, 3
SURGE_ROWS = 31


@metric(
    "pat.accumulation",
    korean="매집·분산",
    formula="ACCUMULATION: Σnet ÷ Σturnover over the window above 0, its percentile (as inv.trend) at least pct, and "
    "at least `days` sessions bought; DISTRIBUTION: below 0, at most 100 - pct, and at least `days` sold; "
    "same_sign_days = sessions with the sign of Σnet; sign_p = P(B ≥ same_sign_days), B binomial on `window` even "
    "chances; cum_excess_ret = summed excess returns",
    unit="label; percentile 0-100; KRW; return",
    window="10 sessions against the 250 windows that end 10 rows or more before, at least 60 of them present",
    null_rule="HALTED, MISSING_INPUT, ZERO_DENOMINATOR, INSUFFICIENT_HISTORY as inv.trend, and MISSING_INPUT: an "
    "excess return of the window is null; NO_PATTERN: looked, and found neither (the figures are still given)",
    source="percentile of scaled order imbalance, after Chordia & Subrahmanyam 2004; sign test",
)
def accumulation(
    net: ArrayLike,
    turnover: ArrayLike,
    excess_ret: ArrayLike,
    *,
    window: int = 10,
    ref: int = 250,
    min_ref: int = 60,
    days: int = 7,
    pct: float = 90,
    last: int | None = None,
) -> Outcome:
    """Has a group bought, or sold, this stock unusually much and on most days (매집·분산)?

    net, turnover: (..., sessions) in KRW, oldest first; excess_ret: (..., sessions), return of the stock less that of
    the index, decimal; one label per session. days at most window, pct in 50-100, else Refused. Extras `percentile`,
    `same_sign_days`, `sign_p`, `cum_net`, `cum_excess_ret`.

    >>> accumulation([1, -1] * 40 + [3] * 10, [100] * 90, [0.0] * 90).at(-1)["value"]
    'ACCUMULATION'
    """
    span, past, least = whole("window", window, 1), whole("ref", ref, 1), whole("min_ref", min_ref, 1)
    between("days", whole("days", days, 0), 0, span)
    between("pct", pct, 50, 100)
    kept = newest(last)
    shape, (flow, traded, excess) = lines(net=net, turnover=turnover, excess_ret=excess_ret)
    ratio, rank, reason = rolling.ratio_percentile(flow, traded, span, past, least, False, kept)
    tails = _even_tails(span)

    def work(flow: Floats, excess: Floats) -> Outcome:
        total, gained = flow.cumsum(axis=-1)[:, -1], excess.cumsum(axis=-1)[:, -1]
        side = np.sign(total)[:, None]
        same = ((np.sign(flow) == side) & (side != 0)).sum(axis=-1).astype(np.int64)
        absent = np.isnan(total)
        sure = np.where(absent, np.nan, tails[same])
        same[absent] = nothing(np.int64)
        missing = codes(total.shape, (np.isnan(gained), Reason.MISSING_INPUT))
        return Outcome(
            total, missing, {"same_sign_days": same, "sign_p": sure, "cum_net": total, "cum_excess_ret": gained}
        )

    if flow.size > rolling.CELLS:
        told = _built(flow, excess, span, kept, tails)
    else:
        told = over_windows(work, span, kept, flow, excess)
    often = told.extra["same_sign_days"] >= days
    with np.errstate(invalid="ignore"):
        bought, sold = (ratio > 0) & (rank >= pct) & often, (ratio < 0) & (rank <= 100 - pct) & often
    reason = np.where(reason > 0, reason, told.reason)
    reason = np.where(reason > 0, reason, codes(reason.shape, (~(bought | sold), Reason.NO_PATTERN)))
    value = np.where(reason > 0, np.nan, bought.astype(np.float64))
    return newest_sessions(Outcome(value, reason, {"percentile": rank, **told.extra}, BUILDING), shape, None)


@metric(
    "pat.surge_dump",
    korean="급등·개인 순매수 집중",
    formula="surge = largest close ÷ close 5 sessions before - the same of the index, over the last 10 sessions; "
    "volume_ratio = mean volume of 5 sessions ÷ that of sessions -30 to -11; drawdown = close ÷ highest close of 10 "
    "sessions - 1; with surge at least `surge`, volume_ratio at least vol_mult, and over the last 3 sessions "
    "Σsmart_net < 0 and Σindividual_net > 0: DUMP when close ≤ (1 - dd) * highest close, else SURGE",
    unit="label; returns, decimal; ratio",
    window="30 sessions, of 31 handed in",
    null_rule="MISSING_INPUT: a figure that the formula needs is null; INSUFFICIENT_HISTORY: fewer than 31 sessions; "
    "ZERO_DENOMINATOR: no volume in sessions -30 to -11; NO_PATTERN: looked, and found neither",
    source="definition; says who bought after a rise, and accuses nobody",
)
def surge_dump(
    close: ArrayLike,
    volume: ArrayLike,
    smart_net: ArrayLike,
    individual_net: ArrayLike,
    bench: ArrayLike,
    *,
    surge: float = 0.20,
    vol_mult: float = 3,
    dd: float = 0.10,
    last: int | None = None,
) -> Outcome:
    """A steep rise on volume that individuals buy and the others sell (급등·개인 순매수 집중), and its fall.

    close: (..., sessions), adjusted, in KRW; volume: (..., sessions) in shares, same basis; smart_net: (..., sessions),
    foreign + institution + other corporation, individual_net: (..., sessions), both in KRW; bench: (..., sessions),
    close of the index; one label per session. Extras `surge`, `volume_ratio`, `drawdown`.

    >>> quiet = [100.0] * 31
    >>> surge_dump(quiet, [10] * 31, [-1] * 31, [1] * 31, quiet).at(-1)["reason"]
    'NO_PATTERN'
    """
    between("surge", surge, 0, math.inf)
    between("vol_mult", vol_mult, 0, math.inf)
    between("dd", dd, 0, 1)
    named = {"close": close, "volume": volume, "smart_net": smart_net, "individual_net": individual_net}
    shape, rows = lines(**named, bench=bench)

    def work(price: Floats, shares: Floats, smart: Floats, individual: Floats, index: Floats) -> Outcome:
        price, index = (np.where(part > 0, part, np.nan) for part in (price, index))
        shares = np.where(shares >= 0, shares, np.nan)
        rise = np.full(price.shape, np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            rise[:, RISE_SESSIONS:] = (
                price[:, RISE_SESSIONS:] / price[:, :-RISE_SESSIONS]
                - index[:, RISE_SESSIONS:] / index[:, :-RISE_SESSIONS]
            )
            steepest = cut_windows(rise, PEAK_SESSIONS, price.shape[-1]).max(axis=-1)
            peak = cut_windows(price, PEAK_SESSIONS, price.shape[-1]).max(axis=-1)
            usual = np.full(price.shape, np.nan)
            usual[:, PEAK_SESSIONS:] = moving_sum(shares, BASE_SESSIONS)[:, :-PEAK_SESSIONS] / BASE_SESSIONS
            ratio = moving_sum(shares, RISE_SESSIONS) / RISE_SESSIONS / np.where(usual > 0, usual, np.nan)
            drawdown = price / peak - 1
        holders = moving_sum(smart, HOLDER_SESSIONS), moving_sum(individual, HOLDER_SESSIONS)
        absent = np.isnan([price, shares, smart, individual, index]).any(axis=0)
        gap = np.isnan([steepest, peak, usual, *holders]).any(axis=0) | np.isnan(moving_sum(shares, RISE_SESSIONS))
        found = (steepest >= surge) & (ratio >= vol_mult) & (holders[0] < 0) & (holders[1] > 0)
        reason = codes(
            price.shape,
            (absent, Reason.MISSING_INPUT),
            (np.arange(price.shape[-1]) < SURGE_ROWS - 1, Reason.INSUFFICIENT_HISTORY),
            (gap, Reason.MISSING_INPUT),
            (usual == 0, Reason.ZERO_DENOMINATOR),
            (~found, Reason.NO_PATTERN),
        )
        value = np.where(reason > 0, np.nan, price <= (1 - dd) * peak)
        return Outcome(value, reason, {"surge": steepest, "volume_ratio": ratio, "drawdown": drawdown}, SURGES)

    if rows[0].size > rolling.CELLS:
        return newest_sessions(_surges(rows, surge, vol_mult, dd), shape, newest(last))
    return newest_sessions(by_blocks(work, *rows), shape, newest(last))


@metric(
    "pat.liquidity_sweep",
    korean="전저점·전고점 이탈 후 복귀",
    formula="DOWN_SWEEP: low under the lowest low of the n bars before by atr_mult * ATR or more, close above it "
    "again, and robust z of the volume against those bars at least vol_z; UP_SWEEP: the mirror at the highest high; "
    "ATR = mean true range of those bars; depth_atr = distance beyond the level ÷ ATR, the larger of both sides when "
    "neither pattern is there",
    unit="label; depth_atr in ATR; volume_z in standard deviations",
    window="20 bars before the session, and the close before them: 22 rows",
    null_rule="MISSING_INPUT: a figure of the window is null; INSUFFICIENT_HISTORY: fewer than n + 2 rows; "
    "ZERO_DENOMINATOR: ATR 0; ZERO_VARIANCE: all volumes before are equal; NO_PATTERN: looked, and found neither",
    source="Osler 2003, Journal of Finance 58, on clusters of stop orders; bars do not show intent",
)
def liquidity_sweep(
    open: ArrayLike,
    high: ArrayLike,
    low: ArrayLike,
    close: ArrayLike,
    volume: ArrayLike,
    *,
    n: int = 20,
    atr_mult: float = 0.5,
    vol_z: float = 2,
    last: int | None = None,
) -> Outcome:
    """Did the price run through an old low or high on volume and come back the same day (전저점·전고점 이탈 후 복귀)?

    open, high, low, close: (..., sessions), adjusted, in KRW; volume: (..., sessions) in shares; one label per session.
    Extras `depth_atr`, `volume_z`.

    >>> flat = [100.0] * 22
    >>> liquidity_sweep(flat, flat, flat, flat, [10] * 22).at(-1)["reason"]
    'ZERO_DENOMINATOR'
    """
    span, kept = whole("n", n, 1), newest(last)
    between("atr_mult", atr_mult, 0, math.inf)
    shape, rows = lines(open=open, high=high, low=low, close=close, volume=volume)
    if rows[0].size > rolling.CELLS:
        return newest_sessions(_swept(rows, span, atr_mult, vol_z, kept), shape, None)

    def work(start: Floats, top: Floats, bottom: Floats, end: Floats, shares: Floats, here: Floats) -> Outcome:
        before = slice(1, -1)
        reach = np.stack([top - bottom, np.zeros(top.shape), np.zeros(top.shape)])
        reach[1, :, 1:], reach[2, :, 1:] = np.abs(top[:, 1:] - end[:, :-1]), np.abs(bottom[:, 1:] - end[:, :-1])
        spread = reach.max(axis=0)[:, before].cumsum(axis=-1)[:, -1] / span
        floor, ceiling = bottom[:, before].min(axis=-1), top[:, before].max(axis=-1)
        score = robust_z(shares[:, -1], shares[:, before], min_n=span)
        with np.errstate(invalid="ignore", divide="ignore"):
            under = (floor - bottom[:, -1]) / np.where(spread > 0, spread, np.nan)
            over = (top[:, -1] - ceiling) / np.where(spread > 0, spread, np.nan)
        loud = score.value >= vol_z
        down = loud & (under >= atr_mult) & (end[:, -1] > floor)
        up = loud & (over >= atr_mult) & (end[:, -1] < ceiling) & ~down
        bars = np.isnan([top, bottom, end, shares])
        reason = codes(
            spread.shape,
            (bars[:, :, -1].any(axis=0) | np.isnan(start[:, -1]), Reason.MISSING_INPUT),
            (np.isnan(here[:, 0]), Reason.INSUFFICIENT_HISTORY),
            (bars[:, :, 1:].any(axis=(0, 2)) | np.isnan(end[:, 0]), Reason.MISSING_INPUT),
            (spread == 0, Reason.ZERO_DENOMINATOR),
            (np.isnan(score.value), Reason.ZERO_VARIANCE),
            (~(down | up), Reason.NO_PATTERN),
        )
        depth = np.where(down, under, np.where(up, over, np.maximum(under, over)))
        known = (reason == 0) | (reason == Reason.NO_PATTERN)
        extra = {"depth_atr": np.where(known, depth, np.nan), "volume_z": np.where(known, score.value, np.nan)}
        return Outcome(np.where(reason > 0, np.nan, up.astype(np.float64)), reason, extra, SWEEPS)

    found = over_windows(work, span + 2, kept, *rows, np.ones(rows[0].shape))
    return newest_sessions(found, shape, None)


@metric(
    "pat.window_dressing",
    korean="윈도드레싱",
    formula="robust z (tk.robust_z) of spread_qend against spread_other at least z_cut",
    unit="true or false; z in standard deviations",
    window="the last 3 sessions of the quarter against other 3-session blocks before them",
    null_rule="MISSING_INPUT: spread_qend is null, or all other spreads are; INSUFFICIENT_HISTORY: fewer than min_n "
    "other spreads; ZERO_VARIANCE: they are all equal",
    source="Lakonishok, Shleifer, Thaler & Vishny 1991; Carhart et al. 2002, Journal of Finance 57",
)
def window_dressing(spread_qend: ArrayLike, spread_other: ArrayLike, *, min_n: int = 20, z_cut: float = 2) -> Outcome:
    """Do institutions buy the winners of a quarter at its very end (윈도드레싱)? Known only after the quarter.

    spread_qend: (...), institutions' net ratio of the quarter's winners less that of its losers (top and bottom fifth)
    over its last 3 sessions; spread_other: (..., blocks), the same statistic of earlier blocks. Extra `z`.

    >>> window_dressing(0.09, [0.001 * block for block in range(20)]).at()["value"]
    True
    """
    found = robust_z(spread_qend, spread_other, min_n=min_n)
    value = np.where(found.reason > 0, np.nan, found.value >= z_cut)
    return Outcome(value, found.reason, {"z": found.value}, (False, True))


@metric(
    "pat.rotation",
    korean="주도 업종 교체",
    formula="rank correlation of recent and prior over the sectors that have both, with its sign turned",
    unit="-1 to 1: 1 = leadership reversed, -1 = the same leaders",
    window="the last 5 sessions and the 20 before them",
    null_rule="MISSING_INPUT: no sector has both; INSUFFICIENT_HISTORY: fewer than min_sectors have; ZERO_VARIANCE: "
    "all sectors are equal in one of them",
    source="Spearman 1904; to be called rotation, its p must be at most 0.10",
)
def rotation(recent: Mapping[str, float | None], prior: Mapping[str, float | None], *, min_sectors: int = 8) -> Outcome:
    """Do other sectors lead now than in the month before (주도 업종 교체)?

    recent, prior: sector to net ÷ turnover of a group over 5 and over the preceding 20 sessions. Extra `n`: sectors.

    >>> rotation({"A": 1, "B": 2, "C": 3}, {"A": 3, "B": 2, "C": 1}, min_sectors=3).at()
    {'value': 1.0, 'n': 3}
    """
    least = whole("min_sectors", min_sectors, 2)
    sectors = list(dict.fromkeys([*recent, *prior]))
    now, before = (
        floats(name, np.array([given.get(sector) for sector in sectors], dtype=object))
        for name, given in (("recent", recent), ("prior", prior))
    )
    value, n, constant = samples.rank_correlation(now, before)
    reason = codes(
        (), (n == 0, Reason.MISSING_INPUT), (n < least, Reason.INSUFFICIENT_HISTORY), (constant, Reason.ZERO_VARIANCE)
    )
    return Outcome(np.where(reason > 0, np.nan, 0.0 - value), reason, {"n": np.asarray(n, dtype=np.int64)})


def _built(flow: Floats, excess: Floats, span: int, kept: int | None, tails: Floats) -> Outcome:
    """Sums and days of `accumulation` on the last sessions of many rows by the compiled loop: same digits."""
    from sugeup.metrics.kernels import patterns as kernels

    sessions = flow.shape[1]
    kept = sessions if kept is None else min(kept, sessions)
    needed = [np.require(row[:, max(0, sessions - kept - span + 1) :], requirements=["C"]) for row in (flow, excess)]
    total, gained, same = (part[:, part.shape[1] - kept :] for part in kernels.building(needed[0], needed[1], span))
    absent = same < 0
    reason = codes(total.shape, (np.isnan(gained), Reason.MISSING_INPUT))
    sure = np.where(absent, np.nan, tails[same])
    days = np.where(absent, nothing(np.int64), same)
    return Outcome(total, reason, {"same_sign_days": days, "sign_p": sure, "cum_net": total, "cum_excess_ret": gained})


def _surges(rows: list[Floats], surge: float, vol_mult: float, dd: float) -> Outcome:
    """`surge_dump` of many rows by the compiled loop: same digits, no window is copied."""
    from sugeup.metrics.kernels import patterns as kernels

    sizes = (RISE_SESSIONS, PEAK_SESSIONS, BASE_SESSIONS, HOLDER_SESSIONS, SURGE_ROWS)
    price, shares, smart, individual, index = rows
    found = kernels.surges(price, shares, smart, individual, index, sizes, surge, vol_mult, dd)
    value, reason, rise, ratio, drawdown = found
    return Outcome(value, reason, {"surge": rise, "volume_ratio": ratio, "drawdown": drawdown}, SURGES)


def _swept(rows: list[Floats], span: int, atr_mult: float, vol_z: float, kept: int | None) -> Outcome:
    """`liquidity_sweep` of the last sessions of many bars by the compiled loop: same digits, windows are not copied."""
    from sugeup.metrics.kernels import patterns as kernels

    sessions = rows[0].shape[1]
    kept = sessions if kept is None else min(kept, sessions)
    needed = [np.require(row[:, max(0, sessions - kept - span - 1) :], requirements=["C", "W"]) for row in rows]
    start, top, bottom, end, shares = needed
    swept = kernels.sweep(start, top, bottom, end, shares, span, atr_mult, vol_z)
    value, reason, depth, score = (part[:, part.shape[1] - kept :] for part in swept)
    return Outcome(value, reason, {"depth_atr": depth, "volume_z": score}, SWEEPS)


def _even_tails(n: int) -> Floats:
    """P(B ≥ k) for k = 0 to n, B binomial on n even chances, exact."""
    ways = [math.comb(n, k) for k in range(n + 1)]
    return np.array([sum(ways[k:]) / 2**n for k in range(n + 1)])
