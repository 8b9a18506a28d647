"""Every known layout takes a real slice of its file, or refuses it with the reason."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sugeup.errors import Refused
from sugeup.market import investors
from sugeup.sources import files, origins
from sugeup.sources.files import Parsed
from sugeup.sources.files.listings import NAMELESS
from sugeup.sources.files.market_flows import OUT_OF_HISTORY
from sugeup.sources.files.minute_flows import BEFORE_OPEN
from sugeup.sources.files.stock_flows import NOT_PUBLISHED
from sugeup.sources.files.unsupported import LAYOUTS as UNSUPPORTED

SLICES = Path(__file__).parents[1] / "fixtures" / "layouts"
REFUSED = [layout.name for layout in UNSUPPORTED]
WHY = {
    **dict.fromkeys(("stocks_ohlcv", "close_kospi", "ohlcv_allmarket"), "adjusted"),
    "stock_netbuy_private_equity": "sums over several sessions",
    "krx_allmarket_snapshots": "delayed by 20 minutes",
    "program_by_investor": "split program trading by investor",
    "broker_doc_response_rows": "broker's API manual",
    "program_daily_example": "do not even say of which market",
}


def read(name: str) -> pl.DataFrame:
    return pl.read_csv(SLICES / f"{name}.csv", infer_schema=False)


def tables(name: str, frame: pl.DataFrame | None = None) -> dict[tuple[str, str], Parsed]:
    raw = read(name) if frame is None else frame
    return {(one.dataset, one.source): one for one in files.parse(files.recognise(raw), raw)}


def row(frame: pl.DataFrame, **key: object) -> dict[str, Any]:
    found = frame.filter(pl.all_horizontal(pl.col(name) == value for name, value in key.items()))
    return found.row(0, named=True)


def test_every_slice_is_of_a_known_layout_and_every_layout_has_a_slice() -> None:
    known = {layout.name for layout in files.layouts()}
    slices = {path.stem for path in SLICES.glob("*.csv")}
    assert known - slices == {"krx_end_of_day"}
    assert slices - known == {"krx_daily_allmarket", "krx_weekly_snapshots"}


def test_exact_totals_fill_the_foreign_sum_and_no_leaf() -> None:
    flows = tables("market_daily_net")["investor_day_market", "krx_market_copy"].frame
    first = row(flows, market="KOSDAQ", session=date(2005, 1, 3))
    assert (first["individual_net_amount"], first["institution_net_amount"]) == (-4049825335, 563460925)
    assert "foreign_registered_net_amount" not in flows.columns
    assert flows.select(pl.sum_horizontal(f"{g}_net_amount" for g in investors.GROUPS).abs().max()).item() == 0


def test_institution_of_the_export_is_the_sum_of_eight_leaves_before_and_after_it_held_the_government() -> None:
    flows = tables("market_daily_detail_kospi")["investor_day_market", "hts_export"].frame
    leaves = pl.sum_horizontal(f"{leaf}_net_amount" for leaf in investors.members("institution"))
    until_2018 = flows.filter(pl.col("session") <= date(2018, 12, 7))
    assert until_2018.height == 2
    assert until_2018.filter(leaves != pl.col("institution_net_amount")).is_empty()
    assert until_2018.filter(pl.col("government_net_amount") == 0).is_empty()


def test_government_is_null_once_it_sits_in_the_pension_funds() -> None:
    flows = tables("market_daily_detail_kospi")["investor_day_market", "hts_export"].frame
    assert row(flows, session=date(2018, 12, 7))["government_net_amount"] == -43304000000
    assert row(flows, session=date(2018, 12, 10))["government_net_amount"] is None
    assert row(flows, session=date(2018, 12, 10))["institution_net_amount"] is not None


def test_rows_before_the_trading_calendar_are_left_out_and_counted() -> None:
    table = tables("market_daily_detail_kospi")["investor_day_market", "hts_export"]
    assert table.left_out == {OUT_OF_HISTORY: 12}
    assert table.frame["session"].min() == date(2012, 7, 13)


def test_an_institution_that_fits_neither_sum_is_rejected() -> None:
    raw = read("market_daily_detail_kospi").with_columns(
        pl.when((pl.col("investor") == "보험") & (pl.col("date") == "2012-07-13"))
        .then(pl.lit("999000000000"))
        .otherwise(pl.col("net_amount"))
        .alias("net_amount")
    )
    table = tables("", raw)["investor_day_market", "hts_export"]
    assert "기관계" in table.faults["reason"].item()
    assert date(2012, 7, 13) not in table.frame["session"].to_list()


def test_trusts_that_include_private_funds_fill_neither_leaf() -> None:
    flows = tables("market_daily_detail_kospi_naver")["investor_day_market", "naver_market_copy"].frame
    assert not {"investment_trust_net_amount", "private_fund_net_amount", "government_net_amount"} & set(flows.columns)
    assert row(flows, session=date(2023, 12, 12))["individual_net_amount"] == -689200000000


def test_figures_with_funds_are_of_all_products_and_have_both_sides() -> None:
    flows = tables("market_daily_buysell_kospi")["investor_day_market", "krx_market_all_copy"].frame
    assert set(flows["products"]) == {"ALL"}
    first = row(flows, session=date(2025, 8, 1))
    assert first["individual_buy_amount"] == 11032453000000
    assert first["individual_sell_amount"] == 9120123000000


def test_minutes_become_won_start_at_the_open_and_lack_the_government() -> None:
    table = tables("market_investor_1min")["investor_minute_market", "kb_screen_copy"]
    assert table.left_out == {BEFORE_OPEN: 12}
    assert not [name for name in table.frame.columns if name.startswith("government")]
    first = row(table.frame, at=datetime(2026, 6, 19, 1, 3, tzinfo=UTC))
    assert first["individual_buy_amount"] == 69_700 * 10**8
    assert first["session"] == date(2026, 6, 19)


def test_the_last_snapshot_of_a_minute_wins() -> None:
    raw = read("market_investor_1min").filter(pl.col("ts") == "2026-06-19 10:03:01")
    later = raw.with_columns(
        pl.lit("2026-06-19 10:03:31").alias("ts"),
        pl.when(pl.col("investor") == "개인").then(pl.lit("70000")).otherwise(pl.col("buy_eok")).alias("buy_eok"),
        pl.when(pl.col("investor") == "개인").then(pl.lit("8259")).otherwise(pl.col("net_eok")).alias("net_eok"),
    )
    table = tables("", pl.concat([later, raw]))["investor_minute_market", "kb_screen_copy"]
    assert table.frame["individual_buy_amount"].to_list() == [70000 * 10**8]


def test_stock_net_volumes_become_four_groups() -> None:
    flows = tables("stock_daily_net_volume")["investor_day_stock", "pykrx_copy"].frame
    volumes = [f"{group}_net_volume" for group in investors.GROUPS]
    assert flows.height == 4
    assert flows.select(pl.sum_horizontal(volumes).abs().max()).item() == 0


def test_one_file_of_a_portal_becomes_three_tables_without_the_rounded_percentage() -> None:
    found = tables("stock_daily_foreign_inst")
    assert {dataset for dataset, _ in found} == {"daily_bars", "foreign_holding", "investor_day_stock"}
    holding = found["foreign_holding", "naver_stock_copy"].frame
    assert "limit_use_pct" not in holding.columns
    assert "listed_shares" not in holding.columns
    bars = found["daily_bars", "naver_stock_copy"].frame
    assert bars.filter(pl.col("base_price").is_null()).is_empty()


def test_a_derived_base_price_lies_on_the_tick_grid_of_stocks_or_funds() -> None:
    bars = tables("stock_daily_foreign_inst")["daily_bars", "naver_stock_copy"].frame
    kakao = row(bars, code="035720", session=date(2025, 8, 6))
    assert kakao["base_price"] % 100 == 0
    fund = row(bars, code="069500", session=date(2025, 8, 6))
    assert fund["base_price"] % 5 == 0


def test_a_short_balance_of_zero_gives_no_row() -> None:
    raw = read("stock_short_daily").with_columns(pl.lit("0").alias("short_balance"))
    found = tables("", raw)
    assert found["short_balance", "pykrx_copy"].frame.is_empty()
    assert found["short_balance", "pykrx_copy"].left_out == {NOT_PUBLISHED: raw.height}
    assert found["short_day", "pykrx_copy"].frame.height == raw.height


def test_end_of_day_rows_go_to_the_source_that_the_file_names() -> None:
    found = tables("krx_daily_allmarket")
    assert {source for _, source in found} == {"marcap", "fdr_cache_eod"}
    samsung = row(found["daily_bars", "marcap"].frame, code="005930", session=date(2022, 1, 3))
    assert samsung["market_cap"] == samsung["raw_close"] * samsung["listed_shares"]
    assert samsung["status"] == "TRADED"


def test_a_halted_day_has_a_close_and_no_other_price() -> None:
    halted = row(tables("krx_daily_allmarket")["daily_bars", "marcap"].frame, code="347700", session=date(2026, 1, 6))
    assert (halted["raw_open"], halted["raw_high"], halted["raw_low"]) == (None, None, None)
    assert (halted["raw_close"], halted["volume"], halted["status"]) == (19100, 0, "HALTED")


def test_a_file_without_opening_prices_leaves_them_null() -> None:
    bars = tables("krx_weekly_snapshots")["daily_bars", "krx_csv_norm"].frame
    assert bars["raw_open"].null_count() == bars.height
    assert bars["raw_close"].null_count() == 0


def test_closes_alone_become_bars_with_nothing_else() -> None:
    bars = tables("close_allmarket")["daily_bars", "close_copy"].frame
    assert set(bars.columns) == {
        "row", "session", "code", "raw_close", "venue", "products", "hours", "final", "source",
    }  # fmt: skip


def test_index_turnover_is_whole_won() -> None:
    days = tables("index_daily")["index_day", "krx_index_copy"].frame
    first = row(days, index_code="KOSDAQ", session=date(2005, 1, 3))
    assert (first["close"], first["volume"], first["amount"]) == (390.4, 292816407, 728265815940)


def test_a_list_of_companies_becomes_instruments_and_three_schemes_of_sectors() -> None:
    found = tables("sector_map")
    instruments = found["instruments", "krx_listing_copy"]
    assert instruments.left_out == {NAMELESS: 2}
    samsung = row(instruments.frame, code="005930")
    assert (samsung["name"], samsung["market"], samsung["listed_on"]) == ("삼성전자", "KOSPI", date(1975, 6, 11))
    schemes = {source: set(table.frame["scheme"]) for (name, source), table in found.items() if "sector" in name}
    assert schemes == {"krx_listing_copy": {"KSIC"}, "wics_copy": {"WICS"}, "naver_industry_copy": {"NAVER"}}


@pytest.mark.parametrize("name", REFUSED)
def test_a_known_file_that_is_not_taken_says_why(name: str) -> None:
    with pytest.raises(Refused) as caught:
        files.recognise(read(name))
    assert name in caught.value.message
    assert WHY[name] in caught.value.message


def test_adjusted_prices_are_refused_with_the_columns_that_raw_prices_have() -> None:
    with pytest.raises(Refused, match=r"adjusted.*never stored.*raw_close"):
        files.recognise(read("stocks_ohlcv"))


def test_labels_of_no_known_file_are_refused_naming_what_was_found_and_what_is_known() -> None:
    raw = read("market_daily_net").with_columns(investor=pl.lit("외계인"))
    with pytest.raises(Refused, match="외계인") as caught:
        files.recognise(raw)
    assert "외국인합계" in str(caught.value)


def test_every_source_of_a_layout_is_described_with_its_provenance() -> None:
    named = {table.source for layout in files.layouts() for table in layout.tables if table.source}
    assert named <= set(origins())
    assert all(origin.provenance and origin.korean and origin.notes for origin in origins().values())


def test_the_page_on_importing_names_every_layout_and_every_source() -> None:
    page = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
    of_files = {table.source for layout in files.layouts() for table in layout.tables} & set(origins())
    for name in [*(layout.name for layout in files.layouts()), *sorted(of_files)]:
        assert f"`{name}`" in page, name


def test_parsing_needs_no_file_socket_or_store() -> None:
    code = (
        "import sys, sugeup.sources.files as f; f.layouts(); print([m for m in sys.modules if m in "
        + str(["sugeup.archive", "sugeup.store", "sugeup.settings", "deltalake", "sqlalchemy"])
        + "])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
