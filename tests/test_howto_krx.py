"""The how-to page on the exchange does what it says: its commands are run, against a sandbox and against files."""

from __future__ import annotations

import csv
import io
import os
import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sugeup import jobs
from sugeup.app import App
from sugeup.hub import client
from sugeup.jobs import running
from sugeup.jobs.job import Options
from sugeup.settings import Settings
from sugeup.sources import vendors
from sugeup.sources.files import downloads
from sugeup.sources.vendor import Pace
from sugeup.specifications import specification
from tests.support import sandboxes

PAGE = (Path(__file__).parents[1] / "docs" / "how-to" / "connect-krx.md").read_text(encoding="utf-8")
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ENV = re.compile(r"^```ini\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HEADINGS = specification("krx_login")["downloads"]
DAY = date(2026, 11, 20)
SOLD, BOUGHT = 400, 1_000


def commands() -> list[list[str]]:
    lines = "\n".join(SHELL.findall(PAGE)).splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("sugeup ")]


def saved(folder: Path, name: str, screen: str, rows: list[list[object]]) -> None:
    text = io.StringIO()
    text.write(",".join(HEADINGS[screen]) + "\n")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    (folder / name).write_bytes(text.getvalue().encode("cp949"))


def files(folder: Path) -> None:
    """What the page's commands name, saved by a member: one stock, in which two investors traded with each other."""
    saved(
        folder,
        "data_2711_20261123.csv",
        "12001",
        [["005930", "삼성전자", "KOSPI", "", 100_000, 1_000, "1.01", 99_000, 101_000, 98_900, 1_400, 140_000_000,
          600_000_000_000_000, 6_000_000_000]],
    )  # fmt: skip
    for name in next(one for one in commands() if "개인.csv" in one)[3:]:
        who = name.removesuffix(".csv")
        bought, sold = {"개인": (BOUGHT, SOLD), "외국인": (SOLD, BOUGHT), "전체": (1_400, 1_400)}.get(who, (0, 0))
        row = [
            "005930", "삼성전자", sold, bought, bought - sold, 100_000 * sold, 100_000 * bought,
            100_000 * (bought - sold),
        ]  # fmt: skip
        saved(folder, name, "12010", [row] if bought else [["000001", "없음", 0, 0, 0, 0, 0, 0]])
    for name, row in (
        ("KOSPI 매수 거래대금.csv", [3, 0, 0, 0, 0, 0, 0, 0, 7, 2, 0, 12]),
        ("KOSPI 매도 거래대금.csv", [1, 0, 0, 0, 0, 0, 0, 0, 5, 6, 0, 12]),
    ):
        saved(folder, name, "12009", [["2026/11/20", *(10**9 * figure for figure in row)]])


def test_the_files_of_the_page_are_imported_by_its_commands(tmp_path: Path) -> None:
    files(tmp_path)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SUGEUP_", "KRX_"))}
    environment = clean | {"SUGEUP_DATA_DIR": str(tmp_path / "data"), "PYTHONUTF8": "1"}
    ran = 0
    for arguments in commands():
        if arguments[0] == "import":
            done = subprocess.run(
                [sys.executable, "-m", "sugeup", *arguments],
                cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
            assert 0 == done.returncode, f"{arguments}: {done.stdout}{done.stderr}"
            ran += 1
    assert 3 == ran
    archive = App.open(Settings(data_dir=tmp_path / "data")).archive
    bar = archive.read("daily_bars").to_dicts()[0]
    assert (DAY, 100_000, 99_000) == (bar["session"], bar["raw_close"], bar["base_price"])
    flow = archive.read("investor_day_stock", scopes=["005930"]).to_dicts()[0]
    assert (600, -600, 0, None) == tuple(
        flow[f"{name}_net_volume"] for name in ("individual", "foreign", "institution", "government")
    )
    market = archive.read("investor_day_market").to_dicts()[0]
    assert (2 * 10**9, -4 * 10**9, 2 * 10**9) == tuple(
        market[f"{name}_net_amount"] for name in ("individual", "foreign", "institution")
    )


def test_a_file_without_its_day_gets_the_advice_of_the_page(tmp_path: Path) -> None:
    files(tmp_path)
    environment = os.environ | {"SUGEUP_DATA_DIR": str(tmp_path / "data"), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "sugeup", "import", "data_2711_20261123.csv"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert 64 == done.returncode
    assert "--session" in done.stderr and "20261123" in done.stderr


@pytest.mark.slow
def test_the_steps_of_the_log_in_fill_a_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The jobs of the page, at a sandbox and without its pace; the clock goes on to the next morning between them."""
    monkeypatch.setattr(client, "hurried", lambda pace, _times: Pace(pace.calls, pace.seconds / 10_000))
    names = [one[2] for one in commands() if one[:2] == ["job", "run"]]
    assert ["universe", "daily", "confirm"] == names
    with sandboxes.serving(at="2025-06-09T19:05") as (address, control):
        given = {"lake": "simulated", "sandbox_url": address, "data_dir": tmp_path, "market_cap_floor": 0}
        for name, moment in zip(names, ("2025-06-09T19:05", "2025-06-09T19:05", "2025-06-10T08:15"), strict=True):
            control.move(set=moment)
            sources = ("kis",) if name == "universe" else ("krx_login",)
            app = App.open(Settings(**given, sources=sources))
            outcome = running.run(jobs.named(name), app.work(Options()))
            assert outcome.steps and (name == "universe" or outcome.error is None), outcome.error
            assert app.supply is not None
            app.supply.close()  # as the end of a process does
        asked = control.stats()["vendors"]["krx_login"]
        assert asked["total"] > 26 and asked["tokens"] == 2
        flows = app.archive.read("investor_day_stock", start=date(2025, 6, 9), end=date(2025, 6, 9))
    assert flows.height > 30 and flows["final"].all()
    assert {"krx_login"} == set(flows["source"])
    bought = pl.sum_horizontal(
        pl.col(f"{name}_buy_amount") for name in ("individual", "foreign", "institution", "other_corporation")
    )
    sold = pl.sum_horizontal(
        pl.col(f"{name}_sell_amount") for name in ("individual", "foreign", "institution", "other_corporation")
    )
    assert flows.filter(bought != sold).is_empty()
    holdings = app.archive.read("foreign_holding")
    assert holdings["limit_shares"].is_not_null().all() and holdings.height > 30


def test_the_variables_of_the_page_exist_and_its_examples_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {f"SUGEUP_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bSUGEUP_[A-Z_]+", PAGE)) <= known
    for block in ENV.findall(PAGE):
        for line in block.splitlines():
            monkeypatch.setenv(*line.split("=", 1))
    found = Settings(_env_file=None)  # type: ignore[call-arg]
    assert found.krx_login and found.krx_id is not None and found.krx_pw is not None
    assert "your-password" == found.krx_pw.get_secret_value()


def test_the_page_names_every_file_that_is_taken_and_the_limits_that_hold() -> None:
    for one in downloads.DOWNLOADS:
        screen = re.search(r"\((\d{5})\)", one.title)
        assert screen is not None and f"| {screen.group(1)} " in PAGE and one.dataset in PAGE
    vendor = vendors()["krx_login"]
    assert f"once in\n{vendor.pace.seconds} seconds" in PAGE
    assert f"at most {vendor.quota} times a day" in PAGE
