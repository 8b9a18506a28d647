"""이상 수급 of a whole market: buying and selling by foreigners and institutions, rare over a year of evenings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sugeup.market import investors
from sugeup.metrics import backed_flow
from sugeup.metrics.evened_flow import PAST, evened_flow
from sugeup.metrics.outcome import Outcome
from sugeup.metrics.unusual_flow import BACKED, FLOWS, POOL, WINDOWS, either, one_sided, unusual_flow
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
    judged = list(_judged(scene, codes, investor))
    told = either([(span, one) for span, _, one in judged])
    listed = []
    for at in np.flatnonzero(np.isin(told.value, (0.0, 2.0))):
        cell = told.at(int(at))
        direction, part = str(cell["value"]), int(cell["part"])
        listed.append(
            Finding(
                code=codes[at],
                kind=kind(investor, direction),
                direction=direction,
                family=scene.market,
                z=figure(judged[part][1][at]),
                p=figure(cell["p"]),
                p_adj=figure(cell["p_adj"]),
                strength=round(100 * (1 - cell["p"]), 6),
                n_tested=int(np.isfinite(told.value).sum()),
                basis=scene.basis,
                metric="smt.unusual_flow",
                evidence={
                    "window": int(cell["span"]),
                    "statistic": "smt.backed_flow" if investor in BACKED else "smt.evened_flow",
                    "kinds": list(FLOWS[investor]),
                    "tested_together": POOL,
                },
            )
        )
    return Family(kinds, listed, bool(np.isfinite(told.value).any()), provisional)


def _judged(scene: Scene, codes: tuple[str, ...], investor: str) -> Iterator[tuple[int, Floats, Outcome]]:
    """Length of the window, statistic of every stock on the session, and what is told by it."""
    past = Panels(scene.archive, scene, codes, REACH)
    columns = [investors.column(one, "net", scene.measure) for one in FLOWS[investor]]
    flows = panels.panel(scene.archive, "investor_day_stock", columns, codes, past.days)
    turnover = panels.panel(scene.archive, "daily_bars", (scene.measure,), codes, past.days)[scene.measure]
    traded = np.where(past.halted, np.nan, turnover)
    for span in WINDOWS[investor]:
        if investor not in BACKED:
            kinds = (evened_flow(flows[column], traded, n=span, last=POOL + 1).value for column in columns)
            z: Floats = sum(kinds, np.zeros((len(codes), min(POOL + 1, len(past.days)))))
            yield span, z[:, -1], unusual_flow(z, stretch=2 * span)
            continue
        parts = backed_flow.parts(flows[columns[0]], traded, past.excess, past.volume, n=span)
        e = np.array([part.value[:, -POOL - 1 :] for part in parts])
        spread = backed_flow.covariance(e[:, :, :-1])
        for side in NAMES:
            z = backed_flow.weighed(e, spread, side)
            yield span, z[:, -1], one_sided(unusual_flow(z, stretch=2 * span), z[:, -1], side)
