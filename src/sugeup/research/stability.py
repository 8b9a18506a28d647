"""안정성: the hit rates of each kind again by year, by market, by size, and without the bans on short selling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from sugeup.market import overheating
from sugeup.research import events
from sugeup.research.detectors import Found
from sugeup.research.figures import Figures, Flags, Floats, carried

SIGNS = {"BUY": 1.0, "SELL": -1.0}
AHEAD = 5
LEAST = 30
"""Fewer signals of a part tell nothing about it."""
SIZES = ("small", "middle", "large")


def gap(fired: Flags, ahead: Floats, sign: float, *, same_days: bool) -> dict[str, Any]:
    """`n` signals and `gap`, hit rate less base rate of the same cells; null where fewer than 30.

    `same_days`: the base is all rows of the dates of the signals, else all cells that are known.
    """
    hit, every = events.outcomes(fired, ahead, sign)
    base = events.same_days(fired, ahead, sign) if same_days else (float(every.mean()) if every.size else None)
    told = len(hit) >= LEAST and base is not None
    return {"n": len(hit), "gap": float(hit.mean()) - base if told and base is not None else None}


def rows(level: str, market: Figures, found: Sequence[Found]) -> list[dict[str, Any]]:
    """One row for each kind with a side that has 30 signals or more, five sessions ahead."""
    ahead = events.forward(market, AHEAD)
    every = parts(market)
    told = []
    for one in found:
        if one.direction not in SIGNS:
            continue
        cut = partial(_cut, one, np.where(one.judged, ahead, np.nan), level == "STOCK")
        whole = cut(np.ones(market.shape, bool))
        if whole["gap"] is None:
            continue
        by_year = {
            year: cell["gap"] for year, inside in years(market).items() if (cell := cut(inside))["gap"] is not None
        }
        about = {"level": level, "kind": one.kind, "direction": one.direction} | whole | {"years": spread(by_year)}
        told.append(about | {name: cut(inside) for name, inside in every.items()})
    return told


def _cut(one: Found, ahead: Floats, same_days: bool, inside: Flags) -> dict[str, Any]:
    usable = np.where(inside, ahead, np.nan)
    return gap(one.fired & inside, usable, SIGNS[one.direction], same_days=same_days)


def spread(by_year: Mapping[int, float]) -> dict[str, Any]:
    """`of` so many years with 30 signals, `above` the base rate in so many; `lowest` and `highest` as [year, gap]."""
    order = sorted(by_year, key=lambda year: (by_year[year], year))
    ends = [[year, by_year[year]] for year in (order[:1] + order[-1:])]
    above = sum(value > 0 for value in by_year.values())
    low, high = ends if ends else (None, None)
    return {"of": len(order), "above": above, "lowest": low, "highest": high}


def years(market: Figures) -> dict[int, Flags]:
    """Cells of each calendar year."""
    year = np.array([day.year for day in market.days])
    return {int(one): np.broadcast_to(year == one, market.shape) for one in np.unique(year)}


def parts(market: Figures) -> dict[str, Flags]:
    """Cells of each market, of each third by newest known size where there are stocks, and of days without a ban."""
    names = market.codes if set(market.codes) <= {"KOSPI", "KOSDAQ"} else market.markets
    shape = market.shape
    found: dict[str, Flags] = {
        name: np.broadcast_to(np.array([one == name for one in names])[:, None], shape) for name in ("KOSPI", "KOSDAQ")
    }
    if names is market.markets:
        third = thirds(carried(market.bars["market_cap"]))
        found |= {name: third == place for place, name in enumerate(SIZES)}
    free = np.array([not overheating.banned(day) for day in market.days])
    return found | {"free": np.broadcast_to(free, shape)}


def thirds(size: Floats) -> Floats:
    """0, 1 or 2 by capitalisation among the stocks of the session; NaN where it is not known."""
    known = np.isfinite(size)
    order = np.argsort(np.argsort(np.where(known, size, np.inf), axis=0, kind="stable"), axis=0, kind="stable")
    with np.errstate(invalid="ignore", divide="ignore"):
        place = np.minimum(np.floor(len(SIZES) * order / known.sum(axis=0)), len(SIZES) - 1)
    return np.where(known, place, np.nan)
