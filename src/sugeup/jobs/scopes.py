"""Whose figures are collected: stocks in the order of their market cap, markets, indices, sectors, futures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from sugeup.archive import Archive
from sugeup.market import sessions

MARKETS = ("KOSPI", "KOSDAQ")
INDICES = ("KOSPI", "KOSDAQ", "KOSPI200")
SCHEME = "KRX_INDUSTRY"
EOK = 100_000_000
_BACK = 10
"""Sessions back in which the newest price of a stock is looked for."""


def stocks(archive: Archive, since: date, *, floor: int | None = None) -> tuple[str, ...]:
    """Codes of stocks listed on or after a date, the largest market cap first; `floor`: at least so many 억원.

    Market cap is the newest close times listed shares. Without a price a stock comes last, and is below every floor.
    """
    listed = archive.read("instruments", columns=["kind", "delisted_on", "listed_shares", "valid_to"])
    newest = listed.sort("code", "valid_from").unique("code", keep="last", maintain_order=True)
    there = pl.col("delisted_on").is_null() | (pl.col("delisted_on") >= since)
    newest = newest.filter(there & (pl.col("kind").is_null() | (pl.col("kind") == "STOCK")))
    caps = newest.join(_closes(archive), on="code", how="left").select(
        "code", (pl.col("raw_close") * pl.col("listed_shares")).alias("cap")
    )
    if floor:
        caps = caps.filter(pl.col("cap") >= floor * EOK)
    return tuple(caps.sort(["cap", "code"], descending=[True, False], nulls_last=True)["code"])


def sized(archive: Archive) -> bool:
    """Whether the shares listed are known of any stock, without which no market cap is."""
    return not archive.read("instruments", columns=["listed_shares"], having=["listed_shares"]).is_empty()


def _closes(archive: Archive) -> pl.DataFrame:
    today = archive.clock.now().astimezone(sessions.SEOUL).date()
    rows = archive.read(
        "daily_bars", columns=["raw_close"], start=sessions.previous(today, _BACK), having=["raw_close"]
    )
    return rows.sort("session").unique("code", keep="last").select("code", "raw_close")


def sectors(archive: Archive) -> tuple[str, ...]:
    """Codes of the exchange's sector indices that have a member."""
    rows = archive.read("sector_membership", columns=["valid_to"])
    held = rows.filter((pl.col("scheme") == SCHEME) & pl.col("valid_to").is_null())
    return tuple(held["sector"].unique().sort())


def of_market(archive: Archive, dataset: str) -> Sequence[str]:
    """Scopes of a dataset that is not about single stocks."""
    return {
        "investor_day_market": (*MARKETS, *sectors(archive)),
        "investor_minute_market": MARKETS,
        "program_day_market": MARKETS,
        "program_minute_market": MARKETS,
        "index_day": (*INDICES, *sectors(archive)),
        "index_minute": INDICES,
        "market_funds": (),
    }[dataset]
