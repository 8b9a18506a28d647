"""Calls of tools through a real MCP client, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from mcp.client import Client

from evals.counting import tokens
from sugeup.faces import mcp
from sugeup.faces.answering import Answering

Era = Literal["auto", "legacy"]
"""`auto`: the revision of 2026-07-28 (stateless); `legacy`: that of 2025-11-25 (handshake)."""


@dataclass(frozen=True)
class Reply:
    """What a tool answered: text for the model, the structured part (of an error its code and hint), and its cost."""

    text: str
    structured: dict[str, Any]
    failed: bool

    @property
    def tokens(self) -> int:
        """Tokens of the text part: what a model reads."""
        return tokens(self.text)


@asynccontextmanager
async def connected(answering: Answering, era: Era = "auto") -> AsyncIterator[Client]:
    """A client of our server, in this process, in one of the two protocol eras."""
    async with Client(mcp.server(answering), mode=era) as client:
        yield client


async def call(client: Client, tool: str, arguments: dict[str, Any]) -> Reply:
    """Call a tool; an error of the tool is a reply, `error.code` in its structured part."""
    result = await client.call_tool(tool, arguments)
    text = "\n".join(part.text for part in result.content if part.type == "text")
    if result.is_error:
        meta = result.meta or {}
        return Reply(text, {"error": meta.get("sugeup/error", {})}, True)
    return Reply(text, result.structured_content or {}, False)
