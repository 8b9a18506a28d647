"""More evidence for `sugeup evaluate`: forecasts of flows, moods, lookalikes, stability, revisions, curves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.faces import evaluating_market
from sugeup.market import investors, publication
from sugeup.research import curves, events, forecasts, lookalikes, moods, revisions, stability
from sugeup.research.detectors import Found
from sugeup.research.figures import Figures, Floats
from sugeup.usecases import sentiment_scene, sentiment_scores

LOOKALIKES = ("foreign", "institution")
MINUTES = (*publication.SLOTS, time(15, 40))
"""The slots of the tallies, and the end of the tally by minute."""


def measured(
    archive: Archive, markets: Figures, stocks: Figures, whole: Sequence[Found], single: Sequence[Found]
) -> dict[str, Any]:
    """Every part of the evidence that is not a hit rate of a signal; whole, single: signals of markets, of stocks."""
    both = (("MARKET", markets, whole), ("STOCK", stocks, single))
    return {
        "forecasts": forecasts.corrected(
            [row for level, market, _ in both for row in forecasts.rows(level, market)],
        ),
        "moods": moods.corrected(_moods(archive, markets)),
        "lookalikes": _lookalikes(stocks),
        "stability": [row for part in both for row in stability.rows(*part)],
        "revisions": {"real": by_minute(archive), "simulated": evaluating_market.revised()},
        "paths": curves.paths(stocks, single),
        "reliability": curves.most_tried([row for part in both for row in curves.reliabilities(*part)]),
        "sectors": str(archive.read("sector_membership")["valid_from"].min()),
    }


def _moods(archive: Archive, markets: Figures) -> list[dict[str, Any]]:
    """Scores of the investor classes as `get_sentiment_history` tells them, before returns of their own index."""
    ahead = events.forward(markets, moods.AHEAD)
    found = []
    for at, name in enumerate(markets.codes):
        scene = sentiment_scene.load(archive, name, None, last=len(markets.days))
        place = {day: back for back, day in enumerate(scene.days)}
        order = [place.get(day, -1) for day in markets.days]
        told = sentiment_scores.of_markets(scene, None, 1, len(scene.days))
        scores = {group: _placed(mood.score.value[0], order) for group, mood in told.items()}
        found += [{"market": name} | row for row in moods.rows(scores, ahead[at])]
    return found


def _placed(values: Floats, order: Sequence[int]) -> Floats:
    return np.array([values[at] if at >= 0 else np.nan for at in order])


def _lookalikes(stocks: Figures) -> list[dict[str, Any]]:
    found = [{"investor": one} | lookalikes.judged(lookalikes.tried(stocks, one)) for one in LOOKALIKES]
    adjusted = events.adjusted([row.get("chance") for row in found])
    return [row | {"p_adj": p} for row, p in zip(found, adjusted, strict=True)]


def by_minute(archive: Archive) -> list[dict[str, Any]]:
    """Tallies of whole markets by minute at the times of the slots against the final day, where both are stored."""
    groups = forecasts.INVESTORS
    nets = [investors.column(one, "net", "amount") for one in groups]
    early = archive.read("investor_minute_market", columns=[*nets, "products"]).filter(pl.col("products") == "STOCK")
    final = archive.read("investor_day_market", columns=[*nets, "products"]).filter(
        (pl.col("products") == "STOCK") & (pl.col("venue") == "KRX") & pl.col("final")
    )
    final = final.unique(["market", "session"]).select("market", "session", *(pl.col(nets).name.suffix("_final"),))
    traded = archive.read("index_day", columns=("amount",)).filter(pl.col("venue") == "KRX")
    both = early.join(final, on=["market", "session"]).join(
        traded.select(pl.col("index_code").alias("market"), "session", "amount"), on=["market", "session"]
    )
    if both.is_empty():
        return []
    told = []
    clock = both["at"].dt.convert_time_zone(str(publication.SEOUL)).dt.time()
    for slot in MINUTES:
        last = both.filter(clock <= slot).sort("at").unique(["market", "session"], keep="last", maintain_order=True)
        for one, name in zip(groups, nets, strict=True):
            parts = (last[column].cast(pl.Float64).to_numpy() for column in (name, f"{name}_final", "amount"))
            told.append(revisions.row(*parts, investor=one, at=f"{slot:%H:%M}"))
    return told
