"""거래일: on which days the Korean market trades, and during which hours, 2005-01-01 to 2027-12-31.

Pure functions over our own dated table (`calendar_tables`, docs/calendar.md). No network, no clock: whoever asks about
"today" brings the date. A session is a date in Seoul; hours are Seoul wall-clock time, and `open_at` and `close_at`
give instants with the Asia/Seoul offset. Hours are null only where no evidence was found (`unknown`) or where a phase
did not run. Later than `calendar_tables.OBSERVED_UNTIL` everything is expected, not observed, and says so.

Errors: `NoData(OUT_OF_HISTORY)` for dates the table, the venue or the phase does not cover, `NoData(MARKET_CLOSED)` for
hours of a day without trading, `Refused(INVALID_ARGUMENT)` for an unknown venue or phase and impossible counts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sugeup.errors import NoData, Refused
from sugeup.market import calendar_tables as tables
from sugeup.market.calendar_tables import Closure

SEOUL = ZoneInfo("Asia/Seoul")

PHASES: dict[str, tuple[str, ...]] = {"KRX": ("REGULAR", "AFTER"), "NXT": ("PRE", "MAIN", "SINGLE_PRICE", "AFTER")}
"""Phases of a day by venue, in order of time."""

MAIN_PHASE: dict[str, str] = {"KRX": "REGULAR", "NXT": "MAIN"}
"""The phase meant when none is named."""

VENUE_LABELS: dict[str, str] = {"KRX": "한국거래소", "NXT": "넥스트레이드"}
PHASE_LABELS: dict[str, str] = {
    "REGULAR": "정규시장",
    "PRE": "프리마켓",
    "MAIN": "메인마켓",
    "SINGLE_PRICE": "단일가매매",
    "AFTER": "애프터마켓",
}
KIND_LABELS: dict[str, str] = {
    "REGULAR": "정규 거래일",
    "FIRST_SESSION": "연초 개장일",
    "CSAT": "대학수학능력시험일",
    "LAUNCH": "넥스트레이드 출범일",
}


@dataclass(frozen=True)
class Session:
    """One phase of one venue's trading day.

    `open` and `close` are Seoul wall-clock times. Both are None if the hours are not known (`state` UNKNOWN) or if the
    phase did not run that day (`state` NOT_RUN). `kind` says why a day is special (REGULAR: it is not). `evidence` is
    a key of `calendar_tables.EVIDENCE`; `note` holds the source or the doubt and may be empty.
    """

    date: date
    venue: str
    phase: str
    open: time | None
    close: time | None
    kind: str
    evidence: str
    note: str = ""

    @property
    def state(self) -> str:
        """OPEN, NOT_RUN 미운영 or UNKNOWN 미상."""
        if self.evidence == "unknown":
            return "UNKNOWN"
        return "NOT_RUN" if self.open is None else "OPEN"

    @property
    def label(self) -> str:
        """Korean name of the kind of day."""
        return KIND_LABELS[self.kind]


def sessions(start: date, end: date) -> tuple[date, ...]:
    """Trading days from start to end, both included; refuses start > end, raises OUT_OF_HISTORY outside the table."""
    if start > end:
        raise Refused(f"start {start} is later than end {end}", hint="Swap the two dates.")
    days = tables.session_days()
    return days[bisect_left(days, _covered(start)) : bisect_right(days, _covered(end))]


def count_between(start: date, end: date) -> int:
    """Number of trading days from start to end, both included."""
    return len(sessions(start, end))


def is_session(day: date) -> bool:
    """Whether the exchange trades on that date; raises OUT_OF_HISTORY rather than guessing outside the table."""
    _covered(day)
    return day.weekday() < 5 and day not in tables.closures()


def is_expected(day: date) -> bool:
    """Whether the answer for that date is expected 예정, i.e. later than the last date checked against index data."""
    return _covered(day) > tables.OBSERVED_UNTIL


def closure(day: date) -> Closure | None:
    """Why the exchange is closed on that weekday; None on trading days and weekends."""
    return tables.closures().get(_covered(day))


def closed(year: int) -> tuple[Closure, ...]:
    """Weekdays of a year on which the exchange is closed, with reason and evidence; weekends are not listed."""
    _covered_year(year)
    return tuple(row for day, row in tables.closures().items() if day.year == year)


def previous(day: date, n: int = 1) -> date:
    """The n-th trading day before `day` (`day` itself never counts)."""
    days = tables.session_days()
    return _pick(bisect_left(days, _covered(day)) - _count(n), f"{n} sessions before {day}")


def next(day: date, n: int = 1) -> date:
    """The n-th trading day after `day` (`day` itself never counts)."""
    days = tables.session_days()
    return _pick(bisect_right(days, _covered(day)) - 1 + _count(n), f"{n} sessions after {day}")


def last(n: int, as_of: date) -> tuple[date, ...]:
    """The last n trading days up to and including as_of, oldest first: the window of `acc.trading_day_window`."""
    days = tables.session_days()
    end = bisect_right(days, _covered(as_of))
    _pick(end - _count(n), f"{n} sessions up to {as_of}")
    return days[end - n : end]


def session(day: date, venue: str = "KRX", phase: str | None = None) -> Session:
    """Hours of one phase of a trading day; without `phase` the venue's main one (KRX REGULAR, NXT MAIN)."""
    name = _phase(venue, phase)
    _trading(day)
    special = tables.special_hours().get((day, venue, name))
    if special is not None:
        return Session(day, venue, name, special.open, special.close, special.kind, special.evidence, special.note)
    rows = tables.hours()[venue, name]
    for row in rows:
        if row.first <= day and (row.last is None or day <= row.last):
            return Session(day, venue, name, row.open, row.close, "REGULAR", _evidence(day, venue))
    raise NoData(
        f"{VENUE_LABELS[venue]} {venue} has no {PHASE_LABELS[name]} {name} on {day}; it began on {rows[0].first}",
        code="OUT_OF_HISTORY",
        hint=f"Ask for {rows[0].first} or later.",
        details={"venue": venue, "phase": name, "first": rows[0].first.isoformat()},
    )


