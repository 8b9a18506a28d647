"""Smart-money signals (스마트머니 신호): large executions, institutions on one side, a surge of foreigners; all tested.

A signal needs a large z and a p-value that survives the correction for having tested the whole market.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics import samples
from sugeup.metrics.anomalies import conformal
from sugeup.metrics.dense import Floats, between, by_blocks, cells, floats
from sugeup.metrics.outcome import Outcome, Reason, Single, codes

POOL = 1000  # past z-scores that a p-value needs at least
Z_FROM, P_UP_TO = 2.0, 0.10
SURGE_DAYS = 4  # of the last 5 sessions
SAME_SIDE = 5  # of the seven kinds of institutions
DRAWS, SEED = 2000, 20240101
LEAST_SESSIONS = 20
SIZES = ("S", "M", "L")


def pooled_p(z: ArrayLike, past: ArrayLike, *, least: int = POOL) -> Outcome:
    """How rarely anybody's z was as large in size (경험적 p값), for every member of a family tested at once.

    z: (members,), such as the stocks of a market; past: z of all members over the previous 60 sessions, any shape, NaN
    left out. Value p = (1 + past sizes at least as large) ÷ (n + 1); extras `p_adj`, corrected for all members
    present, and `strength` = 100 * (1 - p). MISSING_INPUT: no z; INSUFFICIENT_HISTORY: fewer than `least` past values.
    """
    found = conformal(np.abs(floats("z", z)), np.abs(floats("past", past)).ravel(), min_n=least)
    adjusted = samples.stepped_up(found.value.reshape(1, -1)).reshape(found.value.shape)
    return Outcome(found.value, found.reason, {"p_adj": adjusted, "strength": 100 * (1 - found.value)})


def large_trade_cluster(z: ArrayLike, p_adj: ArrayLike) -> Outcome:
    """Are large executions on the buying side unusual (대량체결 집중)? True or false; MISSING_INPUT: an input is null.

    z, p_adj: (...), of the signed value of ticks from `smt.block_threshold` on ÷ turnover over 5 sessions.
    """
    return _signal(z, p_adj, 1.0)


def foreign_surge(z: ArrayLike, p_adj: ArrayLike, net_buy_days: ArrayLike) -> Outcome:
    """Do foreigners buy unusually much, and on most days (외국인 순매수 급증)? MISSING_INPUT: an input is null.

    z, p_adj: (...), of foreign net ÷ turnover over 5 sessions; net_buy_days: (...), of those 5, 0-5, else Refused.
    """
    between("net_buy_days", net_buy_days, 0, 5)
    days = floats("net_buy_days", net_buy_days)
    return _signal(z, p_adj, np.where(np.isnan(days), np.nan, days >= SURGE_DAYS))


def institution_same_side(z: ArrayLike, p_adj: ArrayLike, net: ArrayLike) -> Outcome:
    """Do institutions buy unusually much, and most kinds of them (기관 동반 순매수)?

    z, p_adj: (...), of institution net ÷ turnover over 5 sessions; net: (7, ...), net purchases of the seven kinds in
    KRW over the same sessions. Extras: `buyers`, kinds that bought; `active`, kinds that traded on balance;
    `coordination`, share of the larger side, 0.5-1. MISSING_INPUT: an input is null; INSUFFICIENT_HISTORY: fewer than
    five active kinds.
    """
    nets = floats("net", net)
    if nets.ndim < 1 or nets.shape[0] != 7:
        raise Refused(f"net must hold the seven kinds of institutions first; received shape {nets.shape}.")
    buyers, sellers = (nets > 0).sum(axis=0), (nets < 0).sum(axis=0)
    active, unknown = buyers + sellers, np.isnan(nets).any(axis=0)
    found = _signal(z, p_adj, np.where(unknown, np.nan, buyers >= SAME_SIDE))
    few = (active < SAME_SIDE) & ~unknown
    reason = np.where(few, np.uint8(Reason.INSUFFICIENT_HISTORY), found.reason).astype(np.uint8)
    with np.errstate(invalid="ignore", divide="ignore"):
        together = np.where(few | unknown, np.nan, np.maximum(buyers, sellers) / active)
    extra = {"buyers": buyers, "active": active, "coordination": together}
    extra = {name: np.broadcast_to(part, reason.shape) for name, part in extra.items()}
    return Outcome(np.where(reason > 0, np.nan, found.value), reason, extra, found.labels)


def stealth(change: ArrayLike, volume: ArrayLike, *, conf: float = 0.95) -> Single:
    """Do trades of middle size move the price more than their share of the volume explains (은밀한 매집)?

    change, volume: (sessions, 3), price change and volume of the classes S, M, L (`smt.wpc`) of each session. Sessions
    count by the size of their total change, those without one do not. Value {class: share of the change - share of the
    volume}; extras `ratio` of both shares of M, its bootstrap interval `lo`, `hi` over blocks of sessions, `stealth`
    (lo above 1), `n` sessions. MISSING_INPUT: no complete session; INSUFFICIENT_HISTORY: fewer than 20;
    ZERO_DENOMINATOR: M has no volume. Barclay & Warner 1993.
    """
    between("conf", conf, 0, 1, open_ended=True)
    moved, traded = floats("change", change), floats("volume", volume)
    if moved.shape != traded.shape or moved.ndim != 2 or moved.shape[1] != len(SIZES):
        raise Refused(f"change and volume must be (sessions, 3); received {moved.shape} and {traded.shape}.")
    complete = np.isfinite(moved).all(axis=1) & np.isfinite(traded).all(axis=1) & (traded.sum(axis=1) > 0)
    moved, traded = moved[complete], traded[complete]
    total = moved.sum(axis=1)
    some = total != 0
    moved, traded, total = moved[some], traded[some], total[some]
    n = int(total.size)
    empty = {"ratio": None, "lo": None, "hi": None, "stealth": None, "n": n}
    if not complete.any():
        return Single(None, Reason.MISSING_INPUT.name, empty)
    if n < LEAST_SESSIONS:
        return Single(None, Reason.INSUFFICIENT_HISTORY.name, empty)
    weight = np.abs(total)
    prices = moved * np.sign(total)[:, None]
    shares = weight[:, None] * traded / traded.sum(axis=1, keepdims=True)
    if shares[:, 1].sum() == 0:
        return Single(None, Reason.ZERO_DENOMINATOR.name, empty)
    excess = (prices.sum(axis=0) - shares.sum(axis=0)) / weight.sum()
    block = samples.cube_root_up(n)
    means = [samples.circular_means(part, block, DRAWS, SEED) for part in (prices[:, 1], shares[:, 1])]
    drawn = means[0][means[1] > 0] / means[1][means[1] > 0]
    low, high = (float(bound) for bound in np.quantile(drawn, [(1 - conf) / 2, (1 + conf) / 2]))
    ratio = float(prices[:, 1].sum() / shares[:, 1].sum())
    value = {name: float(part) for name, part in zip(SIZES, excess, strict=True)}
    return Single(value, extra={"ratio": ratio, "lo": low, "hi": high, "stealth": low > 1, "n": n})


def _signal(z: ArrayLike, p_adj: ArrayLike, condition: ArrayLike) -> Outcome:
    """z from 2 with p_adj up to 0.10, and a condition of 1; null where one of the three is."""
    between("p_adj", p_adj, 0, 1)

    def work(z: Floats, p: Floats, met: Floats) -> Outcome:
        reason = codes(z.shape, (np.isnan(z) | np.isnan(p) | np.isnan(met), Reason.MISSING_INPUT))
        value = (z >= Z_FROM) & (p <= P_UP_TO) & (met > 0)
        return Outcome(np.where(reason > 0, np.nan, value), reason, {}, (False, True))

    return by_blocks(work, *cells(z=z, p_adj=p_adj, condition=condition))
