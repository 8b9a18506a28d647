"""What is sent and read agrees with the neutral specification: paths, parameters, the key, fields and their units."""

from __future__ import annotations

from datetime import date, time

import pytest

from sugeup import records
from sugeup.records import Kind
from sugeup.sources import origins
from sugeup.sources.krx import KRX
from sugeup.sources.krx.vendor import QUESTIONS
from sugeup.sources.preference import PREFERENCE
from sugeup.sources.vendor import Ask, Credentials, Endpoint, Request, Scope, Token
from tests.sources.krx.answers import EVERY, ROWS, SPECIFICATION, ask, reply

ENDPOINTS = SPECIFICATION["endpoints"]
UNITS = {"won": Kind.INTEGER, "shares": Kind.INTEGER, "points": Kind.NUMBER, "date": Kind.DATE}


def test_every_api_of_the_specification_is_asked_and_no_other() -> None:
    assert set(ENDPOINTS) == set(QUESTIONS)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_paths_and_fields_are_those_of_the_specification(name: str) -> None:
    question, told = QUESTIONS[name], ENDPOINTS[name]
    assert (told["path"], told["block"].lower()) == (question.path, question.blocks[0].keys[0])
    for field in question.blocks[0].fields:
        unit = told["fields"][field.name]
        assert UNITS.get(unit, Kind.TEXT) == field.kind and field.unit == 1


@pytest.mark.parametrize("endpoint", EVERY, ids=lambda one: one.name)
def test_a_day_is_asked_of_both_markets_one_after_the_other(endpoint: Endpoint) -> None:
    first = endpoint.build(ask(endpoint))
    page = endpoint.parse(ask(endpoint), reply(ROWS[endpoint.name]))
    assert page.after is not None
    second = endpoint.build(page.after)
    mine = [told["path"] for told in ENDPOINTS.values() if told["path"] in {first.path, second.path}]
    assert mine == [first.path, second.path]
    assert {"basDd": "20250602"} == first.query == second.query
    assert endpoint.parse(page.after, reply(ROWS[endpoint.name])).after is None


def test_the_key_travels_in_its_header_and_nowhere_else() -> None:
    signed = KRX.sign(Request("/sto/stk_bydd_trd", {"basDd": "20250602"}), Credentials("the-key", ""), Token("", 0))
    assert {SPECIFICATION["header"]: "the-key"} == signed.headers
    assert "the-key" not in str(signed.query) and KRX.token_request is None


def test_a_day_is_there_on_the_next_trading_day_at_eight() -> None:
    told = SPECIFICATION["published"]
    for name in ("krx_bydd_trd", "krx_index_dd_trd"):
        endpoint = KRX.endpoint(name)
        assert (told["lag_sessions"], time.fromisoformat(told["at"])) == (endpoint.lag, endpoint.published)
        assert endpoint.sweep


def test_the_calls_of_a_day_are_bounded_as_the_exchange_bounds_them() -> None:
    assert SPECIFICATION["limits"]["calls_a_day"] == KRX.quota
    assert SPECIFICATION["hosts"] == KRX.hosts


def test_rows_name_origins_and_columns_that_exist() -> None:
    for endpoint in KRX.endpoints:
        assert endpoint.source in origins() and endpoint.dataset in records.datasets()
        assert endpoint.name in PREFERENCE[endpoint.dataset]


def test_the_list_of_stocks_is_that_of_the_session_before() -> None:
    endpoint = KRX.endpoint("krx_base_info")
    asked = endpoint.build(Ask((), date(2025, 6, 9), date(2025, 6, 9)))
    assert {"basDd": "20250605"} == asked.query  # a Monday; Friday, June 6 was a holiday
    assert (Scope.NONE, list(ROWS)) == (endpoint.scope, [one.name for one in EVERY])
