"""`/openapi-actions.json`: the REST description cut to what a GPT with actions (ChatGPT) takes.

Limits of actions, as their production notes have them: 300 characters for the words of an operation, 700 for those of a
parameter, 100,000 characters and 45 seconds for an answer; the builder takes at most 30 operations of one description.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from sugeup import registry
from sugeup.faces.http_parameters import parameters
from sugeup.faces.http_problems import MEDIA_TYPE
from sugeup.registry import UseCase

PATH = "/openapi-actions.json"
OPERATIONS, WORDS, PARAMETER_WORDS, ANSWER = 30, 300, 700, 100_000
_ROWS = 60
_NARROWED: dict[str, dict[str, Any]] = {
    "limit": {"maximum": _ROWS},
    "count": {"maximum": _ROWS},
    "sessions": {"maximum": _ROWS},
    "top": {"maximum": 50},
    "interval": {"enum": ["10M", "30M", "1H"]},
    "metric_id": {"minLength": 1},
}
"""What keeps an answer below ANSWER characters, by argument; a wider question is answered by REST as before."""
_ALWAYS_ASKED = {"explain_metric": ("metric_id",)}
"""Arguments without which an answer would be too long to be read."""
_RANGE = " At most 60 rows, 100,000 characters."


def document(prefix: str, server: str) -> dict[str, Any]:
    """The description, OpenAPI 3.1, of use-cases below `prefix` on `server` (an address without a path)."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "수급 sugeup",
            "description": "Who is buying and who is selling on the Korean stock market. Read-only. Amounts are won, "
            "null is an unknown figure and never zero; `meta` says why. No advice.",
            "version": version("sugeup"),
        },
        "servers": [{"url": server.rstrip("/")}],
        "paths": {prefix + case.path: {"get": _operation(case)} for case in chosen()},
        "components": {"schemas": {"Problem": _problem()}},
    }


def chosen() -> list[UseCase]:
    """The use-cases that actions get: those that are tools, then others by name, as many as are taken."""
    cases = sorted(registry.usecases().values(), key=lambda case: (case.tool is None, case.name))
    return cases[:OPERATIONS]


def cut(text: str, most: int) -> str:
    """The text in one line, ended after the last whole sentence that fits; without one, after the last whole word."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    end = line.rfind(". ", 0, most)
    return line[: end + 1] if end > 0 else line[: most - 1].rsplit(" ", 1)[0] + "…"


def _operation(case: UseCase) -> dict[str, Any]:
    taken = [_parameter(case, one) for one in parameters(case)]
    hint = _RANGE if any(one["name"] == "limit" for one in taken) else ""
    return {
        "operationId": case.name,
        "summary": cut(case.summary, WORDS),
        "description": cut(case.description, WORDS - len(hint)) + hint,
        "parameters": taken,
        "responses": {
            "200": {"description": "The answer.", "content": {"application/json": {"schema": _answer(case)}}},
            "default": {
                "description": "A problem: its code, what was received, and what to do.",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
        "x-openai-isConsequential": False,
    }


def _parameter(case: UseCase, about: dict[str, Any]) -> dict[str, Any]:
    schema = dict(about["schema"])
    for key, value in _NARROWED.get(about["name"], {}).items():
        schema[key] = min(value, schema.get(key, value)) if key == "maximum" else value
    if "maximum" in schema and schema.get("default", 0) > schema["maximum"]:
        schema["default"] = schema["maximum"]
    required = about["required"] or about["name"] in _ALWAYS_ASKED.get(case.name, ())
    return about | {
        "description": cut(about["description"], PARAMETER_WORDS),
        "required": required,
        "schema": schema,
    }


def _answer(case: UseCase) -> dict[str, Any]:
    """The first level of an answer: names, kinds and words; what is below is told by the answer itself."""
    schema = case.answer.model_json_schema(mode="serialization")
    fields = schema.get("properties", {})
    return {"type": "object", "properties": {name: _field(about) for name, about in fields.items()}}


def _field(about: dict[str, Any]) -> dict[str, Any]:
    kinds = list(dict.fromkeys(_kinds([about])))
    found: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds} if kinds else {}
    if "object" in kinds:
        found["properties"] = {}
    if "array" in kinds:
        found["items"] = {}
    words = about.get("description")
    return found | ({"description": cut(words, WORDS)} if words else {})


def _kinds(schemas: Iterable[dict[str, Any]]) -> Iterable[str]:
    for one in schemas:
        if "anyOf" in one:
            yield from _kinds(one["anyOf"])
        elif "type" in one:
            yield from [one["type"]] if isinstance(one["type"], str) else one["type"]
        elif "$ref" in one:
            yield "object"


def _problem() -> dict[str, Any]:
    words = {
        "code": "What kind of problem, in capitals.",
        "detail": "What was received, or what happened.",
        "hint": "What to do next.",
    }
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": said} for name, said in words.items()},
    }
