"""거래일 원표: the dated rows behind `sessions`, read once from the CSV files beside this module.

Three files in `data/`: `closures.csv` (weekdays on which the exchange is closed), `hours.csv` (usual hours, from a date
on) and `special_hours.csv` (days on which the hours differ). Every row names its evidence; docs/calendar.md explains
the classes and how to add a row. Times are wall-clock time in Seoul.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from importlib import resources

FIRST = date(2005, 1, 1)
LAST = date(2027, 12, 31)
"""The table answers for every date from FIRST to LAST, both included."""

OBSERVED_UNTIL = date(2026, 8, 13)
"""Last date checked against published index data; every later answer is expected, not observed."""

EVIDENCE: Mapping[str, str] = {
    "index-data": "지수 자료로 확인: the published daily index data have (or lack) this date",
    "press": "보도: a dated report of the exchange's notice",
    "list": "공개 목록: a dated entry of a public calendar project, its report not read",
    "vendor": "사업자 공지: notes of brokers and their API users",
    "law": "법령 예정: follows from the public-holiday law and the almanac 월력요항",
    "exchange-rule": "거래소 관례 예정: the exchange's own closing, no notice yet",
    "expected": "예정: lies after the last observed date and follows the rule or the custom",
    "inferred": "추정: NXT is taken to trade on the days of KRX",
    "unknown": "미상: no evidence found, so the hours are null",
}


@dataclass(frozen=True)
class Closure:
    """A weekday on which the exchange is closed 휴장일; `note` holds doubts and sources and may be empty."""

    date: date
    reason_ko: str
    reason_en: str
    evidence: str
    note: str

    @property
    def reason(self) -> str:
        """Korean and English reason in one text, e.g. `설날 Lunar New Year`."""
        return f"{self.reason_ko} {self.reason_en}"


@dataclass(frozen=True)
class Hours:
    """Usual hours of one phase of a venue's day, from `first` to `last` (None: still valid)."""

    venue: str
    phase: str
    first: date
    last: date | None
    open: time
    close: time
    evidence: str
    note: str


@dataclass(frozen=True)
class SpecialHours:
    """Hours of one phase on one day; both None: not known if evidence is `unknown`, otherwise the phase did not run."""

    date: date
    venue: str
    phase: str
    kind: str
    open: time | None
    close: time | None
    evidence: str
    note: str


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("sugeup.market").joinpath("data", name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _time(text: str) -> time | None:
    return time.fromisoformat(text) if text else None


@cache
def closures() -> Mapping[date, Closure]:
    """Closed weekdays by date, in order of date."""
    rows = (
        Closure(date.fromisoformat(r["date"]), r["reason_ko"], r["reason_en"], r["evidence"], r["note"])
        for r in _rows("closures.csv")
    )
    return {row.date: row for row in rows}


@cache
def hours() -> Mapping[tuple[str, str], tuple[Hours, ...]]:
    """Usual hours by venue and phase, each in order of date; the order of keys is the order of the day."""
    found: dict[tuple[str, str], tuple[Hours, ...]] = {}
    for r in _rows("hours.csv"):
        row = Hours(
            r["venue"],
            r["phase"],
            date.fromisoformat(r["first"]),
            date.fromisoformat(r["last"]) if r["last"] else None,
            time.fromisoformat(r["open"]),
            time.fromisoformat(r["close"]),
            r["evidence"],
            r["note"],
        )
        found[row.venue, row.phase] = (*found.get((row.venue, row.phase), ()), row)
    return found


@cache
def special_hours() -> Mapping[tuple[date, str, str], SpecialHours]:
    """Days with other hours, by date, venue and phase."""
    rows = (
        SpecialHours(
            date.fromisoformat(r["date"]),
            r["venue"],
            r["phase"],
            r["kind"],
            _time(r["open"]),
            _time(r["close"]),
            r["evidence"],
            r["note"],
        )
        for r in _rows("special_hours.csv")
    )
    return {(row.date, row.venue, row.phase): row for row in rows}


@cache
def session_days() -> tuple[date, ...]:
    """Every trading day 거래일 from FIRST to LAST: the weekdays that are not closures."""
    closed = closures()
    days = (FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1))
    return tuple(day for day in days if day.weekday() < 5 and day not in closed)
