"""What is sent and read agrees with the neutral specification: paths, identifiers, parameters, fields, units."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from sugeup import records
from sugeup.errors import Refused
from sugeup.records import Kind
from sugeup.sources.kis import KIS, KIS_PAPER, calendar, masters
from sugeup.sources.kis.route import Route
from sugeup.sources.kis.vendor import ROUTES
from sugeup.sources.vendor import Ask, Endpoint, Reach, Scope
from tests.sources.kis.answers import ASKED, SPECIFICATION, ask, specified, specified_fields

EVERY = pytest.mark.parametrize("endpoint", ASKED, ids=lambda one: one.name)
EVERY_ROUTE = pytest.mark.parametrize(
    "route", [*ROUTES.values(), calendar.HOLIDAYS], ids=[*ROUTES, calendar.HOLIDAYS.name]
)
UNITS = {
    "won": 1,
    "thousand won": 1_000,
    "ten thousand won": 10_000,
    "million won": 1_000_000,
    "hundred million won": 100_000_000,
    "shares": 1,
    "thousand shares": 1_000,
    "contracts": 1,
    "stocks": 1,
    "code": 1,
}
"""Won, shares, contracts, stocks in one of the specification's units."""
WORDS = {
    Kind.NUMBER: {"points", "percent", "ratio"},
    Kind.DATE: {"date"},
    Kind.BOOLEAN: {"flag"},
    Kind.TEXT: {"code", "text", "time"},
}
MEASURED = {"won": "won", "shares": "shares", "contracts": "contracts", "stocks": "stocks"}
DERIVATIVES = 1
"""The second block of the minute's investors, in contracts where the specification says thousand shares."""
PAIRED = "FID_INPUT_ISCD_2"
"""The specification lists the markets beside this parameter, not its values."""


@EVERY_ROUTE
def test_path_and_identifier_are_those_of_the_specification(route: Route) -> None:
    assert (specified(route)["path"], specified(route)["tr_id"]) == (route.path, route.tr_id)


@EVERY_ROUTE
def test_every_field_that_is_read_is_specified_with_the_unit_it_is_converted_from(route: Route) -> None:
    blocks = specified_fields(route)
    for number, block in enumerate(route.blocks):
        fields = blocks[next(name for name in block.keys if name in blocks)]
        for field in block.fields:
            unit = fields[field.name]
            if field.kind is Kind.INTEGER:
                contracts = route.tr_id == "FHPTJ04030000" and number == DERIVATIVES and unit == "thousand shares"
                assert (1 if contracts else UNITS[unit]) == field.unit, field
            else:
                assert unit in WORDS[field.kind], field


@EVERY
def test_won_become_won_and_shares_become_shares(endpoint: Endpoint) -> None:
    blocks = specified_fields(ROUTES[endpoint.name])
    dataset = records.dataset(endpoint.dataset)
    ours = {column.name: column.unit for column in dataset.columns}
    for block in ROUTES[endpoint.name].blocks:
        fields = blocks[next(name for name in block.keys if name in blocks)]
        for field in block.fields:
            unit = fields[field.name].split()[-1]
            if unit in MEASURED and field.column in ours:
                assert MEASURED[unit] == ours[field.column], field


@EVERY
def test_every_parameter_is_sent_in_capitals_and_with_a_value_that_is_allowed(endpoint: Endpoint) -> None:
    request = endpoint.build(ask(endpoint))
    params: dict[str, Any] = specified(ROUTES[endpoint.name])["params"]
    assert set(params) == set(request.query)
    assert all(name == name.upper() for name in request.query)
    for name, value in request.query.items():
        allowed = params[name].get("allowed", ())
        if allowed and "..." not in allowed and name != PAIRED:
            assert value in allowed, name
    assert ("GET", "api", {"tr_id": ROUTES[endpoint.name].tr_id}) == (request.method, request.host, request.headers)
    assert request.body is None


def test_addresses_and_pace_are_those_of_the_specification() -> None:
    hosts = SPECIFICATION["hosts"]
    assert (hosts["real_rest"], hosts["paper_rest"]) == (KIS.hosts["api"], KIS_PAPER.hosts["api"])
    assert SPECIFICATION["master_base"] == f"{KIS.hosts['files']}{masters.FOLDER}/"
    assert SPECIFICATION["limits"]["real_per_second"] == KIS.pace.calls
    assert SPECIFICATION["limits"]["paper_per_second"] == KIS_PAPER.pace.calls
    assert SPECIFICATION["limits"]["token_seconds"] == KIS.token_interval
    assert KIS.pace.seconds > 1.0


