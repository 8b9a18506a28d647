"""Shared statistics (통계 도구): robust z, ranks, correlation, intervals, calibration and the hit rate of signals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sugeup.metrics import samples
from sugeup.metrics.dense import Floats, between, by_blocks, cells, floats, lines, whole
from sugeup.metrics.outcome import Outcome, Reason, codes, nothing
from sugeup.registry import metric

MIN_SAMPLE = 20
Rule = tuple[Any, Reason]


@metric(
    "tk.robust_z",
    korean="강건 표준점수",
    formula="distance of x from the median of the past, in units of 1.4826 * median absolute deviation; when that is "
    "0, in units of 1.2533 * mean absolute deviation from the median",
    unit="standard deviations",
    window="the past values handed in (60 sessions unless a metric says otherwise), never x itself",
    null_rule="MISSING_INPUT: x is null, or values were given and all are null; INSUFFICIENT_HISTORY: fewer than min_n "
    "past values; ZERO_VARIANCE: all past values are equal, or differ so little or so much that the z is no number",
    source="Iglewicz & Hoaglin 1993, How to Detect and Handle Outliers",
)
def robust_z(x: ArrayLike, ref: ArrayLike, *, min_n: int = MIN_SAMPLE) -> Outcome:
    """How unusual a value is against its own past (강건 표준점수), without outliers hiding themselves.

    x: (...); ref: (..., past), NaN left out. Extra `method`: MAD or MEAN_AD, null with the value.

    >>> robust_z(35, range(1, 21)).at()
    {'value': 3.3050047214353167, 'method': 'MAD'}
    """
    least = whole("min_n", min_n, 1)

    def work(now: Floats, past: Floats) -> Outcome:
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            n, middle = samples.counts(past), samples.median(past)
            away = np.abs(past - middle[..., None])
            mad = 1.4826 * samples.median(away)
            mean_ad = 1.2533 * np.nansum(away, axis=-1) / n
            scale = np.where(mad > 0, mad, mean_ad)
            value = (now - middle) / scale
        absent = (np.isnan(now), Reason.MISSING_INPUT)
        flat = (~(scale > 0) | np.isinf(scale) | ~np.isfinite(value), Reason.ZERO_VARIANCE)
        reason = codes(now.shape, absent, *_short(n, past.shape[-1], least), flat)
        method = np.where(reason > 0, "", np.where(mad > 0, "MAD", "MEAN_AD"))
        return Outcome(np.where(reason > 0, np.nan, value), reason, {"method": method})

    return by_blocks(work, *_against(x, ref))


@metric(
    "tk.percentile_rank",
    korean="백분위",
    formula="share of past values below x plus half the share equal to x, times 100",
    unit="0-100",
    window="the past values handed in",
    null_rule="MISSING_INPUT: x is null, or values were given and all are null; INSUFFICIENT_HISTORY: fewer than min_n",
    source="mid-rank empirical distribution function",
)
def percentile_rank(x: ArrayLike, ref: ArrayLike, *, min_n: int = MIN_SAMPLE) -> Outcome:
    """Place of a value among past values (백분위), ties counting half.

    x: (...); ref: (..., past), NaN left out.

    >>> percentile_rank(10, range(1, 21)).at()
    {'value': 47.5}
    """
    least = whole("min_n", min_n, 1)

    def work(now: Floats, past: Floats) -> Outcome:
        n = samples.counts(past)
        below = (past < now[..., None]).sum(axis=-1)
        equal = (past == now[..., None]).sum(axis=-1)
        absent = (np.isnan(now), Reason.MISSING_INPUT)
        reason = codes(now.shape, absent, *_short(n, past.shape[-1], least))
        with np.errstate(invalid="ignore", divide="ignore"):
            return Outcome(np.where(reason > 0, np.nan, 100 * (below + 0.5 * equal) / n), reason)

    return by_blocks(work, *_against(x, ref))


@metric(
    "tk.hhi",
    korean="허핀달-허시만 집중도",
    formula="sum of squared shares, a share being a size ÷ the sum of sizes; normalized = (H - 1/n) ÷ (1 - 1/n)",
    unit="0-1",
    window="one set of members",
    null_rule="MISSING_INPUT: any size is null (the shares of the others are then unknown); ZERO_DENOMINATOR: no "
    "member, or every size is 0; normalized is null for a single member",
    source="Hirschman 1964, American Economic Review 54",
)
def hhi(weights: ArrayLike) -> Outcome:
    """How concentrated a total is in few members (허핀달-허시만 지수): 1 is one member, 1/n is an even split.

    weights: (..., members), any sign, only sizes count. Extras: `normalized` 0-1; `n` members present.

    >>> hhi([1, 1, 1, 1]).at()
    {'value': 0.25, 'normalized': 0.0, 'n': 4}
    """
    shape, (rows,) = lines(weights=weights)

    def work(rows: Floats) -> Outcome:
        size = np.abs(rows)
        n, total = samples.counts(rows), np.nansum(size, axis=-1)
        rules = ((n < rows.shape[-1], Reason.MISSING_INPUT), (total == 0, Reason.ZERO_DENOMINATOR))
        reason = codes(total.shape, *rules)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(reason > 0, np.nan, ((size / total[:, None]) ** 2).sum(axis=-1))
            normalized = np.where(n > 1, (value - 1 / n) / (1 - 1 / n), np.nan)
        return Outcome(value, reason, {"normalized": normalized, "n": n.astype(np.int64)})

    return _shaped(shape, by_blocks(work, rows))


@metric(
    "tk.spearman",
    korean="스피어만 순위상관",
    formula="correlation of the average ranks of the pairs in which both sides are present",
    unit="-1 to 1",
    window="the pairs handed in",
    null_rule="MISSING_INPUT: pairs were given and none is complete; INSUFFICIENT_HISTORY: fewer than min_n complete "
    "pairs; ZERO_VARIANCE: one side is constant",
    source="Spearman 1904, American Journal of Psychology 15",
)
def spearman(x: ArrayLike, y: ArrayLike, *, min_n: int = MIN_SAMPLE) -> Outcome:
    """Rank correlation of two samples (순위상관), insensitive to heavy tails.

    x, y: (..., pairs). Extra `n`: complete pairs.

    >>> spearman(range(20), range(20)).at()
    {'value': 1.0, 'n': 20}
    """
    least = whole("min_n", min_n, 2)
    shape, (left, right) = lines(x=x, y=y)

    def work(left: Floats, right: Floats) -> Outcome:
        value, n, constant = samples.rank_correlation(left, right)
        reason = codes(n.shape, *_short(n, left.shape[-1], least), (constant, Reason.ZERO_VARIANCE))
        return Outcome(np.where(reason > 0, np.nan, value), reason, {"n": n})

    return _shaped(shape, by_blocks(work, left, right))


@metric(
    "tk.newey_west_t",
    korean="뉴이-웨스트 t값",
    formula="mean ÷ its standard error; the squared error is the Bartlett-weighted sum of the first `lag` "
    "autocovariances (divisor n, no small-sample factor) ÷ n",
    unit="t",
    window="the values handed in, nulls closed up",
    null_rule="MISSING_INPUT: values were given and all are null; INSUFFICIENT_HISTORY: fewer than 20; "
    "ZERO_VARIANCE: constant",
    source="Newey & West 1987, Econometrica 55",
)
def newey_west_t(x: ArrayLike, *, lag: int = 5) -> Outcome:
    """Is the mean of a serially dependent series different from zero (뉴이-웨스트 t값)?

    x: (..., sessions). Extras: `mean` and `se` in the unit of x, null with the value.

    >>> newey_west_t([0.1] * 30).at()["reason"]
    'ZERO_VARIANCE'
    """
    reach = whole("lag", lag, 0)
    shape, (rows,) = lines(x=x)

    def work(rows: Floats) -> Outcome:
        n = samples.counts(rows)
        mean, se, constant = samples.serial_mean(rows, reach)
        reason = codes(n.shape, *_short(n, rows.shape[-1], MIN_SAMPLE), (constant, Reason.ZERO_VARIANCE))
        mean, se = (np.where(reason > 0, np.nan, part) for part in (mean, se))
        return Outcome(mean / se, reason, {"mean": mean, "se": se})

    return _shaped(shape, by_blocks(work, rows))


@metric(
    "tk.block_bootstrap_mean",
    korean="블록 부트스트랩 평균",
    formula="mean, with the percentile interval of the means of B resamples of circular blocks of ⌈n^⅓⌉ neighbours",
    unit="unit of x",
    window="the values handed in, nulls closed up",
    null_rule="MISSING_INPUT: values were given and all are null; INSUFFICIENT_HISTORY: fewer than 20",
    source="Künsch 1989, Annals of Statistics 17; Politis & Romano 1992",
)
def block_bootstrap_mean(
    x: ArrayLike, *, block: int | None = None, B: int = 2000, seed: int = 20240101, conf: float = 0.95
) -> Outcome:
    """Mean of a serially dependent series with an honest interval (블록 부트스트랩), the same at every call.

    x: (..., sessions). Extras: `lo`, `hi`; `block`, the block length used. The generator is PCG64, seeded afresh for
    every sample.

    >>> block_bootstrap_mean([1.0] * 27).at()
    {'value': 1.0, 'lo': 1.0, 'hi': 1.0, 'block': 3}
    """
    length = None if block is None else whole("block", block, 1)
    draws = whole("B", B, 1)
    between("conf", conf, 0, 1, open_ended=True)
    shape, (rows,) = lines(x=x)
    n = samples.counts(rows)
    reason = codes(n.shape, *_short(n, rows.shape[-1], MIN_SAMPLE))
    value, lo, hi = (np.full(n.shape, np.nan) for _ in range(3))
    used = np.full(n.shape, nothing(np.int64))
    for row in np.flatnonzero(reason == 0):
        sample = rows[row][np.isfinite(rows[row])]
        used[row] = min(length or samples.cube_root_up(sample.size), sample.size)
        means = samples.circular_means(sample, int(used[row]), draws, seed)
        value[row] = sample.mean()
        lo[row], hi[row] = np.quantile(means, [(1 - conf) / 2, (1 + conf) / 2])
    return _shaped(shape, Outcome(value, reason, {"lo": lo, "hi": hi, "block": used}))


@metric(
    "tk.wilson_interval",
    korean="윌슨 신뢰구간",
    formula="hits ÷ n, with the Wilson score interval",
    unit="0-1",
    window="n trials",
    null_rule="MISSING_INPUT: hits or n is null; ZERO_DENOMINATOR: n is 0",
    source="Wilson 1927, Journal of the American Statistical Association 22",
)
def wilson_interval(hits: ArrayLike, n: ArrayLike, *, conf: float = 0.95) -> Outcome:
    """A proportion with its interval (윌슨 신뢰구간), usable at small n and at 0% or 100%.

    hits, n: (...), counts with 0 ≤ hits ≤ n, else Refused. Extras `lo`, `hi`: 0-1.

    >>> wilson_interval(0, 0).at()["reason"]
    'ZERO_DENOMINATOR'
    """

    def work(won: Floats, trials: Floats) -> Outcome:
        absent = np.isnan(won) | np.isnan(trials)
        reason = codes(won.shape, (absent, Reason.MISSING_INPUT), (trials == 0, Reason.ZERO_DENOMINATOR))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(reason > 0, np.nan, won / trials)
        lo, hi = samples.wilson_bounds(value, trials, conf)
        return Outcome(value, reason, {"lo": lo, "hi": hi})

    return by_blocks(work, *samples.binomial_counts(hits, n, conf))


@metric(
    "tk.bh_adjust",
    korean="다중검정 보정 p값",
    formula="p * m ÷ rank, made non-decreasing from the largest p downwards and at most 1; m = p-values present",
    unit="0-1",
    window="one family of tests: everything tested in the same call",
    null_rule="MISSING_INPUT: that p is null; it does not count in m",
    source="Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57",
)
def bh_adjust(p: ArrayLike) -> Outcome:
    """p-values corrected for having tested many stocks, sectors or patterns at once (다중검정 보정).

    p: (..., family), in 0-1, else Refused. The result keeps the order of the input; signal where it is ≤ 0.10.

    >>> bh_adjust([0.25, 0.5]).value.tolist()
    [0.5, 0.5]
    """
    between("p", p, 0, 1)
    shape, (rows,) = lines(p=p)

    def work(rows: Floats) -> Outcome:
        value = samples.stepped_up(rows)
        return Outcome(value, codes(rows.shape, (np.isnan(value), Reason.MISSING_INPUT)))

    adjusted = by_blocks(work, rows)
    return Outcome(adjusted.value.reshape(shape), adjusted.reason.reshape(shape))


@metric(
    "tk.isotonic",
    korean="단조 회귀 보정 확률",
    formula="non-decreasing least-squares fit of the outcomes (0 or 1) on the raw scores, equal scores averaged first, "
    "read linearly between scores and held at the ends outside their range",
    unit="probability 0-1",
    window="all signals whose outcome was known before the prediction",
    null_rule="UNCALIBRATED: fewer than min_n signals with a score and an outcome; MISSING_INPUT: that query is null",
    source="Ayer et al. 1955; Barlow et al. 1972 (pool adjacent violators)",
)
def isotonic(score: ArrayLike, outcome: ArrayLike, query: ArrayLike, *, min_n: int = 200) -> Outcome:
    """Turns raw scores into probabilities by what happened after past signals (확률 보정).

    score, outcome: (signals,), pairs with a null left out, outcomes 0 or 1, else Refused; query: (...) raw scores.

    >>> isotonic(range(200), [0, 1] * 100, [0.5]).at(0)["value"]
    0.25
    """
    least = whole("min_n", min_n, 1)
    _, (raw, happened) = lines(score=score, outcome=outcome)
    samples.must_be_binary(happened)
    asked = floats("query", query)
    known = np.isfinite(raw) & np.isfinite(happened)
    if known.sum() < least:
        return Outcome(np.full(asked.shape, np.nan), np.full(asked.shape, Reason.UNCALIBRATED, dtype=np.uint8))
    value = np.asarray(np.interp(asked, *samples.rising_fit(raw[known], happened[known])))
    return Outcome(value, codes(asked.shape, (np.isnan(asked), Reason.MISSING_INPUT)))


@metric(
    "tk.brier",
    korean="브라이어 점수",
    formula="mean squared difference of probability and outcome; reference = ȳ(1 - ȳ), the score of always saying the "
    "base rate; skill = 1 - score ÷ reference",
    unit="0-1, lower is better; skill at most 1",
    window="the resolved predictions handed in",
    null_rule="MISSING_INPUT: no prediction with both probability and outcome; skill is null when all outcomes agree",
    source="Brier 1950, Monthly Weather Review 78",
)
def brier(prob: ArrayLike, outcome: ArrayLike) -> Outcome:
    """How good probabilities were (브라이어 점수), and how much better than always saying the base rate.

    prob, outcome: (..., predictions), 0-1 and 0 or 1, else Refused; pairs with a null left out.

    >>> brier([1, 0], [1, 0]).at()
    {'value': 0.0, 'reference': 0.25, 'skill': 1.0}
    """
    shape, (said, happened) = lines(prob=prob, outcome=outcome)

    def work(said: Floats, happened: Floats) -> Outcome:
        between("prob", said, 0, 1)
        samples.must_be_binary(happened)
        both = np.isfinite(said) & np.isfinite(happened)
        n = both.sum(axis=-1)
        reason = codes(n.shape, (n == 0, Reason.MISSING_INPUT))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(both, (said - happened) ** 2, 0).sum(axis=-1) / n
            rate = np.where(both, happened, 0).sum(axis=-1) / n
            reference = rate * (1 - rate)
            skill = np.where(reference > 0, 1 - value / reference, np.nan)
        return Outcome(value, reason, {"reference": reference, "skill": skill})

    return _shaped(shape, by_blocks(work, said, happened))


@metric(
    "val.hit_rate",
    korean="신호 적중률",
    formula="hits ÷ n; overlapping outcomes count as n_eff = ⌊n ÷ h⌋ independent ones, for the Wilson "
    "interval and the one-sided p = P(Bin(n_eff, base) ≥ value * n_eff rounded, half to even); lift = value - base",
    unit="0-1",
    window="resolved signals with horizon h sessions",
    null_rule="MISSING_INPUT: hits, n or base is null; ZERO_DENOMINATOR: n is 0; INSUFFICIENT_HISTORY: n is below h",
    source="Wilson 1927; exact binomial test",
)
def hit_rate(hits: ArrayLike, n: ArrayLike, base: ArrayLike, h: int, *, conf: float = 0.95) -> Outcome:
    """How often a signal's declared event came true, against its unconditional rate (적중률).

    hits, n: (...), counts with 0 ≤ hits ≤ n; base: (...), 0-1; else Refused. Extras: `lo`, `hi`, `lift`, `n_eff`,
    `p_value`.

    >>> hit_rate(132, 240, 0.5, 5).at()["n_eff"]
    48
    """
    horizon = whole("h", h, 1)
    between("base", base, 0, 1)
    won, trials = samples.binomial_counts(hits, n, conf)

    def work(won: Floats, trials: Floats, usual: Floats) -> Outcome:
        known = np.isfinite(won) & np.isfinite(trials) & np.isfinite(usual)
        independent = np.where(known, np.nan_to_num(trials) // horizon, 0)
        rules = ((~known, Reason.MISSING_INPUT), (trials == 0, Reason.ZERO_DENOMINATOR))
        reason = codes(won.shape, *rules, (independent == 0, Reason.INSUFFICIENT_HISTORY))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(reason > 0, np.nan, won / trials)
        lo, hi = samples.wilson_bounds(value, independent, conf)
        least = np.rint(np.nan_to_num(value) * independent)
        p_value = samples.binomial_tail(least, independent, np.where(reason > 0, np.nan, usual))
        extra = {"lo": lo, "hi": hi, "lift": value - usual, "n_eff": independent.astype(np.int64), "p_value": p_value}
        return Outcome(value, reason, extra)

    return by_blocks(work, *cells(hits=won, n=trials, base=base))


def _against(x: ArrayLike, ref: ArrayLike) -> tuple[Floats, Floats]:
    """x and its past in fitting shapes."""
    shape, (past,) = lines(ref=ref)
    now, _ = cells(x=x, ref=np.zeros(shape[:-1]))
    return now, np.broadcast_to(past.reshape(shape), (*now.shape, shape[-1]))


def _short(n: NDArray[Any], length: int, least: int) -> tuple[Rule, Rule]:
    return ((n == 0) & (length > 0), Reason.MISSING_INPUT), (n < least, Reason.INSUFFICIENT_HISTORY)


def _shaped(shape: tuple[int, ...], rows: Outcome) -> Outcome:
    """The outcome of flattened samples in the shape of their leading axes."""
    lead = shape[:-1]
    extra = {name: part.reshape(lead) for name, part in rows.extra.items()}
    return Outcome(rows.value.reshape(lead), rows.reason.reshape(lead), extra)
