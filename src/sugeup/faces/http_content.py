"""A body that is sent many times: serialised, tagged and compressed once; conditional requests and HEAD."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PACKED_FROM = 1024
"""Bytes from which a body is compressed for those who accept it."""
_TAG = re.compile(r'(?:W/)?("[^"]*")')
_CODING = re.compile(r"^\s*([\w*-]+)\s*(?:;\s*q=([\d.]+)\s*)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Content:
    """A body and its representations: as it is, and compressed. Each has its own entity tag, as bytes differ."""

    body: bytes
    media_type: str = "application/json"

    @cached_property
    def etag(self) -> str:
        """Strong entity tag of the body as it is."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'

    @cached_property
    def packed(self) -> bytes | None:
        """The body compressed with gzip; None for one too small to gain."""
        return gzip.compress(self.body, 6, mtime=0) if len(self.body) >= PACKED_FROM else None

    def response(self, asked: Mapping[str, str], extra: Mapping[str, str] | None = None) -> Response:
        """What a GET with the headers `asked` is answered: 304 when the client has it, else the body it accepts."""
        packed = self.packed if accepts_gzip(asked.get("accept-encoding", "")) else None
        etag = self.etag if packed is None else f'{self.etag[:-1]}-gzip"'
        headers = {"etag": etag, "cache-control": "no-cache", "vary": "Accept-Encoding", **(extra or {})}
        known = asked.get("if-none-match")
        if known is not None and matches(known, etag):
            return Response(status_code=304, headers=headers)
        if packed is not None:
            headers["content-encoding"] = "gzip"
        return Response(self.body if packed is None else packed, headers=headers, media_type=self.media_type)


def matches(known: str, etag: str) -> bool:
    """Whether If-None-Match names the tag: `*` names any; W/ does not count (weak comparison, RFC 9110 13.1.2)."""
    return known.strip() == "*" or etag.removeprefix("W/") in _TAG.findall(known)


@lru_cache(maxsize=256)
def accepts_gzip(header: str) -> bool:
    """Whether Accept-Encoding allows gzip: named, or covered by `*`, and not with a weight of zero."""
    weights: dict[str, float] = {}
    for part in header.split(","):
        found = _CODING.match(part)
        if found:
            try:
                weights[found[1].lower()] = float(found[2] or 1)
            except ValueError:
                continue
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


class HeadAsGet:
    """Answers HEAD as GET without its body, everywhere but at the paths of `apart`."""

    def __init__(self, app: ASGIApp, apart: frozenset[str] = frozenset()) -> None:
        self.app = app
        self.apart = apart

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"] in self.apart:
            await self.app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, bodiless)
