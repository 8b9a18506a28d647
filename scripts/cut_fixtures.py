"""Cuts the committed fixtures of the import from the collection of public figures: slices per layout and second copies.

    python scripts/cut_fixtures.py [--data DIR] [--out DIR]

Slices keep the file's own columns and figures; they are CSV, so that a change shows in a diff.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import polars as pl

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = REPOSITORY.parent / "shared" / "data"
OUT = REPOSITORY / "tests" / "fixtures"

BOTH_COPIES = ("000660", "005380", "005930", "012330", "017670", "035420", "035720", "068270")
"""Stocks that the portal's copy and the library's copy both hold."""
STOCKS = ("005930", "035720")

DATED: dict[str, tuple[str, tuple[date, ...]]] = {
    "market_daily_net": ("investor/market_daily_net", (date(2005, 1, 3), date(2020, 3, 19), date(2026, 5, 29))),
    "market_daily_detail_kospi": (
        "investor/market_daily_detail_kospi",
        (date(2004, 12, 30), date(2012, 7, 13), date(2018, 12, 7), date(2018, 12, 10), date(2022, 8, 8)),
    ),
    "market_daily_detail_kospi_naver": (
        "investor/market_daily_detail_kospi_naver",
        (date(2023, 12, 12), date(2026, 5, 29), date(2026, 8, 21)),
    ),
    "market_daily_buysell_kospi": (
        "investor/market_daily_buysell_kospi",
        (date(2025, 8, 1), date(2025, 12, 30)),
    ),
    "index_daily": ("index/index_daily", (date(2005, 1, 3), date(2020, 3, 19), date(2026, 5, 29))),
    "vkospi_daily": ("market/vkospi_daily", (date(2015, 1, 2), date(2020, 3, 19), date(2026, 8, 21))),
    "market_funds_daily": (
        "market/market_funds_daily",
        (date(2015, 1, 2), date(2015, 12, 31), date(2026, 8, 19), date(2026, 8, 20)),
    ),
    "derivatives_daily": ("investor/derivatives_daily", (date(2015, 1, 2), date(2024, 8, 5))),
}
BY_CODE: dict[str, tuple[str, tuple[date, ...], tuple[str, ...]]] = {
    "stock_daily_net_volume": (
        "investor/stock_daily_net_volume",
        (date(2024, 12, 16), date(2026, 2, 13)),
        STOCKS,
    ),
    "stock_daily_foreign_inst": (
        "investor/stock_daily_foreign_inst",
        (date(2025, 8, 6), date(2026, 6, 30)),
        (*STOCKS, "069500"),
    ),
    "stock_short_daily": ("short/stock_short_daily", (date(2024, 12, 16), date(2026, 2, 13)), STOCKS),
    "krx_daily_allmarket": (
        "ohlcv/krx_daily_allmarket",
        (date(2022, 1, 3), date(2026, 1, 6), date(2026, 3, 20)),
        (*STOCKS, "347700", "0009K0"),
    ),
    "krx_weekly_snapshots": (
        "ohlcv/krx_weekly_snapshots",
        (date(2020, 3, 27), date(2023, 12, 22), date(2024, 7, 5)),
        (*STOCKS, "467930"),
    ),
    "close_allmarket": ("ohlcv/close_allmarket_2025-05_2026-05", (date(2025, 5, 29), date(2026, 5, 28)), STOCKS),
    "stocks_ohlcv": ("ohlcv/stocks_ohlcv", (date(2025, 2, 18), date(2026, 8, 21)), ("005930",)),
    "close_kospi": ("ohlcv/close_kospi_2024-07_2025-07", (date(2024, 7, 4),), STOCKS),
    "ohlcv_allmarket": ("ohlcv/ohlcv_allmarket_2018-09_2019-09", (date(2018, 9, 3),), STOCKS),
}
HEADS: dict[str, str] = {
    "stock_netbuy_private_equity": "investor/stock_netbuy_private_equity_2026-07-27_29",
    "krx_allmarket_snapshots": "intraday/krx_allmarket_snapshots",
    "program_by_investor": "program/program_by_investor_2026-03-13",
    "program_market_intraday": "program/program_market_intraday",
    "broker_doc_response_rows": "program/broker_doc_response_rows",
    "program_daily_example": "program/program_daily_example",
}
PICKED: dict[str, tuple[str, pl.Expr]] = {
    "theme_members": (
        "sector/theme_members",
        pl.col("code").is_in(STOCKS) | (pl.col("code").is_null() & (pl.col("theme") == "반도체 장비")),
    ),
    "ticks": ("intraday/ticks_015760_20251126", (pl.col("seq") < 4) | pl.col("seq").is_in([18_000, 36_446])),
    "minute_bars": (
        "intraday/minute_bars_2025",
        pl.col("code").is_in(["001270", "484870"])
        & pl.col("ts").dt.strftime("%H:%M").is_in(["09:00", "09:01", "15:30"]),
    ),
    "market_index_1min": (
        "intraday/market_index_1min",
        pl.col("ts")
        .dt.strftime("%Y-%m-%d %H:%M")
        .is_in(["2026-06-19 08:59", "2026-06-19 09:00", "2026-06-19 10:03", "2026-06-19 15:40"]),
    ),
    "stock_investor_estimates": (
        "intraday/stock_investor_estimates_2026-02",
        pl.col("code").is_in(["005930", "000270"]),
    ),
    "stock_program_intraday": (
        "program/stock_program_intraday_2026-06-16",
        pl.col("code").is_in(["005930", "004870", "000660"]),
    ),
}


def cut(data: Path, out: Path) -> None:
    """Write every fixture."""
    layouts, checks = out / "layouts", out / "checks"
    layouts.mkdir(parents=True, exist_ok=True)
    checks.mkdir(parents=True, exist_ok=True)
    for name, (path, days) in DATED.items():
        _read(data, path).filter(pl.col("date").is_in(days)).write_csv(layouts / f"{name}.csv")
    for name, (path, days, codes) in BY_CODE.items():
        rows = _read(data, path).filter(pl.col("date").is_in(days), pl.col("code").is_in(codes))
        rows.write_csv(layouts / f"{name}.csv")
    for name, (path, chosen) in PICKED.items():
        _read(data, path).filter(chosen).write_csv(layouts / f"{name}.csv", datetime_format="%Y-%m-%d %H:%M:%S")
    for name, path in HEADS.items():
        _read(data, path).head(2).write_csv(layouts / f"{name}.csv")
    sectors = _read(data, "sector/sector_map")
    nameless = sectors.filter(pl.col("name").is_null()).head(2)
    pl.concat([sectors.filter(pl.col("code").is_in(STOCKS)), nameless]).write_csv(layouts / "sector_map.csv")
    minutes = _read(data, "intraday/market_investor_1min")
    shown = (pl.col("market") == "KOSPI") & pl.col("ts").dt.strftime("%Y-%m-%d %H:%M").is_in(
        ["2026-06-19 08:50", "2026-06-19 10:03", "2026-06-19 10:04", "2026-06-19 10:05"]
    )
    minutes.filter(shown).write_csv(layouts / "market_investor_1min.csv", datetime_format="%Y-%m-%d %H:%M:%S")
    _second_copies(data, checks)


def _second_copies(data: Path, checks: Path) -> None:
    portal = _read(data, "investor/stock_daily_foreign_inst")
    library = _read(data, "investor/stock_daily_net_volume").select("date", "code").unique()
    both = portal.join(library, on=["date", "code"]).filter(pl.col("code").is_in(BOTH_COPIES)).sort("code", "date")
    picked = pl.concat(_spread(part, 5) for _, part in both.group_by("code", maintain_order=True))
    picked.select("date", "code", "foreign_net_volume", "inst_net_volume").write_csv(
        checks / "naver_stock_net_volume.csv"
    )
    export = _read(data, "investor/market_daily_detail_kospi").filter(pl.col("date") >= date(2005, 1, 3))
    million = export.with_columns((pl.col("net_amount") // 1_000_000).alias("million_won"))
    wide = million.pivot(on="investor", index="date", values="million_won").sort("date")
    labels = ("개인", "외국인", "기관계", "기타법인+기타", "금융투자", "보험", "투신", "사모펀드", "은행", "기타금융")
    _spread(wide, 20).select("date", *labels, "연기금등", "국가·지자체").write_csv(checks / "hts_kospi_flows.csv")


def _spread(frame: pl.DataFrame, count: int) -> pl.DataFrame:
    """`count` rows at equal distances, the first and the last among them."""
    return frame[[round(step * (frame.height - 1) / (count - 1)) for step in range(count)]]


def _read(data: Path, name: str) -> pl.DataFrame:
    frame = pl.read_parquet(data / f"{name}.parquet")
    return frame.with_columns(pl.col("date").cast(pl.Date)) if "date" in frame.columns else frame


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the collection")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the fixtures")
    arguments = parser.parse_args()
    cut(arguments.data, arguments.out)


if __name__ == "__main__":
    main()
