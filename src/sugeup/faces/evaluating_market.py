"""A simulated market with labelled events as figures for research: what `sugeup evaluate` tries detectors on."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from sugeup.research.figures import Figures, Flags, figures
from sugeup.research.matched_filter import Shape
from sugeup.sandbox import templates
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan

FIRST = date(2025, 1, 2)
SESSIONS = 500


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
