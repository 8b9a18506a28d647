"""Tokens: one issue a minute, the same token for six hours, 24 hours of life; refusals as recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from sugeup.sandbox.kis.auth import KEY, SECRET
from sugeup.sandbox.kis.service import Options as KisOptions
from sugeup.sandbox.sandbox import Sandbox
from sugeup.sandbox.server import SandboxApp
from sugeup.sandbox.vendors import Options
from tests.support.sandboxes import Caller, calling, kis, made, market, seoul

RECORDED = Path(__file__).parents[1] / "recorded" / "kis"
CODE = market().codes[0]
STRICT = Options(kis=KisOptions(rate=1_000_000, token_clock=True))
"""Tokens that live by the sandbox's clock, which the tests move."""


def recorded(name: str) -> dict[str, Any]:
    found = json.loads((RECORDED / f"{name}.json").read_text())
    return {key: value for key, value in found.items() if not key.startswith("_")}


@pytest.fixture
def sandbox() -> Sandbox:
    return made("2025-04-15T16:00", options=STRICT)


@pytest.fixture
def caller(sandbox: Sandbox) -> Iterator[Caller]:
    with calling(sandbox) as found:
        yield found


def price(caller: Caller, **headers: str) -> Any:
    sent = caller.headers("FHKST01010100") | headers
    query = {"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": CODE}
    return caller.http.get(
        "/uapi/domestic-stock/v1/quotations/inquire-price",
        params=query,
        headers={name: value for name, value in sent.items() if value},
    )


def test_a_token_is_issued_as_the_vendor_writes_it(caller: Caller) -> None:
    found = caller.fresh()
    assert 200 == found.status_code
    assert list(recorded("oauth2_tokenP")) == list(found.json())
    assert 86_400 == found.json()["expires_in"]
    assert "Bearer" == found.json()["token_type"]
    assert "2025-04-16 16:00:00" == found.json()["access_token_token_expired"]


def test_a_second_issue_within_a_minute_is_refused_without_rt_cd(caller: Caller, sandbox: Sandbox) -> None:
    caller.fresh()
    sandbox.world.clock.step(timedelta(seconds=59))
    again = caller.fresh()
    assert 403 == again.status_code
    assert recorded("error_token_issue_limit") == again.json()


def test_within_six_hours_the_same_token_comes_back_with_what_is_left_of_it(caller: Caller, sandbox: Sandbox) -> None:
    first = caller.fresh().json()
    sandbox.world.clock.step(timedelta(hours=5, minutes=59))
    again = caller.fresh().json()
    assert first["access_token"] == again["access_token"]
    assert 86_400 - 5 * 3_600 - 59 * 60 == again["expires_in"]
    assert first["access_token_token_expired"] == again["access_token_token_expired"]
    sandbox.world.clock.step(timedelta(minutes=2))
    assert first["access_token"] != caller.fresh().json()["access_token"]
    assert 2 == kis(sandbox).accounts.issued


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [
        ("nobody", "sandbox-secret", "EGW00103"),
        ("sandbox-key", "wrong", "EGW00105"),
        ("", "sandbox-secret", "EGW00102"),
        ("sandbox-key", "", "EGW00104"),
    ],
)
def test_a_wrong_key_or_secret_gets_no_token(sandbox: Sandbox, key: str, secret: str, code: str) -> None:
    with TestClient(SandboxApp(sandbox), base_url="http://127.0.0.1") as http:
        found = Caller(http, key, secret).fresh()
    assert (403, code) == (found.status_code, found.json()["error_code"])


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"appkey": "sandbox-key", "appsecret": "sandbox-secret"}'])
def test_a_body_that_is_no_request_for_a_token_is_refused(caller: Caller, body: bytes) -> None:
    found = caller.http.post("/oauth2/tokenP", content=body)
    assert 403 == found.status_code
    assert found.json()["error_code"] in {"EGW00101", "EGW00115"}


def test_a_call_without_a_token_is_refused_as_recorded(caller: Caller) -> None:
    for token in ("", "Bearer nonsense", "nonsense"):
        found = price(caller, authorization=token)
        assert 500 == found.status_code
        assert recorded("error_token_invalid") == found.json()


def test_a_token_ends_after_a_day(caller: Caller, sandbox: Sandbox) -> None:
    assert "0" == price(caller).json()["rt_cd"]
    sandbox.world.clock.step(timedelta(hours=24))
    assert recorded("error_token_expired") == price(caller).json()
    caller.fresh()
    assert "0" == price(caller).json()["rt_cd"]


def test_a_revoked_token_is_no_longer_taken_and_the_next_is_another(caller: Caller, sandbox: Sandbox) -> None:
    token = caller.fresh().json()["access_token"]
    body = {"appkey": caller.key, "appsecret": caller.secret, "token": token}
    assert 200 == caller.http.post("/oauth2/revokeP", json=body).status_code
    assert recorded("error_token_invalid") == price(caller).json()
    sandbox.world.clock.step(timedelta(minutes=1))
    assert token != caller.fresh().json()["access_token"]


