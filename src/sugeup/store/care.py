"""The care of one lake behind one door: check, restore, tidy, backup and unpack."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from sugeup.market.clock import Clock
from sugeup.records import Dataset
from sugeup.records.upkeep import BackedUp, Finding, Repair, Tidied
from sugeup.store import backup, inspection, recovery, rivals, upkeep
from sugeup.store.lake import Lake
from sugeup.store.state import State


class Care:
    """What `sugeup store` does; none of it happens by itself."""

    def __init__(self, lake: Lake, state: State, clock: Clock) -> None:
        self._lake = lake
        self._state = state
        self._clock = clock

    def check(self) -> list[Finding]:
        """Every table opened and every file read; damage first."""
        return inspection.inspect(self._lake.root, self._state.path)

    def restore(self) -> list[Repair]:
        """The last good version of what is damaged; nothing else is touched."""
        return recovery.restore(self._lake.root, self._state, self._clock, self._lake.standings)

    def tidy(self, *, keep_hours: float = upkeep.KEEP_HOURS, keep_sessions: int | None = None) -> list[Tidied]:
        """Sealed folders in the order of reads, unused files removed, old minutes and ticks given up."""
        return upkeep.tidy(self._lake, self._clock, keep_hours=keep_hours, keep_sessions=keep_sessions)

    def rivals(self, dataset: Dataset, start: date) -> pl.DataFrame:
        """Figures of the same key that two sources tell differently, since a date."""
        return rivals.rivals(self._lake, dataset, start)

    def backup(self, target: Path) -> BackedUp:
        """The whole lake in one new file."""
        return backup.backup(self._lake.root, self._state.path, target)

    def unpack(self, source: Path) -> Repair:
        """The lake of a backup in the place of this one, which is kept beside it."""
        self._state.close()
        return backup.unpack(self._lake.root, source, self._clock)
