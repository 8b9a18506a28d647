"""Takes answers in: checks their rows, stamps and stores them, and tells which days of which scopes are covered now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import polars as pl

from sugeup.archive import comparing, stamping
from sugeup.archive.asking import Answer
from sugeup.market import publication, sessions
from sugeup.records import Dataset, Partition
from sugeup.records.ledger import Asked, Fault, spans
from sugeup.sources import checks
from sugeup.sources.files.layout import ROW
from sugeup.sources.preference import LESSER
from sugeup.sources.vendor import Endpoint, Reach, Remark, Scope

_NOT_ROWS = (stamping.ASKED, stamping.RECEIVED)
ADVICE = "update sugeup, or report this line"
_DAY_OVER = time(15, 40)
"""From when on the regular session's minutes are all there."""


@dataclass
class Taken:
    """Rows ready to be stored, faulty rows, and the days that are covered once the rows are stored.

    `doubtful`: days without a row in an answer that was given after their publication, and days that are over and of
    which moments may be missing. Sources leave out rows now and then, so such a day is asked for twice. `remarks`: what
    the pages have to say to a person, and how often; each stands in the ledger beside the faults.
    """

    rows: pl.DataFrame
    faults: list[Fault] = field(default_factory=list)
    covered: list[Asked] = field(default_factory=list)
    doubtful: dict[str, list[date]] = field(default_factory=dict)
    remarks: dict[str, int] = field(default_factory=dict)

    def told(self, dataset: Dataset, source: str, now: datetime) -> list[Fault]:
        """What the ledger keeps for a person: the faults, and each remark once, whatever its number is today."""
        said = [Fault(dataset.name, source, "", None, f"{one}; {ADVICE}", None, now) for one in self.remarks]
        return [*self.faults, *said]


def take(archive: Any, dataset: Dataset, answers: Sequence[Answer], *, again: bool = False) -> Taken:
    """What a batch of answers of one endpoint gives; `archive` reads what the checks compare with.

    `again`: the days without a row were asked for a second time.
    """
    endpoint = answers[0].task.endpoint
    frame, faults = _assembled(dataset, answers)
    passed = [dataset.empty()]
    for (source,), part in frame.group_by(["source"], maintain_order=True):
        context = comparing.context_of(archive, dataset, str(source), part.drop(_NOT_ROWS))
        checked = checks.check(dataset, part, context)
        faults += _described(dataset, part, checked.faults, archive.clock.now())
        if checked.frame.height:
            passed.append(_finished(archive, dataset, checked.frame, endpoint.reach))
    rows = pl.concat(passed)
    taken = Taken(rows, faults, remarks=_remarks(answers))
    taken.covered = _covered(dataset, answers, taken, archive.clock.now(), again=again)
    return taken


