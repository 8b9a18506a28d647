"""Every file of the shared collection of public figures ends in an import or in a refusal whose reason is true."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from sugeup.archive import Archive
from sugeup.errors import Refused
from sugeup.jobs.importing import ImportReport, import_files
from sugeup.jobs.reading import read_table
from sugeup.sources import files

REPOSITORY = Path(__file__).parents[2]
COLLECTION = REPOSITORY.parent / "shared" / "data"
PAGE = REPOSITORY / "docs" / "importing.md"

TAKEN: dict[str, tuple[str, frozenset[str]]] = {
    path: (layout, frozenset(datasets.split()))
    for path, layout, datasets in (
        ("index/index_daily", "index_daily", "index_day"),
        ("intraday/market_index_1min", "market_index_1min", "index_minute"),
        ("intraday/market_investor_1min", "market_investor_1min", "investor_minute_market"),
        ("intraday/minute_bars_2025", "minute_bars", "minute_bars"),
        (
            "intraday/stock_investor_estimates_2026-02",
            "stock_investor_estimates",
            "investor_day_stock stock_estimate",
        ),
        ("intraday/ticks_015760_20251126", "ticks", "ticks"),
        ("investor/derivatives_daily", "derivatives_daily", "investor_day_market"),
        ("investor/market_daily_buysell_kospi", "market_daily_buysell_kospi", "investor_day_market"),
        ("investor/market_daily_detail_kospi", "market_daily_detail_kospi", "investor_day_market"),
        ("investor/market_daily_detail_kospi_naver", "market_daily_detail_kospi_naver", "investor_day_market"),
        ("investor/market_daily_net", "market_daily_net", "investor_day_market"),
        (
            "investor/stock_daily_foreign_inst",
            "stock_daily_foreign_inst",
            "daily_bars foreign_holding investor_day_stock",
        ),
        ("investor/stock_daily_net_volume", "stock_daily_net_volume", "investor_day_stock"),
        ("market/market_funds_daily", "market_funds_daily", "market_funds"),
        ("market/vkospi_daily", "vkospi_daily", "index_day"),
        ("ohlcv/close_allmarket_2025-05_2026-05", "close_allmarket", "daily_bars"),
        ("ohlcv/krx_daily_allmarket", "krx_end_of_day", "daily_bars"),
        ("ohlcv/krx_weekly_snapshots", "krx_end_of_day", "daily_bars"),
        ("program/program_market_intraday", "program_market_intraday", "program_minute_market"),
        (
            "program/stock_program_intraday_2026-06-16",
            "stock_program_intraday",
            "program_minute_stock stock_estimate",
        ),
        ("sector/sector_map", "sector_map", "instruments sector_membership"),
        ("sector/theme_members", "theme_members", "sector_membership"),
        ("short/stock_short_daily", "stock_short_daily", "short_balance short_day"),
    )
}
REFUSED: dict[str, tuple[str, str]] = {
    "intraday/krx_allmarket_snapshots": ("krx_allmarket_snapshots", "delayed by 20 minutes"),
    "investor/stock_netbuy_private_equity_2026-07-27_29": ("stock_netbuy_private_equity", "sums over several sessions"),
    "ohlcv/close_kospi_2024-07_2025-07": ("close_kospi", "adjusted"),
    "ohlcv/ohlcv_allmarket_2018-09_2019-09": ("ohlcv_allmarket", "adjusted"),
    "ohlcv/ohlcv_allmarket_2023-12_2025-06": ("ohlcv_allmarket", "adjusted"),
    "ohlcv/stocks_ohlcv": ("stocks_ohlcv", "adjusted"),
    "program/broker_doc_response_rows": ("broker_doc_response_rows", "API manual"),
    "program/program_by_investor_2026-03-13": ("program_by_investor", "split program trading by investor"),
    "program/program_daily_example": ("program_daily_example", "API manual"),
}
STORED: dict[str, int] = {
    "index/index_daily": 15_999,
    "intraday/market_index_1min": 5_608,
    "intraday/minute_bars_2025": 16_625,
    "intraday/stock_investor_estimates_2026-02": 617 + 163,
    "intraday/ticks_015760_20251126": 36_447,
    "investor/derivatives_daily": 10_304,
    "market/market_funds_daily": 2_855,
    "market/vkospi_daily": 2_856,
    "program/program_market_intraday": 2,
    "program/stock_program_intraday_2026-06-16": 59 + 41,
    "sector/theme_members": 7_127,
}
"""Rows that an empty lake holds after the import, of the files that were not in the sample before."""


def paths() -> dict[str, Path]:
    """The collection's tables by path without ending; skips the test, saying so, when the collection is not there."""
    found = {
        str(path.relative_to(COLLECTION).with_suffix("")): path
        for path in sorted(COLLECTION.rglob("*"))
        if path.is_file() and path.suffix != ".md"
    }
    if not found:
        pytest.skip("the shared collection of public figures is not beside the repository: NO FILE OF IT WAS TRIED")
    return found


