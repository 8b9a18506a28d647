"""Which sessions of which scopes nobody was asked for yet: from the ledger alone, never from rows that are there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sugeup.archive.wants import Hole
from sugeup.records.ledger import Asked

Cells = dict[str, list[date]]
"""Days by scope, ordered."""


def open_cells(
    scopes: Iterable[str], days: Sequence[date], spans: Iterable[Asked], *, final_only: bool = False
) -> Cells:
    """The days of each scope that no span covers; `final_only`: that no final span covers. Scopes keep their order.

    `days` are ordered; what `spans` say about other scopes and days does not matter.
    """
    covered: dict[str, bytearray] = {}
    found: Cells = {scope: [] for scope in scopes}
    for span in spans:
        if span.scope not in found or (final_only and not span.final):
            continue
        marks = covered.setdefault(span.scope, bytearray(len(days)))
        start, end = bisect_left(days, span.first), bisect_right(days, span.last)
        marks[start:end] = b"\1" * max(end - start, 0)
    for scope in found:
        marks = covered.get(scope, bytearray(len(days)))
        found[scope] = [day for day, mark in zip(days, marks, strict=True) if not mark]
    return {scope: left for scope, left in found.items() if left}


def runs(cells: Mapping[str, Sequence[date]], days: Sequence[date], reach: int = 0) -> list[Hole]:
    """Days as holes of neighbouring sessions (`days` are all sessions, ordered), scopes in their order.

    `reach`: calendar days that one answer holds anyway; holes that fit into one together are one.
    """
    place = {day: number for number, day in enumerate(days)}
    found: list[Hole] = []
    for scope, missing in cells.items():
        first = last = None
        for day in missing:
            if first is None or last is None:
                first = last = day
                continue
            if place[day] == place[last] + 1 or (day - first).days < reach:
                last = day
                continue
            found.append(Hole(scope, first, last))
            first = last = day
        if first is not None and last is not None:
            found.append(Hole(scope, first, last))
    return found
