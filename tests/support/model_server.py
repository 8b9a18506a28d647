"""A stand-in for a language model on loopback: it makes scripted calls of tools and says scripted words.

Speaks the three formats of `evals.wires`, each written down here once more from the vendors' documents, and refuses
what their servers would refuse: no key, turns out of order, results that belong to no call.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-test-4242424242424242"


@dataclass(frozen=True)
class Script:
    """Calls of tools in order, `together` or one a turn, and what is said at the end."""

    calls: Sequence[tuple[str, dict[str, Any]]]
    last: str
    together: bool = False

    def turn(self, answered: int) -> tuple[int, int]:
        """Which calls come next, when so many were answered; none when it is time for the last word."""
        return answered, len(self.calls) if self.together else min(answered + 1, len(self.calls))


@dataclass
class Stand:
    """Where the server is, what was asked of it, and how many requests it turns away first."""

    address: str = ""
    busy: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def model_server(scripts: Mapping[str, Script], busy: int = 0) -> Iterator[Stand]:
    """A server that knows a script for each question text; stops at the end of the block."""
    stand = Stand(busy=busy)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if stand.busy:
                stand.busy -= 1
                return self._send(429, {"error": "later"}, {"Retry-After": "0"})
            stand.requests.append(body)
            for ending, answer in FORMATS.items():
                if self.path.endswith(ending):
                    try:
                        return self._send(200, answer(self.headers, body, scripts))
                    except _Refusal as refusal:
                        return self._send(400, {"error": f"{refusal}; key {KEY} was sent"})
            return self._send(404, {"error": self.path})

        def _send(self, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stand
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Refusal(Exception):
    pass


def _need(true: object, what: str) -> None:
    if not true:
        raise _Refusal(what)


def _openai(headers: Any, body: dict[str, Any], scripts: Mapping[str, Script]) -> dict[str, Any]:
    _need(headers["authorization"] == f"Bearer {KEY}", "no key")
    messages, tools = body["messages"], body["tools"]
    _need(all(one["type"] == "function" and one["function"]["parameters"] for one in tools), "tools")
    asked = [call["id"] for one in messages if one["role"] == "assistant" for call in one.get("tool_calls") or ()]
    answered = [one["tool_call_id"] for one in messages if one["role"] == "tool"]
    _need(asked == answered, "results that belong to no call")
    script = scripts[next(one["content"] for one in messages if one["role"] == "user")]
    first, end = script.turn(len(answered))
    message: dict[str, Any] = {"role": "assistant", "content": None}
    if first == end:
        message["content"] = script.last
    else:
        message["tool_calls"] = [
            {"id": f"call_{n}", "type": "function", "function": {"name": tool, "arguments": json.dumps(arguments)}}
            for n, (tool, arguments) in enumerate(script.calls[first:end], first)
        ]
    return {"choices": [{"message": message}], "usage": {"prompt_tokens": 100, "completion_tokens": 7}}


def _anthropic(headers: Any, body: dict[str, Any], scripts: Mapping[str, Script]) -> dict[str, Any]:
    _need(headers["x-api-key"] == KEY and headers["anthropic-version"] == "2023-06-01", "no key or version")
    _need(body["max_tokens"] > 0 and body["system"], "max_tokens, system")
    _need(all(one["input_schema"]["type"] == "object" for one in body["tools"]), "tools")
    messages = body["messages"]
    _need([one["role"] for one in messages] == ["user", "assistant"] * (len(messages) // 2) + ["user"], "order")
    blocks = [block for one in messages[1:] for block in one["content"]]
    asked = [block["id"] for block in blocks if block["type"] == "tool_use"]
    answered = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    _need(asked == answered, "results that belong to no call")
    script = scripts[messages[0]["content"]]
    first, end = script.turn(len(answered))
    content: list[dict[str, Any]] = [{"type": "text", "text": script.last if first == end else "Let me look."}]
    content += [
        {"type": "tool_use", "id": f"toolu_{n}", "name": tool, "input": arguments}
        for n, (tool, arguments) in enumerate(script.calls[first:end], first)
    ]
    return {"content": content, "usage": {"input_tokens": 100, "output_tokens": 7}}


def _gemini(headers: Any, body: dict[str, Any], scripts: Mapping[str, Script]) -> dict[str, Any]:
    _need(headers["x-goog-api-key"] == KEY, "no key")
    _need(body["systemInstruction"]["parts"][0]["text"], "instructions")
    _need(all(one["parametersJsonSchema"] for one in body["tools"][0]["functionDeclarations"]), "tools")
    contents = body["contents"]
    _need([one["role"] for one in contents] == ["user", "model"] * (len(contents) // 2) + ["user"], "order")
    parts = [part for one in contents for part in one["parts"]]
    asked = [part["functionCall"]["name"] for part in parts if "functionCall" in part]
    answered = [part["functionResponse"]["name"] for part in parts if "functionResponse" in part]
    _need(asked == answered, "results that belong to no call")
    _need(all("thoughtSignature" in part for part in parts if "functionCall" in part), "a thought without signature")
    script = scripts[contents[0]["parts"][0]["text"]]
    first, end = script.turn(len(answered))
    said: list[dict[str, Any]] = [{"text": script.last}] if first == end else []
    said += [
        {"functionCall": {"name": tool, "args": arguments}, "thoughtSignature": "c2ln"}
        for tool, arguments in script.calls[first:end]
    ]
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 7}
    return {"candidates": [{"content": {"role": "model", "parts": said}}], "usageMetadata": usage}


FORMATS = {"/chat/completions": _openai, "/v1/messages": _anthropic, ":generateContent": _gemini}
