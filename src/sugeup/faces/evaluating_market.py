"""A simulated market with labelled events as figures for research: what `sugeup evaluate` tries detectors on."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from sugeup.market import publication
from sugeup.research import revisions
from sugeup.research.figures import Figures, Flags, figures
from sugeup.research.matched_filter import Shape
from sugeup.sandbox import figures as vendor
from sugeup.sandbox import templates
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.revisions import provisional
from sugeup.sandbox.world import REVISIONS

FIRST = date(2025, 1, 2)
SESSIONS = 500
EARLY_STOCKS, EARLY_SESSIONS, EARLY_LAST = 60, 160, 60
"""Stocks and sessions of the market whose early figures are held against the final ones, on so many sessions."""


def simulated(seed: int, strength: float, stocks: int, sessions: int = SESSIONS) -> SimulatedMarket:
    """The market of a seed; equal seeds have the same noise at every strength."""
    return SimulatedMarket(Plan(seed=seed, stocks=stocks, first=FIRST, sessions=sessions, events=strength))


def read(market: SimulatedMarket) -> Figures:
    """Its figures, true and final, as arrays."""

    def rows(name: str) -> pl.DataFrame:
        return market.rows(name, market.sessions[0], market.sessions[-1])

    return figures(
        rows("daily_bars"),
        rows("investor_day_stock"),
        rows("index_day"),
        markets=dict(rows("instruments").select("code", "market").iter_rows()),
        sectors=dict(rows("sector_membership").select("code", "sector").iter_rows()),
        shorts=rows("short_day"),
        balances=rows("short_balance"),
        days=market.sessions,
    )


def official(market: SimulatedMarket, seen: Figures) -> Flags:
    """Stock-sessions after which the simulated exchange barred short selling (공매도 과열종목)."""
    marks = market.marked.overheat
    told = np.zeros(marks.shape, bool)
    told[:-1] = marks[1:]
    order = [market.codes.index(code) for code in seen.codes]
    found: Flags = told.T[order]
    return found


def shapes(stocks: int) -> tuple[Shape, ...]:
    """What is planted, as the ideal detector knows it."""
    group = min(20, max(2, stocks // 20))
    every = (*templates.ACCUMULATIONS, *templates.SINGLE, templates.ROTATION, templates.DRESSING)
    return tuple(Shape(one.kind, one.default, one.days, group if one.group else 1) for one in every)


def revised() -> list[dict[str, Any]]:
    """Tallies of each slot (가집계) and evening figures (잠정치) of a simulated market, against the final ones.

    Without events. Vendors of the simulation serve the same: how far off they are is what the simulation was built
    with.
    """
    market = simulated(1, 0.0, EARLY_STOCKS, EARLY_SESSIONS)
    days = market.sessions[-EARLY_LAST:]
    traded = market.rows("daily_bars", days[0], days[-1]).select("code", "session", "volume")
    final = market.rows("investor_day_stock", days[0], days[-1]).join(traded, on=["code", "session"])
    told = pl.concat([market.rows("stock_estimate", day, day) for day in days])
    served = vendor.Figures(market)
    evening = pl.concat(
        provisional(row, market.plan.seed, row["session"][0], served.place(code), REVISIONS)
        for code in market.codes
        for row in served.stock("investor_day_stock", code).slice(days[0], days[-1]).iter_slices(1)
    )
    found = []
    for group in ("foreign", "institution"):
        name = f"{group}_net_volume"
        early = [(f"{at:%H:%M}", told.filter(pl.col("slot") == slot)) for slot, at in enumerate(publication.SLOTS, 1)]
        for at, frame in (*early, ("evening", evening)):
            both = frame.select("code", "session", pl.col(name).alias("early")).join(final, on=["code", "session"])
            parts = (both[column].cast(pl.Float64).to_numpy() for column in ("early", name, "volume"))
            found.append(revisions.row(*parts, investor=group, at=at))
    return found
