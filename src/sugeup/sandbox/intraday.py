"""장중: rows of the intraday datasets of one simulated session, made when asked for and always the same.

Minutes of a stock depend on its day and the seed alone; markets and sectors are sums of their stocks' minutes. Bars are
labelled by their start. Running tallies (investors, programme) are snapshots taken at the minute, with half of the
minute just ended still on its way, and one at ten minutes after the close that holds the whole day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import polars as pl

from sugeup import records
from sugeup.errors import Refused
from sugeup.sandbox import intraday_flows, intraday_market, intraday_program
from sugeup.sandbox.intraday_book import MARKETS, Book, Days, book, home
from sugeup.sandbox.intraday_draws import Floats, Integers
from sugeup.sandbox.intraday_estimates import estimates
from sugeup.sandbox.intraday_members import members
from sugeup.sandbox.intraday_ticks import trades
from sugeup.sandbox.views import LEAVES, StockDay

Scopes = Sequence[str] | None


def rows(market: Days, dataset: str, session: date, scopes: Scopes = None) -> pl.DataFrame:
    """Rows of an intraday dataset of one session, key and measures, sorted by key; `scopes` None: everything.

    Refused for a dataset that is not intraday or an unknown market, NoData for a session outside the plan. A stock that
    is halted or not listed has no rows.
    """
    if dataset not in DATASETS:
        raise Refused(f"{dataset!r} is no intraday dataset; allowed: {', '.join(DATASETS)}")
    made = DATASETS[dataset](book(market, session), scopes)
    record = records.dataset(dataset)
    kinds = record.frame_schema
    return made.select(pl.col(column.name).cast(kinds[column.name]) for column in record.columns)


def _minute_bars(of: Book, scopes: Scopes) -> pl.DataFrame:
    return of.bars(scopes).frame()


def _ticks(of: Book, scopes: Scopes) -> pl.DataFrame:
    made = of.bars(scopes)
    parts = [trades(of.seed, made, stock) for stock in range(len(made.codes))]
    return pl.concat(parts) if parts else trades(of.seed, of.minutes, 0).clear()


def _stock_estimate(of: Book, scopes: Scopes) -> pl.DataFrame:
    return estimates(of.seed, of.session, of.chosen(scopes))


def _broker_members(of: Book, scopes: Scopes) -> pl.DataFrame:
    return members(of.seed, of.session, of.chosen(scopes))


def _program_minute_stock(of: Book, scopes: Scopes) -> pl.DataFrame:
    made = of.bars(scopes)
    days = {stock.code: stock for stock in of.chosen(scopes)}
    return intraday_program.stock_frame(of.grid, made.codes, intraday_program.by_stock(of.seed, made, days))


def _program_minute_market(of: Book, scopes: Scopes) -> pl.DataFrame:
    named = tuple(sorted(of.scopes(MARKETS if scopes is None else scopes)))
    if sectors := set(named) - set(MARKETS):
        raise Refused(f"no programme trading of {min(sectors)!r}; allowed: {', '.join(MARKETS)}", code="UNKNOWN_SECTOR")
    made = intraday_program.by_stock(of.seed, of.minutes, of.stocks)
    reached = np.array([made[of.inside(scope)].sum(axis=0) for scope in named]).reshape(len(named), 4, -1)
    day = of.market.rows("program_day_market", of.session, of.session, named)
    columns = [f"arbitrage_{side}_{measure}" for measure in ("volume", "amount") for side in ("buy", "sell")]
    known = {row["market"]: [row[name] or 0 for name in columns] for row in day.iter_rows(named=True)}
    arbitrage = np.array([known.get(scope, [0] * 4) for scope in named], dtype=np.int64).reshape(-1, 4)
    return intraday_program.market_frame(of.seed, of.grid, named, reached, arbitrage)


def _investor_minute_market(of: Book, scopes: Scopes) -> pl.DataFrame:
    named = tuple(sorted(of.scopes(scopes)))
    for market in {home(scope) for scope in named} - set(of.investors):
        _tally(of, market)
    return intraday_flows.frame(of.grid, named, np.array([of.investors[scope] for scope in named]))


def _tally(of: Book, market: str) -> None:
    """Notes the cumulative figures of a market's sectors in the book, and of the market as their sum."""
    sectors = tuple(scope for scope in of.industries if home(scope) == market)
    places = [of.inside(scope) for scope in sectors]
    elsewhere = np.setdiff1d(of.inside(market), np.concatenate([np.empty(0, dtype=np.int64), *places]))
    groups, places = (*sectors, f"{market} elsewhere"), [*places, elsewhere]
    traded = [of.added(rows) for rows in places]
    shares, won = (np.array([np.diff(of.grid.seen(pair[place]), prepend=0) for pair in traded]) for place in (0, 1))
    sides = np.array([_sides([of.stocks[of.minutes.codes[row]] for row in rows]) for rows in places])
    amounts = sides[:, 0].sum(axis=1).astype(np.float64)
    gross: Floats = amounts / np.maximum(amounts.sum(axis=1, keepdims=True), 1.0)
    parts = intraday_flows.liking(of.seed, of.grid, groups, market, of.moves(market), gross)
    reached = intraday_flows.split(won, shares, sides, parts)
    of.investors.update(zip(sectors, reached, strict=False))
    of.investors[market] = reached.sum(axis=0)


def _sides(stocks: Sequence[StockDay]) -> Integers:
    """What the leaves bought and sold of some stocks, shape (measures amount volume, sides buy sell, leaves)."""
    names = (("buy_amount", "sell_amount"), ("buy_volume", "sell_volume"))
    if not stocks:
        return np.zeros((2, 2, len(LEAVES)), dtype=np.int64)
    return np.array([[np.sum([getattr(one, name) for one in stocks], axis=0) for name in pair] for pair in names])


def _index_minute(of: Book, scopes: Scopes) -> pl.DataFrame:
    named = tuple(sorted(of.scopes(scopes, indices=True)))
    days = [of.market.index_day_view(code, of.session) for code in named]
    moves = np.array([of.moves(code) for code in named]).reshape(len(named), of.grid.length - 1)
    points = intraday_market.levels(of.seed, of.grid, days, moves)
    traded = [of.traded(code) for code in named]
    shares, won = (
        np.array([intraday_market.scaled(pair[place], total) for pair, total in zip(traded, totals, strict=True)])
        for place, totals in ((0, [day.volume for day in days]), (1, [day.amount for day in days]))
    )
    return intraday_market.index_frame(of.grid, named, points, shares, won)


def _futures_minute(of: Book, scopes: Scopes) -> pl.DataFrame:
    day = of.market.future(of.session)
    spot = of.market.index_day_view("KOSPI200", of.session)
    points = intraday_market.levels(of.seed, of.grid, [spot], of.moves("KOSPI200")[None])
    made = intraday_market.future_frame(of.seed, of.grid, day, points[0, 3])
    return made if scopes is None else made.filter(pl.col("contract").is_in(list(scopes)))


DATASETS: dict[str, Callable[[Book, Scopes], pl.DataFrame]] = {
    "minute_bars": _minute_bars,
    "ticks": _ticks,
    "stock_estimate": _stock_estimate,
    "investor_minute_market": _investor_minute_market,
    "program_minute_stock": _program_minute_stock,
    "program_minute_market": _program_minute_market,
    "index_minute": _index_minute,
    "futures_minute": _futures_minute,
    "broker_members": _broker_members,
}
"""How each intraday dataset is made; the keys are the datasets this module knows."""
