"""Which endpoint is asked for which holes: order of preference, reach, depth, time of publication, batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sugeup.archive.holes import Cells, runs
from sugeup.errors import NoData
from sugeup.market import publication, sessions
from sugeup.records import Dataset
from sugeup.sources.preference import PREFERENCE, has
from sugeup.sources.vendor import Ask, Endpoint, Reach, Scope

OPEN = time(9, 0)
"""From when on the running session's figures can be asked, where an endpoint does not say."""


@dataclass(frozen=True)
class Task:
    """One ask of an endpoint, and the days of each scope that it answers."""

    endpoint: Endpoint
    ask: Ask
    cells: Mapping[str, Sequence[date]]


def ordered(dataset: str, endpoints: Sequence[Endpoint], standing: Callable[[str], int]) -> list[Endpoint]:
    """Endpoints of a dataset, the preferred first. `standing` of a source: where the order leaves it open."""
    names = PREFERENCE.get(dataset, ())
    return sorted(
        endpoints, key=lambda one: (names.index(one.name) if one.name in names else len(names), standing(one.source))
    )


def days_of(dataset: Dataset, first: date, last: date) -> tuple[date, ...]:
    """Days that can be covered between two dates: sessions; of a list that is dated by when it was seen, the last.

    Of a dataset with rows of every day all of them.
    """
    if dataset.dated == "valid_from":
        return (last,)
    if dataset.every_day:
        return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
    return sessions.sessions(first, last)


def ledger_scopes(endpoint: Endpoint, wanted: Sequence[str]) -> tuple[str, ...]:
    """Names under which the ledger keeps what an endpoint was asked: the scopes, or its own name where it has none."""
    if endpoint.scope is Scope.NONE:
        return (endpoint.name,)
    return tuple(scope for scope in wanted if has(endpoint.name, scope))


def reaches(endpoint: Endpoint, dataset: Dataset, now: datetime) -> tuple[date, date] | None:
    """First and last day that the endpoint can be asked for now; None when it cannot be asked at all."""
    local = now.astimezone(sessions.SEOUL)
    today = local.date()
    if dataset.dated == "valid_from":
        return today, today
    if endpoint.reach is Reach.NOW and publication.ruled(dataset.name):
        settled = next((day for day in _back(today) if publication.known_at(dataset.name, day) <= now), None)
        return None if settled is None else (settled, settled)
    trading = dataset.every_day or sessions.is_session(today)
    if endpoint.reach is not Reach.PAST:
        asked_from = endpoint.published or (OPEN if endpoint.reach is Reach.TODAY else time(0))
        return (today, today) if trading and local.time() >= asked_from else None
    ready = not trading or endpoint.published is None or local.time() >= endpoint.published
    newest = today if ready else today - timedelta(days=1) if dataset.every_day else sessions.previous(today)
    if endpoint.lag:  # there on a later trading day, at `published`
        there = trading and local.time() >= (endpoint.published or time(0))
        newest = sessions.previous(today, endpoint.lag if there else endpoint.lag + 1)
    if endpoint.depth is None:
        return date.min, newest
    try:
        return sessions.last(endpoint.depth, newest)[0], newest
    except NoData:
        return date.min, newest


def _back(today: date) -> tuple[date, ...]:
    """The newest sessions, newest first."""
    newest = today if sessions.is_session(today) else sessions.previous(today)
    return (newest, *(sessions.previous(newest, n) for n in range(1, 6)))


def tasks(endpoint: Endpoint, cells: Cells, days: Sequence[date]) -> Iterator[Task]:
    """Asks for the days of these scopes: scopes with the same hole share an ask, up to the endpoint's batch.

    Of a sweep every day is one ask, for all scopes that lack it.
    """
    if endpoint.sweep:
        lacking: dict[date, list[str]] = {}
        for scope, missing in cells.items():
            for day in missing:
                lacking.setdefault(day, []).append(scope)
        for day, scopes in sorted(lacking.items()):
            yield Task(endpoint, Ask(tuple(scopes), day, day), {scope: [day] for scope in scopes})
        return
    grouped: dict[tuple[date, date], list[str]] = {}
    for hole in runs(cells, days, endpoint.span):
        grouped.setdefault((hole.first, hole.last), []).append(hole.scope)
    for (first, last), scopes in grouped.items():
        if endpoint.scope is Scope.NONE:
            yield Task(endpoint, Ask((), first, last), _within(cells, scopes, first, last))
            continue
        for start in range(0, len(scopes), endpoint.batch):
            part = scopes[start : start + endpoint.batch]
            yield Task(endpoint, Ask(tuple(part), first, last), _within(cells, part, first, last))


def _within(cells: Cells, scopes: Sequence[str], first: date, last: date) -> dict[str, list[date]]:
    return {scope: [day for day in cells[scope] if first <= day <= last] for scope in scopes}
