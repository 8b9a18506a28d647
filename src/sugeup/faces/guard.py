"""Guards of the web application: only requests that were meant for this machine are answered (DNS rebinding)."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from sugeup.faces.http_problems import problem

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
                    refused = problem(
                        421,
                        "MISDIRECTED_REQUEST",
                        detail=f"{name} {value[:80]!r} is not this machine.",
                        hint="Ask http://127.0.0.1 or http://localhost.",
                    )
                    await refused(scope, receive, send)
                    return
        await self.app(scope, receive, send)


@lru_cache(maxsize=256)
def _name(value: str) -> str | None:
    try:
        return urlsplit(value if "://" in value else f"//{value}").hostname
    except ValueError:
        return None
