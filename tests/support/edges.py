"""A simulated market in which every awkward security is there under a name, and the archive that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from sugeup import records, sources
from sugeup.archive import Archive
from sugeup.market.clock import FixedClock
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.tables import MAKERS
from sugeup.store.lake import Lake
from sugeup.store.state import State
from tests.support.simulated import INTRADAY, fill, open_simulated

PLAN = Plan(seed=12, stocks=60, first=date(2024, 12, 16), sessions=200)
"""Begins in the ban of short sales that ended on 2025-03-30; a stock leaves in it, another is split near its end."""
DELISTED, SPLIT, PREFERRED = "804710", "823850", "829125"
DATASETS = (*MAKERS, *INTRADAY)
"""What the market tells of days, and the minutes that are small enough to be stored."""
HALTS = {"halted_now": 1, "halted_long": 30}
LISTINGS = {"listed_1": 1, "listed_2": 2, "listed_19": 19}
_STANDING = frozenset({"daily_bars", "foreign_holding", "short_balance", "credit", "lending", "designations"})
"""Datasets that have rows of a halted stock."""


class EdgeMarket(SimulatedMarket):
    """The market of the plan in which some ordinary stocks are halted, new or a fund; `kinds`: name -> code."""

    def __init__(self, plan: Plan = PLAN) -> None:
        super().__init__(plan)
        last = len(self.sessions)
        plain = [
            code
            for at, code in enumerate(self.codes)
            if code not in {DELISTED, SPLIT}
            and not self.stocks.preferred[at]
            and at not in set(self.stocks.parent.tolist())
            and not self.life.halted[:, at].any()
            and self.life.first[at] < 0
            and self.life.last[at] == last
        ]
        names = ("ordinary", "fund", *HALTS, *LISTINGS)
        drawn = dict(zip(names, plain, strict=False))
        self.kinds = drawn | {"delisted": DELISTED, "split": SPLIT, "preferred": PREFERRED}
        self.begins = {drawn[name]: self.sessions[-n] for name, n in LISTINGS.items()}
        self.halts = {drawn[name]: self.sessions[-n] for name, n in HALTS.items()}

    def rows(self, dataset: str, first: date, last: date, scopes: Sequence[str] | None = None) -> pl.DataFrame:
        """As in the market of the plan, with what was made of some stocks."""
        found = super().rows(dataset, first, last, scopes)
        if dataset == "instruments":
            return self._instruments(found)
        if "code" not in found.columns or records.dataset(dataset).dated != "session":
            return found
        for code, begin in self.begins.items():
            found = found.filter((pl.col("code") != code) | (pl.col("session") >= begin))
        for code, begin in self.halts.items():
            standing = (pl.col("code") == code) & (pl.col("session") >= begin)
            if dataset == "daily_bars":
                found = self._still(found, code, standing)
            elif dataset not in _STANDING:
                found = found.filter(~standing)
        return found

    def _instruments(self, found: pl.DataFrame) -> pl.DataFrame:
        for code, begin in self.begins.items():
            new = pl.col("code") == code
            found = found.with_columns(
                pl.when(new).then(begin).otherwise(name).alias(name) for name in ("listed_on", "valid_from")
            )
        fund = pl.col("code") == self.kinds["fund"]
        return found.with_columns(pl.when(fund).then(pl.lit("ETF")).otherwise("kind").alias("kind"))

    def _still(self, found: pl.DataFrame, code: str, standing: pl.Expr) -> pl.DataFrame:
        """Bars of a halt: the price before it, no trade."""
        eve = self.sessions[self.sessions.index(self.halts[code]) - 1]
        close = super().rows("daily_bars", eve, eve, [code])["raw_close"][0]
        still: dict[str, object] = {"raw_close": close, "base_price": close, "volume": 0, "amount": 0}
        still |= {"raw_open": None, "raw_high": None, "raw_low": None, "status": "HALTED"}
        return found.with_columns(
            pl.when(standing).then(pl.lit(value, found.schema[name])).otherwise(name).alias(name)
            for name, value in still.items()
        )


class LastSession(EdgeMarket):
    """The market of which nothing is told but its newest session and the lists."""

    def rows(self, dataset: str, first: date, last: date, scopes: Sequence[str] | None = None) -> pl.DataFrame:
        """As in the market of the plan, of the newest session."""
        found = super().rows(dataset, first, last, scopes)
        return found.filter(pl.col("session") == self.sessions[-1]) if "session" in found.columns else found


@dataclass(frozen=True)
class Edges:
    """A filled archive, the market in it and its folder."""

    archive: Archive
    market: EdgeMarket
    path: Path

    @property
    def kinds(self) -> dict[str, str]:
        """What a security is -> its code."""
        return self.market.kinds

    @property
    def newest(self) -> date:
        """The newest session."""
        return self.market.sessions[-1]

    def at(self, now: datetime) -> Archive:
        """The same figures at another time."""
        lake = Lake(self.path, {name: origin.standing for name, origin in sources.origins().items()})
        return Archive("simulated", lake, State(self.path / "state.sqlite"), FixedClock(now), sources.origins())


def edge_lake(path: Path, minutes: int = 12) -> Edges:
    """The market in a new archive on the evening after it was confirmed; minutes of its last sessions."""
    market = EdgeMarket()
    archive = open_simulated(path, market.sessions[-1])
    fill(archive, market, DATASETS, minutes)
    return Edges(archive, market, path)


def one_session(path: Path) -> Edges:
    """The same market, of which a single session is stored, the newest."""
    market = LastSession()
    archive = open_simulated(path, market.sessions[-1])
    fill(archive, market, DATASETS, 1)
    return Edges(archive, market, path)
