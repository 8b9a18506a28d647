"""스마트머니 지수 as a part of the market's mood: the values of the last sessions under the newest known weights.

The weights come from outcomes that had ended five sessions before the session of the answer, so that they were known on
every one of the last sessions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.metrics import smart_money, smart_skill
from sugeup.metrics.windows import cut_windows
from sugeup.usecases import smart_money_market, smart_money_scene
from sugeup.usecases.panels import Floats
from sugeup.usecases.sentiment_scene import RANKED, WEEK

LAST = WEEK + 1
"""Sessions on which the weights were known: today and five before."""


@dataclass(frozen=True, eq=False)
class Smart:
    """Index on the last sessions, NaN where null; why the last is null; weights of the types."""

    values: Floats
    why: tuple[str, str] | None
    weights: dict[str, float]
    sources: tuple[str, ...]


def load(archive: Archive, market: str, session: date) -> Smart:
    """The index of the market on the last sessions; null with a reason where flows of stocks give no record."""
    nothing = np.full(LAST, np.nan)
    try:
        weights, why = smart_money_market.Records(smart_money_scene.load(archive, market, session)).weights
    except NoData as absent:
        return Smart(nothing, ("MISSING_INPUT", f"no trading by investor of stocks: {absent.message}"), {}, ())
    used = {name: weight for name, weight in (weights or {}).items() if weight > 0}
    if not used:
        note = "no type of investor has a positive record" if why == "NO_SKILL" else "no type of investor has a record"
        return Smart(nothing, (why or "MISSING_INPUT", note), {}, ())
    whole = smart_money_market.totals(archive, market, session)
    net = smart_skill.quality_weighted_flow({name: whole.nets[name] for name in used}, used).value
    with np.errstate(invalid="ignore", divide="ignore"):
        x = np.where(whole.turnover > 0, net / whole.turnover, np.nan)
    past = cut_windows(x[None], RANKED + 1, LAST)[0, :, :RANKED]
    found = smart_money.market_index(x[-LAST:], past)
    reason = found.at(len(found.value) - 1).get("reason")
    note = "flows by type of the markets are missing, or fewer than 60 past sessions of them are stored"
    return Smart(found.value, None if reason is None else (reason, note), used, whole.sources)
