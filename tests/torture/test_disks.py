"""A disk that is full or closed: a clear message, nothing half stored, and the same command works when it is open."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sugeup import records
from sugeup.errors import ConfigError
from sugeup.store.care import Care
from sugeup.store.state import State
from tests.support.archives import open_archive, open_lake, rows
from tests.support.required import unavailable

pytestmark = pytest.mark.torture
STOCK = records.dataset("investor_day_stock")


@contextmanager
def disk(where: Path, size: str) -> Iterator[Path]:
    """A file system of that size at a path."""
    if os.geteuid() != 0:
        unavailable("mounting a small disk needs root")
    where.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(where)], check=False)
    if made.returncode:
        unavailable("this machine does not let the tests mount a disk")
    try:
        yield where
    finally:
        subprocess.run(["umount", "--lazy", str(where)], check=True)


def day(session: date, codes: int) -> pl.DataFrame:
    given = [
        {"code": f"{number:06d}", "session": session}
        | {name: (number * 7919 + place) ** 2 for place, name in enumerate(STOCK.measures)}
        for number in range(codes)
    ]
    return rows("investor_day_stock", given)


def test_a_full_disk_is_named_and_the_stored_rows_stay(tmp_path: Path) -> None:
    with disk(tmp_path / "small", "6m") as small:
        lake = open_lake(small / "lake")
        lake.upsert(STOCK, day(date(2026, 1, 5), 300))
        before = lake.read(STOCK)
        with pytest.raises(ConfigError, match="disk is full"):
            for number in range(6, 31):
                if date(2026, 1, number).weekday() < 5:
                    before = lake.read(STOCK)
                    lake.upsert(STOCK, day(date(2026, 1, number), 2000))
        assert_frame_equal(before, open_lake(small / "lake").read(STOCK))
        subprocess.run(["mount", "-o", "remount,size=60m", str(small)], check=True)
        assert 300 == open_lake(small / "lake").upsert(STOCK, day(date(2026, 2, 27), 300)).added
        care = Care(
            open_lake(small / "lake"), State(small / "lake" / "state.sqlite"), open_archive(small / "lake").clock
        )
        care.tidy(keep_hours=0)
        assert not [one for one in care.check() if one.condition.value != "SOUND"]


def take(path: Path, dataset: str, row: dict[str, object]) -> int:
    """Fill one row and let go of every file, so that the disk can be closed."""
    archive = open_archive(path)
    try:
        return archive.fill(dataset, rows(dataset, [row])).added
    finally:
        archive._ledger.close()  # type: ignore[attr-defined]


def test_a_read_only_disk_can_be_read_and_says_why_it_cannot_be_written(tmp_path: Path) -> None:
    with disk(tmp_path / "closed", "30m") as closed:
        row = {"market": "KOSPI", "session": date(2026, 2, 10), "foreign_net_amount": 5}
        take(closed / "lake", "investor_day_market", row)
        subprocess.run(["mount", "-o", "remount,ro", str(closed)], check=True)
        archive = open_archive(closed / "lake")
        assert [5] == archive.read("investor_day_market")["foreign_net_amount"].to_list()
        assert 1 == len(archive.coverage())
        more = row | {"session": date(2026, 2, 11)}
        for dataset, given in (
            ("investor_day_market", more),
            ("short_day", {"code": "005930", "session": date(2026, 2, 11)}),
        ):
            with pytest.raises(ConfigError, match="read-only"):
                take(closed / "lake", dataset, given)
        subprocess.run(["mount", "-o", "remount,rw", str(closed)], check=True)
        assert 1 == take(closed / "lake", "investor_day_market", more)
