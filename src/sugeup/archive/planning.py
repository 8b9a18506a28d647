"""Which endpoint is asked for which holes: order of preference, reach, depth, time of publication, batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sugeup.archive.holes import Cells, runs
from sugeup.errors import NoData
from sugeup.market import publication, sessions
from sugeup.records import Dataset
from sugeup.sources.vendor import Ask, Endpoint, Reach, Scope

OPEN = time(9, 0)
"""From when on the running session's figures can be asked, where an endpoint does not say."""

ORDER: Mapping[str, tuple[str, ...]] = {
    "daily_bars": ("intstock_multprice", "inquire_daily_itemchartprice", "t8407", "t8410"),
    "investor_day_stock": ("investor_trade_by_stock_daily", "t1702", "inquire_investor", "t1717", "t1716"),
    "foreign_holding": ("t1716_holding", "inquire_price"),
    "short_day": ("daily_short_sale", "t1927", "t1716_short"),
    "credit": ("daily_credit_balance", "t1926", "t1921"),
}
"""Names of endpoints by dataset, the preferred first; those that are not named follow in their vendor's order."""
LESSER = frozenset({"inquire_investor", "t1717", "t1716", "t1716_short", "t1921"})
"""Endpoints that give less than the one they stand for: what they give is asked again of the better one."""
BESIDE = frozenset({"inquire_investor_time_by_market_close", "inquire_index_category_price", "futures_inquire_price"})
"""Endpoints whose rows add to those of another one and do not take their place: each has holes of its own."""
ONLY: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("inquire_index_category_price", "t1514", "t1511"), ("KOSPI", "KOSDAQ", "KOSPI200")),
    **dict.fromkeys(("t1621", "t1632", "t1633", "t1662"), ("KOSPI", "KOSDAQ")),
    **dict.fromkeys(
        ("t1665", "t1602", "t1601"), ("KOSPI", "KOSDAQ", "KOSPI200_FUTURES", "KOSPI200_CALL", "KOSPI200_PUT")
    ),
}
"""Scopes that an endpoint has, where it lacks some of the dataset's."""


@dataclass(frozen=True)
class Task:
    """One ask of an endpoint, and the days of each scope that it answers."""

    endpoint: Endpoint
    ask: Ask
    cells: Mapping[str, Sequence[date]]


def ordered(dataset: str, endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Endpoints of a dataset, the preferred first."""
    names = ORDER.get(dataset, ())
    return sorted(endpoints, key=lambda one: names.index(one.name) if one.name in names else len(names))


def days_of(dataset: Dataset, first: date, last: date) -> tuple[date, ...]:
    """Days that can be covered between two dates: sessions; of a list that is dated by when it was seen, the last."""
    return (last,) if dataset.dated == "valid_from" else sessions.sessions(first, last)


def ledger_scopes(endpoint: Endpoint, wanted: Sequence[str]) -> tuple[str, ...]:
    """Names under which the ledger keeps what an endpoint was asked: the scopes, or its own name where it has none."""
    if endpoint.scope is Scope.NONE:
        return (endpoint.name,)
    return tuple(scope for scope in wanted if scope in ONLY.get(endpoint.name, (scope,)))


def reaches(endpoint: Endpoint, dataset: Dataset, now: datetime) -> tuple[date, date] | None:
    """First and last day that the endpoint can be asked for now; None when it cannot be asked at all."""
    local = now.astimezone(sessions.SEOUL)
    today = local.date()
    if dataset.dated == "valid_from":
        return today, today
    if endpoint.reach is Reach.NOW and publication.ruled(dataset.name):
        settled = next((day for day in _back(today) if publication.known_at(dataset.name, day) <= now), None)
        return None if settled is None else (settled, settled)
    trading = sessions.is_session(today)
    if endpoint.reach is not Reach.PAST:
        asked_from = endpoint.published or (OPEN if endpoint.reach is Reach.TODAY else time(0))
        return (today, today) if trading and local.time() >= asked_from else None
    ready = not trading or endpoint.published is None or local.time() >= endpoint.published
    newest = today if ready else sessions.previous(today)
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
    """Asks for the days of these scopes: scopes with the same hole share an ask, up to the endpoint's batch."""
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
