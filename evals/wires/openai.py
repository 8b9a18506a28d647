"""Chat completions: the format of OpenAI and of most local servers (`{endpoint}/chat/completions`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from evals.wires.wire import Call, Tool, Turn, WireError, part


class OpenAI:
    """A conversation in the format of chat completions."""

    def __init__(self, key_name: str | None = "OPENAI_API_KEY") -> None:
        self.key_name = key_name
        self._request: dict[str, Any] = {}

    def begin(self, model: str, instructions: str, question: str, tools: Sequence[Tool]) -> None:
        """Start a conversation anew."""
        self._request = {
            "model": model,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": question}],
            "tools": [
                {
                    "type": "function",
                    "function": {"name": one.name, "description": one.description, "parameters": one.schema},
                }
                for one in tools
            ],
        }

    def headers(self, key: str | None) -> dict[str, str]:
        """The key as a bearer, where there is one."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def path(self) -> str:
        """Below an address such as `https://…/v1`."""
        return "/chat/completions"

    def body(self) -> dict[str, Any]:
        """The whole conversation."""
        return self._request

    def read(self, reply: dict[str, Any]) -> Turn:
        """The first choice; its message goes back as it came."""
        message = part(reply, "choices", 0, "message")
        self._request["messages"].append(message)
        calls = tuple(
            Call(part(one, "id"), part(one, "function", "name"), _arguments(part(one, "function", "arguments")))
            for one in message.get("tool_calls") or ()
        )
        usage = reply.get("usage") or {}
        return Turn(
            message.get("content") or "", calls, usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
        )

    def hand_over(self, results: Sequence[tuple[Call, str, bool]]) -> None:
        """One message per call."""
        self._request["messages"] += [
            {"role": "tool", "tool_call_id": call.id, "content": text} for call, text, _failed in results
        ]


def _arguments(written: str) -> dict[str, Any]:
    try:
        found = json.loads(written or "{}")
    except ValueError:
        raise WireError("the model wrote arguments of a tool that are no JSON") from None
    if not isinstance(found, dict):
        raise WireError("the model wrote arguments of a tool that are no object")
    return found
