"""Whose turn it is in the nightly analysis: what has waited longest first, then the largest stocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl

from sugeup.archive import Archive
from sugeup.market import sessions
from sugeup.records.ledger import Asked

DATASET = "signals"
SOURCE = "sugeup"
BACK = 10
"""Sessions that are caught up or looked at again at most."""
WINDOW = 5
"""A session is looked at again when a figure of so many sessions up to it was stored after its analysis."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Turn:
    """One stock, sector or market and the sessions that it lacks, oldest first."""

    scope: str
    days: tuple[date, ...]


@dataclass(frozen=True)
class Inputs:
    """What was stored of the figures behind the signals: session → scope → newest moment of storing up to it."""

    newest: Mapping[date, Mapping[str, datetime]]

    @property
    def days(self) -> tuple[date, ...]:
        """Sessions with figures, oldest first."""
        return tuple(sorted(self.newest))

    def together(self, scopes: Sequence[str]) -> Inputs:
        """The same for scopes that are judged by the figures of all: what came in of any of them counts for each."""
        return Inputs({day: dict.fromkeys(scopes, max(told.values())) for day, told in self.newest.items()})


def inputs(archive: Archive, datasets: Mapping[str, str], session: date, back: int = BACK) -> Inputs:
    """Moments of storing of datasets (name → column of the scope) on the sessions up to one that have any figures."""
    span = sessions.last(back + WINDOW - 1, session)
    parts = []
    for name, key in datasets.items():
        rows = archive.read(name, columns=[], start=span[0], end=session)
        parts.append(rows.select(pl.col(key).alias("scope"), "session", "ingested_at"))
    rows = pl.concat(parts)
    found: dict[date, dict[str, datetime]] = {}
    held = set(rows["session"].unique().to_list())
    for day in span[-back:]:
        if day in held:
            first = span[span.index(day) - WINDOW + 1]
            near = rows.filter(pl.col("session").is_between(first, day))
            found[day] = dict(near.group_by("scope").agg(pl.col("ingested_at").max()).iter_rows())
    return Inputs(found)


def turns(scopes: Sequence[str], covered: Sequence[Asked], stored: Inputs, session: date) -> list[Turn]:
    """Turns of scopes, which come in the order of their size: whose last analysed session is older comes first.

    A scope that was never analysed lacks `session` alone. One that was lacks each session since then that has figures,
    and each whose figures were stored anew after its analysis.
    """
    spans: dict[str, list[Asked]] = {}
    for span in covered:
        if span.source == SOURCE:
            spans.setdefault(span.scope, []).append(span)
    found = []
    for rank, scope in enumerate(scopes):
        mine = spans.get(scope, [])
        begun = min([session, *(span.first for span in mine)])
        days = tuple(
            day
            for day in stored.days
            if begun <= day <= session and _lacks(mine, day, stored.newest[day].get(scope, _NEVER))
        )
        if days:
            last = max((min(span.last, session) for span in mine), default=date.min)
            found.append((last, rank, Turn(scope, days)))
    return [turn for _, _, turn in sorted(found, key=lambda one: one[:2])]


def _lacks(mine: Sequence[Asked], day: date, stored: datetime) -> bool:
    return not any(span.first <= day <= span.last and span.asked_at >= stored for span in mine)


def done(
    turns: Sequence[Turn], rows: pl.DataFrame, asked: Mapping[date, datetime], provisional: set[date]
) -> list[Asked]:
    """Entries of the ledger for turns that were done, with the number of signals of each session."""
    counts = {(code, day): count for code, day, count in rows.group_by("code", "session").len().iter_rows()}
    return [
        Asked(
            DATASET, SOURCE, turn.scope, day, day, counts.get((turn.scope, day), 0), asked[day], day not in provisional
        )
        for turn in turns
        for day in turn.days
        if day in asked
    ]
