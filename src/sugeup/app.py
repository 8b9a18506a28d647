"""The composition root: settings become a clock, a lake, a ledger and an archive. Nothing else makes them."""

from __future__ import annotations

import functools
import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sugeup import settings
from sugeup.market.clock import Clock
from sugeup.settings import LakeName, Settings

if TYPE_CHECKING:
    from sugeup.archive import Archive
    from sugeup.store.care import Care
    from sugeup.store.lake import Lake
    from sugeup.store.state import State


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)  # noqa: TID251


@dataclass(frozen=True)
class App:
    """What a face or a job is given."""

    settings: Settings
    clock: Clock
    archive: Archive
    path: Path
    version: Callable[[str], str]
    """Version of what is stored of a dataset: grows with every change, by whichever process."""

    @classmethod
    def open(
        cls,
        loaded: Settings,
        lake: LakeName | None = None,
        clock: Clock | None = None,
        stored_on: datetime | None = None,
    ) -> App:
        """The application over one lake (default: the one that the settings name).

        The store and its libraries are loaded when the archive is first used, so that a server lists its tools at once.
        """
        chosen = lake or loaded.lake
        clock = clock or SystemClock()
        path = loaded.lake_path(chosen)

        @functools.cache
        def panels() -> Lake:
            from sugeup import sources
            from sugeup.store.lake import Lake

            return Lake(path, {name: origin.standing for name, origin in sources.origins().items()}, stored_on)

        def ledger() -> State:
            from sugeup.store.state import State

            return State(path / "state.sqlite")

        def archive() -> Archive:
            from sugeup import sources
            from sugeup.archive import Archive

            return Archive(chosen.value, panels(), cast("State", _Later(ledger)), clock, sources.origins())

        def version(dataset: str) -> str:
            from sugeup import records

            return panels().version(records.dataset(dataset))

        return cls(loaded, clock, cast("Archive", _Later(archive)), path, version)

    @property
    def care(self) -> Care:
        """Check, restore, tidy, backup and unpack of the lake."""
        from sugeup import sources
        from sugeup.store.care import Care
        from sugeup.store.lake import Lake
        from sugeup.store.state import State

        standings = {name: origin.standing for name, origin in sources.origins().items()}
        return Care(Lake(self.path, standings), State(self.path / "state.sqlite"), self.clock)


class _Later:
    """Stands for an object that is made when it is first used, once, by whichever thread."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._made: object | None = None
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._make()
        return getattr(self._made, name)


def open_archive(lake: str | None = None, data_dir: Path | str | None = None) -> Archive:
    """The archive of a lake (real, demo, simulated), for use as a library; settings come from the environment.

    Raises ConfigError for a wrong setting or lake.
    """
    return App.open(settings.load(lake=lake, data_dir=data_dir)).archive


def configure_logging(loaded: Settings) -> None:
    """Log to the standard error stream alone: the standard output belongs to answers and to MCP over stdio."""
    import stamina

    level = logging.getLevelNamesMapping()[loaded.log_level.value]
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s: %(message)s")
    stamina.instrumentation.set_on_retry_hooks(
        [stamina.instrumentation.LoggingOnRetryHook] if level <= logging.DEBUG else []
    )
