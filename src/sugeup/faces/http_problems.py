"""problem+json (RFC 9457), for errors of the product and of the protocol alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


def problem(status: int, title: str, *, headers: Mapping[str, str] | None = None, **said: Any) -> Response:
    """A problem: `title` is its code in capitals; `said` are detail, hint and other members. Never kept by a cache."""
    body = {"type": f"urn:sugeup:problem:{title.lower()}", "title": title, "status": status} | said
    return Response(orjson.dumps(body), status, {"cache-control": "no-store", **(headers or {})}, media_type=MEDIA_TYPE)


def busy(detail: str, seconds: int = 1) -> Response:
    """503 BUSY: the same request may succeed after some seconds."""
    return problem(
        503, "BUSY", headers={"retry-after": str(seconds)}, code="BUSY", detail=detail, hint="Ask again a little later."
    )
