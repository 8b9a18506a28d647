"""Measuring: medians of alternating runs, so that a drift of the machine meets both sides."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

MACHINE = f"{platform.machine()}, Python {platform.python_version()}"


@dataclass(frozen=True)
class Figure:
    """One result: `value` in `unit` against `limit`; `machine` says where it was measured."""

    name: str
    value: float
    unit: str
    limit: float
    ok: bool
    machine: str = MACHINE


def ratio(name: str, ours: Callable[[], object], bare: Callable[[], object], limit: float, runs: int = 15) -> Figure:
    """How many times as long ours takes as the bare baseline, by the medians of alternating runs."""
    ours(), bare()
    pairs = [(_seconds(ours), _seconds(bare)) for _ in range(runs)]
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"{name}: {mine * 1000:.1f} ms against {theirs * 1000:.1f} ms")
    value = round(mine / theirs, 2)
    return Figure(name, value, "ratio", limit, value <= limit)


def milliseconds(name: str, work: Callable[[], object], limit: float, runs: int = 15) -> Figure:
    """Median duration."""
    work()
    value = round(1000 * statistics.median(_seconds(work) for _ in range(runs)), 1)
    print(f"{name}: {value} ms")
    return Figure(name, value, "ms", limit, value <= limit)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
