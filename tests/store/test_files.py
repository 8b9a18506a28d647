"""A read opens the files that may hold what is asked for, and sees what a scan of the whole Delta table sees."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sugeup import records
from sugeup.errors import CorruptStore
from sugeup.store import delta, inspection
from sugeup.store.delta import Span
from sugeup.store.files import Files
from sugeup.store.lake import Lake
from tests.support.archives import NOW, open_lake, rows

STOCK = records.dataset("investor_day_stock")
DAYS = [date(2026, 1, 29), date(2026, 1, 30), date(2026, 2, 2), date(2026, 2, 3)]
CODES = ["000660", "005930", "035720"]


def stocks(codes: list[str], days: list[date], net: int = 1, **about: Any) -> pl.DataFrame:
    given = [{"code": code, "session": day, "foreign_net_amount": net} for code in codes for day in days]
    return rows("investor_day_stock", given, **about)


def minutes(days: list[date]) -> pl.DataFrame:
    at = [datetime(day.year, day.month, day.day, 1, tzinfo=UTC) for day in days]
    given = [{"market": "KOSPI", "session": day, "at": one} for day, one in zip(days, at, strict=True)]
    return rows("investor_minute_market", given)


def markets(days: list[date]) -> pl.DataFrame:
    return rows(
        "investor_day_market", [{"market": name, "session": day} for name in ("KOSPI", "KOSDAQ") for day in days]
    )


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Three tables: a folder a month, a day and a year."""
    lake = open_lake(tmp_path_factory.mktemp("lake"))
    for day in DAYS:
        lake.upsert(STOCK, stocks(CODES[: 1 + DAYS.index(day) % 3], [day]))
        lake.upsert(records.dataset("investor_minute_market"), minutes([day]))
    lake.upsert(records.dataset("investor_day_market"), markets([date(2025, 12, 30), *DAYS]))
    return lake


@given(
    name=st.sampled_from(["investor_day_stock", "investor_minute_market", "investor_day_market"]),
    start=st.none() | st.sampled_from([date(2025, 12, 1), *DAYS]),
    end=st.none() | st.sampled_from([*DAYS, date(2026, 3, 3)]),
    scopes=st.none() | st.lists(st.sampled_from([*CODES, "KOSPI", "KOSDAQ"]), max_size=3),
)
@settings(max_examples=60, deadline=None)
def test_the_files_chosen_hold_every_row_of_the_span(
    lake: Lake, name: str, start: date | None, end: date | None, scopes: list[str] | None
) -> None:
    dataset = records.dataset(name)
    table = lake.table(dataset, past=False)
    assert table is not None
    span = Span(dataset, start, end, scopes)
    expected = pl.scan_delta(table).filter(*span.conditions(folders=True), pl.lit(True)).select(*dataset.frame_schema)
    found = delta.collect(dataset, Files(dataset, str(lake.root / name), table), span)
    assert_frame_equal(expected.collect().sort(dataset.full_key), found.sort(dataset.full_key))


def test_a_folder_may_have_any_name_that_people_give_folders(tmp_path: Path) -> None:
    """`Application Support`, 한글: delta-rs writes such paths in another way than polars reads them."""
    root = tmp_path / "Application Support" / "수급 (내 자료)"
    lake = open_lake(root)
    for day in DAYS:
        lake.upsert(STOCK, stocks(CODES, [day]))
    assert 12 == lake.read(STOCK).height == open_lake(root).read(STOCK).height
    found = inspection.inspect(root, root / "state.sqlite")
    assert [(STOCK.name, "SOUND")] == [(one.table, one.condition) for one in found if one.table == STOCK.name]


