"""Minutes of a market that a test can work out by hand: few snapshots, on the clock of each session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sugeup.archive import Archive
from sugeup.market import sessions
from tests.support.archives import rows

GROUPS = ("individual", "foreign", "institution", "other_corporation")
HALF_HOURS = (*range(30, 361, 30), 380, 400)
"""Minutes since the open that have a snapshot: half-hours, the start of the closing auction, after the close."""


def at(day: date, minute: int) -> datetime:
    """The instant a number of minutes after the open of a session, in UTC."""
    opens = sessions.open_at(day)
    assert opens is not None
    return (opens + timedelta(minutes=minute)).astimezone(UTC)


def snapshots(
    market: str, day: date, totals: Callable[[int], Mapping[str, tuple[int, int]]], minutes: Sequence[int] = HALF_HOURS
) -> list[dict[str, Any]]:
    """Rows of one session: `totals(minute)` gives bought and sold since the open by group."""
    found = []
    for minute in minutes:
        row: dict[str, Any] = {"market": market, "session": day, "at": at(day, minute)}
        for group, (bought, sold) in totals(minute).items():
            row |= {
                f"{group}_buy_amount": bought,
                f"{group}_sell_amount": sold,
                f"{group}_net_amount": bought - sold,
            }
        found.append(row)
    return found


def even(minute: int, pace: int = 1_000_000) -> dict[str, tuple[int, int]]:
    """Foreigners buy three paces a minute and sell one, individuals the other way round; institutions one for one."""
    return {
        "foreign": (3 * pace * minute, pace * minute),
        "individual": (pace * minute, 3 * pace * minute),
        "institution": (pace * minute, pace * minute),
        "other_corporation": (0, 0),
    }


def fill_market(archive: Archive, market: str, given: Sequence[Mapping[str, Any]], **about: Any) -> None:
    """Store snapshots."""
    archive.fill("investor_minute_market", rows("investor_minute_market", given, **about))


def fill_index(
    archive: Archive, code: str, day: date, level: Callable[[int], float], amount: Callable[[int], int], length: int
) -> None:
    """Store bars of a session: the level at the start of each minute, turnover since the open at its end."""
    given = [
        {
            "index_code": code,
            "session": day,
            "at": at(day, minute),
            "open": level(minute),
            "high": max(level(minute), level(minute + 1)),
            "low": min(level(minute), level(minute + 1)),
            "close": level(minute + 1),
            "amount": amount(minute + 1),
        }
        for minute in (*range(length - 10), length)
    ]
    archive.fill("index_minute", rows("index_minute", given))


def fill_tallies(
    archive: Archive, code: str, day: date, foreign: Sequence[int | None], institution: Sequence[int | None]
) -> None:
    """Store tallies of slots 1 to 5; a slot in which both are None has no row."""
    given = [
        {"code": code, "session": day, "slot": slot, "foreign_net_volume": one, "institution_net_volume": other}
        for slot, (one, other) in enumerate(zip(foreign, institution, strict=True), 1)
        if one is not None or other is not None
    ]
    archive.fill("stock_estimate", rows("stock_estimate", given, final=False))


def unexplained(answer: Mapping[str, Any]) -> list[str]:
    """Nulls that neither the `meta` of their block nor that of the answer gives a reason for."""
    return [path for path, reason in _nulls(answer, answer, "", []) if not reason]


def _nulls(
    block: Any, answer: Mapping[str, Any], path: str, above: Sequence[tuple[str, Mapping[str, Any]]]
) -> Iterator[tuple[str, str | None]]:
    if isinstance(block, list):
        for entry in block:
            yield from _nulls(entry, answer, path, above)
        return
    if not isinstance(block, dict):
        return
    metas = [*above, (path, block["meta"])] if "meta" in block else above
    for name, value in block.items():
        if name == "meta":
            continue
        here = f"{path}.{name}" if path else name
        if value is None:
            told = [meta.get(here.removeprefix(f"{at}.") if at else here) for at, meta in metas]
            yield here, next((about.get("reason") for about in told if about and about.get("reason")), None)
        else:
            yield from _nulls(value, answer, here, metas)
