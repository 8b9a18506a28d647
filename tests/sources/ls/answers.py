"""Examples of the vendor as replies, and a turning of pages as the hub does it.

Examples that are rightly left out whole (a time after the close, zeros throughout) are changed in `ADJUSTED`, in the
one way that it says. Where a row takes several questions, the vendor's documents show the answer to one of them: the
others are made of it (`SERIES`).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sugeup.sources.ls import LS
from sugeup.sources.ls.question import Question
from sugeup.sources.ls.vendor import QUESTIONS
from sugeup.sources.replies.parts import groups
from sugeup.sources.vendor import Ask, Endpoint, Page, Reply, Scope
from sugeup.specifications import specification

RECORDED = Path(__file__).parents[2] / "recorded" / "ls"
SPECIFICATION = specification("ls")
CLOSED = datetime(2026, 11, 24, 6, 50, tzinfo=UTC)
"""15:50 in Seoul on a session, after the close and before the after-market."""
MOMENTS = {
    "t1637_minute": datetime(2023, 6, 5, 6, 50, tzinfo=UTC),
    "t1621": datetime(2023, 6, 19, 6, 50, tzinfo=UTC),
}
"""Answers of one day that say which."""
SCOPES = {Scope.STOCK: "005930", Scope.MARKET: "KOSPI", Scope.INDEX: "KOSPI"}
Document = dict[str, Any]


def _at_the_close(row: Document) -> None:
    row["time"] = "153000"


def _with_a_purchase(row: Document) -> None:
    row.update({"tjj0008_vol": 10, "tjj0001_vol": -10, "tjj0018_vol": -10})


def _of_another_day(row: Document) -> None:
    row["date"] = {"102700": "20230605", "090100": "20230602"}[row["time"]]


ADJUSTED: dict[str, Callable[[Document], None]] = {
    "t1621": _at_the_close,
    "t1717": _with_a_purchase,
    "t1637": _of_another_day,
}


def question(endpoint: Endpoint) -> Question:
    """The question that an endpoint asks."""
    return QUESTIONS[endpoint.lane or endpoint.name]


def recorded(name: str) -> Document:
    """An example without the note on where it is from."""
    found = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    del found["_provenance"]
    return dict(found)


def rows(found: Document, asked: Question, block: int = 0) -> list[Document]:
    """The rows of a block of an answer, to be read or changed."""
    listed = found[key(found, asked, block)]
    return listed if isinstance(listed, list) else [listed]


def key(found: Document, asked: Question, block: int = 0) -> str:
    """Under which name a block stands in an answer."""
    return next(name for name in found if name.lower() in asked.blocks[block].keys)


def _sides(found: Document) -> list[Document]:
    """Of net purchases in million won: bought and sold, in won and at the day's price in shares."""
    made = []
    for measure in ("amount", "volume"):
        for side in (1, -1):
            answer = copy.deepcopy(found)
            for row in answer["t1702OutBlock1"]:
                for name in [name for name in row if name.startswith("tjj") and name not in SUMS]:
                    net = int(row[name])
                    bought = 400 + max(side * net, 0)
                    row[name] = bought if measure == "amount" else bought * 1_000_000 // int(row["close"])
                for total, parts in SUMS.items():
                    row[total] = sum(row[part] for part in parts)
            made.append(answer)
    return made


SUMS = {
    "tjj0018": [f"tjj000{leaf}" for leaf in range(7)],
    "tjj0016": ["tjj0009", "tjj0010"],
    "tjj0017": ["tjj0007", "tjj0011"],
}


def _since_the_open(found: Document) -> list[Document]:
    """The example shows changes, beside what there was in all: that stands in the row, and no earlier page is named."""
    whole = found["t1602OutBlock"]
    whole["cts_time"] = ""
    for row in found["t1602OutBlock1"]:
        row.update({name: whole[f"svolume_{name[3:]}"] for name in row if name.startswith("sv_")})
    return _twice(found)


def _in_the_session(found: Document) -> list[Document]:
    """The example is of the evening, with changes alone."""
    found["t1632OutBlock"]["time"] = ""
    for number, row in enumerate(found["t1632OutBlock1"]):
        row["time"] = f"1459{number:02d}" if number else "150000"
        row.update(tot1=90, tot2=40, tot3=50, cha1=20, cha2=10, cha3=10, bcha1=70, bcha2=30, bcha3=40)
    return _twice(found)


def _twice(found: Document) -> list[Document]:
    """The same figures as won and as shares: the documents show one of the two answers."""
    return [found, copy.deepcopy(found)]


def _the_last_page(found: Document) -> list[Document]:
    """The example goes on behind its last stock."""
    found["t1516OutBlock"]["shcode"] = ""
    return [found]


def _the_last_page_twice(found: Document) -> list[Document]:
    return _twice(_the_last_page(found)[0])


SERIES: dict[str, Callable[[Document], list[Document]]] = {
    "t1702": _sides,
    "t1633": _twice,
    "t1662": _twice,
    "t1601": _twice,
    "t1602": _since_the_open,
    "t1632": _in_the_session,
    "t1516": _the_last_page,
    "t1516_index": _the_last_page_twice,
}
CURSORS = {"t1516": "013"}
"""Where an endpoint's own question begins, if another one comes before it: here the list of industries."""


def documents(endpoint: Endpoint) -> list[Document]:
    """The answers to the questions of one row, changed as `ADJUSTED` says."""
    asked = question(endpoint)
    found = recorded(asked.name)
    for row in rows(found, asked) if endpoint.name in ADJUSTED else ():
        ADJUSTED[endpoint.name](row)
    series = SERIES.get(endpoint.name)
    return [found] if series is None else series(found)


def reply(found: Document, at: datetime = CLOSED, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """An answer as it comes over the wire."""
    return Reply(status, {"content-type": "application/json", **(headers or {})}, json.dumps(found).encode(), at)


def ask(endpoint: Endpoint, first: date = date(2020, 1, 2), last: date = date(2026, 11, 24)) -> Ask:
    """A question about the usual scope of an endpoint."""
    scope = SCOPES.get(endpoint.scope)
    return Ask(() if scope is None else (scope,), first, last, CURSORS.get(endpoint.name, ""))


def turned(
    endpoint: Endpoint, answers: Sequence[Document], asked: Ask | None = None, at: datetime | None = None
) -> Page:
    """The first whole page, as the hub would hand it on, when these are the answers."""
    moment = at or MOMENTS.get(endpoint.name, CLOSED)

    def pages() -> Iterator[Page]:
        part: Ask | None = asked or ask(endpoint)
        for found in answers:
            assert part is not None
            endpoint.build(part)
            page = endpoint.parse(part, reply(found, moment))
            yield page
            part = page.after
            if part is None:
                return

    group = next(groups(pages()))
    return group[0] if endpoint.join is None else endpoint.join(asked or ask(endpoint), group)


def specified(asked: Question) -> Document:
    """What the specification says about a question."""
    return dict(SPECIFICATION["endpoints"][asked.name])


def specified_fields(asked: Question) -> dict[str, dict[str, str]]:
    """Fields and their units by block of a question, as the specification has them; names of blocks in lower case."""
    blocks = {block["key"]: block for block in specified(asked)["blocks"]}
    return {name.lower(): blocks[block.get("same_as", name)]["fields"] for name, block in blocks.items()}


ASKED = list(LS.endpoints)
