"""The archive: the only door to data. Three verbs: read what is stored, fill it, and tell what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

import polars as pl

from sugeup import records
from sugeup.market.clock import Clock
from sugeup.records import Dataset, Origin, ledger
from sugeup.records.ledger import Asked, Upserted
from sugeup.records.origins import unknown


class Panels(Protocol):
    """Where rows are kept."""

    def read(
        self,
        dataset: Dataset,
        *,
        columns: Sequence[str] | None = None,
        scopes: Sequence[str] | None = None,
        start: date | None = None,
        end: date | None = None,
        as_of: datetime | None = None,
        having: Sequence[str] = (),
    ) -> pl.DataFrame:
        """Rows by column, scope, session and time of knowledge."""
        ...

    def upsert(self, dataset: Dataset, frame: pl.DataFrame) -> Upserted:
        """Store rows, one current row per key."""
        ...


class Ledger(Protocol):
    """Where it is written down what was asked."""

    def record(self, asked: Sequence[Asked]) -> None:
        """Enter spans."""
        ...

    def coverage(self, dataset: str | None = None) -> list[Asked]:
        """Spans entered so far."""
        ...


class Archive:
    """One lake with its ledger. `name` is the lake's: demo, real or simulated; they are never mixed in one answer."""

    def __init__(self, name: str, panels: Panels, ledger: Ledger, clock: Clock, origins: Mapping[str, Origin]) -> None:
        self.name = name
        self.clock = clock
        self._panels = panels
        self._ledger = ledger
        self._origins = origins

    def read(
        self,
        dataset: str,
        *,
        columns: Sequence[str] | None = None,
        scopes: Sequence[str] | None = None,
        start: date | None = None,
        end: date | None = None,
        as_of: datetime | None = None,
        having: Sequence[str] = (),
    ) -> pl.DataFrame:
        """Stored rows of a dataset, one per key, sorted by key; an empty frame when there are none.

        Pushes columns, scopes (codes, markets) and sessions down to the store. `as_of`: exactly what was known then.
        `having`: the best row among those with a value in one of these columns, so that a source which publishes more
        is found behind a preferred one which publishes less.
        """
        return self._panels.read(
            records.dataset(dataset),
            columns=columns,
            scopes=scopes,
            start=start,
            end=end,
            as_of=as_of,
            having=having,
        )

    def fill(self, dataset: str, frame: pl.DataFrame) -> Upserted:
        """Store checked rows and enter them into the ledger; repeating it changes nothing."""
        declared = records.dataset(dataset)
        done = self._panels.upsert(declared, frame)
        self._ledger.record(ledger.spans(declared, frame, self.clock.now()))
        return done

    def coverage(self, dataset: str | None = None) -> list[Asked]:
        """What was asked of which source, by dataset, source, scope and date."""
        return self._ledger.coverage(dataset)

    def origin(self, source: str) -> Origin:
        """What is known about a source that a row names."""
        return self._origins.get(source) or unknown(source)
