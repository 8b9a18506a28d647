"""Serving on this machine: the address is checked, the port is free, a signal lets running requests finish first."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import uvicorn
from sse_starlette.sse import AppStatus

from sugeup.app import App
from sugeup.errors import ConfigError, Retryable
from sugeup.faces import rest, screen
from sugeup.faces.answering import Answering

GRACE = 25
"""Seconds in which running requests may finish after SIGTERM or SIGINT: more than a request may take."""
_HEAD = 64 << 10
"""Bytes of a request's first line and headers; what is between this and the limit of addresses gets a problem."""


def serve(app: App, *, host: str | None = None, port: int | None = None, schedule: bool = False) -> None:
    """Serve REST and MCP until interrupted; `schedule`: run the jobs at their times beside it.

    Raises ConfigError for an address other than loopback, a taken port, or a public address that cannot be one.
    """
    app.settings.address()
    address, number = checked(host or app.settings.host), port or app.settings.port
    with _listening(address, number) as listener:
        application = rest.application(Answering(app))
        config = uvicorn.Config(
            application,
            log_config=None,
            log_level=app.settings.log_level.value.lower(),
            access_log=False,
            server_header=False,
            ws="none",
            h11_max_incomplete_event_size=_HEAD,
            timeout_graceful_shutdown=GRACE,
        )
        server = _Server(config, application.state.stopping)
        with server.signalled(), _scheduled(app, schedule or app.settings.schedule):
            screen.ERR.print(
                f"sugeup serves lake '{app.archive.name}' on http://{_shown(address)}:{number} (Ctrl-C ends it)"
            )
            server.run(sockets=[listener])


@contextmanager
def _scheduled(app: App, wanted: bool) -> Iterator[None]:
    """The jobs of the lake at their times, as long as the server runs."""
    if not wanted:
        yield
        return
    from sugeup.jobs.schedule import Schedule

    if app.archive.name == "demo":
        raise ConfigError("The demo lake is not collected, so nothing is to be scheduled.", hint="Use --lake real.")
    schedule = Schedule(app.work, app.clock, floor=app.settings.market_cap_floor)
    schedule.start()
    try:
        yield
    finally:
        schedule.stop()


class _Server(uvicorn.Server):
    """Stops in this order: no new connection, standing streams end, running requests finish."""

    def __init__(self, config: uvicorn.Config, stopping: anyio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let everything come to its end."""
        self._stopping.set()
        await super().shutdown(sockets)

    @contextmanager
    def signalled(self) -> Iterator[None]:
        """SIGINT and SIGTERM mean stop, and nothing more: uvicorn raises them again once it has stopped."""

        def stop(*_: Any) -> None:
            self.should_exit = True

        AppStatus.disable_automatic_graceful_drain()  # type: ignore[no-untyped-call]  # it would cut answers under way
        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            AppStatus.enable_automatic_graceful_drain_mode()  # type: ignore[no-untyped-call]


def checked(host: str) -> str:
    """The host if it is a loopback address, else ConfigError with the reason."""
    name = "127.0.0.1" if host == "localhost" else host
    try:
        loopback = ipaddress.ip_address(name).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ConfigError(
            f"host={host!r} is not a loopback address; sugeup has no accounts and no TLS yet.",
            hint="Use 127.0.0.1 or ::1, and a tunnel or a reverse proxy of your own for other machines.",
        )
    return name


def free(host: str, port: int) -> int:
    """The port if nobody listens on it, else a free one, which is told on the error stream."""
    address = checked(host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for wanted in (port, 0):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, wanted))
            except OSError:
                screen.ERR.print(f"port {port} is taken by another program; another one is used", soft_wrap=True)
                continue
            return int(probe.getsockname()[1])
    return port


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it an answer waits 40 ms for an ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Retryable(
            f"Port {port} on {host} cannot be used: {error.strerror}.",
            code="BUSY",
            hint="Stop the other server, or choose another with --port.",
        ) from None
    return listener


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
