"""What a job is: a name, a time, and the stages that it goes through; and what it is given to work with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import polars as pl

from sugeup.archive import Archive, Filled, Want
from sugeup.errors import SugeupError
from sugeup.market import timetable
from sugeup.records import Dataset
from sugeup.records.ledger import Asked, Run, Step
from sugeup.records.upkeep import Finding, Tidied

NOBODY = "none of the sources that are asked gives"
"""What a step says that has nobody to ask, before the name of its dataset; it is complete all the same."""
Tell = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done, and of how much."""


class Journal(Protocol):
    """Where runs are written down."""

    def begin(self, job: str, session: date | None, now: datetime, pid: int, host: str) -> int:
        """Enter a run; earlier ones that never ended are marked as interrupted."""
        ...

    def step(self, run: int, step: Step) -> None:
        """Enter a step, or bring it up to date."""
        ...

    def end(self, run: int, now: datetime, code: str | None = None, error: str | None = None) -> None:
        """Enter how a run ended."""
        ...

    def runs(self, job: str | None = None, limit: int = 20) -> list[Run]:
        """Runs, newest first."""
        ...

    def completed(self, job: str, session: date) -> set[str]:
        """Steps that were completed for a session."""
        ...

    def record(self, asked: Sequence[Asked]) -> None:
        """Enter what was gone through into the coverage ledger, also where nothing was found."""
        ...


class Care(Protocol):
    """What looks after the stored files."""

    def check(self) -> list[Finding]:
        """Findings, damage first."""
        ...

    def tidy(self) -> list[Tidied]:
        """Rewrite sealed folders, remove unused files."""
        ...

    def rivals(self, dataset: Dataset, start: date) -> pl.DataFrame:
        """Different figures of two sources since a date."""
        ...


@dataclass(frozen=True)
class Options:
    """What a run was asked for. `floor`: smallest market cap in 억원; `everything`: every stock, whatever its size.

    `quota`: most stocks that one run of `analyse` does.
    """

    sessions: int = 300
    everything: bool = False
    session: date | None = None
    floor: int = 1000
    quota: int = 700


@dataclass
class Work:
    """What a job works with. `folder` is the lake's; `stop` is set when the process is asked to end."""

    archive: Archive
    journal: Journal
    care: Care
    folder: Path
    options: Options = field(default_factory=Options)
    tell: Tell = lambda _stage, _done, _all: None
    stop: threading.Event = field(default_factory=threading.Event)
    speed: float = 1.0
    """Seconds of the archive's clock in one second of waiting."""
    contracts: Callable[[], Sequence[str]] = lambda: ()
    """Codes of the nearest index futures."""

    @property
    def now(self) -> datetime:
        """The present moment of the archive's clock."""
        return self.archive.clock.now()

    def fill(self, stage: str, dataset: str, want: Want) -> Done:
        """Fill from the sources, told as progress of a stage."""
        filled = self.archive.fill(
            dataset, want, tell=lambda done, all: self.tell(stage, done, all), stop=self.stop.is_set
        )
        done = Done.of(filled)
        return done if self.gives(dataset) else done + Done(notes=(f"{NOBODY} {dataset}",))

    def gives(self, dataset: str) -> bool:
        """Whether there is anybody to ask for a dataset."""
        return bool(self.archive.doors(dataset).open)

    def wait_until(self, moment: datetime) -> bool:
        """Wait for a moment of the archive's clock; false when the process is asked to end before."""
        while (left := (moment - self.now).total_seconds()) > 0:
            if self.stop.wait(min(left / self.speed, 0.5) if self.speed else 0.5):
                return False
        return not self.stop.is_set()


@dataclass(frozen=True)
class Done:
    """What a stage did; it is complete when there are neither `problems` nor anything `left`."""

    rows: int = 0
    calls: int = 0
    left: int = 0
    problems: tuple[SugeupError, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, filled: Filled) -> Done:
        """Of a fill: problems once each."""
        every = {str(error): error for error in (*filled.stopped, *filled.failures.values())}
        notes = [f"{filled.faults:,} faulty rows"] if filled.faults else []
        if filled.failures:
            notes.append(f"{len(filled.failures):,} refused: {', '.join(list(filled.failures)[:5])}")
        notes += [f"{said} ({count:,})" for said, count in filled.remarks.items()]
        notes += [f"not asked: {error}" for error in filled.barred]
        if filled.left:
            notes.append(f"{len(filled.left):,} holes are left")
        rows = filled.rows.added + filled.rows.replaced + filled.rows.kept
        return cls(rows, filled.calls, len(filled.left), tuple(every.values()), tuple(notes))

    @property
    def complete(self) -> bool:
        """Whether the stage did all it was to do."""
        return not (self.left or self.problems)

    def __add__(self, other: Done) -> Done:
        """Both together."""
        return Done(
            self.rows + other.rows,
            self.calls + other.calls,
            self.left + other.left,
            self.problems + other.problems,
            self.notes + other.notes,
        )


@dataclass(frozen=True)
class Stage:
    """One step of a job: its name in the ledger and what it does."""

    name: str
    run: Callable[[Work], Done]


@dataclass(frozen=True)
class Job:
    """A job. `stages` are made when a run begins; `session`: which one it is for; `once`: not twice for a session."""

    name: str
    korean: str
    about: str
    stages: Callable[[Work], Sequence[Stage]]
    session: Callable[[Work], date | None]
    once: bool = False

    @property
    def when(self) -> str:
        """When it runs by itself, in words."""
        found = timetable.entry(self.name)
        return "when called" if found is None else found.when
