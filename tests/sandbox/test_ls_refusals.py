"""What the LS sandbox refuses: tokens that are not good, fields that are wrong, questions that come too fast."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.sandbox.ls.auth import KEY, SECRET, daybreak
from sugeup.sandbox.ls.service import Options as LsOptions
from sugeup.sandbox.sandbox import Sandbox
from sugeup.sandbox.vendors import Options
from tests.support.ls_caller import ENDPOINTS, SPECIFICATION, LsCaller, calling_ls
from tests.support.sandboxes import FREELY, made, seoul

AFTERNOON = "2025-04-15T16:00"


@pytest.fixture
def sandbox() -> Sandbox:
    return made(AFTERNOON)


@pytest.fixture
def caller(sandbox: Sandbox) -> Iterator[LsCaller]:
    with calling_ls(sandbox) as found:
        yield found


def claims(token: str) -> dict[str, Any]:
    middle = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4))))


def test_a_token_is_said_to_live_a_day_and_ends_at_seven(caller: LsCaller, sandbox: Sandbox) -> None:
    found = caller.fresh().json()
    assert {"access_token", "scope", "token_type", "expires_in"} == set(found)
    assert ("Bearer", 86_400, "oob") == (found["token_type"], found["expires_in"], found["scope"])
    assert int(seoul("2025-04-16T07:00").timestamp()) == claims(found["access_token"])["exp"]
    sandbox.world.clock.set(seoul("2025-04-16T06:59:59"))
    assert 200 == caller.send("t8436").status_code
    sandbox.world.clock.set(seoul("2025-04-16T07:00"))
    refused = caller.send("t8436")
    assert (401, "IGW00123") == (refused.status_code, refused.json()["rsp_cd"])


@given(st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)))
def test_daybreak_is_the_next_seven_and_never_more_than_a_day_away(moment: datetime) -> None:
    at = seoul(moment.isoformat())
    assert timedelta(0) < daybreak(at) - at <= timedelta(days=1)
    assert (7, 0, 0) == (daybreak(at).hour, daybreak(at).minute, daybreak(at).second)


def test_a_second_issue_voids_the_first(caller: LsCaller) -> None:
    caller.fresh()
    first = caller.token
    caller.fresh()
    assert first != caller.token and 200 == caller.send("t8436").status_code
    caller.token = first
    assert "IGW00121" == caller.send("t8436").json()["rsp_cd"]


def test_a_token_outlives_the_sandbox_that_issued_it_and_a_newer_one_voids_it_there_too(caller: LsCaller) -> None:
    caller.fresh()
    with calling_ls(made(AFTERNOON)) as other:
        other.token = caller.token
        assert 200 == other.send("t8436").status_code
        old = other.token
        other.fresh()
        other.token = old
        assert "IGW00121" == other.send("t8436").json()["rsp_cd"]


def test_a_revoked_token_is_no_longer_good(caller: LsCaller) -> None:
    caller.fresh()
    form = {"appkey": KEY, "appsecretkey": SECRET, "token_type_hint": "access_token", "token": caller.token}
    assert 200 == caller.http.post("/oauth2/revoke", data=form).json()["code"]
    assert "IGW00121" == caller.send("t8436").json()["rsp_cd"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"appkey": "another"}, "IGW00103"),
        ({"appsecretkey": "wrong"}, "IGW00105"),
        ({"grant_type": "password"}, "IGW00205"),
        ({"scope": "all"}, "IGW00205"),
    ],
)
def test_a_token_is_refused_with_the_code_of_what_is_wrong(caller: LsCaller, given: dict[str, str], code: str) -> None:
    refused = caller.fresh(**given)
    assert code == refused.json()["rsp_cd"] and refused.status_code >= 400
    assert SECRET not in refused.text


def test_a_token_that_is_asked_for_as_json_is_refused(caller: LsCaller) -> None:
    refused = caller.http.post("/oauth2/token", json={"appkey": KEY, "appsecretkey": SECRET})
    assert "IGW00133" == refused.json()["rsp_cd"]


HEADERS = [
    ({"authorization": "Bearer of-nobody"}, "IGW00121"),
    ({"content-type": "text/plain"}, "IGW00133"),
    ({"tr_cd": ""}, "IGW00214"),
    ({"tr_cd": "t9999"}, "IGW00215"),
    ({"tr_cd": "t1702"}, "IGW00215"),
    ({"tr_cont": ""}, "IGW40010"),
]


@pytest.mark.parametrize(("headers", "code"), HEADERS, ids=[str(one[0]) for one in HEADERS])
def test_headers_are_refused_with_the_code_of_what_is_wrong(
    caller: LsCaller, headers: dict[str, str], code: str
) -> None:
    assert code == caller.send("t8436", headers).json()["rsp_cd"]
    assert code in SPECIFICATION["codes"]


FIELDS = [
    ("t8410", {"qrycnt": "500"}, "IGW40011"),
    ("t8410", {"sdate": 20250301}, "IGW40011"),
    ("t8410", {"shcode": "0059300"}, "IGW40011"),
    ("t8410", {"shcode": None}, "IGW40013"),
    ("t8410", {"gubun": "9"}, "IGW40013"),
    ("t8410", {"edate": "20259999"}, "IGW40013"),
    ("t1702", {"volvalgb": ""}, "IGW40013"),
    ("t1702", {"exchgubun": "X"}, "00000"),
    ("t1602", {"gubun3": " "}, "00000"),
    ("t1702", {"exchgubun": None}, "00000"),
]


@pytest.mark.parametrize(("name", "given", "code"), FIELDS, ids=[f"{one[0]} {one[1]}" for one in FIELDS])
def test_fields_are_checked_for_type_length_and_value(
    caller: LsCaller, name: str, given: dict[str, Any], code: str
) -> None:
    assert code == caller.send(name, **given).json()["rsp_cd"]


def test_trades_at_nextrade_alone_are_none_and_those_of_both_are_the_exchange_s(caller: LsCaller) -> None:
    assert [] == caller.ask("t1702", exchgubun="N")["t1702OutBlock1"]
    assert caller.ask("t1702", exchgubun="U")["t1702OutBlock1"] == caller.ask("t1702")["t1702OutBlock1"]


def test_each_question_has_the_limit_of_the_specification_for_itself() -> None:
    sandbox = made(AFTERNOON, options=Options(kis=FREELY.kis, ls=LsOptions()))
    now = [50.0]
    sandbox.world.counter = lambda: now[0]
    with calling_ls(sandbox) as caller:
        caller.fresh()
        for name in sorted(ENDPOINTS):
            most = (ENDPOINTS[name]["per_second"] or {}).get("personal") or 1
            codes = [caller.send(name).json()["rsp_cd"] for _ in range(most + 1)]
            assert ["00000"] * most + ["IGW00201"] == codes, name
        limited = caller.send("t8436"), caller.send("t8436")
        assert {500} == {one.status_code for one in limited}
        now[0] += 1.0
        assert "00000" == caller.send("t1702").json()["rsp_cd"]


def test_keys_are_counted_apart() -> None:
    options = Options(ls=LsOptions(accounts={"one": "word", "two": "word"}))
    sandbox = made(AFTERNOON, options=options)
    sandbox.world.counter = lambda: 50.0
    with calling_ls(sandbox) as found:
        first, second = LsCaller(found.http, "one", "word"), LsCaller(found.http, "two", "word")
        assert "00000" == first.send("t1702").json()["rsp_cd"] == second.send("t1702").json()["rsp_cd"]
        assert "IGW00201" == first.send("t1702").json()["rsp_cd"]


def test_a_paper_key_is_told_nothing_of_investors_and_no_zero() -> None:
    options = Options(ls=LsOptions(times=1e6, paper=frozenset({KEY})))
    with calling_ls(made(AFTERNOON, options=options)) as caller:
        for name in ("t1702", "t1717", "t1637", "t1632"):
            found = caller.ask(name)
            assert not any(isinstance(value, list) and value for value in found.values()), name
        assert caller.ask("t8410")["t8410OutBlock1"]
