"""Trades, bars of a minute and index levels by minute, as three collections keep them."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind, Origin, Standing
from sugeup.sources.files.layout import ROW, Layout, Rows, Table, faults, without
from sugeup.sources.files.moments import EXPECTED, OLDER, counted, since_open, timed
from sugeup.sources.files.wide import once

_SIGNS = {"+": 1, "-": -1}
_PRICES = ("open", "high", "low", "close")


def trades(frame: pl.DataFrame) -> Rows:
    """Trades in the order of the file. Row: 0, 2025-11-26 10:11:25, 015760, 53500, 72, + (the buyer took the offer)."""
    side = pl.col("side").replace_strict(_SIGNS, default=None, return_dtype=pl.Int64)
    odd = faults(
        frame, pl.col("side").is_not_null() & side.is_null(), "side is neither + nor - nor empty", pl.col("side")
    )
    rows = once(
        timed(without(frame, odd)).select(ROW, "code", "session", "seq", "price", "volume", at=pl.col("ts"), side=side),
        ("code", "session", "seq"),
    )
    return Rows(rows.frame, rows.left_out, pl.concat([odd, rows.faults]))


def bars(frame: pl.DataFrame) -> Rows:
    """Raw bars of a minute. Row: 001270, 2025-09-01 09:00:00, 67000, 67000, 65700, 66000, 7232."""
    prices = {f"raw_{name}": pl.col(name) for name in _PRICES}
    rows = timed(frame).select(ROW, "code", "session", "volume", at=pl.col("ts"), **prices)
    return once(rows, ("code", "session", "at"))


def levels(frame: pl.DataFrame) -> Rows:
    """The level that a screen showed, as the close of its minute. Row: 2026-06-11 08:50:01, KOSDAQ, 924.98, -26.65."""
    running = since_open(timed(frame))
    latest = running.filter(pl.col("ts") == pl.col("ts").max().over("at", "market"))
    rows = once(
        latest.select(ROW, "session", "at", index_code=pl.col("market"), close=pl.col("index")),
        ("index_code", "session", "at"),
    )
    left_out = counted({EXPECTED: frame.height - running.height, OLDER: running.height - latest.height})
    return Rows(rows.frame, left_out | dict(rows.left_out), rows.faults)


LAYOUTS = (
    Layout(
        "ticks",
        "체결 (매수·매도 체결 구분)",
        {
            "seq": Kind.INTEGER,
            "ts": Kind.INSTANT,
            "code": Kind.TEXT,
            "price": Kind.INTEGER,
            "volume": Kind.INTEGER,
            "side": Kind.TEXT,
        },
        (Table("ticks", trades, "ls_trades_copy"),),
    ),
    Layout(
        "minute_bars",
        "종목 1분봉 (무수정)",
        {"code": Kind.TEXT, "ts": Kind.INSTANT, **dict.fromkeys((*_PRICES, "volume"), Kind.INTEGER)},
        (Table("minute_bars", bars, "minute_bar_copy"),),
    ),
    Layout(
        "market_index_1min",
        "지수 1분 (화면)",
        {"ts": Kind.INSTANT, "market": Kind.TEXT, "index": Kind.NUMBER, "change": None, "change_pct": None},
        (Table("index_minute", levels, "kb_index_copy"),),
    ),
)
ORIGINS = (
    Origin(
        "ls_trades_copy",
        "Trades that a broker's feed pushed, kept by a public repository",
        "LS증권 실시간 체결 사본",
        Standing.OTHER_COPY,
        notes={"ticks": "One stock, 2025-11-26 10:11 to 13:57; moments in whole seconds, order as received."},
        provenance="changmai/sector_industry_find raw_data_015760_20251126.txt@73e96bd40511",
    ),
    Origin(
        "minute_bar_copy",
        "Bars of a minute kept by a public repository",
        "종목 1분봉 사본",
        Standing.OTHER_COPY,
        notes={
            "minute_bars": "44 stocks, 2025-09-01; volume, no turnover. The last close equals the exchange's close of "
            "the day on all 44."
        },
        provenance="tgparkk/RoboTrader data/robotrader.db stock_prices@53030cfddaed",
    ),
    Origin(
        "kb_index_copy",
        "Copy of a broker's mobile screen, index levels by minute",
        "KB증권 모바일 화면 지수 사본",
        Standing.OTHER_COPY,
        notes={
            "index_minute": "close only: what the screen showed in the first seconds of the minute. Before the open it "
            "shows expected levels, which are left out; the closing level settles up to five minutes after the close."
        },
        provenance="ox9osub/kb-investor-flow data/2026-MM-DD.json@d61dee134995",
    ),
)
