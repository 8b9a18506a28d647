"""The sandbox on the wire: an ASGI application of the vendor's paths and of `/sandbox/…`, by which it is controlled.

Calls are counted when they arrive; answers are made one at a time in a thread of their own, so that a slow one does
not make the next look late.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import orjson
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sugeup.sandbox import control, faults
from sugeup.sandbox.kis_envelope import Answer, failed
from sugeup.sandbox.kis_limits import too_often
from sugeup.sandbox.kis_masters import PATH as MASTERS
from sugeup.sandbox.kis_routes import Route
from sugeup.sandbox.kis_sandbox import KisSandbox

_JSON = b"application/json; charset=utf-8"
_TRANSPORT = "sugeup.transport"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST_BODY = 64 << 10


class SandboxApp:
    """The application of one sandbox."""

    def __init__(self, sandbox: KisSandbox) -> None:
        self.sandbox = sandbox
        self._worker = ThreadPoolExecutor(1, "sandbox")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        at = self.sandbox.counter()
        path, method = scope["path"], scope["method"]
        if not _meant(scope):
            await self._answer(send, Answer({"error": "this server answers only to 127.0.0.1 and localhost"}, 421))
            return
        if path.startswith("/uapi/"):
            await self._call(scope, send, at)
        elif path.startswith(MASTERS):
            found = await self._made(partial(self.sandbox.file, path.removeprefix(MASTERS)))
            await self._send(send, 200 if found else 404, found or b"", b"application/octet-stream", {})
        elif path.startswith("/sandbox/"):
            status, shown = control.answer(self.sandbox, method, path, await _body(receive))
            await self._send(send, status, orjson.dumps(shown), _JSON, {})
        else:
            await self._answer(send, await self._oauth(path, method, receive))

    async def _oauth(self, path: str, method: str, receive: Receive) -> Answer:
        name = path.removeprefix("/oauth2/") if method == "POST" else ""
        if name not in {"tokenP", "revokeP", "Approval"}:
            return failed("MCA00124", "존재하지 않는 서비스입니다.", status=404)
        try:
            given = orjson.loads(await _body(receive))
        except orjson.JSONDecodeError:
            given = None
        if not isinstance(given, dict):
            return Answer({"error_description": "유효하지 않은 요청입니다.", "error_code": "EGW00101"}, 403)
        body = {str(name): str(value) for name, value in given.items()}
        if name == "revokeP":
            return self.sandbox.accounts.revoke(body)
        if name == "Approval":
            return self.sandbox.accounts.approval(body)
        found = self.sandbox.accounts.token(body, self.sandbox.clock.seoul() + self._skew())
        self.sandbox.counts.tokens = self.sandbox.accounts.issued
        return found

    async def _call(self, scope: Scope, send: Send, at: float) -> None:
        sandbox = self.sandbox
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = cast("bytes", scope["query_string"]).decode("latin-1")
        given = {name.upper(): value for name, value in parse_qsl(query, keep_blank_values=True)}
        if refused := sandbox.arrive(headers, at):
            await self._answer(send, refused)
            return
        tr_id, key = headers.get("tr_id", ""), headers.get("appkey", "")
        question = f"{tr_id}?{query}"
        attempt = sandbox.faults.attempt(question)
        struck = partial(self._struck, tr_id, question, attempt)
        if late := struck("latency"):
            await asyncio.sleep(late.amount)
        if struck("reset"):
            await _reset(scope, send)
            return
        if struck("server_error"):
            found, page, status = faults.server_error(sandbox.faults.chance("server_error body", question, attempt))
            if found is None:
                await self._send(send, status, page, b"text/html", {})
                return
            await self._answer(send, found)
            return
        for name in ("token_expired", "token_revoked"):
            if struck(name):
                sandbox.accounts.end(key, revoked=name == "token_revoked")
        if struck("rate"):
            await self._answer(send, too_often())
            return
        quota = struck("quota")
        moment = sandbox.moment()
        if quota is not None and sandbox.beyond(key, moment, quota.amount):
            await self._answer(send, too_often())
            return
        route = sandbox.allow(scope["path"], headers, given)
        if not isinstance(route, Route):
            await self._answer(send, route)
            return
        answer = await self._made(partial(sandbox.answer, route, given, moment))
        sandbox.counts.answers[route.name] += 1
        body: Mapping[str, Any] = answer.body
        if short := struck("short_page"):
            body = faults.without_rows(body, short.amount, sandbox.faults.chance("short rows", question))
        if struck("renamed_field"):
            body = faults.renamed(body, sandbox.faults.chance("renamed", tr_id))
        text = orjson.dumps(body)
        extra = {"tr_id": tr_id, "tr_cont": answer.more, "gt_uid": f"{sandbox.counts.calls.total():032d}"}
        if struck("malformed"):
            text = text[: len(text) * 2 // 3] + b"<"
        if struck("half_body"):
            await self._half(scope, send, text, extra)
            return
        await self._send(send, answer.status, text, _JSON, extra)

    def _struck(self, tr_id: str, question: str, attempt: int, name: str) -> faults.Fault | None:
        found = self.sandbox.faults.strikes(name, tr_id, question, attempt)
        if found is not None:
            self.sandbox.counts.faults[name] += 1
        return found

    async def _made(self, make: partial[Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._worker, make)

    def _skew(self) -> timedelta:
        fault = self.sandbox.faults.strikes("clock_skew", "", "", 0)
        return timedelta(seconds=fault.amount if fault else 0)

    async def _answer(self, send: Send, answer: Answer) -> None:
        await self._send(send, answer.status, answer.text(), _JSON, {"tr_cont": answer.more})

    async def _start(self, send: Send, status: int, length: int, kind: bytes, extra: Mapping[str, str]) -> None:
        date = format_datetime(self.sandbox.clock.now() + self._skew(), usegmt=True)
        headers = [
            (b"content-type", kind),
            (b"content-length", str(length).encode()),
            (b"date", date.encode()),
            *((name.encode(), value.encode()) for name, value in extra.items()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})

    async def _send(self, send: Send, status: int, body: bytes, kind: bytes, extra: Mapping[str, str]) -> None:
        await self._start(send, status, len(body), kind, extra)
        await send({"type": "http.response.body", "body": body})

    async def _half(self, scope: Scope, send: Send, body: bytes, extra: Mapping[str, str]) -> None:
        await self._start(send, 200, len(body), _JSON, extra)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
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


def server(sandbox: KisSandbox) -> uvicorn.Server:
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
