"""The demo of the simulated market, as a user starts, kills and repeats it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from sugeup.app import App
from sugeup.errors import NoData
from sugeup.faces import cli, serving, simulated_demo
from sugeup.market.clock import FixedClock
from sugeup.records.ledger import Asked
from sugeup.settings import LakeName, Settings
from tests.support.sandboxes import seoul
from tests.support.servers import free_port

HOLDER = """
import sys, time
from datetime import date, datetime, timezone
from sugeup.faces import sandbox_process
plan = {"seed": 1, "stocks": 10, "first": date(2025, 1, 2), "sessions": 5, "events": 0.0}
with sandbox_process.started(plan, datetime(2025, 1, 3, 7, tzinfo=timezone.utc), 1) as address:
    print(address, flush=True)
    time.sleep(float(sys.argv[1]))
"""


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SUGEUP_", "KOREA_"))}
    return kept | {"SUGEUP_DATA_DIR": str(home), "SUGEUP_PORT": str(free_port()), "COLUMNS": "200"}


def demo(home: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sugeup", "demo", "--market", "simulated", "--once", *more],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/sandbox/clock", timeout=2).close()  # noqa: S310
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True


@contextlib.contextmanager
def holder(seconds: float) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that holds a sandbox for so long."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(seconds)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.torture
def test_it_collects_answers_and_asks_nothing_twice(tmp_path: Path) -> None:
    first = demo(tmp_path)
    assert 0 == first.returncode, first.stderr
    for words in ("SIMULATED", "연기금등", "평균매수가", "잠정 provisional", "KOSPI", "세부(억원)"):
        assert words in first.stdout
    assert not re.search(r"^(?:투자자별 매매동향(?!.*SIMULATED).*)$", first.stdout, re.MULTILINE)
    assert {"simulated", "hub-simulated", "simulated.demo.lock"} == {one.name for one in tmp_path.iterdir()}
    again = demo(tmp_path)
    assert 0 == again.returncode, again.stderr
    assert re.findall(r"from (\d+) answers", again.stdout)[-1] == "0"
    assert "backfill" not in again.stdout


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_sandbox_ends_with_its_parent_however_that_one_ends(how: signal.Signals) -> None:
    with holder(60) as (process, address):
        assert answers(address)
        process.send_signal(how)
        process.wait(10)
        end = time.monotonic() + 20
        while answers(address):
            assert time.monotonic() < end, "the sandbox goes on"
            time.sleep(0.1)


@pytest.mark.slow
def test_the_sandbox_ends_with_its_block() -> None:
    with holder(0) as (process, address):
        assert 0 == process.wait(30)
        assert not answers(address)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--market", "martian"], "none of sample, simulated, both"),
        (["--anew"], "--market simulated"),
    ],
)
def test_what_cannot_be_shown_is_refused(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert 64 == cli.run(["demo", *words])
    assert said in capsys.readouterr().err


def test_only_a_simulated_lake_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "simulated").mkdir()
    (tmp_path / "simulated" / "notes.txt").write_text("mine", encoding="utf-8")
    monkeypatch.setenv("SUGEUP_DATA_DIR", str(tmp_path))
    assert 78 == cli.run(["demo", "--market", "simulated", "--anew", "--once"])
    assert (tmp_path / "simulated" / "notes.txt").is_file()


def test_its_clock_goes_on_where_the_lake_was_left(tmp_path: Path) -> None:
    app = App.open(Settings(data_dir=tmp_path), LakeName.SIMULATED, FixedClock(seoul("2025-05-21T10:00")))
    assert simulated_demo.beginning() == simulated_demo.resumed(app)
    _left(app, "2025-05-21T10:00")
    assert seoul("2025-05-21T10:00:01") == simulated_demo.resumed(app)
    _left(app, "2025-12-30T10:00")
    with pytest.raises(NoData, match="is over") as raised:
        simulated_demo.resumed(app)
    assert "--anew" in str(raised.value.hint)


def _left(app: App, at: str) -> None:
    moment = seoul(at).astimezone(UTC)
    asked = Asked("index_day", "kis", "KOSPI", moment.date(), moment.date(), 1, moment)
    app.archive._ledger.record([asked])


def test_a_port_that_is_taken_is_replaced_by_a_free_one(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port != serving.free("127.0.0.1", port) > 0
    assert str(port) in capsys.readouterr().err
    assert port == serving.free("127.0.0.1", port)
