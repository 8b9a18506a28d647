"""Faults by switch: each does what its name says, at its rate, the same calls every time, and is gone when off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.sandbox.faults import KINDS, Faults, parse
from sugeup.sandbox.sandbox import Sandbox
from tests.support.sandboxes import FREELY, Caller, Control, calling, made, market, serving

CODE = market().codes[0]
DAY = {"FID_INPUT_ISCD": CODE, "FID_INPUT_DATE_1": "20250301", "FID_INPUT_DATE_2": "20250415"}


@pytest.fixture
def sandbox() -> Sandbox:
    return made("2025-04-15T19:00")


@pytest.fixture
def caller(sandbox: Sandbox) -> Iterator[Caller]:
    with calling(sandbox) as found:
        yield found


@pytest.fixture(scope="module")
def wire() -> Iterator[tuple[Caller, Control]]:
    """A caller and the control of a sandbox over sockets."""
    with serving(at="2025-04-15T19:00") as (address, control), httpx.Client(base_url=address, timeout=5) as http:
        yield Caller(http), control


def page(caller: Caller, **given: str) -> httpx.Response:
    return caller.send("inquire_daily_itemchartprice", **(DAY | given))


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=20), st.integers(0, 50), st.integers(0, 2**32))
def test_equal_seeds_strike_equal_calls(name: str, question: str, attempt: int, seed: int) -> None:
    struck = []
    for _ in range(2):
        faults = Faults(seed)
        faults.switch(name, 0.5)
        faults.switch("latency", 0.3)
        struck.append(faults.strikes(name, "FHKST01010100", question, attempt))
    assert struck[0] == struck[1]


def test_a_fault_strikes_at_its_rate() -> None:
    faults = Faults(7)
    faults.switch("server_error", 0.2)
    struck = sum(faults.strikes("server_error", "", f"question {number}", 0) is not None for number in range(5_000))
    assert 850 <= struck <= 1_150


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("latency", ("latency", 1.0, None)),
        ("reset=0.1", ("reset", 0.1, None)),
        ("latency=0.2:3", ("latency", 0.2, 3.0)),
    ],
)
def test_a_switch_is_read_as_name_rate_and_amount(text: str, found: tuple[str, float, float | None]) -> None:
    assert found == parse(text)


@pytest.mark.parametrize("text", ["latency=much", "reset=0.1:x"])
def test_a_switch_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="NAME=RATE"):
        parse(text)


@pytest.mark.parametrize(("name", "rate", "amount"), [("storm", 1, None), ("reset", 1.1, None), ("latency", 1, -1)])
def test_an_impossible_switch_is_refused(name: str, rate: float, amount: float | None) -> None:
    with pytest.raises(Refused):
        Faults(1).switch(name, rate, amount)


def test_a_late_answer_is_late(caller: Caller) -> None:
    caller.http.post("/sandbox/faults", json={"name": "latency", "amount": 0.2})
    with pytest.MonkeyPatch.context() as patched:
        waited: list[float] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        patched.setattr("sugeup.sandbox.server.asyncio.sleep", sleep)
        assert "0" == page(caller).json()["rt_cd"]
    assert [0.2] == waited


def test_a_gateway_in_trouble_answers_500_or_503(caller: Caller) -> None:
    caller.fresh()
    caller.http.post("/sandbox/faults", json={"name": "server_error"})
    found = [page(caller) for _ in range(20)]
    assert {500, 503} == {one.status_code for one in found}
    assert {"EGW00202"} == {one.json()["msg_cd"] for one in found if one.status_code == 500}
    assert all(one.text.startswith("<html>") for one in found if one.status_code == 503)


def test_a_connection_is_cut_before_an_answer(wire: tuple[Caller, Control]) -> None:
    caller, control = wire
    assert "0" == page(caller).json()["rt_cd"]
    control.fault("reset")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        page(caller)
    control.clear()
    assert "0" == page(caller).json()["rt_cd"]


def test_a_connection_is_cut_in_the_middle_of_an_answer(wire: tuple[Caller, Control]) -> None:
    caller, control = wire
    control.fault("half_body")
    with pytest.raises(httpx.RemoteProtocolError):
        page(caller)
    control.clear()
    assert "0" == page(caller).json()["rt_cd"]


def test_an_answer_is_no_json(caller: Caller) -> None:
    caller.http.post("/sandbox/faults", json={"name": "malformed"})
    found = page(caller)
    assert 200 == found.status_code
    with pytest.raises(json.JSONDecodeError):
        found.json()


def test_a_page_lacks_rows_and_is_whole_when_it_is_asked_again(caller: Caller) -> None:
    whole = page(caller).json()["output2"]
    caller.http.post("/sandbox/faults", json={"name": "short_page"})
    short, again = page(caller).json()["output2"], page(caller).json()["output2"]
    assert len(whole) - round(len(whole) * 0.1) == len(short)
    assert (whole[0], whole[-1]) == (short[0], short[-1])
    assert all(row in whole for row in short)
    assert whole == again


def test_a_token_ends_early_and_another_one_helps(caller: Caller) -> None:
    caller.fresh()
    for name, code in (("token_expired", "EGW00123"), ("token_revoked", "EGW00121")):
        caller.http.post("/sandbox/faults", json={"name": name})
        assert code == page(caller).json()["msg_cd"]
        caller.http.post("/sandbox/faults", json={"clear": True})
        assert code == page(caller).json()["msg_cd"]
        old = caller.token
        caller.fresh()
        assert old != caller.token
        assert "0" == page(caller).json()["rt_cd"]


def test_a_call_is_refused_as_too_frequent_at_the_rate_of_the_fault(caller: Caller) -> None:
    caller.http.post("/sandbox/faults", json={"name": "rate", "rate": 0.5})
    codes = [page(caller).json()["msg_cd"] for _ in range(40)]
    assert {"MCA00000", "EGW00201"} == set(codes)
    assert 8 <= codes.count("EGW00201") <= 32


def test_clocks_differ_by_the_amount_of_the_fault(caller: Caller) -> None:
    caller.http.post("/sandbox/faults", json={"name": "clock_skew", "amount": 3_600})
    ahead = parsedate_to_datetime(page(caller).headers["date"])
    assert "2025-04-15T11:00:00+00:00" == ahead.isoformat()
    assert "2025-04-16 20:00:00" == caller.fresh().json()["access_token_token_expired"]


def test_a_field_has_another_name_for_good(caller: Caller) -> None:
    caller.http.post("/sandbox/faults", json={"name": "renamed_field", "only": ["FHKST03010100"]})
    before = set(page(caller).json()["output2"][0])
    after = set(page(caller, FID_INPUT_ISCD=market().codes[1]).json()["output2"][0])
    assert before == after
    new = [name for name in before if name.endswith("_new")]
    assert 1 == len(new)
    assert new[0].removesuffix("_new") not in before
    other = caller.ask("inquire_investor", FID_INPUT_ISCD=CODE)["output"][0]
    assert not [name for name in other if name.endswith("_new")]


def test_a_used_up_day_refuses_until_the_next(caller: Caller, sandbox: Sandbox) -> None:
    caller.http.post("/sandbox/faults", json={"name": "quota", "amount": 5})
    assert ["MCA00000"] * 5 + ["EGW00201"] * 3 == [page(caller).json()["msg_cd"] for _ in range(8)]
    caller.http.post("/sandbox/clock", json={"set": "2025-04-16T09:00"})
    assert "MCA00000" == page(caller).json()["msg_cd"]


def test_what_struck_is_counted_and_nothing_strikes_when_all_is_off(caller: Caller) -> None:
    caller.http.post("/sandbox/faults", json={"name": "malformed", "rate": 1})
    assert {"malformed": {"rate": 1.0, "amount": 0.0, "only": []}} == caller.http.get("/sandbox/faults").json()
    page(caller)
    assert {"malformed": 1} == caller.http.get("/sandbox/stats").json()["faults"]
    caller.http.post("/sandbox/faults", json={"name": "malformed", "rate": 0})
    assert {} == caller.http.get("/sandbox/faults").json()
    assert "0" == page(caller).json()["rt_cd"]


def test_one_seed_tells_one_story_whatever_else_is_asked() -> None:
    def story(others: int) -> list[Any]:
        with calling(made("2025-04-15T19:00", options=replace(FREELY))) as caller:
            caller.fresh()
            for name in ("server_error", "malformed", "rate"):
                caller.http.post("/sandbox/faults", json={"name": name, "rate": 0.3})
            found = []
            for number in range(12):
                for _ in range(others):
                    caller.send("inquire_price", FID_INPUT_ISCD=CODE)
                answer = page(caller, FID_INPUT_ISCD=market().codes[number])
                found.append((answer.status_code, len(answer.content), answer.headers["content-type"]))
            return found

    assert story(0) == story(2)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("clock", {"set": "tomorrow"}, 422),
        ("clock", {"speed": -1}, 422),
        ("clock", {"pace": 1}, 422),
        ("clock", {"step": "long"}, 422),
        ("faults", {"name": "storm"}, 422),
        ("faults", {}, 422),
        ("stats", {}, 405),
    ],
)
def test_a_control_that_cannot_be_is_refused_with_a_reason(
    caller: Caller, path: str, body: dict[str, Any], status: int
) -> None:
    found = caller.http.post(f"/sandbox/{path}", json=body)
    assert status == found.status_code
    assert re.search(r"\w{3}", found.json()["error"])


def test_the_clock_is_set_stepped_and_sped(caller: Caller) -> None:
    caller.http.post("/sandbox/clock", json={"set": "2025-06-02T15:45", "step": 60})
    assert {"now": "2025-06-02T15:46:00+09:00", "speed": 0.0} == caller.http.get("/sandbox/clock").json()
    assert 60 == caller.http.post("/sandbox/clock", json={"speed": 60}).json()["speed"]
    assert 404 == caller.http.get("/sandbox/nothing").status_code
