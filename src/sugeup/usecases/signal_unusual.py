"""이상 수급 of a whole market: buying and selling by foreigners and institutions, rare over a year of evenings."""

from __future__ import annotations

import numpy as np

from sugeup.market import investors
from sugeup.metrics.evened_flow import PAST, evened_flow
from sugeup.metrics.unusual_flow import FLOWS, POOL, WINDOWS, either, unusual_flow
from sugeup.usecases import panels
from sugeup.usecases.panels import Floats
from sugeup.usecases.signal_panels import Panels
from sugeup.usecases.signal_rows import Family, Finding, figure
from sugeup.usecases.smart_money_scene import Scene

NAMES = {"BUY": "UNUSUAL_BUYING", "SELL": "UNUSUAL_SELLING"}
REACH = POOL + PAST + max(max(spans) for spans in WINDOWS.values())
"""Sessions read: those tested together, each held against the year before its window."""


def kind(investor: str, direction: str) -> str:
    """Name of unusual buying or selling of an investor: FOREIGN_UNUSUAL_BUYING."""
    return f"{investor.upper()}_{NAMES[direction]}"


def found(scene: Scene, provisional: bool) -> tuple[Family, ...]:
    """A family for each investor; nothing is judged where its kinds are not stored per stock."""
    return tuple(_found(scene, investor, provisional) for investor in WINDOWS)


def _found(scene: Scene, investor: str, provisional: bool) -> Family:
    kinds = tuple(kind(investor, direction) for direction in NAMES)
    codes = tuple(np.array(scene.codes)[scene.tested].tolist())
    if scene.basis is None or not codes:
        return Family(kinds, (), False, provisional)
    z = _scores(scene, codes, investor)
    told = either({span: unusual_flow(one, stretch=2 * span) for span, one in z.items()})
    listed = []
    for at in np.flatnonzero(np.isin(told.value, (0.0, 2.0))):
        cell = told.at(int(at))
        direction, span = str(cell["value"]), int(cell["span"])
        listed.append(
            Finding(
                code=codes[at],
                kind=kind(investor, direction),
                direction=direction,
                family=scene.market,
                z=figure(z[span][at, -1]),
                p=figure(cell["p"]),
                p_adj=figure(cell["p_adj"]),
                strength=round(100 * (1 - cell["p"]), 2),
                n_tested=int(np.isfinite(told.value).sum()),
                basis=scene.basis,
                metric="smt.unusual_flow",
                evidence={"window": span, "kinds": list(FLOWS[investor]), "tested_together": POOL},
            )
        )
    return Family(kinds, listed, bool(np.isfinite(told.value).any()), provisional)


def _scores(scene: Scene, codes: tuple[str, ...], investor: str) -> dict[int, Floats]:
    """Length of the window → statistic of every stock on the sessions that are tested together."""
    past = Panels(scene.archive, scene, codes, REACH)
    columns = [investors.column(one, "net", scene.measure) for one in FLOWS[investor]]
    flows = panels.panel(scene.archive, "investor_day_stock", columns, codes, past.days)
    turnover = panels.panel(scene.archive, "daily_bars", (scene.measure,), codes, past.days)[scene.measure]
    traded = np.where(past.halted, np.nan, turnover)
    return {
        span: sum(
            (evened_flow(flows[column], traded, n=span, last=POOL + 1).value for column in columns),
            np.zeros((len(codes), min(POOL + 1, len(past.days)))),
        )
        for span in WINDOWS[investor]
    }
