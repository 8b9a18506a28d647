"""대량체결 집중: does LARGE_TRADE_CLUSTER find a block trade in the trades of its session, and how often is it wrong?

Every answer is made as `get_smart_money_tracker` makes it: one threshold a stock (`smt.block_threshold` of the 20
sessions before the five), signed large value ÷ turnover over five sessions, its robust z against 60 earlier windows,
and an empirical p among the z of all stocks. Pure: trades come in as arrays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sugeup.metrics import smart_money, smart_signals
from sugeup.metrics.dense import Floats
from sugeup.metrics.window_scores import z_history
from sugeup.research import detection

WEEK, BEFORE, PAST = 5, 20, 60
QUIET = 60
"""Sessions before an event on which the same stock is asked about without one."""
HISTORY = QUIET + 40
"""Sessions needed before an event: the first answer without one has 20 to threshold by and 32 windows to stand on."""
FAMILIES = (1, 30)
"""Stocks asked about at once: one alone, and as many as a watch-list holds, none of the others unusual."""
TOP = 0.05
"""Share of a session's trades that is kept, the largest; the threshold lies among the largest 0.5%."""
LEAST = 1000
"""Fewest trades behind a threshold."""
WAYS = ("as simulated", "one print")
_DRAWS = 1000


@dataclass(frozen=True, eq=False)
class Session:
    """Trades of one stock on one session: the largest, by size; how many there were; turnover of the day in won."""

    amount: Floats
    side: Floats
    count: int
    turnover: float


@dataclass(frozen=True, eq=False)
class Case:
    """One planted block trade. `sessions` without it; at `place` it happens, `planted` by strength as it is simulated.

    `blocks`: won that changes hands, by strength.
    """

    sessions: tuple[Session, ...]
    place: int
    planted: Mapping[float, Session]
    blocks: Mapping[float, float]


def session_of(amount: Floats, side: Floats, turnover: float) -> Session:
    """A session of trades in won with their sides (1 buyer, -1 seller, 0 none), cut to the largest of them."""
    kept = max(1, int(np.ceil(TOP * amount.size)))
    largest = np.argpartition(amount, amount.size - kept)[amount.size - kept :]
    return Session(amount[largest], side[largest], amount.size, turnover)


def printed(day: Session, won: float) -> Session:
    """The day with so much of its turnover as one trade that a buyer began, the other trades smaller by as much."""
    share = min(won / day.turnover, 1.0) if day.turnover else 0.0
    rest = day.amount * (1.0 - share)
    return Session(np.append(share * day.turnover, rest), np.append(1.0, day.side), day.count + 1, day.turnover)


def threshold(days: Sequence[Session]) -> float:
    """`smt.block_threshold` of whole sessions of which the largest trades are known; NaN where it is null."""
    count = sum(day.count for day in days)
    largest = np.concatenate([day.amount for day in days])
    asked = 0.995 * (count - 1) - (count - largest.size)
    if asked < 0 or count < LEAST:
        return float("nan")
    turnover = float(np.mean([day.turnover for day in days]))
    place = min(1.0, asked / max(largest.size - 1, 1))
    return float(smart_money.block_threshold(largest, turnover, quantile=place, min_n=1).value)


def score(days: Sequence[Session], at: int) -> float:
    """z of the five sessions that end at a place; NaN where the detector has none."""
    first = at - WEEK - BEFORE + 1
    if first < 0:
        return float("nan")
    least = threshold(days[first : first + BEFORE])
    near = days[max(0, at - PAST - 2 * WEEK + 2) : at + 1]
    signed = np.array([_signed(day, least) for day in near])
    turnover = np.array([day.turnover if day.turnover > 0 else np.nan for day in near])
    week = np.ones(WEEK)
    x = np.full(len(near), np.nan)
    x[WEEK - 1 :] = np.convolve(signed, week, "valid") / np.convolve(turnover, week, "valid")
    return float(z_history(x, gap=WEEK, last=1)[0])


def _signed(day: Session, least: float) -> float:
    """Buyers' less sellers' large trades in won; NaN without a threshold, or where trades as large were not kept."""
    whole = day.amount.size == day.count or day.amount.min() < least
    large = day.amount >= least
    return float((day.amount * day.side)[large].sum()) if whole and np.isfinite(least) else float("nan")


def quiet(case: Case) -> Floats:
    """z of each of the last sessions before the event, (`QUIET`,)."""
    return np.array([score(case.sessions, at) for at in range(case.place - QUIET, case.place)])


