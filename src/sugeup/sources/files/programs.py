"""Program trading at single moments of a day, by market and by stock, as a public repository collected it."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind, Origin, Standing
from sugeup.records.program import KINDS
from sugeup.sources.files.estimates import tallies
from sugeup.sources.files.layout import MILLION, ROW, Layout, Rows, Table, faults, without
from sugeup.sources.files.moments import timed
from sugeup.sources.files.wide import once

_LARGEST = 2**62 // MILLION
_PRINTED = {"program": "total_net_mn", "arbitrage": "arbitrage_net_mn", "non_arbitrage": "non_arbitrage_net_mn"}


def markets(frame: pl.DataFrame) -> Rows:
    """Net amounts from million won. Row: 2026-06-16 09:31:00, KOSPI, -174113, 102975, -277089."""
    large = pl.any_horizontal(pl.col(name).abs() > _LARGEST for name in _PRINTED.values())
    beyond = faults(frame, large, "is too large a figure in million won")
    rows = once(
        timed(without(frame, beyond)).select(
            ROW,
            "market",
            "session",
            "at",
            **{f"{kind}_net_amount": pl.col(_PRINTED[kind]) * MILLION for kind in KINDS},
        ),
        ("market", "session", "at"),
    )
    return Rows(rows.frame, rows.left_out, pl.concat([beyond, rows.faults]))


def stocks(frame: pl.DataFrame) -> Rows:
    """Net volumes of program orders. Row: 2026-06-16 09:31:00, 005930, -408000, 0, -282775, 339500, 0.74."""
    rows = timed(frame).select(ROW, "code", "session", "at", program_net_volume=pl.col("program_net_qty"))
    return once(rows, ("code", "session", "at"))


def estimated(frame: pl.DataFrame) -> Rows:
    """The tallies that the same rows hold."""
    return tallies(frame.rename({"foreign_est_qty": "foreign", "institution_est_qty": "institution"}))


LAYOUTS = (
    Layout(
        "program_market_intraday",
        "시장 프로그램 매매 (한 시점, 백만원)",
        {"ts": Kind.INSTANT, "market": Kind.TEXT, **dict.fromkeys(_PRINTED.values(), Kind.INTEGER)},
        (Table("program_minute_market", markets, "kis_program_copy"),),
    ),
    Layout(
        "stock_program_intraday",
        "종목 프로그램 매매와 가집계 (두 시점)",
        {
            "ts": Kind.INSTANT,
            "code": Kind.TEXT,
            **dict.fromkeys(("foreign_est_qty", "institution_est_qty", "program_net_qty"), Kind.INTEGER),
            "price": None,
            "change_pct": None,
        },
        (
            Table("program_minute_stock", stocks, "kis_program_copy"),
            Table("stock_estimate", estimated, "kis_estimate_copy"),
        ),
    ),
)
ORIGINS = (
    Origin(
        "kis_program_copy",
        "Program trading from a broker's API at single moments, kept by a public repository",
        "KIS 프로그램 매매 사본",
        Standing.OTHER_COPY,
        unit_won=MILLION,
        notes={
            "program_minute_market": "Net amounts of one moment, in million won; no buy and sell, no volumes.",
            "program_minute_stock": "Net volumes of two moments for 30 stocks; no amounts. Prices are not stored.",
        },
        provenance="xxonbang/Theme_Analyzer frontend/public/data/investor-intraday.json@000edf5b8d25",
    ),
)
