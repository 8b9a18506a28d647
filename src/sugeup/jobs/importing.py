"""Imports files: recognises each, converts and checks its rows, and stores what passed, with a report of what did not.

Safe to repeat: the same file adds nothing the second time. Safe to interrupt: each table is stored by one commit, so a
killed import leaves whole tables or nothing, and running it again completes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import polars as pl

from sugeup import records
from sugeup.archive import Archive
from sugeup.archive.comparing import context_of
from sugeup.errors import Refused
from sugeup.jobs.reading import read_table
from sugeup.market import publication
from sugeup.sources import files
from sugeup.sources.checks import check
from sugeup.sources.files import Parsed, downloads
from sugeup.sources.files.downloads import Download
from sugeup.sources.files.layout import ROW
from sugeup.sources.files.values import written

Progress = Callable[[str, float], None]
"""Called with what is being done and the part of the whole that is done, 0 to 1."""

REJECTED_SCHEMA: dict[str, pl.DataType] = {
    "file": pl.String(),
    "row": pl.Int64(),
    "dataset": pl.String(),
    "key": pl.String(),
    "reason": pl.String(),
    "value": pl.String(),
}
_KEYS = ("code", "market", "index_code", "index", "investor", "scheme", "session", "date", "valid_from", "at", "ts")


@dataclass(frozen=True)
class Imported:
    """What became of one table of a file. `rows` counts rows of the file, the others rows of the dataset.

    `kept`: stored beside a row of a preferred source; `same`: stored before; `rejected`: rows with faults; `left_out`
    and `warnings`: counts by reason.
    """

    file: str
    layout: str
    dataset: str
    source: str
    rows: int
    added: int
    replaced: int
    kept: int
    same: int
    rejected: int
    left_out: Mapping[str, int]
    warnings: Mapping[str, int]


@dataclass(frozen=True)
class ImportReport:
    """Result of an import: one entry per table, refused files with the error, every rejected row with its reason."""

    tables: tuple[Imported, ...]
    refused: Mapping[str, Refused] = field(default_factory=dict)
    rejected: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REJECTED_SCHEMA))

    @property
    def stored(self) -> int:
        """Rows that were not stored before this import."""
        return sum(table.added + table.replaced + table.kept for table in self.tables)

    def write_rejected(self, path: Path) -> Path:
        """Write the rejected rows as CSV (UTF-8 with a mark, which spreadsheets expect) and return the path."""
        path.write_bytes(b"\xef\xbb\xbf" + self.rejected.write_csv().encode())
        return path


def import_files(
    archive: Archive,
    paths: Sequence[Path | str],
    *,
    dataset: str | None = None,
    source: str | None = None,
    session: date | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import CSV and Parquet files; `dataset` and `source` say what files in our own columns are and whose figures.

    `session`: the day of files that were saved on the pages of KRX, in which no day stands; files of one page become
    one table. A refused file stores nothing and does not keep the others from being imported. Raises Refused when every
    file is refused, and what the store raises.
    """
    if not paths:
        raise Refused("no file was named.", hint="Name one or more CSV or Parquet files.")
    tell = progress or (lambda _said, _part: None)
    tables: list[Imported] = []
    refused: dict[str, Refused] = {}
    rejected: list[pl.DataFrame] = []
    saved: dict[str, tuple[Download, list[tuple[str, pl.DataFrame]]]] = {}
    for number, path in enumerate(paths):
        name, start, share = str(path), number / len(paths), 1 / len(paths)
        try:
            tell(f"{Path(path).name}: reading", start)
            raw = read_table(Path(path))
            if dataset is None and (page := downloads.page_of(raw.columns)) is not None:
                saved.setdefault(page.name, (page, []))[1].append((name, raw))
                continue
            layout = _recognised(name, raw, dataset, source, session)
        except Refused as error:
            refused[name] = error
            continue
        parsed = files.parse(layout, raw, source=source)
        for position, table in enumerate(parsed):
            tell(f"{Path(path).name}: {table.dataset}", start + share * (0.2 + 0.8 * position / len(parsed)))
            done, faulty = _stored(archive, table, name, layout.name, raw)
            tables.append(done)
            rejected.append(faulty)
    for page, given in saved.values():
        name = given[0][0] if len(given) == 1 else f"{given[0][0]} and {len(given) - 1} more"
        try:
            files_of = [downloads.Saved(Path(path).name, raw) for path, raw in given]
            raw, layout = downloads.table(page, files_of, session)
        except Refused as error:
            refused |= dict.fromkeys((path for path, _ in given), error)
            continue
        tell(f"{name}: {page.dataset}", 0.9)
        for table in files.parse(layout, raw, source=source):
            done, faulty = _stored(archive, table, name, layout.name, raw)
            tables.append(done)
            rejected.append(faulty)
    tell("done", 1.0)
    if refused and not tables:
        raise _all_refused(refused)
    return ImportReport(tuple(tables), refused, pl.concat([pl.DataFrame(schema=REJECTED_SCHEMA), *rejected]))


