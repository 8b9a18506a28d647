"""One question at one moment: its fields, the figures, and what was public then. Answers are made from a desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sugeup.sandbox import sectors
from sugeup.sandbox.board import Board
from sugeup.sandbox.figures import Found
from sugeup.sandbox.ls.writing import Row, Value, blank, day, decimals, share, sign
from sugeup.sandbox.moment import State

Fields = Mapping[str, str]
INDICES = {"001": "KOSPI", "301": "KOSDAQ", "101": "KOSPI200"}
INDEX_NAMES = {"001": "종합", "301": "종합", "101": "KP200"}
LARGE = {"002": "대형주", "101": "KP200"}
"""Indices of the largest stocks of KOSPI, which are those of the KOSPI 200 here."""
WIDE = {"027": "제조", "309": "제조"}
"""Industries that have no days of their own here: only who is in them."""
NXT = "N"
"""Trades at Nextrade, of which there are none here; U and everything else are those of the exchange."""


@dataclass(frozen=True)
class Told:
    """An answer: rows by block, and whether more follow; `key`: what stands in tr_cont_key then."""

    blocks: Mapping[str, Row | list[Row]]
    more: bool = False
    key: str = ""


@dataclass(frozen=True, eq=False)
class Desk(Board):
    """A question: `given` are the fields of its block, `blocks` the fields of its answer by block."""

    given: Mapping[str, Value]
    blocks: Mapping[str, Fields]

    def text(self, name: str) -> str:
        """A field without the blanks around it."""
        return str(self.given.get(name, "")).strip()

    def number(self, name: str) -> int:
        """A field that is a number."""
        return int(self.given[name])

    def dated(self, name: str) -> date | None:
        """A field of eight digits; None when blank or all nines. Raises BadDay for anything else."""
        text = self.text(name)
        if not text or text == "99999999":
            return None
        try:
            return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007
        except ValueError:
            raise BadDay(name) from None

    def empty(self, block: str) -> Row:
        """A row of a block in which nothing is filled in."""
        return blank(self.blocks[block])

    @property
    def elsewhere(self) -> bool:
        """Whether only trades at Nextrade are asked for."""
        return self.text("exchgubun") == NXT

    @cached_property
    def code(self) -> str:
        """The stock of the question, if it has been listed by now; else empty."""
        given = self.text("shcode")
        return given if self.figures.known(given, self.moment.day) and not self.elsewhere else ""

    @property
    def running(self) -> bool:
        """Whether today's session has opened."""
        return self.moment.state in {State.OPEN, State.AFTER}

    @cached_property
    def trading(self) -> tuple[date | None, date | None]:
        """The session that counts as today's in questions about minutes, and the one before it."""
        sessions, moment = self.moment.sessions, self.moment
        today = moment.day if self.running else moment.closed
        before = [one for one in sessions if today is not None and one < today][-1:]
        return today, before[0] if before else None


class BadDay(ValueError):
    """A field that is no day; its name."""


Answering = Callable[[Desk], Told]


def sector(code: str) -> str:
    """Our scope of the vendor's code of an index: 013 is industry 0013 of KOSPI, 328 is 1028 of KOSDAQ."""
    if code in INDICES or len(code) != 3 or not code.isdigit():
        return INDICES.get(code, "")
    return f"0{code}" if code < "300" else f"1{int(code) - 300:03d}"


def index_name(code: str) -> str:
    """Korean name of an index or industry."""
    scope = sector(code)
    return INDEX_NAMES.get(code) or next((one.name for one in sectors.ALL if one.code == scope), code)


def moved(bar: Found, price: str = "close") -> Row:
    """The fields of a day's price that stand beside other figures; the change has no sign, its code tells it."""
    change = bar["raw_close"] - bar["base_price"]
    return {
        "date": day(bar["session"]),
        price: int(bar["raw_close"]),
        "sign": sign(change),
        "change": abs(change),
        "diff": decimals(share(change, bar["base_price"])),
        "volume": int(bar["volume"]),
    }


def filled(fields: Fields, rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Rows of a block: what is known of each, the rest blank."""
    nothing = blank(fields)
    return [{**nothing, **{name: row[name] for name in fields if name in row}} for row in rows]
