"""Reports are filed on days on which the exchange is closed too, and the evening's job asks for these days as well."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from sugeup import records
from sugeup.archive import planning
from sugeup.market import sessions
from sugeup.records import ledger
from sugeup.sandbox.dart.service import Dart
from sugeup.sandbox.plan import Plan
from sugeup.sources.dart import DART
from tests.support.archives import NOW, rows
from tests.support.sandboxes import market, seoul
from tests.support.several import filling, serving

FILINGS = records.dataset("filings")
LABOUR = date(2025, 5, 1)
"""The exchange is closed, the regulator is not; a weekend with two more holidays follows after one session."""


@pytest.mark.slow
def test_the_evening_after_a_closed_weekday_brings_its_reports(tmp_path: Path) -> None:
    plan = Plan(seed=2026, stocks=200, first=date(2025, 3, 4), sessions=64)
    with serving(market(plan)) as (address, sandbox), filling(tmp_path, address, sandbox, "dart") as lake:
        lake.at(date(2025, 4, 30), 19, 5)
        lake.run("daily")
        lake.at(date(2025, 5, 2), 19, 5)
        lake.run("daily")
        service = sandbox.named("dart")
        assert isinstance(service, Dart)
        filed = {one.number for one in service.reports if one.filed.date() == LABOUR and (one.held or one.change)}
        stored = lake.archive.read("filings", start=LABOUR, end=LABOUR)
        assert filed, "the sandbox has no report of that day"
        assert filed == set(stored["receipt_no"])
        calls = service.counts.answers["list"]
        lake.at(date(2025, 5, 7), 19, 5)
        lake.run("daily")
        assert 3 * 5 == service.counts.answers["list"] - calls, "three feeds of each day from Saturday to Wednesday"
        covered = {
            (span.scope, span.first + timedelta(days=n))
            for span in lake.archive.coverage("filings")
            for n in range((span.last - span.first).days + 1)
        }
    wanted = planning.days_of(FILINGS, date(2025, 4, 30), date(2025, 5, 7))
    assert {(endpoint.name, day) for endpoint in DART.endpoints for day in wanted} <= covered


def test_every_day_between_two_dates_can_be_covered_and_of_prices_sessions_alone() -> None:
    first, last = date(2025, 4, 30), date(2025, 5, 7)
    assert tuple(first + timedelta(days=n) for n in range(8)) == planning.days_of(FILINGS, first, last)
    assert sessions.sessions(first, last) == planning.days_of(records.dataset("daily_bars"), first, last)


@pytest.mark.parametrize(
    ("at", "newest"),
    [
        ("2025-05-01T10:00", date(2025, 4, 30)),
        ("2025-05-01T19:00", LABOUR),
        ("2025-05-04T10:00", date(2025, 5, 3)),
        ("2025-05-02T10:00", LABOUR),
    ],
)
def test_a_day_is_asked_for_once_its_reports_are_in_whether_the_exchange_is_open_or_not(at: str, newest: date) -> None:
    for endpoint in DART.endpoints:
        found = planning.reaches(endpoint, FILINGS, seoul(at))
        assert found is not None and newest == found[1]


def test_neighbouring_days_are_one_span_and_a_day_that_was_not_asked_for_parts_them() -> None:
    days = [date(2025, 4, 30), LABOUR, date(2025, 5, 2), date(2025, 5, 3), date(2025, 5, 5)]
    given = [{"code": "005930", "filed_on": day, "receipt_no": f"{day:%Y%m%d}000001", "kind": "MAJOR"} for day in days]
    spans = ledger.spans(FILINGS, rows("filings", given), NOW)
    assert [(days[0], days[3]), (days[4], days[4])] == [(one.first, one.last) for one in spans]
