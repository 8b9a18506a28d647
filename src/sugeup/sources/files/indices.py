"""Index days: levels, volume and turnover of KOSPI, KOSDAQ and KOSPI200, and levels of VKOSPI."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind, Origin, Standing
from sugeup.sources.files.layout import TRILLION, Layout, Rows, Table, faults, without
from sugeup.sources.files.wide import once

_DATASET = "index_day"
_LARGEST = 1_000_000
_VKOSPI = {"open": "VKOSPI_시가", "high": "VKOSPI_고가", "low": "VKOSPI_저가", "close": "VKOSPI"}
_LEVELS = ("open", "high", "low", "close")


def days(frame: pl.DataFrame) -> Rows:
    """Levels as printed, turnover from 조원 to won. Row: 2005-01-03, KOSDAQ, 383.81, 390.53, 383.56, 390.4, ….

    The file's price ratios, dividend yield and capitalisation have no column with us and are not stored.
    """
    beyond = faults(
        frame, pl.col("amount_tn_krw").abs() > _LARGEST, "amount_tn_krw is too large a figure in trillion won"
    )
    rows = without(frame, beyond).select(
        "row",
        pl.col("date").alias("session"),
        pl.col("index").alias("index_code"),
        *_LEVELS,
        "volume",
        amount=(pl.col("amount_tn_krw") * TRILLION).round(0).cast(pl.Int64),
    )
    single = once(rows, ("index_code", "session"))
    return Rows(single.frame, single.left_out, pl.concat([beyond, single.faults]))


def volatility(frame: pl.DataFrame) -> Rows:
    """Levels of the volatility index. Row: 2015-01-02, 12.5, 13.18, 13.34, 12.48: close, open, high, low."""
    levels = {name: pl.col(printed) for name, printed in _VKOSPI.items()}
    rows = frame.select("row", pl.col("date").alias("session"), index_code=pl.lit("VKOSPI"), **levels)
    return once(rows, ("index_code", "session"))


LAYOUTS = (
    Layout(
        "index_daily",
        "지수 일봉 (거래대금 조원)",
        {
            "date": Kind.DATE,
            "index": Kind.TEXT,
            **dict.fromkeys(_LEVELS, Kind.NUMBER),
            "volume": Kind.INTEGER,
            "amount_tn_krw": Kind.NUMBER,
            **dict.fromkeys(("divyield", "market_cap_tn_krw", "pbr", "per")),
        },
        (Table(_DATASET, days, "krx_index_copy"),),
    ),
    Layout(
        "vkospi_daily",
        "변동성지수 VKOSPI 일봉",
        {"date": Kind.DATE, **dict.fromkeys(_VKOSPI.values(), Kind.NUMBER)},
        (Table(_DATASET, volatility, "vkospi_copy"),),
    ),
)
ORIGINS = (
    Origin(
        "krx_index_copy",
        "Copy of the exchange's index days",
        "거래소 지수 일봉 사본",
        Standing.LIBRARY_COPY,
        notes={
            _DATASET: "No counts of risers and fallers; price ratios, dividend yield and capitalisation are not stored."
        },
        provenance="yongsoo-choi0214/stock-dashboard data/prices.parquet@8d31a08c8596, data/macro.parquet@24e1a4a9c1d1",
    ),
    Origin(
        "vkospi_copy",
        "Copy of the exchange's volatility index",
        "변동성지수 VKOSPI 사본",
        Standing.LIBRARY_COPY,
        notes={_DATASET: "VKOSPI: levels only; a volatility index has no volume, turnover or counts."},
        provenance="maeraego/Kospi-dashboard vkospi_daily.parquet@f63af5f37051",
    ),
)
