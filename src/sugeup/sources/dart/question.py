"""A question to the regulator and the rows of its answer, with numbers as people write them: 1,234, -5, - for none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sugeup.records import Kind
from sugeup.sources.replies.sheet import Answering, Block, Field, Row, Sheet
from sugeup.sources.vendor import Reply, Request

NOTHING = "013"
"""Status of an answer that holds nothing; such an answer has no list."""
_BLOCK = "list"


@dataclass(frozen=True)
class Question(Answering):
    """`name`: the call. `blocks`: its list and the fields that are read of a row."""

    vendor: ClassVar[str] = "dart"
    title: ClassVar[str] = "DART"
    name: str
    blocks: tuple[Block, ...]

    def request(self, query: Mapping[str, str]) -> Request:
        """The question with its parameters, without the key."""
        return Request(f"/{self.name}.json", dict(query))

    def table(self, reply: Reply, keep: Callable[[Row], bool] = lambda _row: True) -> Sheet:
        """The rows of a reply that are kept, in our columns; none where the regulator has nothing."""
        document = self.document(reply)
        if document.get("status") == NOTHING:
            return self.sheet({_BLOCK: []}, self.blocks[0])
        kinds = {field.name: field.kind for field in self.blocks[0].fields}
        found = [row for row in self.rows(document, self.blocks[0]) if keep(row)]
        return self.sheet({_BLOCK: [_plain(row, kinds) for row in found]}, self.blocks[0])

    def number(self, document: Mapping[str, Any], name: str) -> int:
        """A whole number beside the list; SchemaDrift when it is none."""
        try:
            return int(document[name])
        except KeyError:
            raise self.drift(name) from None
        except (TypeError, ValueError):
            raise self.drift(name, "the field is not a whole number") from None


def listed(*fields: Field) -> tuple[Block, ...]:
    """The one list of an answer, with these fields."""
    return (Block((_BLOCK,), fields),)


def _plain(row: Row, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    return {name: _value(value, kinds[name]) if name in kinds else value for name, value in row.items()}


def _value(value: Any, kind: Kind) -> Any:
    """A value without what a person sets between figures; text on one line."""
    if not isinstance(value, str):
        return value
    match kind:
        case Kind.INTEGER | Kind.NUMBER:
            bare = value.replace(",", "").replace(" ", "").removesuffix("%")
            return "" if bare in {"-", "+"} else bare
        case Kind.DATE:
            return "".join(letter for letter in value.strip() if letter not in "-./") if value.strip() != "-" else ""
        case _:
            return " ".join(value.split()).strip("-").strip()