def parts(dataset: Dataset, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The rows folder by folder of the store, so that a commit reads and writes one folder and no more."""
    dated = pl.col(dataset.dated)
    key = {
        Partition.DAY: dated,
        Partition.MONTH: dated.dt.truncate("1mo"),
        Partition.YEAR: dated.dt.truncate("1y"),
        Partition.WHOLE: pl.lit(0),
    }[dataset.partition]
    for _, part in rows.with_columns(key.alias("__part")).group_by("__part", maintain_order=True):
        yield part.drop("__part")


def _assembled(dataset: Dataset, answers: Sequence[Answer]) -> tuple[pl.DataFrame, list[Fault]]:
    frames: list[pl.DataFrame] = []
    faults: list[Fault] = []
    for answer in answers:
        ask, endpoint = answer.task.ask, answer.task.endpoint
        for page in answer.pages:
            faults += [
                Fault(dataset.name, endpoint.source, ",".join(ask.scopes[:3]), None, reason, value, answer.received)
                for reason, value in page.faults.select("reason", "value").iter_rows()
            ]
            if page.frame.is_empty():
                continue
            part = page.frame.drop(ROW, strict=False)
            if endpoint.reach is Reach.PAST:
                part = part.filter(pl.col(dataset.dated).is_between(ask.first, ask.last))
            frames.append(
                part.with_columns(
                    pl.lit(answer.asked).alias(stamping.ASKED),
                    pl.lit(answer.received).alias(stamping.RECEIVED),
                )
            )
    if not frames:
        return pl.DataFrame(schema={"source": pl.String, dataset.scope: pl.String}), faults
    frame = pl.concat(frames, how="diagonal_relaxed")
    # Pages of one answer may overlap: the same words twice are one row.
    words = [name for name in frame.columns if name not in _NOT_ROWS]
    frame = frame.unique(words, keep="first", maintain_order=True)
    return frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)), faults


def _remarks(answers: Sequence[Answer]) -> dict[str, int]:
    """What the pages have to say to a person: the sum over the pages of an answer, the largest of all answers."""
    found: dict[str, int] = {}
    for answer in answers:
        mine: dict[str, int] = {}
        for said, count in (note for page in answer.pages for note in page.notes.items()):
            if isinstance(said, Remark):
                mine[said] = mine.get(said, 0) + count
        found |= {said: max(count, found.get(said, 0)) for said, count in mine.items()}
    return found


def _finished(archive: Any, dataset: Dataset, frame: pl.DataFrame, reach: Reach) -> pl.DataFrame:
    rows = stamping.stamped(dataset, frame.drop(ROW), reach)
    if dataset.name == "daily_bars":
        rows = stamping.with_told(stamping.with_shares(rows, archive.read), archive.read)
    if dataset.dated == "valid_from":
        rows = stamping.changes(dataset, rows, archive.read)
    return dataset.conform(rows.with_columns(pl.lit(archive.clock.now()).alias("ingested_at")))


def _described(dataset: Dataset, frame: pl.DataFrame, faulty: pl.DataFrame, now: datetime) -> list[Fault]:
    joined = faulty.join(frame, on=ROW, how="left", suffix="_found")
    wanted = joined.select("source", dataset.scope, dataset.dated, "reason", pl.col("value").cast(pl.String))
    return [
        Fault(dataset.name, source, scope or "?", day, reason, value, now)
        for source, scope, day, reason, value in wanted.iter_rows()
    ]


def _covered(dataset: Dataset, answers: Sequence[Answer], taken: Taken, now: datetime, *, again: bool) -> list[Asked]:
    """Spans for the ledger: days with a row, and days on which an answer given after their publication had none."""
    rows = taken.rows
    sure = again or dataset.dated != "session" or bool({"at", "slot"} & {*dataset.key})
    lists = answers[0].task.endpoint.scope is Scope.NONE
    lesser = answers[0].task.endpoint.name in LESSER
    given: dict[str, dict[date, tuple[str, int, bool]]] = {}
    if not lists:
        counted = rows.group_by(dataset.scope, dataset.dated).agg(
            pl.col("source").first(), pl.len(), pl.col("final").all()
        )
        for scope, day, source, count, final in counted.iter_rows():
            given.setdefault(scope, {})[day] = (source, count, final)
    spoiled = {(fault.scope, fault.session) for fault in taken.faults}
    wrong = {fault.session for fault in taken.faults}
    cells: dict[tuple[str, str, date], tuple[int, bool]] = {}
    for answer in answers:
        endpoint = answer.task.endpoint
        whole = answer.error is None and not any(page.faults.height for page in answer.pages)
        for (scope, day), (source, count, final) in _of(answer, given):
            if not again and _partly(dataset, endpoint, count) and _over(dataset, day, answer.asked):
                taken.doubtful.setdefault(scope, []).append(day)
            elif _over(dataset, day, answer.asked):
                cells[source, scope, day] = (count, final and not lesser and not dataset.provisional)
        for scope, days in answer.task.cells.items():
            for day in days:
                key = (endpoint.source, scope, day)
                if lists:
                    if whole and day not in wrong and (found := _listed(dataset, answer, rows, day)) is not None:
                        if found[0] or sure:
                            cells[key] = found
                        else:
                            taken.doubtful.setdefault(scope, []).append(day)
                elif whole and day not in given.get(scope, ()) and (scope, day) not in spoiled:
                    ready = endpoint.reach is not Reach.PAST or _empty_means_nothing(dataset, day, answer.asked)
                    if ready and not sure and endpoint.reach is not Reach.NOW:
                        taken.doubtful.setdefault(scope, []).append(day)
                    elif ready and endpoint.reach is Reach.PAST:
                        cells[key] = (0, not lesser)
    return _spans(dataset, cells, now)


def _listed(dataset: Dataset, answer: Answer, rows: pl.DataFrame, day: date) -> tuple[int, bool] | None:
    """Of an answer that is not about scopes: rows of the day and their finality; None while they are not published."""
    if answer.task.endpoint.reach is not Reach.PAST:
        count = sum(page.frame.height for page in answer.pages)
        return (count, True) if count else None
    found = rows.filter(pl.col(dataset.dated) == day)
    if found.height:
        return found.height, bool(found["final"].all())
    return (0, True) if _empty_means_nothing(dataset, day, answer.asked) else None


def _of(answer: Answer, given: dict[str, dict[date, tuple[str, int, bool]]]) -> Iterator[Any]:
    """What was given of the days that an ask was for, and of those between them: an answer about a span has both."""
    ask, past = answer.task.ask, answer.task.endpoint.reach is Reach.PAST
    for scope, days in answer.task.cells.items():
        for day, found in given.get(scope, {}).items():
            if ask.first <= day <= ask.last if past else day in days:
                yield (scope, day), found


def _partly(dataset: Dataset, endpoint: Endpoint, count: int) -> bool:
    """Whether moments of a day may be missing: a slot is, or minutes, of which nobody knows how many there should be.

    Minutes of single stocks are too many to be asked for twice.
    """
    if "slot" in dataset.key:
        return count < len(publication.SLOTS)
    return "at" in dataset.key and dataset.scope != "code" and endpoint.reach is not Reach.NOW


def _over(dataset: Dataset, day: date, asked: datetime) -> bool:
    """Whether a day's rows were complete when they were asked for: those of a running session grow."""
    if "at" not in dataset.key and "slot" not in dataset.key:
        return True
    local = asked.astimezone(sessions.SEOUL)
    return local.date() > day or local.time() >= _DAY_OVER


def _empty_means_nothing(dataset: Dataset, day: date, asked: datetime) -> bool:
    settled = stamping.settles_at(dataset, day)
    if settled is not None:
        return asked >= settled
    return asked.astimezone(sessions.SEOUL).date() > day or _over(dataset, day, asked)


def _spans(dataset: Dataset, cells: dict[tuple[str, str, date], tuple[int, bool]], now: datetime) -> list[Asked]:
    if not cells:
        return []
    frame = pl.DataFrame(
        [(source, scope, day, count, final) for (source, scope, day), (count, final) in cells.items()],
        schema={
            "source": pl.String,
            dataset.scope: pl.String,
            dataset.dated: pl.Date,
            "__rows": pl.Int64,
            "final": pl.Boolean,
        },
        orient="row",
    )
    return spans(dataset, frame, now, "__rows")
