"""When a row becomes known: the rule of its dataset and time, never earlier."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup import records
from sugeup.market import publication, sessions


@pytest.mark.parametrize(
    ("dataset", "session", "seoul"),
    [
        ("investor_day_market", date(2024, 5, 3), "2024-05-03 18:30"),
        ("investor_day_market", date(2025, 3, 4), "2025-03-05 08:10"),
        ("investor_day_stock", date(2026, 2, 13), "2026-02-19 08:10"),  # 설날 lies between
        ("short_balance", date(2026, 2, 11), "2026-02-19 18:30"),
        ("foreign_holding", date(2026, 2, 27), "2026-03-03 08:00"),  # 삼일절 and its substitute
        ("index_day", date(2026, 2, 27), "2026-02-27 18:30"),
        ("market_funds", date(2026, 2, 12), "2026-02-19 08:00"),  # 설날 lies between
        ("market_funds", date(2026, 8, 20), "2026-08-24 08:00"),
        ("stock_estimate", date(2026, 2, 9), "2026-02-09 14:40"),  # the last slot
        ("instruments", date(2026, 2, 28), "2026-02-28 00:00"),
    ],
)
def test_a_row_is_known_when_its_rule_says(dataset: str, session: date, seoul: str) -> None:
    known = publication.known_at(dataset, session)
    assert UTC.utcoffset(None) == known.utcoffset()
    assert seoul == f"{known.astimezone(publication.SEOUL):%Y-%m-%d %H:%M}"


def test_a_first_seen_stamp_is_kept_and_a_missing_one_is_filled() -> None:
    seen = datetime(2026, 2, 13, 10, 0, tzinfo=UTC)
    frame = pl.DataFrame(
        {"session": [date(2026, 2, 13)] * 2, "known_at": [seen, None]},
        schema={"session": pl.Date, "known_at": pl.Datetime("us", "UTC")},
    )
    stamped = publication.stamp("index_day", frame, "session")["known_at"].to_list()
    assert [seen, datetime(2026, 2, 13, 9, 30, tzinfo=UTC)] == stamped


def test_a_minute_row_is_known_when_its_minute_has_ended() -> None:
    at = datetime(2026, 6, 19, 1, 4, tzinfo=UTC)
    frame = pl.DataFrame({"session": [date(2026, 6, 19)], "at": [at]})
    stamped = publication.stamp("investor_minute_market", frame, "session")["known_at"].item()
    assert datetime(2026, 6, 19, 1, 5, tzinfo=UTC) == stamped


def test_a_trade_is_known_when_its_minute_has_ended() -> None:
    at = datetime(2025, 11, 26, 1, 11, 25, tzinfo=UTC)
    frame = pl.DataFrame({"session": [date(2025, 11, 26)], "at": [at]})
    assert datetime(2025, 11, 26, 1, 12, tzinfo=UTC) == publication.stamp("ticks", frame, "session")["known_at"].item()


def test_a_tally_is_known_ten_minutes_after_the_nominal_time_of_its_slot() -> None:
    frame = pl.DataFrame({"session": [date(2026, 2, 9)] * 5, "slot": [1, 2, 3, 4, 5]})
    stamped = publication.stamp("stock_estimate", frame, "session")["known_at"].dt.convert_time_zone("Asia/Seoul")
    assert ["09:40", "10:10", "11:30", "13:30", "14:40"] == stamped.dt.strftime("%H:%M").to_list()


SESSIONS = st.sampled_from(sessions.sessions(date(2005, 1, 3), date(2026, 11, 20)))
DAILY = sorted(name for name, one in records.datasets().items() if one.dated == "session")


@given(dataset=st.sampled_from(DAILY), session=SESSIONS)
def test_no_row_of_a_day_is_known_before_its_day_and_stamps_follow_the_rule(dataset: str, session: date) -> None:
    known = publication.known_at(dataset, session)
    assert known >= datetime.combine(session, time(0), publication.SEOUL)
    stamped = publication.stamp(dataset, pl.DataFrame({"session": [session]}), "session")["known_at"].item()
    assert known == stamped


@given(session=SESSIONS)
def test_funds_are_never_known_before_the_second_session_after_theirs(session: date) -> None:
    known = publication.known_at("market_funds", session).astimezone(publication.SEOUL)
    assert (known.date(), known.time()) == (sessions.next(session, 2), time(8, 0))


@given(session=SESSIONS, slot=st.integers(1, 5))
def test_a_later_slot_is_known_later_and_none_before_its_nominal_time(session: date, slot: int) -> None:
    frame = pl.DataFrame({"session": [session] * 2, "slot": [slot, min(slot + 1, 5)]})
    first, following = publication.stamp("stock_estimate", frame, "session")["known_at"].to_list()
    nominal = datetime.combine(session, publication.SLOTS[slot - 1], publication.SEOUL)
    assert first - nominal == publication.SLOT_TOLERANCE
    assert following > first or slot == 5
    assert following <= publication.known_at("stock_estimate", session)


@given(session=SESSIONS, second=st.integers(0, 24 * 3600 - 1), dataset=st.sampled_from(["ticks", "minute_bars"]))
def test_a_moment_is_known_after_it_and_within_a_minute(session: date, second: int, dataset: str) -> None:
    at = datetime.combine(session, time(0), publication.SEOUL).astimezone(UTC) + timedelta(seconds=second)
    frame = pl.DataFrame({"session": [session], "at": [at]}, schema_overrides={"at": pl.Datetime("us", "UTC")})
    known = publication.stamp(dataset, frame, "session")["known_at"].item()
    assert timedelta(0) < known - at <= timedelta(minutes=1)
    assert known.second == 0
