"""The member pages of KRX through pykrx in a process of its own: log-ins, being kept out, a process that dies."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sugeup.errors import ConfigError, NoData, Retryable
from sugeup.hub import pykrx, waits
from sugeup.hub.pykrx import Pykrx
from sugeup.sandbox.krx_login.service import KEY, SECRET
from sugeup.sandbox.krx_login.service import Options as KrxLoginOptions
from sugeup.sandbox.vendors import Options
from sugeup.sources.krx_login import VENDOR
from sugeup.sources.vendor import Ask, Credentials
from tests.support.sandboxes import Control, market, seoul, serving

pytestmark = pytest.mark.torture

DAY = date(2025, 6, 2)
EVENING = "2025-06-05T19:05"
BARS = VENDOR.endpoint("krx_login_bars")
PROGRAM = VENDOR.endpoint("krx_login_program")
ASK = Ask(market().codes, DAY, DAY)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = seoul(EVENING).astimezone(UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site() -> Iterator[tuple[str, Control]]:
    with serving(at=EVENING) as found:
        yield found


@pytest.fixture
def opened(
    site: tuple[str, Control], clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Pykrx]]:
    """Makes doors on one folder that ask a sandbox."""
    monkeypatch.setattr(waits, "FIRST", 0.02)
    with ExitStack() as stack:

        def make(**how: Any) -> Pykrx:
            credentials = Credentials(how.pop("key", KEY), how.pop("secret", SECRET))
            given = {"folder": tmp_path, "clock": clock, "hosts": {"api": site[0]}, "hurry": 10_000.0} | how
            door = Pykrx(VENDOR, credentials, **given)
            stack.callback(door.close)
            return door

        yield make


def rows(door: Pykrx) -> int:
    return sum(page.frame.height for page in door.pages(BARS, ASK))


def calls(control: Control) -> int:
    return int(control.stats()["vendors"]["krx_login"]["total"])


def logged(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for file in folder.glob("*.audit.jsonl") for line in file.read_text().splitlines()]


def test_one_log_in_serves_every_question(
    opened: Callable[..., Pykrx], site: tuple[str, Control], tmp_path: Path
) -> None:
    door = opened()
    assert 40 == rows(door) == rows(door)
    assert 1 == site[1].stats()["vendors"]["krx_login"]["tokens"]
    said = logged(tmp_path)
    assert ["login", *["krx_login_bars"] * 4] == [one["endpoint"] for one in said]
    assert "CD001" == said[0]["outcome"]


def test_neither_log_in_nor_password_is_printed_logged_or_seen_among_the_processes(
    opened: Callable[..., Pykrx], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """pykrx prints the log-in; what it prints stays in its process."""
    door = opened()
    rows(door)
    for told in (f"/proc/{door.pid}/cmdline", f"/proc/{door.pid}/environ"):
        held = Path(told).read_bytes()
        assert KEY.encode() not in held and SECRET.encode() not in held
    door.close()
    printed = capfd.readouterr()
    assert ("", "") == (printed.out, printed.err)
    for file in tmp_path.iterdir():
        assert KEY.encode() not in file.read_bytes() and SECRET.encode() not in file.read_bytes()


def test_a_wrong_password_is_told_once_and_not_tried_again(
    opened: Callable[..., Pykrx], site: tuple[str, Control]
) -> None:
    door = opened(secret="not-the-password")  # noqa: S106
    with pytest.raises(ConfigError, match="SUGEUP_KRX_PW") as first:
        rows(door)
    assert "NO_CREDENTIALS" == first.value.code
    site[1].fault("reset")  # a second attempt would show
    with pytest.raises(ConfigError, match="SUGEUP_KRX_PW"):
        rows(door)


def test_a_password_that_is_due_is_to_be_changed_at_the_exchange(
    opened: Callable[..., Pykrx], site: tuple[str, Control]
) -> None:
    site[1].fault("password_due")
    with pytest.raises(ConfigError, match=r"changed \(CD010\).*data\.krx\.co\.kr"):
        rows(opened())


def test_a_session_elsewhere_is_ended_and_the_user_is_told(
    opened: Callable[..., Pykrx], site: tuple[str, Control], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site[1].fault("elsewhere")
    with caplog.at_level(logging.WARNING):
        assert 40 == rows(opened())
    assert "CD011 then CD001" == logged(tmp_path)[0]["outcome"]
    assert "in use elsewhere" in caplog.text and KEY not in caplog.text


def test_a_session_that_ended_early_is_replaced(opened: Callable[..., Pykrx], site: tuple[str, Control]) -> None:
    door = opened()
    rows(door)
    assert site[1].sandbox is not None
    site[1].sandbox.named("krx_login").end_tokens(KEY, revoked=False)
    assert 40 == rows(door)
    assert 2 == site[1].stats()["vendors"]["krx_login"]["tokens"]


def test_an_address_that_is_kept_out_does_not_ask_for_a_day(
    opened: Callable[..., Pykrx], site: tuple[str, Control], clock: Clock
) -> None:
    """Nor does a process that is started again, nor one with another log-in."""
    site[1].fault("blocked")
    door = opened()
    with pytest.raises(Retryable, match="keeps this address out") as told:
        rows(door)
    assert ("RATE_LIMITED", "BLOCKED") == (told.value.code, told.value.details["reason"])
    assert 86_400 == told.value.details["retry_after"]
    asked = calls(site[1])
    site[1].clear()
    door.close()
    clock.at += timedelta(hours=23)
    for again in (opened(), opened(key="another-key")):
        with pytest.raises(Retryable, match="Nothing is asked until 2025-06-06T19:05") as later:
            rows(again)
        assert 3_600 == later.value.details["retry_after"]
        assert again.pid is None
    assert asked == calls(site[1])
    clock.at += timedelta(hours=1)
    assert 40 == rows(opened())


def test_a_process_that_is_killed_is_replaced(opened: Callable[..., Pykrx]) -> None:
    door = opened()
    rows(door)
    first = door.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert 40 == rows(door)
    assert first != door.pid


def test_a_process_that_hangs_is_given_up(opened: Callable[..., Pykrx]) -> None:
    door = opened(timeout=1.0)
    rows(door)
    first = door.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    assert 40 == rows(door)
    assert first != door.pid
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_a_site_that_answers_in_pages_is_down(opened: Callable[..., Pykrx], site: tuple[str, Control]) -> None:
    site[1].fault("server_error")
    with pytest.raises(Retryable, match="not whole JSON") as told:
        rows(opened())
    assert "SOURCE_DOWN" == told.value.code


@pytest.mark.parametrize("fault", ["half_body", "malformed", "reset"])
def test_a_passing_fault_is_outlasted(fault: str, opened: Callable[..., Pykrx], site: tuple[str, Control]) -> None:
    site[1].fault(fault, rate=0.4)
    door, found = opened(), []
    for _ in range(6):
        try:
            found.append(rows(door))
        except Retryable as error:
            assert "SOURCE_DOWN" == error.code
    assert found and {40} == set(found)


def test_two_processes_do_not_end_each_others_session(opened: Callable[..., Pykrx], monkeypatch: Any) -> None:
    from sugeup.hub import pykrx_process

    monkeypatch.setattr(pykrx_process, "OTHERS", 0.1)
    first, second = opened(), opened()
    rows(first)
    with pytest.raises(Retryable, match="Another process") as told:
        rows(second)
    assert "BUSY" == told.value.code
    first.close()
    assert 40 == rows(second)


def test_a_log_in_that_rests_is_let_go(opened: Callable[..., Pykrx], monkeypatch: Any) -> None:
    """A server that is idle does not keep the jobs of another process from logging in."""
    from sugeup.hub import pykrx_process

    monkeypatch.setattr(pykrx_process, "IDLE", 0.3)
    first, second = opened(), opened()
    rows(first)
    assert first.pid is not None
    assert 40 == rows(second)
    assert first.pid is None
    assert 40 == rows(first)


def test_the_pace_counts_the_requests_of_a_log_in(opened: Callable[..., Pykrx]) -> None:
    """Four pages and the log-in itself before the two questions: seven places of the gate."""
    door = opened()
    rows(door)
    assert 7 == door._gate.used_today()


def test_a_quota_that_is_used_up_stops_it(
    site: tuple[str, Control], clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    door = Pykrx(
        replace(VENDOR, quota=6),
        Credentials(KEY, SECRET),
        folder=tmp_path,
        clock=clock,
        hosts={"api": site[0]},
        hurry=10_000.0,
    )
    try:
        with pytest.raises(Retryable) as told:
            rows(door)
    finally:
        door.close()
    assert "QUOTA" == told.value.details["reason"]


def test_many_threads_take_turns(opened: Callable[..., Pykrx]) -> None:
    door, found = opened(), []
    threads = [threading.Thread(target=lambda: found.append(rows(door))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [40] * 6 == found


def test_closing_ends_the_process(opened: Callable[..., Pykrx]) -> None:
    door = opened()
    rows(door)
    process = door.pid
    assert process is not None
    door.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    with pytest.raises(Retryable, match="closed"):
        rows(door)


def test_no_other_host_is_asked(tmp_path: Path, clock: Clock) -> None:
    """A site that leads elsewhere is not followed, and an address elsewhere is refused from the start."""
    with pytest.raises(ConfigError, match="may not be asked"):
        Pykrx(VENDOR, Credentials(KEY, SECRET), folder=tmp_path, clock=clock, hosts={"api": "https://example.org"})
    asked: list[str] = []

    class Away(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            port = other.server_port if not self.path.startswith("/elsewhere") else 0
            self.send_response(302)
            self.send_header("location", f"http://127.0.0.1:{port}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Away) as site, ThreadingHTTPServer(("127.0.0.1", 0), Away) as other:
        for one in (site, other):
            threading.Thread(target=one.serve_forever, daemon=True).start()
        hosts = {"api": f"http://127.0.0.1:{site.server_port}"}
        door = Pykrx(VENDOR, Credentials(KEY, SECRET), folder=tmp_path, clock=clock, hosts=hosts, hurry=10_000.0)
        try:
            with pytest.raises(Retryable, match="not the exchange"):
                rows(door)
        finally:
            door.close()
            for one in (site, other):
                one.shutdown()
    assert asked and not [path for path in asked if "elsewhere" in path]


def test_a_missing_library_says_what_to_install(opened: Callable[..., Pykrx], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pykrx.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match=r"pip install 'sugeup\[krx\]'"):
        opened()


def test_who_asks_too_fast_is_kept_out_by_the_site(tmp_path: Path, clock: Clock) -> None:
    options = Options(krx_login=KrxLoginOptions(rate=2))
    with serving(at=EVENING, options=options) as (address, control):
        door = Pykrx(
            VENDOR, Credentials(KEY, SECRET), folder=tmp_path, clock=clock, hosts={"api": address}, hurry=10_000.0
        )
        try:
            with pytest.raises(Retryable, match="keeps this address out"):
                for _ in range(3):
                    rows(door)
        finally:
            door.close()
        assert control.stats()["vendors"]["krx_login"]["rejected"] > 0


def test_what_no_market_has_is_refused_before_it_is_asked(opened: Callable[..., Pykrx]) -> None:
    from sugeup.errors import Refused

    door = opened()
    with pytest.raises((Refused, NoData), match="KONEX"):
        list(door.pages(PROGRAM, Ask(("KONEX",), DAY, DAY)))
    assert door.pid is None
