"""A question to the vendor and what is read of its answer: a page of rows under `content`, or a bare list of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import orjson

from sugeup.sources.replies.sheet import Answering, Block, Field
from sugeup.sources.vendor import Reply, Request

CONTENT = "content"
KRX = "KRX"
"""Trades at the exchange alone: those at Nextrade are another question (NXT)."""
MARKETS = ("KOSPI", "KOSDAQ")
_LAST = "last"


@dataclass(frozen=True)
class Route(Answering):
    """Where one question is asked.

    `most`: rows of the largest page. `begins`: first day that the vendor is known to have (None: not known).
    """

    vendor: ClassVar[str] = "naver"
    title: ClassVar[str] = "Naver"
    name: str
    path: str
    blocks: tuple[Block, ...]
    most: int
    begins: date | None = None

    def request(self, params: Mapping[str, str], page: int, size: int, *, path: str = "") -> Request:
        """The question for one page."""
        return Request(path or self.path, query={**params, "startIdx": str(page), "pageSize": str(size)})

    def document(self, reply: Reply) -> dict[str, Any]:
        """The answer; a bare list of rows stands under `content`. SchemaDrift when it is neither."""
        try:
            found = orjson.loads(reply.body)
        except orjson.JSONDecodeError:
            raise self.drift("(body)", "the answer is not JSON") from None
        if isinstance(found, list):
            return {CONTENT: found}
        if not isinstance(found, dict):
            raise self.drift("(body)", f"the answer is a {type(found).__name__}, neither a page nor a list")
        return found


def block(*fields: Field) -> Block:
    """The rows of an answer; one without a day is padding."""
    return Block((CONTENT,), fields, dated="bizdate")


def ended(document: Mapping[str, Any], size: int) -> bool:
    """Whether no page follows: the answer says so, or, where it cannot say, it is shorter than was asked for."""
    told = document.get(_LAST)
    if isinstance(told, bool):
        return told
    rows = document.get(CONTENT)
    return not isinstance(rows, list) or len(rows) < size