def test_the_paper_host_is_asked_only_for_what_it_offers() -> None:
    asked = {ROUTES[one.name].name for one in KIS_PAPER.endpoints if one.name in ROUTES}
    assert asked == {route.name for route in ROUTES.values() if specified(route)["paper"]}


def test_names_of_endpoints_are_unique_and_their_datasets_exist() -> None:
    names = [one.name for one in KIS.endpoints]
    assert sorted(set(names)) == sorted(names)
    assert {one.dataset for one in KIS.endpoints} <= set(records.datasets())


def test_a_page_holds_no_fewer_days_than_a_hole_is_asked_for() -> None:
    for endpoint in ASKED:
        cap = specified(ROUTES[endpoint.name])["rows"]
        if endpoint.reach is Reach.PAST and endpoint.span > 1 and cap:
            assert endpoint.span <= cap * 365 / 240


def test_thirty_places_are_sent_for_one_code() -> None:
    multi = KIS.endpoint("intstock_multprice")
    query = multi.build(Ask(("005930", "500001"), date(2026, 1, 2), date(2026, 1, 2))).query
    assert ("J", "005930", "Q500001") == (
        query["FID_COND_MRKT_DIV_CODE_2"],
        query["FID_INPUT_ISCD_1"],
        query["FID_INPUT_ISCD_2"],
    )
    assert ("", "") == (query["FID_COND_MRKT_DIV_CODE_3"], query["FID_INPUT_ISCD_30"])
    with pytest.raises(Refused, match="1 to 30"):
        multi.build(Ask(tuple(f"{code:06d}" for code in range(31)), date(2026, 1, 2), date(2026, 1, 2)))


@pytest.mark.parametrize(
    ("scope", "pair"),
    [
        ("KOSPI", ("KSP", "0001")),
        ("KOSDAQ", ("KSQ", "1001")),
        ("0013", ("KSP", "0013")),
        ("1009", ("KSQ", "1009")),
        ("KOSPI200_FUTURES", ("K2I", "F001")),
        ("KOSPI200_CALL", ("K2I", "OC01")),
        ("KOSPI200_PUT", ("K2I", "OP01")),
        ("STOCK_FUTURES", ("999", "S001")),
        ("ETF", ("ETF", "T000")),
        ("ETN", ("ETN", "E199")),
        ("ELW", ("ELW", "W000")),
    ],
)
def test_each_market_has_its_pair_of_codes(scope: str, pair: tuple[str, str]) -> None:
    minute = KIS.endpoint("inquire_investor_time_by_market")
    query = minute.build(Ask((scope,), date(2026, 1, 2), date(2026, 1, 2))).query
    assert pair == (query["FID_INPUT_ISCD"], query["FID_INPUT_ISCD_2"])
    assert pair[0] in specified(ROUTES[minute.name])["params"]["FID_INPUT_ISCD"]["allowed"]


@pytest.mark.parametrize("scope", ["KONEX", "005930", "", "2001"])
def test_a_market_without_investors_is_refused_with_what_is_allowed(scope: str) -> None:
    minute = KIS.endpoint("inquire_investor_time_by_market")
    with pytest.raises(Refused, match="allowed"):
        minute.build(Ask((scope,), date(2026, 1, 2), date(2026, 1, 2)))


def test_flows_of_a_sector_are_asked_of_the_same_sector_twice() -> None:
    query = (
        KIS.endpoint("inquire_investor_daily_by_market").build(Ask(("1009",), date(2026, 1, 2), date(2026, 1, 9))).query
    )
    assert ("1009", "1009", "KSQ") == (query["FID_INPUT_ISCD"], query["FID_INPUT_ISCD_2"], query["FID_INPUT_ISCD_1"])
    assert query["FID_INPUT_DATE_1"] == query["FID_INPUT_DATE_2"] == "20260109"


@EVERY
def test_more_than_one_scope_is_refused_where_one_is_asked(endpoint: Endpoint) -> None:
    if endpoint.scope is Scope.NONE or endpoint.batch > 1:
        return
    with pytest.raises(Refused, match="one scope"):
        endpoint.build(Ask(("005930", "000660"), date(2026, 1, 2), date(2026, 1, 9)))


def test_parameters_carry_no_small_letters_and_no_unknown_prefix() -> None:
    for endpoint in ASKED:
        for name in endpoint.build(ask(endpoint)).query:
            assert re.fullmatch(r"[A-Z0-9_]+", name)
