"""A question to a member page: its bld and parameters, and what is read of the answer.

Figures are text with commas, days have slashes, a dash or nothing is missing. One answer is of one market and, but for
market investors, of one day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from sugeup.market import sessions
from sugeup.market.calendar_tables import FIRST, LAST
from sugeup.sources.replies.sheet import Answering, Block, Field, Row, Sheet
from sugeup.sources.vendor import Ask, Reply, Request

MARKETS = {"KOSPI": "STK", "KOSDAQ": "KSQ"}
"""Our markets in the pages' words; the pages of short balances number them."""
_STANDARD = "/dbms/MDC/STAT/standard/"
_SHORT = "/dbms/MDC/STAT/srt/"


@dataclass(frozen=True)
class Question(Answering):
    """`name`: the endpoint; `bld`: the page's name for it."""

    vendor: ClassVar[str] = "krx_login"
    title: ClassVar[str] = "KRX"
    name: str
    bld: str
    blocks: tuple[Block, ...]

    def request(self, **given: str) -> Request:
        """The question with its parameters."""
        folder = _SHORT if self.bld.startswith("MDCSTAT3") else _STANDARD
        return Request(f"{folder}{self.bld}", given, method="POST")

    def table(self, reply: Reply, block: int = 0) -> Sheet:
        """The rows of a reply in our columns; SchemaDrift when it has another shape."""
        return self.sheet(self.document(reply), self.blocks[block])

    def rows(self, document: Mapping[str, Any], block: Block) -> list[Row]:
        """The rows of a block, of the fields that are read alone, in plain digits."""
        names = tuple(one.name for one in block.fields)
        return [
            {name: _plain(row[name]) for name in names if name in row} for row in super().rows(document, block) if row
        ]


def block(key: str, *fields: Field, dated: str | None = None) -> Block:
    """The rows under a key, of which these fields are read."""
    return Block((key.lower(),), fields, dated)


def place(ask: Ask) -> int:
    """Number of the question among those that make an answer."""
    return int(ask.cursor.rpartition(".")[2] or 0)


def following(ask: Ask, among: Sequence[object]) -> Ask | None:
    """The next of the questions that make an answer; None behind the last."""
    number = place(ask) + 1
    return ask.at(str(number)) if number < len(among) else None


def hours(day: date) -> str:
    """Hours that a day's turnover covers: not known once the exchange has an after-market."""
    if not FIRST <= day <= LAST or not sessions.is_session(day):
        return "REGULAR"
    return "UNKNOWN" if any(one.phase == "AFTER" for one in sessions.phases(day)) else "REGULAR"


def _plain(value: object) -> object:
    return value.replace(",", "").replace("/", "") if isinstance(value, str) else value
