"""A process killed at a random moment of any write leaves the old or the new state, and the next run completes it."""

from __future__ import annotations

import multiprocessing as mp
import os
import random
import signal
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sugeup import records
from sugeup.jobs.importing import import_files
from sugeup.records.ledger import Asked, Upserted
from sugeup.records.upkeep import Condition
from sugeup.store.care import Care
from sugeup.store.state import State
from tests.support.archives import NOW, open_archive, open_lake, rows

pytestmark = pytest.mark.torture

KILLS = {"ci": 8, "full": 100}[os.environ.get("SCALE", "ci")]
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
STOCK = records.dataset("investor_day_stock")
CODES = [f"{number:06d}" for number in range(400)]
DAYS = [date(2026, 1, 5) + timedelta(days=offset) for offset in range(3)]
CONTEXT = mp.get_context("spawn")


def killed(work: Callable[..., None], longest: float, chance: random.Random, *arguments: Any) -> bool:
    """Run work(*arguments, started) in a process and kill it at a random moment; whether it died before its end."""
    started = CONTEXT.Event()
    process = CONTEXT.Process(target=work, args=(*arguments, started))
    process.start()
    assert started.wait(60)
    time.sleep(chance.uniform(0, longest))
    if process.is_alive():
        os.kill(process.pid, signal.SIGKILL)  # type: ignore[arg-type]
    process.join(60)
    return process.exitcode == -signal.SIGKILL


def chances(name: str) -> random.Random:
    print(f"{name}: seed {SEED}, {KILLS} kills")
    return random.Random(f"{SEED}{name}")  # noqa: S311


def care(path: Path) -> Care:
    return Care(open_lake(path), State(path / "state.sqlite"), open_archive(path).clock)


def sound(path: Path) -> None:
    """Nothing is damaged now, and after tidying nothing lies about that nobody refers to."""
    found = care(path).check()
    assert not [one for one in found if one.condition is Condition.DAMAGED], f"seed {SEED}: {found}"
    care(path).tidy(keep_hours=0)
    left = [one for one in care(path).check() if one.condition is not Condition.SOUND]
    assert not left, f"seed {SEED}: {left}"


def batch(version: int) -> pl.DataFrame:
    """Every code on three days, all cells the version: a torn state would mix versions."""
    at = NOW + timedelta(seconds=version)
    given = [
        {"code": code, "session": day, "foreign_net_volume": version, "individual_net_volume": -version}
        for day in DAYS
        for code in CODES
    ]
    return rows("investor_day_stock", given, ingested_at=at, known_at=at)


def upsert(path: Path, version: int, started: Any) -> None:
    frame, lake = batch(version), open_lake(path)
    started.set()
    lake.upsert(STOCK, frame)


def test_a_killed_upsert_leaves_the_old_or_the_new_state(tmp_path: Path) -> None:
    chance, died = chances("upsert"), 0
    lake = open_lake(tmp_path)
    lake.upsert(STOCK, batch(0))
    current = 0
    for version in range(1, KILLS + 1):
        died += killed(upsert, 0.12, chance, tmp_path, version)
        found = lake.read(STOCK, columns=["foreign_net_volume"])
        versions = found["foreign_net_volume"].unique().to_list()
        assert len(CODES) * len(DAYS) == found.height
        assert versions in ([current], [version]), f"seed {SEED}: a torn state {versions} after version {version}"
        if versions != [version]:
            assert Upserted(replaced=found.height) == lake.upsert(STOCK, batch(version))
        assert Upserted(same=found.height) == lake.upsert(STOCK, batch(version))
        current = version
    past = lake.read(STOCK, columns=["foreign_net_volume"], as_of=NOW + timedelta(seconds=KILLS // 2))
    assert [KILLS // 2] == past["foreign_net_volume"].unique().to_list()
    sound(tmp_path)
    assert 0 < died


def tidy(path: Path, started: Any) -> None:
    chosen = care(path)
    started.set()
    chosen.tidy(keep_hours=0)


def test_a_killed_tidying_changes_no_row(tmp_path: Path) -> None:
    """Compaction and vacuum: a file is removed only after nothing refers to it any more."""
    chance, died = chances("tidy"), 0
    lake = open_lake(tmp_path)
    for turn in range(KILLS):
        for version in range(3):
            lake.upsert(STOCK, batch(3 * turn + version))
        before = lake.read(STOCK)
        past = lake.read(STOCK, as_of=NOW + timedelta(seconds=3 * turn))
        died += killed(tidy, 0.25, chance, tmp_path)
        assert_frame_equal(before, open_lake(tmp_path).read(STOCK))
        assert_frame_equal(past, open_lake(tmp_path).read(STOCK, as_of=NOW + timedelta(seconds=3 * turn)))
    sound(tmp_path)
    assert_frame_equal(before, open_lake(tmp_path).read(STOCK))
    assert 0 < died


def take(path: Path, file: Path, started: Any) -> None:
    archive = open_archive(path)
    started.set()
    import_files(archive, [file])


def test_a_killed_import_leaves_whole_tables_and_is_completed_by_the_next(tmp_path: Path) -> None:
    chance, died = chances("import"), 0
    file = tmp_path / "flows.csv"
    lines = [f"{code},{day},{number},{-number}" for number, code in enumerate(CODES) for day in DAYS]
    for turn in range(KILLS):
        path = tmp_path / f"lake{turn}"
        file.write_text("code,session,foreign_net_volume,individual_net_volume\n" + "\n".join(lines) + "\n")
        died += killed(take, 0.6, chance, path, file)
        stored = open_archive(path).read("investor_day_stock").height
        assert stored in (0, len(lines)), f"seed {SEED}: {stored} rows"
        report = import_files(open_archive(path), [file])
        assert len(lines) - stored == report.tables[0].added
        archive = open_archive(path)
        assert len(lines) == archive.read("investor_day_stock").height
        assert len(CODES) == len(archive.coverage("investor_day_stock"))
        sound(path)
    assert 0 < died


def enter(path: Path, started: Any) -> None:
    state = State(path / "state.sqlite")
    spans = [Asked("short_day", "exchange", code, DAYS[0], DAYS[-1], 3, NOW) for code in CODES]
    started.set()
    state.record(spans)


def test_a_killed_migration_or_entry_leaves_a_ledger_with_all_or_nothing(tmp_path: Path) -> None:
    chance, died = chances("migration"), 0
    for turn in range(KILLS):
        path = tmp_path / f"lake{turn}"
        path.mkdir()
        died += killed(enter, 0.5, chance, path)
        assert len(State(path / "state.sqlite").coverage()) in (0, len(CODES)), f"seed {SEED}"
        enter(path, CONTEXT.Event())
        assert len(CODES) == len(State(path / "state.sqlite").coverage())
        sound(path)
    assert 0 < died


def back_up(path: Path, target: Path, started: Any) -> None:
    chosen = care(path)
    started.set()
    chosen.backup(target)


def test_a_killed_backup_leaves_no_file_of_its_name(tmp_path: Path) -> None:
    chance = chances("backup")
    lake, target = open_lake(tmp_path / "lake"), tmp_path / "copy.tar"
    for version in range(5):
        lake.upsert(STOCK, batch(version))
    for _ in range(KILLS):
        died = killed(back_up, 0.1, chance, tmp_path / "lake", target)
        if target.exists():
            care(tmp_path / "other").unpack(target)
            assert_frame_equal(lake.read(STOCK), open_lake(tmp_path / "other").read(STOCK))
            target.unlink()
        else:
            assert died
