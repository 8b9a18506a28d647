"""The token: issued once for all, shared on disk, replaced in time, never lost to a kill."""

from __future__ import annotations

import json
import signal
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from sugeup.errors import ConfigError, Retryable
from sugeup.hub import Hub
from sugeup.hub.token_file import fingerprint
from sugeup.sources.vendor import Credentials
from tests.hub import serving, tiny, working

Opened = Callable[..., Hub]
QUICK = replace(tiny.TINY, token_interval=0.4)


def token_file(folder: Path) -> Path:
    return folder / f"tiny-{fingerprint(tiny.CREDENTIALS)}.token.json"


def test_a_token_is_issued_once_for_many_threads_and_kept_for_the_owner_alone(
    hub: Hub, server: serving.TinyServer, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: hub.send(tiny.plain(n)), range(16)))
    assert 1 == len(server.issued)
    kept = token_file(tmp_path)
    assert 0o600 == stat.S_IMODE(kept.stat().st_mode)
    assert {"fingerprint", "token", "issued_at", "expires_at", "serial"} == set(json.loads(kept.read_text()))
    assert tiny.KEY not in kept.read_text() and tiny.SECRET not in kept.read_text()


def test_a_public_file_is_fetched_without_a_token_and_without_the_key(
    opened: Opened, server: serving.TinyServer
) -> None:
    server.plan.append({"code": "OK"})
    vendor = replace(tiny.TINY, sign=lambda request, *_: request)
    assert b"OK" in opened(vendor=vendor).send(tiny.plain(1)).body
    assert [] == server.issued
    assert {"authorization", "appkey", "appsecret"}.isdisjoint(server.seen_headers)


def test_another_hub_uses_the_token_on_disk(opened: Opened, server: serving.TinyServer) -> None:
    opened().send(tiny.plain(1))
    opened().send(tiny.plain(2))
    assert 1 == len(server.issued)


def test_a_refused_token_is_replaced_once_and_the_request_sent_again(
    opened: Opened, server: serving.TinyServer
) -> None:
    hub = opened(vendor=QUICK)
    hub.send(tiny.plain(1))
    time.sleep(0.5)
    server.good.clear()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: hub.send(tiny.plain(n)), range(10, 18)))
    assert 2 == len(server.issued)


def test_a_token_that_another_process_has_renewed_is_used(opened: Opened, server: serving.TinyServer) -> None:
    one, other = opened(vendor=QUICK), opened(vendor=QUICK)
    one.send(tiny.plain(1))
    other.send(tiny.plain(2))
    time.sleep(0.5)
    server.good.clear()
    one.send(tiny.plain(3))
    assert 2 == len(server.issued)
    other.send(tiny.plain(4))  # refused with the old one; the new one lies on disk
    assert 2 == len(server.issued)


def test_a_vendor_that_refuses_the_new_token_too_is_not_asked_for_ever(
    opened: Opened, server: serving.TinyServer
) -> None:
    hub = opened(vendor=QUICK)
    hub.send(tiny.plain(1))
    time.sleep(0.5)
    server.plan.extend([{"code": "EXPIRED", "words": "E121"}] * 2)
    with pytest.raises(Retryable, match=r"a new token was refused too \(E121\)") as caught:
        hub.send(tiny.plain(2))
    assert "SOURCE_DOWN" == caught.value.code
    assert 2 == len(server.issued)


@pytest.mark.slow
def test_two_issues_lie_an_interval_apart_whatever_is_refused(opened: Opened, server: serving.TinyServer) -> None:
    hub = opened(vendor=QUICK)
    for number in range(3):
        hub.send(tiny.plain(number))
        server.good.clear()
    hub.send(tiny.plain(9))
    assert 4 == len(server.issued)
    apart = [later - earlier for earlier, later in zip(server.issued, server.issued[1:], strict=False)]
    assert min(apart) >= 0.39


def test_a_question_with_little_time_is_told_when_a_token_can_be_had(
    opened: Opened, server: serving.TinyServer
) -> None:
    hub = opened()
    hub.send(tiny.plain(1))
    server.good.clear()
    start = time.monotonic()
    with pytest.raises(Retryable) as caught:
        hub.send(tiny.plain(2), deadline=2)
    assert time.monotonic() - start < 0.5
    assert "BUSY" == caught.value.code
    assert 50 < caught.value.details["retry_after"] <= 60


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"fingerprint": 1}', b"\xff\x00", b'{"token": null}'])
def test_a_damaged_token_file_is_replaced(
    opened: Opened, server: serving.TinyServer, tmp_path: Path, damage: bytes
) -> None:
    token_file(tmp_path).write_bytes(damage)
    opened().send(tiny.plain(1))
    assert 1 == len(server.issued)
    opened().send(tiny.plain(2))
    assert 1 == len(server.issued)


def test_the_token_of_another_key_is_not_used(opened: Opened, server: serving.TinyServer, tmp_path: Path) -> None:
    opened().send(tiny.plain(1))
    other = Credentials("another-key-altogether", tiny.SECRET)
    token_file(tmp_path).rename(tmp_path / f"tiny-{fingerprint(other)}.token.json")
    opened(credentials=other).send(tiny.plain(2))
    assert 2 == len(server.issued)


