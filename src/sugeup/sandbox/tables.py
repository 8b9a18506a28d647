"""The daily datasets of a simulated market: how the rows of each are made from its stages.

A maker takes the stages, the rows of the sessions asked for, and the scopes asked for (None: all). What it leaves out
or gives too much of is cut by the caller; scopes only save work here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from sugeup import records
from sugeup.sandbox import frames, reference
from sugeup.sandbox.draws import Array, generator
from sugeup.sandbox.grid import MARKETS
from sugeup.sandbox.stages import Stages

Scopes = Sequence[str] | None
Maker = Callable[[Stages, slice, Scopes], pl.DataFrame]


def cut(made: Stages, rows: slice, scopes: Scopes) -> frames.Slice:
    """The stocks of some scopes on some sessions."""
    codes = made.stocks.codes
    chosen = np.arange(len(codes))
    if scopes is not None:
        wanted = set(scopes)
        chosen = np.array([at for at, code in enumerate(codes) if code in wanted], dtype=np.int64)
    return frames.Slice(made.sessions, rows, chosen, codes)


def _frame(dataset: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    record = records.dataset(dataset)
    return pl.DataFrame(rows, schema={column.name: record.frame_schema[column.name] for column in record.columns})


def _instruments(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    return _frame("instruments", reference.instruments(made.plan, made.sessions, made.stocks, made.life))


def _memberships(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    return _frame("sector_membership", reference.memberships(made.sessions, made.stocks, made.life))


def _actions(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    return _frame("corporate_actions", reference.actions(made.sessions, made.stocks, made.life))


def _designations(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    return reference.designations(made.sessions, rows, made.stocks, made.marked)


def _bars(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    return frames.bars(cut(made, rows, scopes), made.life, made.priced)


def _stock_flows(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    return frames.stock_flows(cut(made, rows, scopes), made.traded, made.trades)


def _market_flows(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    return frames.market_flows(made.sessions, rows, made.stocks, made.trades, scopes)


def _program_stock(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    return frames.program_stock(cut(made, rows, scopes), made.traded, made.followed)


def _program_market(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    days = range(made.plan.sessions)[rows]
    arbitrage = {side: arbitrage_part(made.plan.seed, side, days) for side in ("buy", "sell")}
    return frames.program_market(made.sessions, rows, made.stocks, made.followed, arbitrage)


def arbitrage_part(seed: int, side: str, days: Sequence[int]) -> Array:
    """Arbitrage part of one side of programme trading, by session and market; both sides differ a little."""
    usual = np.array([frames.ARBITRAGE[name] for name in MARKETS])
    noise = [generator(seed, f"arbitrage-{side}", day).standard_normal(len(MARKETS)) for day in days]
    return np.asarray(usual * np.exp(0.35 * np.array(noise).reshape(-1, len(MARKETS))))


def _short_day(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    columns = {"short_volume": made.followed.short_volume, "short_amount": made.followed.short_amount}
    return cut(made, rows, scopes).by_stock(made.traded, columns)


def _short_balance(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    balance = made.followed.short_balance
    columns = {
        "balance_shares": balance,
        "balance_amount": balance * made.priced.close,
        "listed_shares": made.life.shares,
    }
    return cut(made, rows, scopes).by_stock(made.life.listed, columns)


def _foreign_holding(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    held, limit = made.followed.held, made.followed.held_limit
    columns = {
        "held_shares": held,
        "limit_shares": limit,
        "listed_shares": made.life.shares,
        "limit_use_pct": np.round(100 * held / limit, 2),
    }
    return cut(made, rows, scopes).by_stock(made.life.listed, columns)


def _lending(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    lent = made.owed.lending
    columns = {
        "new_shares": lent.new,
        "repaid_shares": lent.repaid,
        "balance_shares": lent.balance,
        "balance_amount": lent.balance_amount,
    }
    return cut(made, rows, scopes).by_stock(made.life.listed, columns)


def _credit(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    columns = frames.ledger("loan", made.owed.loan) | frames.ledger("stock_loan", made.owed.stock_loan)
    return cut(made, rows, scopes).by_stock(made.life.listed, columns)


def _funds(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    return frames.funds(made.sessions, rows, made.stocks, made.life, made.owed)


def _index_days(made: Stages, rows: slice, scopes: Scopes) -> pl.DataFrame:
    return frames.index_days(made.levels, rows)


MAKERS: Mapping[str, Maker] = {
    "instruments": _instruments,
    "sector_membership": _memberships,
    "corporate_actions": _actions,
    "designations": _designations,
    "daily_bars": _bars,
    "investor_day_stock": _stock_flows,
    "investor_day_market": _market_flows,
    "program_day_stock": _program_stock,
    "program_day_market": _program_market,
    "short_day": _short_day,
    "short_balance": _short_balance,
    "foreign_holding": _foreign_holding,
    "lending": _lending,
    "credit": _credit,
    "market_funds": _funds,
    "index_day": _index_days,
}
"""Maker of each daily dataset."""
