"""시간표: at what times in Seoul the jobs run, and which session a moment belongs to. Pure: nothing runs here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sugeup.errors import NoData
from sugeup.market import calendar_tables, sessions
from sugeup.market.sessions import SEOUL


class On(StrEnum):
    """On which days a job runs."""

    SESSION = "session"
    """Days on which the exchange trades."""
    DAY = "day"
    """Every day."""


@dataclass(frozen=True)
class Entry:
    """One line of the timetable: the job's name, its time in Seoul, its days; `until`: every hour up to that time."""

    job: str
    at: time
    on: On
    until: time | None = None

    @property
    def times(self) -> tuple[time, ...]:
        """The times of a day, the first one first."""
        hours = range(self.at.hour, (self.until or self.at).hour + 1)
        return tuple(self.at.replace(hour=hour) for hour in hours)

    @property
    def when(self) -> str:
        """In words."""
        hourly = "" if self.until is None else f" to {self.until:%H:%M} every hour"
        return f"{self.at:%H:%M}{hourly} {'on trading days' if self.on is On.SESSION else 'every day'}"


TIMETABLE: tuple[Entry, ...] = (
    Entry("universe", time(8, 5), On.SESSION),
    Entry("confirm", time(8, 10), On.SESSION),
    Entry("intraday", time(8, 55), On.SESSION),
    Entry("daily", time(19, 0), On.SESSION),
    Entry("analyse", time(19, 30), On.SESSION, until=time(23, 30)),
    Entry("compact", time(2, 30), On.DAY),
    Entry("verify", time(3, 30), On.DAY),
    Entry("refit", time(4, 30), On.DAY),
)
"""In the order of a day that begins with the list of stocks."""

COLLECTED_BY: dict[str, str] = {
    "instruments": "universe",
    "designations": "universe",
    "sector_membership": "universe",
    "index_day": "daily",
    "daily_bars": "daily",
    "investor_day_market": "daily",
    "investor_day_stock": "daily",
    "program_day_market": "daily",
    "program_day_stock": "daily",
    "short_day": "daily",
    "corporate_actions": "daily",
    "market_funds": "daily",
    "filings": "daily",
    "index_minute": "intraday",
    "futures_minute": "intraday",
    "investor_minute_market": "intraday",
    "program_minute_market": "intraday",
    "stock_estimate": "intraday",
    "foreign_holding": "confirm",
    "short_balance": "confirm",
    "lending": "confirm",
    "credit": "confirm",
    "signals": "analyse",
    "calibrations": "refit",
}
"""The job that collects a dataset; one that is not here comes from files only."""
PAST: frozenset[str] = frozenset(name for name, job in COLLECTED_BY.items() if job == "daily") - {
    "instruments",
    "filings",
} | {"foreign_holding", "short_balance"}
"""Datasets whose past `backfill` fills, those of positions where a source gives it."""

EVENING = time(18, 35)
"""From when on the figures of a session can be collected."""
FINAL_ROW = time(15, 40)
"""The last moment of the running session's figures."""


def entry(job: str) -> Entry | None:
    """The line of a job; None for one that runs only when it is called."""
    return next((one for one in TIMETABLE if one.job == job), None)


def next_run(one: Entry, after: datetime) -> datetime | None:
    """The next time of an entry later than a moment, in UTC; None beyond the table of sessions."""
    local = after.astimezone(SEOUL)
    day, left = local.date(), [at for at in one.times if at > local.time()]
    while day <= calendar_tables.LAST:
        if left and (one.on is On.DAY or (day >= calendar_tables.FIRST and sessions.is_session(day))):
            return datetime.combine(day, left[0], SEOUL).astimezone(UTC)
        day, left = day + timedelta(days=1), list(one.times)
    return None


def collected(now: datetime) -> date:
    """The newest session whose evening has come; raises NoData outside the table of sessions."""
    local = now.astimezone(SEOUL)
    today = local.date()
    if sessions.is_session(today) and local.time() >= EVENING:
        return today
    return sessions.previous(today)


def running(now: datetime) -> date | None:
    """Today if the exchange trades today, else None."""
    today = now.astimezone(SEOUL).date()
    try:
        return today if sessions.is_session(today) else None
    except NoData:
        return None


def ends(session: date) -> datetime:
    """When the last figure of a session's day is polled, in UTC: ten minutes after its close."""
    close = sessions.close_at(session)
    if close is None:
        return datetime.combine(session, FINAL_ROW, SEOUL).astimezone(UTC)
    return (close + timedelta(minutes=10)).astimezone(UTC)
