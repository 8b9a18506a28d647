"""The timetable knows the exchange's days; the scheduler keeps it, and so do the files for other schedulers."""

from __future__ import annotations

import re
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.base import STATE_RUNNING
from hypothesis import given
from hypothesis import strategies as st

from sugeup import jobs
from sugeup.faces import cli
from sugeup.jobs.job import Options, Work
from sugeup.jobs.schedule import Schedule, SessionTrigger
from sugeup.market import sessions, timetable
from sugeup.market.sessions import SEOUL
from sugeup.market.timetable import TIMETABLE, On
from tests.support.vendors import SetClock, desk

DEPLOY = Path(__file__).parents[2] / "deploy"
DAILY, COMPACT = timetable.entry("daily"), timetable.entry("compact")


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL).astimezone(UTC)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-02-13 18:59", "2026-02-13 19:00"),
        ("2026-02-13 19:00", "2026-02-19 19:00"),  # a Friday before 설날
        ("2026-02-14 09:00", "2026-02-19 19:00"),
        ("2026-06-02 19:30", "2026-06-04 19:00"),  # local elections on June 3
    ],
)
def test_a_job_of_trading_days_waits_for_the_next_one(after: str, expected: str) -> None:
    assert DAILY is not None
    assert seoul(expected) == timetable.next_run(DAILY, seoul(after))


def test_beyond_the_table_of_sessions_nothing_is_promised() -> None:
    assert DAILY is not None
    assert timetable.next_run(DAILY, seoul("2027-12-31 23:00")) is None


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 6, 30)), st.sampled_from(TIMETABLE))
def test_the_next_run_is_later_at_its_time_and_on_its_days(moment: datetime, entry: timetable.Entry) -> None:
    after = moment.replace(tzinfo=SEOUL)
    found = timetable.next_run(entry, after)
    assert found is not None and found > after
    local = found.astimezone(SEOUL)
    assert local.time() in entry.times and (entry.on is On.DAY or sessions.is_session(local.date()))


def test_a_job_of_every_hour_comes_back_until_its_last_time_of_the_day() -> None:
    hourly = timetable.entry("analyse")
    assert hourly is not None and "19:30 to 23:30 every hour on trading days" == hourly.when
    moment = seoul("2026-02-13 19:00")
    found = []
    for _ in range(6):
        moment = timetable.next_run(hourly, moment) or moment
        found.append(moment)
    assert [seoul(f"2026-02-13 {hour}:30") for hour in range(19, 24)] == found[:5]
    assert seoul("2026-02-19 19:30") == found[5]


def test_the_evening_belongs_to_the_session_and_the_morning_to_the_one_before() -> None:
    assert date(2026, 2, 13) == timetable.collected(seoul("2026-02-13 19:00"))
    assert date(2026, 2, 12) == timetable.collected(seoul("2026-02-13 18:00"))
    assert date(2026, 2, 13) == timetable.collected(seoul("2026-02-16 19:00"))


def test_every_line_of_the_timetable_names_a_job() -> None:
    assert {entry.job for entry in TIMETABLE} <= {*jobs.jobs()}
    assert set(timetable.COLLECTED_BY.values()) <= {*jobs.jobs()}


def test_a_trigger_that_fired_does_not_fire_for_the_same_time_again() -> None:
    assert DAILY is not None
    clock = SetClock(seoul("2026-02-13 18:59:59"))
    now = datetime(2026, 2, 13, 18, 59, 59, tzinfo=SEOUL)
    trigger = SessionTrigger(DAILY, clock)
    first = trigger.get_next_fire_time(None, now)
    assert first == now + timedelta(seconds=1)
    following = trigger.get_next_fire_time(first, now)
    assert following is not None and following > now + timedelta(days=1)


def test_the_scheduler_runs_what_was_missed_today_and_stops_when_asked(tmp_path: Path) -> None:
    days = sessions.sessions(date(2026, 1, 5), date(2026, 2, 13))
    market = desk(tmp_path, days)
    made: list[Options] = []

    def make(options: Options, _tell: object, stop: threading.Event) -> Work:
        made.append(options)
        work = market.work(floor=options.floor)
        work.stop = stop
        return work

    schedule = Schedule(make, market.clock, floor=7)
    schedule.start()
    try:
        assert STATE_RUNNING == schedule._scheduler.state
        for _ in range(300):
            if any(run.job == "daily" and run.ended_at for run in market.archive.coverage().runs):
                break
            time.sleep(0.05)
    finally:
        schedule.stop()
    run = next(one for one in market.archive.coverage().runs if one.job == "daily")
    assert ("completed", days[-1]) == (run.state.value, run.session)
    assert {7} == {options.floor for options in made}
    assert ["analyse", "compact", "verify", "refit", "universe", "confirm", "intraday", "daily"] == [
        name for name, _ in schedule.next_runs()
    ]


def commands() -> list[list[str]]:
    """Every `sugeup …` in what is delivered for other schedulers."""
    found = []
    for file in sorted(DEPLOY.rglob("*")):
        if file.is_file():
            for line in file.read_text(encoding="utf-8").splitlines():
                if not line.startswith("#") and (match := re.search(r"(?:^|[\s/])sugeup ([a-z][^#]*)$", line)):
                    found.append(match[1].split())
    return found


def test_every_command_that_is_delivered_exists() -> None:
    given = commands()
    assert 8 <= len(given)
    for words in given:
        assert 0 == cli.run([*[word for word in words if word != "%i"], "--help"]), words


def test_cron_and_timers_keep_the_timetable() -> None:
    cron = (DEPLOY / "crontab").read_text(encoding="utf-8")
    for entry in TIMETABLE:
        days = "1-5" if entry.on is On.SESSION else "*"
        hours = f"{entry.at.hour}" if entry.until is None else f"{entry.at.hour}-{entry.until.hour}"
        assert f"{entry.at.minute} {hours} * * {days} sugeup job run {entry.job}\n" in cron
        timer = (DEPLOY / "systemd" / f"sugeup-{entry.job}.timer").read_text(encoding="utf-8")
        first = f"{entry.at:%H}" if entry.until is None else f"{entry.at:%H}..{entry.until:%H}"
        assert f"{'Mon..Fri ' if entry.on is On.SESSION else ''}*-*-* {first}:{entry.at:%M}:00 Asia/Seoul" in timer
        assert f"Unit=sugeup-job@{entry.job}.service" in timer
