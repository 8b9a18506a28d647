"""A question to the vendor: a TR code, a path, the block of fields, and what is read of the answer.

Every question is a POST to a path that several TRs share; the header `tr_cd` decides. Numbers have to be sent as
numbers, and blanks where nothing is meant. An answer without rows may lack its block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sugeup.sources.replies.sheet import Answering, Block, Field, Row, Sheet
from sugeup.sources.vendor import Pace, Reply, Request

VENUE = "K"
"""Trades at the exchange alone, not those at Nextrade (N) or at both (U)."""
WINDOW = 1.05
"""The vendor counts calls in a second; the network may bring two of them closer together."""
_ENVELOPE = frozenset({"rsp_cd", "rsp_msg"})


@dataclass(frozen=True)
class Question(Answering):
    """`name`: the TR code. `beside`: blocks of the answer that come with those that are read. `calls`: in a second."""

    vendor: ClassVar[str] = "ls"
    title: ClassVar[str] = "LS"
    name: str
    path: str
    blocks: tuple[Block, ...]
    beside: tuple[str, ...] = ()
    calls: int = 1

    @property
    def pace(self) -> Pace:
        """The vendor's limit of this question."""
        return Pace(self.calls, WINDOW)

    def request(self, fields: Mapping[str, str | int], key: str = "") -> Request:
        """The question; `key`: the continuation key of the reply before it."""
        headers = {"tr_cd": self.name, "tr_cont": "Y" if key else "N", "tr_cont_key": key}
        return Request(self.path, headers=headers, body={f"{self.name}InBlock": dict(fields)}, method="POST")

    def rows(self, document: Mapping[str, Any], block: Block) -> list[Row]:
        """The rows of a block; none where the answer says nothing else, SchemaDrift where it says something unknown."""
        if any(key in document for key in block.keys):
            return super().rows(document, block)
        known = {key.lower() for key in self.beside} | {key for one in self.blocks for key in one.keys}
        unknown = sorted(set(document) - _ENVELOPE - known)
        if unknown or "rsp_cd" not in document:
            raise self.drift(block.keys[0], f"the block is missing, there is {', '.join(unknown) or 'nothing'}")
        return []

    def table(self, reply: Reply, block: int = 0) -> Sheet:
        """The rows of a reply in our columns."""
        return self.sheet(self.document(reply), self.blocks[block])


def listed(name: str, *fields: Field, dated: str | None = "date") -> Block:
    """A block of that name with these fields, the day or time first."""
    return Block((name.lower(),), fields, dated=dated)
