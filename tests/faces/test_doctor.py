"""`sugeup doctor`: each thing that can be wrong is found, said with its remedy, and gives its exit code."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sugeup.archive import Archive
from sugeup.faces import doctoring
from sugeup.observe import findings, machine, storage
from sugeup.observe.findings import Finding, State
from tests.faces.test_cli import run
from tests.support.archives import open_archive, rows
from tests.support.servers import free_port, serving

NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
OK, WARN, FAIL = State.OK, State.WARN, State.FAIL


def states(found: Iterable[Finding]) -> list[State]:
    listed = list(found)
    for one in listed:
        assert one.said and (one.todo or one.state is OK)
        assert (one.exit_code in {74, 78}) == (one.state is FAIL)
    return [one.state for one in listed]


@pytest.mark.parametrize(
    ("version", "state"), [((3, 11, 0), OK), ((3, 14, 9), OK), ((3, 10, 12), FAIL), ((3, 15, 0), FAIL)]
)
def test_python_is_one_of_the_supported(version: tuple[int, ...], state: State) -> None:
    assert [state] == states(machine.python(version, ">=3.11,<3.15"))


@pytest.mark.parametrize(
    ("required", "words"),
    [
        (["polars>=2.0", "mcp<3,>=2.3", 'docs; extra == "all"'], "2 required packages fit"),
        (["polars>=99"], "is none of >=99"),
        (["nosuchpackage>=1"], "nosuchpackage is missing"),
    ],
)
def test_packages_are_there_in_versions_that_fit(required: list[str], words: str) -> None:
    assert words in next(machine.packages(required)).said


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("2.0", ">=2", True),
        ("2.0.1rc1", ">=2.0.1", True),
        ("1.9.9", ">=2", False),
        ("3.0.0", "<3", False),
        ("10.1", ">=9.2", True),
        ("1!2", "", True),
    ],
)
def test_versions_are_compared_by_number(version: str, wanted: str, fits: bool) -> None:
    assert fits == machine.fits(version, wanted)


def test_a_folder_that_is_a_file_or_closed_is_named(tmp_path: Path) -> None:
    assert OK is states(machine.folder(tmp_path / "new" / "home"))[0]
    assert not (tmp_path / "new").exists()
    file = tmp_path / "file"
    file.touch()
    assert [FAIL] == states(machine.folder(file))
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    if os.access(closed, os.W_OK):  # root may write there, but nobody may make a folder in /proc
        closed = Path("/proc/sugeup")
    assert [FAIL] == states(machine.folder(closed / "home"))


@pytest.mark.parametrize(("free", "state"), [(10**8, FAIL), (10**9, WARN), (10**10, OK)])
def test_little_room_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: State) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("usage", (), {"free": free}))
    assert [OK, state] == states(machine.folder(tmp_path))


@pytest.mark.parametrize(
    ("now", "check", "state"),
    [
        (datetime(2026, 9, 1, tzinfo=UTC), "calendar", OK),
        (datetime(2027, 11, 15, tzinfo=UTC), "calendar", WARN),
        (datetime(2028, 1, 3, tzinfo=UTC), "calendar", FAIL),
        (datetime(1970, 1, 1, tzinfo=UTC), "clock", FAIL),
    ],
)
def test_the_session_table_covers_the_present_and_what_comes(now: datetime, check: str, state: State) -> None:
    found = next(machine.calendar(now))
    assert (check, state) == (found.check, found.state)


def test_a_missing_time_zone_is_named() -> None:
    assert [OK] == states(machine.timezone())
    assert [FAIL] == states(machine.timezone("Asia/Nowhere"))


def test_a_terminal_without_hangul_is_named() -> None:
    assert [[OK], [OK], [WARN], [WARN]] == [states(machine.terminal(name)) for name in ("utf-8", "UTF8", "ascii", None)]


def test_completion_is_found_where_it_is_installed(tmp_path: Path) -> None:
    assert "not installed" in next(machine.completion(tmp_path)).said
    (tmp_path / ".zfunc").mkdir()
    (tmp_path / ".zfunc" / "_sugeup").touch()
    assert "zsh" in next(machine.completion(tmp_path)).said


def test_compiled_measures_have_a_place() -> None:
    assert [OK] == states(machine.compiled())


def test_a_port_held_by_another_program_is_noticed() -> None:
    number = free_port()
    assert [OK] == states(machine.port("127.0.0.1", number))
    with socket.socket() as other:
        other.bind(("127.0.0.1", number))
        other.listen()
        other.settimeout(0)
        found = next(machine.port("127.0.0.1", number))
    assert WARN is found.state and "SUGEUP_PORT" in found.todo


@pytest.mark.slow
def test_a_port_held_by_our_server_is_in_order(sample_home: Path) -> None:
    with serving(sample_home) as address:
        found = next(machine.port("127.0.0.1", int(address.rsplit(":", 1)[1])))
    assert OK is found.state and "sugeup server" in found.said


def test_a_check_that_breaks_stops_no_other() -> None:
    def broken() -> Iterable[Finding]:
        raise ZeroDivisionError

    found = findings.examine([("first", broken), ("second", lambda: [findings.ok("second", "fine")])])
    assert [FAIL, OK] == [one.state for one in found]
    assert 78 == findings.exit_code(found)


def test_the_first_failure_gives_the_exit_code() -> None:
    damaged, wrong = findings.fail("a", "x", "y", findings.STORE), findings.fail("b", "x", "y")
    assert [0, 74, 78] == [findings.exit_code(found) for found in ([], [damaged, wrong], [wrong, damaged])]


def test_an_empty_and_a_fresh_lake_are_in_order(tmp_path: Path, archive: Archive) -> None:
    assert [OK] == states(storage.lake(open_archive(tmp_path / "none"), "real", NOW))
    found = list(storage.lake(archive, "real", datetime(2026, 3, 3, 3, tzinfo=UTC)))
    assert [OK, OK] == states(found) and "2026-02-27" in found[0].said


def test_old_figures_are_noticed_in_the_real_lake_alone(archive: Archive) -> None:
    assert [WARN, OK] == states(storage.lake(archive, "real", NOW))
    assert [OK, OK] == states(storage.lake(archive, "demo", NOW))
    assert [OK] == states(storage.lake(archive, "simulated", NOW))


def test_a_clock_behind_what_is_stored_fails(archive: Archive) -> None:
    """Every answer would call figures unknown that are there."""
    found = list(storage.lake(archive, "real", datetime(2026, 1, 5, tzinfo=UTC)))
    assert FAIL is found[-1].state and "clock" in found[-1].todo


def test_rows_that_are_published_later_are_noticed(tmp_path: Path) -> None:
    archive = open_archive(tmp_path / "lake")
    about = {"known_at": datetime(2026, 12, 1, tzinfo=UTC)}
    archive.fill("index_day", rows("index_day", [{"index_code": "KOSPI", "session": date(2026, 2, 27)}], **about))
    assert WARN is list(storage.lake(archive, "real", datetime(2026, 3, 3, tzinfo=UTC)))[-1].state


def test_a_damaged_table_and_a_damaged_ledger_are_failures_of_the_store(sample_home: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_home / "demo", tmp_path / "demo")
    for path in (tmp_path / "demo" / "daily_bars").rglob("*.parquet"):
        path.write_bytes(b"PAR1")
    for path in (tmp_path / "demo").glob("state.sqlite*"):
        path.unlink()
    (tmp_path / "demo" / "state.sqlite").write_bytes(b"no database" * 1000)
    done = run(tmp_path, "--lake", "demo", "doctor", "--json")
    report = json.loads(done.stdout)
    assert 74 == done.returncode == report["exit_code"]
    failed = {one["check"]: one for one in report["findings"] if one["state"] == "fail"}
    assert {"lake demo", "ledger demo"} == set(failed)
    assert "daily_bars" in failed["lake demo"]["said"] and "restore" in failed["lake demo"]["todo"]


def test_a_ledger_without_a_write_ahead_log_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    assert [] == states(storage.ledger(path, "real"))
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE x (y)")
    database.close()
    assert [WARN] == states(storage.ledger(path, "real"))


@pytest.mark.slow
def test_the_sample_is_in_order_and_nothing_is_written(sample_home: Path) -> None:
    before = sorted(path for path in sample_home.rglob("*") if "sqlite" not in path.name)
    done = run(sample_home, "--lake", "demo", "doctor", SUGEUP_PORT=str(free_port()))
    assert (0, "") == (done.returncode, done.stderr), done.stdout
    assert "0 to repair" in done.stdout and "demo" in done.stdout
    assert before == sorted(path for path in sample_home.rglob("*") if "sqlite" not in path.name)


@pytest.mark.slow
def test_a_wrong_setting_is_a_finding(tmp_path: Path) -> None:
    """The doctor is asked when nothing works; it may not fail on what it should find."""
    done = run(tmp_path, "doctor", SUGEUP_PORT="many")
    assert 78 == done.returncode and "FAIL  settings" in done.stdout and "SUGEUP_PORT" in done.stdout


def test_damaged_notes_on_keys_are_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUGEUP_DATA_DIR", str(tmp_path))
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "keychain.json").write_text("{")
    failed = [one for one in doctoring.examined() if one.state is FAIL]
    assert ["keys"] == [one.check for one in failed] and "keychain.json is damaged" in failed[0].said


def test_the_report_has_a_line_per_finding_with_its_remedy() -> None:
    said = [str(part) for part in doctoring.report([findings.warn("disk", "1 GB free", "Make room.")])]
    assert "warn  disk  1 GB free" in said[0] and "→ Make room." in said[0] and "1 to notice" in said[-1]
