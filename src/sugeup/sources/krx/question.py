"""A question to the exchange: one API and one day; the answer is one list of every security or index of that day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, ClassVar

from sugeup.errors import NoData
from sugeup.market import sessions
from sugeup.sources.replies import moments
from sugeup.sources.replies.paging import written
from sugeup.sources.replies.sheet import Answering, Block, Field, Row, Sheet
from sugeup.sources.vendor import Ask, Reply, Request

BLOCK = "outblock_1"
PUBLISHED = time(8, 0)
"""In Seoul, on the trading day after the figures'."""
LAG = 1
_NONE = frozenset({"", "-", "0"})


@dataclass(frozen=True)
class Question(Answering):
    """`name`: the API. `path`: its category and name. `market`: whose securities or indices it lists."""

    vendor: ClassVar[str] = "krx"
    title: ClassVar[str] = "KRX OPEN API"
    name: str
    path: str
    market: str
    blocks: tuple[Block, ...]

    def request(self, day: date) -> Request:
        """The figures of one day."""
        return Request(self.path, {"basDd": written(day)})

    def table(self, reply: Reply, day: date, figures: Sequence[str]) -> Sheet:
        """The rows of that day in our columns; none of them on a day without trading.

        `figures`: fields of which a day that is published has at least one that is not 0. NoData (NOT_PUBLISHED_YET)
        while all are 0, which is no trading of 0, and while the list of the last session is empty.
        """
        rows = self.rows(self.document(reply), self.blocks[0])
        for name in figures:
            if any(name not in row for row in rows):
                raise self.drift(name)
        if rows and all(_text(row[name]) in _NONE for row in rows for name in figures):
            raise self.early(day, f"every figure of {len(rows):,} rows is 0")
        if not rows and sessions.is_session(day) and day >= sessions.previous(moments.received(reply).date()):
            raise self.early(day, "the list of the last session is empty")
        return self.sheet({BLOCK: [_plain(row) for row in rows]}, self.blocks[0])

    def early(self, day: date, why: str) -> NoData:
        """The error of a day whose figures are not out."""
        return NoData(
            f"{self.title} has no figures of {day} yet ({self.name}): {why}.",
            code="NOT_PUBLISHED_YET",
            hint=f"They come on the next trading day at about {PUBLISHED:%H:%M} in Seoul.",
            details={"vendor": self.vendor, "endpoint": self.name, "session": day.isoformat()},
        )


def listed(*fields: Field, dated: str | None = None) -> tuple[Block, ...]:
    """The one block of an answer, with these fields."""
    return (Block((BLOCK,), fields, dated=dated),)


def place(ask: Ask, questions: Sequence[Question]) -> int:
    """Which of several questions, asked one after the other, an ask stands at."""
    names = [question.name for question in questions]
    return names.index(ask.cursor) if ask.cursor in names else 0


def following(ask: Ask, questions: Sequence[Question]) -> Ask | None:
    """The ask of the next question; None after the last."""
    after = questions[place(ask, questions) + 1 :]
    return ask.at(after[0].name) if after else None


def _plain(row: Row) -> dict[str, Any]:
    """A row whose numbers are written without commas between thousands."""
    return {name: _text(value) if isinstance(value, str) else value for name, value in row.items()}


def _text(value: Any) -> str:
    said = "" if value is None else str(value).strip()
    bare = said.replace(",", "")
    return bare if bare.lstrip("+-").replace(".", "", 1).isdigit() else said
