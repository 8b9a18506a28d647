"""The composition root: settings become a clock, a lake, a ledger and an archive. Nothing else makes them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import stamina
import structlog

from sugeup import records, settings, sources
from sugeup.archive import Archive
from sugeup.market.clock import Clock
from sugeup.settings import LakeName, Settings
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
    def open(cls, loaded: Settings, lake: LakeName | None = None, clock: Clock | None = None) -> App:
        """The application over one lake (default: the one that the settings name)."""
        chosen = lake or loaded.lake
        clock = clock or SystemClock()
        path = loaded.lake_path(chosen)
        origins = sources.origins()
        panels = Lake(path, {name: origin.standing for name, origin in origins.items()})
        archive = Archive(chosen.value, panels, State(path / "state.sqlite"), clock, origins)
        return cls(loaded, clock, archive, path, lambda name: panels.version(records.dataset(name)))


def open_archive(lake: str | None = None, data_dir: Path | str | None = None) -> Archive:
    """The archive of a lake (real, demo, simulated), for use as a library; settings come from the environment.

    Raises ConfigError for a wrong setting or lake.
    """
    return App.open(settings.load(lake=lake, data_dir=data_dir)).archive


def configure_logging(loaded: Settings) -> None:
    """Log to the standard error stream alone: the standard output belongs to answers and to MCP over stdio."""
    level = logging.getLevelNamesMapping()[loaded.log_level.value]
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s: %(message)s")
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    stamina.instrumentation.set_on_retry_hooks(
        [stamina.instrumentation.LoggingOnRetryHook] if level <= logging.DEBUG else []
    )
