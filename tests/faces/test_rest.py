"""REST: standards of HTTP and of problem+json, and every use-case below /api/v1."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import rest
from tests.support.archives import answering


@pytest.fixture
def client(archive: Archive) -> Iterator[TestClient]:
    with TestClient(rest.application(answering(archive)), base_url="http://127.0.0.1") as opened:
        yield opened


def test_openapi_lists_every_use_case_with_its_parameters(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for case in registry.usecases().values():
        operation = paths[rest.PREFIX + case.path]["get"]
        assert list(case.arguments.model_fields) == [one["name"] for one in operation["parameters"]]
        assert case.summary == operation["summary"]
    period = paths["/api/v1/investor-trading"]["get"]["parameters"][2]
    assert ["1D", "5D", "20D", "60D"] == period["schema"]["enum"]


def test_series_are_paged_by_an_opaque_cursor_until_the_end(client: TestClient) -> None:
    seen, cursor = [], None
    while True:
        page = client.get(
            "/api/v1/stocks/005930/flows", params={"limit": 150} | ({"cursor": cursor} if cursor else {})
        ).json()
        seen += [row["session"] for row in page["rows"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert page["total"] == len(seen) == len(set(seen))
    assert sorted(seen, reverse=True) == seen


def test_a_made_up_cursor_is_refused(client: TestClient) -> None:
    assert 422 == client.get("/api/v1/stocks?cursor=abc").status_code


def test_a_series_holds_only_what_the_source_publishes(client: TestClient) -> None:
    row = client.get("/api/v1/stocks/005930/flows?limit=1").json()["rows"][0]
    assert {"individual", "foreign", "institution", "other_corporation"} == set(row["flows"])
    assert {"net_volume"} == set(row["flows"]["foreign"])


def test_prices_of_a_range_are_raw_and_newest_first(client: TestClient) -> None:
    body = client.get("/api/v1/stocks/5930/prices?start=2026-02-23&end=20260225").json()
    assert ["2026-02-25", "2026-02-24", "2026-02-23"] == [row["session"] for row in body["rows"]]
    assert (70_000, 71_000, 69_000) == tuple(body["rows"][0][name] for name in ("open", "high", "low"))


def test_a_range_that_ends_before_it_starts_is_refused(client: TestClient) -> None:
    problem = client.get("/api/v1/stocks/005930/prices?start=2026-02-25&end=2026-02-23")
    assert (422, "INVALID_ARGUMENT") == (problem.status_code, problem.json()["code"])


def test_an_argument_given_twice_is_refused(client: TestClient) -> None:
    assert "twice" in client.get("/api/v1/investor-trading?period=1D&period=5D").json()["detail"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/v1/none", 404), ("POST", "/api/v1/status", 405)])
def test_unknown_paths_and_methods_are_problems_too(client: TestClient, method: str, path: str, status: int) -> None:
    problem = client.request(method, path)
    assert (status, "application/problem+json") == (problem.status_code, problem.headers["content-type"])
    assert "openapi.json" in problem.json()["hint"]


def test_stocks_have_names_and_markets(client: TestClient) -> None:
    listed = client.get("/api/v1/stocks?market=KOSDAQ").json()
    assert [("0009K0", "에임드바이오")] == [(one["code"], one["name"]) for one in listed["stocks"]]
    assert "삼성전자" == client.get("/api/v1/stocks/005930").json()["stocks"][0]["name"]


def test_health_is_answered(client: TestClient) -> None:
    for path in ("/health/live", "/health/ready"):
        assert "ok" == client.get(path).json()["status"]


def test_an_unforeseen_failure_tells_a_log_id_and_no_internals(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(archive, "read", broken)
    with TestClient(
        rest.application(answering(archive)), base_url="http://127.0.0.1", raise_server_exceptions=False
    ) as client:
        problem = client.get("/api/v1/stocks")
    assert 500 == problem.status_code
    assert "secret" not in problem.text and "log id" in problem.json()["detail"]


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Host": ""}])
def test_a_request_that_was_not_meant_for_this_machine_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    """A page of another site cannot reach the server through a name that points to this machine."""
    for path in ("/api/v1/status", "/mcp"):
        assert 421 == client.get(path, headers=headers).status_code


@pytest.mark.parametrize(
    "headers", [{"Host": "localhost:8410"}, {"Host": "[::1]:8410"}, {"Origin": "http://127.0.0.1"}]
)
def test_every_name_of_this_machine_is_answered(client: TestClient, headers: dict[str, str]) -> None:
    assert 200 == client.get("/health/live", headers=headers).status_code


def test_a_page_of_a_series_names_the_sources_of_its_rows_alone(sample: Archive) -> None:
    with TestClient(rest.application(answering(sample)), base_url="http://127.0.0.1") as opened:
        body = opened.get("/api/v1/markets/KOSPI/flows?limit=2").json()
    assert ["naver_market_copy"] == body["sources"] and "2026-08-21T15:30:00+09:00" == body["as_of"]
