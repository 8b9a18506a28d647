"""Files in our own columns: which dataset they are, and what is refused with which advice."""

from __future__ import annotations

import polars as pl
import pytest

from sugeup.errors import Refused
from sugeup.sources import files


def frame(*columns: str) -> pl.DataFrame:
    return pl.DataFrame({name: ["1"] for name in columns})


@pytest.mark.parametrize(
    ("columns", "dataset"),
    [
        (("code", "session", "foreign_net_volume"), "investor_day_stock"),
        (("code", "session", "raw_close"), "daily_bars"),
        (("market", "session", "foreign_net_amount"), "investor_day_market"),
        (("market", "session", "products", "foreign_net_amount"), "investor_day_market"),
        (("market", "session", "at", "foreign_net_amount"), "investor_minute_market"),
        (("index_code", "session", "close"), "index_day"),
        (("code", "session", "short_volume"), "short_day"),
        (("code", "session", "held_shares", "source", "ingested_at"), "foreign_holding"),
        (("code", "valid_from", "name"), "instruments"),
        (("code", "scheme", "valid_from", "sector"), "sector_membership"),
        (("session", "deposits"), "market_funds"),
        (("code", "session", "slot", "foreign_net_volume"), "stock_estimate"),
        (("code", "session", "seq", "at", "price", "volume"), "ticks"),
        (("code", "session", "at", "raw_close", "volume"), "minute_bars"),
        (("index_code", "session", "at", "close"), "index_minute"),
        (("market", "session", "at", "program_net_amount"), "program_minute_market"),
        (("code", "session", "at", "program_net_volume"), "program_minute_stock"),
    ],
)
def test_the_key_and_some_figures_name_the_dataset(columns: tuple[str, ...], dataset: str) -> None:
    assert files.recognise(frame(*columns)).tables[0].dataset == dataset


def test_an_unknown_column_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(Refused, match="no column 'foriegn_net_volume'") as caught:
        files.recognise(frame("code", "session", "individual_net_volume", "foriegn_net_volume"))
    assert "foreign_net_volume?" in str(caught.value)


def test_columns_that_fit_two_datasets_have_to_be_named() -> None:
    with pytest.raises(Refused, match=r"fit \d datasets") as caught:
        files.recognise(frame("code", "session", "listed_shares"))
    assert "dataset" in str(caught.value)
    named = files.recognise(frame("code", "session", "listed_shares"), dataset="short_balance")
    assert named.tables[0].dataset == "short_balance"


def test_a_named_dataset_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(Refused, match=r"'prices'; allowed: .*daily_bars"):
        files.recognise(frame("code", "session", "raw_close"), dataset="prices")


def test_a_named_dataset_says_which_key_column_is_missing() -> None:
    with pytest.raises(Refused, match="missing: session"):
        files.recognise(frame("code", "date", "raw_close"), dataset="daily_bars")


def test_a_named_dataset_without_any_figure_is_refused() -> None:
    with pytest.raises(Refused, match="none of its figures"):
        files.recognise(frame("code", "session"), dataset="daily_bars")


def test_columns_of_another_program_are_refused_with_our_names() -> None:
    with pytest.raises(Refused, match="not a known layout") as caught:
        files.recognise(frame("ticker", "date", "close", "volume", "amount"))
    assert "ticker → code?" in str(caught.value)
    assert "date → session?" in str(caught.value)


def test_a_column_too_many_names_the_layout_that_is_nearest() -> None:
    with pytest.raises(Refused) as caught:
        files.recognise(frame("date", "market", "investor", "net_amount", "memo"))
    assert "market_daily" in str(caught.value)
    assert "unknown memo" in str(caught.value)


def test_a_source_is_a_plain_name_and_named_once() -> None:
    with pytest.raises(Refused, match="is not a name"):
        files.recognise(frame("code", "session", "raw_close"), source="My File!")
    with pytest.raises(Refused, match="'source'"):
        files.recognise(frame("code", "session", "raw_close", "source"), source="mine")
