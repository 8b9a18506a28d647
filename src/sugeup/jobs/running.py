"""Runs a job: one process at a time, each step written down, what was completed not repeated, failures told.

A process that is killed leaves its lock to the system, its rows to the store and its run in the ledger as running; the
next run of the job marks that one as interrupted and does what is left.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from sugeup.errors import ConfigError, CorruptStore, Retryable, SugeupError
from sugeup.jobs.job import Done, Job, Stage, Work
from sugeup.records.ledger import State, Step
from sugeup.usecases.wording import moment

LOCKS = "locks"


@dataclass(frozen=True)
class Outcome:
    """How a run went: its steps, those left out because they had been completed before, and the error it ends with."""

    job: str
    session: date | None
    steps: tuple[Step, ...]
    skipped: tuple[str, ...]
    error: SugeupError | None


def run(job: Job, work: Work) -> Outcome:
    """Run a job. Raises Retryable(BUSY) naming the process that runs it already; other errors stand in the outcome."""
    with locked(job.name, work):
        session = job.session(work)
        number = work.journal.begin(job.name, session, work.now, os.getpid(), socket.gethostname())
        steps: list[Step] = []
        skipped: list[str] = []
        problems: list[SugeupError] = []
        try:
            done = work.journal.completed(job.name, session) if job.once and session is not None else set()
            for stage in job.stages(work):
                if stage.name in done:
                    skipped.append(stage.name)
                    continue
                if work.stop.is_set():
                    problems.append(Retryable("The run was asked to end.", code="BUSY", hint="Run it again."))
                    break
                step, found = _staged(work, number, stage)
                steps.append(step)
                problems += found
                if any(isinstance(error, ConfigError | CorruptStore) for error in found):
                    break
            error = _verdict(job, steps, problems)
        except SugeupError as raised:
            error = raised
        except BaseException as raised:
            with contextlib.suppress(SugeupError):
                work.journal.end(number, work.now, "INTERNAL", f"{type(raised).__name__}: {raised}"[:500])
            raise
        with contextlib.suppress(SugeupError):  # a full disk has no room for these words either; the next run says so
            work.journal.end(number, work.now, error.code if error else None, str(error) if error else None)
        return Outcome(job.name, session, tuple(steps), tuple(skipped), error)


def _staged(work: Work, number: int, stage: Stage) -> tuple[Step, list[SugeupError]]:
    step = Step(stage.name, State.RUNNING, work.now)
    work.journal.step(number, step)
    work.tell(stage.name, 0, 0)
    try:
        done = stage.run(work)
    except SugeupError as error:
        done = Done(problems=(error,))
    problems = list(done.problems)
    if done.left and not problems:
        problems = [Retryable(f"{stage.name}: {done.left:,} holes are left.", code="BUSY", hint="Run it again.")]
    step = replace(
        step,
        state=State.FAILED if problems else State.COMPLETED,
        ended_at=work.now,
        rows=done.rows,
        calls=done.calls,
        error="; ".join(str(error) for error in problems)[:1000] or None,
        note="; ".join(done.notes)[:2000] or None,
    )
    with contextlib.suppress(*([SugeupError] if problems else [])):
        work.journal.step(number, step)
    return step, problems


def _verdict(job: Job, steps: list[Step], problems: list[SugeupError]) -> SugeupError | None:
    """The error of a run: that of its only or fatal problem, or that a part of it is left."""
    if not problems:
        return None
    fatal = [error for error in problems if isinstance(error, ConfigError | CorruptStore)]
    failed = [step.step for step in steps if step.state is State.FAILED]
    if fatal or len(failed) == len(steps):
        return (fatal or problems)[0]
    first = problems[0]
    return Retryable(
        f"{job.korean} {job.name}: {len(failed)} of {len(steps)} steps are not complete ({', '.join(failed)}): {first}",
        code=first.code if isinstance(first, Retryable) else "SOURCE_DOWN",
        hint=f"`sugeup job run {job.name}` does what is left.",
    )


@contextlib.contextmanager
def locked(name: str, work: Work) -> Iterator[None]:
    """The lock of a job in the lake's folder; the system frees it when the process ends, however it ends."""
    folder = work.folder / LOCKS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{name}.lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise _busy(name, folder / f"{name}.json") from None
    except OSError as error:
        raise ConfigError(
            f"{folder} cannot be written: {error.strerror or error}.", hint="Check the data folder and the disk."
        ) from None
    try:
        holder = {"pid": os.getpid(), "since": moment(work.now)}
        with contextlib.suppress(OSError):
            (folder / f"{name}.json").write_text(json.dumps(holder), encoding="utf-8")
        yield
    finally:
        lock.release()


def _busy(name: str, told: Path) -> Retryable:
    try:
        holder = json.loads(told.read_text(encoding="utf-8"))
        who = f"process {holder['pid']}, since {holder['since']}"
    except (OSError, ValueError, KeyError):
        holder, who = {}, "another process"
    return Retryable(
        f"the job {name} is being run by {who}.", code="BUSY", hint="Wait for it, or end that process.", details=holder
    )
