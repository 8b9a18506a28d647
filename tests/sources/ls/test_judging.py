"""How answers and tokens are taken: what passes, what is sent again, what is told, and how long a token is good."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.errors import ConfigError, Refused, SchemaDrift, SugeupError
from sugeup.market.sessions import SEOUL
from sugeup.sources.ls import LS
from sugeup.sources.ls.judging import judge
from sugeup.sources.vendor import Credentials, Outcome, Reply
from tests.sources.ls.answers import ASKED, CLOSED, SPECIFICATION, ask, recorded, reply

REQUEST = ASKED[0].build(ask(ASKED[0]))
TOKEN = LS.token_request(Credentials("k3y" * 12, "s3cret" * 6))
EXAMPLES = {
    "t8407", "t8410", "t1702", "t1717", "t1716", "t1665", "t1601", "t1621", "t1633", "t1662", "t1637", "t1927",
    "t1941", "t1926", "t1921", "t1514", "t1511", "t1102", "t8436", "t8428",
}  # fmt: skip


def said(code: str, words: str = "", status: int = 200) -> Reply:
    return reply({"rsp_cd": code, "rsp_msg": words}, status=status)


def issued(at: datetime, seconds: object = 86400, value: str = "opaque", name: str = "expires_in") -> Reply:
    return reply({"access_token": value, "token_type": "Bearer", "scope": "oob", name: seconds}, at)


def jwt(end: datetime) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": int(end.timestamp())}).encode()).decode().rstrip("=")
    return f"e30.{claims}.c2ln"


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_example_is_an_answer(name: str) -> None:
    assert Outcome.DONE is judge(REQUEST, reply(recorded(name))).outcome


@pytest.mark.parametrize("code", ["00000", "00707"])
def test_success_and_no_data_are_answers(code: str) -> None:
    assert Outcome.DONE is judge(REQUEST, said(code)).outcome


def test_a_code_that_nobody_described_is_an_answer_only_with_a_block() -> None:
    found = reply({"rsp_cd": "00136", "rsp_msg": "조회가 완료되었습니다.", "t1702OutBlock1": []})
    assert Outcome.DONE is judge(REQUEST, found).outcome
    with pytest.raises(Refused, match="00136"):
        judge(REQUEST, said("00136", "조회가 완료되었습니다."))


@pytest.mark.parametrize("status", [200, 500])
def test_asked_too_fast_is_sent_again_whatever_the_status(status: int) -> None:
    assert Outcome.LIMITED is judge(REQUEST, said("IGW00201", "호출 거래건수를 초과하였습니다.", status)).outcome


@pytest.mark.parametrize("code", ["IGW00121", "IGW00123"])
@pytest.mark.parametrize("status", [200, 401, 500])
def test_a_bad_token_is_renewed(code: str, status: int) -> None:
    assert Outcome.RENEW is judge(REQUEST, said(code, "유효하지 않은 token 입니다.", status)).outcome


@pytest.mark.parametrize(("code", "hint"), [("IGW00103", "app key"), ("IGW00105", "secret"), ("01900", "real trading")])
def test_a_wrong_key_is_a_matter_of_configuration(code: str, hint: str) -> None:
    for request in (REQUEST, TOKEN):
        with pytest.raises(ConfigError, match=hint):
            judge(request, said(code, status=403))


@pytest.mark.parametrize("code", ["IGW00133", "IGW00205", "IGW00214", "IGW00215", "IGW40010"])
def test_what_the_vendor_no_longer_knows_is_drift(code: str) -> None:
    with pytest.raises(SchemaDrift, match=code):
        judge(REQUEST, said(code, status=400))


@pytest.mark.parametrize("code", ["IGW40011", "IGW40013"])
def test_a_field_of_ours_that_is_not_taken_is_drift_and_the_code_that_was_asked_for_is_refused(code: str) -> None:
    with pytest.raises(SchemaDrift, match="nrec"):
        judge(REQUEST, said(code, "nrec 값이 올바르지 않습니다."))
    with pytest.raises(Refused, match=code):
        judge(REQUEST, said(code, "shcode 길이가 올바르지 않습니다."))
    with pytest.raises(Refused, match=code):
        judge(REQUEST, said(code))


def test_every_code_of_the_specification_is_taken_in_some_way() -> None:
    for code in SPECIFICATION["codes"]:
        try:
            assert judge(REQUEST, said(code, status=400)).outcome in Outcome
        except SugeupError as error:
            assert str(error)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_vendor_is_asked_again(status: int) -> None:
    assert Outcome.AGAIN is judge(REQUEST, said("", "", status)).outcome
    assert Outcome.AGAIN is judge(REQUEST, Reply(status, {}, b"<html>", CLOSED)).outcome


def test_an_answer_of_another_shape_is_drift() -> None:
    with pytest.raises(SchemaDrift, match="rsp_cd"):
        judge(REQUEST, reply({"something": "else"}))


def test_nothing_that_could_be_a_key_is_said() -> None:
    with pytest.raises(ConfigError) as caught:
        judge(TOKEN, said("IGW00103", f"appkey {'k3y' * 12} {'x' * 40}", 403))
    assert "k3y" not in str(caught.value)
    assert "x" * 40 not in str(caught.value)


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from([200, 400, 401, 403, 404, 429, 500, 503]))
def test_any_code_and_words_are_taken_or_told(code: str, words: str, status: int) -> None:
    try:
        judge(REQUEST, said(code, words, status))
    except SugeupError as error:
        assert str(error)


@pytest.mark.parametrize("seen", SPECIFICATION["token"]["seen"], ids=lambda one: str(one["issued"]))
def test_a_token_ends_at_seven_in_the_morning_as_those_that_were_seen_did(seen: dict[str, str]) -> None:
    at, end = datetime.fromisoformat(seen["issued"]), datetime.fromisoformat(seen["ends"])
    found = LS.token(issued(at.astimezone(UTC), value=jwt(end)))
    assert 0 <= (end - at).total_seconds() - found.seconds <= 1


def test_a_token_is_good_for_the_shortest_of_what_is_known_of_it() -> None:
    evening = datetime(2026, 11, 24, 19, 0, tzinfo=SEOUL).astimezone(UTC)
    assert 12 * 3600 == LS.token(issued(evening)).seconds
    assert 600 == LS.token(issued(evening, 600)).seconds
    assert 3600 == LS.token(issued(evening, "86400", jwt(evening + timedelta(hours=1)))).seconds
    before = datetime(2026, 11, 25, 6, 59, 30, tzinfo=SEOUL).astimezone(UTC)
    assert 30 == LS.token(issued(before)).seconds
    assert 86400 == LS.token(issued(before + timedelta(seconds=30))).seconds


def test_the_life_of_a_token_may_be_spelled_as_in_the_vendors_table() -> None:
    assert 600 == LS.token(issued(CLOSED, 600, name="expire_in")).seconds


@pytest.mark.parametrize(
    "value", ["a.b.c", "a.!!.c", "a.e30.c", "e30." + base64.b64encode(b'{"exp": "x"}').decode() + ".c"]
)
def test_a_token_that_names_no_end_is_taken_all_the_same(value: str) -> None:
    assert 600 == LS.token(issued(CLOSED, 600, value)).seconds


@pytest.mark.parametrize(
    ("found", "named"),
    [
        ({"access_token": "x"}, "expires_in"),
        ({"access_token": "x", "expires_in": "soon"}, "expires_in"),
        ({"rsp_cd": "00000"}, "access_token"),
    ],
)
def test_a_reply_without_a_token_or_its_life_is_drift(found: dict[str, str], named: str) -> None:
    with pytest.raises(SchemaDrift) as caught:
        LS.token(reply(found))
    assert {"vendor": "ls", "endpoint": "token", "field": named} == caught.value.details


def test_a_refused_key_is_told_even_when_the_status_says_success() -> None:
    with pytest.raises(ConfigError, match="IGW00103"):
        LS.token(said("IGW00103"))
