"""A shelf spares reading a month twice, and changes nothing that is read."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, cast

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_array_equal

from sugeup import records
from sugeup.archive import Archive
from sugeup.market import sessions
from sugeup.sandbox.plan import Plan
from sugeup.usecases import panels
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
        self.archive, self.reads, self.columns = archive, Counter[str](), list[tuple[str, ...]]()

    def read(self, dataset: str, **asked: Any) -> pl.DataFrame:
        self.reads[dataset] += 1
        if dataset == "daily_bars":
            self.columns.append(tuple(asked.get("columns") or ()))
        return self.archive.read(dataset, **asked)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.archive, name)


class Given(Counting):
    """An archive whose bars are given."""

    def __init__(self, archive: Archive, bars: pl.DataFrame) -> None:
        super().__init__(archive)
        self.bars = bars

    def read(self, dataset: str, **asked: Any) -> pl.DataFrame:
        return self.bars if dataset == "daily_bars" else super().read(dataset, **asked)


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


CODES_ASKED = {"all": slice(None), "some": slice(3, None, 2)}


@pytest.mark.parametrize("chosen", CODES_ASKED.values(), ids=list(CODES_ASKED))
@pytest.mark.parametrize("step", [1, 5], ids=["whole months", "days apart"])
def test_a_panel_from_a_shelf_is_that_of_the_archive(
    archive: Archive, chosen: slice, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panels, "FEW", 0)
    codes = archive.read("instruments", columns=[])["code"].unique().sort().to_list()[chosen]
    days = sessions.sessions(date(2024, 12, 20), date(2025, 2, 28))[::step]  # from before the first stored row
    kept = shelf(archive, COLUMNS, ("instruments",))
    for columns in (["amount", "raw_close"], ["amount"]):
        expected = panels.panel(archive, "daily_bars", columns, codes, days)
        found = panels.panel(kept, "daily_bars", columns, codes, days)
        for name in columns:
            assert_array_equal(expected[name], found[name])
        assert_array_equal(expected.stored, found.stored)
        assert_array_equal(expected.provisional, found.provisional)
        assert (expected.codes, expected.days, expected.sources) == (found.codes, found.days, found.sources)
    assert np.isfinite(expected["amount"]).any()


def test_a_panel_tells_sources_and_provisional_cells_of_its_own_rows_alone(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panels, "FEW", 0)
    rows = archive.read("daily_bars", columns=["amount"], start=date(2025, 2, 1), end=date(2025, 2, 28))
    codes, days = rows["code"].unique().sort().to_list(), rows["session"].unique().sort().to_list()
    late = (pl.col("code") == codes[0]) & (pl.col("session") == days[-1])
    changed = rows.with_columns(
        pl.when(late).then(pl.lit("naver")).otherwise("source").alias("source"),
        pl.when(late).then(pl.lit(value=False)).otherwise("final").alias("final"),
    )
    kept = shelf(cast(Archive, Given(archive, changed)), COLUMNS, ("instruments",))
    whole = panels.panel(kept, "daily_bars", ["amount"], codes, days)
    assert {*rows["source"], "naver"} == set(whole.sources)
    assert ([0], [len(days) - 1]) == tuple(found.tolist() for found in np.nonzero(whole.provisional))
    rest = panels.panel(kept, "daily_bars", ["amount"], codes[1:], days)
    assert tuple(rows["source"].unique()) == rest.sources
    assert not rest.provisional.any()


def test_months_before_the_first_panel_are_read_without_the_late_columns(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panels, "FEW", 0)
    codes = archive.read("instruments", columns=[])["code"].unique().sort().to_list()
    newest, all_days = (sessions.sessions(first, date(2025, 2, 28)) for first in (date(2025, 2, 3), date(2025, 1, 2)))
    counting: Any = Counting(archive)
    kept = shelf(counting, COLUMNS, ("instruments",), {"daily_bars": ["raw_close"]})
    for columns, days in ((["amount", "raw_close"], newest), (["amount"], all_days), (["raw_close"], all_days)):
        expected = panels.panel(archive, "daily_bars", columns, codes, days)
        found = panels.panel(kept, "daily_bars", columns, codes, days)
        for name in columns:
            assert_array_equal(expected[name], found[name])
    assert [("amount", "raw_close"), ("amount",)] == counting.columns[:2]


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
