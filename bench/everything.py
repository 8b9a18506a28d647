"""All metrics of a market, one after the other in a process of their own: how long, and how much memory at the peak.

`update`: the newest session, from the sessions that it needs. `recompute`: every session of ten years.
"""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from bench.case import Arrays, Case, take
from bench.markets import SESSIONS, STOCKS
from bench.measure import Figure, resident
from sugeup.metrics import candles

NEEDED = 520
"""Sessions behind the newest one that any metric looks at."""
LIMITS = {"update": (20.0, 1.5), "recompute": (60.0, 4.0)}
GIGABYTE = 1 << 30


def figures() -> Iterator[Figure]:
    """Seconds and peak of both, with their limits."""
    for kind, (seconds, memory) in LIMITS.items():
        command = [sys.executable, "-m", "bench.everything", kind]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
        found = json.loads(ran.stdout)
        yield Figure.at_most(f"metrics.{kind}.time", found["seconds"], "s", seconds)
        yield Figure.at_most(f"metrics.{kind}.peak", found["peak"], "GB, inputs included", memory)


def newest(case: Case, given: Arrays) -> Callable[[], object]:
    """The metric for the newest session alone, as a nightly update asks for it."""
    if case.flat:
        return partial(case.product, *(array[:, -1:] for array in given))
    if "last" in inspect.signature(case.product).parameters:
        return partial(case.product, *given, last=1)
    return partial(case.product, *given)


def unused(*given: np.ndarray) -> Arrays:
    """The baseline of a case that is only run, never compared."""
    return given


def patterns(known: tuple[Case, ...]) -> Iterator[Case]:
    """Every candlestick pattern that is not among the cases."""
    names = {case.id for case in known}
    for name in candles.PATTERNS:
        if f"tec.candle.{name.lower()}" not in names:
            yield Case(
                f"tec.candle.{name.lower()}",
                partial(candles.candle, name),
                unused,
                take("open", "high", "low", "close"),
            )


def main(kind: str) -> None:
    from bench.families import BARS
    from bench.metrics import FAMILIES

    update, total = kind == "update", 0.0
    for make, cases in FAMILIES:
        listed = [*cases, *(patterns(cases) if cases is BARS else ())]
        small = make(12, 400)
        for case in listed:  # compiled loops are loaded
            case.product(*case.inputs(small))
        panel = make(STOCKS, NEEDED if update else SESSIONS)
        for case in listed:
            given = case.inputs(panel)
            work = newest(case, given) if update else partial(case.product, *given)
            start = time.perf_counter()
            work()
            spent = time.perf_counter() - start
            total += spent
            print(f"{kind}.{case.id}: {spent:.2f} s", file=sys.stderr)
            del given, work
        del panel
    peak = resident("VmHWM") / GIGABYTE
    print(json.dumps({"seconds": total, "peak": peak}))


if __name__ == "__main__":
    np.seterr(all="ignore")
    main(sys.argv[1])
