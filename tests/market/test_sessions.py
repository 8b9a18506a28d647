"""The trading calendar: agreement with published index data, closings, hours, counting, and what is not known."""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.errors import NoData, Refused
from sugeup.market import calendar_tables as tables
from sugeup.market import sessions

FIXTURE = Path(__file__).parent.parent / "fixtures" / "index_sessions.csv"
YEARS = range(2005, 2028)
DAYS = st.dates(date(2006, 1, 1), date(2026, 12, 31))


def index_dates() -> list[date]:
    """Dates of the published daily KOSPI, KOSPI200 and KOSDAQ data, one line a month: `2005-01,3 4 5 ...`."""
    with FIXTURE.open(encoding="utf-8") as file:
        return [
            date.fromisoformat(f"{row['month']}-{int(day):02d}")
            for row in csv.DictReader(file)
            for day in row["days"].split()
        ]


def test_every_date_of_the_index_data_is_a_session_and_no_other_date_is() -> None:
    dates = index_dates()
    assert (dates[0], dates[-1], len(dates)) == (date(2005, 1, 3), tables.OBSERVED_UNTIL, 5333)
    assert sessions.sessions(tables.FIRST, tables.OBSERVED_UNTIL) == tuple(dates)


def test_no_closure_lies_on_a_weekend_and_each_has_a_reason_and_known_evidence() -> None:
    for row in tables.closures().values():
        assert row.date.weekday() < 5
        assert row.reason_ko and row.reason_en
        assert row.evidence in tables.EVIDENCE
    assert list(tables.closures()) == sorted(tables.closures())


def test_closures_up_to_the_last_index_date_are_observed_and_later_ones_are_not() -> None:
    for row in tables.closures().values():
        assert (row.evidence == "index-data") == (row.date <= tables.OBSERVED_UNTIL)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2005-04-05", "식목일"),
        ("2006-05-05", "어린이날·부처님오신날"),
        ("2007-12-19", "대통령선거"),
        ("2008-04-09", "국회의원선거"),
        ("2014-09-10", "추석 대체공휴일"),
        ("2015-08-14", "임시공휴일(광복 70주년)"),
        ("2017-05-09", "대통령선거"),
        ("2020-08-17", "임시공휴일(광복절 연휴)"),
        ("2024-02-12", "설날 대체공휴일"),
        ("2024-10-01", "임시공휴일(국군의 날)"),
        ("2025-01-27", "임시공휴일(설 연휴)"),
        ("2025-06-03", "대통령선거"),
        ("2026-05-01", "노동절"),
        ("2026-06-03", "지방선거"),
        ("2026-07-17", "제헌절"),
        ("2023-12-29", "연말휴장일"),
    ],
)
def test_a_closed_day_names_its_reason(day: str, reason: str) -> None:
    row = sessions.closure(date.fromisoformat(day))
    assert row is not None
    assert row.reason_ko == reason
    assert not sessions.is_session(row.date)


def test_the_closings_of_2027_follow_the_almanac() -> None:
    days = " ".join(row.date.strftime("%m-%d") for row in sessions.closed(2027))
    assert days == ("01-01 02-08 02-09 03-01 05-03 05-05 05-13 07-19 08-16 09-14 09-15 09-16 10-04 10-11 12-27 12-31")
    doubtful = sessions.closure(date(2027, 5, 3))
    assert doubtful is not None and doubtful.note.startswith("doubtful")


def test_chuseok_2026_on_a_saturday_gets_no_substitute_holiday() -> None:
    assert not sessions.is_session(date(2026, 9, 25))
    assert sessions.is_session(date(2026, 9, 28))


@pytest.mark.parametrize("year", YEARS)
def test_every_year_has_240_to_253_sessions_and_closes_its_last_weekday(year: int) -> None:
    days = sessions.sessions(date(year, 1, 1), date(year, 12, 31))
    assert 240 <= len(days) <= 253
    weekdays = [date(year, 1, 1) + timedelta(days=i) for i in range(366)]
    last_weekday = max(day for day in weekdays if day.year == year and day.weekday() < 5)
    assert not sessions.is_session(last_weekday)


@pytest.mark.parametrize(
    ("day", "opens", "closes", "kind", "evidence"),
    [
        ("2005-01-03", "10:00", "15:00", "FIRST_SESSION", "press"),
        ("2005-11-18", "09:00", "15:00", "REGULAR", "index-data"),
        ("2005-11-23", "10:00", "16:00", "CSAT", "list"),
        ("2008-11-13", "10:00", "16:00", "CSAT", "press"),
        ("2016-07-29", "09:00", "15:00", "REGULAR", "index-data"),
        ("2016-08-01", "09:00", "15:30", "REGULAR", "index-data"),
        ("2016-11-17", "10:00", "16:30", "CSAT", "press"),
        ("2017-11-16", "10:00", "16:30", "CSAT", "press"),
        ("2017-11-23", "10:00", "16:30", "CSAT", "press"),
        ("2020-12-03", "10:00", "16:30", "CSAT", "press"),
        ("2025-11-13", "10:00", "16:30", "CSAT", "press"),
        ("2026-01-02", "10:00", "15:30", "FIRST_SESSION", "press"),
        ("2026-08-13", "09:00", "15:30", "REGULAR", "index-data"),
        ("2026-08-14", "09:00", "15:30", "REGULAR", "expected"),
        ("2026-11-19", "10:00", "16:30", "CSAT", "expected"),
        ("2027-01-04", "10:00", "15:30", "FIRST_SESSION", "expected"),
        ("2027-11-18", "10:00", "16:30", "CSAT", "expected"),
    ],
)
def test_krx_hours_of_that_day(day: str, opens: str, closes: str, kind: str, evidence: str) -> None:
    found = sessions.session(date.fromisoformat(day))
    assert (found.open, found.close) == (time.fromisoformat(opens), time.fromisoformat(closes))
    assert (found.kind, found.evidence, found.state) == (kind, evidence, "OPEN")


