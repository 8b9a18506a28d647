"""Whatever a file holds, an import ends with a report or a refusal, and stores nothing that was not checked."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup import records
from sugeup.errors import Refused
from sugeup.jobs.importing import import_files
from sugeup.records import Kind
from sugeup.records.schema import SIGN
from tests.support.lakes import archive_in

SLICES = sorted((Path(__file__).parents[1] / "fixtures" / "layouts").glob("*.csv"))
JUNK = ["", " ", "NaN", "inf", "-1", "0", "9" * 18, "9" * 25, "1e30", "-0.5", "2026-02-14", "1999-01-04", "9999-12-31",
        "삼성", "💥", "'; DROP TABLE", "000000", "KOSPI", "전체", "개인", "True", "\u200b", "=1+1"]  # fmt: skip
STRANGE: list[pl.Series] = [
    pl.Series("x", [None, None]),
    pl.Series("x", [[1], [2]]),
    pl.Series("x", [{"a": 1}, None]),
    pl.Series("x", [b"\xff", b""]),
    pl.Series("x", [True, None]),
    pl.Series("x", [float("nan"), float("inf")]),
    pl.Series("x", [2**63, 2**64 - 1], dtype=pl.UInt64),
    pl.Series("x", ["a", "b"], dtype=pl.Categorical),
    pl.Series("x", ["1.5", "2.0"]).cast(pl.Decimal(10, 2)),
    pl.Series("x", [1, 2]).cast(pl.Duration("us")),
    pl.Series("x", [1, 2]).cast(pl.Time),
]


def imported(folder: Path, frame: pl.DataFrame, *, parquet: bool = False) -> None:
    archive = archive_in(folder)
    path = folder / ("given.parquet" if parquet else "given.csv")
    if parquet:
        frame.write_parquet(path)
    else:
        frame.write_csv(path)
    try:
        report = import_files(archive, [path])
    except Refused as refusal:
        assert refusal.hint or refusal.message
        return
    for table in report.tables:
        declared = records.dataset(table.dataset)
        stored = archive.read(table.dataset)
        for column in declared.all_columns:
            if column.required:
                assert stored[column.name].null_count() == 0
            if column.kind is Kind.INTEGER and "_net_" not in column.name and column.unit != SIGN:
                assert stored.filter(pl.col(column.name) < 0).is_empty()


@pytest.mark.torture
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_junk_in_any_cell_of_any_known_file_ends_in_a_report_or_a_refusal(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(SLICES))
    frame = pl.read_csv(path, infer_schema=False)
    for _ in range(data.draw(st.integers(1, 4))):
        column = data.draw(st.sampled_from(frame.columns))
        row = data.draw(st.integers(0, frame.height - 1))
        value = data.draw(st.sampled_from(JUNK))
        frame = frame.with_columns(
            pl.when(pl.int_range(pl.len()) == row).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
        )
    with TemporaryDirectory() as folder:
        imported(Path(folder), frame)


@pytest.mark.parametrize("strange", STRANGE, ids=lambda series: str(series.dtype))
@pytest.mark.parametrize("column", ["code", "session", "foreign_net_volume", "known_at", "final", "source"])
def test_a_column_of_a_strange_type_ends_in_a_report_or_a_refusal(
    tmp_path: Path, strange: pl.Series, column: str
) -> None:
    given: dict[str, Any] = {
        "code": ["005930", "000660"],
        "session": ["2026-02-13", "2026-02-13"],
        "foreign_net_volume": [1, 2],
    }
    imported(tmp_path, pl.DataFrame(given).with_columns(strange.alias(column)), parquet=True)


@pytest.mark.parametrize("strange", STRANGE, ids=lambda series: str(series.dtype))
def test_labels_of_a_strange_type_are_refused(tmp_path: Path, strange: pl.Series) -> None:
    frame = pl.DataFrame({"date": ["2026-02-13"] * 2, "market": ["KOSPI"] * 2, "net_amount": [1, 2]})
    imported(tmp_path, frame.with_columns(strange.alias("investor")), parquet=True)
