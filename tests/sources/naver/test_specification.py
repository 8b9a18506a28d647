"""What is sent and read agrees with the neutral specification: paths, parameters, fields, units, pages, headers."""

from __future__ import annotations

from datetime import date

import pytest

from sugeup.errors import Refused
from sugeup.records import Kind, Standing
from sugeup.settings import Settings
from sugeup.sources import origins, vendors
from sugeup.sources.naver import NAVER
from sugeup.sources.naver.market_flows import LEAVES
from sugeup.sources.naver.vendor import ROUTES
from sugeup.sources.preference import LESSER, ONLY, PREFERENCE
from sugeup.sources.vendor import Ask, Credentials, Endpoint, Scope, Token
from tests.sources.naver.answers import ENDPOINTS, QUESTIONS, SPECIFICATION, ask, specified

EVERY = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
UNITS = {"won": 1, "shares": 1, "hundred million won": 100_000_000}
WORDS = {Kind.DATE: "date", Kind.TEXT: "time"}
LONG = (date(2020, 1, 2), date(2026, 9, 8))


def test_the_vendor_is_found_and_its_endpoints_are_those_that_preference_names() -> None:
    assert vendors()["naver"] is NAVER
    named = {name for names in PREFERENCE.values() for name in names if name.startswith("naver_")}
    assert named == {one.name for one in NAVER.endpoints}
    for dataset, names in PREFERENCE.items():
        assert {one.dataset for one in NAVER.endpoints if one.name in names} <= {dataset}
    assert {name for name in LESSER if name.startswith("naver_")} == {"naver_stock_trend", "naver_stock_holding"}
    assert all(scopes == ("KOSPI", "KOSDAQ") for name, scopes in ONLY.items() if name.startswith("naver_"))


def test_it_needs_no_key_and_is_off_until_it_is_turned_on() -> None:
    assert ((), "naver") == (NAVER.access.keys, NAVER.access.switch)
    assert Settings.model_fields[NAVER.access.switch].default is False
    assert "Unofficial" in NAVER.access.terms
    assert NAVER.pace.calls / NAVER.pace.seconds <= 1


@EVERY
@pytest.mark.parametrize("first_last", [LONG, (LONG[1], LONG[1])])
def test_path_parameters_and_size_of_a_page_are_those_of_the_specification(
    endpoint: Endpoint, first_last: tuple[date, date]
) -> None:
    told = specified(endpoint)
    request = endpoint.build(ask(endpoint, *first_last))
    assert told["path"].replace("{code}", "005930") == request.path
    assert ("GET", "api", None) == (request.method, request.host, request.body)
    assert set(told["params"]) == set(request.query)
    for name, described in told["params"].items():
        assert request.query[name] in described.get("allowed", [request.query[name]])
        assert name != "pageSize" or int(request.query[name]) <= described["most"]
    assert "0" == request.query["startIdx"]


@EVERY
def test_every_field_that_is_read_is_specified_with_the_unit_it_is_converted_from(endpoint: Endpoint) -> None:
    told = specified(endpoint)
    lists = told.get("list", {})
    for route in ROUTES.values():
        if route.name != QUESTIONS[endpoint.name]:
            continue
        assert (told["from"] or None) == (route.begins.isoformat() if route.begins else None) or route.begins is None
        assert told["params"]["pageSize"]["most"] == route.most
        for field in route.blocks[0].fields:
            block, _, rest = field.name.partition(".")
            unit = lists[block][rest.partition(".")[2]] if rest else told["fields"][field.name]
            if field.kind is Kind.INTEGER:
                assert UNITS[unit] == field.unit, field
            else:
                assert WORDS[field.kind] == unit, field


def test_codes_of_investors_are_those_of_the_specification_and_all_leaves_have_one() -> None:
    assert SPECIFICATION["investors"] == dict(sorted(LEAVES.items()))


def test_a_question_looks_like_one_of_the_vendors_own_page_and_holds_no_secret() -> None:
    request = NAVER.sign(ENDPOINTS[0].build(ask(ENDPOINTS[0])), Credentials("", ""), Token("", 0))
    assert set(SPECIFICATION["headers"]) <= set(request.headers)
    assert request.headers["user-agent"].startswith("Mozilla/")
    assert SPECIFICATION["headers"]["referer"] == request.headers["referer"]
    assert SPECIFICATION["hosts"] == dict(NAVER.hosts)


def test_both_sides_of_a_market_stand_before_a_brokers_net_and_the_rest_behind() -> None:
    standing = {one.name: origins()[one.source].standing for one in ENDPOINTS}
    assert Standing.PORTAL_BOTH_SIDES == standing["naver_market_daily"] < Standing.BROKER_API
    assert Standing.PORTAL_HISTORY == standing["naver_program_daily"] < Standing.BROKER_API
    others = set(standing) - {"naver_market_daily", "naver_program_daily"}
    assert {Standing.PORTAL_API} == {standing[name] for name in others}


@EVERY
def test_more_than_one_scope_is_refused(endpoint: Endpoint) -> None:
    if endpoint.scope is Scope.NONE:
        return
    with pytest.raises(Refused, match="one scope"):
        endpoint.build(Ask(("KOSPI", "KOSDAQ"), *LONG))


@pytest.mark.parametrize("scope", ["KONEX", "0013", "KOSPI200_FUTURES", ""])
def test_a_market_that_the_vendor_has_not_is_refused_with_what_is_allowed(scope: str) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.scope is Scope.MARKET:
            with pytest.raises(Refused, match="allowed: KOSPI, KOSDAQ"):
                endpoint.build(Ask((scope,), *LONG))


@pytest.mark.parametrize("scope", ["", "5930", "00593０", "../../x", "005930?"])
def test_what_is_no_code_never_becomes_a_path(scope: str) -> None:
    with pytest.raises(Refused, match="no code"):
        NAVER.endpoint("naver_stock_trend").build(Ask((scope,), *LONG))
