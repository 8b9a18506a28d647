"""Raw daily bars: end-of-day files of the exchange as public repositories keep them, and closes alone."""

from __future__ import annotations

import polars as pl

from sugeup.market import rules
from sugeup.records import Kind, Origin, Standing
from sugeup.sources.files.layout import Labels, Layout, Rows, Table
from sugeup.sources.files.wide import once

_DATASET = "daily_bars"
_KEY = ("code", "session")
_SOURCES = ("marcap", "fdr_cache_eod", "krx_csv", "krx_csv_norm")


def base_price(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame of `date`, `code`, `close`, `ret_pct` with `base_price`: close ÷ (1 + return), on the grid, or null.

    A quotient that is a whole won on the half grid stays as it is (the previous close was a midpoint trade). A code
    with closes off the grid of stocks is a fund: its tick is 5 won.
    """
    marked = frame.with_columns(
        pl.when(pl.col("ret_pct") > -100).then(pl.col("close") / (1 + pl.col("ret_pct") / 100)).alias("__quotient")
    ).with_columns(pl.col("__quotient").round(0).cast(pl.Int64).alias("__whole"))
    marked = marked.with_columns(
        pl.when(rules.off_grid("close", "date").any().over("code")).then(pl.lit("ETF")).alias("__market")
    )
    exact = (pl.col("__quotient") - pl.col("__whole")).abs() < 0.005
    possible = exact & ~rules.off_grid("__whole", "date", "__market")
    return marked.with_columns(
        pl.when(possible)
        .then(pl.col("__whole"))
        .otherwise(rules.rounded_to_tick("__quotient", "date", "__market"))
        .alias("base_price")
    ).drop("__quotient", "__whole", "__market")


def end_of_day(frame: pl.DataFrame) -> Rows:
    """Prices, volume, turnover, shares and capitalisation; a printed 0 price is null, no volume is HALTED.

    Row: 2022-01-03, 000020, 동화약품, KOSPI, 14800, 15000, 14600, 14950, 255857, 3780367150, 417575476500, 27931470.
    """
    prices = {f"raw_{name}": pl.when(pl.col(name) != 0).then(pl.col(name)) for name in ("open", "high", "low", "close")}
    return once(
        frame.select(
            "row",
            pl.col("date").alias("session"),
            "code",
            "source",
            **prices,
            volume=pl.col("volume"),
            amount=pl.col("amount"),
            listed_shares=pl.col("shares"),
            market_cap=pl.col("market_cap"),
            status=pl.when(pl.col("volume") == 0).then(pl.lit("HALTED")).otherwise(pl.lit("TRADED")),
        ),
        (*_KEY, "source"),
    )


def shown_raw(frame: pl.DataFrame) -> Rows:
    """Bars of a file of adjusted prices (with `ret_pct`) for stocks whose prices were shown to be raw.

    No layout takes such a file: whoever calls this has compared every code with raw prices (scripts/build_sample.py).
    """
    traded = pl.col("volume") > 0
    day = {f"raw_{name}": pl.when(traded).then(pl.col(name)) for name in ("open", "high", "low")}
    return once(
        base_price(frame).select(
            "row",
            pl.col("date").alias("session"),
            "code",
            **day,
            raw_close=pl.col("close"),
            base_price=pl.col("base_price"),
            volume=pl.col("volume"),
            status=pl.when(traded).then(pl.lit("TRADED")).otherwise(pl.lit("HALTED")),
        ),
        _KEY,
    )


def closes(frame: pl.DataFrame) -> Rows:
    """Raw closes alone. Row: 2025-05-29, 000020, 6480."""
    return once(frame.select("row", pl.col("date").alias("session"), "code", raw_close=pl.col("close")), _KEY)


LAYOUTS = (
    Layout(
        "krx_end_of_day",
        "전 종목 일봉 (무수정, 거래대금·시가총액 포함)",
        {
            "date": Kind.DATE,
            "code": Kind.TEXT,
            "name": None,
            "market": None,
            "open": Kind.INTEGER,
            "high": Kind.INTEGER,
            "low": Kind.INTEGER,
            "close": Kind.INTEGER,
            "volume": Kind.INTEGER,
            "amount": Kind.INTEGER,
            "market_cap": Kind.INTEGER,
            "shares": Kind.INTEGER,
            "source": Kind.TEXT,
        },
        (Table(_DATASET, end_of_day, None),),
        Labels("source", frozenset(_SOURCES), all_needed=False),
    ),
    Layout(
        "close_allmarket",
        "전 종목 종가 (무수정)",
        {"date": Kind.DATE, "code": Kind.TEXT, "close": Kind.INTEGER},
        (Table(_DATASET, closes, "close_copy"),),
    ),
)
_ZERO = "A printed price of 0 is null; status HALTED where no share was traded."
ORIGINS = (
    Origin(
        "marcap",
        "Yearly files of the exchange's end-of-day list, kept by FinanceData",
        "거래소 전 종목 시세 (marcap)",
        Standing.EXCHANGE_FILE,
        notes={_DATASET: _ZERO},
        provenance="FinanceData/marcap data/marcap-{2022,2024,2025,2026}",
    ),
    Origin(
        "fdr_cache_eod",
        "The exchange's list as it stood the morning after, kept by FinanceData",
        "거래소 전 종목 시세 (익일 새벽 사본)",
        Standing.EXCHANGE_FILE,
        notes={_DATASET: _ZERO},
        provenance="FinanceData/fdr_krx_data_cache data/listing/krx/2026-03-DD.csv@c56172963454",
    ),
    Origin(
        "krx_csv",
        "The exchange's end-of-day list saved as CSV",
        "거래소 전 종목 시세 CSV",
        Standing.EXCHANGE_FILE,
        notes={_DATASET: _ZERO},
        provenance="RozeKurhy/krx-trend-scanner artifacts krx_market_cap_YYYYMMDD.csv@18e407859ae5",
    ),
    Origin(
        "krx_csv_norm",
        "The exchange's end-of-day list, a copy without opening, highest and lowest price",
        "거래소 전 종목 시세 CSV (시·고·저 없음)",
        Standing.PORTAL_COPY,
        notes={_DATASET: "Opening, highest and lowest price are not in the file. " + _ZERO},
        provenance="RozeKurhy/krx-trend-scanner artifacts krx_market_cap_YYYYMMDD.csv@18e407859ae5",
    ),
    Origin(
        "close_copy",
        "Closing prices of all stocks from a public repository",
        "전 종목 종가 사본",
        Standing.OTHER_COPY,
        notes={_DATASET: "Closes only; equal to raw closes of the exchange's files on all 113,579 common rows."},
        provenance="LaSeunghyun/krxdata ml/_cache/stock_prices.parquet@bb6e0fde21ff",
    ),
)
