"""How near the simulated market comes to the real one: every comparable stylised fact with its band and our value.

`python -m sugeup.sandbox.report [PATH]` simulates three seeds of 300 sessions of 2,800 stocks without planted events,
takes the mean of each figure, and writes docs/simulated-market.md (or PATH). The targets in `targets.json` are facts
about the Korean market (value, band), measured on public figures of 2005 to 2026. Those of part `daily` are counted.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from sugeup.sandbox import intraday_figures, report_text
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.measures import Figures, measure
from sugeup.sandbox.measures_more import measure_more
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.targets import Target, targets

SEEDS, UNSEEN = (1, 2, 3), (7, 8, 9)
"""Seeds of the tables, and seeds on which no figure of the generator was chosen."""
PAGE = Path("docs/simulated-market.md")
WITHIN = slice(100, 106)
"""Sessions of the first seed on which figures within the day are measured."""


def daily(market: SimulatedMarket) -> Figures:
    """The daily figures of one market, counted and further ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # stocks without a figure are left out of medians
        return {**measure(market), **measure_more(market)}


def within(market: SimulatedMarket) -> Figures:
    """The figures within the day of some sessions of one market; lists have one figure for each place."""
    found: Figures = {}
    for name, figure in intraday_figures.figures(market, market.sessions[WITHIN]).items():
        if isinstance(figure, tuple):
            found |= {f"{name}#{place}": value for place, value in enumerate(figure, start=1)}
        else:
            found[name] = figure
    return found


def means(measured: Iterable[Figures]) -> Figures:
    """Mean of each figure over markets."""
    rows = list(measured)
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def outside(found: Figures, part: str = "daily") -> list[Target]:
    """Targets of one part whose band the figures miss."""
    return [target for target in targets(part) if not target.inside(found[target.name])]


def main() -> int:
    """Measures and writes the page."""
    markets = (SimulatedMarket(Plan(seed=seed)) for seed in SEEDS)
    measured, inner = [], None
    for market in markets:
        measured.append(daily(market))
        inner = inner or within(market)
    found = {**(inner or {}), **means(measured)}
    unseen = means(daily(SimulatedMarket(Plan(seed=seed))) for seed in UNSEEN)
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    path.write_text(report_text.page(targets(), found, unseen), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
