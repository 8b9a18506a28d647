"""Which files of a table may hold the rows of a span: told from the table's log, without opening a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from sugeup.records import Dataset, Partition


@dataclass(frozen=True)
class Stored:
    """A data file: its path, and the smallest and largest date and scope in it; null where its commit does not say."""

    path: str
    dates: tuple[date | None, date | None]
    scopes: tuple[str | None, str | None]

    def within(self, start: date | None, end: date | None) -> bool:
        """Whether a row of it may lie on these dates."""
        low, high = self.dates
        return not ((start and high and high < start) or (end and low and low > end))

    def inside(self, start: date | None, end: date | None) -> bool:
        """Whether every row of it lies on these dates, for certain."""
        low, high = self.dates
        return (start is None or (low is not None and start <= low)) and (
            end is None or (high is not None and high <= end)
        )

    def of(self, scopes: Sequence[str] | None) -> bool:
        """Whether a row of it may belong to one of these scopes."""
        low, high = self.scopes
        if scopes is None or low is None or high is None:
            return True
        return any(low <= scope <= high for scope in scopes)


class Files:
    """A table at the version that it is at now, with its files; `where` is its folder. Made anew when the table moves.

    `before`: the same table at an earlier version, so that only the commits since then need to be looked at.
    """

    def __init__(self, dataset: Dataset, where: str, table: DeltaTable, before: Files | None = None) -> None:
        self.dataset = dataset
        self.table = table
        self.version = table.version()
        self.where = where
        self._before = None if before is None or "stored" not in vars(before) else (before.version, before.stored)

    @cached_property
    def columns(self) -> frozenset[str]:
        """Names of the table's columns."""
        return frozenset(field.name for field in self.table.schema().fields)

    @cached_property
    def plain(self) -> bool:
        """Whether the rows are all that the files hold: nothing deleted inside them, no column under another name."""
        return self.table.protocol().min_reader_version == 1

    @cached_property
    def stored(self) -> list[Stored]:
        """Every file of this version."""
        before, self._before = self._before, None
        if before is not None:
            version, stored = before
            paths = [unquote(uri) for uri in self.table.file_uris()]
            known = {file.path: file for file in stored}
            for commit in range(version + 1, self.version + 1):
                known |= self._added(commit)
            if known.keys() >= set(paths):
                return [known[path] for path in paths]
        actions = pl.DataFrame(self.table.get_add_actions(flatten=True))
        names = [f"{edge}.{name}" for name in (self.dataset.dated, self.dataset.scope) for edge in ("min", "max")]
        if self.dataset.partition is Partition.DAY:  # the day is in the folder's name alone
            names[:2] = [f"partition.{self.dataset.dated}"] * 2
        bounds = (actions[name] if name in actions.columns else [None] * actions.height for name in names)
        return [
            Stored(f"{self.where}/{path}", (first, last), (low, high))
            for path, first, last, low, high in zip(actions["path"], *bounds, strict=True)
        ]

    def holding(self, start: date | None, end: date | None, scopes: Sequence[str] | None = None) -> list[Stored]:
        """The files that may hold rows of these dates and scopes."""
        return [file for file in self.stored if file.within(start, end) and file.of(scopes)]

    def _added(self, version: int) -> dict[str, Stored]:
        """Files that a commit added, by path; none when it cannot be read, which costs time and nothing else."""
        try:
            lines = Path(self.where, "_delta_log", f"{version:020}.json").read_bytes().splitlines()
            added = [action["add"] for action in map(json.loads, lines) if "add" in action]
            found = [self._told(add["path"], add["partitionValues"], json.loads(add["stats"])) for add in added]
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return {file.path: file for file in found}

    def _told(self, path: str, folder: dict[str, str], stats: dict[str, dict[str, str]]) -> Stored:
        low, high = stats["minValues"], stats["maxValues"]
        dated, scope = self.dataset.dated, self.dataset.scope
        if self.dataset.partition is Partition.DAY:
            low, high = low | folder, high | folder
        dates = date.fromisoformat(low[dated]), date.fromisoformat(high[dated])
        return Stored(f"{self.where}/{path}", dates, (low[scope], high[scope]))
