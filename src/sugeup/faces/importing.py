"""`sugeup import`: the progress while files are taken, and the report of what was taken and what was not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn

from sugeup.app import App
from sugeup.errors import Refused
from sugeup.faces import payload, screen
from sugeup.jobs import importing
from sugeup.jobs.importing import ImportReport
from sugeup.usecases.wording import Grid, plain

SHOWN = 10
"""Rejected rows shown on screen; the file has all."""


def run(
    app: App,
    files: Sequence[Path],
    *,
    dataset: str | None,
    source: str | None,
    session: date | None,
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Import files into the application's lake and show the report; a refused file raises after the report is shown."""
    with bar() as tell:
        report = importing.import_files(
            app.archive, files, dataset=dataset, source=source, session=session, progress=tell
        )
    written = None
    if not report.rejected.is_empty():
        written = report.write_rejected(rejects or _beside(app, report))
    if as_json:
        screen.write_json(_json(report, written))
    else:
        show(report, written)
    if report.refused:
        raise Refused(
            f"{len(report.refused)} of {len(files)} files were refused; the others were imported.",
            hint="The reasons stand above.",
            details={"refused": list(report.refused)},
        )
    if not report.rejected.is_empty() and not any(
        one.added + one.replaced + one.kept + one.same for one in report.tables
    ):
        raise Refused(
            f"every row was rejected ({report.rejected.height:,}); nothing was stored.",
            hint=f"Correct the file: the reasons are in {written}.",
        )


@contextmanager
def bar() -> Iterator[importing.Progress]:
    """A progress bar on the error stream, as the callback that an import takes."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, console=screen.ERR, transient=True) as progress:
        task = progress.add_task("starting", total=1.0)
        yield lambda said, part: progress.update(task, description=said, completed=part)


def show(report: ImportReport, written: Path | None) -> None:
    """Print a line per table, what was left out or looks odd, and the first rejected rows."""
    header = ["dataset", "source", "layout", "rows", "added", "replaced", "kept", "same", "rejected"]
    lines = [
        [
            one.dataset,
            one.source,
            one.layout,
            *(plain(n) for n in (one.rows, one.added, one.replaced, one.kept, one.same, one.rejected)),
        ]
        for one in report.tables
    ]
    parts: list[object] = [Grid(header, lines)]
    for one in report.tables:
        parts += [f"left out of {one.dataset}: {count:,} ({reason})" for reason, count in one.left_out.items()]
        parts += [f"! {one.dataset}: {count:,} ({reason})" for reason, count in one.warnings.items()]
    if written is not None:
        first = report.rejected.head(SHOWN)
        parts += ["", f"{report.rejected.height:,} rejected rows, all in {written}:"]
        parts.append(
            Grid(first.columns, [["" if cell is None else str(cell) for cell in row] for row in first.iter_rows()])
        )
    parts += [f"refused {error.message}" for error in report.refused.values()]
    screen.show_parts(parts)


def _json(report: ImportReport, written: Path | None) -> dict[str, Any]:
    return {
        "tables": [asdict(one) for one in report.tables],
        "refused": {file: payload.error_object(error) for file, error in report.refused.items()},
        "rejected": report.rejected.height,
        "rejected_file": None if written is None else str(written),
        "stored": report.stored,
    }


def _beside(app: App, report: ImportReport) -> Path:
    """Where rejected rows go when nobody says: beside the lake; the same rows go to the same file."""
    app.path.mkdir(parents=True, exist_ok=True)
    return app.path / f"rejected-{hashlib.sha256(report.rejected.write_csv().encode()).hexdigest()[:10]}.csv"
