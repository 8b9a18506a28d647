"""The Naver sandbox keeps the specification: paths, parameters, fields, pages, refusals, and headers of a browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient

from sugeup.sandbox.naver.service import Naver, Options
from sugeup.sandbox.sandbox import Sandbox
from sugeup.sandbox.server import SandboxApp
from sugeup.sandbox.vendors import Options as Every
from sugeup.specifications import specification
from tests.support.sandboxes import made, market

SPECIFICATION = specification("naver")
ENDPOINTS: dict[str, Any] = SPECIFICATION["endpoints"]
BROWSER = {"user-agent": "Mozilla/5.0", "referer": "https://stock.naver.com/"}
FREELY = Every(naver=Options(rate=1_000_000))
CODE = market().codes[0]
EVENING = "2025-06-02T19:00"


@contextmanager
def asking(sandbox: Sandbox | None = None, headers: Mapping[str, str] = BROWSER) -> Iterator[TestClient]:
    with TestClient(SandboxApp(sandbox or made(EVENING, options=FREELY)), base_url="http://127.0.0.1") as http:
        http.headers.update(headers)
        yield http


def usual(name: str, **changed: str) -> dict[str, str]:
    """Parameters that are allowed."""
    told = ENDPOINTS[name]["params"]
    found = {param: described.get("allowed", [""])[0] for param, described in told.items()}
    return found | {"startIdx": "0", "pageSize": "30"} | changed


def path(name: str, code: str = CODE) -> str:
    return str(ENDPOINTS[name]["path"]).replace("{code}", code)


def rows(found: Any) -> list[dict[str, Any]]:
    return list(found if isinstance(found, list) else found["content"])


@pytest.mark.parametrize("name", ENDPOINTS)
def test_fields_of_an_answer_are_those_of_the_specification_and_all_text(name: str) -> None:
    told = ENDPOINTS[name]
    with asking() as http:
        answer = http.get(path(name), params=usual(name))
        found = answer.json()
    assert (200, "application/json; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert ("list" if isinstance(found, list) else "page") == told["shape"]
    if told["shape"] == "page":
        assert set(SPECIFICATION["page"]["fields"]) == set(found)
        assert (str, str, bool, bool) == tuple(
            type(found[one]) for one in ("totalElements", "totalPages", "first", "last")
        )
    assert rows(found)
    for row in rows(found):
        assert set(told["fields"]) >= set(row)
        assert {str} == {type(value) for key, value in row.items() if key != "netAmounts"}
        for item in row.get("netAmounts", []):
            assert set(told["list"]["netAmounts"]) == set(item)
            assert {str} == {type(value) for value in item.values()}
        if "netAmounts" in row:
            assert list(SPECIFICATION["investors"]) == [item["investorGubun"] for item in row["netAmounts"]]


@pytest.mark.parametrize("name", ENDPOINTS)
def test_pages_are_newest_first_hold_every_row_once_and_end(name: str) -> None:
    with asking() as http:
        whole = rows(
            http.get(path(name), params=usual(name, pageSize=str(ENDPOINTS[name]["params"]["pageSize"]["most"]))).json()
        )
        turned: list[dict[str, Any]] = []
        for number in range(100):
            answer = http.get(path(name), params=usual(name, startIdx=str(number), pageSize="17")).json()
            turned += rows(answer)
            if not rows(answer):
                assert isinstance(answer, list) or answer["last"]
                break
    marks = [(row["bizdate"], row.get("time", "")) for row in turned]
    assert sorted(set(marks), reverse=True) == marks
    assert whole == turned[: len(whole)]


@pytest.mark.parametrize("name", ENDPOINTS)
def test_too_large_a_page_and_unknown_words_are_refused(name: str) -> None:
    most = ENDPOINTS[name]["params"]["pageSize"]["most"]
    wrong = [{"pageSize": str(most + 1)}, {"pageSize": "0"}, {"startIdx": "-1"}, {"startIdx": "x"}]
    wrong += [{param: "?"} for param, told in ENDPOINTS[name]["params"].items() if "allowed" in told]
    with asking() as http:
        for changed in wrong:
            assert 400 == http.get(path(name), params=usual(name, **changed)).status_code, changed
        assert 200 == http.get(path(name), params=usual(name, pageSize=str(most))).status_code


def test_who_does_not_look_like_a_browser_gets_a_page() -> None:
    with asking(headers=BROWSER | {"user-agent": "sugeup"}) as http:
        answer = http.get(path("market_trend_daily"), params=usual("market_trend_daily"))
    assert (403, "text/html") == (answer.status_code, answer.headers["content-type"])


def test_a_place_that_the_vendor_closed_is_gone() -> None:
    with asking() as http:
        answer = http.get("/api/domestic/market/trend/investorDealTrendDay")
    assert (410, True) == (answer.status_code, answer.text.startswith("<!DOCTYPE html>"))


def test_an_unknown_stock_has_no_rows_and_nothing_trades_elsewhere() -> None:
    with asking() as http:
        assert [] == http.get(path("stock_trend", "999999"), params=usual("stock_trend")).json()
        assert [] == http.get(path("stock_trend"), params=usual("stock_trend", tradeType="NXT")).json()
        found = http.get(path("market_trend_daily"), params=usual("market_trend_daily", marketType="FUT")).json()
    assert ("0", True, []) == (found["totalElements"], found["last"], found["content"])


def test_more_calls_than_it_bears_are_refused_and_counted() -> None:
    sandbox = made(EVENING, options=Every(naver=Options(rate=3)))
    with asking(sandbox) as http:
        codes = [
            http.get(path("market_trend_deposit"), params=usual("market_trend_deposit")).status_code for _ in range(6)
        ]
    assert [200, 200, 200, 429, 429, 429] == codes
    service = sandbox.named("naver")
    assert isinstance(service, Naver)
    assert (3, 6) == (service.counts.rejected, service.counts.calls["market_trend_deposit"])
