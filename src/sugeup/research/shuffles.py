"""뒤섞은 수급: flows of each stock dealt out anew in blocks of sessions, so that whatever a test tells is false."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sugeup.research import detection, detectors_more
from sugeup.research.detectors import Found
from sugeup.research.figures import Figures, Flags, Floats

EVENING, STOCK, YEAR = "stocks of an evening", "groups of a stock", "stocks of a year"
FAMILIES: Mapping[str, str] = {
    "foreign_surge": EVENING,
    "institution_same_side": EVENING,
    "unusual_flow": YEAR,
    "sector_rotation": EVENING,
    "anomaly": EVENING,
    "accumulation": STOCK,
}
"""Detectors that test, and what each corrects over."""
LASTING = {"sector_rotation"}
"""Told until the flow calms down: only the sessions on which a signal begins are the word of a test."""
BLOCKS = (1, 20)
"""Sessions that stay together: none, so that flows have no memory left, and a month."""
MOST = 0.10


def shuffled(market: Figures, block: int, seed: int) -> Figures:
    """The market with net purchases and turnover of each stock, together, in another order of blocks of sessions.

    Prices, index and sessions stay where they are. The last, shorter block is dealt out like the others.
    """
    chance = np.random.default_rng(seed)
    stocks, sessions = market.shape
    starts = np.arange(0, sessions, block)
    order = np.array(
        [
            np.concatenate([np.arange(first, min(first + block, sessions)) for first in chance.permutation(starts)])
            for _ in range(stocks)
        ]
    )

    def moved(part: Floats) -> Floats:
        return np.take_along_axis(part, order, axis=1)

    bars = {name: moved(part) if name in {"amount", "volume"} else part for name, part in market.bars.items()}
    return replace(market, net={one: moved(part) for one, part in market.net.items()}, bars=bars)


def alarms(market: Figures, block: int, seed: int) -> list[dict[str, Any]]:
    """One row for each detector that tests: in how many of its families it told anything on shuffled flows.

    Without anything to find this is the false discovery rate. `per_1000`: signals on 1,000 rows and sessions that were
    judged.
    """
    dealt = shuffled(market, block, seed)
    told = []
    for name, family in FAMILIES.items():
        found = [one for one in detectors_more.detect(dealt, (name,)) if one.judged.any()]
        if name in LASTING:
            found = [replace(one, fired=begun(one.fired)) for one in found]
        if found:
            told.append({"detector": name, "family": family, "block": block} | counted(found, family))
    return told


def begun(fired: Flags) -> Flags:
    """The sessions on which a signal begins."""
    first = fired.copy()
    first[:, 1:] &= ~fired[:, :-1]
    return first


def counted(found: list[Found], family: str) -> dict[str, Any]:
    """Families judged and families with a signal, over all kinds of one detector."""
    fired, judged = (_any([getattr(one, name) for one in found], family) for name in ("fired", "judged"))
    rate = detection.rate(int((fired & judged).sum()), int(judged.sum()))
    signals = sum(int(one.fired.sum()) for one in found)
    cells = sum(int(one.judged.sum()) for one in found)
    low = rate["lo"]
    return {"rate": rate, "per_1000": 1000 * signals / cells, "above": low is not None and low > MOST}


def _any(parts: list[Flags], family: str) -> Flags:
    """Families in which any kind is true: cells of stocks, or sessions."""
    found: Flags = np.any(parts, axis=0 if family == STOCK else (0, 1))
    return found
