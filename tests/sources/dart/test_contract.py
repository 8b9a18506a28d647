"""What is sent and read agrees with the neutral specification: calls, parameters, the key, fields and their units."""

from __future__ import annotations

import pytest

from sugeup import records
from sugeup.records import Kind
from sugeup.sources import origins
from sugeup.sources.dart import DART
from sugeup.sources.dart.feed import FEED, ROWS, WINDOW
from sugeup.sources.dart.vendor import PARAMETER, QUESTIONS
from sugeup.sources.vendor import Credentials, Request, Token
from tests.sources.dart.answers import CALLS, SPECIFICATION, ask
from tests.sources.dart.answers import ROWS as ANSWERS

ENDPOINTS = SPECIFICATION["endpoints"]
UNITS = {"won": Kind.INTEGER, "shares": Kind.INTEGER, "percent": Kind.NUMBER, "date": Kind.DATE}


def test_every_call_of_the_specification_is_asked_and_no_other() -> None:
    assert set(ENDPOINTS) == set(QUESTIONS)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_fields_are_those_of_the_specification(name: str) -> None:
    told = ENDPOINTS[name]
    assert (told["path"], told["block"]) == (f"/{name}.json", QUESTIONS[name].blocks[0].keys[0])
    for field in QUESTIONS[name].blocks[0].fields:
        assert UNITS.get(told["fields"][field.name], Kind.TEXT) == field.kind and field.unit == 1
    assert set(ANSWERS.get(name, {})) <= set(told["fields"])


@pytest.mark.parametrize(("endpoint", "call"), [(name, call) for name, calls in CALLS.items() for call in ("", *calls)])
def test_parameters_are_those_of_the_specification(endpoint: str, call: str) -> None:
    request = DART.endpoint(endpoint).build(ask(call))
    params = ENDPOINTS[call or "list"]["params"]
    assert ENDPOINTS[call or "list"]["path"] == request.path
    needed = {name for name, one in params.items() if one.get("required")} - {PARAMETER}
    assert needed <= set(request.query) <= set(params)
    for name, value in request.query.items():
        assert value in params[name].get("allowed", [value])


def test_a_page_of_the_feed_is_as_large_and_as_wide_as_it_may_be() -> None:
    limits = SPECIFICATION["limits"]
    assert limits["rows_a_page"] == ROWS
    assert WINDOW.days < limits["feed_days_without_company"]
    assert limits["calls_a_day"] == DART.quota and SPECIFICATION["hosts"] == DART.hosts
    assert SPECIFICATION["key"] == PARAMETER


def test_the_key_is_a_parameter_that_no_builder_knows() -> None:
    signed = DART.sign(Request("/list.json", {"page_no": "1"}), Credentials("the-key", ""), Token("", 0))
    assert {PARAMETER: "the-key", "page_no": "1"} == signed.query
    assert "the-key" not in repr(Credentials("the-key", "")) and DART.token_request is None


def test_rows_name_an_origin_and_a_dataset_that_exist() -> None:
    for endpoint in DART.endpoints:
        assert endpoint.source in origins() and endpoint.dataset in records.datasets()
        assert endpoint.sweep and endpoint.pages > 2 * 2_800 / 1
    assert "list" == FEED.name
