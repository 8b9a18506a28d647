"""The index of what can be asked, from the code: `src/sugeup/faces/index.json`, read by `sugeup.faces.index`."""

from __future__ import annotations

import importlib
import importlib.util
import json
from typing import Any, cast

from sugeup import records, registry
from sugeup.faces import mcp
from sugeup.faces.answering import Answering
from sugeup.registry import UseCase

GROUPS = {
    "job": "sugeup.faces.job_commands",
    "keys": "sugeup.faces.key_commands",
    "store": "sugeup.faces.store_commands",
}
"""Words that stand before several commands, and the module that has them as a typer application `app`."""


def text() -> str:
    """The index file as it should be."""
    made = {
        "questions": [_question(case) for case in registry.usecases().values()],
        "groups": [
            {"verb": verb, "module": module, "help": importlib.import_module(module).app.info.help}
            for verb, module in GROUPS.items()
            if importlib.util.find_spec(module) is not None
        ],
        "metrics": {one.id: one.korean for one in registry.metrics().values()},
        "datasets": {one.name: one.korean for one in records.datasets().values()},
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _question(case: UseCase) -> dict[str, Any]:
    found = {
        "name": case.name,
        "module": case.run.__module__,
        "verb": case.verb,
        "path": case.path,
        "title": case.title,
        "description": case.description,
        "schema": case.arguments.model_json_schema(),
    }
    if case.tool:
        tool = mcp._tool(case, cast(Answering, None))
        found |= {"tool": case.tool, "input_schema": tool.parameters, "output_schema": tool.output_schema}
    return found
