"""Fills holes of a dataset: plans, asks, takes in, stores, and enters what is covered after the rows are stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from sugeup.archive import planning, taking
from sugeup.archive.asking import Answer, answers
from sugeup.archive.holes import Cells, open_cells, runs
from sugeup.archive.planning import Task
from sugeup.archive.supply import Supply
from sugeup.archive.wants import Filled, Hole, Want
from sugeup.errors import ConfigError, Retryable, SchemaDrift, SugeupError
from sugeup.records import Dataset
from sugeup.records.ledger import Asked, Upserted
from sugeup.sources.preference import AFTERWARDS, BESIDE
from sugeup.sources.vendor import Endpoint, Reach, Scope

if TYPE_CHECKING:
    from sugeup.archive import Archive, Ledger, Panels

ROWS_A_COMMIT = 40_000
ASKS_A_COMMIT = 400
"""An answer waits to be stored until so many rows, or so many answers, are there."""

Tell = Callable[[int, int], None]
"""Called with answers received so far and answers expected."""


@dataclass
class Collector:
    """One fill of one dataset. `stop` is asked before each ask: true ends the work early, with what was received."""

    archive: Archive
    panels: Panels
    ledger: Ledger
    supply: Supply
    dataset: Dataset
    want: Want
    tell: Tell
    stop: Callable[[], bool]
    calls: int = 0
    asked: int = 0
    expected: int = 0
    faults: int = 0
    remarks: dict[str, int] = field(default_factory=dict)
    rows: Upserted = field(default_factory=Upserted)
    covered: list[Asked] = field(default_factory=list)
    failures: dict[str, SugeupError] = field(default_factory=dict)
    stopped: list[SugeupError] = field(default_factory=list)
    halted: bool = False
    barred: dict[str, ConfigError] = field(default_factory=dict)
    """Vendors that do not let us in, and why."""
    tired: set[str] = field(default_factory=set)
    """Vendors that will not answer any more now: their quota is used up, or another process is in the way."""

    def fill(self) -> Filled:
        """Ask for the holes, endpoint after endpoint; ConfigError when no vendor lets us in, once all is stored."""
        days = planning.days_of(self.dataset, self.want.first, self.want.last)
        endpoints = self._endpoints()
        left = self._lists([one for one in endpoints if one.scope is Scope.NONE], days)
        others = [one for one in endpoints if one.scope is not Scope.NONE]
        chains = [[one for one in others if one.name not in BESIDE]]
        chains += [[one] for one in others if one.name in BESIDE]
        for chain in chains:
            if chain and self.want.scopes:
                left += self._chain(chain, self.want.scopes, days)
        if self.barred and {self.supply.vendor(one) for one in endpoints} <= set(self.barred):
            raise next(iter(self.barred.values()))
        return Filled(
            self.dataset.name,
            self.calls,
            self.rows,
            tuple(self.covered),
            self.faults,
            self.failures,
            tuple(left),
            tuple(self.stopped),
            tuple(self.barred.values()),
            self.remarks,
        )

    def _endpoints(self) -> list[Endpoint]:
        """Endpoints of the dataset, the preferred first, of the one vendor where only that is wanted."""
        every = self.supply.endpoints(self.dataset.name)
        mine = [one for one in every if self.want.vendor in ("", self.supply.vendor(one))]
        if self.want.afterwards:
            mine = [one for one in mine if one.name in AFTERWARDS]
        return planning.ordered(self.dataset.name, mine, lambda source: int(self.archive.origin(source).standing))

    def _lists(self, endpoints: Sequence[Endpoint], days: Sequence[date]) -> list[Hole]:
        """Ask for lists, which one vendor gives in several parts; the next vendor when one could not give all."""
        left: list[Hole] = []
        for vendor in dict.fromkeys(self.supply.vendor(one) for one in endpoints):
            left = []
            for one in endpoints:
                if self.supply.vendor(one) == vendor:
                    left += self._chain([one], (one.name,), days)
            if not left:
                break
        return left

    def _chain(self, endpoints: Sequence[Endpoint], scopes: Sequence[str], days: Sequence[date]) -> list[Hole]:
        """Ask one endpoint after the other for what is open; a later one stands in where an earlier one is down."""
        served = {scope for one in endpoints for scope in planning.ledger_scopes(one, scopes)}
        cells = self._open(endpoints, [scope for scope in scopes if scope in served], days)
        missed: Cells = {}
        for endpoint in endpoints:
            reach = planning.reaches(endpoint, self.dataset, self.archive.clock.now())
            if reach is None or not cells:
                continue
            if endpoint.reach is not Reach.PAST and self.want.confirm:
                continue  # what is shown now was shown then: there is nothing to confirm
            own = planning.ledger_scopes(endpoint, list(cells))
            mine = {scope: found for scope in own if (found := [d for d in cells[scope] if reach[0] <= d <= reach[1]])}
            out = self.halted or self.supply.vendor(endpoint) in {*self.barred, *self.tired}
            unanswered = mine if out else self._ask(endpoint, mine, days)
            cells = _minus(cells, _minus(mine, unanswered))
            missed = _minus(missed, mine)
            for scope in mine.keys() - unanswered.keys():
                self.failures.pop(scope, None)  # one vendor refused it and this one has it
            for scope, again in unanswered.items():
                missed[scope] = sorted({*missed.get(scope, []), *again})
        return runs({scope: found for scope, found in missed.items() if found}, days)

    def _open(self, endpoints: Sequence[Endpoint], scopes: Sequence[str], days: Sequence[date]) -> Cells:
        """Holes by the ledger. What a less preferred source covered, an import for one, is a hole all the same."""
        if self.want.confirm and self.dataset.provisional:
            return {}
        if self.want.again:
            return {scope: list(days) for scope in scopes}
        standing = max(self.archive.origin(one.source).standing for one in endpoints)
        ours = {one.source for one in endpoints}
        beside = bool(self.want.vendor) or any(one.name in BESIDE for one in endpoints)
        spans = [
            span
            for span in self.ledger.coverage(self.dataset.name)
            if span.source in ours or (not beside and self.archive.origin(span.source).standing < standing)
        ]
        return open_cells(scopes, days, spans, final_only=self.want.confirm)

    def _ask(self, endpoint: Endpoint, cells: Cells, days: Sequence[date], *, again: bool = False) -> Cells:
        """Ask an endpoint for cells and store what it gives; the cells that it did not answer.

        Days for which it has no row are asked for once more (`again`).
        """
        tasks = list(planning.tasks(endpoint, cells, days))
        if not tasks:
            return {}
        self.expected += len(tasks)
        unanswered: dict[str, list[date]] = defaultdict(list)
        asked: set[int] = set()
        batch: list[Answer] = []
        held = 0
        doubtful: Cells = {}
        down = False

        def halted() -> bool:
            return down or self.halted or self.stop()

        for answer in answers(self.supply, tasks, self.archive.clock, self.want.priority, halted):
            asked.add(id(answer.task))
            self.asked += 1
            self.calls += len(answer.pages)
            self.tell(self.asked, self.expected)
            batch.append(answer)
            held += sum(page.frame.height for page in answer.pages)
            if isinstance(answer.error, SugeupError):
                down = self._failed(answer.error, answer.task) or down
                for scope, found in answer.task.cells.items():
                    unanswered[scope] += found
            if held >= ROWS_A_COMMIT or len(batch) >= ASKS_A_COMMIT:
                _add(doubtful, self._store(batch, again=again))
                batch, held = [], 0
        if batch:
            _add(doubtful, self._store(batch, again=again))
        if self.stop():
            self.halted = True
        for task in tasks:
            if id(task) not in asked:
                for scope, found in task.cells.items():
                    unanswered[scope] += found
        self.expected -= len(tasks) - len(asked)
        if doubtful and not halted():
            for scope, found in self._ask(endpoint, doubtful, days, again=True).items():
                unanswered[scope] += found
        return {scope: sorted(found) for scope, found in unanswered.items()}

    def _failed(self, error: SugeupError, task: Task) -> bool:
        """Note the error; whether it ends the work of its endpoint."""
        vendor = self.supply.vendor(task.endpoint)
        if isinstance(error, ConfigError):
            self.barred.setdefault(vendor, error)
        elif isinstance(error, SchemaDrift | Retryable):
            if str(error) not in {str(one) for one in self.stopped}:
                self.stopped.append(error)
            if isinstance(error, Retryable) and error.code != "SOURCE_DOWN":
                self.tired.add(vendor)
        else:
            self.failures.update(dict.fromkeys(task.ask.scopes or (task.endpoint.name,), error))
            return False
        return True

    def _store(self, batch: Sequence[Answer], *, again: bool) -> Cells:
        """Rows first, then the ledger: a process killed between the two asks again, and changes nothing by it.

        The days that are to be asked for once more.
        """
        try:
            taken = taking.take(self.archive, self.dataset, batch, again=again)
        except SchemaDrift as error:
            self.stopped.append(error)
            return {}
        for part in taking.parts(self.dataset, taken.rows):
            done = self.panels.upsert(self.dataset, part)
            self.rows = Upserted(
                self.rows.added + done.added,
                self.rows.replaced + done.replaced,
                self.rows.kept + done.kept,
                self.rows.same + done.same,
            )
        self.ledger.note(taken.told(self.dataset, batch[0].task.endpoint.source, self.archive.clock.now()))
        self.ledger.record(taken.covered)
        self.faults += len(taken.faults)
        self.remarks |= {said: max(count, self.remarks.get(said, 0)) for said, count in taken.remarks.items()}
        self.covered += taken.covered
        return taken.doubtful


def _add(cells: Cells, more: Cells) -> None:
    for scope, days in more.items():
        cells[scope] = sorted({*cells.get(scope, ()), *days})


def _minus(cells: Cells, taken: Cells) -> Cells:
    """Cells without those of another set."""
    found: Cells = {}
    for scope, days in cells.items():
        gone = set(taken.get(scope, ()))
        kept = [day for day in days if day not in gone]
        if kept:
            found[scope] = kept
    return found
