"""Calls of a second: what is over the limit is refused when it arrives and not executed; the sandbox counts it all."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.sandbox.kis.service import Options as KisOptions
from sugeup.sandbox.limits import Windows
from sugeup.sandbox.vendors import Options
from tests.support.sandboxes import Caller, calling, made, market, serving

CODE = market().codes[0]


class Seconds:
    """Real seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(0, 0.3), min_size=30, max_size=120), st.integers(1, 20))
def test_no_second_holds_more_executed_calls_than_the_rate(gaps: list[float], rate: int) -> None:
    windows, at, taken = Windows(lambda _key: rate), 0.0, []
    for gap in gaps:
        at += gap
        if windows.take("key", at):
            taken.append(at)
    for start in taken:
        assert rate >= sum(start <= one < start + 1 for one in taken)


@given(st.integers(1, 20), st.integers(1, 50))
def test_calls_at_the_rate_are_never_refused(rate: int, seconds: int) -> None:
    windows = Windows(lambda _key: rate)
    assert all(windows.take("key", number / rate * 1.0001) for number in range(rate * seconds))


def test_the_twenty_first_call_of_a_second_is_refused_as_recorded() -> None:
    sandbox = made(options=Options(kis=KisOptions(token_seconds=0)))
    seconds = Seconds()
    sandbox.world.counter = seconds
    recorded = json.loads((Path(__file__).parents[1] / "recorded/kis/error_rate_limit.json").read_text())
    with calling(sandbox) as caller:
        for _ in range(20):
            assert "0" == caller.send("inquire_price", FID_INPUT_ISCD=CODE).json()["rt_cd"]
        statuses = set()
        for _ in range(8):
            refused = caller.send("inquire_price", FID_INPUT_ISCD=CODE)
            statuses.add(refused.status_code)
            assert {key: recorded[key] for key in ("rt_cd", "msg_cd", "msg1")} == refused.json()
        assert {200, 500} == statuses
        seconds.now += 1.0
        assert "0" == caller.send("inquire_price", FID_INPUT_ISCD=CODE).json()["rt_cd"]
        stats = caller.http.get("/sandbox/stats").json()
    assert 8 == stats["rejected"]
    assert 28 == stats["max_calls_in_a_second"]
    assert {"FHKST01010100": 29} == stats["calls"]
    assert {"inquire_price": 21} == stats["answers"]
    assert 1 == stats["tokens"]


def test_a_new_customer_gets_three_a_second_and_keys_are_counted_apart() -> None:
    options = Options(kis=KisOptions(accounts={"new-customer": "word", "old": "word"}, token_seconds=0))
    sandbox = made(options=options)
    sandbox.world.counter = Seconds()
    with calling(sandbox) as first:
        new, old = Caller(first.http, "new-customer", "word"), Caller(first.http, "old", "word")
        answers = [new.send("inquire_price", FID_INPUT_ISCD=CODE).json()["msg_cd"] for _ in range(5)]
        assert ["MCA00000"] * 3 + ["EGW00201"] * 2 == answers
        assert "0" == old.send("inquire_price", FID_INPUT_ISCD=CODE).json()["rt_cd"]


@pytest.mark.slow
def test_a_paced_client_over_sockets_is_never_refused() -> None:
    import time

    with (
        serving(options=Options(kis=KisOptions(token_seconds=0))) as (address, control),
        httpx.Client(base_url=address) as http,
    ):
        caller = Caller(http)
        start = time.monotonic()
        for number in range(40):
            time.sleep(max(0.0, start + number / 18 - time.monotonic()))
            caller.ask("inquire_price", FID_INPUT_ISCD=CODE)
        stats = control.stats()
    assert 0 == stats["rejected"]
    assert 20 >= stats["max_calls_in_a_second"]
    assert 40 == stats["total"]
