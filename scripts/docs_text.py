"""Markdown from plain values: tables, headings and the mark that says a page is made from the code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

NOTICE = "<!-- Generated from the code by scripts/generate_docs.py: change the code, then run `make docs`. -->"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; pipes and line breaks inside cells are made harmless."""
    lines = [_row(header), _row(["---"] * len(header)), *(_row([_cell(cell) for cell in row]) for row in rows)]
    return "\n".join(lines)


def page(title: str, *parts: str) -> str:
    """A generated page: title, mark, parts with an empty line between them."""
    return "\n\n".join([f"# {title}", NOTICE, *(part for part in parts if part)]) + "\n"


def code(value: object) -> str:
    """A value as inline code; nothing for nothing."""
    return f"`{value}`" if value not in (None, "") else ""


def kind(schema: dict[str, Any]) -> str:
    """Type of a JSON schema in a word or two: `integer`, `one of ALL, KOSPI`, `list of Gap`."""
    options = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    nullable = " or null" if len(options) < len(schema.get("anyOf", [schema])) else ""
    return " or ".join(_one_kind(one) for one in options) + nullable


def described(schema: dict[str, Any]) -> str:
    """The description of a JSON schema, also where it stands inside an optional type."""
    if "description" in schema:
        return str(schema["description"])
    return next((str(one["description"]) for one in schema.get("anyOf", []) if "description" in one), "")


def limits(schema: dict[str, Any]) -> str:
    """The bounds of a JSON schema in words."""
    options = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    one = options[0] if options else {}
    said = []
    if "minimum" in one or "maximum" in one:
        said.append(f"{one.get('minimum', '…')} to {one.get('maximum', '…')}")
    if "minLength" in one or "maxLength" in one:
        said.append(f"{one.get('minLength', 0)} to {one.get('maxLength', '…')} characters")
    return ", ".join(said)


def _one_kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        inside = schema.get("items") or {}
        return f"list of {kind(inside)}" if inside else f"{len(schema.get('prefixItems', []))} values"
    if schema.get("type") == "object":
        inside = schema.get("additionalProperties")
        return f"map of {kind(inside)}" if isinstance(inside, dict) else "object"
    return str(schema.get("format") or schema.get("type") or "any")


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(value: object) -> str:
    return str("" if value is None else value).replace("|", "\\|").replace("\n", "<br>")
