"""Anomalies (이상 탐지): how strange a day is against the past, which of many are strange, and in what way.

A p-value says how rarely such a score came up; it predicts nothing, so an anomaly has no confidence.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics import samples
from sugeup.metrics.dense import Floats, between, by_blocks, cells, floats, lines, whole
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.registry import metric

FALSE_DISCOVERIES = 0.05  # share of false alarms accepted among the days of a universe that are flagged
TYPES = (
    "MULTIVARIATE_ONLY",
    "FOREIGN_LARGE_FLOW",
    "INSTITUTION_LARGE_FLOW",
    "TURNOVER_SPIKE",
    "COMBINED_LARGE_FLOW",
    "CLOSING_CONCENTRATION",
    "FOREIGN_INSTITUTION_SAME_SIDE",
)
NAMED = ("foreign_z", "institution_z", "turnover_z", "smart_z", "close_share_z")
"""Features with a name of their own, in the order of the types from FOREIGN_LARGE_FLOW on."""


@metric(
    "ano.conformal",
    korean="이상 점수 p값·심각도",
    formula="p = (1 + past scores at least as large) ÷ (n + 1); severity = 10 * ln p ÷ ln(1 ÷ (n + 1))",
    unit="p 0-1; severity 0-10",
    window="scores of days after those that the model was fitted on, before the day judged",
    null_rule="MISSING_INPUT: the score is null, or values were given and all are null; INSUFFICIENT_HISTORY: fewer "
    "than min_n past scores",
    source="Laxhammar & Falkman 2010; Bates et al. 2023, Annals of Statistics 51",
)
def conformal(score: ArrayLike, ref: ArrayLike, *, min_n: int = 60) -> Outcome:
    """How rarely a day was as strange as this one (이상 p값), whatever the model that gave the score.

    score: (...), larger is stranger; ref: (past,), pooled over stocks, or (..., past), scores of the same frozen model;
    NaN left out. Extra `severity`, null with the value: 10 when no past score was as large.

    >>> conformal(60, range(60)).at()["severity"]
    10.0
    """
    least = whole("min_n", min_n, 1)
    shape, (rows,) = lines(ref=ref)

    def judge(now: Floats, n: Floats, at_least: Floats) -> Outcome:
        absent = np.isnan(now) | ((n == 0) & (shape[-1] > 0))
        reason = codes(now.shape, (absent, Reason.MISSING_INPUT), (n < least, Reason.INSUFFICIENT_HISTORY))
        p = np.where(reason > 0, np.nan, (1 + at_least) / (n + 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            return Outcome(p, reason, {"severity": 10 * np.log(p) / np.log(1 / (n + 1)) + 0.0})

    if len(shape) == 1:
        now, past = floats("score", score), np.sort(rows[0][np.isfinite(rows[0])])
        below = np.searchsorted(past, now, side="left")
        return judge(now, np.full(now.shape, float(past.size)), past.size - below.astype(np.float64))
    now, _ = cells(score=score, ref=np.zeros(shape[:-1]))

    def work(now: Floats, past: Floats) -> Outcome:
        return judge(now, samples.counts(past), (past >= now[..., None]).sum(axis=-1).astype(np.float64))

    return by_blocks(work, now, np.broadcast_to(rows.reshape(shape), (*now.shape, shape[-1])))


@metric(
    "ano.type",
    korean="이상 유형",
    formula="FOREIGN_INSTITUTION_SAME_SIDE when foreign_z and institution_z both reach cut in size and the flows have "
    "one sign; else the name of the largest z in size, if it reaches cut (the earlier of equals); else "
    "MULTIVARIATE_ONLY, strange as a whole only",
    unit="label",
    window="one day; each z against its past 60 sessions",
    null_rule="MISSING_INPUT: any z or sign is null: a day with a missing feature is not scored",
    source="definition; describes the day, no cause is inferred",
)
def type(
    z: Mapping[str, ArrayLike], foreign_sign: ArrayLike, institution_sign: ArrayLike, *, cut: float = 3
) -> Outcome:
    """What is strange about a strange day (이상 유형).

    z: foreign_z, institution_z, turnover_z, smart_z, close_share_z, each (...), other names are Refused; foreign_sign,
    institution_sign: (...), signs of the two net purchases; cut above 0, else Refused.

    >>> far = {"foreign_z": 4, "institution_z": 3, "turnover_z": 9, "smart_z": 5, "close_share_z": 0}
    >>> type(far, 1, 1).at()
    {'value': 'FOREIGN_INSTITUTION_SAME_SIDE'}
    """
    between("cut", cut, 0, np.inf, open_ended=True)
    given = z or {}
    unknown = sorted(set(given) - set(NAMED))
    if unknown:
        raise Refused(f"z has no {unknown[0]!r}; allowed: {', '.join(NAMED)}.")

    def work(foreign: Floats, institution: Floats, *parts: Floats) -> Outcome:
        sizes = np.abs(parts)
        absent = np.isnan([foreign, institution, *parts]).any(axis=0)
        largest = np.where(absent, 0, sizes).argmax(axis=0)
        value = np.where(sizes.max(axis=0) >= cut, 1.0 + largest, 0.0)
        together = (sizes[0] >= cut) & (sizes[1] >= cut) & (np.sign(foreign) * np.sign(institution) > 0)
        value = np.where(together, float(len(NAMED) + 1), value)
        reason = codes(value.shape, (absent, Reason.MISSING_INPUT))
        return Outcome(np.where(reason > 0, np.nan, value), reason, {}, TYPES)

    named = {f"z.{name}": given.get(name) for name in NAMED}
    return by_blocks(work, *cells(foreign_sign=foreign_sign, institution_sign=institution_sign, **named))


def judged(score: ArrayLike, calibration: ArrayLike, *, q: float = FALSE_DISCOVERIES) -> Outcome:
    """Which stocks of one day are anomalies, when all of them are tested at once (이상 종목 판정).

    score: (stocks,), NaN for a stock that was not scored; calibration: (past,), scores of the same frozen model on days
    after its fit, pooled over stocks. True where the p-value, corrected for all stocks scored, is at most q. Extras:
    `p`, `p_adj`, `severity`. Null: MISSING_INPUT, not scored; INSUFFICIENT_HISTORY, so few past scores (below
    stocks ÷ q - 1, 20 for each stock at 5%) that no stock alone could ever be flagged.
    """
    between("q", q, 0, 1, open_ended=True)
    found = conformal(score, np.ravel(floats("calibration", calibration)), min_n=1)
    tested = int(np.isfinite(found.value).sum())
    enough = (np.isfinite(floats("calibration", calibration)).sum() + 1) * q >= tested
    adjusted = samples.stepped_up(found.value.reshape(1, -1)).reshape(found.value.shape)
    rules = ((found.reason > 0, Reason.MISSING_INPUT), (not enough, Reason.INSUFFICIENT_HISTORY))
    reason = codes(found.value.shape, *rules)
    with np.errstate(invalid="ignore"):
        value = np.where(reason > 0, np.nan, adjusted <= q)
    extra = {"p": found.value, "p_adj": adjusted, "severity": found.extra["severity"]}
    return Outcome(value, reason, extra, (False, True))
