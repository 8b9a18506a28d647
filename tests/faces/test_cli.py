"""The command line: output for people and programs, exit codes, and it works while a server runs."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import subprocess
import sys
import urllib.request
from datetime import UTC
from pathlib import Path

import pytest

from sugeup.faces import cli
from tests.support.servers import free_port, serving

pytestmark = pytest.mark.slow


def run(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sugeup", *arguments],
        env={**os.environ, "SUGEUP_DATA_DIR": str(home), "COLUMNS": "120", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_question_is_answered_as_a_table(sample_home: Path) -> None:
    done = run(sample_home, "--lake", "demo", "investor-trading", "005930", "--session", "2026-02-13")
    assert (0, "") == (done.returncode, done.stderr)
    assert "삼성전자" in done.stdout and "-4,715,928" in done.stdout


def test_the_same_stock_may_be_named_by_option(sample_home: Path) -> None:
    by_place, by_option = (
        json.loads(run(sample_home, "--lake", "demo", "investor-trading", *how, "--json").stdout)
        for how in (("5930",), ("--stock-code", "005930"))
    )
    for answer in (by_place, by_option):
        answer.pop("generated_at")
    assert by_place == by_option


def test_csv_has_a_header_and_a_row_per_investor(sample_home: Path) -> None:
    done = run(sample_home, "--lake", "demo", "investor-trading", "--market", "kospi", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {"individual", "foreign", "institution", "other_corporation"} <= {row["investor"] for row in rows}


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("investor-trading", "삼전전자"), 64, "UNKNOWN_STOCK"),
        (("investor-trading", "--period", "2W"), 64, "'20D'"),
        (("investor-trading", "--sesion", "2026-02-13"), 64, "--session"),
        (("investor-trading", "--session", "2026-02-17"), 66, "MARKET_CLOSED"),
        (("investor-trading", "--session", "someday"), 64, "YYYY-MM-DD"),
        (("calendar", "1999"), 66, "2005"),
        (("calendar", "next"), 64, "2026"),
        (("--lake", "moon", "status"), 64, "real, demo, simulated"),
        (("import", "nothing.csv"), 64, "nothing.csv"),
        (("serve", "--host", "0.0.0.0"), 78, "loopback"),  # noqa: S104
        (("explain", "inv.nope"), 64, "inv."),
        (("dance",), 64, "dance"),
        (("status", "--lake", "demo"), 64, "before the command"),
        (("investor-trading", "005930", "--stock-code", "000660"), 64, "given twice"),
        (("investor-trading", "005930", "--market", "KOSDAQ"), 64, "listed on KOSPI"),
    ],
)
def test_a_mistake_has_its_exit_code_and_says_what_is_allowed(
    sample_home: Path, arguments: tuple[str, ...], status: int, words: str
) -> None:
    done = run(sample_home, *arguments, SUGEUP_LAKE="demo")
    assert (status, "") == (done.returncode, done.stdout), done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_lake_says_how_to_fill_it(tmp_path: Path) -> None:
    done = run(tmp_path, "investor-trading", "005930")
    assert 66 == done.returncode and "sugeup import" in done.stderr


def test_an_error_is_json_too_when_json_was_asked_for(sample_home: Path) -> None:
    done = run(sample_home, "--lake", "demo", "investor-trading", "999999", "--json")
    assert "UNKNOWN_STOCK" == json.loads(done.stderr)["error"]["code"]


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "status", SUGEUP_PORT="many")
    assert 78 == done.returncode and "SUGEUP_PORT" in done.stderr


def test_the_calendar_is_printed_as_json(tmp_path: Path) -> None:
    year = json.loads(run(tmp_path, "calendar", "2026", "--json").stdout)
    assert 2026 == year["year"]
    assert {"date": "2026-01-02", "open": "10:00", "close": "15:30"}.items() <= year["sessions"][0].items()
    closed = {row["date"]: row["reason"] for row in year["closed"]}
    assert "2026-06-03" in closed and "2026-07-17" in closed
    assert not set(closed) & {row["date"] for row in year["sessions"]}


def test_explain_prints_a_definition(tmp_path: Path) -> None:
    assert "순매수" in run(tmp_path, "explain", "inv.net_ratio").stdout


def test_commands_and_the_server_answer_side_by_side(sample_home: Path) -> None:
    with serving(sample_home) as address:
        done = run(sample_home, "--lake", "demo", "status")
        with urllib.request.urlopen(f"{address}/api/v1/status") as answered:  # noqa: S310
            assert 200 == answered.status
    assert 0 == done.returncode


def test_a_taken_port_is_named(sample_home: Path) -> None:
    with serving(sample_home) as address:
        done = run(sample_home, "--lake", "demo", "serve", "--port", address.rsplit(":", 1)[1])
    assert 75 == done.returncode and "--port" in done.stderr


def test_the_demo_answers_explains_and_ends(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--once", SUGEUP_PORT=str(free_port()))
    assert 0 == done.returncode, done.stderr
    for words in ("KOSPI+KOSDAQ", "삼성전자", "null MISSING_INPUT", "inv.trend", "Claude Desktop", "tunnel"):
        assert words in done.stdout
    assert (tmp_path / "demo").is_dir() and not (tmp_path / "real").exists()


def test_without_a_command_the_help_is_printed(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert 0 == done.returncode and "investor-trading" in done.stdout
    assert run(tmp_path, "--version").stdout.startswith("sugeup ")


@pytest.mark.parametrize(("given", "status"), [("debug", 0), ("Warning", 0), ("loud", 78)])
def test_a_log_level_is_taken_in_any_case_and_a_wrong_one_is_named(tmp_path: Path, given: str, status: int) -> None:
    done = run(tmp_path, "status", LOG_LEVEL=given)
    assert status == done.returncode
    assert ("LOG_LEVEL" in done.stderr) == bool(status)


def test_an_import_shows_its_report_and_writes_rejected_rows_once(tmp_path: Path) -> None:
    file = tmp_path / "flows.csv"
    file.write_text(
        "market,session,individual_net_amount,foreign_net_amount\n"
        "KOSPI,2026-06-01,90000000000,-120000000000\nKOSPI,2026-06-03,1,2\n"
    )
    for expected in ("1", "0"):
        done = run(tmp_path, "import", str(file))
        assert 0 == done.returncode, done.stderr
        assert expected == done.stdout.splitlines()[1].split()[4]
        assert "지방선거" in done.stdout
    assert 1 == len(list((tmp_path / "real").glob("rejected-*.csv")))


def test_an_import_of_which_nothing_can_be_taken_fails(tmp_path: Path) -> None:
    file = tmp_path / "flows.csv"
    file.write_text("market,session,foreign_net_amount\nKOSPI,2026-06-03,20000000000\n")
    done = run(tmp_path, "import", str(file))
    assert 64 == done.returncode and "every row was rejected" in done.stderr


def test_of_several_files_the_good_ones_are_imported_and_the_bad_one_is_named(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("market,session,foreign_net_amount\nKOSPI,2026-06-01,20000000000\n")
    bad.write_bytes(b"\x89PNG\r\n\x1a\n")
    done = run(tmp_path, "import", str(good), str(bad), "--json")
    assert 64 == done.returncode
    report = json.loads(done.stdout)
    assert 1 == report["stored"] and [str(bad)] == list(report["refused"])


HEAVY = ("polars", "numpy", "deltalake", "sqlalchemy", "alembic", "fastapi", "uvicorn", "mcp", "numba", "structlog")
"""Libraries that take longer to import than a light command may take."""


def loaded(home: Path, *arguments: str) -> tuple[int, set[str]]:
    """Exit code of a command, and the heavy libraries that its process imported."""
    program = (
        "import sys\nfrom sugeup.faces import cli\n"
        f"status = cli.run(sys.argv[1:])\nprint('loaded', status, *[m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "SUGEUP_DATA_DIR": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    _, status, *libraries = done.stdout.splitlines()[-1].split()
    return int(status), set(libraries)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--help",), 0),
        ((), 0),
        (("--version",), 0),
        (("investor-trading", "--help"), 0),
        (("serve", "--help"), 0),
        (("calendar", "2026"), 0),
        (("calendar", "1999", "--json"), 66),
        (("dance",), 64),
        (("investor-trading", "--sesion", "2026-02-13"), 64),
        (("serve", "--port", "many"), 64),
        (("--lake", "moon", "status"), 64),
        (("--as-stored-on", "yesterday", "status"), 64),
    ],
)
def test_a_light_command_imports_nothing_that_computes(tmp_path: Path, arguments: tuple[str, ...], status: int) -> None:
    """Somebody who mistyped, or asks for help, must not wait for a data frame library."""
    assert (status, set()) == loaded(tmp_path, *arguments)


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-11-01T12:00", "2026-11-01T03:00:00+00:00"),
        ("2026-11-01T12:00+00:00", "2026-11-01T12:00:00+00:00"),
        ("2026-11-01", "2026-11-01T14:59:59.999999+00:00"),
        ("20261101", "2026-11-01T14:59:59.999999+00:00"),
    ],
)
def test_a_time_of_storing_is_seoul_time_and_a_day_is_its_end(given: str, moment: str) -> None:
    assert moment == cli._moment(given).astimezone(UTC).isoformat()


def test_nothing_is_stored_in_the_past(tmp_path: Path) -> None:
    done = run(tmp_path, "--as-stored-on", "2026-01-01", "demo", "--once")
    assert 64 == done.returncode and "looks back" in done.stderr


def test_an_unforeseen_error_has_one_line_and_its_traceback_in_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A traceback in place of a message helps nobody who only asked a question."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("x")

    monkeypatch.setattr(cli, "app", broken)
    with caplog.at_level(logging.DEBUG):
        assert 70 == cli.run(["status", "--json"])
    assert "INTERNAL" == json.loads(capsys.readouterr().err)["error"]["code"]
    assert "ZeroDivisionError" in caplog.text


def test_a_terminal_without_hangul_still_shows_the_answer(sample_home: Path) -> None:
    done = run(sample_home, "--lake", "demo", "search", "005930", PYTHONIOENCODING="ascii")
    assert (0, "") == (done.returncode, done.stderr)
    assert "005930" in done.stdout


def test_commands_below_a_word_are_listed_by_it(tmp_path: Path) -> None:
    for arguments in (("store",), ("store", "--help")):
        done = run(tmp_path, *arguments)
        assert 0 == done.returncode and "restore" in done.stdout


def test_a_server_lists_its_tools_without_what_answers_them(tmp_path: Path) -> None:
    """A client starts the server and asks for its tools long before it asks a question."""
    program = (
        "import sys, anyio\nfrom sugeup.faces import cli, mcp\nfrom sugeup.faces.answering import Answering\n"
        "listed = anyio.run(mcp.server(Answering(cli.opened())).list_tools)\n"
        f"print(len(listed), *[m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "SUGEUP_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    number, *libraries = done.stdout.split()
    assert int(number) >= 4 and {"mcp", "uvicorn"} >= set(libraries)  # the SDK itself imports uvicorn
