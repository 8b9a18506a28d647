"""일봉 of one stock on the exchange's sessions: price, return, turnover, halts, listed shares, one row per session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from sugeup.archive import Archive

_BARS = ("raw_close", "base_price", "volume", "amount", "listed_shares", "market_cap", "status")
_SIZES = ("listed_shares", "market_cap")


def load(archive: Archive, code: str, days: Sequence[date]) -> pl.DataFrame:
    """Bars of the KRX between the first and the last of `days`, oldest first.

    `ret` is the close over the base price (기준가) of one row less 1, null on a halted session; `base_source` names
    that row's source. Where the preferred row lacks the base price or the listed shares, the best row that has them
    gives them (`size_source`). Halted: status HALTED, false where no status is stored.
    """
    asked: dict[str, Any] = {"columns": _BARS, "scopes": [code], "start": days[0], "end": days[-1]}
    bars = archive.read("daily_bars", **asked).filter(pl.col("venue") == "KRX")
    return bars.select(
        "session",
        "raw_close",
        "volume",
        "amount",
        "status",
        (pl.col("status") == "HALTED").fill_null(value=False).alias("halted"),
        "source",
        "final",
    ).join(_sized(archive, _based(archive, bars, asked), bars, asked), on="session", how="left", maintain_order="left")


def _based(archive: Archive, bars: pl.DataFrame, asked: dict[str, Any]) -> pl.DataFrame:
    based = bars
    if bars["base_price"].null_count():
        based = archive.read("daily_bars", **asked, having=["base_price"]).filter(pl.col("venue") == "KRX")
    halted = pl.col("status") == "HALTED"
    return based.select(
        "session",
        "base_price",
        pl.col("source").alias("base_source"),
        pl.when(halted).then(None).otherwise(pl.col("raw_close") / pl.col("base_price") - 1).alias("ret"),
    )


def _sized(archive: Archive, based: pl.DataFrame, bars: pl.DataFrame, asked: dict[str, Any]) -> pl.DataFrame:
    sized = bars
    if bars["listed_shares"].null_count():
        sized = archive.read("daily_bars", **asked, having=["listed_shares"]).filter(pl.col("venue") == "KRX")
    sizes = sized.select("session", *_SIZES, pl.col("source").alias("size_source"))
    return based.join(sizes, on="session", how="full", coalesce=True)
