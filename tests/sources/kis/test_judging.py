"""How answers are taken: what passes, what is sent again, what is told to the user, and what is never told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.errors import ConfigError, NoData, Refused, SchemaDrift, SugeupError
from sugeup.sources.kis import KIS
from sugeup.sources.kis.judging import judge
from sugeup.sources.replies.words import masked
from sugeup.sources.vendor import Credentials, Outcome, Reply, Request, Token, Verdict
from tests.sources.kis.answers import ASKED, CLOSED, SPECIFICATION, ask, recorded, reply

KEY, SECRET, TOKEN = "PSabcdefKEY", "s3cretSECRET+/=", "eyJhbGciOi.ABC.def"
CREDENTIALS = Credentials(KEY, SECRET)
REQUEST = KIS.sign(ASKED[0].build(ask(ASKED[0])), CREDENTIALS, Token(TOKEN, 86400))
FILE = Request("/common/master/kospi_code.mst.zip", host="files")


def said(code: str, words: str = "", result: str = "1", status: int = 200) -> Reply:
    return reply({"rt_cd": result, "msg_cd": code, "msg1": words}, status=status)


def judged(name: str, status: int) -> Verdict:
    return judge(REQUEST, reply(recorded(name), status=status))


@pytest.mark.parametrize("status", [200, 500])
def test_asked_too_fast_is_sent_again_whatever_the_status(status: int) -> None:
    assert Outcome.LIMITED is judged("error_rate_limit", status).outcome


@pytest.mark.parametrize("name", ["error_token_expired", "error_token_invalid"])
@pytest.mark.parametrize("status", [200, 500])
def test_a_bad_token_is_renewed(name: str, status: int) -> None:
    assert Outcome.RENEW is judged(name, status).outcome


def test_a_token_asked_for_too_often_waits_a_minute() -> None:
    verdict = judge(KIS.token_request(CREDENTIALS), reply(recorded("error_token_issue_limit"), status=403))
    assert (Outcome.LIMITED, 60.0) == (verdict.outcome, verdict.wait)


def test_today_before_its_time_says_until_when() -> None:
    with pytest.raises(NoData, match=r"15:40") as caught:
        judged("error_time_limit", 200)
    assert ("NOT_PUBLISHED_YET", "15:40") == (caught.value.code, caught.value.details["until"])
    assert caught.value.hint is not None


@pytest.mark.parametrize(
    ("name", "hint"), [("error_paper_key_on_real", "real trading"), ("error_not_paper_tr", "real host")]
)
def test_a_key_of_the_other_host_is_a_matter_of_configuration(name: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        judged(name, 500)


@pytest.mark.parametrize("code", ["EGW00103", "EGW00105", "EGW00206", "EGW00208", "EGW00304"])
def test_a_bad_key_or_account_says_what_to_do(code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        judge(REQUEST, said(code, "유효하지 않은 AppKey입니다.", status=403))
    assert caught.value.hint


def test_a_parameter_of_ours_that_is_no_longer_taken_is_drift() -> None:
    with pytest.raises(SchemaDrift, match="FID_COND_MRKT_DIV_CODE"):
        judged("error_invalid_field", 200)


def test_a_bad_argument_is_refused() -> None:
    with pytest.raises(Refused, match="FID_INPUT_ISCD"):
        judge(REQUEST, said("OPSQ2001", "ERROR INVALID FID_INPUT_ISCD", "2"))


@pytest.mark.parametrize("code", ["EGW00202", "EGW00203", "EGW00300", "EGW00301", "EGW00302"])
def test_faults_of_the_gateway_pass(code: str) -> None:
    assert Outcome.AGAIN is judge(REQUEST, said(code, status=500)).outcome


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        (b'{"rt_cd":"0","output":[{"stck_bsop', 200),
        (b"<html>Bad Gateway</html>", 502),
        (b"\xff\xfe", 200),
        (b"[]", 200),
    ],
)
def test_what_is_no_whole_object_is_asked_for_again(body: bytes, status: int) -> None:
    assert Outcome.AGAIN is judge(REQUEST, Reply(status, {"retry-after": "7"}, body, CLOSED)).outcome


def test_an_unknown_code_passes_only_with_a_fault_of_the_server() -> None:
    assert Outcome.AGAIN is judge(REQUEST, said("XYZ00001", status=503)).outcome
    with pytest.raises(Refused, match="XYZ00001"):
        judge(REQUEST, said("XYZ00001", "what is this"))


def test_an_answer_without_a_result_is_drift() -> None:
    with pytest.raises(SchemaDrift, match="rt_cd"):
        judge(REQUEST, reply({"output": []}))


def test_a_crowded_server_says_how_long_to_wait() -> None:
    verdict = judge(REQUEST, Reply(429, {"retry-after": "3"}, b'{"rt_cd":"1"}', CLOSED))
    assert (Outcome.LIMITED, 3.0) == (verdict.outcome, verdict.wait)


@pytest.mark.parametrize("endpoint", ASKED, ids=lambda one: one.name)
def test_recorded_answers_are_done(endpoint: object) -> None:
    from tests.sources.kis.answers import document

    assert Outcome.DONE is judge(REQUEST, reply(document(endpoint))).outcome  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["empty_result", "chk_holiday", "search_stock_info"])
def test_success_is_the_result_and_no_particular_code(name: str) -> None:
    assert Outcome.DONE is judged(name, 200).outcome


def test_every_code_of_the_specification_is_judged_without_an_unknown_error() -> None:
    for code in SPECIFICATION["codes"]:
        try:
            judge(REQUEST, said(code, status=500))
        except SugeupError as error:
            assert error.hint is not None or isinstance(error, Refused)


@given(
    words=st.text(max_size=80),
    place=st.integers(0, 80),
    secret=st.sampled_from([KEY, SECRET, TOKEN, f"Bearer {TOKEN}"]),
)
def test_no_credential_is_ever_repeated(words: str, place: int, secret: str) -> None:
    echoed = words[:place] + secret + words[place:]
    for code in ("OPSQ2001", "EGW00201", "EGW00103", "XYZ00009"):
        try:
            shown = judge(REQUEST, said(code, echoed)).said
        except SugeupError as error:
            shown = f"{error} {error.details}"
        assert KEY not in shown
        assert SECRET not in shown
        assert TOKEN not in shown


def test_another_accounts_token_is_masked_too() -> None:
    assert "***" in masked(REQUEST, "invalid token eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.FAKE.FAKE")
    assert "FAKE" not in masked(REQUEST, "invalid token eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.FAKE.FAKE")


def test_a_request_is_signed_with_the_headers_of_an_asker_and_a_file_with_none() -> None:
    headers = dict(REQUEST.headers)
    assert (f"Bearer {TOKEN}", KEY, SECRET, "P", "") == tuple(
        headers[name] for name in ("authorization", "appkey", "appsecret", "custtype", "tr_cont")
    )
    assert "FHKST11300006" == headers["tr_id"]
    assert FILE == KIS.sign(FILE, CREDENTIALS, Token(TOKEN, 60))


def test_a_token_is_asked_for_and_read() -> None:
    asked = KIS.token_request(CREDENTIALS)
    assert SPECIFICATION["endpoints"]["oauth2_tokenP"]["path"] == asked.path
    assert set(SPECIFICATION["endpoints"]["oauth2_tokenP"]["params"]) == set(asked.body or {})
    assert "POST" == asked.method
    token = KIS.token(reply(recorded("oauth2_tokenP"), datetime(2026, 11, 19, 23, 17, tzinfo=UTC)))
    assert token.value.startswith("eyJ")
    assert 86399 == token.seconds


def test_the_same_token_again_is_good_for_what_is_left_of_it() -> None:
    later = datetime(2026, 11, 20, 4, 16, 59, tzinfo=UTC)
    assert 19 * 3600 == KIS.token(reply(recorded("oauth2_tokenP"), later)).seconds


@pytest.mark.parametrize("name", ["access_token", "expires_in"])
def test_a_token_answer_without_a_field_is_drift(name: str) -> None:
    found = recorded("oauth2_tokenP")
    del found[name]
    with pytest.raises(SchemaDrift, match=name):
        KIS.token(reply(found))


def test_a_token_of_unknown_life_is_drift_and_an_unreadable_end_is_not() -> None:
    found = recorded("oauth2_tokenP")
    assert 86400 == KIS.token(reply({**found, "access_token_token_expired": "soon"})).seconds
    with pytest.raises(SchemaDrift, match="expires_in"):
        KIS.token(reply({**found, "expires_in": "a day"}))


def test_a_file_is_judged_by_its_status() -> None:
    assert Outcome.DONE is judge(FILE, Reply(200, {}, b"PK", CLOSED)).outcome
    assert Outcome.AGAIN is judge(FILE, Reply(503, {}, b"", CLOSED)).outcome
    assert Outcome.AGAIN is judge(FILE, Reply(200, {}, b"", CLOSED)).outcome
    assert Outcome.LIMITED is judge(FILE, Reply(429, {}, b"", CLOSED)).outcome
    with pytest.raises(SchemaDrift, match=r"kospi_code\.mst"):
        judge(FILE, Reply(404, {}, b"", CLOSED))


def test_credentials_and_tokens_are_not_shown() -> None:
    assert KEY not in repr(CREDENTIALS)
    assert TOKEN not in repr(Token(TOKEN, 1))
