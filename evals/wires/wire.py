"""What every format of talking to a model has to do: say what is asked, read a turn, hand over what tools answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class WireError(Exception):
    """A model's server answered something that is no turn; the message says what was missing."""


@dataclass(frozen=True)
class Tool:
    """A tool as MCP lists it."""

    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A call of a tool that a model asks for; `id` ties the answer to it."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """What a model said: text, calls of tools (none: it has finished), and the tokens that its server counted."""

    text: str
    calls: tuple[Call, ...]
    read: int = 0
    written: int = 0


class Wire(Protocol):
    """A conversation in one HTTP format; it keeps the messages."""

    key_name: str | None
    """Environment variable that holds the key by default; None where none is needed."""

    def begin(self, model: str, instructions: str, question: str, tools: Sequence[Tool]) -> None:
        """Start a conversation anew."""

    def headers(self, key: str | None) -> dict[str, str]:
        """Headers of a request; the key is in no other place."""

    def path(self) -> str:
        """What is added to the address that the user gave."""

    def body(self) -> dict[str, Any]:
        """The next request."""

    def read(self, reply: dict[str, Any]) -> Turn:
        """A turn from a reply, which is remembered. Raises WireError when it is none."""

    def hand_over(self, results: Sequence[tuple[Call, str, bool]]) -> None:
        """Add what the tools answered: call, text, whether it is an error."""


def part(reply: Any, *path: str | int) -> Any:
    """What stands at the path in a reply; raises WireError that says which part is not there."""
    found = reply
    for name in path:
        try:
            found = found[name]
        except (KeyError, IndexError, TypeError):
            raise WireError(f"the model's server answered without {'.'.join(str(one) for one in path)}") from None
    return found
