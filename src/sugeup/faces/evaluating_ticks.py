"""The trades of simulated block trades as arrays for research: what `sugeup evaluate` tries LARGE_TRADE_CLUSTER on."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from sugeup.faces.evaluating_market import simulated
from sugeup.faces.evaluating_runs import Size
from sugeup.research import large_trades
from sugeup.research.large_trades import HISTORY, WEEK, Case, Scored, Session, session_of
from sugeup.sandbox.intraday_minutes import minutes
from sugeup.sandbox.intraday_ticks import executions
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.views import LEAVES

SEEDS = 8
"""Markets whose trades are made, the first ones of an evaluation: a stock has some 25,000 trades a session."""
KIND = "block_trade"
_SELLER = LEAVES.index("other_corporation")


def measured(size: Size) -> dict[str, Any] | None:
    """What the page says of LARGE_TRADE_CLUSTER; None where the markets are too few or too short for an answer."""
    seeds = size.seeds[:SEEDS]
    if size.processes == 1:
        found = [scores(size, seed) for seed in seeds]
    else:
        with ProcessPoolExecutor(size.processes, mp_context=multiprocessing.get_context("spawn")) as pool:
            found = list(pool.map(partial(scores, size), seeds))
    base = float(np.mean([planted for _, planted in found])) / (size.stocks * size.sessions)
    told = large_trades.told([one for part, _ in found for one in part], base)
    return None if told is None else {"seeds": list(seeds)} | told


def scores(size: Size, seed: int) -> tuple[list[Scored], int]:
    """z of the block trades of one seed, and how many were planted, with those too near to an end of the market."""
    found, planted = cases(size, seed)
    return [large_trades.scored(one) for one in found], planted


def cases(size: Size, seed: int) -> tuple[list[Case], int]:
    """The block trades of a seed with enough sessions around them, without and with the event; how many there are."""
    quiet = simulated(seed, 0.0, size.stocks, size.sessions)
    strong = {one: simulated(seed, one, size.stocks, size.sessions) for one in size.strengths if one}
    every = events(next(iter(strong.values())))
    found = []
    for code, day in every:
        if not _listed(quiet, code, day):
            continue
        at = quiet.sessions.index(day)
        days = quiet.sessions[at - HISTORY : at + WEEK]
        planted = {one: traded(market, code, day) for one, market in strong.items()}
        blocks = {one: _block(market, code, day) for one, market in strong.items()}
        found.append(Case(tuple(traded(quiet, code, each) for each in days), HISTORY, planted, blocks))
    return found, len(every)


def events(market: SimulatedMarket) -> Sequence[tuple[str, date]]:
    """Stock and session of every planted block trade."""
    labels = market.labels.filter((pl.col("kind") == KIND) & ~pl.col("decoy"))
    return [(codes[0], first) for codes, first in labels.select("codes", "first").iter_rows()]


def traded(market: SimulatedMarket, code: str, day: date) -> Session:
    """The largest trades of a stock on a session; none where it is halted."""
    made = minutes(market.plan.seed, day, [market.stock_day(code, day)])
    if not made.codes:
        return Session(np.empty(0), np.empty(0), 0, 0.0)
    size, side, price = executions(market.plan.seed, made, 0)
    return session_of((size * price).astype(np.float64), side.astype(np.float64), float(made.won[0].sum()))


def _block(market: SimulatedMarket, code: str, day: date) -> float:
    """Won that 기타법인 sold on balance: the size of the block."""
    figures = market.stock_day(code, day)
    return float(abs(int(figures.buy_amount[_SELLER]) - int(figures.sell_amount[_SELLER])))


def _listed(market: SimulatedMarket, code: str, day: date) -> bool:
    """Whether the stock traded long enough before and after the event."""
    at = market.sessions.index(day)
    if at < HISTORY or at + WEEK > len(market.sessions):
        return False
    rows = market.rows("daily_bars", market.sessions[at - HISTORY], market.sessions[at + WEEK - 1], [code])
    return rows.height == HISTORY + WEEK
