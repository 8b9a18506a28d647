"""Foreign holdings (외국인 보유): changes, runs, milestones, room under the legal limit, bounds of concentration.

Only foreign holdings are published every day; levels of institutions, individuals and treasury shares are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, between, by_blocks, cells, floats, lines, newest, shaped
from sugeup.metrics.outcome import Outcome, Reason, Rows, codes
from sugeup.registry import metric

TRENDS = ("DECREASING", "FLAT", "INCREASING")
ROUNDING = 4 * float(np.finfo(np.float64).eps)


@metric(
    "own.change",
    korean="외국인 지분율 변화",
    formula="100 * (shares1 ÷ listed1 - shares0 ÷ listed0); shares_change = shares1 - shares0; quantity_effect = "
    "shares_change * price0; price_effect = shares1 * (price1 - price0); value_change = their sum; INCREASING from "
    "+flat, DECREASING from -flat, else FLAT",
    unit="percentage points; shares; KRW",
    window="the first and the last available row of the window, shares in the latest share basis",
    null_rule="MISSING_INPUT: any input is null or negative; ZERO_DENOMINATOR: no listed shares",
    source="definition; the value change is split so that a price move is not read as buying",
)
def change(
    shares0: ArrayLike,
    shares1: ArrayLike,
    listed0: ArrayLike,
    listed1: ArrayLike,
    price0: ArrayLike,
    price1: ArrayLike,
    *,
    flat: float = 0.01,
) -> Outcome:
    """How a holding changed between two dates (지분율 변화), buying apart from price moves.

    shares0, shares1, listed0, listed1: (...), split-adjusted shares; price0, price1: (...) in KRW, same basis; flat in
    percentage points, from 0, else Refused. Extras: `shares_change`, `value_change`, `quantity_effect`,
    `price_effect`, `trend`; all null with the value.

    >>> change(1000, 1100, 5000, 5000, 100, 110).at()["quantity_effect"]
    10000.0
    """
    between("flat", flat, 0, np.inf)

    def work(held0: Floats, held1: Floats, all0: Floats, all1: Floats, won0: Floats, won1: Floats) -> Outcome:
        absent = ~((held0 >= 0) & (held1 >= 0) & (all0 >= 0) & (all1 >= 0) & (won0 >= 0) & (won1 >= 0))
        empty = (all0 == 0) | (all1 == 0)
        reason = codes(held0.shape, (absent, Reason.MISSING_INPUT), (empty, Reason.ZERO_DENOMINATOR))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(reason > 0, np.nan, 100 * (held1 / all1 - held0 / all0))
            shares = np.where(reason > 0, np.nan, held1 - held0)
            quantity, price = shares * won0, np.where(reason > 0, np.nan, held1 * (won1 - won0))
            steps = (value >= flat).astype(np.int64) - (value <= -flat)
        extra = {
            "shares_change": shares,
            "value_change": quantity + price,
            "quantity_effect": quantity,
            "price_effect": price,
            "trend": np.where(reason > 0, "", np.array(TRENDS)[steps + 1]),
        }
        return Outcome(value, reason, extra)

    named = {"shares0": shares0, "shares1": shares1, "listed0": listed0, "listed1": listed1}
    return by_blocks(work, *cells(**named, price0=price0, price1=price1))


@metric(
    "own.streak",
    korean="연속 증감 일수",
    formula="length of the run of daily changes with the sign of the newest one, with that sign; 0 when the newest "
    "change is 0",
    unit="sessions, signed",
    window="back to the last change of another sign, of 0, or the last gap",
    null_rule="MISSING_INPUT: shares of the session or of the one before are null; INSUFFICIENT_HISTORY: first session",
    source="definition of a run",
)
def streak(shares: ArrayLike, *, last: int | None = None) -> Outcome:
    """For how many sessions in a row a holding has grown or shrunk (연속 순증·순감 일수).

    shares: (..., sessions), split-adjusted, oldest first; one value per session: +3 is the third rise in a row.

    >>> streak([10, 12, 11, 12, 13, 15]).at(-1)
    {'value': 3.0}
    """
    kept = newest(last)
    shape, (held,) = lines(shares=shares)

    def work(held: Floats) -> Outcome:
        sign = np.full(held.shape, np.nan)
        step = np.diff(held, axis=-1)
        unchanged = np.abs(step) <= ROUNDING * np.maximum(np.abs(held[:, 1:]), np.abs(held[:, :-1]))
        sign[:, 1:] = np.where(unchanged, 0.0, np.sign(step))
        place = np.broadcast_to(np.arange(held.shape[-1]), held.shape)
        fresh = np.ones(held.shape, dtype=bool)
        fresh[:, 1:] = sign[:, 1:] != sign[:, :-1]  # a gap differs from everything, itself included
        start = np.maximum.accumulate(np.where(fresh, place, 0), axis=-1)
        absent = np.isnan(held)
        rules = ((absent, Reason.MISSING_INPUT), (place == 0, Reason.INSUFFICIENT_HISTORY))
        reason = codes(held.shape, *rules, (np.isnan(sign), Reason.MISSING_INPUT))
        return Outcome(sign * (place - start + 1), reason)

    found = by_blocks(work, held)
    value, reason = (part if kept is None else part[:, -kept:] for part in (found.value, found.reason))
    return Outcome(shaped(value, shape), shaped(reason, shape))


@metric(
    "own.milestones",
    korean="지분율 돌파 기록",
    formula="UP at a level L when pct reaches it from below, DOWN when it falls to L - hysteresis or lower from above; "
    "L = step, 2 * step, ... below 100",
    unit="dates; level and pct in %",
    window="the dates handed in; the first one sets the state and is no event",
    null_rule="a date without pct is passed over; the whole is null, MISSING_INPUT, when no date has one; an empty "
    "list says that no level was crossed",
    source="level crossings with hysteresis, so that a holding on a level is not reported every day",
)
def milestones(
    dates: Sequence[Any], pct: ArrayLike, *, step: float = 5, hysteresis: float = 0.25
) -> Rows[dict[str, Any]]:
    """When a foreign holding crossed 5, 10, 15 ... percent (지분율 돌파·이탈).

    dates: oldest first; pct: as many, in %; step above 0 and hysteresis from 0 and below step, else Refused. Records
    {"date", "level", "direction": "UP" or "DOWN", "pct"}; those of one date in ascending level.

    >>> milestones(["d1", "d2"], [49.8, 50.1]).value
    ({'date': 'd2', 'level': 50.0, 'direction': 'UP', 'pct': 50.1},)
    """
    between("step", step, 0, 100, open_ended=True)
    between("hysteresis", hysteresis, 0, step)
    held = floats("pct", pct).reshape(-1)
    if len(dates) and held.size and len(dates) != held.size:
        raise Refused(f"dates ({len(dates)}) and pct ({held.size}) must have one length.")
    seen = np.flatnonzero(np.isfinite(held))
    if not len(dates) or not seen.size:
        return Rows(None, Reason.MISSING_INPUT.name)
    level = step * np.arange(1, int(np.ceil(100 / step)) + 1)
    level = level[level < 100][:, None]
    told = np.where(held[seen] >= level, 1, np.where(held[seen] <= level - hysteresis, -1, 0))
    told[:, 0] = np.where(told[:, 0] > 0, 1, -1)
    last = np.maximum.accumulate(np.where(told != 0, np.arange(seen.size), 0), axis=-1)
    state = np.take_along_axis(told, last, axis=-1)
    moved = np.argwhere(np.diff(state, axis=-1).T != 0)
    return Rows(
        tuple(
            {
                "date": dates[seen[day + 1]],
                "level": float(level[rank, 0]),
                "direction": "UP" if state[rank, day + 1] > 0 else "DOWN",
                "pct": float(held[seen[day + 1]]),
            }
            for day, rank in moved
        )
    )


@metric(
    "own.limit",
    korean="외국인 한도소진율",
    formula="100 * foreign_shares ÷ limit_shares; room_shares = limit_shares - foreign_shares",
    unit="%; shares",
    window="one session",
    null_rule="MISSING_INPUT: an input is null or negative; ZERO_DENOMINATOR: limit 0, foreigners may hold none",
    source="exchange statistics of foreign holdings (한도소진율); without a limit, the listed shares",
)
def limit(foreign_shares: ArrayLike, limit_shares: ArrayLike) -> Outcome:
    """How much of the legal limit foreigners already hold (한도소진율) and how many shares are left to them.

    foreign_shares, limit_shares: (...) in shares. Extra `room_shares`, negative when the limit is exceeded.

    >>> limit(400, 500).at()
    {'value': 80.0, 'room_shares': 100.0}
    """

    def work(held: Floats, most: Floats) -> Outcome:
        absent = ~((held >= 0) & (most >= 0))
        reason = codes(held.shape, (absent, Reason.MISSING_INPUT), (most == 0, Reason.ZERO_DENOMINATOR))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(reason > 0, np.nan, 100 * held / most)
        return Outcome(value, reason, {"room_shares": np.where(reason > 0, np.nan, most - held)})

    return by_blocks(work, *cells(foreign_shares=foreign_shares, limit_shares=limit_shares))


@metric(
    "own.concentration_bounds",
    korean="보유 집중도 범위",
    formula="with f and t the foreign and treasury shares of the stock and r = 1 - f - t the rest: lo = f² + t² + r² ÷ "
    "2 (institutions and individuals hold half of the rest each), hi = f² + t² + r² (one of them holds all of it)",
    unit="0-1, sum of squared shares over foreign, institution, individual, treasury",
    window="one session",
    null_rule="the value is always null, NOT_AVAILABLE_FROM_SOURCE: holdings of institutions and individuals are not "
    "published; MISSING_INPUT: an input is null or negative; RECONCILIATION_FAILED: together above 100%",
    source="bounds of the index of Hirschman 1964, American Economic Review 54",
)
def concentration_bounds(foreign_pct: ArrayLike, treasury_pct: ArrayLike) -> Outcome:
    """Between which bounds the concentration of owners must lie (보유 집중도 범위): a point value cannot be known.

    foreign_pct, treasury_pct: (...) in % of the listed shares. Extras `lo` and `hi`.

    >>> concentration_bounds(50, 0).at()
    {'value': None, 'reason': 'NOT_AVAILABLE_FROM_SOURCE', 'lo': 0.375, 'hi': 0.5}
    """

    def work(foreign: Floats, treasury: Floats) -> Outcome:
        f, t = foreign / 100, treasury / 100
        rest = 1 - f - t
        absent, over = ~((f >= 0) & (t >= 0)), rest < -1e-9
        rules = ((absent, Reason.MISSING_INPUT), (over, Reason.RECONCILIATION_FAILED))
        reason = codes(f.shape, *rules, (True, Reason.NOT_AVAILABLE_FROM_SOURCE))
        known = np.where(absent | over, np.nan, f**2 + t**2)
        square = np.maximum(rest, 0) ** 2
        return Outcome(np.full(f.shape, np.nan), reason, {"lo": known + square / 2, "hi": known + square})

    return by_blocks(work, *cells(foreign_pct=foreign_pct, treasury_pct=treasury_pct))
