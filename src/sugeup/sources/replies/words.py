"""What a vendor said, fit to be shown: without anything that could be a key or a token, and short."""

from __future__ import annotations

import re
from typing import Any

import orjson

from sugeup.sources.vendor import Reply, Request

_SECRETS = ("authorization", "appkey", "appsecret", "secretkey", "appsecretkey")
_OPAQUE = re.compile(r"[A-Za-z0-9+/_=.-]{32,}")
_LONGEST = 200


def masked(request: Request, text: str) -> str:
    """The text, shortened, without any credential of the request and without anything as long and opaque as one."""
    for holder in (request.headers, request.body or {}):
        for name, value in holder.items():
            if name.lower() in _SECRETS and value:
                text = text.replace(value, "***").replace(value.removeprefix("Bearer "), "***")
    return _OPAQUE.sub("***", text)[:_LONGEST]


def document(body: bytes) -> dict[str, Any] | None:
    """The object that a reply holds; None when it is not one whole object of JSON."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def wait(reply: Reply) -> float | None:
    """Seconds that the header retry-after asks for."""
    text = reply.headers.get("retry-after", "")
    return float(text) if text.isdigit() else None
