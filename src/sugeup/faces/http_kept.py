"""Answers that are kept are given at once, before limits and routes: they cost next to nothing, however busy it is."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from sugeup.errors import SugeupError
from sugeup.faces.answering import Answered, Answering
from sugeup.registry import UseCase

HIT, MISS = {"cache-status": "sugeup; hit"}, {"cache-status": "sugeup; fwd=miss"}


class KeptFirst:
    """Answers a GET of one of the paths of `cases` if its answer is kept; leaves everything else to the application."""

    def __init__(self, app: ASGIApp, *, cases: Mapping[str, UseCase], answering: Answering) -> None:
        self.app = app
        self.cases = cases
        self.answering = answering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        held = self._held(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if held is None:
            await self.app(scope, receive, send)
            return
        await held.content.response(Headers(scope=scope), HIT)(scope, receive, send)

    def _held(self, scope: Scope) -> Answered | None:
        case = self.cases.get(scope["path"])
        if case is None:
            return None
        given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        arguments = dict(given)
        if len(arguments) < len(given):
            return None
        try:
            return self.answering.held(case, arguments)
        except SugeupError:
            return None
