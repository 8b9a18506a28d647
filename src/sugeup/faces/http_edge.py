"""The outermost layer: what every response carries, and one log line per request."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
Log = Callable[[dict[str, Any]], None]


class Edge:
    """Gives each request an id (the client's, if it is a sane one), each response its headers, and logs the request.

    The log has the path without the query, because arguments are the user's business.
    """

    def __init__(self, app: ASGIApp, log: Log | None = None) -> None:
        self.app = app
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        id = given if _ID.fullmatch(given) else secrets.token_hex(8).encode()
        added = [*SECURITY, (b"x-request-id", id)]
        seen: dict[str, Any] = {"status": 500, "bytes": 0, "cache": None}

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                message["headers"] = [*message.get("headers", ()), *added]
                if self.log is not None:
                    seen["cache"] = _cache(message["headers"])
            elif message["type"] == "http.response.body":
                seen["bytes"] += len(message.get("body", b""))
            await send(message)

        if self.log is None:
            await self.app(scope, receive, headed)
            return
        start = time.perf_counter()
        try:
            await self.app(scope, receive, headed)
        finally:
            spent = round(1000 * (time.perf_counter() - start), 1)
            named = {"request_id": id.decode(), "method": scope["method"], "path": scope["path"]}
            self.log(named | {"status": seen["status"], "ms": spent, "bytes": seen["bytes"], "cache": seen["cache"]})


def access_log(level: int, now: Callable[[], datetime]) -> Log | None:
    """Writes a request as a line of JSON to the standard error stream; None when the level of the log is above INFO."""
    if level > logging.INFO:
        return None

    def stamped(_: Any, __: str, event: Any) -> Any:
        return {"time": now().isoformat(timespec="milliseconds"), "level": "info", **event}

    logger = structlog.wrap_logger(
        structlog.BytesLogger(sys.stderr.buffer),
        processors=[stamped, structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event))],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    return lambda request: logger.info("request", **request)


def _cache(headers: list[tuple[bytes, bytes]]) -> str | None:
    """hit or miss, from Cache-Status."""
    said = next((value for name, value in headers if name == b"cache-status"), None)
    return None if said is None else "hit" if b"hit" in said else "miss"
