"""`sugeup job`: run a job, list jobs, show what they did, run them at their times."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sugeup import jobs
from sugeup.errors import Refused
from sugeup.faces import chosen, screen
from sugeup.faces.progress import progress
from sugeup.market import timetable
from sugeup.usecases.wording import Grid, moment, plain

if TYPE_CHECKING:
    from sugeup.app import App
    from sugeup.jobs.running import Outcome
    from sugeup.records.ledger import Run

app = typer.Typer(help="Collect: run jobs, list them, see what they did.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_Name = Annotated[str, typer.Argument(metavar="NAME", help="`sugeup job list` names them.", show_default=False)]


def _opened(*, write: bool = False) -> App:
    return chosen.opened(write=write)


@app.command("run")
def run(
    name: _Name,
    sessions: Annotated[int, typer.Option(min=1, max=2000, help="backfill: how many sessions back.")] = 300,
    everything: Annotated[bool, typer.Option("--all", help="Every stock, whatever its market cap.")] = False,
    session: Annotated[
        str | None, typer.Option(metavar="DATE", help="Session, as 2026-11-25; default: the newest one.")
    ] = None,
    floor: Annotated[
        int | None, typer.Option(min=0, help="Smallest market cap in 억원; default: SUGEUP_MARKET_CAP_FLOOR.")
    ] = None,
    quota: Annotated[int, typer.Option(min=1, help="analyse: how many stocks in one run.")] = 700,
    as_json: _Json = False,
) -> None:
    """Run a job now. Safe to repeat and to interrupt: what is there is not asked again, the next run does the rest."""
    from sugeup.jobs import running
    from sugeup.jobs.job import Options

    chosen = jobs.named(name)
    opened = _opened(write=True)
    smallest = opened.settings.market_cap_floor if floor is None else floor
    wanted = Options(sessions, everything, _session(session), smallest, quota)
    with stopping() as stop, progress(chosen.korean) as tell:
        outcome = running.run(chosen, opened.work(wanted, tell, stop))
    if as_json:
        screen.write_json(_json(outcome))
    else:
        screen.show_parts(_shown(outcome))
    if outcome.error is not None:
        raise outcome.error


@app.command("list")
def list_(as_json: _Json = False) -> None:
    """Every job: when it runs by itself, how its last run went, when the next one is."""
    opened = _opened()
    now = opened.clock.now()
    newest: dict[str, Run] = {}
    for one in opened.journal.runs(limit=200):
        newest.setdefault(one.job, one)
    found = [
        {
            "job": job.name,
            "korean": job.korean,
            "about": job.about,
            "when": job.when,
            "last": None if (last := newest.get(job.name)) is None else moment(last.started_at),
            "state": None if last is None else last.state.value,
            "next": _next(job.name, now),
        }
        for job in jobs.jobs().values()
    ]
    if as_json:
        screen.write_json(found)
        return
    rows = [
        [one["job"], one["korean"], one["when"], one["last"] or "–", one["state"] or "–", one["next"] or "–"]
        for one in found
    ]
    screen.show_parts(
        [Grid(["job", "", "when", "last run", "", "next run"], [[str(cell) for cell in row] for row in rows])]
    )


@app.command("show")
def show(
    name: _Name,
    last: Annotated[int, typer.Option(min=1, max=100, help="How many runs.")] = 3,
    as_json: _Json = False,
) -> None:
    """The last runs of a job with their steps, newest first."""
    chosen = jobs.named(name)
    found = _opened().journal.runs(chosen.name, last)
    if as_json:
        screen.write_json([asdict(one) | {"rows": one.rows, "calls": one.calls} for one in found])
        return
    parts: list[object] = []
    for one in found:
        parts.append(
            f"{one.job} for {one.session} · {one.state.value} · {moment(one.started_at)} to "
            f"{'–' if one.ended_at is None else moment(one.ended_at)} · process {one.pid} on {one.host}"
        )
        parts.append(_steps(one.steps))
        parts += [f"! {one.error}"] if one.error else []
        parts.append("")
    screen.show_parts(parts or [f"{chosen.name} has not run yet."])


@app.command("schedule")
def schedule() -> None:
    """Run the jobs at their times until Ctrl-C. `sugeup serve --schedule` does the same beside the server."""
    from sugeup.jobs import schedule as scheduling

    opened = _opened(write=True)
    with stopping() as stop:
        scheduler = scheduling.Schedule(opened.work, opened.clock, floor=opened.settings.market_cap_floor)
        scheduler.start()
        screen.ERR.print(f"sugeup runs the jobs of lake '{opened.archive.name}' at their times (Ctrl-C ends it)")
        screen.show_parts([Grid(["job", "next run"], [[name, moment(at)] for name, at in scheduler.next_runs()])])
        stop.wait()
        scheduler.stop()


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """An event set by SIGTERM and the first Ctrl-C: what is under way is stored, then the run ends. A second kills."""
    stop = threading.Event()
    before: dict[int, Any] = {}

    def asked(number: int, _frame: object) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()

    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _session(text: str | None) -> date | None:
    if text is None:
        return None
    from sugeup.market import sessions

    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused(f"--session {text[:40]!r} is no date.", hint="Write it as 2026-11-25.") from None
    sessions.session(day)
    return day


def _next(name: str, now: Any) -> str | None:
    entry = timetable.entry(name)
    found = None if entry is None else timetable.next_run(entry, now)
    return None if found is None else moment(found)


def _steps(steps: Any) -> Grid:
    rows = [
        [one.step, one.state.value, plain(one.calls), plain(one.rows), one.error or one.note or ""] for one in steps
    ]
    return Grid(["step", "state", "calls", "rows", ""], rows, words=(0, 1, 4))


def _shown(outcome: Outcome) -> list[object]:
    head = f"{outcome.job}" + (f" · session {outcome.session}" if outcome.session else "")
    skipped = [f"completed before: {', '.join(outcome.skipped)}"] if outcome.skipped else []
    return [head, _steps(outcome.steps), *skipped] if outcome.steps else [head, *skipped]


def _json(outcome: Outcome) -> dict[str, Any]:
    from sugeup.faces import payload

    return {
        "job": outcome.job,
        "session": outcome.session,
        "state": "completed" if outcome.error is None else "failed",
        "steps": [asdict(one) for one in outcome.steps],
        "skipped": list(outcome.skipped),
        "error": None if outcome.error is None else payload.error_object(outcome.error),
    }
