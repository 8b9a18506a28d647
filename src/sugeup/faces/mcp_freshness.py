"""How long what was read stays true: until the next publication, or the next collection, of the datasets behind it.

A client keeps a resource for `ttlMs`. Figures of a session do not change between two publications, so an answer that is
read on a Saturday is good until Monday; one whose figures are due already is asked for again a minute later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from typing import Any, Literal

from mcp.server.caching import CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

from sugeup.errors import NoData
from sugeup.faces.answering import Answered, Answering
from sugeup.faces.mcp_offers import DAY_MS, Document
from sugeup.market import sessions, timetable
from sugeup.market.sessions import SEOUL

SOON = timedelta(minutes=1)
"""Kept at least: figures that are due may be stored at any moment."""
DAY = timedelta(days=1)
"""Kept at most: a source may correct what it published."""
LIVE = timedelta(seconds=30)
"""Kept while a session runs and its minutes are read."""
_LONGEST_LAG = 4
"""Sessions by which the slowest rule of publication is behind, and one."""
_INTRADAY = frozenset(name for name, job in timetable.COLLECTED_BY.items() if job == "intraday") - {"stock_estimate"}

_NOTED: ContextVar[list[CacheHint] | None] = ContextVar("noted", default=None)


def lifetime(reads: Collection[str], as_of: datetime | None, now: datetime) -> timedelta:
    """How long an answer stays true that was computed from `reads`; `as_of`: its newest figure, None where undated."""
    if _INTRADAY.intersection(reads) and timetable.running(now) is not None and _open(now):
        return LIVE
    newest = None if as_of is None else as_of.astimezone(SEOUL).date()
    if newest is not None and _overdue(reads, newest, now):
        return SOON
    ahead = [moment for moment in _changes(reads, newest, now) if moment > now]
    return min(max(min(ahead) - now, SOON), DAY) if ahead else DAY


def hint(answering: Answering, answered: Answered) -> CacheHint:
    """The hint of an answer: the sample never changes; a simulated market's clock runs ahead of the client's."""
    archive = answering.app.archive
    if archive.name == "demo":
        return CacheHint(DAY_MS, "private")
    if archive.name == "simulated" or answered.reads is None:
        return CacheHint(10_000, "private")
    told = answered.plain.get("as_of")
    as_of = datetime.fromisoformat(told) if told else None
    span = lifetime(answered.reads, as_of, answering.app.clock.now())
    return CacheHint(int(span.total_seconds() * 1000), "private")


def note(found: CacheHint) -> None:
    """Tell the middleware how long something that is being read stays true; the shortest of a read counts."""
    noted = _NOTED.get()
    if noted is not None:
        noted.append(found)


async def freshness(
    documents: Sequence[Document], ctx: ServerRequestContext[Any, Any], call_next: CallNext
) -> HandlerResult:
    """Middleware: the hints that were noted during a read, else the document's own, in place of the method's."""
    if ctx.method != "resources/read":
        return await call_next(ctx)
    noted: list[CacheHint] = []
    token = _NOTED.set(noted)
    try:
        result = await call_next(ctx)
    finally:
        _NOTED.reset(token)
    if not isinstance(result, dict) or "ttlMs" not in result:
        return result
    uri = str((ctx.params or {}).get("uri", ""))
    found = max((one for one in documents if uri.startswith(one.prefix)), key=lambda one: len(one.prefix), default=None)
    if found is None:
        return result
    hints = noted or [found.cache]
    scope: Literal["public", "private"] = "public" if all(one.scope == "public" for one in hints) else "private"
    return result | {"ttlMs": min(one.ttl_ms for one in hints), "cacheScope": scope}


def _open(now: datetime) -> bool:
    local = now.astimezone(SEOUL)
    polling = timetable.entry("intraday")
    assert polling is not None
    return polling.at <= local.time() and now <= timetable.ends(local.date())


def _overdue(reads: Collection[str], newest: date, now: datetime) -> bool:
    """Whether the session after the newest one is public already, so that it may be stored any moment."""
    from sugeup.market import publication

    try:
        following = sessions.next(newest)
    except NoData:
        return False
    return any(publication.ruled(name) and publication.known_at(name, following) <= now for name in reads)


def _changes(reads: Collection[str], newest: date | None, now: datetime) -> Iterator[datetime]:
    """Moments at which one of the datasets is published or collected."""
    from sugeup.market import publication

    today = now.astimezone(SEOUL).date()
    try:
        around = (*sessions.last(_LONGEST_LAG, today), sessions.next(today))
    except NoData:
        around = ()
    for name in reads:
        if publication.ruled(name) and newest is not None:
            yield from (publication.known_at(name, day) for day in around)
        job = timetable.COLLECTED_BY.get(name)
        line = None if job is None else timetable.entry(job)
        if line is not None and (run := timetable.next_run(line, now)) is not None:
            yield run
