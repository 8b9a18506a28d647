"""A lake that was collected from LS alone held against the truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import polars as pl
from polars.testing import assert_frame_equal

from tests.support import published_ls
from tests.support.holding import Held
from tests.support.published import belonging

SHOWN = defaultdict[str, tuple[str, ...]](tuple, {"daily_bars": ("ls",), "foreign_holding": ("ls_holding",)})
LOANS = ("loan_new_shares", "loan_repaid_shares", "loan_balance_shares")


@dataclass(frozen=True)
class HeldOfLs(Held):
    """The same with what LS gives: base prices and shares listed of the evening alone."""

    shown: ClassVar[Mapping[str, tuple[str, ...]]] = SHOWN
    funds: ClassVar[str] = "t8428"

    def lists(self) -> None:
        """On each day on which it was asked for, the list says of every stock of that day what the truth says."""
        for day in self.asked:
            wanted = published_ls.listed(self.market, day)
            held = (pl.col("valid_from") <= day) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= day))
            gone = pl.col("delisted_on").is_null() | (pl.col("delisted_on") > day)
            stored = self.archive.read("instruments").filter(held & gone).select(wanted.columns).sort("code")
            assert_frame_equal(wanted, stored, check_exact=True)
            members = belonging(self.market, day).filter(pl.col("code").is_in(wanted["code"].to_list()))
            there = held & pl.col("code").is_in(members["code"].to_list()) & (pl.col("scheme") == "KRX_INDUSTRY")
            sectors = self.archive.read("sector_membership").filter(there).select(members.columns).sort("code")
            assert_frame_equal(members, sectors, check_exact=True)

    def loans(self, day: date) -> int:
        """Every stored row of loans up to a day is the truth; how many there are."""
        stored = self.archive.read("credit")
        truth = self.market.rows("credit", self.market.sessions[0], day)
        both = stored.join(truth, on=["code", "session"], how="left", suffix="_true")
        assert both.height == stored.height and stored.select("code", "session").is_unique().all()
        for name in LOANS:
            assert both.filter(pl.col(name) != pl.col(f"{name}_true")).is_empty()
        return both.height

    def _wanted(self, dataset: str, days: Sequence[date]) -> pl.DataFrame:
        return published_ls.published(self.market, dataset, days)

    def _beside(self, dataset: str) -> set[str]:
        return published_ls.SOMETIMES.get(dataset, set())

    def _of_asked(self, day: date) -> set[str]:
        return {*published_ls.listed(self.market, day)["code"]}

    def _shares(self, stored: pl.DataFrame) -> None:
        """Base prices are true where there are any, and shares listed to the thousand."""
        days = sorted({*stored["session"]})
        truth = self.market.rows("daily_bars", days[0], days[-1])
        both = stored.join(truth, on=["code", "session"], how="inner", suffix="_true")
        far = (pl.col("listed_shares") - pl.col("listed_shares_true")).abs() > 500
        assert both.filter(far | (pl.col("market_cap") != pl.col("raw_close") * pl.col("listed_shares"))).is_empty()
        told = stored.filter(pl.col("base_price").is_not_null()).select("code", "session", "base_price")
        assert told.join(truth, on=told.columns, how="anti").is_empty()
