"""Serving on this machine: the address is checked, the port is free, Ctrl-C ends it cleanly."""

from __future__ import annotations

import ipaddress
import socket

import uvicorn

from sugeup.app import App
from sugeup.errors import ConfigError, Retryable
from sugeup.faces import rest, screen
from sugeup.faces.answering import Answering


def serve(app: App, *, host: str | None = None, port: int | None = None) -> None:
    """Serve REST and MCP until interrupted. Raises ConfigError for an address other than loopback or a taken port."""
    address, number = checked(host or app.settings.host), port or app.settings.port
    with _listening(address, number) as listener:
        screen.ERR.print(
            f"sugeup serves lake '{app.archive.name}' on http://{_shown(address)}:{number} (Ctrl-C ends it)"
        )
        config = uvicorn.Config(rest.application(Answering(app)), log_level=app.settings.log_level.value.lower())
        uvicorn.Server(config).run(sockets=[listener])


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


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
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
