"""The answer cache: an answer is given again while every dataset that it was computed from is at the same version.

An answer is kept under its question (use-case and validated arguments) with the versions of the datasets that it read.
They are taken before the first read, so that a commit during the computation makes the answer old, never wrong, and
compared on every look-up, so that a commit by any process counts. Equal questions that are asked at the same time are
computed once. Errors are never kept.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    import polars as pl

    from sugeup.archive import Archive
    from sugeup.archive.describing import Source
    from sugeup.archive.supply import Doors
    from sugeup.market.clock import Clock
    from sugeup.records import Origin
    from sugeup.records.ledger import Coverage, Upserted

Kept = TypeVar("Kept")
Question = tuple[str, str]
"""Name of the use-case, and its validated arguments as JSON text."""


class Recording:
    """An archive that notes the version of each dataset before it is read for the first time, and tells each read."""

    def __init__(
        self, archive: Archive, version: Callable[[str], str], tell: Callable[[str], None] | None = None
    ) -> None:
        self.reads: dict[str, str] = {}
        self._tell = tell
        self._unversioned = False
        self._archive = archive
        self._version = version

    def noted(self) -> dict[str, str] | None:
        """Versions of what was read; None when something without a version was used, the ledger or a fill."""
        return None if self._unversioned else self.reads

    @property
    def name(self) -> str:
        """Name of the lake."""
        return self._archive.name

    @property
    def clock(self) -> Clock:
        """The archive's clock."""
        return self._archive.clock

    def read(self, dataset: str, **wanted: Any) -> pl.DataFrame:
        """Stored rows, as the archive reads them."""
        if dataset not in self.reads:
            self.reads[dataset] = self._version(dataset)
        if self._tell is not None:
            self._tell(dataset)
        return self._archive.read(dataset, **wanted)

    def fill(self, dataset: str, frame: pl.DataFrame) -> Upserted:
        """Store rows, as the archive does; what was computed besides cannot be kept."""
        self._unversioned = True
        return self._archive.fill(dataset, frame)

    def coverage(self, dataset: str | None = None) -> Coverage:
        """The ledger, as the archive tells it."""
        self._unversioned = True
        return self._archive.coverage(dataset)

    def doors(self, dataset: str) -> Doors:
        """Who can be asked for a dataset; that stays the same while the process runs."""
        return self._archive.doors(dataset)

    def sources(self) -> list[Source]:
        """Every source; keys may be set by another process, so what tells of them is not kept."""
        self._unversioned = True
        return self._archive.sources()

    def origin(self, source: str) -> Origin:
        """What is known about a source."""
        return self._archive.origin(source)


@dataclass(frozen=True)
class Result(Generic[Kept]):
    """What a computation gave: a value or an error, the day in Seoul, the datasets read (None: cannot be told)."""

    value: Kept | None
    error: BaseException | None
    day: date
    reads: Mapping[str, str] | None

    def given(self) -> Kept:
        """The value; raises the error."""
        if self.error is not None:
            raise self.error
        assert self.value is not None
        return self.value


@dataclass
class _Flight(Generic[Kept]):
    number: int
    done: threading.Event = field(default_factory=threading.Event)
    result: Result[Kept] | None = None


@dataclass(frozen=True)
class Statistics:
    """Questions answered from the cache and computed since the start, and what is kept now."""

    hits: int
    misses: int
    entries: int
    bytes: int


class Cache(Generic[Kept]):
    """At most `entries` results, of at most `size` bytes together as `weigh` tells; the longest unused go first."""

    def __init__(
        self,
        version: Callable[[str], str],
        today: Callable[[], date],
        weigh: Callable[[Kept], int],
        *,
        entries: int = 2048,
        size: int = 64 << 20,
    ) -> None:
        self._version, self._today, self._weigh = version, today, weigh
        self._most, self._room = entries, size
        self._kept: OrderedDict[Question, tuple[Result[Kept], int]] = OrderedDict()
        self._flights: dict[Question, _Flight[Kept]] = {}
        self._lock = threading.Lock()
        self._size = self._number = self._hits = self._misses = 0

    def held(self, question: Question) -> Kept | None:
        """The kept answer if it is current, without computing or waiting; counts a hit, never a miss."""
        with self._lock:
            found = self._kept.get(question)
        if found is None or not self._current(found[0]):
            return None
        with self._lock:
            self._hits += 1
            if question in self._kept:
                self._kept.move_to_end(question)
        return found[0].value

    def ask(self, question: Question, compute: Callable[[], Result[Kept]]) -> tuple[Kept, bool]:
        """The answer, and whether it came from the cache or from another caller's computation.

        Whoever asks while the same question is being computed waits for it. What it gives counts if it was begun after
        the question was asked, or if nothing has been committed since it read: else it is computed again.
        """
        with self._lock:
            asked = self._number
        while True:
            held = self.held(question)
            if held is not None:
                return held, True
            with self._lock:
                flight = self._flights.get(question)
                leads = flight is None
                if flight is None:
                    self._number += 1
                    flight = self._flights[question] = _Flight(self._number)
            if leads:
                return self._compute(question, flight, compute).given(), False
            flight.done.wait()
            result = flight.result
            if result is not None and (flight.number > asked or self._current(result)):
                with self._lock:
                    self._hits += 1
                return result.given(), True

    def statistics(self) -> Statistics:
        """Counts so far."""
        with self._lock:
            return Statistics(self._hits, self._misses, len(self._kept), self._size)

    def _compute(self, question: Question, flight: _Flight[Kept], compute: Callable[[], Result[Kept]]) -> Result[Kept]:
        try:
            flight.result = compute()
            if flight.result.error is None:
                self._keep(question, flight.result)
            return flight.result
        finally:
            with self._lock:
                self._misses += 1
                del self._flights[question]
            flight.done.set()

    def _keep(self, question: Question, result: Result[Kept]) -> None:
        if result.reads is None or result.value is None:
            return
        weight = self._weigh(result.value)
        with self._lock:
            replaced = self._kept.pop(question, None)
            self._size -= replaced[1] if replaced else 0
            if weight > self._room:
                return
            self._kept[question] = result, weight
            self._size += weight
            while len(self._kept) > self._most or self._size > self._room:
                self._size -= self._kept.popitem(last=False)[1][1]

    def _current(self, result: Result[Kept]) -> bool:
        """Whether nothing that the result depends on has changed. What read nothing depends on nothing."""
        if result.reads is None:
            return False
        if not result.reads:
            return True
        return result.day == self._today() and all(self._version(name) == at for name, at in result.reads.items())


def key(lake: str, code: str, question: Question, day: date, reads: Mapping[str, str]) -> str:
    """The name of a kept answer outside this process, and what its entity tag stands for.

    `sugeup:{profile}/{lake}:{use-case}:{code version}:{hash of arguments}:{Seoul date}:{dataset=version,...}`
    """
    name, arguments = question
    digest = hashlib.sha256(arguments.encode()).hexdigest()[:32]
    versions: Sequence[str] = [f"{dataset}={at}" for dataset, at in sorted(reads.items())]
    return f"sugeup:embedded/{lake}:{name}:{code}:{digest}:{day}:{','.join(versions)}"
