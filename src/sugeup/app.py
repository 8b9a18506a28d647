"""The composition root: settings become a clock, a lake, a ledger, sources and an archive. Nothing else makes them."""

from __future__ import annotations

import functools
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from sugeup import settings
from sugeup.errors import ConfigError
from sugeup.market.clock import Clock
from sugeup.settings import LakeName, Settings

if TYPE_CHECKING:
    from sugeup.archive import Archive, Supply
    from sugeup.archive.describing import Source
    from sugeup.archive.supply import Door
    from sugeup.jobs.job import Journal, Options, Tell, Work
    from sugeup.sources.vendor import Vendor
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
    supply: Supply | None = None
    """Who can be asked for figures; None where figures only come from files."""

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
        clock = clock or _clock(loaded, chosen)
        path = loaded.lake_path(chosen)
        supply = cast("Supply", _Later(lambda: _supply(loaded, chosen, clock)))

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

            state = cast("State", _Later(ledger))
            told = partial(described, loaded, chosen)
            return Archive(chosen.value, panels(), state, clock, sources.origins(), supply, told)

        def version(dataset: str) -> str:
            from sugeup import records

            return panels().version(records.dataset(dataset))

        return cls(loaded, clock, cast("Archive", _Later(archive)), path, version, supply)

    @property
    def care(self) -> Care:
        """Check, restore, tidy, backup and unpack of the lake."""
        from sugeup import sources
        from sugeup.store.care import Care
        from sugeup.store.lake import Lake
        from sugeup.store.state import State

        standings = {name: origin.standing for name, origin in sources.origins().items()}
        return Care(Lake(self.path, standings), State(self.path / "state.sqlite"), self.clock)

    @property
    def journal(self) -> Journal:
        """Where runs of jobs are written down."""
        from sugeup.store.state import State

        return State(self.path / "state.sqlite")

    def work(self, options: Options, tell: Tell | None = None, stop: threading.Event | None = None) -> Work:
        """What a job of this lake works with.

        Raises Retryable when a simulated lake has no sandbox to ask, ConfigError when it holds another one's market.
        """
        from sugeup.jobs.job import Work

        if callable(plan := getattr(self.clock, "plan", None)):
            from sugeup.store import simulated

            simulated.keep(self.path, plan())
        return Work(
            self.archive,
            self.journal,
            self.care,
            self.path,
            options,
            tell or (lambda _stage, _done, _all: None),
            stop or threading.Event(),
            float(getattr(self.clock, "speed", 1.0)),
            (lambda: ()) if self.supply is None else self.supply.contracts,
        )


def _clock(loaded: Settings, lake: LakeName) -> Clock:
    if lake is not LakeName.SIMULATED:
        return SystemClock()

    def remote() -> Clock:
        from sugeup.hub.remote_clock import RemoteClock

        return RemoteClock(loaded.sandbox(), SystemClock())

    return cast("Clock", _Later(remote))


def _supply(loaded: Settings, lake: LakeName, clock: Clock) -> Supply:
    """Who can be asked on a lake: vendors that have what they need, the sandbox on the simulated one, nobody on demo.

    Raises ConfigError for a source that there is not.
    """
    from sugeup import sources
    from sugeup.archive import Supply

    if lake is LakeName.DEMO:
        return Supply(why_none="The demo lake holds the bundled sample and nothing else.")
    known = sources.vendors()
    for name in loaded.sources or ():
        if name not in known:
            raise ConfigError(
                f"SUGEUP_SOURCES names {name!r}, which is no source.", hint=f"There are: {', '.join(known)}."
            )
    asked = [one for one in known.values() if loaded.asks(one.name, one.access.keys, one.access.switch, lake)]
    return Supply(
        [(one, partial(door, loaded, lake, clock, one)) for one in asked],
        why_none=f"No key is set: {_keys_of(known.values())}.",
        shut=[one for one in known.values() if one not in asked],
    )


def described(loaded: Settings, lake: LakeName) -> list[Source]:
    """The sources as the settings see them on a lake. Raises ConfigError when the notes on stored keys are damaged."""
    from sugeup.archive import describing

    demo = lake is LakeName.DEMO
    return describing.described(
        lambda one: not demo and loaded.asks(one.name, one.access.keys, one.access.switch, lake),
        loaded.key_places(),
        lambda name: getattr(loaded, name) is True,
        loaded.sources,
        simulated=lake is LakeName.SIMULATED,
    )


def _keys_of(vendors: Iterable[Vendor]) -> str:
    """Names of the keys of brokers, in words."""
    brokers = [one for one in vendors if len(one.access.keys) > 1 and not one.access.switch]
    return ", ".join(f"{' and '.join(map(settings.variable, one.access.keys))} ({one.korean})" for one in brokers)


def door(loaded: Settings, lake: LakeName, clock: Clock, vendor: Vendor) -> Door:
    """What asks a vendor. Raises ConfigError when a key is missing or cannot be right."""
    from sugeup.sources.vendor import Credentials, Transport

    key, secret = (*loaded.secrets(vendor.access.keys, lake), "", "")[:2]
    simulated = lake is LakeName.SIMULATED
    folder = loaded.home / ("hub-simulated" if simulated else "hub")
    hurry = loaded.sandbox_hurry if simulated else 1.0
    hosts = {name: loaded.sandbox() + urlsplit(own).path for name, own in vendor.hosts.items()} if simulated else None
    if vendor.transport is Transport.PYKRX:
        from sugeup.hub.pykrx import Pykrx

        return Pykrx(vendor, Credentials(key, secret), folder=folder, clock=clock, hosts=hosts, hurry=hurry)
    from sugeup.hub import Hub
    from sugeup.sources.vendor import Pace

    kis = vendor.name == "kis"
    return Hub(
        vendor,
        Credentials(key, secret),
        folder=folder,
        clock=clock,
        hosts=hosts,
        pace=Pace(loaded.kis_calls, loaded.kis_window) if kis else None,
        quota=loaded.kis_daily_quota if kis else None,
        hurry=hurry,
    )


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