def test_a_file_of_other_stocks_is_not_opened(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    lake.upsert(STOCK, stocks(["000660"], DAYS[:1]))
    kept = set((tmp_path / STOCK.name).glob("month=*/*.parquet"))
    lake.upsert(STOCK, stocks(["035720"], DAYS[1:2]))
    (hurt,) = set((tmp_path / STOCK.name).glob("month=*/*.parquet")) - kept
    hurt.write_bytes(b"spoilt")
    assert 1 == lake.read(STOCK, scopes=["000660"]).height
    assert 1 == lake.read(STOCK, end=DAYS[0]).height
    with pytest.raises(CorruptStore):
        lake.read(STOCK, scopes=["035720"])


@pytest.mark.parametrize("name", ["investor_day_stock", "investor_minute_market"])
@pytest.mark.parametrize("spoilt", [False, True], ids=["readable", "unreadable commit"])
def test_files_told_from_the_commits_since_are_those_of_the_whole_log(tmp_path: Path, name: str, spoilt: bool) -> None:
    dataset, lake = records.dataset(name), open_lake(tmp_path)
    make = minutes if name == "investor_minute_market" else (lambda days: stocks(CODES, days))
    lake.upsert(dataset, make(DAYS[:1]))
    where = str(tmp_path / name)
    before = Files(dataset, where, DeltaTable(where))
    assert 1 == len(before.stored)
    for day in DAYS[1:]:
        lake.upsert(dataset, make([day]))
    table = DeltaTable(where)
    if spoilt:
        Path(where, "_delta_log", f"{table.version():020}.json").write_text("{")
    told, whole = Files(dataset, where, table, before), Files(dataset, where, table)
    assert 4 == len(told.stored)
    assert sorted(whole.stored, key=str) == sorted(told.stored, key=str)


def test_a_read_that_is_remembered_is_given_up_when_somebody_else_commits(tmp_path: Path) -> None:
    lake, other = open_lake(tmp_path), open_lake(tmp_path)
    lake.upsert(STOCK, stocks(CODES, DAYS))
    asked: dict[str, Any] = {"columns": ["foreign_net_amount"], "scopes": ["005930"]}
    first = lake.read(STOCK, **asked)
    assert_frame_equal(first, lake.read(STOCK, **asked))
    other.upsert(STOCK, stocks(["005930"], DAYS[:1], net=7, ingested_at=NOW + timedelta(hours=1)))
    assert [7, 1, 1, 1] == lake.read(STOCK, **asked)["foreign_net_amount"].to_list()


def test_a_table_that_was_put_back_and_written_anew_is_opened_anew(tmp_path: Path) -> None:
    """The same version numbers, other rows: an open table must not be moved on from a commit that is gone."""
    lake = open_lake(tmp_path / "lake")
    lake.upsert(STOCK, stocks(["000660"], DAYS[:1]))
    shutil.copytree(tmp_path / "lake", tmp_path / "copy")
    lake.upsert(STOCK, stocks(["005930"], DAYS[1:2]))
    assert ["000660", "005930"] == lake.read(STOCK)["code"].to_list()
    shutil.rmtree(tmp_path / "lake")
    shutil.copytree(tmp_path / "copy", tmp_path / "lake")
    for day in DAYS[2:]:
        open_lake(tmp_path / "lake").upsert(STOCK, stocks(["035720"], [day]))
    assert ["000660", "035720", "035720"] == lake.read(STOCK)["code"].to_list()


def test_having_looks_into_the_log_for_the_rows_alone_that_lack_a_value(tmp_path: Path) -> None:
    """A portal's sub-types are found behind the exchange's totals on the days that have no better row with them."""
    lake = open_lake(tmp_path)
    lake.upsert(STOCK, stocks(["005930"], DAYS, source="portal").with_columns(insurance_net_amount=pl.lit(5)))
    totals = stocks(["005930"], DAYS[1:3], net=2)
    lake.upsert(STOCK, totals.with_columns(insurance_net_amount=pl.when(pl.col("session") == DAYS[1]).then(6)))
    asked: dict[str, Any] = {"columns": ["insurance_net_amount"], "scopes": ["005930"]}
    assert [5, 6, None, 5] == lake.read(STOCK, **asked)["insurance_net_amount"].to_list()
    found = lake.read(STOCK, **asked, having=["insurance_net_amount"])
    assert [5, 6, 5, 5] == found["insurance_net_amount"].to_list()
    assert ["portal", "exchange", "portal", "portal"] == found["source"].to_list()


KEYS = st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(DAYS), st.sampled_from(["KRX", "NXT"])), unique=True)


@given(KEYS, st.booleans())
def test_rows_are_called_ordered_exactly_when_sorting_would_not_move_them(
    keys: list[tuple[str, date, str]], sort: bool
) -> None:
    given_ = sorted(keys) if sort else keys
    frame = pl.DataFrame(given_, schema=["code", "session", "venue"], orient="row")
    assert (sorted(keys) == given_) is delta.ordered(frame, ["code", "session", "venue"])


def test_a_file_that_lies_partly_outside_the_dates_is_cut_to_them(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    lake.upsert(STOCK, stocks(CODES, DAYS[:2]))
    for start, end in ((DAYS[0], DAYS[1]), (DAYS[1], DAYS[1]), (None, DAYS[0]), (DAYS[1], None), (None, None)):
        expected = [day for day in DAYS[:2] if (start is None or start <= day) and (end is None or day <= end)]
        assert expected == lake.read(STOCK, start=start, end=end)["session"].unique().sort().to_list()
