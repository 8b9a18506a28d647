"""The command line: output for people and programs, exit codes, and it works while a server runs."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

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
    for words in ("KOSPI+KOSDAQ", "삼성전자", "null all investors", "inv.trend", "Claude Desktop", "tunnel"):
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
