"""Trying again, giving up, leaving alone, sharing replies; on real sockets."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from sugeup.errors import Refused, Retryable
from sugeup.hub import Hub, Priority, circuit, waits
from sugeup.sources.vendor import Outcome, Pace, Reply, Verdict
from tests.hub import serving, tiny

Opened = Callable[..., Hub]
BUSY = {"code": "BUSY", "status": 500, "words": "routing error"}


@pytest.mark.parametrize("fault", ["reset", "half", BUSY, {"code": "LIMITED", "wait": 0.05}])
def test_what_passes_is_sent_again(hub: Hub, server: serving.TinyServer, fault: Any) -> None:
    server.plan.extend([fault] * 3)
    assert b"OK" in hub.send(tiny.plain(1)).body
    assert 4 == len(server.arrivals)


def test_a_server_that_says_nothing_is_given_up_after_the_timeout(opened: Opened, server: serving.TinyServer) -> None:
    server.plan.append("silent")
    start = time.monotonic()
    opened(timeout=0.3).send(tiny.plain(1))
    assert 0.3 <= time.monotonic() - start < 1.5


@pytest.mark.parametrize(("fault", "cause"), [("reset", "ReadError"), ("half", "peer closed"), (BUSY, "routing error")])
def test_a_vendor_that_stays_away_is_named_with_the_endpoint_and_the_cause(
    hub: Hub, server: serving.TinyServer, fault: Any, cause: str
) -> None:
    server.plan.extend([fault] * 5)
    with pytest.raises(Retryable) as caught:
        list(hub.pages(tiny.NUMBERS, tiny.ask()))
    assert "SOURCE_DOWN" == caught.value.code
    assert "Tiny does not answer numbers: 5 attempts, at last" in str(caught.value)
    assert cause in str(caught.value)
    assert {"vendor": "tiny", "endpoint": "numbers"}.items() <= caught.value.details.items()
    assert 5 == len(server.arrivals)


@pytest.mark.slow
def test_nobody_listening_is_the_vendor_being_down(opened: Opened, server: serving.TinyServer) -> None:
    server.server_close()
    with pytest.raises(Retryable, match="gave no token in 3 attempts: ConnectError") as caught:
        opened().send(tiny.plain(1))
    assert "SOURCE_DOWN" == caught.value.code


def test_asked_too_fast_for_too_long_is_rate_limited(opened: Opened, server: serving.TinyServer) -> None:
    server.plan.extend([{"code": "LIMITED", "words": "E201", "wait": 0.01}] * 3)
    with pytest.raises(Retryable, match="E201") as caught:
        opened(attempts=3).send(tiny.plain(1))
    assert "RATE_LIMITED" == caught.value.code
    assert "again_at" in caught.value.details


def test_the_wait_that_the_vendor_asks_for_is_kept(hub: Hub, server: serving.TinyServer) -> None:
    server.plan.append(BUSY | {"headers": {"Retry-After": "1"}})
    hub.send(tiny.plain(1))
    assert server.arrivals[1] - server.arrivals[0] >= 1


def test_a_wait_that_is_too_long_is_left_to_the_caller(hub: Hub, server: serving.TinyServer) -> None:
    server.plan.append({"code": "LIMITED", "headers": {"Retry-After": "900"}})
    start = time.monotonic()
    with pytest.raises(Retryable) as caught:
        hub.send(tiny.plain(1))
    assert time.monotonic() - start < 1
    assert caught.value.details["retry_after"] >= 900


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("Tue, 01 Sep 2026 00:00:30 GMT", 30.0), ("Mon, 31 Aug 2026 00:00:00 GMT", 0.0), ("soon", None)],
)
def test_retry_after_is_seconds_or_a_date(said: str, seconds: float | None) -> None:
    reply = Reply(503, {"retry-after": said}, b"", datetime(2026, 9, 1, tzinfo=UTC))
    assert seconds == waits.asked_for(Verdict(Outcome.AGAIN), reply)
    assert 2.5 == waits.asked_for(Verdict(Outcome.AGAIN, 2.5), reply)


def test_waits_are_jittered_over_a_span_that_doubles_up_to_a_bound() -> None:
    for failed, longest in ((1, 0.5), (2, 1.0), (4, 4.0), (30, 20.0)):
        drawn = [waits.backoff(failed) for _ in range(300)]
        assert 0 <= min(drawn) < longest / 10
        assert longest * 0.9 < max(drawn) <= longest


def test_a_deadline_holds_over_all_attempts(hub: Hub, server: serving.TinyServer) -> None:
    hub.send(tiny.plain(0))
    server.plan.extend([BUSY | {"wait": 0.3}] * 5)
    start = time.monotonic()
    with pytest.raises(Retryable) as caught:
        hub.send(tiny.plain(1), deadline=0.7)
    assert time.monotonic() - start < 0.75
    assert "SOURCE_DOWN" == caught.value.code


def test_a_deadline_holds_for_a_slow_reply(hub: Hub, server: serving.TinyServer) -> None:
    hub.send(tiny.plain(0))
    server.plan.append("silent")
    start = time.monotonic()
    with pytest.raises(Retryable):
        hub.send(tiny.plain(1), deadline=0.3)
    assert time.monotonic() - start < 0.6


def test_a_place_that_is_not_free_in_time_is_told(opened: Opened) -> None:
    hub = opened(pace=Pace(2, 30.0))
    hub.send(tiny.plain(1), priority=Priority.QUESTION)
    with pytest.raises(Retryable) as caught:
        hub.send(tiny.plain(2), priority=Priority.QUESTION, deadline=1)
    assert "RATE_LIMITED" == caught.value.code
    assert caught.value.details["retry_after"] > 20


def test_a_quota_stops_the_calls_of_a_day(opened: Opened, server: serving.TinyServer) -> None:
    hub = opened(quota=3)
    hub.send(tiny.plain(1))  # with the token: two
    hub.send(tiny.plain(2))
    with pytest.raises(Retryable) as caught:
        hub.send(tiny.plain(3))
    assert ("RATE_LIMITED", "QUOTA") == (caught.value.code, caught.value.details["reason"])
    assert 2 == len(server.arrivals)


def test_a_refusal_is_passed_on_and_not_repeated(hub: Hub, server: serving.TinyServer) -> None:
    server.plan.append({"code": "BAD", "words": "no such field."})
    with pytest.raises(Refused, match="no such field"):
        hub.send(tiny.plain(1))
    assert 1 == len(server.arrivals)


def test_an_endpoint_that_keeps_failing_is_left_alone_and_tried_by_one_call_later(
    opened: Opened, server: serving.TinyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuit, "FIRST_PAUSE", 0.4)
    monkeypatch.setattr(circuit, "LASTING", 0.0)
    monkeypatch.setattr(waits, "LONGEST", 0.02)
    hub = opened(attempts=20)
    hub.send(tiny.plain(0))
    server.plan.extend([BUSY] * (circuit.OPEN_AFTER + 1))
    with pytest.raises(Retryable, match="left alone after repeated failures, the last one routing error") as caught:
        hub.send(tiny.plain(1))
    assert "SOURCE_DOWN" == caught.value.code
    assert "Again at 20" in str(caught.value)
    asked = len(server.arrivals)
    assert circuit.OPEN_AFTER + 1 == asked
    with pytest.raises(Retryable):
        hub.send(tiny.plain(2))
    assert asked == len(server.arrivals)
    list(hub.pages(tiny.NUMBERS, tiny.ask("000660")))  # another endpoint: its own circuit, the last planned fault
    time.sleep(0.45)
    server.plan.append(0.3)
    with ThreadPoolExecutor(4) as threads:
        tried = [threads.submit(hub.send, tiny.plain(number)) for number in range(10, 14)]
        errors = [one.exception() for one in tried]
    assert 1 == errors.count(None)
    assert b"OK" in hub.send(tiny.plain(20)).body


def test_a_circuit_stays_open_longer_each_time_it_fails_again() -> None:
    time = [0.0]
    one = circuit.Circuit(lambda: time[0])
    for _ in range(3 * circuit.OPEN_AFTER):
        assert one.admit() is None
        one.failed("reset")  # many at once: a short fault
    time[0] += circuit.LASTING
    assert one.admit() is None
    one.failed("reset")
    pauses = []
    for _ in range(6):
        opened = one.admit()
        assert opened is not None
        pauses.append(opened.seconds)
        time[0] += opened.seconds
        assert one.admit() is None
        assert one.admit() is not None  # one call tries, no other
        one.failed("reset")
    assert [15.0, 30.0, 60.0, 120.0, 240.0, 240.0] == pauses
    time[0] += 240
    assert one.admit() is None
    one.released()
    assert one.admit() is None
    one.succeeded()
    assert one.admit() is None and one.admit() is None


def test_identical_requests_under_way_share_one_reply(hub: Hub, server: serving.TinyServer) -> None:
    hub.send(tiny.plain(0))
    server.delay = 0.3
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: hub.send(tiny.plain(1)), range(8)))
    assert 2 == len(server.arrivals)
    assert 1 == len({id(reply) for reply in replies})


def test_identical_requests_share_an_error_too(hub: Hub, server: serving.TinyServer) -> None:
    hub.send(tiny.plain(0))
    server.delay = 0.3
    server.plan.append({"code": "BAD", "words": "no such field."})
    with ThreadPoolExecutor(4) as threads:
        tried = [threads.submit(hub.send, tiny.plain(1)) for _ in range(4)]
        errors = {str(one.exception()) for one in tried}
    assert {"INVALID_ARGUMENT: no such field. Ask otherwise."} == errors
    assert 2 == len(server.arrivals)


@pytest.mark.slow
def test_a_question_does_not_wait_for_the_same_request_of_a_job(opened: Opened, server: serving.TinyServer) -> None:
    hub = opened(pace=Pace(4, 1.0))
    with ThreadPoolExecutor(8) as threads:
        jobs = [threads.submit(hub.send, tiny.plain(number)) for number in range(6)]
        time.sleep(0.1)
        start = time.monotonic()
        hub.send(tiny.plain(5), priority=Priority.QUESTION)
        asked = time.monotonic() - start
        for job in jobs:
            job.result()
    assert asked < 1.2
    assert server.scopes.count("5") == 2


def test_who_has_time_tries_himself_when_the_other_ran_out_of_it(hub: Hub, server: serving.TinyServer) -> None:
    hub.send(tiny.plain(0))
    server.plan.append("silent")
    with ThreadPoolExecutor(2) as threads:
        short = threads.submit(hub.send, tiny.plain(1), deadline=0.3)
        time.sleep(0.05)
        patient = threads.submit(hub.send, tiny.plain(1))
        assert isinstance(short.exception(), Retryable)
        assert b"OK" in patient.result().body


def test_connections_are_kept_and_a_redirect_is_not_followed(hub: Hub, server: serving.TinyServer) -> None:
    server.plan.append({"code": "OK", "status": 302, "headers": {"location": "http://127.0.0.1:9/"}})
    assert 302 == hub.send(tiny.plain(1)).status
    assert "sugeup" == server.seen_headers["user-agent"]


def test_a_hub_that_is_closed_wakes_who_waits(opened: Opened, server: serving.TinyServer) -> None:
    hub = opened(pace=Pace(2, 60.0))
    with ThreadPoolExecutor(3) as threads:
        tried = [threads.submit(hub.send, tiny.plain(n), priority=Priority.QUESTION) for n in range(3)]
        time.sleep(0.3)
        hub.close()
        errors = [one.exception(3) for one in tried]
    assert 1 == errors.count(None)
    with pytest.raises(Retryable, match="The hub is closed"):
        hub.send(tiny.plain(9))
    assert ["BUSY", "BUSY"] == [error.code for error in errors if isinstance(error, Retryable)]
