"""Lists: from when to when, `limit` rows at a time, an opaque cursor, and how many there are in all."""

from __future__ import annotations

import base64
import binascii
from datetime import date
from typing import Any

import polars as pl

from sugeup.errors import Refused


def page(frame: pl.DataFrame, limit: int, cursor: str | None) -> tuple[pl.DataFrame, str | None]:
    """The rows of a page and the cursor of the next one, None after the last.

    Raises Refused when the cursor is none that was handed out.
    """
    start = 0 if cursor is None else _decoded(cursor)
    end = start + limit
    return frame.slice(start, limit), _encoded(end) if end < frame.height else None


def ordered(start: date | None, end: date | None) -> None:
    """Raises Refused when the span of a list ends before it starts."""
    if start is not None and end is not None and start > end:
        raise Refused(f"start={start} is after end={end}.", hint="Give start on or before end.")


def more(answer: Any, shown: int) -> list[object]:
    """The last line of a page's text: how many rows were shown, of how many, and the cursor of the next; [] at the end.

    A page behind the end says so.
    """
    if answer.next_cursor is not None:
        return [f"{shown} of {answer.total}; next: --cursor {answer.next_cursor}"]
    return [] if shown or not answer.total else [f"Nothing behind the last of {answer.total}."]


def _encoded(position: int) -> str:
    return base64.urlsafe_b64encode(f"row:{position}".encode()).decode().rstrip("=")


def _decoded(cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        label, position = text.split(":")
        start = int(position)
    except (binascii.Error, ValueError):
        label, start = "", -1
    if label != "row" or not 0 <= start < 2**60:
        raise Refused(f"cursor={cursor[:40]!r} is no cursor of this list.", hint="Leave it out for the first page.")
    return start
