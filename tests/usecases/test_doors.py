"""Where a missing figure can be had: what to run, or whom to connect first."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sugeup.archive import Archive, Supply
from sugeup.archive.supply import Door
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


def test_figures_of_stocks_take_a_list_of_stocks_first(tmp_path: Path) -> None:
    known = vendors()
    supply = Supply([(known["naver"], _never)], shut=[one for name, one in known.items() if name != "naver"])
    archive = Archive("real", open_lake(tmp_path), State(tmp_path / "state.sqlite"), FixedClock(NOW), ORIGINS, supply)
    said = doors.how(archive, "investor_day_stock")
    assert said.startswith("it takes a list of stocks (instruments): ") and "한국투자증권 (kis)" in said
    assert "collects it from naver" in doors.how(archive, "investor_day_market")


def test_the_past_is_promised_only_where_a_source_keeps_it(tmp_path: Path) -> None:
    known = vendors()
    for name, past in (("kis", False), ("ls", True)):
        supply = Supply([(known[name], _never)])
        folder = tmp_path / name
        archive = Archive("real", open_lake(folder), State(folder / "state.sqlite"), FixedClock(NOW), ORIGINS, supply)
        assert past is ("`sugeup job run backfill` its past" in doors.how(archive, "foreign_holding")), name


def test_minutes_are_collected_while_a_session_runs(tmp_path: Path) -> None:
    said = doors.how(without_keys(tmp_path), "futures_minute")
    assert "`sugeup job run intraday` while a session runs; no source keeps its past" in said


def test_an_archive_that_knows_no_source_names_the_job_all_the_same(tmp_path: Path) -> None:
    archive = Archive("real", open_lake(tmp_path), State(tmp_path / "state.sqlite"), FixedClock(NOW), ORIGINS)
    assert "`sugeup job run daily` collects it once a source is connected" in doors.how(archive, "short_day")


def _never() -> Door:
    raise AssertionError("nobody is asked")
