"""Log-ins of the simulated member pages: cookies, sessions, what is said to whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from sugeup.sandbox.krx_login.service import DATA, KEY, SECRET, Options
from sugeup.sandbox.sandbox import Sandbox
from sugeup.sandbox.server import SandboxApp
from sugeup.sandbox.vendors import Options as Every
from sugeup.specifications import specification
from tests.support.sandboxes import made

FACTS = specification("krx_login")
LOGIN = FACTS["login"]
BLD = FACTS["endpoints"]["krx_login_program"]["bld"]
GIVEN = {"bld": BLD, "mktId": "STK", "strtDd": "20250602", "endDd": "20250602"}
EVENING = "2025-06-09T19:05"


@contextmanager
def visiting(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with TestClient(SandboxApp(sandbox), base_url="http://127.0.0.1") as http:
        yield http


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with visiting(made(EVENING)) as found:
        yield found


def log_in(http: httpx.Client, **given: str) -> str:
    http.get(LOGIN["page"])
    http.get(LOGIN["frame"], params={"site": "mdc"})
    found = http.post(LOGIN["login"], data={"mbrId": KEY, "pw": SECRET} | given).json()
    assert LOGIN["words"] in found
    return str(found[LOGIN["code"]])


def ask(http: httpx.Client, **given: str) -> httpx.Response:
    assert DATA == FACTS["data"]["path"]
    return http.post(DATA, data=GIVEN | given)


def switch(http: httpx.Client, name: str, **given: Any) -> None:
    http.post("/sandbox/faults", json={"name": name, **given}).raise_for_status()


def out(answer: httpx.Response) -> bool:
    facts = LOGIN["logged_out"]
    return (facts["status"], facts["body"]) == (answer.status_code, answer.text)


def test_a_visitor_gets_a_cookie_and_no_figures(http: httpx.Client) -> None:
    assert out(ask(http))
    assert LOGIN["cookie"] in http.get(LOGIN["page"]).headers["set-cookie"]
    assert out(ask(http))
    assert "set-cookie" not in http.get(LOGIN["page"]).headers


def test_a_member_gets_figures(http: httpx.Client) -> None:
    assert "CD001" == log_in(http)
    answer = ask(http)
    assert ["차익", "비차익", "전체"] == [row["ITM_TP_NM"] for row in answer.json()["output"]]
    assert set(FACTS["data"]["beside"]) < set(answer.json())


@pytest.mark.parametrize("given", [{"pw": "wrong"}, {"mbrId": "nobody"}, {"mbrId": ""}])
def test_a_wrong_log_in_is_refused(http: httpx.Client, given: dict[str, str]) -> None:
    assert log_in(http, **given) not in LOGIN["codes"]
    assert out(ask(http))


def test_a_log_in_without_a_cookie_is_refused(http: httpx.Client) -> None:
    found = http.post(LOGIN["login"], data={"mbrId": KEY, "pw": SECRET}).json()
    assert found[LOGIN["code"]] not in LOGIN["codes"]


def test_one_member_has_one_session() -> None:
    sandbox = made(EVENING)
    with visiting(sandbox) as first, visiting(sandbox) as second:
        assert "CD001" == log_in(first)
        assert "CD011" == log_in(second)
        assert out(ask(second)) and not out(ask(first))
        assert "CD001" == log_in(second, skipDup="Y")
        assert out(ask(first)) and not out(ask(second))


def test_a_session_ends() -> None:
    seconds = [0.0]
    sandbox = made(EVENING, options=Every(krx_login=Options(life=60.0)))
    sandbox.named("krx_login").members._seconds = lambda: seconds[0]  # type: ignore[attr-defined]
    with visiting(sandbox) as http:
        log_in(http)
        seconds[0] = 59.0
        assert not out(ask(http))
        seconds[0] = 60.0
        assert out(ask(http))


@pytest.mark.parametrize(("fault", "code"), [("password_due", "CD010"), ("elsewhere", "CD011")])
def test_faults_of_a_log_in(http: httpx.Client, fault: str, code: str) -> None:
    switch(http, fault)
    assert code == log_in(http)
    assert out(ask(http))


def test_elsewhere_is_ended_by_asking_again(http: httpx.Client) -> None:
    switch(http, "elsewhere")
    assert "CD001" == log_in(http, skipDup="Y")


def test_an_address_that_is_kept_out_is_so_in_spite_of_its_log_in(http: httpx.Client) -> None:
    log_in(http)
    switch(http, "blocked")
    assert out(ask(http))
    switch(http, "blocked", rate=0)
    assert not out(ask(http))


def test_a_session_that_is_ended_is_ended_for_good(http: httpx.Client) -> None:
    log_in(http)
    switch(http, "token_expired")
    assert out(ask(http))
    switch(http, "token_expired", rate=0)
    assert out(ask(http))


@pytest.mark.parametrize(("fault", "given"), [("rate", {}), ("quota", {"amount": 0})])
def test_refused_as_too_frequent_is_logged_out(http: httpx.Client, fault: str, given: dict[str, float]) -> None:
    log_in(http)
    switch(http, fault, **given)
    assert out(ask(http))


def test_who_asks_too_fast_is_kept_out_until_the_day_after_tomorrow() -> None:
    sandbox = made(EVENING, options=Every(krx_login=Options(rate=2)))
    with visiting(sandbox) as http:
        log_in(http)
        assert [False, False, True] == [out(ask(http)) for _ in range(3)]
        for moment, kept in (("2025-06-10T23:59", True), ("2025-06-11T00:01", False)):
            http.post("/sandbox/clock", json={"set": moment}).raise_for_status()
            sandbox.named("krx_login")._windows._executed.clear()  # type: ignore[attr-defined]
            log_in(http)
            assert kept is out(ask(http)), moment


def test_trouble_is_a_page(http: httpx.Client) -> None:
    log_in(http)
    switch(http, "server_error")
    answer = ask(http)
    assert answer.status_code >= 500 and answer.text.startswith("<html>")
