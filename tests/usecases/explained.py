"""That every null of an answer says why it is null, in a reason and in words."""

from __future__ import annotations

from typing import Any

UNNAMED = frozenset({"name", "market"})
"""Null where no instruments are stored: a fact about the stock, not a figure."""


def blocks(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every block with a meta map, inside lists too."""
    if isinstance(node, list):
        return [found for at, one in enumerate(node) for found in blocks(one, f"{path}[{at}]")]
    if not isinstance(node, dict):
        return []
    found = [(path, node)] if "meta" in node else []
    for name, value in node.items():
        if name != "meta":
            found += blocks(value, f"{path}.{name}")
    return found


def explained(answer: Any) -> None:
    """Fails at the first null of a block without a reason and a note in its meta."""
    for path, block in blocks(answer):
        for name, value in block.items():
            if value is None and name not in UNNAMED:
                about = block["meta"].get(name, {})
                assert about.get("reason") and about.get("note"), f"{path}.{name}"
