"""A store that was hurt is found hurt, comes back to its last good version, and loses nothing else."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sugeup import records
from sugeup.archive import Archive
from sugeup.errors import ConfigError, CorruptStore, Refused, SugeupError
from sugeup.records.upkeep import Condition
from sugeup.store.care import Care
from sugeup.store.lake import Lake
from sugeup.store.state import State
from tests.support.archives import NOW, open_archive, open_lake, rows

MARKET = records.dataset("investor_day_market")
STOCK = records.dataset("investor_day_stock")


def care(archive: Archive) -> Care:
    lake = archive._panels
    assert isinstance(lake, Lake)
    return Care(lake, State(lake.root / "state.sqlite"), archive.clock)


def fill(path: Path) -> Archive:
    """Two datasets over three months, one of them corrected once, so that there is a log and a history."""
    archive = open_archive(path)
    for number, month in enumerate((12, 1, 2)):
        year = 2025 if month == 12 else 2026
        given = [
            {"code": code, "session": date(year, month, day), "foreign_net_volume": number * 100 + day}
            for code in ("000660", "005930")
            for day in (8, 9, 10)
        ]
        archive.fill("investor_day_stock", rows("investor_day_stock", given))
    for number in range(3):
        at = NOW + timedelta(minutes=number)
        given = [{"market": "KOSPI", "session": date(2026, 2, 10), "foreign_net_amount": number * 10**9}]
        archive.fill("investor_day_market", rows("investor_day_market", given, ingested_at=at, known_at=at))
    return archive


def damaged(archive: Archive) -> set[str]:
    return {one.table for one in care(archive).check() if one.condition is Condition.DAMAGED}


def data_files(path: Path) -> list[Path]:
    return sorted(path.glob("*/*.parquet"))


def test_a_sound_store_is_found_sound_and_a_restore_leaves_it_alone(tmp_path: Path) -> None:
    archive = fill(tmp_path)
    found = care(archive).check()
    assert {"lake", "state", MARKET.name, STOCK.name, f"revisions/{MARKET.name}"} == {one.table for one in found}
    assert {Condition.SOUND} == {one.condition for one in found}
    before = archive.read(STOCK.name)
    assert [] == care(archive).restore()
    assert_frame_equal(before, archive.read(STOCK.name))


def test_a_cut_file_is_named_and_the_other_months_are_untouched_by_the_restore(tmp_path: Path) -> None:
    archive = fill(tmp_path)
    before = archive.read(STOCK.name)
    hurt = next((tmp_path / STOCK.name / "month=202601").glob("*.parquet"))
    hurt.write_bytes(hurt.read_bytes()[:200])
    with pytest.raises(CorruptStore, match=r"cut short.*store restore"):
        open_archive(tmp_path).read(STOCK.name)
    assert 6 == open_archive(tmp_path).read(STOCK.name, start=date(2026, 2, 1)).height
    found = [one for one in care(archive).check() if one.condition is Condition.DAMAGED]
    assert [(STOCK.name, str(hurt))] == [(one.table, one.file) for one in found]
    repair = care(archive).restore()[0]
    assert (STOCK.name, "202601", 6) == (repair.table, repair.where, repair.lost)
    assert set() == damaged(archive)
    after = open_archive(tmp_path).read(STOCK.name)
    assert_frame_equal(before.filter(pl.col("session").dt.month() != 1), after)
    assert (tmp_path / "quarantine" / STOCK.name / "month=202601" / hurt.name).exists()


def test_a_lost_row_comes_back_from_the_version_before_it(tmp_path: Path) -> None:
    """The newest correction is gone with its file; the last good version of the year is the one before it."""
    archive = fill(tmp_path)
    newest = max((tmp_path / MARKET.name).glob("year=2026/*.parquet"), key=lambda file: file.stat().st_mtime_ns)
    newest.unlink()
    repair = care(archive).restore()[0]
    assert (1, 0) == (repair.salvaged, repair.lost)
    assert [10**9] == open_archive(tmp_path).read(MARKET.name)["foreign_net_amount"].to_list()


def test_an_unreadable_newest_commit_is_set_aside_and_its_rows_come_back_from_their_file(tmp_path: Path) -> None:
    archive = fill(tmp_path)
    commits = sorted((tmp_path / MARKET.name / "_delta_log").glob("*.json"))
    commits[-1].write_text("no commit")
    with pytest.raises(CorruptStore):
        open_archive(tmp_path).read(MARKET.name)
    assert {MARKET.name} == damaged(archive)
    care(archive).restore()
    assert set() == damaged(archive)
    assert (tmp_path / "quarantine" / MARKET.name / "_delta_log" / commits[-1].name).exists()
    assert [2 * 10**9] == open_archive(tmp_path).read(MARKET.name)["foreign_net_amount"].to_list()
    assert 18 == open_archive(tmp_path).read(STOCK.name).height


def test_a_damaged_checkpoint_costs_nothing_while_its_commits_are_there(tmp_path: Path) -> None:
    archive = fill(tmp_path)
    care(archive).tidy(keep_hours=0)
    lake = open_lake(tmp_path)
    table = lake.table(MARKET, past=False)
    assert table is not None
    table.create_checkpoint()
    before = lake.read(MARKET)
    for checkpoint in (tmp_path / MARKET.name / "_delta_log").glob("*.checkpoint.parquet"):
        checkpoint.write_bytes(b"PAR1 no checkpoint PAR1")
    if damaged(open_archive(tmp_path)):
        care(open_archive(tmp_path)).restore()
    assert_frame_equal(before, open_lake(tmp_path).read(MARKET))


@pytest.mark.parametrize("place", [0, 1, 2, 3])
@pytest.mark.parametrize("content", [None, "", "no commit"])
def test_any_commit_may_be_spoilt_and_every_row_comes_back(tmp_path: Path, place: int, content: str | None) -> None:
    archive = fill(tmp_path)
    before = archive.read(STOCK.name)
    commit = sorted((tmp_path / STOCK.name / "_delta_log").glob("*.json"))[place]
    if content is None:
        commit.unlink()
    else:
        commit.write_text(content)
    spoilt = damaged(open_archive(tmp_path))
    care(open_archive(tmp_path)).restore()
    assert set() == damaged(open_archive(tmp_path))
    after = open_archive(tmp_path).read(STOCK.name)
    if content is None and place == 3:  # a newest commit that is gone cannot be told from one that never was
        before = before.filter(pl.col("session") < date(2026, 2, 1))
    else:
        assert {STOCK.name} == spoilt
    assert_frame_equal(before, after)


def test_a_table_whose_log_is_gone_is_built_anew_from_its_files(tmp_path: Path) -> None:
    archive = fill(tmp_path)
    shutil.rmtree(tmp_path / MARKET.name / "_delta_log")
    assert {MARKET.name} == damaged(archive)
    care(archive).restore()
    fresh = open_archive(tmp_path)
    assert set() == damaged(fresh)
    assert [2 * 10**9] == fresh.read(MARKET.name)["foreign_net_amount"].to_list()
    assert 18 == fresh.read(STOCK.name).height


def test_a_damaged_ledger_is_rebuilt_from_the_stored_rows(tmp_path: Path) -> None:
    archive = fill(tmp_path)
    before = [(span.dataset, span.scope, span.first, span.last, span.rows) for span in archive.coverage()]
    for file in tmp_path.glob("state.sqlite*"):
        file.write_bytes(b"no database" * 1000)
    assert {"state"} == damaged(open_archive(tmp_path))
    with pytest.raises(CorruptStore, match="store restore"):
        open_archive(tmp_path).coverage()
    care(open_archive(tmp_path)).restore()
    after = [(span.dataset, span.scope, span.first, span.last, span.rows) for span in open_archive(tmp_path).coverage()]
    assert before == after
    assert (tmp_path / "quarantine" / "state" / "state.sqlite").exists()


def test_two_current_rows_for_one_key_are_found(tmp_path: Path) -> None:
    from deltalake import write_deltalake

    archive = fill(tmp_path)
    doubled = archive.read(MARKET.name).with_columns(pl.col("session").dt.year().alias("year"))
    write_deltalake(tmp_path / MARKET.name, doubled, mode="append")
    assert any("more than one current row" in one.what for one in care(archive).check())
    care(archive).restore()
    assert set() == damaged(archive)
    assert 1 == open_archive(tmp_path).read(MARKET.name).height


def test_a_lake_of_a_newer_format_is_neither_read_nor_written(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "format.json").write_text(json.dumps({"format": 99, "written_by": "9.9"}))
    archive = open_archive(tmp_path)
    for attempt in (lambda: archive.read(STOCK.name), lambda: fill(tmp_path)):
        with pytest.raises(ConfigError, match=r"sugeup 9\.9 in format 99.*Upgrade"):
            attempt()


def test_a_newer_lake_s_unknown_column_can_be_read_past_but_not_written_over(tmp_path: Path) -> None:
    archive = fill(tmp_path)
    from deltalake import DeltaTable, write_deltalake

    grown = archive.read(MARKET.name).with_columns(pl.col("session").dt.year().alias("year"), novel=pl.lit(1))
    write_deltalake(DeltaTable(tmp_path / MARKET.name), grown, mode="overwrite", schema_mode="merge")
    assert 1 == open_archive(tmp_path).read(MARKET.name).height
    with pytest.raises(ConfigError, match="novel"):
        given = [{"market": "KOSDAQ", "session": date(2026, 2, 10), "foreign_net_amount": 1}]
        open_archive(tmp_path).fill(MARKET.name, rows(MARKET.name, given))


def test_an_older_lake_without_a_column_reads_it_as_null_and_gains_it_by_writing(tmp_path: Path) -> None:
    from deltalake import write_deltalake

    old = rows(MARKET.name, [{"market": "KOSPI", "session": date(2026, 2, 9), "foreign_net_amount": 5}])
    shrunk = old.drop("bank_net_volume").with_columns(pl.col("session").dt.year().alias("year"))
    write_deltalake(tmp_path / MARKET.name, shrunk, partition_by=["year"])
    archive = open_archive(tmp_path)
    assert [None] == archive.read(MARKET.name)["bank_net_volume"].to_list()
    given = [{"market": "KOSPI", "session": date(2026, 2, 10), "bank_net_volume": 3}]
    archive.fill(MARKET.name, rows(MARKET.name, given))
    assert [None, 3] == open_archive(tmp_path).read(MARKET.name)["bank_net_volume"].to_list()
    assert (tmp_path / "format.json").exists()


def test_tidying_changes_no_row_and_leaves_one_file_per_sealed_month(tmp_path: Path) -> None:
    archive = fill(tmp_path)
    more = [{"code": "035720", "session": date(2026, 1, 12), "foreign_net_volume": 1}]
    archive.fill("investor_day_stock", rows("investor_day_stock", more))
    before, past = archive.read(STOCK.name), archive.read(MARKET.name, as_of=NOW)
    assert 2 == len(list((tmp_path / STOCK.name / "month=202601").glob("*.parquet")))
    done = {one.table: one for one in care(archive).tidy(keep_hours=0)}
    assert 1 == done[STOCK.name].rewritten and 2 <= done[STOCK.name].removed
    assert 1 == len(list((tmp_path / STOCK.name / "month=202601").glob("*.parquet")))
    assert_frame_equal(before, open_archive(tmp_path).read(STOCK.name))
    assert_frame_equal(past, open_archive(tmp_path).read(MARKET.name, as_of=NOW))
    assert all(one.rewritten == one.removed == 0 for one in care(archive).tidy(keep_hours=0))
    assert set() == damaged(archive)


def test_unused_files_stay_as_long_as_they_were_promised_to(tmp_path: Path) -> None:
    archive = fill(tmp_path)
    before = len(data_files(tmp_path / MARKET.name))
    care(archive).tidy(keep_hours=24)
    assert before == len(data_files(tmp_path / MARKET.name))


def test_retention_gives_up_old_days_of_minutes_alone_and_never_less_than_a_year(tmp_path: Path) -> None:
    archive = fill(tmp_path)
    with pytest.raises(Refused, match="250"):
        care(archive).tidy(keep_sessions=10)
    assert all(one.dropped_sessions == 0 for one in care(archive).tidy(keep_sessions=250))


def test_a_version_number_that_a_restore_gives_again_is_another_version(tmp_path: Path) -> None:
    """What was computed from the lake before it was unpacked must not be taken for an answer from the lake after."""
    archive = fill(tmp_path / "lake")
    lake = open_lake(tmp_path / "lake")
    before = lake.version(STOCK)
    assert before == lake.version(STOCK) == open_lake(tmp_path / "lake").version(STOCK)
    care(archive).backup(tmp_path / "copy.tar")
    extra = [{"code": "035720", "session": date(2026, 2, 11), "foreign_net_volume": 1}]
    archive.fill("investor_day_stock", rows("investor_day_stock", extra))
    assert before != lake.version(STOCK)
    care(archive).unpack(tmp_path / "copy.tar")
    again = lake.version(STOCK)
    assert before.split("@")[0] == again.split("@")[0] and before != again


def test_a_backup_brings_the_lake_back_as_it_was(tmp_path: Path) -> None:
    archive = fill(tmp_path / "lake")
    before, spans = archive.read(STOCK.name), list(archive.coverage())
    done = care(archive).backup(tmp_path / "copy.tar")
    assert done.bytes == (tmp_path / "copy.tar").stat().st_size
    extra = [{"code": "035720", "session": date(2026, 2, 11), "foreign_net_volume": 1}]
    archive.fill("investor_day_stock", rows("investor_day_stock", extra))
    repair = care(archive).unpack(tmp_path / "copy.tar")
    back = open_archive(tmp_path / "lake")
    assert_frame_equal(before, back.read(STOCK.name))
    assert spans == back.coverage()
    assert [10**9] == back.read(MARKET.name, as_of=NOW + timedelta(minutes=1))["foreign_net_amount"].to_list()
    aside = next(path for path in tmp_path.iterdir() if path.name.startswith("lake.replaced-"))
    assert aside.name in repair.done
    assert before.height + 1 == open_archive(aside).read(STOCK.name).height
    assert f"{aside.name}-2" in care(archive).unpack(tmp_path / "copy.tar").done  # again within the same second


@pytest.mark.parametrize(
    ("spoil", "kind", "words"),
    [
        (lambda file: file.write_bytes(b"no tar"), Refused, "no backup"),
        (lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]), SugeupError, "backup|sum"),
        (lambda file: file.write_bytes(file.read_bytes().replace(b'"foreign_', b'"fareign_', 1)), CorruptStore, "sum"),
        (lambda file: file.unlink(), Refused, "no such file"),
    ],
)
def test_a_spoilt_backup_is_refused_and_the_lake_stays(
    tmp_path: Path, spoil: Callable[[Path], object], kind: type[SugeupError], words: str
) -> None:
    archive = fill(tmp_path / "lake")
    before = archive.read(STOCK.name)
    care(archive).backup(tmp_path / "copy.tar")
    spoil(tmp_path / "copy.tar")
    with pytest.raises(kind, match=words):
        care(archive).unpack(tmp_path / "copy.tar")
    assert_frame_equal(before, open_archive(tmp_path / "lake").read(STOCK.name))
    assert {"copy.tar", "lake"} >= {path.name for path in tmp_path.iterdir()}


def test_a_backup_never_replaces_a_file_and_is_never_half_there(tmp_path: Path) -> None:
    archive = fill(tmp_path / "lake")
    (tmp_path / "copy.tar").write_text("precious")
    with pytest.raises(Refused, match="exists already"):
        care(archive).backup(tmp_path / "copy.tar")
    assert "precious" == (tmp_path / "copy.tar").read_text()
    with pytest.raises(Refused, match="nothing to back up"):
        care(open_archive(tmp_path / "empty")).backup(tmp_path / "other.tar")


def test_reads_as_stored_on_an_earlier_moment_see_what_was_stored_then(tmp_path: Path) -> None:
    fill(tmp_path)
    seen = [
        Lake(tmp_path, {}, NOW + timedelta(minutes=minute)).read(MARKET)["foreign_net_amount"].to_list()
        for minute in (-1, 0, 1, 2, 9)
    ]
    assert [[], [0], [10**9], [2 * 10**9], [2 * 10**9]] == seen
    with pytest.raises(Refused, match="earlier time"):
        Lake(tmp_path, {}, NOW).upsert(MARKET, rows(MARKET.name, [{"market": "KOSPI", "session": date(2026, 2, 10)}]))


def test_a_locked_ledger_is_busy_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = fill(tmp_path)
    monkeypatch.setattr("sugeup.store.state.WAIT_MS", 50)
    with sqlite3.connect(tmp_path / "state.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        extra = [{"code": "035720", "session": date(2026, 2, 11), "foreign_net_volume": 1}]
        with pytest.raises(SugeupError) as caught:
            open_archive(tmp_path).fill("investor_day_stock", rows("investor_day_stock", extra))
        assert "BUSY" == caught.value.code
        assert 2 == len({span.dataset for span in open_archive(tmp_path).coverage()})
        other.execute("ROLLBACK")
    other.close()
    assert 19 == archive.read(STOCK.name).height
