"""Loads the bundled sample of real figures into an archive, through the same import as any other file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import polars as pl

from sugeup.archive import Archive
from sugeup.jobs.importing import ImportReport, Progress, import_files

FILES = (
    "instruments",
    "sector_membership",
    "index_day",
    "daily_bars",
    "investor_day_market",
    "investor_day_stock",
    "investor_minute_market",
    "short_day",
    "short_balance",
    "foreign_holding",
)
"""Files of the sample, one per dataset, in the order in which later ones are checked against earlier ones."""


def load_sample(archive: Archive, progress: Progress | None = None) -> ImportReport:
    """Import the bundled sample; repeating it adds nothing. The README beside the files says where they come from."""
    tell = progress or (lambda _said, _part: None)
    reports = []
    with resources.as_file(resources.files("sugeup.sample")) as folder:
        for number, name in enumerate(FILES):

            def part(said: str, done: float, number: int = number) -> None:
                tell(said, (number + done) / len(FILES))

            reports.append(import_files(archive, [Path(folder) / f"{name}.parquet"], dataset=name, progress=part))
    return ImportReport(
        tuple(table for report in reports for table in report.tables),
        {file: error for report in reports for file, error in report.refused.items()},
        pl.concat([report.rejected for report in reports]),
    )
