"""Generate content: the format of Gemini (`{endpoint}/v1beta/models/{model}:generateContent`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evals.wires.wire import Call, Tool, Turn, WireError, part


class Gemini:
    """A conversation in the format of generateContent."""

    def __init__(self) -> None:
        self.key_name: str | None = "GEMINI_API_KEY"
        self._model = ""
        self._request: dict[str, Any] = {}

    def begin(self, model: str, instructions: str, question: str, tools: Sequence[Tool]) -> None:
        """Start a conversation anew."""
        self._model = model
        self._request = {
            "systemInstruction": {"parts": [{"text": instructions}]},
            "contents": [{"role": "user", "parts": [{"text": question}]}],
            "tools": [
                {
                    "functionDeclarations": [
                        {"name": one.name, "description": one.description, "parametersJsonSchema": one.schema}
                        for one in tools
                    ]
                }
            ],
        }

    def headers(self, key: str | None) -> dict[str, str]:
        """The key in a header: in the address it would get into logs."""
        return {"x-goog-api-key": key} if key else {}

    def path(self) -> str:
        """Below an address such as `https://…`."""
        return f"/v1beta/models/{self._model}:generateContent"

    def body(self) -> dict[str, Any]:
        """The whole conversation."""
        return self._request

    def read(self, reply: dict[str, Any]) -> Turn:
        """The first candidate; its content goes back as it came, signatures of thoughts included."""
        candidate = part(reply, "candidates", 0)
        content = candidate.get("content") or {}
        parts = content.get("parts")
        if not parts:
            raise WireError(f"the model wrote nothing (finishReason {candidate.get('finishReason')})")
        self._request["contents"].append({"role": "model"} | content)
        text = "\n".join(one["text"] for one in parts if "text" in one and not one.get("thought"))
        asked = [one["functionCall"] for one in parts if "functionCall" in one]
        calls = tuple(Call(one.get("id") or "", part(one, "name"), one.get("args") or {}) for one in asked)
        usage = reply.get("usageMetadata") or {}
        return Turn(text, calls, usage.get("promptTokenCount", 0), usage.get("candidatesTokenCount", 0))

    def hand_over(self, results: Sequence[tuple[Call, str, bool]]) -> None:
        """All results in one message, in the order of the calls."""
        parts = []
        for call, text, failed in results:
            response: dict[str, Any] = {
                "name": call.name,
                "response": {"error" if failed else "output": text},
            }
            parts.append({"functionResponse": response | ({"id": call.id} if call.id else {})})
        self._request["contents"].append({"role": "user", "parts": parts})
