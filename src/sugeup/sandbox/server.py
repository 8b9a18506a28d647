"""The sandbox on the wire: an ASGI application of the vendors' paths and of `/sandbox/…`, by which it is controlled.

Calls are counted when they arrive; answers are made one at a time in a thread of their own, so that a slow one does
not make the next look late.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import format_datetime
from functools import partial
from typing import cast
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sugeup.sandbox import control, faults
from sugeup.sandbox.sandbox import Sandbox
from sugeup.sandbox.service import Call, Sent, Service

_TRANSPORT = "sugeup.transport"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST_BODY = 64 << 10


class SandboxApp:
    """The application of one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._worker = ThreadPoolExecutor(1, "sandbox")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        at = self.sandbox.world.counter()
        path, method = scope["path"], scope["method"]
        service = self.sandbox.service(path)
        if not _meant(scope):
            await self._send(send, Sent({"error": "this server answers only to 127.0.0.1 and localhost"}, 421))
        elif path.startswith("/sandbox/"):
            status, shown = control.answer(self.sandbox, method, path, await _body(receive))
            await self._send(send, Sent(shown, status))
        elif service is None:
            vendors = ", ".join(one.name for one in self.sandbox.services)
            await self._send(send, Sent({"error": f"no vendor of this sandbox has {path}; it serves: {vendors}"}, 404))
        else:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            query = cast("bytes", scope["query_string"]).decode("latin-1")
            call = Call(method, path, query, headers, await _body(receive), at)
            await self._call(service, call, scope, send)

    async def _call(self, service: Service, call: Call, scope: Scope, send: Send) -> None:
        """Count a call when it has arrived, let faults strike it, answer it."""
        if hurried := service.hurried(call):
            await self._send(send, hurried)
            return
        name = service.identifier(call)
        moment = self.sandbox.world.moment()
        if not name:
            await self._send(send, await self._made(partial(service.answer, call, moment)))
            return
        switched = self.sandbox.world.faults
        question = f"{name}?{call.query}{call.body.decode('utf-8', 'replace')}"
        attempt = switched.attempt(question)
        struck = partial(self._struck, service, name, question, attempt)
        if late := struck("latency"):
            await asyncio.sleep(late.amount)
        if struck("reset"):
            await _reset(scope, send)
            return
        if struck("server_error"):
            await self._send(send, service.trouble(switched.chance("server_error body", question, attempt)))
            return
        for fault in ("token_expired", "token_revoked"):
            if struck(fault):
                service.end_tokens(service.key(call), revoked=fault == "token_revoked")
        if struck("page"):
            await self._send(send, Sent(faults.SHELL, 200, "text/html"))
            return
        quota = struck("quota")
        if struck("rate") or (quota is not None and self.sandbox.beyond(service.key(call), quota.amount)):
            await self._send(send, service.too_often())
            return
        answer = await self._made(partial(service.answer, call, moment))
        if isinstance(answer.body, Mapping | list):
            body: faults.Body = answer.body
            if short := struck("short_page"):
                body = faults.without_rows(body, short.amount, switched.chance("short rows", question))
            if struck("renamed_field"):
                body = faults.renamed(body, switched.chance("renamed", name))
            answer = replace(answer, body=body)
        if struck("malformed"):
            text = answer.text()
            answer = replace(answer, body=text[: len(text) * 2 // 3] + b"<")
        if struck("half_body"):
            await self._half(scope, send, answer)
            return
        await self._send(send, answer)

    def _struck(self, service: Service, name: str, question: str, attempt: int, kind: str) -> faults.Fault | None:
        found = self.sandbox.world.faults.strikes(kind, name, question, attempt)
        if found is not None:
            service.counts.faults[kind] += 1
        return found

    async def _made(self, make: partial[Sent]) -> Sent:
        return await asyncio.get_running_loop().run_in_executor(self._worker, make)

    async def _start(self, send: Send, answer: Sent, length: int) -> None:
        date = format_datetime(self.sandbox.world.clock.now() + self.sandbox.world.skew(), usegmt=True)
        headers = [
            (b"content-type", answer.kind.encode()),
            (b"content-length", str(length).encode()),
            (b"date", date.encode()),
            *((name.encode(), value.encode("utf-8")) for name, value in answer.headers.items()),
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})

    async def _send(self, send: Send, answer: Sent) -> None:
        text = answer.text()
        await self._start(send, answer, len(text))
        await send({"type": "http.response.body", "body": text})

    async def _half(self, scope: Scope, send: Send, answer: Sent) -> None:
        text = answer.text()
        await self._start(send, answer, len(text))
        await send({"type": "http.response.body", "body": text[: len(text) // 2], "more_body": True})
        transport = scope.get("extensions", {}).get(_TRANSPORT)
        if transport is None:
            raise ConnectionResetError("the connection was cut in the middle of an answer")
        transport.close()
        await _gone()


def _meant(scope: Scope) -> bool:
    """Whether the request names this machine as its host: a page elsewhere must not reach it by another name."""
    named = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    try:
        return urlsplit(f"//{named}").hostname in LOOPBACK
    except ValueError:
        return False


async def _reset(scope: Scope, send: Send) -> None:
    """Cut the connection hard; without one (an application called directly) an error does the same."""
    transport = scope.get("extensions", {}).get(_TRANSPORT)
    if transport is None:
        raise ConnectionResetError("the connection was cut before an answer")
    raw: socket.socket = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone()


async def _gone() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body") or sum(map(len, parts)) > _LONGEST_BODY:
            return b"".join(parts)


class Carrying(H11Protocol):
    """uvicorn's protocol, but the application can reach its connection in order to cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the application the transport."""
        super().connection_made(transport)
        inner: ASGIApp = self.app

        async def carried(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[_TRANSPORT] = transport
            await inner(scope, receive, send)

        self.app = carried


def server(sandbox: Sandbox) -> uvicorn.Server:
    """A server that is not started yet; give it a listening socket of a loopback address."""
    return uvicorn.Server(
        uvicorn.Config(
            SandboxApp(sandbox),
            http=Carrying,
            ws="none",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=5,
        )
    )
