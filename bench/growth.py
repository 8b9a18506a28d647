"""How cost grows: the slope of time against stocks, sessions and stored history on logarithmic axes (1: in step)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench import lake
from bench.markets import Panel, market
from bench.measure import Figure, growth
from bench.metrics import SERIES, Case

LIMIT = 1.1
STOCKS = (700, 1400, 2800)
SESSIONS = (1250, 2500, 5000)
HISTORIES = (625, 1250, 2500)
STEADY = 600  # stocks of the panels that grow by sessions; sessions of those that grow by stocks
METRICS = (
    "inv.trend",
    "inv.momentum_score",
    "inv.price_correlation",
    "inv.kyle_lambda",
    "inv.amihud",
    "beh.consistency",
)
RECENT = 80  # sessions held by lakes that grow by stocks
FEW = 250  # stocks held by lakes that grow by history


def run() -> Iterator[Figure]:
    yield from _metrics()
    with tempfile.TemporaryDirectory() as folder:
        yield from _by_stocks(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        yield from _by_history(Path(folder))


def _metrics() -> Iterator[Figure]:
    wide = {stocks: market(stocks, STEADY) for stocks in STOCKS}
    long = {sessions: market(STEADY, sessions) for sessions in SESSIONS}
    for case in SERIES:
        if case.id in METRICS:
            yield _cost(f"growth.stocks.{case.id}", case, wide)
            yield _cost(f"growth.sessions.{case.id}", case, long)


def _cost(name: str, case: Case, panels: dict[int, Panel]) -> Figure:
    return growth(name, LIMIT, lambda size: partial(case.ours, panels[size]), tuple(panels))


def _by_stocks(folder: Path) -> Iterator[Figure]:
    stores = {stocks: lake.build(folder / str(stocks), stocks, RECENT) for stocks in STOCKS}
    yield _read("growth.stocks.market_panel_60d", stores, lambda store: partial(lake.read, store, None))
    yield _read("growth.stocks.point_read_60d", stores, partial(lake.stock_after_stock, lake.read))
    yield growth("growth.stocks.full_day", LIMIT, lambda stocks: _upsert(stores[stocks]), STOCKS, lake.RUNS)


def _by_history(folder: Path) -> Iterator[Figure]:
    stores = {sessions: lake.build(folder / str(sessions), FEW, sessions) for sessions in HISTORIES}
    yield _read("growth.history.market_panel_60d", stores, lambda store: partial(lake.read, store, None))
    yield _read("growth.history.point_read_60d", stores, partial(lake.stock_after_stock, lake.read))
    yield growth("growth.history.full_day", LIMIT, lambda sessions: _upsert(stores[sessions]), HISTORIES, lake.RUNS)


def _read(name: str, stores: dict[int, lake.Store], reading: Callable[[lake.Store], Callable[[], object]]) -> Figure:
    return growth(name, LIMIT, lambda size: reading(stores[size]), tuple(stores), lake.RUNS)


def _upsert(store: lake.Store) -> Callable[[], object]:
    """Stores one new session after the other."""
    frames = iter([lake.rows([next(store.ahead)], store.stocks, 7) for _ in range(lake.RUNS + 1)])
    return lambda: store.lake.upsert(lake.WIDE, next(frames))
