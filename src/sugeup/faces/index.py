"""What there is to ask, told without importing it: read from `index.json`, which `make docs` writes from the code.

The command line and a server that lists its tools start from it; the module of a use-case, and with it the libraries
that compute, is imported when the use-case is first asked.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sugeup.registry import UseCase


@dataclass(frozen=True)
class Argument:
    """One argument of a use-case; `choices` is empty unless only some words are allowed, `flag` means yes or no."""

    name: str
    description: str
    required: bool
    default: Any
    flag: bool
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A use-case as it is offered: its names, its description, the JSON schema of its arguments.

    `input_schema` and `output_schema` are those of its MCP tool; None where it is no tool.
    """

    name: str
    module: str
    verb: str
    path: str
    title: str
    description: str
    schema: dict[str, Any]
    tool: str | None = None
    input_schema: dict[str, Any] | None = None
    output_schema: dict[str, Any] | None = None

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """The arguments in the order in which they are declared."""
        required = self.schema.get("required", [])
        return tuple(
            _argument(name, field, name in required) for name, field in self.schema.get("properties", {}).items()
        )

    def load(self) -> UseCase:
        """The use-case itself; imports its module."""
        from sugeup import registry

        return registry.load(self.module, self.name)


@dataclass(frozen=True)
class Group:
    """Commands below one word, in a module of their own with a typer application `app`."""

    verb: str
    module: str
    help: str


@dataclass(frozen=True)
class Index:
    """Everything that can be named: use-cases by function name, groups of commands, and words that complete arguments.

    `metrics` and `datasets` map an id to its Korean name.
    """

    questions: Mapping[str, Question]
    groups: Mapping[str, Group]
    metrics: Mapping[str, str]
    datasets: Mapping[str, str]

    @classmethod
    def parsed(cls, text: str) -> Index:
        """From the text of an index file."""
        found = json.loads(text)
        return cls(
            {one["name"]: Question(**one) for one in found["questions"]},
            {one["verb"]: Group(**one) for one in found["groups"]},
            found["metrics"],
            found["datasets"],
        )


@functools.cache
def index() -> Index:
    """The index that is delivered with this version."""
    return Index.parsed(resources.files(__package__).joinpath("index.json").read_text(encoding="utf-8"))


def _argument(name: str, field: Mapping[str, Any], required: bool) -> Argument:
    """An argument from its JSON schema; of an optional one the schema stands inside `anyOf` beside null."""
    kinds = [kind for kind in field.get("anyOf", [field]) if kind.get("type") != "null"]
    inner = kinds[0] if kinds else {}
    return Argument(
        name,
        field.get("description") or inner.get("description", ""),
        required,
        field.get("default"),
        inner.get("type") == "boolean",
        tuple(inner.get("enum", ())),
    )
