"""Questions and fields of the source are those of the neutral specification."""

from __future__ import annotations

import re
from datetime import date

import pytest

from sugeup.sources.files.exchange_investors import ALL, CODES, LEAVES
from sugeup.sources.krx_login import VENDOR
from sugeup.sources.krx_login.net_purchases import PARTS
from sugeup.sources.krx_login.vendor import QUESTIONS
from sugeup.sources.preference import PREFERENCE
from sugeup.sources.vendor import Endpoint, Scope, Transport
from sugeup.specifications import specification
from tests.sources.krx_login.answers import RECORDED, ask

FACTS = specification("krx_login")
EVERY = pytest.mark.parametrize("endpoint", VENDOR.endpoints, ids=lambda one: one.name)


def test_every_described_page_is_asked_and_no_other() -> None:
    assert set(FACTS["endpoints"]) == {one.name for one in VENDOR.endpoints} == set(RECORDED)


@EVERY
def test_a_question_names_the_page_and_gives_its_parameters(endpoint: Endpoint) -> None:
    facts = FACTS["endpoints"][endpoint.name]
    for number in range(len(QUESTIONS[endpoint.name].blocks) if endpoint.name == "krx_login_market_investors" else 1):
        request = endpoint.build(ask(endpoint, f"20210122.{number}" if number else ""))
        assert f"/{facts['bld']}" == request.path
        assert set(facts["parameters"]) == set(request.query)
        for name, allowed in facts["parameters"].items():
            value = request.query[name]
            if isinstance(allowed, list):
                assert value in allowed, name
            elif allowed == "YYYYMMDD":
                before = endpoint.scope is Scope.NONE  # a list of a morning is that of the session before
                assert date(2021, 1, 21 if before else 22) == date.fromisoformat(value)
            else:
                assert value in FACTS["investors"]


@EVERY
def test_a_field_that_is_read_stands_in_the_page(endpoint: Endpoint) -> None:
    facts = FACTS["endpoints"][endpoint.name]
    for block in QUESTIONS[endpoint.name].blocks:
        assert (facts["block"].lower(),) == block.keys
        for field in block.fields:
            assert field.name in facts["fields"], field.name
            assert 1 == field.unit  # every page is in won and shares


@EVERY
def test_the_recorded_row_has_the_fields_of_the_page(endpoint: Endpoint) -> None:
    facts = FACTS["endpoints"][endpoint.name]
    block, rows = RECORDED[endpoint.name]
    assert facts["block"] == block
    assert {field.name for one in QUESTIONS[endpoint.name].blocks for field in one.fields} <= set(rows[0])


def test_the_two_markets_are_asked_with_the_words_of_each_page() -> None:
    holding, balance = (VENDOR.endpoint(f"krx_login_{name}") for name in ("foreign_holding", "short_balance"))
    words = FACTS["markets"]
    assert [one["mktId"] for one in words.values()] == [
        holding.build(ask(holding, cursor)).query["mktId"] for cursor in ("", "1")
    ]
    assert [one["mktTpCd"] for one in words.values()] == [
        balance.build(ask(balance, cursor)).query["mktTpCd"] for cursor in ("", "1")
    ]


def test_every_leaf_is_asked_for_by_the_code_of_the_exchange() -> None:
    from sugeup.market import investors

    korean = {code: re.sub(r"\s", "", name) for code, name in FACTS["investors"].items()}
    assert {name: korean[code] for name, code in CODES.items()} == {
        leaf.id: leaf.korean.replace(" ", "") for leaf in investors.LEAVES
    }
    assert "전체" == korean[ALL]
    assert 26 == len(PARTS)
    order = [name.replace(" ", "") for name in FACTS["endpoints"]["krx_login_market_investors"]["order"]]
    assert order == [investors.korean(name) for name in LEAVES]


def test_the_names_are_those_of_the_table_of_preferences() -> None:
    named = {name for names in PREFERENCE.values() for name in names if name.startswith("krx_login_")}
    assert named <= {one.name for one in VENDOR.endpoints}
    for dataset, names in PREFERENCE.items():
        for name in names:
            if name.startswith("krx_login_"):
                assert dataset == VENDOR.endpoint(name).dataset


def test_the_vendor_is_off_until_it_is_switched_on_and_slow_then() -> None:
    access = VENDOR.access
    assert (("krx_id", "krx_pw"), "krx_login", "krx") == (access.keys, access.switch, access.extra)
    assert "약관" in access.terms and "2026-08-04" in access.terms
    assert VENDOR.pace.seconds / VENDOR.pace.calls >= 1
    assert VENDOR.quota is not None and VENDOR.quota <= 1_000
    assert (Transport.PYKRX, FACTS["hosts"]) == (VENDOR.transport, dict(VENDOR.hosts))
