"""A shelf spares reading a month twice, and changes nothing that is read."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import polars as pl
import pytest

from sugeup import records
from sugeup.archive import Archive
from sugeup.sandbox.plan import Plan
from sugeup.usecases.shelf import shelf
from tests.support.simulated import simulated_archive

COLUMNS = {"daily_bars": ("amount", "raw_close"), "short_day": ("short_amount",)}
ASKED: list[dict[str, Any]] = [
    {"columns": ["amount"], "start": date(2025, 2, 3), "end": date(2025, 2, 28)},
    {"columns": ["amount"], "start": date(2025, 2, 10), "end": date(2025, 2, 12)},
    {"columns": ["raw_close"], "start": date(2025, 2, 28), "end": date(2025, 2, 28)},
    {"columns": [], "start": date(2025, 2, 1), "end": date(2025, 2, 28)},
    {"columns": ["amount"], "start": date(2024, 12, 2), "end": date(2024, 12, 30)},
    {"columns": ["amount"], "start": date(2025, 1, 20), "end": date(2025, 2, 12)},
    {"columns": ["volume"], "start": date(2025, 2, 10), "end": date(2025, 2, 12)},
    {"columns": ["amount"], "start": date(2025, 2, 10)},
    {"columns": ["amount"], "end": date(2025, 2, 10)},
    {"columns": ["amount"], "start": date(2025, 2, 3), "end": date(2025, 2, 28), "scopes": []},
    {"columns": ["amount"], "start": date(2025, 2, 3), "end": date(2025, 2, 28), "having": ["amount"]},
    {"start": date(2025, 2, 3), "end": date(2025, 2, 4)},
    {},
]


class Counting:
    """An archive that counts what it is asked to read."""

    def __init__(self, archive: Archive) -> None:
        self.archive, self.reads = archive, Counter[str]()

    def read(self, dataset: str, **asked: Any) -> pl.DataFrame:
        self.reads[dataset] += 1
        return self.archive.read(dataset, **asked)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.archive, name)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    datasets = ("daily_bars", "short_day", "instruments")
    return simulated_archive(tmp_path_factory.mktemp("shelf"), Plan(stocks=12, sessions=45), datasets=datasets)


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_a_shelf_reads_what_the_archive_reads(archive: Archive, asked: dict[str, Any]) -> None:
    kept = shelf(archive, COLUMNS, ("instruments",))
    for _ in range(2):
        assert archive.read("daily_bars", **asked).equals(kept.read("daily_bars", **asked))


def test_a_month_is_read_once_for_all_who_ask(archive: Archive) -> None:
    counting: Any = Counting(archive)
    kept = shelf(counting, COLUMNS, ("instruments",))
    for asked in ASKED[:5]:
        kept.read("daily_bars", **asked)
    assert {"daily_bars": 2} == counting.reads  # February, and a December without rows


def test_a_list_of_few_rows_is_read_once_whatever_its_columns(archive: Archive) -> None:
    counting: Any = Counting(archive)
    kept = shelf(counting, COLUMNS, ("instruments",))
    columns: list[list[str] | None] = [["name"], [], None, ["market", "kind"]]
    for chosen in columns:
        expected = archive.read("instruments", columns=chosen)
        assert expected.equals(kept.read("instruments", columns=chosen))
    assert {"instruments": 1} == counting.reads
    assert set(records.dataset("instruments").frame_schema) == set(kept.read("instruments").columns)


def test_everything_else_of_an_archive_is_there(archive: Archive) -> None:
    kept = shelf(archive, COLUMNS)
    assert (archive.name, archive.clock) == (kept.name, kept.clock)
    assert archive.origin("kis") == kept.origin("kis")
