"""What is sent and read agrees with the neutral specification: paths, codes, fields and their types, units, limits."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from sugeup import records
from sugeup.archive import planning
from sugeup.errors import Refused
from sugeup.records import Kind
from sugeup.sources import origins
from sugeup.sources.kis import KIS
from sugeup.sources.ls import LS, indices, markets
from sugeup.sources.ls.question import Question
from sugeup.sources.ls.vendor import QUESTIONS, TOKEN_PATH
from sugeup.sources.preference import INDUSTRIES
from sugeup.sources.vendor import Ask, Credentials, Endpoint, Scope, Token
from tests.sources.ls.answers import ASKED, CURSORS, SPECIFICATION, ask, question, specified, specified_fields

EVERY = pytest.mark.parametrize("endpoint", ASKED, ids=lambda one: one.name)
EVERY_QUESTION = pytest.mark.parametrize("asked", [*QUESTIONS.values(), indices.SECTORS], ids=lambda one: str(one.name))
UNITS = {
    "won": 1,
    "thousand won": 1_000,
    "million won": 1_000_000,
    "hundred million won": 100_000_000,
    "shares": 1,
    "thousand shares": 1_000,
    "stocks": 1,
}
WORDS = {
    Kind.NUMBER: ("points", "percent"),
    Kind.DATE: ("date",),
    Kind.TEXT: ("code", "text", "time"),
}
MEASURED = {"amount": "won", "volume": "shares"}
BLANK = {"", " "}


def unit(told: str, column: str, fields: dict[str, Any]) -> str:
    """The unit for a column, where the specification gives one for each value of a flag."""
    for part in told.split(" / "):
        size, _, flag = part.partition(" (")
        name, _, value = flag.rstrip(")").partition(" ")
        if not flag or fields.get(name) == value or (name in {"quantity", "amount"} and _chosen(name, column)):
            return size
    return told


def _chosen(name: str, column: str) -> bool:
    return column.endswith("_volume" if name == "quantity" else "_amount")


def sent(request: Any) -> dict[str, Any]:
    return dict(next(iter(request.body.values())))


def series(endpoint: Endpoint) -> list[dict[str, Any]]:
    """The fields of each question that makes a row."""
    cursors = {"t1702": ["", *(f"20261124.{n}" for n in (1, 2, 3))], "t1633": ["", "20261124.1"]}.get(endpoint.name)
    if endpoint.name in {"t1602", "t1632"}:
        cursors = ["", "1|2026-11-24T06:50:00+00:00|||"]
    if endpoint.name in CURSORS:
        cursors = [CURSORS[endpoint.name]]
    if cursors is None:
        cursors = ["", "2026-11-24T06:50:00+00:00"] if endpoint.name in {"t1662", "t1601"} else [""]
    return [sent(endpoint.build(ask(endpoint).at(cursor))) for cursor in cursors]


@EVERY_QUESTION
def test_path_and_code_are_those_of_the_specification(asked: Question) -> None:
    assert (specified(asked)["path"], specified(asked)["tr_cd"]) == (asked.path, asked.name)


@EVERY_QUESTION
def test_no_question_is_asked_faster_than_the_vendor_allows(asked: Question) -> None:
    told = specified(asked)["per_second"] or {"personal": SPECIFICATION["limits"]["personal_per_second"]}
    assert told["personal"] == asked.calls
    assert asked.pace.seconds > 1.0


@EVERY
def test_every_endpoint_keeps_the_pace_of_its_question_and_shares_it(endpoint: Endpoint) -> None:
    assert endpoint.pace == question(endpoint).pace
    assert (endpoint.lane or endpoint.name) == question(endpoint).name


@EVERY_QUESTION
def test_blocks_beside_the_rows_are_specified(asked: Question) -> None:
    told = {block["key"] for block in specified(asked)["blocks"]}
    read = {key for block in asked.blocks for key in block.keys}
    assert told == {name for name in told if name.lower() in read} | set(asked.beside)


@EVERY
def test_every_field_that_is_read_is_specified_with_the_unit_it_is_converted_from(endpoint: Endpoint) -> None:
    asked = question(endpoint)
    fields = specified_fields(asked)
    flags = series(endpoint)
    contracts = asked.name in {"t1665", "t1601", "t1602"}
    for number, block in enumerate(asked.blocks):
        told = fields[block.keys[0]]
        for field in block.fields:
            if field.kind is Kind.INTEGER:
                found = {unit(told[field.name], field.column, one) for one in flags}
                sizes = {UNITS[name] for name in found if name in UNITS}
                derivative = contracts and field.column.endswith("_volume") and field.unit == 1 and number > 0
                assert field.unit in sizes or derivative or field.column == "change", (field, found)
            elif field.column not in {"board", "fund", "limit_use_pct", "printed"}:
                assert told[field.name] in (*WORDS[field.kind], ""), (field, told[field.name])


@EVERY
def test_every_field_is_sent_with_its_type_and_a_value_that_is_allowed(endpoint: Endpoint) -> None:
    asked = question(endpoint)
    told: dict[str, Any] = specified(asked)["request"][f"{asked.name}InBlock"]
    for fields in series(endpoint):
        assert set(told) == set(fields)
        for name, value in fields.items():
            assert ("number" if isinstance(value, int) else "text") == told[name]["type"], name
            if isinstance(value, str):
                assert len(value) <= int(told[name]["length"]) or asked.name == "t8407", name
                assert value in told[name].get("allowed", {value}) or value in BLANK, name


@EVERY
def test_a_question_is_a_post_with_its_code_and_no_credential(endpoint: Endpoint) -> None:
    request = endpoint.build(ask(endpoint))
    headers = {"tr_cd": question(endpoint).name, "tr_cont": "N", "tr_cont_key": ""}
    assert ("POST", "api", headers, {}) == (request.method, request.host, request.headers, request.query)
    assert [f"{question(endpoint).name}InBlock"] == list(request.body or {})


def test_a_signed_question_has_the_headers_that_the_vendor_wants() -> None:
    request = LS.sign(ASKED[0].build(ask(ASKED[0])), Credentials("k" * 36, "s" * 36), Token("abc", 60))
    assert set(SPECIFICATION["headers"]) - {"mac_address"} == set(request.headers)
    assert "Bearer abc" == request.headers["authorization"]
    assert "k" * 36 not in str(request)


def test_a_continuation_key_is_handed_back() -> None:
    asked = QUESTIONS["t1514"].request({"upcode": "001"}, "ABC")
    assert ("Y", "ABC") == (asked.headers["tr_cont"], asked.headers["tr_cont_key"])


def test_address_and_form_are_those_of_the_specification() -> None:
    assert SPECIFICATION["hosts"]["rest"] == LS.hosts["api"]
    request = LS.token_request(Credentials("key", "secret"))
    told = SPECIFICATION["token"]
    assert (told["method"], told["path"]) == (request.method, request.path) == ("POST", TOKEN_PATH)
    assert set(told["form"]) == set(request.body or {})
    assert "application/x-www-form-urlencoded" == request.headers["content-type"]


def test_names_of_endpoints_are_unique_over_vendors_and_their_datasets_exist() -> None:
    names = [one.name for vendor in (LS, KIS) for one in vendor.endpoints]
    assert sorted(set(names)) == sorted(names)
    assert {one.dataset for one in LS.endpoints} <= set(records.datasets())


def test_withdrawn_questions_are_not_asked() -> None:
    assert not set(SPECIFICATION["withdrawn"]) & set(QUESTIONS)


def test_the_second_vendor_stands_behind_the_first_but_for_holdings_that_say_their_day() -> None:
    mine = {one.source for one in LS.endpoints}
    standings = {name: origins()[name].standing for name in mine}
    first = origins()["kis"].standing
    assert {"ls_holding"} == {name for name, standing in standings.items() if standing < first}
    assert all(standings[name] < origins()["kis_three_groups"].standing for name in ("ls", "ls_market", "ls_program"))
    assert all(standings[name] > origins()["kis_three_groups"].standing for name in ("ls_net", "ls_summary"))


@pytest.mark.parametrize(
    ("table", "name"), [(markets.MINUTES, "t1602"), (markets.DAYS, "t1665")], ids=["minutes", "days"]
)
def test_codes_of_a_market_are_allowed(table: dict[str, tuple[str, str]], name: str) -> None:
    told = SPECIFICATION["endpoints"][name]["request"][f"{name}InBlock"]["market"]["allowed"]
    assert {market for market, _ in table.values()} <= set(told)
    assert {sector for _, sector in table.values()} <= set(SPECIFICATION["markets"])


def test_codes_of_derivatives_are_in_another_order_by_day_than_by_minute() -> None:
    assert ("6", "5") == (markets.DAYS["KOSPI200_CALL"][0], markets.DAYS["KOSPI200_PUT"][0])
    assert ("5", "6") == (markets.MINUTES["KOSPI200_CALL"][0], markets.MINUTES["KOSPI200_PUT"][0])


@EVERY
def test_more_than_one_scope_is_refused_where_one_is_asked(endpoint: Endpoint) -> None:
    if endpoint.scope is Scope.NONE or endpoint.batch > 1:
        return
    with pytest.raises(Refused, match="one scope"):
        endpoint.build(Ask(("KOSPI", "KOSDAQ"), date(2026, 1, 2), date(2026, 1, 9)))


@pytest.mark.parametrize("scope", ["KONEX", "0013", "2001", ""])
@pytest.mark.parametrize("name", ["t1665", "t1621", "t1601", "t1633", "t1662", "t1514", "t1511"])
def test_a_scope_that_the_vendor_has_no_code_for_is_refused_with_what_is_allowed(name: str, scope: str) -> None:
    if scope == "0013" and name in INDUSTRIES:
        assert "013" == sent(LS.endpoint(name).build(Ask((scope,), date(2026, 1, 2), date(2026, 1, 9))))["upcode"]
        return
    with pytest.raises(Refused, match="allowed: KOSPI"):
        LS.endpoint(name).build(Ask((scope,), date(2026, 1, 2), date(2026, 1, 9)))


@pytest.mark.parametrize(
    ("scope", "market", "code"), [("0013", "1", "013"), ("1028", "3", "328"), ("KOSDAQ", "3", "301")]
)
def test_industries_are_those_of_their_market_in_questions_about_days(scope: str, market: str, code: str) -> None:
    asked = Ask((scope,), date(2026, 1, 2), date(2026, 1, 9))
    fields = sent(LS.endpoint("t1665").build(asked))
    assert (market, code) == (fields["market"], fields["upcode"])
    assert code == sent(LS.endpoint("t1514").build(asked))["upcode"]
    assert scope in {markets.industry(code), "KOSDAQ"}


@pytest.mark.parametrize("name", sorted(INDUSTRIES))
def test_industries_are_asked_of_the_endpoints_that_have_them_and_nothing_else_is(name: str) -> None:
    scopes = ("KOSPI", "0013", "KONEX", "1028", "ETF", "KRX")
    assert ("KOSPI", "0013", "1028") == planning.ledger_scopes(LS.endpoint(name), scopes)
    assert ("KOSPI",) == planning.ledger_scopes(LS.endpoint("t1621"), scopes)


def test_fifty_codes_are_joined_without_anything_between_them() -> None:
    several = LS.endpoint("t8407")
    codes = tuple(f"{code:06d}" for code in range(50))
    assert {"nrec": 50, "shcode": "".join(codes)} == sent(several.build(Ask(codes, date(2026, 1, 2), date(2026, 1, 2))))
    for wrong, said in (((), "1 to 50"), ((*codes, "000050"), "1 to 50"), (("5930",), "six characters")):
        with pytest.raises(Refused, match=said):
            several.build(Ask(wrong, date(2026, 1, 2), date(2026, 1, 2)))


def test_nothing_of_the_specification_is_left_without_a_unit_word_that_is_known() -> None:
    known = re.compile(
        r"^$|^(won|thousand won|million won|hundred million won|shares|thousand shares|percent|points|stocks|date|time"
        r"|text|code|sign|flag|number|unknown|won a share|won, average price|thousand shares or shares)( \(.+\))?$"
    )
    for endpoint in SPECIFICATION["endpoints"].values():
        for block in endpoint["blocks"]:
            for told in block.get("fields", {}).values():
                assert all(known.match(part) for part in told.split(" / ")), told
