"""자료 현황: which figures are stored, from which source, up to which session, and what is not there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sugeup import records
from sugeup.archive import Archive
from sugeup.market import sessions, timetable
from sugeup.records import Dataset
from sugeup.records.ledger import Coverage, State
from sugeup.registry import usecase
from sugeup.usecases import doors
from sugeup.usecases.answers import Answer, Gap, Shown
from sugeup.usecases.wording import Grid, moment, plain


class SourceStatus(Shown):
    """Rows of one source: how many are current, over which dates and scopes (codes, markets), and when last asked."""

    source: str
    title: str
    rows: int
    scopes: int
    first: str
    last: str
    asked_at: str | None
    notes: str | None


class DatasetStatus(Shown):
    """One dataset; `sessions_behind` counts exchange sessions between its newest row and now."""

    dataset: str
    korean: str
    rows: int
    newest: str | None
    sessions_behind: int | None
    provisional_rows: int
    sources: list[SourceStatus]


class Hole(Shown):
    """Sessions between the first and the last row of a dataset without any row, and the command that fills them."""

    dataset: str
    sessions: int
    first: str
    last: str
    how: str


class RunStatus(Shown):
    """The last run of a job; `next_run` is by the timetable (`sugeup serve --schedule` or cron keep it)."""

    job: str
    state: str | None
    session: str | None
    started_at: str | None
    ended_at: str | None
    rows: int | None
    error: str | None
    next_run: str | None


class SourceError(Shown):
    """The newest faulty row of a source, and how many are known."""

    source: str
    dataset: str
    scope: str
    session: str | None
    reason: str
    at: str
    count: int


class DataStatus(Answer):
    """Every dataset, stored or not; holes, the jobs that collect, and what sources gave that could not be taken."""

    lake: str
    datasets: list[DatasetStatus]
    holes: list[Hole]
    jobs: list[RunStatus]
    errors: list[SourceError]


def text(answer: Any) -> list[object]:
    """A line per dataset that has rows, what is not there, and the jobs."""
    lines = []
    for one in answer.datasets:
        if not one.rows:
            continue
        lines.append(
            [
                one.korean,
                one.dataset,
                plain(one.rows),
                one.newest or "–",
                "–" if one.sessions_behind is None else plain(one.sessions_behind),
                str(len(one.sources)),
            ]
        )
    head = f"자료 현황 · lake {answer.lake}" + (" · SIMULATED 모의" if answer.simulated else "")
    notes = [f"없음 {what}: {how}" for what, how in _missing(answer)]
    notes += [
        f"빈 날 {one.dataset}: {one.sessions:,} sessions, {one.first} ~ {one.last}: {one.how}" for one in answer.holes
    ]
    notes += [
        f"! {' '.join(filter(None, whose))}: {one.reason} ({one.count:,} known)"
        for one in answer.errors
        for whose in [(one.source, one.dataset, one.scope, one.session)]
    ]
    parts: list[object] = [head, "", Grid(["자료", "dataset", "rows", "newest", "behind", "sources"], lines), *notes]
    if answer.jobs:
        runs = [[one.job, one.started_at or "–", one.state or "–", one.next_run or "–"] for one in answer.jobs]
        parts += ["", Grid(["작업 job", "last run", "", "next run"], runs)]
        parts += [f"! {one.job}: {one.error}" for one in answer.jobs if one.error]
    return parts


def _missing(answer: Any) -> list[tuple[str, str]]:
    """What is not stored and how to get it: a line for all that are got in one way."""
    ways: dict[str, list[str]] = {}
    for gap in answer.coverage:
        ways.setdefault(gap.how, []).append(gap.what)
    return [(", ".join(named), how) for how, named in ways.items()]


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per dataset and source."""
    return [
        {"dataset": one.dataset, "korean": one.korean} | source.model_dump()
        for one in answer.datasets
        for source in one.sources
    ]


@usecase(tool="get_data_status", path="/status", verb="status", title="자료 현황", text=text, rows=rows)
def get_data_status(archive: Archive) -> DataStatus:
    """Which figures are stored and how fresh they are (자료 현황): datasets, sources, dates, rows, gaps.

    Use it when an answer says NOT_COLLECTED or looks stale.
    """
    ledger = archive.coverage()
    holes: list[Hole] = []
    found = [_status(archive, ledger, dataset, holes) for dataset in records.datasets().values()]
    stored = [one.newest for one in found if one.newest]
    return DataStatus(
        as_of=None if not stored else f"{max(stored)}T00:00:00+09:00",
        generated_at=moment(archive.clock.now()),
        scope="LAKE",
        venue="KRX",
        sources=sorted({source.source for one in found for source in one.sources}),
        provisional=any(one.provisional_rows for one in found),
        simulated=archive.name == "simulated",
        coverage=[
            Gap(
                what=f"{one.korean} {one.dataset}",
                reason="NOT_COLLECTED",
                how=_how(archive, one.dataset),
            )
            for one in found
            if not one.rows
        ],
        warnings=[],
        lake=archive.name,
        datasets=found,
        holes=holes,
        jobs=[] if archive.name == "demo" else _jobs(ledger, archive.clock.now()),
        errors=_errors(ledger),
    )


