"""Planted disagreements: one vendor shows another figure than the rest for one scope, session and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from sugeup import records
from sugeup.sandbox.figures import Market


@dataclass(frozen=True)
class Dispute:
    """`vendor` shows one column of a scope's session larger by `by`."""

    vendor: str
    dataset: str
    scope: str
    session: date
    column: str
    by: int


class Disputed:
    """A market as one vendor shows it."""

    def __init__(self, market: Market, disputes: Sequence[Dispute]) -> None:
        self._market = market
        self._disputes = tuple(disputes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._market, name)

    def rows(self, dataset: str, *given: Any, **named: Any) -> pl.DataFrame:
        """The market's rows with the planted figures."""
        frame = self._market.rows(dataset, *given, **named)
        scope = records.dataset(dataset).scope
        for one in self._disputes:
            if one.dataset == dataset and one.column in frame.columns:
                here = (pl.col(scope) == one.scope) & (pl.col("session") == one.session)
                frame = frame.with_columns(pl.when(here).then(pl.col(one.column) + one.by).otherwise(one.column))
        return frame
