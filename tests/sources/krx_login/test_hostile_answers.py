"""Whatever a member page answers, the source gives a page or says that the answer has changed; nothing else escapes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup import records
from sugeup.errors import ConfigError, Refused, Retryable, SchemaDrift, SugeupError
from sugeup.sources.krx_login import VENDOR
from sugeup.sources.krx_login.judging import judge, signed_in
from sugeup.sources.krx_login.vendor import QUESTIONS
from sugeup.sources.vendor import Endpoint, Outcome, Request
from tests.sources.krx_login.answers import RECORDED, ask, document, reply

EVERY = pytest.mark.parametrize("endpoint", VENDOR.endpoints, ids=lambda one: one.name)
ASKED = Request("/dbms/MDC/STAT/standard/MDCSTAT01501", method="POST")
anything = st.one_of(
    st.text(max_size=20),
    st.integers(-(10**25), 10**25).map(str),
    st.sampled_from(["", "-", "0", "NaN", "1e9", "٣", "1,2,3", "2021/13/45", "1.5"]),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.lists(st.text(max_size=3), max_size=2),
    st.just({}),
)


@EVERY
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_values_of_any_kind_give_a_page_or_drift(endpoint: Endpoint, data: st.DataObject) -> None:
    found = document(endpoint)
    for row in found[RECORDED[endpoint.name][0]]:
        for name in data.draw(st.lists(st.sampled_from(sorted(row)), max_size=4)):
            row[name] = data.draw(anything)
    try:
        page = endpoint.parse(ask(endpoint), reply(found))
    except SchemaDrift:
        return
    if endpoint.join is None:
        assert records.dataset(endpoint.dataset).conform(page.frame).height == page.frame.height
    else:
        endpoint.join(ask(endpoint), [page])


@EVERY
@settings(max_examples=20, deadline=None)
@given(block=st.one_of(anything, st.lists(anything, max_size=3)))
def test_blocks_of_any_shape_give_a_page_or_drift(endpoint: Endpoint, block: Any) -> None:
    try:
        assert endpoint.parse(ask(endpoint), reply({RECORDED[endpoint.name][0]: block})).frame.height >= 0
    except SchemaDrift as drift:
        assert endpoint.name == drift.details["endpoint"]


@EVERY
def test_a_field_that_is_gone_is_named(endpoint: Endpoint) -> None:
    for field in QUESTIONS[endpoint.name].blocks[0].fields:
        found = document(endpoint)
        for row in found[RECORDED[endpoint.name][0]]:
            del row[field.name]
        with pytest.raises(SchemaDrift) as told:
            endpoint.parse(ask(endpoint), reply(found))
        assert ("krx_login", endpoint.name, field.name) == tuple(
            told.value.details[name] for name in ("vendor", "endpoint", "field")
        )


@EVERY
def test_an_answer_without_its_block_is_drift(endpoint: Endpoint) -> None:
    with pytest.raises(SchemaDrift, match="the block is missing"):
        endpoint.parse(ask(endpoint), reply({"CURRENT_DATETIME": "2021.02.10 PM 09:00:00"}))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([200, 302, 400, 403, 404, 429, 500, 503]))
def test_bytes_of_any_kind_are_judged_and_read_or_told(body: bytes, status: int) -> None:
    for judged in (lambda one: judge(ASKED, one), signed_in):
        try:
            judged(reply(body, status))
        except SugeupError as error:
            assert str(error)
    for endpoint in VENDOR.endpoints:
        with pytest.raises(SchemaDrift):
            endpoint.parse(ask(endpoint), reply(body))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"LOGOUT", 400),
        (b" logout\n", 400),
        (b"", 403),
        ("<html>비정상 접근으로 이용이 제한되었습니다</html>".encode(), 200),
        ("<html>IP 차단</html>".encode(), 503),
    ],
)
def test_an_address_that_is_kept_out_is_told_to_wait_a_day(body: bytes, status: int) -> None:
    for judged in (lambda one: judge(ASKED, one), signed_in):
        with pytest.raises(Retryable) as told:
            judged(reply(body, status))
        assert ("RATE_LIMITED", "BLOCKED", 86_400) == (
            told.value.code,
            told.value.details["reason"],
            told.value.details["retry_after"],
        )


@pytest.mark.parametrize(
    ("body", "status", "outcome"),
    [
        (b"<html><h1>503</h1></html>", 503, Outcome.AGAIN),
        (b'{"output": [', 200, Outcome.AGAIN),
        (b"<html></html>", 200, Outcome.AGAIN),
        (b'{"_error_code": "CD002"}', 200, Outcome.AGAIN),
        (b"", 429, Outcome.LIMITED),
        (b'{"output": []}', 200, Outcome.DONE),
    ],
)
def test_other_answers_are_judged(body: bytes, status: int, outcome: Outcome) -> None:
    assert outcome is judge(ASKED, reply(body, status)).outcome


def test_an_answer_that_cannot_be_helped_is_refused() -> None:
    with pytest.raises(Refused, match="MDCSTAT01501"):
        judge(ASKED, reply({"message": "no"}, 404))


@pytest.mark.parametrize(
    ("code", "error", "word"),
    [
        ("CD010", ConfigError, "SUGEUP_KRX_PW"),
        ("CD011", Retryable, "Log out"),
        ("CD005", ConfigError, "Naver or Kakao"),
        (None, ConfigError, "no code"),
    ],
)
def test_a_log_in_that_fails_says_what_to_do(code: str | None, error: type[SugeupError], word: str) -> None:
    with pytest.raises(error) as told:
        signed_in(reply({"_error_code": code, "_error_message": "…"}))
    assert word in str(told.value)


def test_a_log_in_that_worked_holds_for_an_hour() -> None:
    assert 3_600 == signed_in(reply({"_error_code": "CD001"})).seconds
