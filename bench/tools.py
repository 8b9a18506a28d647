"""Every tool on a simulated market of 2,800 stocks and 300 sessions: how long a new question takes.

One-stock questions are about another stock each time, questions about a market about another session each time: nothing
that was remembered answers. Answers that are kept are asked for over MCP, against a tool that returns a constant of the
same size.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import polars as pl
from anyio.from_thread import start_blocking_portal
from tests.support.simulated import fill, open_simulated

from bench import faces
from bench.measure import Figure, milliseconds, ratio
from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import mcp
from sugeup.market import sessions
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan

LAKE = "demo"  # the folder below the data directory: its clock is that of the machine
STOCKS, SESSIONS, MINUTES = 2800, 300, 25
UNKEPT = "get_data_status"  # it tells of the ledger, which has no version: never kept
INDICES = 800  # sessions of the indices, more than the regime is fitted on
ONE_STOCK, MARKET, CACHED = 80.0, 500.0, 1.3
RUNS, STOCK_RUNS, CACHED_RUNS = 7, 25, 60


@dataclass(frozen=True)
class Question:
    """A question to a tool; `dated`: the argument that takes a session, if the answer depends on one."""

    name: str
    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    dated: str | None = "session"


STOCK = (
    Question("investor_trading", "get_investor_trading"),
    Question("ownership_changes", "get_ownership_changes"),
    Question("short_selling", "get_short_selling"),
    Question("time_based_flow", "get_time_based_flow"),
)
WHOLE = (
    Question("market_brief", "get_market_brief"),
    Question("investor_trading", "get_investor_trading", {"market": "KOSPI"}),
    Question("program_trading", "get_program_trading"),
    Question("sector_investor_flow", "get_sector_investor_flow"),
    Question("short_selling", "get_short_selling"),
    Question("sentiment.overall", "get_investor_sentiment", {"granularity": "OVERALL"}),
    Question("sentiment.by_type", "get_investor_sentiment", {"granularity": "BY_TYPE"}),
    Question("sentiment.by_sector", "get_investor_sentiment", {"granularity": "BY_SECTOR"}),
    Question("smart_money.large_orders", "get_smart_money_tracker", {"detection_method": "LARGE_ORDERS"}),
    Question("smart_money.institution_cluster", "get_smart_money_tracker", {"detection_method": "INSTITUTION_CLUSTER"}),
    Question("smart_money.foreign_surge", "get_smart_money_tracker", {"detection_method": "FOREIGN_SURGE"}),
    Question("time_based_flow", "get_time_based_flow", {"market": "KOSPI"}, "date"),
    Question("rank_flows", "rank_flows"),
    Question("data_status", "get_data_status", dated=None),
    Question("search_stock", "search_stock", {"query": "00"}, None),
    Question("explain_metric", "explain_metric", {}, None),
)


def plan(stocks: int = STOCKS, count: int = SESSIONS) -> Plan:
    """The market of the bench."""
    return Plan(stocks=stocks, sessions=count)


def build(folder: Path, wanted: Plan, minutes: int = MINUTES, indices: int = INDICES) -> Archive:
    """A lake with the truth of a simulated market; of the indices a longer past, from a smaller one."""
    market = SimulatedMarket(wanted)
    archive = open_simulated(folder, market.sessions[-1])
    fill(archive, market, minutes=minutes)
    days = sessions.sessions(date(2015, 6, 15), market.sessions[0])[-indices:-1]
    past = SimulatedMarket(Plan(stocks=30, first=days[0], sessions=len(days)))
    told = archive.read("index_day").head(1).select("source", "venue", "hours", "products", "final", "ingested_at")
    rows = past.rows("index_day", days[0], days[-1])
    known = archive.read("index_day")["index_code"].unique()
    rows = rows.filter(pl.col("index_code").is_in(known.implode())).drop(set(rows.columns) & set(told.columns))
    archive.fill("index_day", rows.join(told, how="cross").with_columns(known_at=pl.col("ingested_at")))
    return archive


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        archive = build(home / LAKE, plan())
        codes = traded(archive)
        for question in STOCK:
            yield milliseconds(
                f"tools.stock.{question.name}", about_stocks(archive, question, codes), ONE_STOCK, STOCK_RUNS
            )
        for question in WHOLE:
            yield milliseconds(f"tools.market.{question.name}", about_sessions(archive, question), MARKET, RUNS)
        yield from _cached(home, stack, codes[0])


def traded(archive: Archive) -> list[str]:
    """Stocks of which the estimates of the newest session are stored: those that every tool can answer about."""
    rows = archive.read("stock_estimate", columns=[])
    return rows.filter(pl.col("session") == rows["session"].max())["code"].unique().sort().to_list()


def about_stocks(archive: Archive, question: Question, codes: list[str]) -> Callable[[], object]:
    """Asks about one stock after the other."""
    ask, stocks = registry.usecases()[question.tool].run, cycle(codes[:: max(1, len(codes) // 60)])
    return lambda: ask(archive, stock_code=next(stocks), **question.arguments)


def about_sessions(archive: Archive, question: Question) -> Callable[[], object]:
    """Asks about one session after the other, the newest first."""
    ask = registry.usecases()[question.tool].run
    if question.dated is None:
        return lambda: ask(archive, **question.arguments)
    dataset = "investor_minute_market" if question.dated == "date" else "investor_day_stock"
    newest = archive.read(dataset, columns=[], start=sessions.next(plan().days()[-40]))["session"].unique().sort()
    days = cycle(newest.to_list()[::-1][: RUNS + 1])
    dated = str(question.dated)
    return lambda: ask(archive, **question.arguments, **{dated: next(days)})


def _cached(home: Path, stack: ExitStack, code: str) -> Iterator[Figure]:
    """Questions that were asked before, over MCP, against constants of the same size."""
    env = {**os.environ, "SUGEUP_DATA_DIR": str(home), "SUGEUP_LAKE": LAKE}  # noqa: TID251
    portal = stack.enter_context(start_blocking_portal())
    ours = stack.enter_context(faces.served(env, "-m", "sugeup", "serve", "--port"))
    tool = stack.enter_context(faces.asking(portal, ours))
    asked = {question.tool: question.arguments for question in WHOLE if question.tool != UNKEPT} | {
        STOCK[1].tool: {"stock_code": code}
    }
    (home / "answer.json").write_bytes(b"{}")
    for name, arguments in asked.items():
        (home / f"call-{name}.json").write_text(tool(name, arguments).model_dump_json(by_alias=True))
        (home / f"schema-{name}.json").write_text(json.dumps(mcp.output_schema(registry.usecases()[name])))
    bare = stack.enter_context(faces.served(env, "-m", "bench.faces_baseline", "http", after=[str(home)]))
    constant = stack.enter_context(faces.asking(portal, bare))
    for name, arguments in asked.items():
        mine = partial(tool, name, arguments)
        yield ratio(f"tools.cached.{name}", mine, partial(constant, f"constant-{name}", {}), CACHED, CACHED_RUNS)
