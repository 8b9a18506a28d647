"""A writer killed at a random moment leaves the old or the new state, and the next run completes its work."""

from __future__ import annotations

import multiprocessing as mp
import os
import random
import signal
import time
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from sugeup import records
from sugeup.records.ledger import Upserted
from tests.support.archives import NOW, open_lake, rows

pytestmark = pytest.mark.torture

KILLS = {"ci": 8, "full": 100}[os.environ.get("SCALE", "ci")]
STOCK = records.dataset("investor_day_stock")
CODES = [f"{number:06d}" for number in range(400)]
DAYS = [date(2026, 1, 5) + timedelta(days=offset) for offset in range(3)]


def batch(version: int) -> pl.DataFrame:
    """Every code on three days, all cells the version: a torn state would mix versions."""
    at = NOW + timedelta(seconds=version)
    given = [
        {"code": code, "session": day, "foreign_net_volume": version, "individual_net_volume": -version}
        for day in DAYS
        for code in CODES
    ]
    return rows("investor_day_stock", given, ingested_at=at, known_at=at)


def write(path: Path, version: int, started: object) -> None:
    frame = batch(version)
    lake = open_lake(path)
    started.set()  # type: ignore[attr-defined]
    lake.upsert(STOCK, frame)


def test_a_killed_upsert_leaves_the_old_or_the_new_state(tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
    print(f"seed {seed}, {KILLS} kills")
    chance = random.Random(seed)  # noqa: S311
    context = mp.get_context("spawn")
    lake = open_lake(tmp_path)
    lake.upsert(STOCK, batch(0))
    current, killed = 0, 0
    for version in range(1, KILLS + 1):
        started = context.Event()
        process = context.Process(target=write, args=(tmp_path, version, started))
        process.start()
        assert started.wait(60)
        time.sleep(chance.uniform(0, 0.12))
        os.kill(process.pid, signal.SIGKILL)  # type: ignore[arg-type]
        process.join(30)
        killed += process.exitcode == -signal.SIGKILL
        found = lake.read(STOCK, columns=["foreign_net_volume"])
        versions = found["foreign_net_volume"].unique().to_list()
        assert len(CODES) * len(DAYS) == found.height
        assert versions in ([current], [version]), f"seed {seed}: a torn state {versions} after version {version}"
        current = versions[0]
        if current != version:
            assert Upserted(replaced=found.height) == lake.upsert(STOCK, batch(version))
            current = version
        assert Upserted(same=found.height) == lake.upsert(STOCK, batch(version))
    past = lake.read(STOCK, columns=["foreign_net_volume"], as_of=NOW + timedelta(seconds=KILLS // 2))
    assert [KILLS // 2] == past["foreign_net_volume"].unique().to_list()
    print(f"{killed} of {KILLS} writers died before they were done")
