"""Runs of jobs, their steps, and faulty rows: how they are written to the state database and read from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from sugeup.records.ledger import Fault, Run, State, Step
from sugeup.store.tables import FAULTS, RUNS, STEPS

INTERRUPTED = "interrupted: the process ended before its work did"


def begin(connection: Connection, job: str, session: date | None, now: datetime, pid: int, host: str) -> int:
    """Enter a run; earlier ones of the job that still run have been interrupted."""
    dead = select(RUNS.c.id).where((RUNS.c.job == job) & (RUNS.c.state == State.RUNNING.value)).scalar_subquery()
    ended = {"state": State.FAILED.value, "ended_at": now, "error": INTERRUPTED}
    connection.execute(update(STEPS).where(STEPS.c.run.in_(dead), STEPS.c.state == State.RUNNING.value).values(**ended))
    connection.execute(update(RUNS).where((RUNS.c.job == job) & (RUNS.c.state == State.RUNNING.value)).values(**ended))
    entered = connection.execute(
        insert(RUNS).values(job=job, session=session, state=State.RUNNING.value, started_at=now, pid=pid, host=host)
    )
    key = entered.inserted_primary_key
    assert key is not None
    return int(key[0])


def step(connection: Connection, run: int, one: Step) -> None:
    """Enter a step, or bring it up to date."""
    values = vars(one) | {"state": one.state.value}
    same = and_(STEPS.c.run == run, STEPS.c.step == one.step)
    if not connection.execute(update(STEPS).where(same).values(**values)).rowcount:
        connection.execute(insert(STEPS).values(run=run, **values))


def end(connection: Connection, run: int, now: datetime, code: str | None, error: str | None) -> None:
    """Enter how a run ended."""
    state = State.COMPLETED if error is None else State.FAILED
    values = {"state": state.value, "ended_at": now, "code": code, "error": error}
    connection.execute(update(RUNS).where(RUNS.c.id == run).values(**values))


def runs(connection: Connection, job: str | None, limit: int) -> list[Run]:
    """Runs with their steps, newest first."""
    query = select(RUNS).order_by(RUNS.c.started_at.desc(), RUNS.c.id.desc()).limit(limit)
    if job is not None:
        query = query.where(RUNS.c.job == job)
    found = list(connection.execute(query).mappings())
    chosen = select(STEPS).where(STEPS.c.run.in_([row["id"] for row in found])).order_by(STEPS.c.id)
    steps: dict[int, list[Step]] = {}
    for row in connection.execute(chosen).mappings():
        steps.setdefault(row["run"], []).append(_step(row))
    return [_run(row, tuple(steps.get(row["id"], ()))) for row in found]


def completed(connection: Connection, job: str, session: date) -> set[str]:
    """Steps that a run of the job completed for the session."""
    query = (
        select(STEPS.c.step)
        .join(RUNS, RUNS.c.id == STEPS.c.run)
        .where(RUNS.c.job == job, RUNS.c.session == session, STEPS.c.state == State.COMPLETED.value)
    )
    return set(connection.execute(query).scalars())


def note(connection: Connection, given: Sequence[Fault]) -> None:
    """Enter faulty rows, each once."""
    fresh = []
    for one in given:
        same = and_(*(FAULTS.c[name].is_not_distinct_from(getattr(one, name)) for name in _SAME))
        if not connection.execute(update(FAULTS).where(same).values(at=one.at)).rowcount:
            fresh.append(vars(one))
    if fresh:
        connection.execute(insert(FAULTS), fresh)


def faults(connection: Connection, dataset: str | None, limit: int) -> list[Fault]:
    """Faulty rows, newest first."""
    query = select(FAULTS).order_by(FAULTS.c.at.desc(), FAULTS.c.id.desc()).limit(limit)
    if dataset is not None:
        query = query.where(FAULTS.c.dataset == dataset)
    return [
        Fault(**{name: row[name] for name in Fault.__dataclass_fields__} | {"at": _utc(row["at"])})
        for row in connection.execute(query).mappings()
    ]


_SAME = ("dataset", "source", "scope", "session", "reason", "value")


def _run(row: Any, steps: tuple[Step, ...]) -> Run:
    fields = {name: row[name] for name in Run.__dataclass_fields__ if name != "steps"}
    return Run(**fields | {"state": State(row["state"]), "steps": steps} | _times(row))


def _step(row: Any) -> Step:
    fields = {name: row[name] for name in Step.__dataclass_fields__}
    return Step(**fields | {"state": State(row["state"])} | _times(row))


def _times(row: Any) -> dict[str, datetime | None]:
    return {name: _utc(row[name]) for name in ("started_at", "ended_at")}


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)  # SQLite keeps no zone; times are UTC
