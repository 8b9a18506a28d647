"""One question at one moment: its parameters, what was public then, and how a page of rows is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sugeup.sandbox.board import Board
from sugeup.sandbox.moment import State

Row = dict[str, Any]
Rows = Callable[[int, int], list[Row]]
"""Rows from one place to another, counted from the newest."""
MILLION, EOK = 1_000_000, 100_000_000


@dataclass(frozen=True, eq=False)
class Desk(Board):
    """A question: `given` are its parameters, `page` and `size` those of the page."""

    given: Mapping[str, str]
    page: int
    size: int

    @property
    def shown_day(self) -> date | None:
        """The session whose minutes are shown: today's from its open on, else the newest that is over."""
        return self.moment.day if self.moment.state in {State.OPEN, State.AFTER} else self.moment.closed

    def paged(self, total: int, rows: Rows) -> Row:
        """A page of so many rows in all."""
        start = self.page * self.size
        stop = min(start + self.size, total)
        pages = -(-total // self.size)
        return {
            "totalElements": str(total),
            "totalPages": str(pages),
            "first": self.page == 0,
            "last": stop >= total,
            "content": rows(start, stop) if start < total else [],
        }


def whole(value: int | None, unit: int = 1) -> str:
    """A whole number in a larger unit, half away from zero; empty when there is none."""
    if value is None:
        return ""
    half = unit // 2
    return str((value + half) // unit if value >= 0 else -((half - value) // unit))


def won(value: int) -> int:
    """Won as the vendor has them: whole millions."""
    return int(whole(value, MILLION)) * MILLION


def day(value: date) -> str:
    """A date as eight digits."""
    return f"{value:%Y%m%d}"


def clock(minute: int) -> str:
    """Minutes since midnight as six digits."""
    return f"{minute // 60:02d}{minute % 60:02d}00"
