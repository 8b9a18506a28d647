"""대량체결: large executions of stocks from stored trades (ticks). A trade carries no investor type.

One threshold per stock measures all sessions: that of the 20 sessions before the five of the detector, so that past
windows are held against the newest one by the same yardstick.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sugeup.archive import Archive
from sugeup.metrics import smart_money
from sugeup.usecases import unusual
from sugeup.usecases.panels import Floats

WEEK, BEFORE, PAST = 5, 20, 60
AFTER = np.timedelta64(5, "m")
LEAST = 20
"""Fewest large executions behind a price impact."""
_TRADE = ("at", "price", "volume", "side")


@dataclass(frozen=True, eq=False)
class Blocks:
    """Executions from the threshold on; rows are the stocks handed in, columns the sessions.

    `count` and `value` (won) are over the five sessions; `signed` is buyer-initiated less seller-initiated value by
    session, NaN where no trade is stored; `weekly` is it ÷ turnover over five sessions.
    """

    threshold: Floats
    count: NDArray[np.int64]
    value: Floats
    signed: Floats
    weekly: Floats
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Impact:
    """Median of n large executions in bp; MINIMAL below the 25th percentile of the past, LARGE above the 75th.

    Null below 20 executions, now or in the past.
    """

    value: float | None
    label: Literal["MINIMAL", "MODERATE", "LARGE"] | None
    n: int


def load(
    archive: Archive, codes: Sequence[str], days: Sequence[date], turnover: Floats, *, past: bool = True
) -> Blocks | None:
    """Large executions of the stocks whose trades are stored; None where none is stored in the last five sessions.

    turnover: (stocks, sessions), won. Without `past` the sessions before the five are left out: no history is read.
    """
    window = days[-WEEK:]
    few = list(codes) if len(codes) <= 200 else None
    keys = archive.read("ticks", columns=[], scopes=few, start=window[0], end=window[-1])
    keys = keys.filter(pl.col("venue") == "KRX")
    stored = sorted(set(keys["code"].unique().to_list()) & set(codes))
    if not stored:
        return None
    rows = {code: at for at, code in enumerate(codes)}
    values: dict[str, list[Floats]] = {code: [] for code in stored}
    for _, code, trades in _trades(archive, stored, days[-WEEK - BEFORE : -WEEK]):
        values[code].append(trades["price"].to_numpy() * trades["volume"].to_numpy().astype(np.float64))
    threshold = np.full(len(codes), np.nan)
    for code in stored:
        adv = turnover[rows[code], -WEEK - BEFORE : -WEEK].mean()
        threshold[rows[code]] = smart_money.block_threshold(_joined(values[code]), adv).value
    signed = np.full((len(codes), len(days)), np.nan)
    count, value = np.zeros(len(codes), np.int64), np.zeros(len(codes))
    column = {day: at for at, day in enumerate(days)}
    known = [code for code in stored if np.isfinite(threshold[rows[code]])]
    for day, code, trades in _trades(archive, known, days if past else window):
        row = rows[code]
        amounts = trades["price"].to_numpy() * trades["volume"].to_numpy().astype(np.float64)
        large = amounts >= threshold[row]
        side = trades["side"].cast(pl.Float64).fill_null(0.0).to_numpy()
        signed[row, column[day]] = float((amounts * side)[large].sum())
        if day >= window[0]:
            count[row] += int(large.sum())
            value[row] += float(amounts[large].sum())
    sources = tuple(keys["source"].unique().sort().to_list())
    return Blocks(threshold, count, value, signed, unusual.ratios(signed, turnover, WEEK), sources)


def impacts(archive: Archive, thresholds: Mapping[str, float], days: Sequence[date]) -> dict[str, Impact]:
    """Code -> median impact of the large executions of the five sessions, and how it ranks among those of 60 before."""
    now: dict[str, list[Floats]] = {code: [] for code in thresholds}
    before: dict[str, list[Floats]] = {code: [] for code in thresholds}
    for day, code, trades in _trades(archive, list(thresholds), days[-PAST - WEEK :]):
        (now if day >= days[-WEEK] else before)[code].append(_impacts(trades, thresholds[code]))
    return {code: _impact(_joined(now[code]), _joined(before[code])) for code in thresholds}


def _impact(newest: Floats, past: Floats) -> Impact:
    if newest.size < LEAST or past.size < LEAST:
        return Impact(None, None, newest.size)
    median = float(np.median(newest))
    low, high = np.quantile(past, [0.25, 0.75])
    label: Literal["MINIMAL", "MODERATE", "LARGE"] = "MODERATE"
    if median < low:
        label = "MINIMAL"
    elif median > high:
        label = "LARGE"
    return Impact(median, label, newest.size)


def _joined(parts: Sequence[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.array([], np.float64)


def _impacts(trades: pl.DataFrame, threshold: float) -> Floats:
    """`smt.impact_bps` of each large execution with a side: from the trade before it to five minutes after it."""
    price = trades["price"].to_numpy().astype(np.float64)
    amounts = price * trades["volume"].to_numpy()
    side = trades["side"].cast(pl.Float64).to_numpy()
    at = trades["at"].dt.replace_time_zone(None).to_numpy()
    large = np.flatnonzero((amounts >= threshold) & np.isfinite(side))
    large = large[large > 0]
    until = at[large] + AFTER
    later = np.searchsorted(at, until, side="right") - 1
    inside = until <= at[-1] if at.size else np.zeros(0, bool)
    after = np.where(inside, price[later], np.nan) if large.size else np.array([], np.float64)
    found = smart_money.impact_bps(side[large], price[large - 1], after).value
    return found[np.isfinite(found)]


def _trades(archive: Archive, codes: Sequence[str], days: Sequence[date]) -> Iterator[tuple[date, str, pl.DataFrame]]:
    """Trades of each session and stock in their order, one session in memory at a time."""
    if not codes:
        return
    for day in days:
        rows = archive.read("ticks", columns=_TRADE, scopes=list(codes), start=day, end=day)
        rows = rows.filter(pl.col("venue") == "KRX").sort("code", "seq")
        for (code,), part in rows.group_by("code", maintain_order=True):
            yield day, str(code), part