@pytest.mark.parametrize("year", YEARS)
def test_each_year_marks_its_first_session_and_its_exam_day(year: int) -> None:
    found = [sessions.session(day) for day in sessions.sessions(date(year, 1, 1), date(year, 12, 31))]
    special = [(part.kind, part.date) for part in found if part.kind != "REGULAR"]
    assert special[0] == ("FIRST_SESSION", found[0].date)
    assert [kind for kind, _ in special[1:]] == ["CSAT"] * (2 if year == 2017 else 1)


def test_hours_are_null_exactly_where_unknown_or_not_run() -> None:
    for row in tables.special_hours().values():
        part = sessions.session(row.date, row.venue, row.phase)
        assert (part.open is None) == (part.close is None)
        assert (part.state == "OPEN") == (part.open is not None)
        assert part.evidence in tables.EVIDENCE
        assert part.note
        if part.state == "NOT_RUN":
            assert part.note.startswith("미운영")


@pytest.mark.parametrize("day", [date(2006, 1, 2), date(2017, 1, 2)])
def test_first_sessions_without_evidence_have_unknown_hours(day: date) -> None:
    part = sessions.session(day)
    assert (part.open, part.close, part.evidence, part.state) == (None, None, "unknown", "UNKNOWN")
    assert sessions.open_at(day) is None
    assert sessions.close_at(day) is None
    assert sessions.calendar(day.year)["sessions"][0]["open"] is None


def test_special_hours_lie_on_sessions_and_no_phase_ends_before_it_opens() -> None:
    for row in tables.special_hours().values():
        assert sessions.is_session(row.date)
        assert row.phase in sessions.PHASES[row.venue]
        assert row.kind in sessions.KIND_LABELS
        assert row.open is None or (row.close is not None and row.open < row.close)


def test_nxt_opened_at_ten_without_a_pre_market_on_its_first_day() -> None:
    assert not sessions.venue_open("NXT", date(2025, 2, 28))
    assert sessions.venue_open("NXT", date(2025, 3, 4))
    pre, main, single, after = sessions.phases(date(2025, 3, 4), "NXT")
    assert (pre.state, main.open, main.close, main.kind) == ("NOT_RUN", time(10), time(15, 20), "LAUNCH")
    assert (single.open, after.open, after.close) == (time(15, 30), time(15, 40), time(20))


def test_nxt_usual_hours_from_its_second_day() -> None:
    found = [(part.open, part.close, part.evidence) for part in sessions.phases(date(2025, 3, 5), "NXT")]
    assert found == [
        (time(8), time(8, 50), "inferred"),
        (time(9, 0, 30), time(15, 20), "inferred"),
        (time(15, 30), time(15, 40), "inferred"),
        (time(15, 40), time(20), "inferred"),
    ]


def test_nxt_moves_one_hour_on_the_exam_day_and_skips_the_pre_market() -> None:
    pre, main, _, after = sessions.phases(date(2025, 11, 13), "NXT")
    assert pre.state == "NOT_RUN"
    assert (main.open, main.close, after.open, after.close) == (time(10, 0, 30), time(16, 20), time(16, 40), time(20))


def test_the_krx_after_market_begins_on_2026_09_14_and_is_unknown_on_exam_days() -> None:
    assert len(sessions.phases(date(2026, 9, 11))) == 1
    after = sessions.session(date(2026, 9, 14), phase="AFTER")
    assert (after.open, after.close) == (time(16), time(20))
    assert sessions.session(date(2026, 11, 19), phase="AFTER").evidence == "unknown"
    with pytest.raises(NoData, match="it began on 2026-09-14") as caught:
        sessions.session(date(2026, 9, 11), phase="AFTER")
    assert caught.value.code == "OUT_OF_HISTORY"


def test_instants_carry_the_offset_of_seoul() -> None:
    opens, closes = sessions.open_at(date(2026, 8, 13)), sessions.close_at(date(2026, 8, 13), "NXT", "AFTER")
    assert opens is not None and opens.isoformat() == "2026-08-13T09:00:00+09:00"
    assert closes is not None and closes.isoformat() == "2026-08-13T20:00:00+09:00"
    assert isinstance(opens, datetime)


