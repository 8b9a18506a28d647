"""The series of an answer about programme trading: what was traded in each bin of time, from running totals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from sugeup.market import sessions
from sugeup.metrics import accounting
from sugeup.usecases import windows
from sugeup.usecases.answers import FieldMeta, Shown
from sugeup.usecases.program_blocks import HOUR
from sugeup.usecases.program_figures import MINUTE, SIDES, Figures

BINS = {"CURRENT": 30, "1H": 5, "TODAY": 10}
"""Minutes of a bin, by window. The closing auction, which is told after the close, is a bin of its own."""


class Bin(Shown):
    """Traded from `time` (Seoul) on; `cumulative_net` as published at the end of the bin."""

    time: str
    buy: int | None
    sell: int | None
    net: int | None
    cumulative_net: int | None


def time_series(figures: Figures, kind: str, window: str) -> list[Bin] | None:
    """Bins of one kind from the window's start to the newest minute, oldest first; None without minutes."""
    opened, last = sessions.open_at(figures.session), figures.series["at"].max()
    if opened is None or not isinstance(last, datetime) or (window == "1H" and not figures.by_minute):
        return None
    end = last.astimezone(windows.SEOUL)
    start = max(opened, end - HOUR) if window == "1H" else opened
    seen = figures.series.filter(pl.col("at").is_between(start.astimezone(UTC), end.astimezone(UTC)))
    totals = {side: dict(zip(_clocks(seen), seen[f"{kind}_{side}_amount"].to_list(), strict=True)) for side in SIDES}
    close = min(windows.closing_moment(figures.session), end)
    bins = _bins(totals, start, close, timedelta(minutes=BINS[window]), begins=start == opened)
    if end > close:
        bins += _bins(totals, close, end, end - close, begins=False)
    return bins


def about(bins: list[Bin] | None, window: str) -> FieldMeta:
    """What is to know about the bins."""
    if bins is None:
        unstored = "the session has no minutes, or none up to its close"
        return FieldMeta(unit="won", reason="MISSING_INPUT", note=unstored)
    empty = sum(one.net is None for one in bins)
    note = f"{empty} of {len(bins)} bins are null: no row at their edge, or no figure in it" if empty else None
    reason = "MISSING_INPUT" if empty else None
    size = f"bins of {BINS[window]} minutes"
    return FieldMeta(unit="won", window=size, n=len(bins), reason=reason, note=note, metric="acc.snapshot_increment")


def _bins(
    totals: dict[str, dict[str, Any]], start: datetime, end: datetime, step: timedelta, *, begins: bool
) -> list[Bin]:
    """Differences from start to end; `begins`: running totals are 0 at the start, which is the open."""
    if start >= end:
        return []
    first, size = f"{start:%H:%M}", int(step / MINUTE)
    found = {}
    for side, seen in totals.items():
        known = seen if begins or first in seen else {first: None} | seen
        counted = accounting.snapshot_increment(list(known), list(known.values()), size, first, f"{end:%H:%M}")
        found[side] = [None if one["inc"] is None else round(one["inc"]) for one in counted.value or ()]
    bins = []
    for place in range(len(found["net"])):
        begin = start + place * step
        bins.append(
            Bin(
                time=f"{begin:%H:%M}",
                **{side: found[side][place] for side in SIDES},
                cumulative_net=totals["net"].get(f"{min(begin + step, end):%H:%M}"),
            )
        )
    return bins


def _clocks(rows: pl.DataFrame) -> list[str]:
    return rows["at"].dt.convert_time_zone("Asia/Seoul").dt.strftime("%H:%M").to_list()
