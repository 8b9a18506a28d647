"""Where a missing figure can be had: what to run, or whom to connect first."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sugeup.archive import Archive, Supply
from sugeup.market import sessions
from sugeup.market.clock import FixedClock
from sugeup.sources import vendors
from sugeup.store.state import State
from sugeup.usecases import doors
from tests.support.archives import NOW, ORIGINS, open_lake
from tests.support.vendors import desk


def without_keys(folder: Path) -> Archive:
    """An archive that nobody fills, although there are vendors."""
    supply = Supply(shut=list(vendors().values()))
    return Archive("real", open_lake(folder), State(folder / "state.sqlite"), FixedClock(NOW), ORIGINS, supply)


DAYS = sessions.sessions(date(2026, 2, 2), date(2026, 2, 6))


def test_with_a_vendor_the_job_is_named_and_whom_it_asks(tmp_path: Path) -> None:
    archive = desk(tmp_path, DAYS).archive
    assert "`sugeup job run daily` collects it from broker, `sugeup job run backfill` its past" == doors.how(
        archive, "short_day"
    )


def test_without_one_those_who_would_give_it_are_named(tmp_path: Path) -> None:
    said = doors.how(without_keys(tmp_path), "short_day")
    assert "한국투자증권 (kis)" in said and "LS증권 (ls)" in said and "`sugeup sources`" in said


def test_the_first_that_nobody_connected_gives_decides(tmp_path: Path) -> None:
    archive = desk(tmp_path, DAYS).archive
    assert doors.how(archive, "lending") == doors.how(archive, "short_day", "lending")
    assert "job run" not in doors.how(archive, "short_day", "lending")


def test_what_no_source_gives_can_be_imported(tmp_path: Path) -> None:
    assert "no source gives it; `sugeup import FILE...` takes your own" == doors.how(
        without_keys(tmp_path), "sector_rotation"
    )