def test_the_window_crossing_seollal_2024_skips_the_holidays() -> None:
    expected = [date(2024, 2, day) for day in (5, 6, 7, 8, 13)]
    assert list(sessions.last(5, date(2024, 2, 13))) == expected
    assert sessions.previous(date(2024, 2, 13)) == date(2024, 2, 8)
    assert sessions.next(date(2024, 2, 8)) == date(2024, 2, 13)
    assert sessions.count_between(date(2024, 2, 5), date(2024, 2, 13)) == 5
    assert sessions.last(1, date(2024, 2, 12)) == (date(2024, 2, 8),)


@given(DAYS, st.integers(1, 200))
def test_the_last_n_sessions_are_n_consecutive_sessions_up_to_as_of(as_of: date, n: int) -> None:
    window = sessions.last(n, as_of)
    assert len(window) == n
    assert window == sessions.sessions(window[0], as_of)
    assert window[-1] == (as_of if sessions.is_session(as_of) else sessions.previous(as_of))


@given(DAYS, st.integers(1, 200))
def test_next_undoes_previous_on_sessions(day: date, n: int) -> None:
    start = sessions.last(1, day)[0]
    back = sessions.previous(start, n)
    assert sessions.next(back, n) == start
    assert sessions.count_between(back, start) == n + 1


@given(DAYS)
def test_a_date_is_a_session_or_a_weekend_or_has_a_closure(day: date) -> None:
    kinds = [sessions.is_session(day), day.weekday() >= 5, sessions.closure(day) is not None]
    assert sum(kinds) == 1


def test_the_calendar_of_a_year_is_plain_json_of_sessions_and_closings() -> None:
    year = sessions.calendar(2026)
    assert (year["year"], len(year["sessions"]), len(year["closed"])) == (2026, 244, 17)
    first = year["sessions"][0]
    assert (first["date"], first["open"], first["close"], first["label"]) == (
        "2026-01-02",
        "10:00",
        "15:30",
        "연초 개장일",
    )
    assert first["nxt"]["pre"]["open"] is None
    assert first["nxt"]["main"]["open"] == "10:00:30"
    assert "after_market" not in first
    launch = next(day for day in year["sessions"] if day["date"] == "2026-09-14")
    assert launch["after_market"] == {"open": "16:00", "close": "20:00", "evidence": "expected"}
    closed = {row["date"]: row for row in year["closed"]}
    assert closed["2026-02-17"] == {"date": "2026-02-17", "reason": "설날 Lunar New Year", "evidence": "index-data"}
    assert closed["2026-12-25"]["evidence"] == "law"
    assert "nxt" not in sessions.calendar(2024)["sessions"][0]


@pytest.mark.parametrize("year", [1999, 2004, 2028])
def test_a_year_outside_the_table_is_out_of_history_and_names_the_years(year: int) -> None:
    for ask in (sessions.calendar, sessions.closed):
        with pytest.raises(NoData, match="2005 to 2027") as caught:
            ask(year)
        assert caught.value.code == "OUT_OF_HISTORY"


def test_dates_and_counts_beyond_the_table_are_refused_rather_than_guessed() -> None:
    for ask in (sessions.is_session, sessions.is_expected, sessions.next, sessions.previous):
        with pytest.raises(NoData, match="2005 to 2027"):
            ask(date(2028, 1, 3))
    with pytest.raises(NoData, match="10 sessions up to 2005-01-05"):
        sessions.last(10, date(2005, 1, 5))
    with pytest.raises(NoData, match="1 sessions after 2027-12-30"):
        sessions.next(date(2027, 12, 30))
    with pytest.raises(NoData, match="1 sessions before 2005-01-03"):
        sessions.previous(date(2005, 1, 3))


def test_hours_of_a_closed_day_name_the_reason() -> None:
    with pytest.raises(NoData, match="제헌절 Constitution Day") as caught:
        sessions.session(date(2026, 7, 17))
    assert caught.value.code == "MARKET_CLOSED"
    with pytest.raises(NoData, match="주말 weekend"):
        sessions.open_at(date(2026, 8, 15))
    assert not sessions.venue_open("NXT", date(2026, 7, 17))


def test_unknown_venues_phases_and_impossible_arguments_are_refused() -> None:
    with pytest.raises(Refused, match="KRX, NXT"):
        sessions.session(date(2026, 8, 13), "CONSOLIDATED")
    with pytest.raises(Refused, match="PRE, MAIN"):
        sessions.session(date(2026, 8, 13), "NXT", "REGULAR")
    with pytest.raises(Refused, match="1 or more"):
        sessions.last(0, date(2026, 8, 13))
    with pytest.raises(Refused, match="later than"):
        sessions.sessions(date(2026, 8, 13), date(2026, 8, 12))


def test_every_answer_after_the_index_data_says_that_it_is_expected() -> None:
    assert not sessions.is_expected(tables.OBSERVED_UNTIL)
    assert sessions.is_expected(tables.OBSERVED_UNTIL + timedelta(days=1))
    for day in sessions.sessions(tables.OBSERVED_UNTIL + timedelta(days=1), tables.LAST):
        for venue in sessions.PHASES:
            assert {part.evidence for part in sessions.phases(day, venue)} <= {"expected", "unknown"}
