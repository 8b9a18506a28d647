"""A record is declared once; everything else is derived from that."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from sugeup import records
from sugeup.market import investors
from sugeup.records.schema import FRAME_TYPES
from sugeup.store.delta import lake_schema

FIRST = [
    "broker_members",
    "calibrations",
    "corporate_actions",
    "credit",
    "daily_bars",
    "designations",
    "filings",
    "foreign_holding",
    "futures_minute",
    "index_day",
    "index_minute",
    "instruments",
    "investor_day_market",
    "investor_day_stock",
    "investor_minute_market",
    "lending",
    "market_funds",
    "minute_bars",
    "program_day_market",
    "program_day_stock",
    "program_minute_market",
    "program_minute_stock",
    "sector_membership",
    "short_balance",
    "short_day",
    "signals",
    "stock_estimate",
    "ticks",
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


@pytest.mark.parametrize(
    ("name", "key", "measures"),
    [
        (
            "market_funds",
            ("session",),
            "deposits receivables loan_balance_amount loan_balance_kospi_amount loan_balance_kosdaq_amount "
            "futures_deposits",
        ),
        ("stock_estimate", ("code", "session", "slot"), "foreign_net_volume institution_net_volume"),
        ("ticks", ("code", "session", "seq"), "at price volume side"),
        ("minute_bars", ("code", "session", "at"), "raw_open raw_high raw_low raw_close volume amount"),
        ("index_minute", ("index_code", "session", "at"), "open high low close volume amount"),
        (
            "program_minute_stock",
            ("code", "session", "at"),
            "program_buy_amount program_sell_amount program_net_amount "
            "program_buy_volume program_sell_volume program_net_volume",
        ),
    ],
)
def test_names_are_those_of_the_lineage(name: str, key: tuple[str, ...], measures: str) -> None:
    dataset = records.dataset(name)
    assert key == dataset.key
    assert measures.split() == list(dataset.measures)


def test_a_program_row_of_a_market_has_18_figures() -> None:
    dataset = records.dataset("program_minute_market")
    assert ("market", "session", "at") == dataset.key
    assert 18 == len(dataset.measures)
    assert {name.rsplit("_", 2)[0] for name in dataset.measures} == {"program", "arbitrage", "non_arbitrage"}


def test_only_the_tally_is_never_final() -> None:
    assert ["stock_estimate"] == [name for name, one in records.datasets().items() if one.provisional]


def test_a_stock_may_have_several_themes_on_one_day() -> None:
    assert ("code", "scheme", "valid_from", "sector") == records.dataset("sector_membership").key


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
