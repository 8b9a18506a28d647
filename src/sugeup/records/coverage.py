"""Arithmetic of the coverage ledger: how spans of one scope are joined, and what of them is provisional.

Pure functions on spans of one dataset, source and scope. Spans that touch on exchange sessions are one; a final span
takes the place of a provisional one. The count of rows of a span that is cut or joined with an overlap is approximate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from sugeup.errors import NoData
from sugeup.market import sessions
from sugeup.records.ledger import Asked


def merged(stood: Sequence[Asked], entered: Sequence[Asked]) -> list[Asked]:
    """Spans of one scope after new ones were entered: ordered, without overlaps, neighbours of one finality joined."""
    every = [*stood, *entered]
    final = _joined(span for span in every if span.final)
    provisional = _joined(span for span in every if not span.final)
    kept = [piece for span in provisional for piece in _without(span, final)]
    return sorted([*final, *kept], key=lambda span: span.first)


def _joined(spans: Iterable[Asked]) -> list[Asked]:
    """Spans without overlaps or neighbours; a span asked again counts its rows once."""
    found: list[Asked] = []
    for span in sorted(spans, key=lambda one: (one.first, one.last)):
        last = found[-1] if found else None
        if last is None or span.first > _beside(last.last, sessions.next):
            found.append(span)
            continue
        overlaps = span.first <= last.last
        rows = max(last.rows, span.rows) if overlaps else last.rows + span.rows
        newest = max(last.asked_at, span.asked_at)
        found[-1] = replace(last, last=max(last.last, span.last), rows=rows, asked_at=newest)
    return found


def _without(span: Asked, taken: Sequence[Asked]) -> Iterator[Asked]:
    """What of a span no other one covers, on exchange sessions."""
    first = span.first
    for other in taken:
        if other.last < first or other.first > span.last:
            continue
        if other.first > first:
            yield from _cut(span, first, _beside(other.first, sessions.previous))
        first = _after(other.last)
        if first > span.last:
            return
    yield from _cut(span, first, span.last)


def _cut(span: Asked, first: date, last: date) -> Iterator[Asked]:
    if first > last:
        return
    whole, part = _length(span.first, span.last), _length(first, last)
    if part:
        yield replace(span, first=first, last=last, rows=round(span.rows * part / whole) if part < whole else span.rows)


def _length(first: date, last: date) -> int:
    try:
        return sessions.count_between(first, last)
    except NoData:
        return (last - first).days + 1


def _after(day: date) -> date:
    following = _beside(day, sessions.next)
    return following if following > day else date.fromordinal(day.toordinal() + 1)


def _beside(day: date, step: Callable[[date], date]) -> date:
    """The session beside a date; the date itself at the edge of the session table."""
    try:
        return step(day)
    except NoData:
        return day
