"""Several processes write and read one lake: nothing is lost, doubled or torn."""

from __future__ import annotations

import multiprocessing as mp
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from sugeup import records
from tests.support.archives import open_lake, rows

MARKET = records.dataset("investor_day_market")
DAYS = [date(2026, 1, 5) + timedelta(days=offset) for offset in range(12)]
WIDTH = 5

pytestmark = pytest.mark.slow


def write(path: Path, writer: int) -> None:
    lake = open_lake(path)
    for day in DAYS:
        given = [{"market": f"{writer}{n:03d}", "session": day, "foreign_net_amount": writer} for n in range(WIDTH)]
        lake.upsert(MARKET, rows("investor_day_market", given))


def read(path: Path, stop: object, torn: object) -> None:
    lake = open_lake(path)
    while not stop.is_set():  # type: ignore[attr-defined]
        counts = lake.read(MARKET, columns=[]).group_by("session", pl.col("market").str.slice(0, 1)).len()
        if counts.filter(pl.col("len") != WIDTH).height:
            torn.set()  # type: ignore[attr-defined]


@pytest.mark.torture
def test_three_writers_and_a_reader_lose_double_and_tear_nothing(tmp_path: Path) -> None:
    context = mp.get_context("spawn")
    stop, torn = context.Event(), context.Event()
    reader = context.Process(target=read, args=(tmp_path, stop, torn))
    writers = [context.Process(target=write, args=(tmp_path, number)) for number in range(3)]
    for process in [reader, *writers]:
        process.start()
    for process in writers:
        process.join(120)
    stop.set()
    reader.join(30)
    assert [0, 0, 0, 0] == [process.exitcode for process in [*writers, reader]]
    assert not torn.is_set()
    stored = open_lake(tmp_path).read(MARKET, columns=[])
    assert 3 * WIDTH * len(DAYS) == stored.height
    assert not stored.select(pl.struct(MARKET.full_key).is_duplicated().any()).item()
