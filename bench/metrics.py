"""Metrics over a market against the shortest correct numba version of each: time of every one, sum, peak memory.

Left out: acc.trading_day_window, acc.snapshot_increment and acc.estimate_slots turn one short list of records into
another one; there is no market of them.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from bench import evened_baseline, everything
from bench import metrics_baseline as series_bare
from bench import samples_baseline as bare
from bench.case import Arrays as Arrays
from bench.case import Case as Case
from bench.case import take
from bench.families import BARS, READINGS
from bench.markets import Panel, bars, market, readings, samples
from bench.measure import Figure, added_memory, alternating, divided, seconds
from sugeup.metrics import accounting, behavior, investor
from sugeup.metrics import statistics as tools
from sugeup.metrics.evened_flow import evened_flow

SUM_LIMIT, ONE_LIMIT, MEMORY_LIMIT = 3.0, 10.0, 3.0
BUDGET = 1.5  # seconds of pairs of runs; a longer first pair has to do
RUNS = 5


def against_past(panel: Panel) -> Arrays:
    """Today's ratio of every stock, and all its sessions before."""
    return np.ascontiguousarray(panel["ret"][:, -1]), np.ascontiguousarray(panel["ret"][:, :-1])


def signals(panel: Panel) -> Arrays:
    """A tenth of the sessions held resolved signals; the others ask."""
    cut = max(panel["probability"].shape[1] // 10, 1)
    score, outcome = (np.ascontiguousarray(panel[name][:, :cut]).reshape(-1) for name in ("probability", "outcome"))
    return score, outcome, np.ascontiguousarray(panel["probability"][:, -cut:]).reshape(-1)


def groups(panel: Panel) -> Arrays:
    return tuple(panel["groups"])


SERIES = (
    Case("inv.trend", investor.trend, series_bare.trend, take("net", "turnover")),
    Case("inv.intensity", investor.intensity, series_bare.intensity, take("net", "turnover")),
    Case("inv.momentum_score", investor.momentum_score, series_bare.momentum_score, take("net", "turnover")),
    Case(
        "inv.price_correlation",
        investor.price_correlation,
        series_bare.price_correlation,
        take("net", "turnover", "ret"),
    ),
    Case("smt.evened_flow", evened_flow, evened_baseline.evened_flow, take("net", "turnover")),
    Case("inv.kyle_lambda", investor.kyle_lambda, series_bare.kyle_lambda, take("net", "turnover", "ret")),
    Case("inv.amihud", investor.amihud, series_bare.amihud, take("ret", "turnover")),
    Case("inv.change_vs", lambda x: investor.change_vs(x, period=5, lag=20), series_bare.change_vs, take("net")),
    Case("beh.consistency", behavior.consistency, series_bare.consistency, take("net")),
    Case("inv.net_ratio", investor.net_ratio, series_bare.net_ratio, take("bought", "sold"), flat=True),
    Case(
        "inv.avg_price",
        lambda amount, volume: investor.avg_price(amount, volume, "STOCK"),
        series_bare.avg_price,
        take("bought", "turnover"),
        flat=True,
    ),
    Case(
        "inv.participation",
        investor.participation,
        series_bare.participation,
        take("bought", "sold", "turnover"),
        flat=True,
    ),
    Case("tk.robust_z", tools.robust_z, bare.robust_z, against_past),
    Case("tk.percentile_rank", tools.percentile_rank, bare.percentile_rank, against_past),
    Case("tk.spearman", tools.spearman, bare.spearman, take("net", "ret")),
    Case("tk.newey_west_t", tools.newey_west_t, bare.newey_west_t, take("ret")),
    Case("tk.block_bootstrap_mean", tools.block_bootstrap_mean, bare.block_bootstrap_mean, take("ret", sessions=250)),
)
SAMPLES = (
    Case("tk.hhi", tools.hhi, bare.hhi, take("weights")),
    Case("tk.wilson_interval", tools.wilson_interval, bare.wilson_interval, take("hits", "trials"), flat=True),
    Case("tk.bh_adjust", tools.bh_adjust, bare.bh_adjust, take("probability")),
    Case("tk.isotonic", tools.isotonic, bare.isotonic, signals),
    Case("tk.brier", tools.brier, bare.brier, take("probability", "outcome")),
    Case(
        "val.hit_rate",
        lambda hits, n, base: tools.hit_rate(hits, n, base, 5),
        bare.hit_rate,
        take("hits", "trials", "base", sessions=250),
        flat=True,
    ),
    Case(
        "acc.closure_check",
        lambda *net: accounting.closure_check({str(k): one for k, one in enumerate(net)}, 1e6),
        lambda *net: bare.closure_check(net, 1e6),
        groups,
        flat=True,
    ),
    Case("acc.split_adjust", accounting.split_adjust, bare.split_adjust, take("shares", "factor")),
)
FAMILIES: tuple[tuple[Callable[..., Panel], tuple[Case, ...]], ...] = (
    (market, SERIES),
    (samples, SAMPLES),
    (bars, BARS),
    (readings, READINGS),
)
MEASURED = 2  # families whose memory is measured metric by metric; of all together `bench.everything` tells the peak


def disagreement(case: Case, panel: Panel) -> str:
    """Where product and baseline differ on this panel; empty when they agree."""
    ours, theirs = case.ours(panel), case.theirs(panel)
    if len(ours) != len(theirs):
        return f"{case.id}: {len(ours)} arrays against {len(theirs)}"
    for place, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        other = other.reshape(mine.shape)
        if mine.dtype != other.dtype:
            return f"{case.id}: array {place} holds {mine.dtype} against {other.dtype}"
        if mine.dtype.kind == "f":
            same = np.isclose(mine, other, rtol=1e-9, atol=1e-12, equal_nan=True)
        else:
            same = mine == other
        if not same.all():
            at = np.argwhere(~same)[0]
            return f"{case.id}: array {place} at {at}: {mine[tuple(at)]} against {other[tuple(at)]}"
    return ""


def run() -> Iterator[Figure]:
    totals = [0.0, 0.0]
    shares = []
    for make, cases in FAMILIES:
        small = make(40, 700)
        for case in cases:
            found = disagreement(case, small)
            assert not found, found
        panel = make()
        for case in cases:
            mine, theirs = _times(case, panel)
            totals = [totals[0] + mine, totals[1] + theirs]
            name = f"metrics.time.{case.id}"
            shares.append(divided(name, mine, theirs))
            yield Figure.at_most(name, shares[-1], "ratio", ONE_LIMIT)
        del panel
    yield Figure.at_most("metrics.time.sum", divided("metrics.time.sum", *totals), "ratio", SUM_LIMIT)
    yield Figure.at_most("metrics.time.typical", math.exp(statistics.fmean(map(math.log, shares))), "ratio", SUM_LIMIT)
    yield from _memory()
    yield from everything.figures()


def _times(case: Case, panel: Panel) -> tuple[float, float]:
    """Median seconds of product and baseline; the first pair warms up, unless it already spent the budget."""
    ours, theirs = partial(case.ours, panel), partial(case.theirs, panel)
    first = seconds(ours), seconds(theirs)
    if sum(first) > BUDGET:
        return first
    return alternating(ours, theirs, max(1, min(RUNS, round(BUDGET / sum(first)))))


def _memory() -> Iterator[Figure]:
    """Peak memory in a process of its own, where nothing else has been allocated."""
    command = [sys.executable, "-m", "bench.metrics"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]).stdout
    for name, value in json.loads(said).items():
        yield Figure.at_most(f"metrics.memory.{name}", value, "ratio", MEMORY_LIMIT)


def main() -> None:
    """Prints how many times its input every metric adds to the memory of the process at its peak."""
    found = {}
    for make, cases in FAMILIES[:MEASURED]:
        small = make(40, 700)
        for case in cases:
            case.ours(small)
        panel = make()
        for case in cases:
            given = case.inputs(panel)
            added = added_memory(partial(case.product, *given))
            if added is not None:
                found[case.id] = added / sum(array.nbytes for array in given)
            del given
        del panel, small
    print(json.dumps(found))


if __name__ == "__main__":
    main()
