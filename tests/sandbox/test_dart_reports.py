"""The regulator's sandbox: reports that fit together, nobody by name, nothing before it is filed, statuses, pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from sugeup.sandbox.dart.reports import STATUS, Report, corp_of
from sugeup.sandbox.dart.service import Dart
from sugeup.sandbox.dart.service import Options as DartOptions
from sugeup.sandbox.kis.auth import KEY
from sugeup.sandbox.server import SandboxApp
from sugeup.sandbox.vendors import Options
from sugeup.specifications import specification
from tests.support.sandboxes import FREELY, made, market

SPECIFICATION = specification("dart")
ENDPOINTS = SPECIFICATION["endpoints"]
EVENING = "2025-06-16T19:00"
PARTS = ("주요주주", "기관투자자", "특별관계자", "임원", "등기임원")


@contextmanager
def calling(at: str = EVENING, **options: Any) -> Iterator[httpx.Client]:
    chosen = Options(kis=FREELY.kis, dart=DartOptions(**options))
    with TestClient(SandboxApp(made(at, options=chosen)), base_url="http://127.0.0.1") as http:
        yield http  # type: ignore[misc]


def ask(http: httpx.Client, call: str, key: str = KEY, **given: str) -> dict[str, Any]:
    found = http.get(f"/api/{call}.json", params={"crtfc_key": key, **given})
    assert 200 == found.status_code
    return dict(found.json())


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    found = made(EVENING).named("dart")
    assert isinstance(found, Dart)
    return found.reports


def test_equal_plans_have_equal_reports(reports: list[Report]) -> None:
    again = made(EVENING).named("dart")
    assert isinstance(again, Dart)
    assert reports == again.reports and {"majorstock", "elestock", STATUS} <= {report.call for report in reports}


def test_who_reports_is_a_part_or_the_company_and_never_a_person(reports: list[Report]) -> None:
    names = set(market().rows("instruments", date(1900, 1, 1), market().sessions[-1])["name"])
    assert [] == [one.holder for one in reports if one.holder not in names and not one.holder.startswith(PARTS)]


def test_each_report_follows_from_the_one_before_it_and_fits_the_listed_shares(reports: list[Report]) -> None:
    held: dict[tuple[str, str, str], int] = {}
    for report in reports:
        assert 0 <= report.held <= report.listed
        if report.call in {"majorstock", "elestock"}:
            key = (report.call, report.code, report.holder)
            assert held.get(key, report.held - report.change) == report.held - report.change
            held[key] = report.held
    statuses = [one for one in reports if one.call == STATUS]
    assert statuses and all(one.held == one.before + one.bought - one.sold for one in statuses)


def test_numbers_are_unique_begin_with_the_day_and_rise(reports: list[Report]) -> None:
    numbers = [report.number for report in reports]
    assert len(set(numbers)) == len(numbers) and sorted(numbers) == numbers
    assert all(report.number[:8] == f"{report.filed:%Y%m%d}" and 14 == len(report.number) for report in reports)


def test_the_feed_has_pages_and_says_how_many(reports: list[Report]) -> None:
    given = {"bgn_de": "20250501", "end_de": "20250616", "pblntf_ty": "D", "sort_mth": "asc", "page_count": "10"}
    with calling() as http:
        first = ask(http, "list", page_no="1", **given)
        every = [
            row for n in range(1, first["total_page"] + 1) for row in ask(http, "list", page_no=str(n), **given)["list"]
        ]
        beyond = ask(http, "list", page_no=str(first["total_page"] + 1), **given)
    wanted = [one.number for one in reports if one.feed == "D" and one.filed.date() >= date(2025, 5, 1)]
    assert wanted == [row["rcept_no"] for row in every] and len(wanted) == first["total_count"]
    assert "013" == beyond["status"]
    assert all(list(ENDPOINTS["list"]["fields"]) == list(row) for row in every)


def test_every_call_has_the_fields_of_the_specification_as_text(reports: list[Report]) -> None:
    calls = {report.call: report for report in reports}
    with calling() as http:
        for call, report in calls.items():
            given = {"corp_code": corp_of(market().codes.index(report.code))}
            if report.call == STATUS:
                given |= {"bsns_year": report.period[0], "reprt_code": report.period[1]}
            elif report.feed == "B":
                given |= {"bgn_de": "20250304", "end_de": "20250616"}
            rows = ask(http, call, **given)["list"]
            assert all(list(ENDPOINTS[call]["fields"]) == list(row) for row in rows)
            assert all(isinstance(value, str) for row in rows for value in row.values())
            assert report.number in {row["rcept_no"] for row in rows}


def test_a_report_is_there_from_its_minute_on(reports: list[Report]) -> None:
    report = next(one for one in reports if one.call == "majorstock")
    corp = corp_of(market().codes.index(report.code))
    for at, there in ((report.filed, True), (report.filed.replace(hour=0), False)):
        with calling(at.replace(tzinfo=None).isoformat()) as http:
            rows = ask(http, "majorstock", corp_code=corp).get("list", [])
        assert there == (report.number in {row["rcept_no"] for row in rows})


def test_statuses_say_why_there_is_no_answer() -> None:
    with calling(keys={KEY: "000", "blocked": "011"}, quota=3) as http:
        assert "010" == ask(http, "majorstock", key="none", corp_code="90000001")["status"]
        assert "011" == ask(http, "majorstock", key="blocked", corp_code="90000001")["status"]
        assert "100" == ask(http, "majorstock")["status"]
        assert "100" == ask(http, "list", bgn_de="20240101", end_de="20250601")["status"]
        assert "013" == ask(http, "majorstock", corp_code="00126380")["status"]
        assert "020" == ask(http, "majorstock", corp_code="00126380")["status"]
    with calling(closed=(time(18), time(20))) as http:
        assert "800" == ask(http, "majorstock", corp_code="90000001")["status"]


def test_paths_of_others_are_not_taken() -> None:
    found = made(EVENING).named("dart")
    assert found.owns("/api/list.json") and not found.owns("/api/domestic/market") and not found.owns("/api/listing")
