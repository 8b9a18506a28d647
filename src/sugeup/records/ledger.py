"""What a fill did, and what was asked: small facts that the store reports and the archive passes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import overload

import polars as pl

from sugeup.market import calendar_tables as tables
from sugeup.market import sessions
from sugeup.records.schema import Dataset
from sugeup.records.tally import Tally


@dataclass(frozen=True)
class Upserted:
    """What an upsert did: rows `added`, `replaced` (now current), `kept` aside in the log (less preferred), `same`."""

    added: int = 0
    replaced: int = 0
    kept: int = 0
    same: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.added or self.replaced or self.kept)


@dataclass(frozen=True)
class Asked:
    """A span of sessions of one scope that a source was asked for; `rows` is 0 where it truly had nothing."""

    dataset: str
    source: str
    scope: str
    first: date
    last: date
    rows: int
    asked_at: datetime
    final: bool = True
    """False while the figures of the span were provisional when asked: to be asked again."""


@dataclass(frozen=True)
class Fault:
    """A row that a source gave and that was not taken. `session` is null where the row itself could not be read."""

    dataset: str
    source: str
    scope: str
    session: date | None
    reason: str
    value: str | None
    at: datetime


class State(StrEnum):
    """How far a run or a step of it is."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True)
class Step:
    """One step of a run. `rows` stored, `calls` made; `error` in words when it failed; `note`: what it has to say."""

    step: str
    state: State
    started_at: datetime
    ended_at: datetime | None = None
    rows: int = 0
    calls: int = 0
    error: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Run:
    """One run of a job for a session, by the process `pid` on `host`; `code` is that of the error it ended with."""

    id: int
    job: str
    session: date | None
    state: State
    started_at: datetime
    ended_at: datetime | None
    pid: int
    host: str
    code: str | None = None
    error: str | None = None
    steps: tuple[Step, ...] = ()

    @property
    def rows(self) -> int:
        """Rows stored by all steps."""
        return sum(step.rows for step in self.steps)

    @property
    def calls(self) -> int:
        """Answers that all steps were given."""
        return sum(step.calls for step in self.steps)


class Coverage(Sequence[Asked]):
    """The spans of a ledger; beside them `asked`, the newest runs of jobs and the newest faulty rows, and tallies.

    `asked`: when each source was last asked for each dataset, by (dataset, source). All else is read when looked at.
    """

    def __init__(
        self,
        asked: Mapping[tuple[str, str], datetime],
        spans: Callable[[], Sequence[Asked]],
        runs: Callable[[], Sequence[Run]],
        faults: Callable[[], Sequence[Fault]],
        stored: Callable[[str], Tally],
    ) -> None:
        self.asked = asked
        self._read = spans
        self._runs = runs
        self._faults = faults
        self._stored = stored

    @cached_property
    def _spans(self) -> Sequence[Asked]:
        return self._read()

    @overload
    def __getitem__(self, at: int) -> Asked: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Asked]: ...

    def __getitem__(self, at: int | slice) -> Asked | Sequence[Asked]:
        """A span, in the order of dataset, source, scope and date."""
        return self._spans[at]

    def __len__(self) -> int:
        """How many spans there are."""
        return len(self._spans)

    def __eq__(self, other: object) -> bool:
        """Whether the other holds the same spans in the same order."""
        return isinstance(other, Sequence) and list(self._spans) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def stored(self, dataset: str) -> Tally:
        """Current rows of a dataset in numbers, by source and date."""
        return self._stored(dataset)

    @property
    def runs(self) -> Sequence[Run]:
        """Runs with their steps, newest first."""
        return self._runs()

    @property
    def faults(self) -> Sequence[Fault]:
        """Faulty rows of these datasets, newest first."""
        return self._faults()


def spans(dataset: Dataset, frame: pl.DataFrame, now: datetime, counted: str | None = None) -> list[Asked]:
    """Runs of neighbouring sessions of each scope, of neighbouring days where a dataset has rows of every day.

    A gap in a file was not asked for.

    A session is final when all of its rows are; a frame without the column `final` holds final rows. `counted`: column
    with the number of rows that a line of the frame stands for.
    """
    if frame.is_empty():
        return []
    dates = frame[dataset.dated].unique().sort()
    days = dates.to_list()
    place = dict(zip(days, [day.toordinal() for day in days] if dataset.every_day else _places(days), strict=True))
    final = pl.col("final").all() if "final" in frame.columns else pl.lit(True).first().alias("final")
    run = (pl.col("place") - pl.col("place").cum_count().over("source", dataset.scope, "final")).alias("run")
    runs = (
        frame.group_by("source", dataset.scope, dataset.dated)
        .agg(pl.len() if counted is None else pl.col(counted).sum().alias("len"), final)
        .sort("source", dataset.scope, dataset.dated)
        .with_columns(pl.col(dataset.dated).replace_strict(place, return_dtype=pl.Int64).alias("place"))
        .with_columns(run)
        .group_by("source", dataset.scope, "run", "final", maintain_order=True)
        .agg(pl.col(dataset.dated).min().alias("first"), pl.col(dataset.dated).max().alias("last"), pl.col("len").sum())
    )
    return [
        Asked(dataset.name, source, scope, first, last, rows, now, settled)
        for source, scope, _, settled, first, last, rows in runs.iter_rows()
    ]


def _places(dates: Sequence[date]) -> list[int]:
    """Number of each date among the exchange's sessions; outside the session table days are counted instead."""
    table = sessions.sessions(tables.FIRST, tables.LAST)
    known = {day: number for number, day in enumerate(table)}
    return [known.get(day, -day.toordinal() * 2) for day in dates]
