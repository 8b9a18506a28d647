"""Starting a sandbox: from a plan, a moment and switches to a server that listens on this machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from datetime import datetime

from sugeup.errors import ConfigError, Retryable
from sugeup.sandbox import faults, vendors
from sugeup.sandbox.clock import SandboxClock
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.sandbox import Sandbox
from sugeup.sandbox.server import server
from sugeup.sandbox.vendors import Options
from sugeup.sandbox.world import World, start_of

PORT = 8420


def build(
    plan: Plan,
    *,
    at: datetime | None = None,
    speed: float = 1.0,
    switched: Sequence[str] = (),
    options: Options | None = None,
    served: Sequence[str] = (),
) -> Sandbox:
    """A sandbox that is ready to answer.

    `at`: moment at which its clock starts (default: 15:45 of the middle session). `switched`: faults as NAME,
    NAME=RATE or NAME=RATE:AMOUNT. `served`: names of vendors, all when empty. Raises Refused for what cannot be
    simulated.
    """
    options = options or Options()
    market = SimulatedMarket(plan)
    world = World(market, SandboxClock(at or start_of(market), speed), options.revisions)
    sandbox = Sandbox(world, vendors.services(world, options, served))
    for text in switched:
        world.faults.switch(*faults.parse(text))
    world.warm()
    return sandbox


def listen(host: str = "127.0.0.1", port: int = PORT) -> socket.socket:
    """A listening socket of this machine; port 0 takes a free one.

    Raises ConfigError for an address other than loopback, Retryable (BUSY) when the port is taken.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ConfigError(
            f"host={host!r} is not a loopback address; a sandbox has invented figures, no accounts and no TLS.",
            hint="Use 127.0.0.1 or ::1.",
        )
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise Retryable(
            f"Port {port} on {address} cannot be used: {error.strerror}.",
            code="BUSY",
            hint="Stop the other server, or choose another with --port.",
        ) from None
    return listener


def address_of(listener: socket.socket) -> str:
    """URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def serve(sandbox: Sandbox, listener: socket.socket, started: Callable[[str], None]) -> None:
    """Answer until interrupted; `started` is told the address first."""
    with listener:
        started(address_of(listener))
        server(sandbox).run(sockets=[listener])
