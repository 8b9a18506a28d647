"""Event streams that stay open until the client goes are ended when the server stops; others run to their end."""

from __future__ import annotations

from collections.abc import Collection

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class StandingStreams:
    """Ends the standing streams of the paths `on` once `stopping` is set: a GET, or a subscription."""

    def __init__(self, app: ASGIApp, *, on: Collection[str], stopping: anyio.Event) -> None:
        self.app = app
        self.on = on
        self.stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] not in self.on or not _stands(scope):
            await self.app(scope, receive, send)
            return
        state = {"begun": False, "complete": False}

        async def noted(message: Message) -> None:
            state["begun"] = True
            state["complete"] = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        async with anyio.create_task_group() as group:

            async def end() -> None:
                await self.stopping.wait()
                group.cancel_scope.cancel()

            group.start_soon(end)
            await self.app(scope, receive, noted)
            group.cancel_scope.cancel()
        if state["begun"] and not state["complete"]:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _stands(scope: Scope) -> bool:
    return scope["method"] == "GET" or (b"mcp-method", b"subscriptions/listen") in scope["headers"]