def test_a_token_belongs_to_one_key() -> None:
    options = Options(kis=replace(STRICT.kis, accounts={"sandbox-key": "sandbox-secret", "other": "word"}))
    with calling(made(options=options)) as caller:
        caller.fresh()
        other = Caller(caller.http, "other", "word")
        other.token = caller.token
        assert recorded("error_token_invalid") == price(other).json()


def test_wrong_keys_in_the_headers_of_a_call_are_named(caller: Caller) -> None:
    assert "EGW00103" == price(caller, appkey="nobody").json()["msg_cd"]
    assert "EGW00105" == price(caller, appsecret="wrong").json()["msg_cd"]
    assert "EGW00208" == price(caller, custtype="X").json()["msg_cd"]


def test_the_key_of_the_push_feed_is_a_uuid(caller: Caller) -> None:
    body = {"grant_type": "client_credentials", "appkey": caller.key, "secretkey": caller.secret}
    found = caller.http.post("/oauth2/Approval", json=body).json()
    assert list(recorded("oauth2_Approval")) == list(found)
    assert 36 == len(found["approval_key"])


def test_the_identifier_decides_and_a_wrong_path_gives_an_empty_success(caller: Caller) -> None:
    query = {"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": CODE}
    path = "/uapi/domestic-stock/v1/quotations/inquire-investor"
    found = caller.http.get(path, params=query, headers=caller.headers("FHKST01010100"))
    assert 200 == found.status_code
    assert {"output": [], "rt_cd": "0", "msg_cd": "MCA00000", "msg1": "정상처리 되었습니다."} == found.json()


def test_a_missing_and_a_wrong_parameter_are_named(caller: Caller) -> None:
    path = "/uapi/domestic-stock/v1/quotations/inquire-price"
    headers = caller.headers("FHKST01010100")
    missing = caller.http.get(path, params={"FID_INPUT_ISCD": CODE}, headers=headers).json()
    assert ("2", "OPSQ2001") == (missing["rt_cd"], missing["msg_cd"])
    assert "FID_COND_MRKT_DIV_CODE" in missing["msg1"]
    wrong = {"FID_COND_MRKT_DIV_CODE": "X", "FID_INPUT_ISCD": CODE}
    assert recorded("error_invalid_field") == caller.http.get(path, params=wrong, headers=headers).json()
    lower = {"fid_cond_mrkt_div_code": "J", "fid_input_iscd": CODE}
    assert "0" == caller.http.get(path, params=lower, headers=headers).json()["rt_cd"]


def test_an_unknown_identifier_and_an_unknown_path_are_refused(caller: Caller) -> None:
    path = "/uapi/domestic-stock/v1/quotations/inquire-price"
    assert "OPSQ0002" == caller.http.get(path, headers=caller.headers("FHPTJ04500000")).json()["msg_cd"]
    assert "OPSQ9999" == caller.http.get(path, headers=caller.headers("")).json()["msg_cd"]
    found = caller.http.get("/uapi/nowhere", headers=caller.headers("FHKST01010100"))
    assert (404, "MCA00124") == (found.status_code, found.json()["msg_cd"])


@pytest.mark.parametrize("text", ["2025-04-15", "20251340", "abc"])
def test_a_date_that_is_none_is_refused(caller: Caller, text: str) -> None:
    found = caller.send("daily_short_sale", FID_INPUT_ISCD=CODE, FID_INPUT_DATE_1=text, FID_INPUT_DATE_2="20250415")
    assert ("2", "OPSQ2001") == (found.json()["rt_cd"], found.json()["msg_cd"])


def test_another_host_name_is_not_answered(sandbox: Sandbox) -> None:
    with TestClient(SandboxApp(sandbox), base_url="http://sandbox.example") as http:
        assert 421 == http.get("/sandbox/plan").status_code


def test_a_token_outlives_a_restart_of_the_sandbox_and_a_made_up_one_is_refused() -> None:
    body = {"grant_type": "client_credentials", "appkey": KEY, "appsecret": SECRET}
    moment = seoul("2025-04-01T09:00")
    token = kis(made()).accounts.token(body, moment).body["access_token"]
    headers = {"appkey": KEY, "appsecret": SECRET, "authorization": f"Bearer {token}"}
    after = made()
    assert kis(after).accounts.check(headers) is None
    head, said, signature = token.split(".")
    for wrong in (f"{head}.{said}.{signature[::-1]}", f"{head}.{'0' * 18}.{signature}", f"{head}..", head):
        refused = kis(after).accounts.check(headers | {"authorization": f"Bearer {wrong}"})
        assert refused is not None and "EGW00121" in str(refused.body)
