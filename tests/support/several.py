"""Lakes that are filled from some vendors of one simulated market over real sockets, without waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sugeup import jobs
from sugeup.archive import Archive, Supply
from sugeup.archive.supply import Door
from sugeup.hub import Hub
from sugeup.hub.pykrx import Pykrx
from sugeup.jobs import running
from sugeup.jobs.job import Options, Work
from sugeup.jobs.running import Outcome
from sugeup.market.sessions import SEOUL
from sugeup.sandbox import running as sandboxes
from sugeup.sandbox import vendors as served
from sugeup.sandbox.clock import SandboxClock
from sugeup.sandbox.disputes import Dispute
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.sandbox import Sandbox
from sugeup.sandbox.server import server
from sugeup.sandbox.world import World, start_of
from sugeup.settings import SANDBOX_KEYS
from sugeup.sources import origins, vendors
from sugeup.sources.vendor import Credentials, Transport, Vendor
from sugeup.store.care import Care
from sugeup.store.lake import Lake
from sugeup.store.state import State

FASTER = 100_000


@contextmanager
def serving(
    market: SimulatedMarket, disputes: Sequence[Dispute] = (), revisions: float = 0.0
) -> Iterator[tuple[str, Sandbox]]:
    """A sandbox of every vendor whose clock stands still, in a thread: its address and itself."""
    world = World(market, SandboxClock(start_of(market), 0.0), revisions, disputes=disputes)
    sandbox = Sandbox(world, served.services(world, served.Options(revisions, hurry=FASTER)))
    listener = sandboxes.listen(port=0)
    running_server = server(sandbox)
    thread = threading.Thread(target=running_server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield sandboxes.address_of(listener), sandbox
    finally:
        running_server.should_exit = True
        thread.join(10)
        listener.close()
    assert not thread.is_alive(), "the sandbox did not stop"


@dataclass
class Several:
    """A lake and the vendors that fill it; its clock is the sandbox's."""

    folder: Path
    address: str
    sandbox: Sandbox
    names: Sequence[str]

    def __post_init__(self) -> None:
        every = [replace(vendors()[name], quota=None) for name in self.names]
        self.supply = Supply([(one, self._opener(one)) for one in every])
        self.clock = self.sandbox.world.clock
        self.lake = Lake(self.folder / "lake", {name: origin.standing for name, origin in origins().items()})
        self.state = State(self.folder / "lake" / "state.sqlite")
        self.archive = Archive("simulated", self.lake, self.state, self.clock, origins(), self.supply)

    def at(self, day: date, hour: int, minute: int = 0) -> None:
        """Move the clock to a time in Seoul."""
        self.clock.set(datetime.combine(day, time(hour, minute), SEOUL))

    def run(self, name: str, **given: Any) -> Outcome:
        """Run a job over every stock."""
        options = Options(**{"everything": True, "floor": 0, **given})
        care = Care(self.lake, self.state, self.clock)
        work = Work(self.archive, self.state, care, self.folder, options, contracts=self.supply.contracts)
        return running.run(jobs.named(name), work)

    def close(self) -> None:
        """Let go of every door."""
        self.supply.close()

    def _opener(self, vendor: Vendor) -> Callable[[], Door]:
        def opened() -> Door:
            key, secret = (*SANDBOX_KEYS[: len(vendor.access.keys)], "", "")[:2]
            hosts = {name: self.address + urlsplit(own).path for name, own in vendor.hosts.items()}
            make = Pykrx if vendor.transport is Transport.PYKRX else Hub
            credentials, folder = Credentials(key, secret), self.folder / "hub"
            return make(vendor, credentials, folder=folder, clock=self.clock, hosts=hosts, hurry=FASTER)

        return opened


@contextmanager
def filling(folder: Path, address: str, sandbox: Sandbox, *names: str) -> Iterator[Several]:
    """A lake of its own for these vendors."""
    made = Several(folder, address, sandbox, names)
    try:
        yield made
    finally:
        made.close()
