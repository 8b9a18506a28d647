"""The ledger remembers what was asked of which source, also that it had nothing."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest

from sugeup.errors import CorruptStore
from sugeup.records.ledger import Asked
from sugeup.store.state import State
from tests.support.archives import NOW


def asked(first: date, last: date, rows: int, scope: str = "005930") -> Asked:
    return Asked("daily_bars", "exchange", scope, first, last, rows, NOW)


def test_spans_that_touch_on_sessions_are_joined(tmp_path: Path) -> None:
    """Friday and the Monday after it are neighbours: no hole is seen where the exchange was closed."""
    state = State(tmp_path / "state.sqlite")
    state.record([asked(date(2026, 2, 5), date(2026, 2, 6), 2)])
    state.record([asked(date(2026, 2, 9), date(2026, 2, 10), 2)])
    assert [asked(date(2026, 2, 5), date(2026, 2, 10), 4)] == state.coverage()


def test_spans_with_a_hole_between_them_stay_apart(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")
    state.record([asked(date(2026, 2, 5), date(2026, 2, 5), 1), asked(date(2026, 2, 9), date(2026, 2, 9), 1)])
    assert 2 == len(state.coverage())


def test_asked_and_truly_empty_is_remembered(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")
    state.record([asked(date(2026, 2, 5), date(2026, 2, 6), 0)])
    assert [0] == [span.rows for span in state.coverage("daily_bars")]
    assert [] == state.coverage("short_day")


def test_entering_the_same_span_twice_is_entering_it_once(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")
    for _ in range(2):
        state.record([asked(date(2026, 2, 5), date(2026, 2, 10), 4)])
    assert [asked(date(2026, 2, 5), date(2026, 2, 10), 4)] == state.coverage()


def test_a_ledger_that_was_never_written_reads_as_empty_and_is_not_created(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")
    assert [] == state.coverage()
    assert not (tmp_path / "state.sqlite").exists()


def test_the_database_is_in_wal_mode_so_that_readers_do_not_wait(tmp_path: Path) -> None:
    state = State(tmp_path / "state.sqlite")
    state.record([asked(date(2026, 2, 5), date(2026, 2, 5), 1)])
    with sqlite3.connect(tmp_path / "state.sqlite") as connection:
        assert "wal" == connection.execute("PRAGMA journal_mode").fetchone()[0]
        assert "0002" == connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    connection.close()
    state.close()


def test_a_file_that_is_no_database_is_named_as_damaged(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(CorruptStore, match=r"state\.sqlite") as caught:
        State(tmp_path / "state.sqlite").coverage()
    assert "STORE_DAMAGED" == caught.value.code
