"""One session of the simulated market, ready to be split into minutes: its stocks, their bars, who belongs to what."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from sugeup.errors import NoData, Refused
from sugeup.sandbox.intraday_clock import Grid, grid
from sugeup.sandbox.intraday_draws import Floats, Integers
from sugeup.sandbox.intraday_minutes import Minutes, market_moves, minutes
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.views import FutureDay, IndexDay, StockDay

MARKETS = ("KOSPI", "KOSDAQ")
INDICES = (*MARKETS, "KOSPI200")
INDUSTRY = "KRX_INDUSTRY"
_KEPT = 2


class Days(Protocol):
    """What the intraday part asks of the daily market."""

    @property
    def plan(self) -> Plan:
        """The plan, with the seed."""

    @property
    def sessions(self) -> tuple[date, ...]:
        """Sessions of the plan."""

    def rows(self, dataset: str, first: date, last: date, scopes: Sequence[str] | None = None) -> pl.DataFrame:
        """Rows of a daily dataset."""

    def stock_day(self, code: str, session: date) -> StockDay:
        """One stock on one session."""

    def index_day_view(self, index_code: str, session: date) -> IndexDay:
        """One index on one session."""

    def future(self, session: date) -> FutureDay:
        """The nearest future on one session."""


@dataclass(frozen=True, eq=False)
class Book:
    """All stocks of a session; bars are made on first use and shared by everything that adds them up."""

    market: Days
    session: date
    investors: dict[str, Integers] = field(default_factory=dict)
    """Cumulative investor figures by scope, as far as they were asked for."""

    @property
    def seed(self) -> int:
        """Seed of the plan."""
        return self.market.plan.seed

    @cached_property
    def grid(self) -> Grid:
        """Minutes of the session."""
        return grid(self.session)

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """Codes listed on the session, halted ones too."""
        return tuple(self.market.rows("daily_bars", self.session, self.session)["code"].sort().to_list())

    @cached_property
    def stocks(self) -> dict[str, StockDay]:
        """Every listed stock's day."""
        return {code: self.market.stock_day(code, self.session) for code in self.listed}

    @cached_property
    def minutes(self) -> Minutes:
        """Bars of every stock that traded."""
        return minutes(self.seed, self.session, list(self.stocks.values()))

    @cached_property
    def industries(self) -> dict[str, tuple[str, ...]]:
        """Codes of each sector index, by the index's code."""
        first = self.market.sessions[0]
        rows = self.market.rows("sector_membership", min(first, self.session), self.session)
        current = rows.filter(
            (pl.col("scheme") == INDUSTRY)
            & (pl.col("valid_from") <= self.session)
            & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= self.session))
        ).sort("sector", "code")
        return {str(name): tuple(part["code"]) for (name,), part in current.group_by("sector", maintain_order=True)}

    def scopes(self, asked: Sequence[str] | None, indices: bool = False) -> tuple[str, ...]:
        """The scopes asked for, or all: markets and sectors, with the KOSPI 200 where `indices`; Refused if unknown."""
        known = (*(INDICES if indices else MARKETS), *self.industries)
        if asked is None:
            return known
        for one in asked:
            if one not in known:
                raise Refused(f"unknown market {one!r}; allowed: {', '.join(known)}", code="UNKNOWN_SECTOR")
        return tuple(dict.fromkeys(asked))

    def chosen(self, codes: Sequence[str] | None) -> list[StockDay]:
        """Days of the stocks asked for that were listed; all without a choice."""
        if codes is None:
            return list(self.stocks.values())
        if "stocks" in self.__dict__:
            return [self.stocks[code] for code in sorted(set(codes)) if code in self.stocks]
        asked = self.market.rows("daily_bars", self.session, self.session, sorted(set(codes)))["code"].sort()
        return [self.market.stock_day(code, self.session) for code in asked]

    def bars(self, codes: Sequence[str] | None) -> Minutes:
        """Bars of the stocks asked for; all without a choice."""
        return self.minutes if codes is None else minutes(self.seed, self.session, self.chosen(codes))

    def inside(self, scope: str) -> Integers:
        """Places in `minutes` of the stocks of a market or sector."""
        if scope in INDICES:
            return np.flatnonzero(np.array(self.minutes.market) == home(scope))
        members = set(self.industries[scope])
        return np.array([place for place, code in enumerate(self.minutes.codes) if code in members], dtype=np.int64)

    def traded(self, scope: str) -> tuple[Integers, Integers]:
        """Cumulative shares and won of a market or sector at the end of each bar: sums of its stocks."""
        return self.added(self.inside(scope))

    def added(self, rows: Integers) -> tuple[Integers, Integers]:
        """Cumulative shares and won at the end of each bar of the stocks at some places in `minutes`."""
        parts = (self.minutes.shares[rows], self.minutes.won[rows])
        shares, won = (np.cumsum(part.sum(axis=0)) for part in parts)
        return shares, won

    def moves(self, scope: str) -> Floats:
        """Moves of the market to which a scope belongs, by continuous minute."""
        return market_moves(self.seed, self.session, home(scope))


def home(scope: str) -> str:
    """The market of an index or sector code: sectors of KOSDAQ begin with 1."""
    return "KOSDAQ" if scope == "KOSDAQ" or scope.startswith("1") else "KOSPI"


_books: WeakKeyDictionary[Days, OrderedDict[date, Book]] = WeakKeyDictionary()


def book(market: Days, session: date) -> Book:
    """The book of a session; the last two of a market are kept. NoData OUT_OF_HISTORY outside the plan."""
    if session not in market.sessions:
        raise NoData(
            f"no simulated session {session}; the plan runs from {market.sessions[0]} to {market.sessions[-1]}",
            code="OUT_OF_HISTORY",
            hint="Ask for a session of the plan.",
        )
    kept = _books.setdefault(market, OrderedDict())
    found = kept.pop(session, None) or Book(market, session)
    kept[session] = found
    while len(kept) > _KEPT:
        kept.popitem(last=False)
    return found
