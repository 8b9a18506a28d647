"""Holes are what the ledger does not cover: together with what it covers they are what was wanted, without overlap."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from sugeup.archive.holes import open_cells, runs
from sugeup.market import sessions
from sugeup.records.coverage import merged
from sugeup.records.ledger import Asked

DAYS = sessions.sessions(date(2026, 1, 2), date(2026, 3, 31))
NOW = datetime(2026, 4, 1, tzinfo=UTC)
SCOPES = ("005930", "000660")
places = st.integers(0, len(DAYS) - 1)


@st.composite
def spans(draw: st.DrawFn) -> list[Asked]:
    found = []
    for _ in range(draw(st.integers(0, 6))):
        first, last = sorted((draw(places), draw(places)))
        scope, final = draw(st.sampled_from((*SCOPES, "035720"))), draw(st.booleans())
        found.append(Asked("short_day", "broker", scope, DAYS[first], DAYS[last], last - first + 1, NOW, final))
    return found


def cells(given: list[Asked], *, final_only: bool = False) -> set[tuple[str, date]]:
    return {
        (span.scope, day)
        for span in given
        for day in DAYS
        if span.first <= day <= span.last and (span.final or not final_only)
    }


@given(spans(), places, places, st.booleans())
def test_holes_and_what_is_covered_are_what_was_wanted(
    given: list[Asked], one: int, other: int, final_only: bool
) -> None:
    days = DAYS[min(one, other) : max(one, other) + 1]
    holes = runs(open_cells(SCOPES, days, given, final_only=final_only), days)
    in_holes = [(hole.scope, day) for hole in holes for day in days if hole.first <= day <= hole.last]
    wanted = {(scope, day) for scope in SCOPES for day in days}
    covered = cells(given, final_only=final_only) & wanted
    assert len(in_holes) == len(set(in_holes))
    assert wanted == set(in_holes) | covered
    assert not set(in_holes) & covered


@given(spans(), spans())
def test_the_ledger_keeps_what_was_covered_and_what_was_final(stood: list[Asked], entered: list[Asked]) -> None:
    kept: list[Asked] = []
    for scope in (*SCOPES, "035720"):
        before = merged([], [span for span in stood if span.scope == scope])
        kept += merged(before, [span for span in entered if span.scope == scope])
    every = stood + entered
    assert cells(every) == cells(kept)
    assert cells(every, final_only=True) == cells(kept, final_only=True)
    alone = [(span.scope, day) for span in kept for day in DAYS if span.first <= day <= span.last]
    assert len(alone) == len(set(alone))


def test_holes_that_one_answer_holds_anyway_are_one() -> None:
    days = DAYS[:10]
    missing = {"005930": [days[0], days[4], days[9]]}
    assert 3 == len(runs(missing, days))
    assert [(days[0], days[4]), (days[9], days[9])] == [(h.first, h.last) for h in runs(missing, days, reach=9)]
