"""What the answers of a vendor say about it: reachable, in step with our clock, in the shape we know, same holidays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sugeup.errors import ConfigError, NoData, SugeupError
from sugeup.market import sessions
from sugeup.observe import probing
from sugeup.observe.findings import DOWN, DRIFT, Finding, fail, ok, warn
from sugeup.observe.probing import Probe, Prober
from sugeup.sources.kis import calendar as kis_calendar
from sugeup.sources.vendor import Remark

BEHIND, WRONG = timedelta(seconds=5), timedelta(seconds=60)
"""Skew of clocks that is worth a word, and that makes figures known too early or too late by a minute."""
CALENDARS: dict[str, Any] = {"kis": kis_calendar}
"""Vendor → module with `holidays` (a request from a day on) and `open_days` (what its reply says)."""
_SHOWN = 6


def reached(prober: Prober, probes: Sequence[Probe]) -> Iterator[Finding]:
    """Whether the vendor answers and lets us in."""
    check = f"source {prober.vendor.name}"
    if prober.error is not None:
        yield refusal(check, prober.error)
        return
    answered = [one for one in probes if one.state in ("ok", "empty", "changed", "unread")]
    later = sum(one.state == "later" for one in probes)
    for one in probes:
        if one.state == "refused":
            yield warn(check, f"{one.endpoint} is refused: {one.said}", "Look at the rights of the key.")
        elif one.state == "down":
            yield warn(check, f"{one.endpoint}: {one.said}", "Ask again later.")
    waits = f"; {later} cannot be asked at this hour" if later else ""
    said = f"{prober.vendor.korean}: {len(answered)} of {len(probes)} questions answered{waits}"
    if answered or later == len(probes):
        yield ok(check, said)
    else:
        yield fail(check, said, "Look at the rights of the key, and at the vendor's page.")


def refusal(check: str, error: SugeupError) -> Finding:
    """The failure that an error of a door is."""
    todo = error.hint or "Ask again later."
    return fail(check, error.message, todo, error.exit_code if isinstance(error, ConfigError) else DOWN)


def clock(prober: Prober) -> Iterator[Finding]:
    """Whether our clock and the vendor's agree."""
    if prober.skew is None:
        return
    seconds = prober.skew.total_seconds()
    check = f"clock {prober.vendor.name}"
    said = f"the vendor's clock is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} this one"
    todo = "Let the system's clock be set by NTP (`timedatectl set-ntp true`); figures are dated by it."
    if abs(prober.skew) > WRONG:
        yield fail(check, said, todo)
    elif abs(prober.skew) > BEHIND:
        yield warn(check, said, todo)
    else:
        yield ok(check, f"in step with the vendor's ({seconds:+.0f} s)")


def shaped(prober: Prober, probes: Sequence[Probe]) -> Iterator[Finding]:
    """Whether answers have the fields, types and units that we know; a failure where a source cannot read one."""
    check, sound, unspecified = f"fields {prober.vendor.name}", 0, 0
    for one in probes:
        said = "; ".join(change.said for change in one.changes[:_SHOWN])
        if len(one.changes) > _SHOWN:
            said += f"; {len(one.changes) - _SHOWN} more"
        if one.state == "unread":
            told = f"{one.endpoint}: {one.said}" + (f" ({said})" if said else "")
            yield fail(check, told, "Nothing of it is stored. Update sugeup, or report this line.", DRIFT)
        elif one.changes:
            yield warn(
                check, f"{one.endpoint}: {said}", "Figures are read as before. Update sugeup, or report this line."
            )
        for remark, count in one.notes.items():
            if isinstance(remark, Remark):
                yield warn(check, f"{one.endpoint}: {remark} ({count:,})", "Update sugeup, or report this line.")
        for wrong in one.misfits:
            told = f"{one.endpoint}: {wrong.name} is {wrong.times:.3g} times what volume and price say"
            yield fail(check, told, "The unit may have changed: stop collecting, and report this line.", DRIFT)
        sound += one.state in ("ok", "empty")
        unspecified += one.state in ("ok", "empty") and one.unspecified
    if sound:
        without = f"; of {unspecified} no specification, they were only read" if unspecified else ""
        yield ok(check, f"{sound} answers are as we know them{without}")


def holidays(prober: Prober, now: datetime) -> Iterator[Finding]:
    """Whether the vendor closes on the days on which our session table does, as far ahead as it tells."""
    name = prober.vendor.name
    if name not in CALENDARS:
        return
    today = now.astimezone(sessions.SEOUL).date()
    check = f"calendar {name}"
    try:
        days = CALENDARS[name].open_days(prober.send(CALENDARS[name].holidays(today)))
    except NoData as error:
        yield ok(check, f"not told: {error.message}")
        return
    except SugeupError as error:
        code = DRIFT if error.code == "SCHEMA_DRIFT" else 0
        said = f"the holidays could not be asked: {error.message}"
        yield fail(check, said, "Report this line.", code) if code else warn(check, said, "Ask again later.")
        return
    wrong = probing.disagreements(days, today)
    for day, opened in wrong:
        ours = "closed" if opened else "open"
        yield warn(
            check,
            f"{_day(day)}: the vendor says {'open' if opened else 'closed'}, our session table says {ours}",
            "Look at the exchange's notice; upgrade sugeup, or report this day.",
        )
    if not wrong and days:
        yield ok(check, f"{sum(opened for _, opened in days)} sessions to {days[-1][0]} as in our table")


def _day(day: date) -> str:
    return f"{day} ({'월화수목금토일'[day.weekday()]})"
