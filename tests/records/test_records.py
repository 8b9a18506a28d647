"""A record is declared once; everything else is derived from that."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from sugeup import records
from sugeup.market import investors
from sugeup.records.schema import FRAME_TYPES
from sugeup.store.lake import lake_schema

FIRST = [
    "daily_bars",
    "foreign_holding",
    "index_day",
    "instruments",
    "investor_day_market",
    "investor_day_stock",
    "investor_minute_market",
    "sector_membership",
    "short_balance",
    "short_day",
]


def test_the_datasets_are_found_by_listing_modules() -> None:
    assert FIRST == list(records.datasets())


@pytest.mark.parametrize("name", FIRST)
def test_frame_lake_and_json_schema_have_the_same_columns(name: str) -> None:
    dataset = records.dataset(name)
    names = [column.name for column in dataset.all_columns]
    assert names == list(dataset.frame_schema) == list(dataset.json_schema()["properties"])
    assert names == [field.name for field in lake_schema(dataset).fields][: len(names)]
    assert len(names) == len(set(names))
    for column in dataset.all_columns:
        assert FRAME_TYPES[column.kind] == dataset.frame_schema[column.name]
        assert column.korean and column.meaning


@pytest.mark.parametrize("name", FIRST)
def test_keys_are_required_columns_and_traded_rows_have_their_venue(name: str) -> None:
    dataset = records.dataset(name)
    for key in dataset.full_key:
        assert dataset.column(key).required
    assert dataset.traded == ("venue" in dataset.full_key)
    assert dataset.scope in dataset.full_key and dataset.dated in dataset.full_key


def test_an_investor_row_has_84_figures() -> None:
    dataset = records.dataset("investor_day_stock")
    assert 84 == len(dataset.measures) == len(investors.ALL) * len(investors.SIDES) * len(investors.MEASURES)


def test_leaves_cover_the_groups_once() -> None:
    inside = [leaf for group in investors.GROUPS for leaf in investors.members(group)]
    assert sorted(inside) == sorted(leaf.id for leaf in investors.LEAVES)
    assert 12 == len(inside) and 8 == len(investors.members("institution"))
    assert "기관계" == investors.korean("institution")


def test_a_partial_frame_is_completed_with_nulls_in_stored_order() -> None:
    dataset = records.dataset("short_day")
    whole = dataset.conform(pl.DataFrame({"session": [date(2026, 2, 27)], "code": ["005930"], "short_volume": [3]}))
    assert list(dataset.frame_schema) == whole.columns
    assert [None] == whole["short_amount"].to_list()


def test_a_value_that_does_not_fit_its_column_is_refused() -> None:
    with pytest.raises(pl.exceptions.PolarsError):
        records.dataset("short_day").conform(pl.DataFrame({"short_volume": ["many"]}))


def test_an_unknown_dataset_or_column_is_named() -> None:
    with pytest.raises(KeyError, match="short_day"):
        records.dataset("shorts")
    with pytest.raises(KeyError, match="short_day has no column 'close'"):
        records.dataset("short_day").column("close")