def test_no_file_of_the_collection_is_unaccounted_for() -> None:
    assert set(paths()) == TAKEN.keys() | REFUSED.keys()


def test_every_file_is_recognised_or_refused_with_its_own_reason() -> None:
    for name, path in paths().items():
        raw = read_table(path)
        if name in TAKEN:
            layout = files.recognise(raw)
            assert (layout.name, {table.dataset for table in layout.tables}) == TAKEN[name]
            continue
        with pytest.raises(Refused) as caught:
            files.recognise(raw)
        layout_name, why = REFUSED[name]
        assert layout_name in caught.value.message and why in caught.value.message


def test_the_reasons_of_the_refusals_are_true() -> None:
    found = paths()
    snapshots = pl.read_parquet(found["intraday/krx_allmarket_snapshots"], columns=["snapshot_ts", "date"]).unique()
    gaps = snapshots.sort("snapshot_ts").select(pl.col("snapshot_ts").diff().over("date").dt.total_minutes())
    assert gaps.to_series().drop_nulls().median() > 20  # no bars of a minute
    summed = pl.read_parquet(found["investor/stock_netbuy_private_equity_2026-07-27_29"], columns=["period"])
    assert summed["period"].n_unique() == 1 and "29" in str(summed["period"][0])
    example = pl.read_parquet(found["program/program_daily_example"])
    assert not {"market", "index"} & set(example.columns) and example["bstp_nmix_prpr"].null_count() == example.height
    manual = pl.read_parquet(found["program/broker_doc_response_rows"])
    assert manual["value"].dtype == pl.String and manual["tr_id"].n_unique() > 20
    assert pl.read_parquet(found["program/program_by_investor_2026-03-13"])["ts"].n_unique() == 1
    raw = pl.read_parquet(found["ohlcv/krx_daily_allmarket"], columns=["date", "code", "close"])
    for name in (one for one, (_, why) in REFUSED.items() if why == "adjusted" and "2018" not in one):
        both = (
            pl.read_parquet(found[name], columns=["date", "code", "close"])
            .select(pl.col("date").cast(pl.Date), "code", pl.col("close").cast(pl.Int64))
            .join(raw.with_columns(pl.col("date").cast(pl.Date)), on=["date", "code"], suffix="_raw")
        )
        assert not both.filter(pl.col("close") != pl.col("close_raw")).is_empty(), name


@pytest.mark.torture
@pytest.mark.slow
def test_the_import_of_the_whole_collection_stores_what_is_said_and_repeats_safely(archive: Archive) -> None:
    found = paths()
    first = {name: import_files(archive, [found[name]]) for name in TAKEN}
    for name, report in first.items():
        assert {table.dataset for table in report.tables} == TAKEN[name][1]
        assert report.stored > 0, name
        if name in STORED:
            assert report.stored == STORED[name], name
    assert reasons(first["market/market_funds_daily"]) == {"no exchange session: 연말휴장일 year-end closing": 11}
    assert sum(reasons(first["intraday/stock_investor_estimates_2026-02"]).values()) == 298
    assert first["investor/derivatives_daily"].tables[0].warnings == {"groups do not add to zero (amount)": 1}
    assert first["investor/derivatives_daily"].tables[0].left_out == {
        "달러선물: no scope of the store holds currency futures": 12_880
    }
    for name in (one for one in TAKEN if not one.startswith("ohlcv/")):
        assert import_files(archive, [found[name]]).stored == 0, name


def reasons(report: ImportReport) -> dict[str, int]:
    return dict(report.rejected["reason"].value_counts().iter_rows())


def test_the_page_lists_every_file_with_what_becomes_of_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([a-z]+/[^`]+)` \| (.+) \|$", page, re.MULTILINE))
    assert listed.keys() == TAKEN.keys() | REFUSED.keys()
    for name, (layout, datasets) in TAKEN.items():
        assert f"`{layout}`" in listed[name] and "refused" not in listed[name]
        for dataset in datasets:
            assert dataset in listed[name], name
        if name in STORED:
            total = sum(int(number.replace(",", "")) for number in re.findall(r"([\d,]+) rows", listed[name]))
            assert total == STORED[name], name
    for name, (layout, why) in REFUSED.items():
        assert f"refused: `{layout}`" in listed[name] and why in listed[name], name
