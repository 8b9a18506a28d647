"""Bookkeeping of flows (정합성·집계): closure, session windows, differences of running totals, share bases."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, by_blocks, cells, floats, lines, whole
from sugeup.metrics.outcome import Outcome, Reason, Rows, codes
from sugeup.registry import metric

Day = TypeVar("Day", str, date)

# Nominal hours of the brokers' intraday estimates: foreigners at 09:30 and then with the institutions, institutions
# first at 10:00. See the vendors' screens of 외국인·기관 추정 가집계.
ESTIMATE_TIMES = {1: "09:30", 2: "10:00", 3: "11:20", 4: "13:20", 5: "14:30"}
WITHOUT_INSTITUTION, WITHOUT_FOREIGN = 1, 2


@metric(
    "acc.closure_check",
    korean="투자자별 순매수 합계 검증",
    formula="sum of the net purchases of the groups handed in; closed when its size is at most unit * number of groups",
    unit="KRW",
    window="one session, market, venue and product scope",
    null_rule="MISSING_INPUT: no group, or a group or the unit is null",
    source="every purchase is a sale: the groups of one market, venue and product scope add to zero",
)
def closure_check(net: Mapping[str, ArrayLike], unit: ArrayLike) -> Outcome:
    """Do the investor groups add to zero (순매수 합계 검증)? Three groups never do: other corporations are the fourth.

    net: disjoint groups that cover the market, each (...) in KRW; unit: rounding unit of the source in KRW, not
    negative, else Refused. Extras: `tolerance` in KRW, `ok`; both null with the value.

    >>> closure_check({"foreign": 5, "institution": -3, "individual": -2}, 1).at()
    {'value': 0.0, 'tolerance': 3.0, 'ok': True}
    """
    step, *groups = cells(unit=unit, **{f"net[{name}]": amounts for name, amounts in net.items()})
    if (step < 0).any():
        raise Refused(f"unit={step[step < 0][0]:g} is not allowed; allowed: numbers from 0.")

    def work(step: Floats, *groups: Floats) -> Outcome:
        total = sum(groups, np.zeros(step.shape)) if groups else np.full(step.shape, np.nan)
        absent = np.isnan(total) | np.isnan(step)
        tolerance = np.where(absent, np.nan, step * len(groups))
        extra = {"tolerance": tolerance, "ok": np.abs(total) <= tolerance}
        return Outcome(np.where(absent, np.nan, total), codes(step.shape, (absent, Reason.MISSING_INPUT)), extra)

    return by_blocks(work, step, *groups)


@metric(
    "acc.trading_day_window",
    korean="최근 거래일 구간",
    formula="the last n sessions of the exchange calendar that are not after as_of",
    unit="dates",
    window="n sessions",
    null_rule="INSUFFICIENT_HISTORY: fewer than n sessions up to as_of",
    source="exchange calendar; n days always means n sessions",
)
def trading_day_window(calendar: Sequence[Day], as_of: Day, n: int) -> Rows[Day]:
    """The sessions that "n days" means (최근 n거래일), holidays skipped.

    calendar: session dates in any order, as ISO text or dates, the same type as `as_of`; n: from 1, else Refused.

    >>> trading_day_window(["2024-02-07", "2024-02-08", "2024-02-13"], "2024-02-12", 2).at()
    {'value': ['2024-02-07', '2024-02-08']}
    """
    size = whole("n", n, 1)
    if not all(type(day) is type(as_of) for day in calendar):
        raise Refused(f"calendar and as_of must both be ISO dates or both be dates; received as_of={as_of!r}.")
    past = sorted(day for day in set(calendar) if day <= as_of)
    return Rows(tuple(past[-size:])) if len(past) >= size else Rows(None, Reason.INSUFFICIENT_HISTORY.name)


@metric(
    "acc.snapshot_increment",
    korean="누적치의 구간 증가분",
    formula="snapshot at the end of each bin - snapshot at its start; the running total is 0 at the open unless a "
    "snapshot of that minute was handed in; a last bin shorter than the interval ends at the close",
    unit="unit of the snapshots",
    window="one session from open to close",
    null_rule="inc is null when the snapshot at either end of its bin is missing: never interpolated, never carried "
    "into the next bin",
    source="cumulative vendor feeds",
)
def snapshot_increment(
    times: Sequence[str], cumulative: Sequence[float | None] | Floats, interval_minutes: int, open: str, close: str
) -> Rows[dict[str, Any]]:
    """Traded in each bin, from snapshots of a running total (누적치의 구간 증가분).

    times: "HH:MM", each once, with its `cumulative` (None = missed poll); interval_minutes from 1; else Refused.
    Records {"time": start of the bin, "inc": float or None}, oldest first.

    >>> snapshot_increment(["09:10", "09:20"], [120, 90], 10, "09:00", "09:20").value
    ({'time': '09:00', 'inc': 120.0}, {'time': '09:10', 'inc': -30.0})
    """
    step = whole("interval_minutes", interval_minutes, 1)
    start, end = _minute("open", open), _minute("close", close)
    if start >= end:
        raise Refused(f"open={open!r} must be before close={close!r}.")
    minutes = [_minute("times", time) for time in times]
    if len(minutes) != len(cumulative) or len(set(minutes)) != len(minutes):
        raise Refused(f"times ({len(minutes)}) must be distinct and as many as cumulative ({len(cumulative)}).")
    seen = {start: 0.0} | dict(
        zip(minutes, floats("cumulative", np.array(cumulative, dtype=object)).tolist(), strict=True)
    )
    bins = []
    for left in range(start, end, step):
        inc = seen.get(min(left + step, end), np.nan) - seen.get(left, np.nan)
        bins.append({"time": f"{left // 60:02d}:{left % 60:02d}", "inc": None if np.isnan(inc) else inc})
    return Rows(tuple(bins))


@metric(
    "acc.split_adjust",
    korean="액면분할 반영 주식수",
    formula="shares * product of the factors that take effect after that row",
    unit="shares in the basis of the newest row",
    window="the rows handed in; restated by definition whenever a later factor arrives",
    null_rule="MISSING_INPUT: shares of that row are null; CORPORATE_ACTION_GAP: a later factor is null",
    source="share factors of splits, mergers and bonus issues",
)
def split_adjust(shares: ArrayLike, factor: ArrayLike) -> Outcome:
    """Share counts over time in the newest share basis (수정 주식수), so that a split is not a purchase.

    shares, factor: (..., sessions), oldest first; factor is the share multiplier in force from that row (1 = none, a
    5:1 split = 5), above 0, else Refused. KRW amounts are never adjusted.

    >>> split_adjust([100, 120, 600], [1, 1, 5]).value.tolist()
    [500.0, 600.0, 600.0]
    """
    shape, (held, multiplier) = lines(shares=shares, factor=factor)
    if (multiplier <= 0).any():
        raise Refused(f"factor={multiplier[multiplier <= 0][0]:g} is not allowed; allowed: numbers above 0.")

    def work(held: Floats, multiplier: Floats) -> Outcome:
        later = np.ones(held.shape)
        later[:, :-1] = np.flip(np.cumprod(np.flip(multiplier[:, 1:], -1), axis=-1), -1)
        value = held * later
        rules = ((np.isnan(held), Reason.MISSING_INPUT), (np.isnan(value), Reason.CORPORATE_ACTION_GAP))
        return Outcome(value, codes(value.shape, *rules))

    adjusted = by_blocks(work, held, multiplier)
    return Outcome(adjusted.value.reshape(shape), adjusted.reason.reshape(shape))


@metric(
    "acc.estimate_slots",
    korean="외국인·기관 가집계 시각",
    formula="running estimate of each slot at its nominal time, without the cells that the feed cannot know",
    unit="shares, running total of the session",
    window="slots 1 to 5 of one session",
    null_rule="institution is null in slot 1 and foreign in slot 2 (NOT_PUBLISHED_YET, although the feed prints 0 or "
    "repeats a value); a missing estimate is null; the whole is null, MISSING_INPUT, when no row was handed in",
    source="publication times of the brokers' intraday tallies (가집계)",
)
def estimate_slots(rows: Sequence[Mapping[str, Any]]) -> Rows[dict[str, Any]]:
    """What the intraday estimates really say at which time (외국인·기관 추정 가집계).

    rows: {"slot": 1-5, "foreign": shares or None, "institution": shares or None}, running totals; another slot, or one
    twice, is Refused. Records {"time", "foreign", "institution"} in the order of `rows`.

    >>> estimate_slots([{"slot": 1, "foreign": 100, "institution": 0}]).value
    ({'time': '09:30', 'foreign': 100, 'institution': None},)
    """
    slots = [row.get("slot") for row in rows]
    if not set(slots) <= set(ESTIMATE_TIMES) or len(set(slots)) < len(slots):
        raise Refused(f"slots {slots} are not allowed; allowed: each of 1 to 5 at most once.")
    if not rows:
        return Rows(None, Reason.MISSING_INPUT.name)
    return Rows(
        tuple(
            {
                "time": ESTIMATE_TIMES[row["slot"]],
                "foreign": None if row["slot"] == WITHOUT_FOREIGN else row.get("foreign"),
                "institution": None if row["slot"] == WITHOUT_INSTITUTION else row.get("institution"),
            }
            for row in rows
        )
    )


def _minute(name: str, clock: str) -> int:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", str(clock))
    if not found:
        raise Refused(f"{name}={clock!r} is not allowed; allowed: a time of day as HH:MM.")
    return 60 * int(found[1]) + int(found[2])
