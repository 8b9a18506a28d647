"""A small simulated market whose programme trading is known, and hand-made minutes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.market.clock import FixedClock
from sugeup.market.sessions import SEOUL
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from tests.support.archives import rows
from tests.support.simulated import fill, open_simulated

DATASETS = (
    "instruments",
    "daily_bars",
    "index_day",
    "program_day_market",
    "program_day_stock",
    "program_minute_market",
    "index_minute",
    "futures_minute",
)
KINDS = ("program", "arbitrage", "non_arbitrage")
CASE = registry.load("sugeup.usecases.program_trading", "get_program_trading")
MILLION = 1_000_000


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    """The answer as plain JSON."""
    answer: dict[str, Any] = payload.plain(registry.bind(CASE, archive)(**arguments))
    return answer


def block(archive: Archive, **arguments: Any) -> dict[str, Any]:
    """Its figures."""
    found: dict[str, Any] = ask(archive, **arguments)["program_trading"]
    return found


def small_market() -> SimulatedMarket:
    """Twelve stocks over the sessions of a reference window."""
    return SimulatedMarket(Plan(stocks=12, sessions=70))


def collected(path: Path, market: SimulatedMarket, minutes: int = 22) -> Archive:
    """Everything about programme trading, with the minutes of the last sessions."""
    archive = open_simulated(path, market.sessions[-1])
    fill(archive, market, DATASETS, minutes)
    return archive


def running(path: Path, market: SimulatedMarket, now: time, *, past: int = 22) -> Archive:
    """The same while the last session runs: its minutes up to now, of the days before everything."""
    session = market.sessions[-1]
    archive = at_moment(path, session, now)
    until = moment(session, now)
    for name in ("program_day_market", "index_day", "program_day_stock"):
        store(archive, name, market.rows(name, market.sessions[0], market.sessions[-2]))
    for name in ("program_minute_market", "index_minute", "futures_minute"):
        for day in market.sessions[-past:]:
            made = market.rows(name, day, day)
            store(archive, name, made.filter(pl.col("at") <= until) if day == session else made)
    return archive


def at_moment(path: Path, session: date, now: time) -> Archive:
    """An empty simulated archive at a time of a session."""
    archive = open_simulated(path, session)
    archive.clock = FixedClock(datetime.combine(session, now, SEOUL))
    return archive


def store(archive: Archive, dataset: str, made: pl.DataFrame, source: str = "kis_market", **about: Any) -> None:
    """Rows as a source gave them."""
    if made.height:
        archive.fill(dataset, rows(dataset, made.to_dicts(), source, **about))


def moment(session: date, at: time) -> datetime:
    """A moment of a session in UTC."""
    return datetime.combine(session, at, SEOUL).astimezone(UTC)


def minute_rows(
    session: date, totals: Mapping[str, Sequence[int]], market: str = "KOSPI", **more: Any
) -> list[dict[str, Any]]:
    """Rows of `program_minute_market` by clock: arbitrage bought and sold, the rest bought and sold, million won."""
    found = []
    for clock, (bought, sold, rest_bought, rest_sold) in totals.items():
        row: dict[str, Any] = {"market": market, "session": session, "at": moment(session, time.fromisoformat(clock))}
        for kind, buy, sell in (
            ("arbitrage", bought, sold),
            ("non_arbitrage", rest_bought, rest_sold),
            ("program", bought + rest_bought, sold + rest_sold),
        ):
            row |= {f"{kind}_buy_amount": buy * MILLION, f"{kind}_sell_amount": sell * MILLION}
            row |= {f"{kind}_net_amount": (buy - sell) * MILLION}
        found.append(row | more)
    return found


def bars(session: date, totals: Mapping[str, int], index: str = "KOSPI") -> list[dict[str, Any]]:
    """Rows of `index_minute` by clock: cumulative turnover in million won."""
    return [
        {
            "index_code": index,
            "session": session,
            "at": moment(session, time.fromisoformat(clock)),
            "close": 2500.0,
            "amount": total * MILLION,
        }
        for clock, total in totals.items()
    ]


def before(clock: str, minutes: int = 1) -> str:
    """A clock so many minutes earlier."""
    return f"{datetime.combine(date(2026, 1, 1), time.fromisoformat(clock)) - timedelta(minutes=minutes):%H:%M}"
