"""Pages of OpenBB Workspace may read this server, if a setting names them; nobody else's page may."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = "GET, HEAD, POST, DELETE, OPTIONS"
_TOLD = "etag, cache-status, x-request-id, retry-after, mcp-session-id"
_AN_HOUR = "3600"


class WorkspaceOrigins:
    """Lets pages of the `origins` read the paths `on` (each one and what is below it); others pass unchanged.

    The browser's question beforehand (OPTIONS) is answered here, also the one for an address of the own machine. A
    request of an allowed page goes on without its Origin, because what is inside serves this machine's pages alone.
    """

    def __init__(self, app: ASGIApp, *, origins: Collection[str], on: Collection[str]) -> None:
        self.app = app
        self.origins = frozenset(origins)
        self.on = tuple(on)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        origin = Headers(scope=scope).get("origin", "") if scope["type"] == "http" else ""
        if origin not in self.origins or not self._covers(scope["path"]):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in asked:
            await Response(status_code=204, headers=_beforehand(origin, asked))(scope, receive, send)
            return

        async def allowed(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [
                    (b"access-control-allow-origin", origin.encode("latin-1")),
                    (b"access-control-expose-headers", _TOLD.encode()),
                ]
                message["headers"] = [*_varied(message.get("headers", ())), *added]
            await send(message)

        headers = [(name, value) for name, value in scope["headers"] if name != b"origin"]
        await self.app({**scope, "headers": headers}, receive, allowed)

    def _covers(self, path: str) -> bool:
        return any(path == one or path.startswith(f"{one}/") for one in self.on)


def _beforehand(origin: str, asked: Headers) -> dict[str, str]:
    found = {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": METHODS,
        "access-control-max-age": _AN_HOUR,
        "vary": "Origin",
    }
    if wanted := asked.get("access-control-request-headers"):
        found["access-control-allow-headers"] = wanted
    if asked.get("access-control-request-private-network") == "true":
        found["access-control-allow-private-network"] = "true"
    return found


def _varied(headers: Collection[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers with Origin among what the answer depends on."""
    vary = [value for name, value in headers if name == b"vary"]
    return [*(one for one in headers if one[0] != b"vary"), (b"vary", b", ".join([*vary, b"Origin"]))]
