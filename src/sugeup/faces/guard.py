"""Guards of the web application: only requests that were meant for this machine are answered (DNS rebinding)."""

from __future__ import annotations

from urllib.parse import urlsplit

import orjson
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class LoopbackOnly:
    """Refuses a request whose Host, or whose Origin if it has one, is not this machine."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            for name, value in (("Host", headers.get("host", "")), ("Origin", headers.get("origin"))):
                if value is not None and _name(value) not in LOOPBACK:
                    await _refuse(send, f"{name} {value[:80]!r} is not this machine.")
                    return
        await self.app(scope, receive, send)


def _name(value: str) -> str | None:
    try:
        return urlsplit(value if "://" in value else f"//{value}").hostname
    except ValueError:
        return None


async def _refuse(send: Send, detail: str) -> None:
    body = orjson.dumps(
        {
            "type": "urn:sugeup:problem:misdirected",
            "title": "MISDIRECTED_REQUEST",
            "status": 421,
            "detail": detail,
            "hint": "Ask http://127.0.0.1 or http://localhost.",
        }
    )
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": body})