def test_a_token_file_that_others_could_read_is_closed_to_them(opened: Opened, tmp_path: Path) -> None:
    opened().send(tiny.plain(1))
    token_file(tmp_path).chmod(0o644)
    opened().send(tiny.plain(2))
    assert 0o600 == stat.S_IMODE(token_file(tmp_path).stat().st_mode)


def test_a_token_is_replaced_ten_minutes_early(opened: Opened, server: serving.TinyServer) -> None:
    clock = tiny.WallClock()
    hub = opened(vendor=QUICK, clock=clock)
    hub.send(tiny.plain(1))
    clock.ahead = serving.LIFE - 660
    hub.send(tiny.plain(2))
    assert 1 == len(server.issued)
    clock.ahead = serving.LIFE - 590
    time.sleep(0.5)
    hub.send(tiny.plain(3))
    assert 2 == len(server.issued)


@pytest.mark.slow
def test_the_old_token_goes_on_in_its_last_minutes_while_no_new_one_can_be_had(
    opened: Opened, server: serving.TinyServer
) -> None:
    clock = tiny.WallClock()
    hub = opened(vendor=QUICK, clock=clock)
    hub.send(tiny.plain(1))
    clock.ahead = serving.LIFE - 590
    time.sleep(0.5)
    server.token_plan.append({"code": "LIMITED", "status": 403})
    hub.send(tiny.plain(2))
    hub.send(tiny.plain(3))
    assert 2 == len(server.issued)
    clock.ahead = serving.LIFE + 1
    hub.send(tiny.plain(4))
    assert 3 == len(server.issued)


def test_a_token_refused_for_now_is_asked_for_again_after_the_interval(
    opened: Opened, server: serving.TinyServer
) -> None:
    server.token_plan.extend([{"code": "LIMITED", "status": 403, "words": "once a minute"}, "reset"])
    opened(vendor=QUICK).send(tiny.plain(1))
    assert 3 == len(server.issued)
    assert server.issued[2] - server.issued[0] >= 0.79


@pytest.mark.slow
def test_a_vendor_without_tokens_is_down(opened: Opened, server: serving.TinyServer) -> None:
    server.token_plan.extend(["reset"] * 3)
    with pytest.raises(Retryable, match="Tiny gave no token in 3 attempts: ReadError") as caught:
        opened(vendor=replace(QUICK, token_interval=0.05)).send(tiny.plain(1))
    assert ("SOURCE_DOWN", "token") == (caught.value.code, caught.value.details["endpoint"])


def test_a_key_that_is_not_known_is_told_and_never_shown(opened: Opened, server: serving.TinyServer) -> None:
    server.token_plan.append({"code": "KEY", "status": 403})
    with pytest.raises(ConfigError, match=r"The key \*\*\* is not known; secret \*\*\*") as caught:
        opened().send(tiny.plain(1))
    assert "NO_CREDENTIALS" == caught.value.code


def test_a_token_that_cannot_be_stored_is_told(opened: Opened, server: serving.TinyServer, tmp_path: Path) -> None:
    hub = opened()
    token_file(tmp_path).mkdir()
    with pytest.raises(ConfigError, match="token cannot be kept"):
        hub.send(tiny.plain(1))
    hub.send(tiny.plain(2))  # in this process it is known
    assert 1 == len(server.issued)


@pytest.mark.parametrize(("key", "secret"), [("", "secret-enough"), ("key-enough", "two words"), ("key\n", "s3cret-e")])
def test_credentials_that_cannot_be_right_are_told_without_showing_them(tmp_path: Path, key: str, secret: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Hub(tiny.TINY, Credentials(key, secret), folder=tmp_path, clock=tiny.WallClock())
    assert "NO_CREDENTIALS" == caught.value.code
    assert secret not in str(caught.value)


@pytest.mark.slow
def test_two_processes_that_start_at_once_issue_one_token(tmp_path: Path, server: serving.TinyServer) -> None:
    server.token_plan.append(0.3)
    start = time.monotonic() + 1.5
    both = [
        working.started(folder=tmp_path, hosts=server.hosts, calls=8, name=name, start=start, pace=(100, 1.0))
        for name in "ab"
    ]
    assert [[], []] == [working.done(one)["codes"] for one in both]
    assert 1 == len(server.issued)


@pytest.mark.slow
def test_a_process_killed_while_issuing_leaves_a_lock_that_is_free_and_an_interval_that_counts(
    tmp_path: Path, server: serving.TinyServer, opened: Opened
) -> None:
    server.token_plan.append(5.0)
    job = working.started(folder=tmp_path, hosts=server.hosts, calls=1)
    while not server.issued:
        time.sleep(0.01)
    job.send_signal(signal.SIGKILL)
    job.communicate()
    assert not token_file(tmp_path).exists()
    (tmp_path / f"{token_file(tmp_path).name}.new").write_bytes(b'{"half')  # had it died while writing
    with pytest.raises(Retryable) as caught:
        opened(vendor=replace(tiny.TINY, token_interval=30)).send(tiny.plain(1), deadline=1)
    assert "BUSY" == caught.value.code
    assert 1 == len(server.issued)
    opened(vendor=replace(tiny.TINY, token_interval=2)).send(tiny.plain(1))
    assert 2 == len(server.issued)
    assert server.issued[1] - server.issued[0] >= 1.9
    assert json.loads(token_file(tmp_path).read_text())["token"]
