"""고른 업종 수급과 순환매 판정: members of a sector bought more than other stocks, while those of another are sold.

Won of a sector are led by its largest member and its busiest session. Here each member has one vote and each session
too (`smt.evened_flow`), and what is tested is what 순환매 says: one sector gains while another one loses.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, between, floats, whole
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.metrics.unusual_flow import ALPHA, POOL, SIDES, unusual_flow
from sugeup.registry import metric

SPAN = 10
"""Sessions of the window of `smt.evened_flow` whose sums over foreigners and institutions are the votes."""
CAP, MEMBERS = 4.0, 5
STRETCH, LEAST, GATE = 2 * SPAN, 60, 2.5
NOBODY = -1


@metric(
    "sec.evened_flow",
    korean="고른 업종 수급",
    formula="√members * (mean of the members' z, each cut off at ±cap and less the median of its market)",
    unit="that of z, of a mean of so many independent stocks; above 0 bought more than the market",
    window="that of z, session by session",
    null_rule="MISSING_INPUT: fewer than min_members members have a z",
    source="definition; Stouffer, Suchman, DeVinney, Star & Williams 1949, with the median of the market as the zero",
)
def evened_sector_flow(
    z: ArrayLike, sector: ArrayLike, market: ArrayLike | None = None, *, cap: float = CAP, min_members: int = MEMBERS
) -> Outcome:
    """Are the members of a sector bought more than other stocks, every member counting alike (고른 업종 수급)?

    z: (stocks, sessions) such as (foreign + institution) ÷ √2 of `smt.evened_flow`, None where there is none. sector:
    number of each stock's sector from 0 on, (stocks,) or (stocks, sessions), -1 without one; market: number of its
    market, (stocks,), None: one for all. One stock that is bought very much speaks for itself and not for its sector,
    so it counts `cap` at most. Flows persist, so ordinary values scatter wider than 1: `sec.unusual_rotation` holds
    them against those of a year. Result (sectors, sessions) in the order of the numbers; extra `n`, members with a z.

    >>> evened_sector_flow([[1.0], [1.0], [-1.0], [-1.0]], [0, 0, 1, 1], min_members=2).at(0, -1)
    {'value': 1.414213562373095, 'n': 2}
    """
    between("cap", cap, 0, math.inf, open_ended=True)
    least, every = whole("min_members", min_members, 1), floats("z", z)
    if every.ndim != 2:
        raise Refused(f"z must be (stocks, sessions); received shape {every.shape}.")
    place = _numbers(sector, every)
    known = np.isfinite(every)
    vote = _beside_market(np.clip(every, -cap, cap), _group("market", market, len(every)))
    sectors = int(place.max(initial=NOBODY)) + 1
    counted = known & (place > NOBODY)
    at = (place * every.shape[1] + np.arange(every.shape[1]))[counted]
    shape, size = (sectors, every.shape[1]), sectors * every.shape[1]
    n = np.bincount(at, minlength=size).reshape(shape)
    total = np.bincount(at, weights=vote[counted], minlength=size).reshape(shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = total / np.sqrt(n)
    reason = codes(shape, (n < least, Reason.MISSING_INPUT))
    return Outcome(np.where(reason > 0, np.nan, value), reason, {"n": n.astype(np.int64)})


@metric(
    "sec.unusual_rotation",
    korean="이상 순환매 판정",
    formula="smt.unusual_flow of (z ÷ √members of a - z ÷ √members of b) ÷ √(1 ÷ members of a + 1 ÷ members of b) over "
    "every two sectors a, b of a market, all of them over 250 sessions as one family; BUY where a sector gained from a "
    "partner in one that is told, SELL where it lost to one, z of both at least `gate` scales of the null off 0 on "
    "opposite sides, pairs taken from the smallest p on, each sector once",
    unit="BUY, SELL or NONE; p one-sided",
    window="that of z, tested together with the 250 sessions up to it",
    null_rule="MISSING_INPUT: z of the newest session is null, or no other sector of the market has one; "
    "INSUFFICIENT_HISTORY: the pairs of fewer than min_n past sessions; ZERO_VARIANCE: the past z are all 0",
    source="as smt.unusual_flow; measured in docs/accuracy.md",
)
def unusual_rotation(
    z: ArrayLike,
    members: ArrayLike,
    market: ArrayLike | None = None,
    *,
    stretch: int = STRETCH,
    alpha: float = ALPHA,
    pool: int = POOL,
    min_n: int = LEAST,
    gate: float = GATE,
) -> Outcome:
    """Did money leave one sector for another on the newest session beyond what is ordinary (이상 순환매)?

    z: (sectors, sessions) of `sec.evened_flow`, oldest first; members: its `n`. market: a number for each sector,
    (sectors,); sectors of different numbers are never paired, None: all are one market. A pair shows a rotation better
    than each of its sides; `gate` keeps one that is extreme from speaking for both, and what a sector gained is told of
    one partner. min_n: past sessions whose pairs make the null distribution; 60 hold six separate windows of 10
    sessions, with 20 sectors 120 separate figures, of which it needs one in 100. Extras: `p` and `p_adj` of the
    sector's pair, 1 where it has none, and `partner`, the row of the other side.

    >>> calm = [([0.5, -0.5] if row % 2 else [-0.5, 0.5]) * 40 + [end] for row, end in enumerate((9.0, -9.0, 0.5))]
    >>> unusual_rotation(calm, [[5] * 81] * 3).names()
    ['BUY', 'SELL', 'NONE']
    """
    least, every = whole("min_n", min_n, 1), floats("z", z)
    between("gate", gate, 0, math.inf)
    if every.ndim != 2 or not every.shape[1]:
        raise Refused(f"z must be (sectors, sessions) with at least one session; received shape {every.shape}.")
    groups = _group("market", market, len(every))
    size = floats("members", members)
    if size.shape != every.shape:
        raise Refused(f"members must be (sectors, sessions) as z {every.shape}; received shape {size.shape}.")
    between("members", size, 0, math.inf)
    first, second = np.triu_indices(len(every), 1)
    paired = (groups[first] == groups[second]) & np.isfinite(every[first, -1] - every[second, -1])
    first, second = first[paired], second[paired]
    now = every[:, -1]
    value, p, adjusted = np.full(now.shape, np.nan), np.full(now.shape, np.nan), np.full(now.shape, np.nan)
    partner = np.full(now.shape, np.iinfo(np.int64).min)
    reason = np.where(np.isin(np.arange(len(now)), (first, second)), Reason.NONE, Reason.MISSING_INPUT)
    if len(first):
        with np.errstate(invalid="ignore", divide="ignore"):
            part = 1 / size[:, -pool - 1 :]
            mean = every[:, -pool - 1 :] * np.sqrt(part)
            apart = (mean[first] - mean[second]) / np.sqrt(part[first] + part[second])
        told = unusual_flow(apart, stretch=stretch, alpha=alpha, pool=pool, min_n=least * len(first))
        reason[reason == Reason.NONE] = told.reason[0]
        if not told.reason[0]:
            _judge((value, p, adjusted, partner), now, first, second, told, gate)
            value[np.isfinite(value) & (adjusted > alpha)] = SIDES.index("NONE")
    extra = {"p": p, "p_adj": adjusted, "partner": partner}
    return Outcome(value, reason.astype(np.uint8), extra, SIDES)


def _judge(
    into: tuple[Floats, Floats, Floats, NDArray[np.int64]],
    now: Floats,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    told: Outcome,
    gate: float,
) -> None:
    """Pairs from the rarest on, each sector in one; a pair with a side that stays near the market speaks for none."""
    value, p, adjusted, partner = into
    ordinary = SIDES.index("NONE")
    for rows in (first, second):
        value[rows], p[rows], adjusted[rows] = ordinary, 1.0, 1.0
    gained = np.where(now[first] > now[second], first, second)
    lost = first + second - gained
    off = gate * float(told.extra["scale"][0])
    both = np.flatnonzero((now[gained] >= off) & (now[lost] <= -off))
    for at in both[np.argsort(told.extra["p"][both], kind="stable")]:
        sides = [(gained[at], lost[at], "BUY"), (lost[at], gained[at], "SELL")]
        if partner[gained[at]] < 0 and partner[lost[at]] < 0:
            for row, other, side in sides:
                value[row], partner[row] = SIDES.index(side), other
                p[row], adjusted[row] = told.extra["p"][at], told.extra["p_adj"][at]


def _group(name: str, given: ArrayLike | None, rows: int) -> Floats:
    """Number of the market of each row."""
    found = np.zeros(rows) if given is None else floats(name, given)
    if found.shape != (rows,):
        raise Refused(f"{name} must have a number for each of {rows} rows; received shape {found.shape}.")
    if np.isnan(found).any():
        raise Refused(f"{name} must have a number for each of {rows} rows; row {np.isnan(found).argmax()} has none.")
    return found


def _beside_market(vote: Floats, market: Floats) -> Floats:
    """Votes less the median of those of the same market and session; 0 where there is none."""
    found = np.zeros(vote.shape)
    for one in np.unique(market):
        rows = market == one
        ordered = np.sort(vote[rows], axis=0)
        count = np.isfinite(ordered).sum(axis=0)
        middle = np.array([np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(ordered) - 1)])
        found[rows] = vote[rows] - np.take_along_axis(ordered, middle, axis=0).mean(axis=0)
    return np.nan_to_num(found, nan=0.0)


def _numbers(sector: ArrayLike, z: Floats) -> NDArray[np.int64]:
    """Sector of each stock on each session."""
    given = floats("sector", sector)
    if given.shape not in ((len(z),), z.shape):
        raise Refused(f"sector must be (stocks,) or (stocks, sessions) of z {z.shape}; received shape {given.shape}.")
    between("sector", given, NOBODY, math.inf)
    found = np.nan_to_num(given, nan=NOBODY).astype(np.int64)
    return np.broadcast_to(found if found.ndim == 2 else found[:, None], z.shape)
