"""The exchange's sandbox: every field as text, nothing before it is out, keys with approvals, a quota."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from sugeup.sandbox.kis.auth import KEY
from sugeup.sandbox.krx.service import Options as KrxOptions
from sugeup.sandbox.server import SandboxApp
from sugeup.sandbox.vendors import Options
from sugeup.specifications import specification
from tests.support.sandboxes import FREELY, made, market

SPECIFICATION = specification("krx")
ENDPOINTS = SPECIFICATION["endpoints"]
DAY = date(2025, 6, 2)
MORNING = "2025-06-04T08:30"


@contextmanager
def calling(at: str = MORNING, **options: Any) -> Iterator[httpx.Client]:
    chosen = Options(kis=FREELY.kis, krx=KrxOptions(**options))
    with TestClient(SandboxApp(made(at, options=chosen)), base_url="http://127.0.0.1") as http:
        yield http  # type: ignore[misc]


def ask(http: httpx.Client, api: str, day: str = "20250602", key: str = KEY) -> httpx.Response:
    return http.get(f"/svc/apis{ENDPOINTS[api]['path']}", params={"basDd": day}, headers={"AUTH_KEY": key})


def rows(http: httpx.Client, api: str, day: str = "20250602") -> list[dict[str, str]]:
    return list(ask(http, api, day).raise_for_status().json()["OutBlock_1"])


@pytest.mark.parametrize("api", ENDPOINTS)
def test_every_row_has_the_fields_of_the_specification_as_text(api: str) -> None:
    with calling() as http:
        found = rows(http, api)
    assert found
    for row in found:
        assert list(ENDPOINTS[api]["fields"]) == list(row)
        assert all(isinstance(value, str) for value in row.values())


@pytest.mark.parametrize("at", ["2025-06-02T08:00", "2025-06-02T23:44", "2025-06-03T00:04", "2025-06-04T07:59"])
@pytest.mark.parametrize("api", ["stk_bydd_trd", "ksq_bydd_trd", "kospi_dd_trd", "kosdaq_dd_trd"])
def test_before_the_next_trading_day_at_eight_every_figure_is_zero(at: str, api: str) -> None:
    kinds = ENDPOINTS[api]["fields"]
    with calling(at) as http:
        found = rows(http, api)
    shown = {value for row in found for name, value in row.items() if kinds[name] in {"won", "shares", "points"}}
    assert found and {"0"} == shown


def test_from_eight_on_the_next_trading_day_the_figures_are_there() -> None:
    with calling("2025-06-04T08:00") as http:
        found = {row["ISU_CD"]: row for api in ("stk_bydd_trd", "ksq_bydd_trd") for row in rows(http, api)}
        truth = {row["code"]: row for row in market().rows("daily_bars", DAY, DAY).iter_rows(named=True)}
    assert set(truth) == set(found)
    for code, row in truth.items():
        assert str(row["raw_close"]) == found[code]["TDD_CLSPRC"]
        assert str(row["raw_open"] or 0) == found[code]["TDD_OPNPRC"]


@pytest.mark.parametrize("day", ["20250603", "20250601", "20250605", "20270101", "19990101", "", "2025-06-02", "x"])
def test_a_closed_day_one_ahead_and_no_day_are_an_empty_list(day: str) -> None:
    with calling() as http:
        assert [] == rows(http, "stk_bydd_trd", day)


def test_a_wrong_key_an_unapproved_api_and_an_unknown_one_are_refused() -> None:
    with calling(keys={KEY: frozenset({"kosdaq_dd_trd"})}) as http:
        assert 200 == ask(http, "kospi_dd_trd").status_code
        refused = ask(http, "kosdaq_dd_trd")
        assert (401, SPECIFICATION["errors"]["401"]["unapproved"]) == (refused.status_code, refused.json()["respMsg"])
        assert 401 == ask(http, "kospi_dd_trd", key="another").status_code
        assert 401 == http.get("/svc/apis/sto/stk_bydd_trd").status_code
        assert 404 == http.get("/svc/apis/sto/none", headers={"AUTH_KEY": KEY}).status_code


def test_a_key_has_so_many_calls_a_day() -> None:
    with calling(quota=2) as http:
        assert [200, 200, 429] == [ask(http, "stk_bydd_trd").status_code for _ in range(3)]
