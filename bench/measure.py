"""Measuring: medians of alternating runs, so that a drift of the machine meets both sides."""

from __future__ import annotations

import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MACHINE = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
MEGABYTE = 1 << 20
_PROCESS = Path("/proc/self")


@dataclass(frozen=True)
class Figure:
    """One result: `value` in `unit` against `limit`; `machine` says where it was measured."""

    name: str
    value: float
    unit: str
    limit: float
    ok: bool
    machine: str = MACHINE

    @classmethod
    def at_most(cls, name: str, value: float, unit: str, limit: float) -> Figure:
        """A figure that must not exceed its limit, rounded to two decimals first."""
        value = round(float(value), 2)
        return cls(name, value, unit, limit, value <= limit)


def ratio(name: str, ours: Callable[[], object], bare: Callable[[], object], limit: float, runs: int = 15) -> Figure:
    """How many times as long ours takes as the bare baseline, by the medians of alternating runs."""
    ours(), bare()
    return Figure.at_most(name, divided(name, *alternating(ours, bare, runs)), "ratio", limit)


def milliseconds(name: str, work: Callable[[], object], limit: float, runs: int = 15) -> Figure:
    """Median duration."""
    work()
    value = round(1000 * statistics.median(seconds(work) for _ in range(runs)), 1)
    print(f"{name}: {value} ms")
    return Figure(name, value, "ms", limit, value <= limit)


def alternating(ours: Callable[[], object], bare: Callable[[], object], runs: int) -> tuple[float, float]:
    """Median seconds of each side, measured in turns; every second turn begins with the other side."""
    mine, theirs = [], []
    for turn in range(runs):
        if turn % 2:
            theirs.append(seconds(bare))
        mine.append(seconds(ours))
        if not turn % 2:
            theirs.append(seconds(bare))
    return statistics.median(mine), statistics.median(theirs)


def divided(name: str, mine: float, theirs: float) -> float:
    """The ratio of two durations, said aloud."""
    print(f"{name}: {mine * 1000:.1f} ms against {theirs * 1000:.1f} ms", flush=True)
    return mine / theirs


def exponent(sizes: Sequence[float], durations: Sequence[float]) -> float:
    """Slope of the line through size and duration on logarithmic axes: 1 where twice the size takes twice the time."""
    return float(np.polyfit(np.log(sizes), np.log(durations), 1)[0])


def growth(
    name: str, limit: float, work: Callable[[int], Callable[[], object]], sizes: Sequence[int], runs: int = 21
) -> Figure:
    """How cost grows with size: `work(size)` prepares what is timed; sizes take turns, fewer where a turn is long."""
    prepared = [work(size) for size in sizes]
    turn = sum(seconds(one) for one in prepared)
    turns = [[seconds(one) for one in prepared] for _ in range(max(3, min(runs, round(4 / turn))))]
    durations = [statistics.median(times) for times in zip(*turns, strict=True)]
    shown = ", ".join(f"{size}: {taken * 1000:.1f} ms" for size, taken in zip(sizes, durations, strict=True))
    print(f"{name}: {shown}", flush=True)
    return Figure.at_most(name, exponent(sizes, durations), "exponent", limit)


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def added_memory(work: Callable[[], object]) -> int | None:
    """Bytes by which this process was larger at its largest, while `work` ran, than before; None outside Linux."""
    try:
        (_PROCESS / "clear_refs").write_text("5")  # forget the peak so far
        before = resident("VmRSS")
        held = work()
        after = resident("VmHWM")
    except OSError:
        return None
    del held
    return max(after - before, 0)


def resident(field: str) -> int:
    """Bytes of this process as Linux counts them: `VmRSS` now, `VmHWM` at its largest; its parent's are left out."""
    found = re.search(rf"^{field}:\s+(\d+) kB$", (_PROCESS / "status").read_text(), flags=re.MULTILINE)
    assert found, field
    return 1024 * int(found[1])
