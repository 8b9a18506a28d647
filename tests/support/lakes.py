"""A real archive in a temporary folder, with a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sugeup.archive import Archive
from sugeup.market.clock import FixedClock
from sugeup.sources import origins
from sugeup.store.lake import Lake
from sugeup.store.state import State

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def archive_in(folder: Path, now: datetime = NOW) -> Archive:
    """An archive on a lake and a state database below `folder`."""
    standings = {name: origin.standing for name, origin in origins().items()}
    return Archive("test", Lake(folder / "lake", standings), State(folder / "state.sqlite"), FixedClock(now), origins())
