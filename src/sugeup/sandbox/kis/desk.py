"""One question at one moment: its parameters, the figures, and what was public then. Answers are made from a desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sugeup.sandbox.board import Board
from sugeup.sandbox.kis.envelope import Answer, Row, share, sign, template, whole

Fields = Mapping[str, str]
Blocks = Mapping[str, Row | list[Row]]
Answering = Callable[["Desk"], "Blocks | Answer"]

INDICES = {"0001": "KOSPI", "1001": "KOSDAQ", "2001": "KOSPI200"}
"""The vendor's index codes and ours; sectors have the same code with both."""
INDEX_NAMES = {"0001": "종합", "1001": "KOSDAQ", "2001": "KOSPI200"}
KRX, NXT = "J", "NX"
"""Markets of a question. Nothing trades on NXT here, so the consolidated market (UN) is that of KRX."""


@dataclass(frozen=True, eq=False)
class Desk(Board):
    """A question: `given` are its parameters by upper-case name, `blocks` the fields of its answer by block."""

    given: Mapping[str, str]
    blocks: Mapping[str, Fields]

    def empty(self, block: str) -> Row:
        """A row of a block in which nothing is filled in."""
        return template(self.blocks[block])

    def dated(self, name: str) -> date | None:
        """A parameter of eight digits; None when blank. Raises ValueError for anything else."""
        text = self.given.get(name, "").strip()
        return datetime.strptime(text, "%Y%m%d").date() if text else None  # noqa: DTZ007

    @property
    def venue(self) -> str:
        """The market of the question: J, NX or UN."""
        return self.given.get("FID_COND_MRKT_DIV_CODE", KRX) or KRX

    @cached_property
    def code(self) -> str:
        """The stock of the question, if it has been listed by now; else empty."""
        given = self.given.get("FID_INPUT_ISCD") or self.given.get("MKSC_SHRN_ISCD") or ""
        return given if self.figures.known(given, self.moment.day) else ""

    def segment(self, code: str) -> str:
        """What the vendor calls a stock's market: KOSPI200, KOSPI, KOSDAQ."""
        found = self.figures.known(code, self.moment.day)
        return "KOSPI200" if code in self.figures.large else str(found["market"]) if found else ""


def changes(price: int, base: int, limit: int = 0) -> Row:
    """The three fields that say how far a price is from its base."""
    change = price - base
    return {
        "prdy_vrss": whole(change),
        "prdy_vrss_sign": sign(change, limit),
        "prdy_ctrt": share(change, base),
    }
