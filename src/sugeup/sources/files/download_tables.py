"""What files of the pages of KRX become: wide rows in our columns, null where the file has a dash or nothing."""

from __future__ import annotations

import polars as pl

from sugeup.market import investors
from sugeup.sources.files import exchange_investors as pages
from sugeup.sources.files.exchange_investors import ADDS, GROUPS, LEAVES
from sugeup.sources.files.layout import ROW, Rows, faults, without
from sugeup.sources.files.wide import once

NO_PRICE = "row without a price: the day was no session"
NO_TRADE = "stock that did not trade"
NO_FIGURE = "row without a figure"
UNPUBLISHED = "every balance of the file is 0: not published yet"
_KEY = ("code", "session")


def bars(frame: pl.DataFrame) -> Rows:
    """Raw prices; a printed 0 of opening, highest and lowest price is null, no volume is HALTED."""
    priced = frame.filter(pl.col("close").fill_null(0) != 0)
    rows = priced.select(
        ROW,
        "code",
        pl.col("date").alias("session"),
        *(pl.when(pl.col(name) != 0).then(pl.col(name)).alias(f"raw_{name}") for name in ("open", "high", "low")),
        pl.col("close").alias("raw_close"),
        (pl.col("close") - pl.col("change")).alias("base_price"),
        "volume",
        "amount",
        pl.col("shares").alias("listed_shares"),
        "market_cap",
        pl.when(pl.col("volume") == 0).then(pl.lit("HALTED")).otherwise(pl.lit("TRADED")).alias("status"),
    )
    return _left(once(rows, _KEY), NO_PRICE, frame.height - priced.height)


def holdings(frame: pl.DataFrame) -> Rows:
    """Shares held by foreigners with their limit, and its share in use as it follows from the two."""
    told = frame.filter(pl.col("held_shares").is_not_null())
    limit = pl.when(pl.col("limit_shares") != 0).then(pl.col("limit_shares"))
    rows = told.select(
        ROW,
        "code",
        pl.col("date").alias("session"),
        "held_shares",
        limit.alias("limit_shares"),
        "listed_shares",
        (100 * pl.col("held_shares") / limit).alias("limit_use_pct"),
    )
    return _left(once(rows, _KEY), NO_FIGURE, frame.height - told.height)


def short_trades(frame: pl.DataFrame) -> Rows:
    """Shares sold short of stocks that traded; none sold short is 0."""
    traded = frame.filter(pl.col("traded").fill_null(0) > 0)
    rows = traded.select(ROW, "code", pl.col("date").alias("session"), "short_volume", "short_amount")
    return _left(once(rows, _KEY), NO_TRADE, frame.height - traded.height)


def short_balances(frame: pl.DataFrame) -> Rows:
    """Open short positions of a day that is published: a file of zeros is of one that is not."""
    told = frame.filter(pl.col("balance_shares").is_not_null())
    if told.filter(pl.col("balance_shares") != 0).is_empty():
        return _left(Rows(_balances(told.clear())), UNPUBLISHED, frame.height)
    return _left(once(_balances(told), _KEY), NO_FIGURE, frame.height - told.height)


def net_purchases(frame: pl.DataFrame) -> Rows:
    """What every investor bought and sold of every stock, of a file for each of them."""
    wrong = faults(
        frame,
        (pl.col("buy_volume") - pl.col("sell_volume") != pl.col("net_volume"))
        | (pl.col("buy_amount") - pl.col("sell_amount") != pl.col("net_amount")),
        pages.NET,
        pl.col("code"),
    )
    single = once(without(frame, wrong), ("code", "date", "investor"))
    named = single.frame.rename({"date": "session", "investor": "__investor"})
    rows, apart, absent = pages.combined(named.select("code", "session", *pages.SIDES, "__investor"))
    first = named.group_by(_KEY).agg(pl.col(ROW).min())
    unequal = faults(first, pl.col("code").is_in(apart), pages.APART, pl.col("code"))
    kept = rows.join(first, on=list(_KEY), how="left")
    return Rows(
        kept,
        dict(single.left_out) | ({pages.ABSENT: absent} if absent else {}),
        pl.concat([wrong, single.faults, unequal]),
    )


def market_investors(frame: pl.DataFrame) -> Rows:
    """Investors of a market by day: the columns of the sides and measures of which there is a file."""
    added = pl.sum_horizontal(LEAVES, ignore_nulls=False)
    wrong = faults(frame, added != pl.col("total"), ADDS, pl.format("{} ≠ {}", added, "total"))
    sound = without(frame, wrong)
    key = ["market", "date"]
    wide = sound.group_by(key, maintain_order=True).agg(pl.col(ROW).min())
    for (side, measure), part in sound.group_by("side", "measure", maintain_order=True):
        summed = part.with_columns(
            pl.sum_horizontal(leaves, ignore_nulls=False).alias(group) for group, leaves in GROUPS.items()
        )
        named = {name: investors.column(name, str(side), str(measure)) for name in (*LEAVES, *GROUPS)}
        wide = wide.join(
            summed.select(*key, *(pl.col(old).alias(new) for old, new in named.items())), on=key, how="left"
        )
    for measure in investors.MEASURES:
        buy, sell, net = (investors.column(LEAVES[0], side, measure) for side in ("buy", "sell", "net"))
        if {buy, sell} <= set(wide.columns) and net not in wide.columns:
            wide = wide.with_columns(
                (
                    pl.col(investors.column(name, "buy", measure)) - pl.col(investors.column(name, "sell", measure))
                ).alias(investors.column(name, "net", measure))
                for name in (*LEAVES, *GROUPS)
            )
    return Rows(wide.rename({"date": "session"}), {}, wrong)


def _balances(frame: pl.DataFrame) -> pl.DataFrame:
    named = pl.col("date").alias("session")
    return frame.select(ROW, "code", named, "balance_shares", "balance_amount", "listed_shares")


def _left(rows: Rows, reason: str, count: int) -> Rows:
    return Rows(rows.frame, dict(rows.left_out) | ({reason: count} if count else {}), rows.faults)
