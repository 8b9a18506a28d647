"""The archive: the only door to data. Three verbs: read what is stored, fill it, and tell what was asked for.

wants       what is wanted of the sources, and what came of it
holes       what nobody was asked for yet, by the ledger
planning    which endpoint is asked for which holes
supply      who can be asked
asking      several asks at a time
taking      answers become checked, stamped rows and entries of the ledger
collecting  all of that, for one fill
describing  which sources there are, and what each gives and needs
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol, overload

import polars as pl

from sugeup import records
from sugeup.archive import describing, planning
from sugeup.archive.collecting import Collector, Tell
from sugeup.archive.describing import Source
from sugeup.archive.supply import Doors, Supply
from sugeup.archive.wants import Filled, Hole, Want
from sugeup.market.clock import Clock
from sugeup.records import Dataset, Origin, ledger
from sugeup.records.ledger import Asked, Coverage, Fault, Run, Upserted
from sugeup.records.origins import unknown
from sugeup.records.tally import Tally
from sugeup.sources.vendor import Reach

__all__ = ["Archive", "Filled", "Hole", "Ledger", "Panels", "Supply", "Want"]


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

    def tally(self, dataset: Dataset) -> Tally:
        """Current rows in numbers."""
        ...


class Ledger(Protocol):
    """Where it is written down what was asked."""

    def record(self, asked: Sequence[Asked]) -> None:
        """Enter spans."""
        ...

    def coverage(self, dataset: str | None = None) -> list[Asked]:
        """Spans entered so far."""
        ...

    def asked(self, dataset: str | None = None) -> Mapping[tuple[str, str], datetime]:
        """When each source was last asked, by dataset and source."""
        ...

    def note(self, faults: Sequence[Fault]) -> None:
        """Enter faulty rows."""
        ...

    def faults(self, dataset: str | None = None, limit: int = 100) -> list[Fault]:
        """Faulty rows, newest first."""
        ...

    def runs(self, job: str | None = None, limit: int = 20) -> list[Run]:
        """Runs of jobs, newest first."""
        ...


class Archive:
    """One lake with its ledger. `name` is the lake's: demo, real or simulated; they are never mixed in one answer."""

    def __init__(
        self,
        name: str,
        panels: Panels,
        ledger: Ledger,
        clock: Clock,
        origins: Mapping[str, Origin],
        supply: Supply | None = None,
        described: Callable[[], list[Source]] = describing.unconnected,
    ) -> None:
        self.name = name
        self.clock = clock
        self._panels = panels
        self._ledger = ledger
        self._origins = origins
        self._supply = supply or Supply(why_none="This archive has no sources.")
        self._described = described

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

    @overload
    def fill(self, dataset: str, wanted: pl.DataFrame) -> Upserted: ...

    @overload
    def fill(
        self, dataset: str, wanted: Want, *, tell: Tell | None = None, stop: Callable[[], bool] | None = None
    ) -> Filled: ...

    def fill(
        self,
        dataset: str,
        wanted: pl.DataFrame | Want,
        *,
        tell: Tell | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Upserted | Filled:
        """Store checked rows, or ask the sources for what is wanted and not covered yet; repeating it changes nothing.

        A frame of rows is stored by one commit and entered into the ledger. A `Want` is stored batch by batch, each
        entered after its rows; `tell` hears how far it is, `stop` ends it early. What a source could not give stands in
        the result; ConfigError (no keys, a full disk) is raised.
        """
        declared = records.dataset(dataset)
        if isinstance(wanted, Want):
            self._supply.ready()
            return Collector(
                self,
                self._panels,
                self._ledger,
                self._supply,
                declared,
                wanted,
                tell or (lambda _done, _all: None),
                stop or (lambda: False),
            ).fill()
        done = self._panels.upsert(declared, wanted)
        self._ledger.record(ledger.spans(declared, wanted, self.clock.now()))
        return done

    def coverage(self, dataset: str | None = None) -> Coverage:
        """What was asked of which source, by dataset, source, scope and date; beside it runs, faults and tallies."""
        return Coverage(
            self._ledger.asked(dataset),
            lambda: self._ledger.coverage(dataset),
            lambda: self._ledger.runs(limit=100),
            lambda: self._ledger.faults(dataset),
            lambda name: self._panels.tally(records.dataset(name)),
        )

    def doors(self, dataset: str) -> Doors:
        """Who can be asked for a dataset, and who could if there were a key; nobody is asked by this."""
        every = self._supply.endpoints(dataset)
        ordered = planning.ordered(dataset, every, lambda source: int(self.origin(source).standing))
        past = [one for one in ordered if one.reach is Reach.PAST]
        named = (tuple(dict.fromkeys(self._supply.vendor(one) for one in given)) for given in (ordered, past))
        return Doors(next(named), self._supply.shut(dataset), next(named))

    def sources(self) -> list[Source]:
        """Every source there is, whether it is asked here and why; nobody is asked by this, and no key is told."""
        return self._described()

    def origin(self, source: str) -> Origin:
        """What is known about a source that a row names."""
        return self._origins.get(source) or unknown(source)
