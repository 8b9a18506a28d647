"""What an MCP server can offer beside its tools: documents to read, prompts, and values for their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mcp.server.caching import CacheHint
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.tools import Tool

Suggest = Callable[[str], Sequence[str]]
"""What was typed so far -> values of the argument, best first."""

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


@dataclass(frozen=True)
class Document:
    """A resource, or a family of resources where the address has `{parameters}`.

    `read` takes the parameters as text and returns the content: text, or bytes for what is no text. It raises what a
    use-case raises. `cache` tells clients how long the content stays fresh, and whether clients may share it; what
    a read notes itself (`mcp_freshness.note`) comes first. `meta` is listed and sent with it.
    """

    uri: str
    name: str
    title: str
    description: str
    read: Callable[..., Any]
    mime_type: str = "application/json"
    cache: CacheHint = field(default_factory=CacheHint)
    meta: dict[str, Any] | None = None

    @property
    def prefix(self) -> str:
        """The part of the address before the first parameter."""
        return self.uri.partition("{")[0]


@dataclass(frozen=True)
class Offers:
    """Tools, documents, prompts, and by name of an argument the values that complete it."""

    tools: Sequence[Tool] = ()
    documents: Sequence[Document] = ()
    prompts: Sequence[Prompt] = ()
    completions: Mapping[str, Suggest] = field(default_factory=dict)

    def __add__(self, other: Offers) -> Offers:
        """Both; the order within each kind is kept."""
        return Offers(
            (*self.tools, *other.tools),
            (*self.documents, *other.documents),
            (*self.prompts, *other.prompts),
            {**self.completions, **other.completions},
        )