def happened(case: Case, strength: float, way: str) -> Floats:
    """z of the five sessions whose window holds the event."""
    day = case.planted[strength]
    days = list(case.sessions)
    days[case.place] = day if way == WAYS[0] else printed(day, case.blocks[strength])
    return np.array([score(days, at) for at in range(case.place, min(case.place + WEEK, len(days)))])


@dataclass(frozen=True, eq=False)
class Scored:
    """The z of one case: without the event, and by way and strength with it; `share`: block ÷ turnover of the day."""

    quiet: Floats
    found: Mapping[tuple[str, float], Floats]
    share: Mapping[float, float]


def scored(case: Case) -> Scored:
    """All z of a case."""
    found = {(way, strength): happened(case, strength, way) for way in WAYS for strength in case.planted}
    share = {strength: case.blocks[strength] / day.turnover for strength, day in case.planted.items()}
    return Scored(quiet(case), found, share)


def told(cases: Sequence[Scored], base: float, seed: int = 1) -> dict[str, Any] | None:
    """Figures of the page; None below 1,000 z to hold an answer against. `base`: events of a stock-session."""
    pool = np.concatenate([one.quiet for one in cases]) if cases else np.empty(0)
    if np.isfinite(pool).sum() < smart_signals.POOL:
        return None
    strengths = sorted({strength for one in cases for _, strength in one.found})
    rows = [row for family in FAMILIES for row in _rows(cases, pool, family, base, strengths, seed)]
    shares = {f"{one:g}": float(np.median([case.share[one] for case in cases])) for one in strengths}
    asked = {"sessions": pool.size, "answered": int(np.isfinite(pool).sum())}
    return {"events": len(cases), "quiet": asked, "base": base, "share": shares, "rows": rows}


def _rows(
    cases: Sequence[Scored], pool: Floats, family: int, base: float, strengths: Sequence[float], seed: int
) -> Iterator[dict[str, Any]]:
    others = [np.concatenate([two.quiet for two in cases if two is not one]) for one in cases]
    runs = np.array(
        [_runs(fired(one.quiet, rest, family)) for one, rest in zip(cases, others, strict=True)], np.float64
    )
    asked = np.array([np.isfinite(one.quiet).sum() for one in cases], np.float64)
    false = _ratio(runs, asked, seed)
    met = {name: float(asked.sum()) / pool.size * rate for name, rate in false.items()}
    for way in WAYS:
        for strength in strengths:
            hits = [bool(fired(one.found[way, strength], pool, family).any()) for one in cases]
            recall = detection.rate(sum(hits), len(hits))
            answered = sum(bool(np.isfinite(one.found[way, strength]).any()) for one in cases)
            yield {
                "way": way,
                "family": family,
                "strength": strength,
                "answered": answered,
                "recall": recall,
                "false": false,
                "precision": _precision(recall, met, base),
            }


def fired(z: Floats, pool: Floats, family: int) -> NDArray[np.bool_]:
    """Where the detector speaks: z of 2 or more, and p up to 0.10 corrected for so many stocks, the others ordinary."""
    p = smart_signals.pooled_p(z, pool).value
    signal: NDArray[np.bool_] = smart_signals.large_trade_cluster(z, np.minimum(1.0, p * family)).value == 1
    return signal


def _runs(signals: NDArray[np.bool_]) -> int:
    """Alarms: runs of signals on neighbouring sessions."""
    return int((signals & ~np.append(False, signals[:-1])).sum())


def _ratio(above: Floats, below: Floats, seed: int) -> dict[str, float]:
    """Sum ÷ sum over stocks and its 95% interval from stocks drawn anew; three of the stocks where none had any."""
    drawn = np.random.default_rng(seed).integers(above.size, size=(_DRAWS, above.size))
    low, high = np.quantile(above[drawn].sum(axis=1) / below[drawn].sum(axis=1), [0.025, 0.975])
    value = float(above.sum() / below.sum())
    return {"value": value, "lo": float(low), "hi": float(high) if above.any() else 3.0 / float(below.sum())}


def _precision(recall: Mapping[str, Any], false: Mapping[str, float], base: float) -> dict[str, float | None]:
    """Share of alarms that are right where events are as rare as planted; from the ends of both intervals.

    false, base: alarms and events of a stock-session, whether it has an answer or not. Nulls where no event is found.
    """

    def of(hit: float, wrong: float) -> float | None:
        return hit * base / (hit * base + wrong) if hit or wrong else None

    if not recall["hits"]:
        return {"value": None, "lo": None, "hi": None}
    return {
        "value": of(recall["value"], false["value"]),
        "lo": of(recall["lo"], false["hi"]),
        "hi": of(recall["hi"], false["lo"]),
    }