def _how(archive: Archive, dataset: str) -> str:
    return f"nothing is stored; {doors.how(archive, dataset)}"


def _hole(archive: Archive, dataset: Dataset, stored: Sequence[date], today: date) -> Hole | None:
    """Sessions that lack between the first and the last; of datasets with a row for each session alone."""
    if dataset.dated != "session" or dataset.name in {"designations", "signals", "calibrations"} or not stored:
        return None
    missing = sorted({*sessions.sessions(stored[0], stored[-1])} - {*stored})
    if not missing:
        return None
    back = sessions.count_between(missing[0], max(today, missing[-1]))
    job = timetable.COLLECTED_BY.get(dataset.name)
    filled = dataset.name in timetable.PAST and (job == "daily" or bool(archive.doors(dataset.name).past))
    how = f"`sugeup job run backfill --sessions {back}`" if filled else "`sugeup import FILE...`"
    if archive.name == "demo":
        how = "the sample has no more"
    elif not filled and job is not None:
        how = "the sources keep no past of it; `sugeup import FILE...`"
    return Hole(dataset=dataset.name, sessions=len(missing), first=str(missing[0]), last=str(missing[-1]), how=how)


def _jobs(ledger: Coverage, now: datetime) -> list[RunStatus]:
    newest = {run.job: run for run in reversed(ledger.runs)}
    found = []
    for job in dict.fromkeys([*(entry.job for entry in timetable.TIMETABLE), *newest]):
        run, entry = newest.get(job), timetable.entry(job)
        following = None if entry is None else timetable.next_run(entry, now)
        found.append(
            RunStatus(
                job=job,
                state=None if run is None else run.state.value,
                session=None if run is None or run.session is None else str(run.session),
                started_at=None if run is None else moment(run.started_at),
                ended_at=None if run is None or run.ended_at is None else moment(run.ended_at),
                rows=None if run is None else run.rows,
                error=None if run is None or run.state is State.COMPLETED else run.error,
                next_run=None if following is None else moment(following),
            )
        )
    return found


def _errors(ledger: Coverage) -> list[SourceError]:
    """The newest fault of each source and dataset."""
    newest: dict[tuple[str, str], SourceError] = {}
    for fault in ledger.faults:
        key = (fault.source, fault.dataset)
        known = newest.get(key)
        newest[key] = SourceError(
            source=fault.source,
            dataset=fault.dataset,
            scope=fault.scope if known is None else known.scope,
            session=(None if fault.session is None else str(fault.session)) if known is None else known.session,
            reason=fault.reason[:200] if known is None else known.reason,
            at=moment(fault.at) if known is None else known.at,
            count=1 if known is None else known.count + 1,
        )
    return list(newest.values())


def _status(archive: Archive, ledger: Coverage, dataset: Dataset, holes: list[Hole]) -> DatasetStatus:
    stored = ledger.stored(dataset.name)
    sources = []
    for one in stored.sources:
        origin, asked = archive.origin(one.source), ledger.asked.get((dataset.name, one.source))
        sources.append(
            SourceStatus(
                source=one.source,
                title=origin.title,
                rows=one.rows,
                scopes=one.scopes,
                first=str(one.first),
                last=str(one.last),
                asked_at=None if asked is None else moment(asked),
                notes=origin.notes.get(dataset.name),
            )
        )
    newest = stored.newest
    today = archive.clock.now().astimezone(sessions.SEOUL).date()
    hole = _hole(archive, dataset, stored.dates, today)
    holes += [hole] if hole is not None else []
    behind = None
    if newest is not None and dataset.dated == "session":
        behind = max(sessions.count_between(newest, today) - 1, 0) if newest <= today else 0
    return DatasetStatus(
        dataset=dataset.name,
        korean=dataset.korean,
        rows=stored.rows,
        newest=None if newest is None else str(newest),
        sessions_behind=behind,
        provisional_rows=stored.provisional,
        sources=sources,
    )