def _recognised(
    name: str, raw: pl.DataFrame, dataset: str | None, source: str | None, session: date | None
) -> files.Layout:
    try:
        if session is not None:
            raise Refused(
                f"the session {session} was named, and the file is none of those that are saved on the pages of KRX.",
                hint="Leave the session out: the rows of this file say theirs.",
            )
        return files.recognise(raw, dataset=dataset, source=source)
    except Refused as error:
        raise Refused(f"{name}: {error.message}", code=error.code, hint=error.hint, details=error.details) from None


def _stored(
    archive: Archive, table: Parsed, name: str, layout: str, raw: pl.DataFrame
) -> tuple[Imported, pl.DataFrame]:
    declared = records.dataset(table.dataset)
    context = context_of(archive, declared, table.source, table.frame, raw_prices=table.raw_prices)
    checked = check(declared, table.frame, context)
    stamped = _as_known(publication.stamp(declared.name, checked.frame, declared.dated), archive.clock.now())
    ready = declared.conform(stamped.with_columns(ingested_at=pl.lit(archive.clock.now())))
    done = archive.fill(declared.name, ready)
    faulty = pl.concat([table.faults, checked.faults])
    left_out = dict(table.left_out)
    for reason, count in checked.left_out.items():
        left_out[reason] = left_out.get(reason, 0) + count
    report = Imported(
        file=name,
        layout=layout,
        dataset=declared.name,
        source=table.source,
        rows=raw.height,
        added=done.added,
        replaced=done.replaced,
        kept=done.kept,
        same=done.same,
        rejected=faulty[ROW].n_unique(),
        left_out=left_out,
        warnings=dict(checked.warnings),
    )
    return report, _described(faulty, name, declared.name, raw)


def _as_known(frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Rows that are there before they are published are known now, and provisional."""
    early = pl.col("known_at") > now
    return frame.with_columns(
        pl.when(early).then(pl.lit(now).cast(frame.schema["known_at"])).otherwise("known_at").alias("known_at"),
        (pl.col("final") & ~early).alias("final"),
    )


def _described(faulty: pl.DataFrame, name: str, dataset: str, raw: pl.DataFrame) -> pl.DataFrame:
    """Faults with the file, and the words of the file that say which row it was."""
    if faulty.is_empty():
        return pl.DataFrame(schema=REJECTED_SCHEMA)
    ordered = faulty.sort(ROW)
    told = [written(raw.schema[column], column) for column in _KEYS if column in raw.columns]
    rows = raw[(ordered[ROW] - 1).to_list()]
    keys = rows.select(pl.concat_str(told, separator=" ", ignore_nulls=True).alias("key"))
    return ordered.with_columns(keys["key"], file=pl.lit(name), dataset=pl.lit(dataset)).select(
        pl.col(column).cast(kind) for column, kind in REJECTED_SCHEMA.items()
    )


def _all_refused(refused: Mapping[str, Refused]) -> Refused:
    errors = list(refused.values())
    if len(errors) == 1:
        return errors[0]
    return Refused(
        f"none of {len(errors)} files was taken: " + " ".join(error.message for error in errors),
        hint=errors[0].hint,
    )
