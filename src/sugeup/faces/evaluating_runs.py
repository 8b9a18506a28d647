"""Seeds of `sugeup evaluate` in processes of their own: one market in memory each, counts and scores come back."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from sugeup.research import detection, detectors, events, leakage, power, shuffles
from sugeup.research.detection import Tally
from sugeup.research.detectors import WEEK
from sugeup.research.figures import Figures
from sugeup.research.power import Measured


@dataclass(frozen=True)
class Size:
    """What is simulated: seeds, stocks, sessions, strengths (the first must be 0), processes at once."""

    seeds: tuple[int, ...]
    stocks: int
    sessions: int = 500
    strengths: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0)
    processes: int = 2


def one(size: Size, seed: int) -> Measured:
    """One seed at every strength."""
    from sugeup.faces import evaluating_market

    found = Measured()
    for strength in size.strengths:
        market = evaluating_market.simulated(seed, strength, size.stocks, size.sessions)
        seen = evaluating_market.read(market)
        if not strength:
            found.ideal = power.ideal(seen, evaluating_market.shapes(size.stocks), size.strengths, seed)
        power.measure(found, strength, seen, market.labels, evaluating_market.official(market, seen))
    return found


def every(size: Size, tell: Callable[[int, int], None]) -> list[Measured]:
    """All seeds, in their order; `tell` hears how many are done."""
    if size.processes == 1:
        return _alone(size, tell)
    found = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(size.processes, mp_context=context) as pool:
        waiting = [pool.submit(one, size, seed) for seed in size.seeds]
        for done, future in enumerate(waiting, start=1):
            found.append(future.result())
            tell(done, len(waiting))
    return found


def _alone(size: Size, tell: Callable[[int, int], None]) -> list[Measured]:
    found = []
    for done, seed in enumerate(size.seeds, start=1):
        found.append(one(size, seed))
        tell(done, len(size.seeds))
    return found


def seeds(count: int) -> Sequence[int]:
    """The seeds of the page: the first numbers from 1 on."""
    return range(1, count + 1)


LEAK_STOCKS, LABEL_STOCKS, LEAK_SESSIONS, LEAK_PLACES, SHUFFLES = 60, 200, 400, (180, 380), 20


def leaks() -> dict[str, Any]:
    """The future changed, figures withheld, labels, outcomes and flows dealt out at random."""
    from sugeup.faces import evaluating_market

    market = evaluating_market.simulated(1, power.AIMED, LEAK_STOCKS, LEAK_SESSIONS)
    seen = evaluating_market.read(market)
    ahead = {kind for at in LEAK_PLACES for kind in leakage.looks_ahead(seen, at, seed=at)}
    rows = list(range(0, LEAK_STOCKS, 2))
    invented = leakage.invented(seen, rows, LEAK_PLACES[-1])
    names = ("foreign_surge", "institution_same_side", "accumulation", "surge_dump", "sector_rotation")
    planted = evaluating_market.simulated(1, power.AIMED, LABEL_STOCKS, LEAK_SESSIONS)
    counts = leakage.by_chance(evaluating_market.read(planted), planted.labels, 1, names)
    quiet = evaluating_market.read(evaluating_market.simulated(1, 0.0, LEAK_STOCKS, LEAK_SESSIONS))
    real, moved = ([one[at] for one in counts.values()] for at in (0, 1))
    return {
        "future": {"at": list(LEAK_PLACES), "kinds": sorted(ahead)},
        "withheld": {"stocks": len(rows), "kinds": invented},
        "labels": {"true": _recall(real), "shuffled": _recall(moved)},
        "calibration": {"times": SHUFFLES, "accepted": _accepted(seen)},
        "flows": [row for block in shuffles.BLOCKS for row in shuffles.alarms(quiet, block, seed=1)],
    }


def _recall(parts: Sequence[Tally]) -> dict[str, Any]:
    whole = sum(parts, Tally())
    return detection.rate(whole.found.total(), whole.events.total())


def _accepted(seen: Figures) -> float:
    """Share of calibrations that are accepted when what followed is dealt out at random."""
    one = next(one for one in detectors.accumulation(seen) if one.kind == "FOREIGN_ACCUMULATION")
    gained = events.forward(seen, WEEK)
    row, at = np.nonzero(one.fired & np.isfinite(gained))
    happened = (gained[row, at] > 0).astype(np.float64)
    days, known = ([seen.days[place + back] for place in at] for back in (0, WEEK))
    return leakage.accepted_by_chance(one.strength[row, at], happened, days, known, times=SHUFFLES, seed=1)
