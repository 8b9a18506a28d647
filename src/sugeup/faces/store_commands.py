"""`sugeup store`: check, restore, tidy, backup and unpack the figures of a lake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from sugeup.errors import CorruptStore
from sugeup.faces import chosen, screen
from sugeup.records.upkeep import Condition
from sugeup.usecases.wording import Grid, plain

app = typer.Typer(help="Check, restore, tidy, back up and unpack the stored figures.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _opened() -> Any:
    return chosen.opened()


def _care() -> Any:
    return _opened().care


@app.command("check")
def check(as_json: _Json = False) -> None:
    """Open every table, read every file, hold every rule; exit code 74 when something is damaged."""
    chosen = _opened()
    found = chosen.care.check()
    if not as_json:
        screen.show_parts([f"lake {chosen.archive.name} in {chosen.path}", ""])
    if as_json:
        screen.write_json([asdict(one) for one in found])
    else:
        rows = [[one.table, one.condition.value, one.what, one.file or ""] for one in found]
        screen.show_parts([Grid(["table", "condition", "finding", "file"], rows)] if rows else ["Nothing is stored."])
    damaged = [one.table for one in found if one.condition is Condition.DAMAGED]
    if damaged:
        raise CorruptStore(
            f"{len(damaged)} findings of damage: {', '.join(dict.fromkeys(damaged))}.",
            hint="`sugeup store restore` brings back the last good version.",
        )


@app.command("restore")
def restore(as_json: _Json = False) -> None:
    """Bring back the last good version of what is damaged; nothing else is touched, and nothing is thrown away."""
    _show(_care().restore(), ["table", "done", "salvaged", "lost", "where"], "Nothing is damaged.", as_json=as_json)


@app.command("tidy")
def tidy(
    keep_hours: Annotated[float, typer.Option(help="Hours that unused files stay, for readers and restores.")] = 24,
    keep_sessions: Annotated[
        int | None, typer.Option(help="Sessions of minutes and ticks to keep; default: all.")
    ] = None,
    as_json: _Json = False,
) -> None:
    """Rewrite sealed months in the order of reads, remove unused files, give up old minutes and ticks if asked to."""
    done = _care().tidy(keep_hours=keep_hours, keep_sessions=keep_sessions)
    _show(done, ["table", "rewritten", "removed", "dropped_sessions"], "Nothing is stored.", as_json=as_json)


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, for example sugeup-2026-11-26.tar.")],
    as_json: _Json = False,
) -> None:
    """Write the whole lake, with its history and ledger, into one new file; writers may go on meanwhile."""
    _show([_care().backup(file)], ["file", "files", "bytes"], "", as_json=as_json)


@app.command("unpack")
def unpack(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `sugeup store backup` wrote.")],
    as_json: _Json = False,
) -> None:
    """Put a backup in the place of the lake; the lake that was there is kept beside it under another name."""
    _show([_care().unpack(file)], ["table", "done"], "", as_json=as_json)


def _show(done: Sequence[Any], fields: Sequence[str], nothing: str, *, as_json: bool) -> None:
    if as_json:
        screen.write_json([asdict(one) for one in done])
        return
    rows = [[_cell(getattr(one, field)) for field in fields] for one in done]
    screen.show_parts([Grid(fields, rows)] if rows else [nothing])


def _cell(value: Any) -> str:
    return plain(value) if isinstance(value, int) else "" if value is None else str(value)
