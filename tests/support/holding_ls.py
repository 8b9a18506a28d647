"""A lake that was collected from LS alone held against the truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import polars as pl
from polars.testing import assert_frame_equal

from sugeup.records import Dataset
from tests.support import published_ls
from tests.support.holding import INDICES, MARKETS, Held

SHOWN = defaultdict[str, tuple[str, ...]](tuple, {"daily_bars": ("ls",), "foreign_holding": ("ls_holding",)})
LOANS = ("loan_new_shares", "loan_repaid_shares", "loan_balance_shares")


@dataclass(frozen=True)
class HeldOfLs(Held):
    """The same with what LS gives: no base prices, no shares listed, no sectors."""

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

    def _scopes(self, declared: Dataset, codes: Sequence[str] | None) -> list[str]:
        if declared.scope == "code":
            return super()._scopes(declared, codes)
        return [*(INDICES if declared.name == "index_day" else MARKETS)]

    def _shares(self, stored: pl.DataFrame) -> None:
        """Nobody told the shares listed."""
        assert stored["listed_shares"].is_null().all() and stored["market_cap"].is_null().all()
