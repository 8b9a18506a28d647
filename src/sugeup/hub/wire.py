"""One request on the wire: pooled connections, a place in the gate when it leaves, a whole reply or why not."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx
import orjson

from sugeup.errors import ConfigError
from sugeup.hub.addresses import is_loopback
from sugeup.hub.limits import Gate, Grant
from sugeup.hub.turns import Lane, Priority
from sugeup.market.clock import Clock
from sugeup.sources.vendor import Reply, Request

WHOLE = 3
"""A reply that trickles in has so many times the timeout."""
LARGEST = 64 << 20
CONNECTIONS = 64
_LEAVING = "http11.send_request_headers.started"
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Exchange:
    """What came of one send: a `reply`, or a `failure` in words; `left`: false when nothing reached the vendor.

    `waited` seconds in the gate, `seconds` from leaving the gate to the last byte.
    """

    reply: Reply | None
    failure: str
    left: bool
    waited: float
    seconds: float


class Carrier(Protocol):
    """What puts a request on the wire, a place in the gate taken."""

    def once(self, request: Request, priority: Priority, until: float | None, lane: Lane | None = None) -> Exchange:
        """Wait for a place, send, read. Retryable from the gate; a failing network is told in the result."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Wire:
    """Sends signed requests to `hosts` (name → address); safe for many threads."""

    def __init__(self, hosts: Mapping[str, str], gate: Gate, clock: Clock, timeout: float) -> None:
        self._hosts = hosts
        self._gate = gate
        self._clock = clock
        self._timeout = timeout
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=30)
        remote = any(not is_loopback(httpx.URL(address).host) for address in hosts.values())
        self._client = httpx.Client(
            limits=limits,
            trust_env=remote,  # a proxy of the environment carries https; what is plain goes to this machine alone
            mounts={"http://": httpx.HTTPTransport(limits=limits, trust_env=False)},
            follow_redirects=False,  # a redirect could lead the key elsewhere
            headers={"user-agent": "sugeup"},
        )

    def once(self, request: Request, priority: Priority, until: float | None, lane: Lane | None = None) -> Exchange:
        """Wait for a place, send, read. Retryable from the gate alone; a failing network is told in the result."""
        place = _Place(self._gate, self._gate.enter(priority, until, lane=lane), until)
        began = time.monotonic()
        limit = began + WHOLE * self._timeout if until is None else min(began + WHOLE * self._timeout, until)
        reply, failure, left = None, "", True
        try:
            reply = self._read(self._made(request, limit - began, place), limit)
        except _NEVER_LEFT as error:
            failure, left = _said(error), False
        except (httpx.RequestError, httpx.StreamError) as error:
            failure = _said(error)
        except RuntimeError as error:  # of a pool that was closed under way
            failure = _said(error)
            self._gate.unless_closed()
        return Exchange(reply, failure, left, place.grant.waited, time.monotonic() - began)

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def _made(self, request: Request, seconds: float, place: _Place) -> httpx.Request:
        if request.host not in self._hosts or not request.path.startswith("/"):
            raise ConfigError(
                f"A request names the host {request.host!r} and the path {request.path!r}; "
                f"hosts are {', '.join(sorted(self._hosts))}, and a path begins with a slash.",
                hint="This is a fault of the vendor's description: report it.",
            )
        headers = {name.lower(): value for name, value in request.headers.items()}
        content = None
        if request.body is not None:
            form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
            content = urlencode(request.body).encode() if form else orjson.dumps(dict(request.body))
            headers.setdefault("content-type", "application/json; charset=utf-8")
        return self._client.build_request(
            request.method,
            self._hosts[request.host] + request.path,
            params=request.query or None,
            headers=headers,
            content=content,
            timeout=max(min(self._timeout, seconds), 0.001),
            extensions={"trace": place},
        )

    def _read(self, made: httpx.Request, limit: float) -> Reply:
        answer = self._client.send(made, stream=True)
        try:
            body = bytearray()
            for part in answer.iter_bytes():
                body += part
                if len(body) > LARGEST:
                    raise httpx.ReadError(f"more than {LARGEST:,} bytes")
                if time.monotonic() > limit:
                    raise httpx.ReadTimeout(f"only {len(body):,} bytes in time")
            return Reply(answer.status_code, dict(answer.headers), bytes(body), self._clock.now())
        finally:
            answer.close()


class _Place:
    """Watches one request: when it leaves, its place must be fresh (a new connection takes its time to be made)."""

    def __init__(self, gate: Gate, grant: Grant, until: float | None) -> None:
        self._gate = gate
        self._until = until
        self.grant = grant

    def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        """What the HTTP library calls at each step of a request."""
        if event == _LEAVING:
            self.grant = self._gate.fresh(self.grant, self._until)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
