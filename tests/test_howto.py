"""The how-to pages do what they say: their blocks are taken out and run, against servers of this machine."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sugeup.settings import Settings
from tests.support import sandboxes
from tests.support.collecting import Collected
from tests.support.servers import free_port

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "how-to"
_SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_ENV = re.compile(r"^```ini\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"^`([^`\n]+)`:\n\n```py\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LASTING = {("serve", "--schedule"), ("job", "schedule")}
"""Commands that run until they are stopped."""
FEW = replace(sandboxes.SMALL, stocks=10)
"""Stocks enough for steps to be taken."""


def text(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def commands(page: str) -> list[list[str]]:
    """The lines of a page that call sugeup."""
    lines = "\n".join(_SHELL.findall(text(page))).splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("sugeup ")]


def stopped(arguments: list[str], environment: dict[str, str], sign: str) -> str:
    """What a lasting command says until it has said `sign`, and when it is stopped as a service is."""
    with subprocess.Popen(
        [sys.executable, "-m", "sugeup", *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        said = b""
        try:
            while sign.encode() not in said:
                line = process.stdout.readline()
                assert line, said.decode()
                said += line
            time.sleep(1)
        finally:
            process.terminate()
        said += process.stdout.read()
        assert 0 == process.wait(60), said.decode()
    return said.decode()


@pytest.mark.torture
@pytest.mark.parametrize("vendor", ["kis", "ls"])
def test_the_steps_to_a_broker_work_with_the_lake_and_the_address_of_the_sandbox(vendor: str, tmp_path: Path) -> None:
    """Every command of the page, in its order; between them the clock goes on to the next morning, as the page says."""
    with sandboxes.serving(FEW, at="2025-06-09T19:05", speed=1) as (address, control):
        lake = Collected(tmp_path, address, vendor)
        environment = lake.environment(SUGEUP_LAKE="simulated", SUGEUP_PORT=str(free_port()))
        ran = []
        for arguments in commands(f"connect-{vendor}.md"):
            if arguments[0] == "sandbox":
                continue  # it is the one that runs already
            if arguments[:3] == ["job", "run", "confirm"]:
                control.move(set="2025-06-10T08:15")
            if tuple(arguments) in LASTING:
                sign = "serves lake 'simulated'" if arguments[0] == "serve" else "at their times"
                assert "Traceback" not in stopped(arguments, environment, sign)
            else:
                done = subprocess.run(
                    [sys.executable, "-m", "sugeup", *arguments],
                    env=environment, capture_output=True, text=True, timeout=300, check=False,
                )  # fmt: skip
                assert 0 == done.returncode, f"{arguments}: {done.stdout}{done.stderr}"
            ran.append(" ".join(arguments))
        rows = lake.archive.read("investor_day_stock")
    assert ["job run universe", "job run backfill --sessions 300", "job run daily"] == ran[:3]
    assert rows["session"].n_unique() > 60
    assert rows.filter(rows["session"] == rows["session"].max())["final"].all()


@pytest.mark.parametrize("vendor", ["kis", "ls"])
def test_the_variables_of_the_page_exist(vendor: str) -> None:
    """A variable that is misspelt in a table is set and has no effect."""
    page = text(f"connect-{vendor}.md")
    known = {f"SUGEUP_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bSUGEUP_[A-Z_]+", page)) <= known
    given = dict(line.split("=", 1) for line in _ENV.findall(page)[0].splitlines())
    assert [f"SUGEUP_{vendor.upper()}_APP_KEY", f"SUGEUP_{vendor.upper()}_APP_SECRET"] == list(given)


@pytest.mark.parametrize("vendor", ["kis", "ls"])
def test_the_env_file_of_the_page_is_read(vendor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example is written as it is, in the folder in which sugeup is run."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("SUGEUP_", "KOREA_", "EBEST_")):
            monkeypatch.delenv(name)
    (tmp_path / ".env").write_text(_ENV.findall(text(f"connect-{vendor}.md"))[0], encoding="utf-8")
    found = Settings().secrets((f"{vendor}_app_key", f"{vendor}_app_secret"), Settings().lake)
    assert found[0].startswith("PS") and found[1].startswith("the-long-text")


def test_files_that_the_page_copies_exist() -> None:
    page = text("connect-kis.md")
    for path in set(re.findall(r"\bdeploy/[\w./@-]*\w", page)):
        assert (ROOT / path).is_file(), path


class Moneydesk(BaseHTTPRequestHandler):
    """The invented vendor of add-a-source."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._say({"code": "OK", "token": "t0ken-of-the-desk", "seconds": 3600})

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        signed = self.headers["authorization"] == "Bearer t0ken-of-the-desk"
        days = [{"day": "20260212", "cash": "526,123"}, {"day": "20260213", "cash": "530,000"}]
        within = [one for one in days if asked["from"][0] <= one["day"] <= asked["to"][0]]
        self._say({"code": "OK", "days": within} if signed else {"code": "EXPIRED"})

    def _say(self, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def moneydesk() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Moneydesk)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of add-a-source in a folder, as they stand on the page; what lies below src joins the package."""
    folder = tmp_path_factory.mktemp("source")
    for name, block in _FILE.findall(text("add-a-source.md")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block, encoding="utf-8")
    joins = "import sugeup.sources\nsugeup.sources.__path__.append({!r})\n"
    (folder / "sitecustomize.py").write_text(joins.format(str(folder / "src/sugeup/sources")), encoding="utf-8")
    return folder


def ran_in(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_source_of_the_page_passes_the_tests_of_the_page(written: Path) -> None:
    said = ran_in(written, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/sources/test_moneydesk.py")
    assert "4 passed" in said


@pytest.mark.slow
def test_the_source_of_the_page_is_collected_through_the_archive_once(written: Path) -> None:
    with moneydesk() as address:
        said = ran_in(written, "collect.py", address)
    assert "2 new rows from 1 answers\n0 new rows from 0 answers\n[52612300000000, 53000000000000]\n" == said


def test_the_source_of_the_page_follows_the_rules_of_pure_packages(written: Path) -> None:
    source = (written / "src/sugeup/sources/moneydesk.py").read_text(encoding="utf-8")
    assert not re.search(r"^(?:import|from) (?:os|socket|httpx|sqlalchemy|deltalake)\b|datetime\.now", source, re.M)
