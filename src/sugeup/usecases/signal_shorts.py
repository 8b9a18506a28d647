"""공매도 과열 of a whole market: stocks that our reproduction of the exchange's rule catches on a session."""

from __future__ import annotations

from datetime import date

import numpy as np

from sugeup.archive import Archive
from sugeup.market import overheating
from sugeup.usecases import panels, short_market, short_panel
from sugeup.usecases.signal_rows import Family, Finding

KIND = "SHORT_OVERHEAT"


def found(archive: Archive, session: date) -> Family:
    """Stocks with a type of overheating; a rule, not a test. Nothing is judged in a ban or without short sales."""
    sold = short_panel.keys(archive, None, start=session, end=session)
    if overheating.banned(session) or sold.is_empty():
        return Family((KIND,), (), False, False, "short_day")
    scene = short_market.load(archive, panels.MARKETS, session)
    verdict, given = scene.now.verdict, scene.now.given
    if verdict is None or verdict.labels is None:
        return Family((KIND,), (), False, False, "short_day")
    listed = []
    for at in np.flatnonzero(np.isfinite(verdict.value)):
        label = str(verdict.labels[int(verdict.value[at])])
        if label == "NONE":
            continue
        figures = {"short_ratio": given.ratio[at], "multiple": given.multiple[at], "change_rate": given.ret[at]}
        listed.append(
            Finding(
                code=scene.panel.codes[at],
                kind=KIND,
                direction="NONE",
                family="STOCK",
                metric="sht.overheat",
                basis="VOLUME" if given.on_shares[at] else "AMOUNT",
                evidence={"type": label, "rule": short_market.BASIS} | figures,
            )
        )
    rows = archive.read("short_day", columns=[], start=session, end=session)
    return Family((KIND,), listed, bool(np.isfinite(verdict.value).any()), not rows["final"].all(), "short_day")