def phases(day: date, venue: str = "KRX") -> tuple[Session, ...]:
    """All phases the venue has on that trading day, in order of time; empty before the venue opened."""
    _phase(venue, None)
    _trading(day)
    return tuple(session(day, venue, name) for name in PHASES[venue] if tables.hours()[venue, name][0].first <= day)


def venue_open(venue: str, day: date) -> bool:
    """Whether the venue trades on that date; NXT is taken to trade on the days of KRX since 2025-03-04."""
    name = _phase(venue, None)
    return is_session(day) and tables.hours()[venue, name][0].first <= day


def open_at(day: date, venue: str = "KRX", phase: str | None = None) -> datetime | None:
    """Instant at which the phase opens, offset +09:00; None if not known or not run."""
    return _instant(day, session(day, venue, phase).open)


def close_at(day: date, venue: str = "KRX", phase: str | None = None) -> datetime | None:
    """Instant at which the phase closes, offset +09:00; None if not known or not run."""
    return _instant(day, session(day, venue, phase).close)


def calendar(year: int) -> dict[str, Any]:
    """The year as plain JSON: `{"year", "sessions", "closed"}`.

    Dates are ISO text; hours are "HH:MM" ("HH:MM:SS" where the seconds are not zero) or null. `after_market` and `nxt`
    stand only where they exist, `note` only where there is one. Weekends are always closed and not listed.
    """
    _covered_year(year)
    return {
        "year": year,
        "sessions": [_day(day) for day in sessions(date(year, 1, 1), date(year, 12, 31))],
        "closed": [_closed(row) for row in closed(year)],
    }


def _day(day: date) -> dict[str, Any]:
    regular, *after = phases(day)
    found = {"date": day.isoformat(), **_phase_json(regular), "kind": regular.kind, "label": regular.label}
    if after:
        found["after_market"] = _phase_json(after[0])
    if nxt := phases(day, "NXT"):
        found["nxt"] = {part.phase.lower(): _phase_json(part) for part in nxt}
    return found


def _phase_json(part: Session) -> dict[str, Any]:
    found = {"open": _text(part.open), "close": _text(part.close), "evidence": part.evidence}
    return found | ({"note": part.note} if part.note else {})


def _closed(row: Closure) -> dict[str, Any]:
    found = {"date": row.date.isoformat(), "reason": row.reason, "evidence": row.evidence}
    return found | ({"note": row.note} if row.note else {})


def _text(moment: time | None) -> str | None:
    if moment is None:
        return None
    return moment.isoformat(timespec="seconds" if moment.second else "minutes")


def _instant(day: date, moment: time | None) -> datetime | None:
    return None if moment is None else datetime.combine(day, moment, SEOUL)


def _evidence(day: date, venue: str) -> str:
    if day > tables.OBSERVED_UNTIL:
        return "expected"
    return "index-data" if venue == "KRX" else "inferred"


def _phase(venue: str, phase: str | None) -> str:
    if venue not in PHASES:
        raise Refused(f"unknown venue {venue!r}; allowed: {', '.join(PHASES)}")
    name = MAIN_PHASE[venue] if phase is None else phase
    if name not in PHASES[venue]:
        raise Refused(f"{venue} has no phase {name!r}; allowed: {', '.join(PHASES[venue])}")
    return name


def _trading(day: date) -> None:
    if is_session(day):
        return
    row = closure(day)
    reason = row.reason if row else "주말 weekend"
    raise NoData(
        f"the exchange is closed on {day}: {reason}",
        code="MARKET_CLOSED",
        hint="Ask for a trading day.",
        details={"date": day.isoformat(), "reason": reason},
    )


def _count(n: int) -> int:
    if n < 1:
        raise Refused(f"number of sessions {n}; allowed: 1 or more")
    return n


def _pick(index: int, wanted: str) -> date:
    days = tables.session_days()
    if 0 <= index < len(days):
        return days[index]
    raise _out_of_history(wanted)


def _covered(day: date) -> date:
    if tables.FIRST <= day <= tables.LAST:
        return day
    raise _out_of_history(str(day))


def _covered_year(year: int) -> None:
    if not tables.FIRST.year <= year <= tables.LAST.year:
        raise _out_of_history(f"year {year}")


def _out_of_history(wanted: str) -> NoData:
    first, final = tables.FIRST.year, tables.LAST.year
    return NoData(
        f"no trading calendar for {wanted}; the years {first} to {final} are covered",
        code="OUT_OF_HISTORY",
        hint=f"Ask for a date in {first} to {final}.",
        details={"first_year": first, "last_year": final},
    )
