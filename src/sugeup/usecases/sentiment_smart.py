"""스마트머니 지수 as a part of the market's mood: the values of the last sessions under the newest known weights.

The weights come from outcomes that had ended five sessions before the session of the answer, so that they were known on
every one of the last sessions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.metrics import smart_money, smart_skill
from sugeup.metrics.windows import cut_windows
from sugeup.usecases import panels, smart_money_market, smart_money_scene
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
        weights, why = _weights(archive, market, session, _version(archive, session))
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


@lru_cache(maxsize=16)
def _weights(
    archive: Archive, market: str, session: date, version: tuple[Any, ...]
) -> tuple[dict[str, float] | None, str | None]:
    """`smt.quality_weights` of a session: computed once while the rows behind them stay as they are."""
    return smart_money_market.Records(smart_money_scene.load(archive, market, session)).weights


def _version(archive: Archive, session: date) -> tuple[Any, ...]:
    """Number and newest arrival of the rows behind the weights: a row that is added or revised changes them."""
    days = panels.span(session, smart_money_scene.REACH)
    found: list[Any] = []
    for dataset in ("investor_day_stock", "daily_bars"):
        for _, month in groupby(days, key=lambda day: (day.year, day.month)):
            inside = list(month)
            rows = archive.read(dataset, columns=(), start=inside[0], end=inside[-1])
            found += [rows.height, rows["ingested_at"].max()]
    listed = archive.read("instruments", columns=())
    members = archive.read("sector_membership", columns=())
    return (*found, listed.height, listed["ingested_at"].max(), members.height, members["ingested_at"].max())
