"""Lakes that are filled from some sources of a simulated market, as the timetable would fill them.

Nobody waits: the clock of the sandbox is the lake's too, stands still, and is moved from time to time of the timetable.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sugeup import jobs
from sugeup.archive import Archive, Supply
from sugeup.archive.supply import Door
from sugeup.errors import SugeupError
from sugeup.hub import Hub
from sugeup.hub.pykrx import Pykrx
from sugeup.jobs import running
from sugeup.jobs.job import Options as JobOptions
from sugeup.jobs.job import Work
from sugeup.market.sessions import SEOUL
from sugeup.sandbox import running as sandboxes
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.sandbox import Sandbox
from sugeup.sandbox.server import server
from sugeup.sandbox.vendors import Options
from sugeup.settings import SANDBOX_KEYS
from sugeup.sources import origins, vendors
from sugeup.sources.vendor import Credentials, Transport, Vendor
from sugeup.store.care import Care
from sugeup.store.lake import Lake
from sugeup.store.state import State

PLAN = Plan(seed=2026, stocks=24, first=date(2025, 3, 4), sessions=90)
LAST, PAST = 70, 60
"""Number of the newest session that is collected, and sessions back that are filled."""
POLL = timedelta(minutes=10)
"""Between two looks at a running session, of which the job would take one every minute."""
SOURCES: dict[str, tuple[str, ...]] = {
    "no key": (),
    "kis": ("kis",),
    "ls": ("ls",),
    "krx_login": ("krx_login",),
    "krx": ("krx",),
    "naver": ("naver",),
    "kis+krx_login": ("kis", "krx_login"),
    "all": ("kis", "ls", "krx", "krx_login", "naver", "dart"),
}
"""Sets of sources by the name under which they are told."""
_FASTER = 100_000


@dataclass
class Filling:
    """A lake on its way: who is asked, at which address, by which clock."""

    folder: Path
    address: str
    sandbox: Sandbox
    names: Sequence[str]
    said: list[str] = field(default_factory=list)
    """What went otherwise than it should, in the words of the jobs."""

    def __post_init__(self) -> None:
        known = vendors()
        asked = [replace(known[name], quota=None) for name in self.names]
        shut = [one for name, one in known.items() if name not in self.names]
        self.supply = Supply([(one, self._opener(one)) for one in asked], why_none="No key is set.", shut=shut)
        standings = {name: origin.standing for name, origin in origins().items()}
        self.lake = Lake(self.folder / "simulated", standings)
        self.state = State(self.folder / "simulated" / "state.sqlite")
        self.archive = Archive("simulated", self.lake, self.state, self.clock, origins(), self.supply)

    @property
    def clock(self):  # type: ignore[no-untyped-def]
        """The sandbox's."""
        return self.sandbox.world.clock

    def fill(self, session: date, past: int = PAST) -> None:
        """The sessions before, then a day of the timetable: its minutes, its evening, and the morning after."""
        days = self.sandbox.world.market.sessions
        before, after = days[days.index(session) - 1], days[days.index(session) + 1]
        self.at(before, time(19, 0))
        for name in ("universe", "backfill"):
            self.job(name, sessions=past)
        self.at(session, time(8, 10))
        for name in ("universe", "confirm"):
            self.job(name)
        self.at(session, time(8, 55))
        self.job("intraday")
        self.at(session, time(19, 0))
        self.job("daily")
        self.at(after, time(8, 10))
        self.job("confirm")

    def at(self, day: date, hour: time) -> None:
        """Move the clock."""
        self.clock.set(datetime.combine(day, hour, SEOUL))

    def job(self, name: str, sessions: int = PAST) -> None:
        """Run a job; what it could not do is noted."""
        care = Care(self.lake, self.state, self.clock)
        options = JobOptions(sessions=sessions, everything=True, floor=0)
        work = _Moving(self.archive, self.state, care, self.folder, options, contracts=self.supply.contracts)
        work.go = self.clock.set
        try:
            outcome = running.run(jobs.named(name), work)
        except SugeupError as error:
            self.said.append(f"{name}: {error}")
            return
        if outcome.error is not None:
            self.said.append(f"{name}: {outcome.error}")

    def _opener(self, vendor: Vendor) -> Callable[[], Door]:
        def opened() -> Door:
            key, secret = (*SANDBOX_KEYS[: len(vendor.access.keys)], "", "")[:2]
            hosts = {name: self.address + urlsplit(own).path for name, own in vendor.hosts.items()}
            make = Pykrx if vendor.transport is Transport.PYKRX else Hub
            folder = self.folder / "hub"
            return make(vendor, Credentials(key, secret), folder=folder, clock=self.clock, hosts=hosts, hurry=_FASTER)

        return opened


class _Moving(Work):
    """A job's means, where waiting moves the clock: to the next of the moments at which a running session is polled."""

    go: Callable[[datetime], None]

    def wait_until(self, moment: datetime) -> bool:
        """Move the clock; nobody asks the process to end."""
        start = moment.replace(minute=0, second=0, microsecond=0)
        self.go(start + -(-(moment - start) // POLL) * POLL)
        return True


@contextlib.contextmanager
def served(plan: Plan = PLAN) -> Iterator[tuple[Sandbox, str]]:
    """A sandbox of every vendor whose clock stands still, in a thread: itself and its address."""
    sandbox = sandboxes.build(plan, speed=0.0, options=Options(hurry=_FASTER))
    listener = sandboxes.listen(port=0)
    running_server = server(sandbox)
    thread = threading.Thread(target=running_server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield sandbox, sandboxes.address_of(listener)
    finally:
        running_server.should_exit = True
        thread.join(10)
        listener.close()


@contextlib.contextmanager
def filled(
    names: Sequence[str], folder: Path, sandbox: Sandbox, address: str, last: int = LAST, past: int = PAST
) -> Iterator[Filling]:
    """A lake filled from these sources, on the morning after its newest session."""
    made = Filling(folder, address, sandbox, names)
    try:
        if names:
            made.fill(sandbox.world.market.sessions[last], past)
        else:
            made.at(sandbox.world.market.sessions[last + 1], time(8, 10))
        yield made
    finally:
        made.supply.close()
