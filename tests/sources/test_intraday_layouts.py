"""Files of moments, derivatives, funds and themes: what their slices become, and what is left out with which reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.market import investors, publication
from sugeup.sources import files
from sugeup.sources.files import Parsed
from sugeup.sources.files.derivatives import CURRENCY
from sugeup.sources.files.estimates import NO_SESSION, OLDER_EVENING, REPEATED, UNCERTAIN, slot_of
from sugeup.sources.files.listings import CODELESS
from sugeup.sources.files.moments import EXPECTED

SLICES = Path(__file__).parents[1] / "fixtures" / "layouts"
DAY = date(2026, 2, 9)


def read(name: str) -> pl.DataFrame:
    return pl.read_csv(SLICES / f"{name}.csv", infer_schema=False)


def table(name: str, dataset: str, frame: pl.DataFrame | None = None) -> Parsed:
    raw = read(name) if frame is None else frame
    return next(one for one in files.parse(files.recognise(raw), raw) if one.dataset == dataset)


def row(frame: pl.DataFrame, **key: object) -> dict[str, Any]:
    return frame.filter(pl.all_horizontal(pl.col(name) == value for name, value in key.items())).row(0, named=True)


def test_derivatives_become_scopes_of_the_market_with_both_sides() -> None:
    parsed = table("derivatives_daily", "investor_day_market")
    assert set(parsed.frame["market"]) == {"KOSPI200_FUTURES", "KOSPI200_CALL", "KOSPI200_PUT", "STOCK_FUTURES"}
    assert parsed.left_out == {CURRENCY: 10}
    call = row(parsed.frame, market="KOSPI200_CALL", session=date(2024, 8, 5))
    assert (call["individual_sell_amount"], call["individual_buy_amount"]) == (79_057_147_500, 72_158_445_000)
    assert sum(call[f"{group}_net_amount"] for group in investors.GROUPS) == 0
    assert not [name for name in parsed.frame.columns if "whole" in name]


def test_a_derivatives_total_that_is_not_the_sum_of_its_groups_rejects_the_product_and_day() -> None:
    raw = read("derivatives_daily").with_columns(
        pl.when(pl.col("buy_amount") == "72158445000")
        .then(pl.lit("72158445001"))
        .otherwise("buy_amount")
        .alias("buy_amount")
    )
    parsed = table("", "investor_day_market", raw)
    assert "do not add to 전체 (buy)" in parsed.faults["reason"].to_list()[0]
    assert parsed.faults.height == 5
    assert parsed.frame.filter(pl.col("session") == date(2024, 8, 5))["market"].sort().to_list() == [
        "KOSPI200_FUTURES", "KOSPI200_PUT", "STOCK_FUTURES",
    ]  # fmt: skip


def test_an_unknown_derivative_is_rejected_not_guessed() -> None:
    raw = read("derivatives_daily").with_columns(pl.col("product").str.replace("주식선물", "위클리옵션"))
    parsed = table("", "investor_day_market", raw)
    assert set(parsed.faults["value"]) == {"위클리옵션"}
    assert "STOCK_FUTURES" not in set(parsed.frame["market"])


def test_funds_are_won_and_keep_what_the_lineage_names() -> None:
    parsed = table("market_funds_daily", "market_funds")
    last = row(parsed.frame, session=date(2026, 8, 20))
    assert last["deposits"] == 105_354_288_625_651
    assert last["loan_balance_amount"] == last["loan_balance_kospi_amount"] + last["loan_balance_kosdaq_amount"]
    assert (last["receivables"], last["futures_deposits"]) == (1_097_392_917_650, 41_011_947_742_927)


def test_the_volatility_index_is_an_index_without_volume() -> None:
    parsed = table("vkospi_daily", "index_day")
    crash = row(parsed.frame, session=date(2020, 3, 19))
    assert (crash["index_code"], crash["open"], crash["high"], crash["low"], crash["close"]) == (
        "VKOSPI", 62.7, 71.75, 60.8, 69.24,
    )  # fmt: skip
    assert "volume" not in parsed.frame.columns


def test_a_stock_has_a_row_for_each_of_its_themes() -> None:
    parsed = table("theme_members", "sector_membership")
    assert parsed.left_out == {CODELESS: 2}
    samsung = parsed.frame.filter(pl.col("code") == "005930")
    assert samsung.height > 20
    assert samsung["sector"].n_unique() == samsung.height
    assert set(samsung["scheme"]) == {"THEME"}
    assert set(samsung["valid_from"]) == {date(2026, 2, 28)}


def test_trades_have_a_side_and_keep_their_order() -> None:
    parsed = table("ticks", "ticks")
    assert parsed.frame["side"].to_list() == [1, 1, -1, 1, -1, 1]
    assert parsed.frame["seq"].to_list() == [0, 1, 2, 3, 18_000, 36_446]
    first = parsed.frame.row(0, named=True)
    assert (first["session"], first["at"]) == (date(2025, 11, 26), datetime(2025, 11, 26, 1, 11, 25, tzinfo=UTC))


def test_a_side_of_an_auction_is_null_and_another_word_is_rejected() -> None:
    raw = read("ticks").with_columns(side=pl.Series(["", "+", "-", "buy", "-", "+"]))
    parsed = table("", "ticks", raw)
    assert parsed.frame["side"].to_list() == [None, 1, -1, -1, 1]
    assert parsed.faults["value"].to_list() == ["buy"]


def test_bars_of_a_minute_are_labelled_by_their_start() -> None:
    bars = table("minute_bars", "minute_bars").frame
    first = row(bars, code="001270", at=datetime(2025, 9, 1, 0, 0, tzinfo=UTC))
    assert (first["raw_open"], first["raw_low"], first["raw_close"], first["volume"]) == (67_000, 65_700, 66_000, 7_232)
    assert "amount" not in bars.columns


def test_expected_levels_before_the_open_are_left_out() -> None:
    parsed = table("market_index_1min", "index_minute")
    assert parsed.left_out == {EXPECTED: 2}
    level = row(parsed.frame, index_code="KOSPI", at=datetime(2026, 6, 19, 1, 3, tzinfo=UTC))
    assert level["close"] == 9337.74
    assert "open" not in parsed.frame.columns


def test_a_tally_gets_the_slot_that_its_moment_proves_and_the_time_at_which_it_was_seen() -> None:
    parsed = table("stock_investor_estimates", "stock_estimate")
    samsung = parsed.frame.filter(pl.col("code") == "005930").sort("session", "slot")
    assert samsung.select("session", "slot").rows() == [
        (DAY, 1), (DAY, 3), (date(2026, 2, 10), 1), (date(2026, 2, 10), 3),
    ]  # fmt: skip
    assert samsung["foreign_net_volume"].to_list() == [689_000, 737_000, 1_192_000, 1_658_000]
    assert samsung["institution_net_volume"].to_list() == [None, 1_053_000, None, 94_000]
    assert samsung["known_at"][1] == datetime(2026, 2, 9, 3, 34, 44, tzinfo=UTC)
    assert not parsed.frame["final"].any()


def test_figures_of_a_weekend_are_rejected_because_their_session_is_not_said() -> None:
    parsed = table("stock_investor_estimates", "stock_estimate")
    assert parsed.faults["reason"].to_list() == [NO_SESSION] * 4


def test_the_last_figures_of_an_evening_become_provisional_rows_of_the_day() -> None:
    parsed = table("stock_investor_estimates", "investor_day_stock")
    assert parsed.left_out == {OLDER_EVENING: 6}
    samsung = row(parsed.frame, code="005930")
    assert (samsung["session"], samsung["institution_net_volume"], samsung["individual_net_volume"]) == (
        DAY, 4_465_185, -5_964_986,
    )  # fmt: skip
    assert samsung["known_at"] == datetime(2026, 2, 9, 13, 4, 48, tzinfo=UTC)
    assert not parsed.frame["final"].any()


def test_a_running_figure_that_is_no_tally_is_rejected() -> None:
    raw = read("stock_investor_estimates").with_columns(pl.col("ts").str.replace("16:10:20", "13:00:00"))
    assert "running figure of no slot" in " ".join(table("", "stock_estimate", raw).faults["reason"])


def test_the_same_tally_seen_twice_is_known_since_the_first_time() -> None:
    raw = read("stock_investor_estimates").filter(pl.col("ts") == "2026-02-09 12:34:44")
    both = pl.concat([raw.with_columns(ts=pl.lit("2026-02-09 12:50:00")), raw])
    parsed = table("", "stock_estimate", both)
    assert parsed.left_out == {REPEATED: 2}
    assert set(parsed.frame["known_at"]) == {datetime(2026, 2, 9, 3, 34, 44, tzinfo=UTC)}


def test_around_ten_only_a_figure_of_institutions_proves_the_second_slot() -> None:
    parsed = table("stock_program_intraday", "stock_estimate")
    assert parsed.left_out == {UNCERTAIN: 1}
    second = row(parsed.frame, code="005930", slot=2)
    assert (second["foreign_net_volume"], second["institution_net_volume"]) == (None, -214_000)
    assert row(parsed.frame, code="004870", slot=1)["foreign_net_volume"] == 125_000


def test_program_orders_of_stocks_and_markets_become_cumulative_minutes() -> None:
    stocks = table("stock_program_intraday", "program_minute_stock").frame
    at = datetime(2026, 6, 16, 0, 31, tzinfo=UTC)
    assert row(stocks, code="005930", at=at)["program_net_volume"] == -282_775
    markets = table("program_market_intraday", "program_minute_market").frame
    kospi = row(markets, market="KOSPI", at=at)
    assert (kospi["program_net_amount"], kospi["arbitrage_net_amount"]) == (-174_113_000_000, 102_975_000_000)


@pytest.mark.parametrize("name", ["krx_allmarket_snapshots", "program_by_investor"])
def test_a_refusal_says_what_the_rows_are_and_what_to_do_instead(name: str) -> None:
    with pytest.raises(Refused, match="its rows"):
        files.recognise(read(name))


def reference_slot(at: time, institution: int) -> int | None:
    """The only slot that can be on the screen: each comes out within ten minutes of its nominal time."""
    moment = datetime.combine(DAY, at)
    out = [datetime.combine(DAY, nominal) for nominal in publication.SLOTS]
    slack = publication.SLOT_TOLERANCE
    possible = [
        slot
        for slot in range(6)
        if (slot == 0 or moment >= out[slot - 1] - slack) and (slot == 5 or moment < out[slot] + slack)
    ]
    if possible == [0, 1]:
        return 1  # a row is there, so the first tally is out
    if possible == [1, 2] and institution:
        return 2  # institutions are published from slot 2 on
    return possible[0] if len(possible) == 1 else None


@given(second=st.integers(0, 24 * 3600 - 1), institution=st.sampled_from([0, -3_000, 5_000]))
def test_a_slot_is_told_exactly_where_one_tally_alone_is_possible(second: int, institution: int) -> None:
    at = datetime.combine(DAY, time(0), publication.SEOUL) + timedelta(seconds=second)
    frame = pl.DataFrame({"ts": [at.astimezone(UTC)], "institution": [institution]})
    frame = frame.with_columns(pl.col("ts").cast(pl.Datetime("us", "UTC")))
    assert frame.select(slot_of("ts", "institution")).item() == reference_slot(at.time(), institution)
