"""Messages: the format of Anthropic (`{endpoint}/v1/messages`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evals.wires.wire import Call, Tool, Turn, part

VERSION = "2023-06-01"
MOST = 4096
"""Tokens of one turn at most; the format has to be told."""


class Anthropic:
    """A conversation in the format of messages."""

    def __init__(self) -> None:
        self.key_name: str | None = "ANTHROPIC_API_KEY"
        self._request: dict[str, Any] = {}

    def begin(self, model: str, instructions: str, question: str, tools: Sequence[Tool]) -> None:
        """Start a conversation anew."""
        self._request = {
            "model": model,
            "max_tokens": MOST,
            "system": instructions,
            "messages": [{"role": "user", "content": question}],
            "tools": [{"name": one.name, "description": one.description, "input_schema": one.schema} for one in tools],
        }

    def headers(self, key: str | None) -> dict[str, str]:
        """The key and the version of the format."""
        return {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})

    def path(self) -> str:
        """Below an address such as `https://…`."""
        return "/v1/messages"

    def body(self) -> dict[str, Any]:
        """The whole conversation."""
        return self._request

    def read(self, reply: dict[str, Any]) -> Turn:
        """The blocks of the reply; they go back as they came."""
        blocks = part(reply, "content")
        self._request["messages"].append({"role": "assistant", "content": blocks})
        text = "\n".join(one["text"] for one in blocks if one.get("type") == "text")
        calls = tuple(
            Call(part(one, "id"), part(one, "name"), one.get("input") or {})
            for one in blocks
            if one.get("type") == "tool_use"
        )
        usage = reply.get("usage") or {}
        return Turn(text, calls, usage.get("input_tokens", 0), usage.get("output_tokens", 0))

    def hand_over(self, results: Sequence[tuple[Call, str, bool]]) -> None:
        """All results in one message of the user."""
        blocks = [
            {"type": "tool_result", "tool_use_id": call.id, "content": text, "is_error": failed}
            for call, text, failed in results
        ]
        self._request["messages"].append({"role": "user", "content": blocks})
