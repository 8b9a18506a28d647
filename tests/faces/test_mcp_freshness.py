"""How long a resource stays fresh: until the next publication or collection of what it was computed from."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.archive import Archive
from sugeup.faces import mcp_freshness
from sugeup.faces.mcp_freshness import DAY, LIVE, SOON, lifetime
from sugeup.market import publication, sessions, timetable
from sugeup.market.sessions import SEOUL
from tests.faces.test_mcp_offers import ask

FLOWS = ("investor_day_stock", "daily_bars", "instruments")
MINUTES = ("investor_minute_market",)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("reads", "as_of", "now", "expected"),
    [
        # Tuesday afternoon, Monday's figures: bars of Tuesday are published at 18:30, flows are stored at 19:00.
        (FLOWS, "2026-03-09T15:30", "2026-03-10T16:00", timedelta(hours=2, minutes=30)),
        (("investor_day_stock",), "2026-03-09T15:30", "2026-03-10T16:00", timedelta(hours=3)),
        # In the evening with Tuesday's provisional figures: the list of stocks at 08:05 is the next thing that changes.
        (FLOWS, "2026-03-10T15:30", "2026-03-10T20:00", timedelta(hours=12, minutes=5)),
        (("investor_day_stock",), "2026-03-10T15:30", "2026-03-10T20:00", timedelta(hours=12, minutes=10)),
        # Before a weekend nothing changes for longer than a client may keep it.
        (FLOWS, "2026-03-13T15:30", "2026-03-14T09:00", DAY),
        # Thursday's figures are confirmed on Friday at 08:10; on Monday they should have been there long ago.
        (FLOWS, "2026-03-12T15:30", "2026-03-16T12:00", SOON),
        # Balances: T+3 in the evening.
        (("short_balance",), "2026-03-10T15:30", "2026-03-11T17:30", timedelta(hours=1)),
        # While a session runs and minutes are read.
        (MINUTES, "2026-03-10T11:00", "2026-03-10T11:00", LIVE),
        (MINUTES, "2026-03-10T15:30", "2026-03-10T18:00", timedelta(hours=14, minutes=55)),
        # Figures that nobody publishes or collects.
        (("minute_bars",), "2026-03-10T15:30", "2026-03-10T18:00", DAY),
        ((), None, "2026-03-10T18:00", DAY),
    ],
)
def test_what_was_read_stays_true_until_it_can_change(
    reads: tuple[str, ...], as_of: str | None, now: str, expected: timedelta
) -> None:
    assert expected == lifetime(reads, None if as_of is None else at(as_of), at(now))


DATASETS = sorted({*timetable.COLLECTED_BY, *(rule.dataset for rule in publication.RULES), "minute_bars"})


@given(
    reads=st.sets(st.sampled_from(DATASETS), max_size=5),
    now=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)),
    back=st.integers(0, 30),
)
def test_no_publication_falls_into_the_time_that_an_answer_is_kept(reads: set[str], now: datetime, back: int) -> None:
    """Whatever is read, whenever: kept at least 30 seconds and at most a day, and never beyond a publication."""
    moment = now.replace(tzinfo=SEOUL)
    newest = sessions.previous(moment.date(), back + 1)
    as_of = datetime.combine(newest, datetime.min.time(), SEOUL) + timedelta(hours=15, minutes=30)
    span = lifetime(reads, as_of, moment)
    assert LIVE <= span <= DAY
    for name in reads:
        if publication.ruled(name):
            published = publication.known_at(name, sessions.next(newest))
            assert not (moment + SOON < published < moment + span), (name, newest)


def test_dates_beyond_the_calendar_are_kept_and_never_an_error() -> None:
    for now in ("2027-12-31T23:00", "2030-01-01T12:00", "2004-01-01T12:00"):
        assert SOON <= lifetime(FLOWS, None, at(now)) <= DAY


def test_an_answer_is_kept_until_the_morning_and_the_shortest_part_of_a_page_decides(archive: Archive) -> None:
    """2026-03-02 is a holiday: nothing changes before the list of stocks next morning at 08:05."""

    async def hints(client: Any) -> Any:
        uris = ("investor-trading", "snapshot", "series")
        return [await client.read_resource(f"sugeup://stock/005930/{uri}") for uri in uris]

    morning = timedelta(hours=20, minutes=5)
    assert date(2026, 3, 3) == sessions.next(date(2026, 2, 27))
    for found in ask(archive, "auto", hints):
        assert (int(morning.total_seconds()) * 1000, "private") == (found.ttl_ms, found.cache_scope)


def test_the_sample_is_kept_for_a_day_since_it_never_changes(sample: Archive) -> None:
    found = ask(sample, "auto", lambda client: client.read_resource("sugeup://stock/005930/investor-trading"))
    assert (mcp_freshness.DAY.total_seconds() * 1000, "private") == (found.ttl_ms, found.cache_scope)
