"""What a use-case is asked with over HTTP: its parameters as OpenAPI describes them, and those of one request."""

from __future__ import annotations

import re
from typing import Any

from fastapi import Request

from sugeup.errors import Refused
from sugeup.registry import UseCase


def parameters(case: UseCase) -> list[dict[str, Any]]:
    """Path and query parameters of a use-case as OpenAPI describes them."""
    schema = case.arguments.model_json_schema()
    in_path = set(re.findall(r"{(\w+)}", case.path))
    found = []
    for name, field in schema.get("properties", {}).items():
        kinds = [kind for kind in field.get("anyOf", [field]) if kind.get("type") != "null"]
        shown = {key: value for key, value in kinds[0].items() if key not in {"title", "description"}}
        if field.get("default") is not None:
            shown["default"] = field["default"]
        found.append(
            {
                "name": name,
                "in": "path" if name in in_path else "query",
                "required": name in schema.get("required", []),
                "description": kinds[0].get("description") or field.get("description", ""),
                "schema": shown,
            }
        )
    return found


def arguments(request: Request) -> dict[str, Any]:
    """What a request gives, from its path and its query; Refused when an argument is given twice."""
    found = dict(request.path_params)
    for name, value in request.query_params.multi_items():
        if name in found:
            raise Refused(f"argument {name!r} is given twice.", hint="Give it once.")
        found[name] = value
    return found
