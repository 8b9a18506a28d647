"""Limits of a request: a well-formed address, its length, the size of its body, its time, and how many at once."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from urllib.parse import unquote_to_bytes

import anyio
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sugeup.faces.http_problems import busy, problem

BODY = 1 << 20
"""Bytes of a request body."""
ADDRESS = 8192
"""Bytes of path and query."""
SECONDS = 20.0
"""Until an answer is complete, and until a body has arrived."""
AT_ONCE = 256
"""Requests in work; an event stream that has begun is not counted."""
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Limits:
    """Refuses what is malformed, too long, too large, too slow or too much.

    The time limit covers everything but the paths `apart` (MCP: its clients have time limits of their own and cancel by
    protocol) and event streams that have begun. The paths `always` are answered however much is in work.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        apart: Collection[str] = (),
        always: Collection[str] = (),
        seconds: float = SECONDS,
        at_once: int = AT_ONCE,
        body: int = BODY,
    ) -> None:
        self.app = app
        self.apart, self.always = apart, always
        self.seconds, self.at_once, self.body = seconds, at_once, body
        self._in_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refused = malformed(scope)
        if refused is None and self._in_work >= self.at_once and scope["path"] not in self.always:
            refused = busy(f"More than {self.at_once} requests are in work.")
        if refused is not None:
            await refused(scope, receive, send)
            return
        self._in_work += 1
        turn = _Turn(self, send)
        try:
            await self._answer(scope, receive, turn)
        finally:
            turn.over()

    def left(self) -> None:
        """One request less is in work."""
        self._in_work -= 1

    async def _answer(self, scope: Scope, receive: Receive, turn: _Turn) -> None:
        length, chunked = _announced(scope)
        if length > self.body:
            await self._too_large(scope, receive, turn)
            return
        if length or chunked:
            with anyio.move_on_after(self.seconds) as limit:
                whole = await _read(receive, self.body)
            if limit.cancelled_caught:
                said = f"The body did not arrive within {self.seconds:g} seconds."
                late = problem(408, "REQUEST_TIMEOUT", headers={"connection": "close"}, detail=said)
                await late(scope, receive, turn)
                return
            if whole is None:
                await self._too_large(scope, receive, turn)
                return
            receive = _replaying(whole, receive)
        if scope["path"] in self.apart:
            await self.app(scope, receive, turn)
            return
        with anyio.move_on_after(self.seconds) as limit:
            turn.limit = limit
            await self.app(scope, receive, turn)
        if limit.cancelled_caught and not turn.begun:
            await busy(f"The answer took longer than {self.seconds:g} seconds.", 5)(scope, receive, turn)

    async def _too_large(self, scope: Scope, receive: Receive, turn: _Turn) -> None:
        said = f"The body is larger than {self.body} bytes."
        refused = problem(413, "CONTENT_TOO_LARGE", headers={"connection": "close"}, detail=said)
        await refused(scope, receive, turn)


class _Turn:
    """Sends a response, and notes that it has begun; an event stream leaves the count and the time limit."""

    def __init__(self, limits: Limits, send: Send) -> None:
        self.begun = False
        self.limit: anyio.CancelScope | None = None
        self._counted = True
        self._limits, self._send = limits, send

    async def __call__(self, message: Message) -> None:
        if not self.begun and message["type"] == "http.response.start":
            self.begun = True
            if any(n == b"content-type" and v.startswith(b"text/event-stream") for n, v in message["headers"]):
                self.over()
                if self.limit is not None:
                    self.limit.deadline = math.inf
        await self._send(message)

    def over(self) -> None:
        """The request is not counted any more."""
        if self._counted:
            self._counted = False
            self._limits.left()


def malformed(scope: Scope) -> Response | None:
    """The problem of an address that is too long or no text; None for a good one."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    if len(path) + len(query) > ADDRESS:
        return problem(414, "URI_TOO_LONG", detail=f"Path and query are longer than {ADDRESS} bytes.")
    for part, written in (("path", path), ("query", query)):
        if b"%" not in written and written.isascii():
            continue
        if _BROKEN_ESCAPE.search(written):
            return _bad(part, "has a % that is not followed by two hexadecimal digits")
        try:
            text = unquote_to_bytes(written).decode()
        except UnicodeDecodeError:
            return _bad(part, "is not UTF-8")
        if _CONTROL.search(text):
            return _bad(part, "has a control character")
    return None


def _bad(part: str, fault: str) -> Response:
    return problem(400, "BAD_REQUEST", detail=f"The {part} {fault}.", hint="Encode it as UTF-8, percent-encoded.")


def _announced(scope: Scope) -> tuple[int, bool]:
    """Length that the headers announce, and whether a body of unknown length follows."""
    length, chunked = 0, False
    for name, value in scope["headers"]:
        if name == b"content-length":
            length = int(value) if value.isdigit() else 0
        elif name == b"transfer-encoding":
            chunked = True
    return length, chunked


async def _read(receive: Receive, most: int) -> bytes | None:
    """The whole body; None as soon as it is larger."""
    parts, size = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            return None
        parts.append(part)
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return b"".join(parts)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read already, then what the client does next."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
