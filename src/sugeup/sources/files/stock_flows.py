"""Stock-level flows, foreign holdings and short selling, as two collections of public figures hold them."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind, Origin, Standing
from sugeup.sources.files.bars import base_price
from sugeup.sources.files.layout import Labels, Layout, Rows, Table
from sugeup.sources.files.wide import once, widen

NOT_PUBLISHED = "balance of 0: not published, not nothing"
_NAMES: dict[str, str | None] = {
    "개인": "individual",
    "외국인합계": "foreign",
    "기관계": "institution",
    "기타법인": "other_corporation",
}


def net_volumes(frame: pl.DataFrame) -> Rows:
    """Net volumes of the four groups. Row: 2024-09-26, 000660, 개인, -2994084."""
    wide = widen(frame, ("date", "code"), _NAMES, {"net_volume": ("net", "volume")})
    return Rows(wide.frame.rename({"date": "session"}), wide.left_out, wide.faults)


def _single(frame: pl.DataFrame, **columns: pl.Expr) -> Rows:
    return once(
        frame.select("row", pl.col("date").alias("session"), "code", **columns).filter(
            pl.any_horizontal(pl.col(name).is_not_null() for name in columns)
        ),
        ("code", "session"),
    )


def holdings(frame: pl.DataFrame) -> Rows:
    """Shares held by foreigners. Row: 2026-04-06, 000100, …, 14994175, 18.83 (percent of listed shares: not stored)."""
    return _single(frame, held_shares=pl.col("foreign_holding_shares"))


def two_groups(frame: pl.DataFrame) -> Rows:
    """Net volumes of foreigners and institutions; the other two groups are not in the file and stay null."""
    return _single(
        frame,
        foreign_net_volume=pl.col("foreign_net_volume"),
        institution_net_volume=pl.col("inst_net_volume"),
    )


def closes(frame: pl.DataFrame) -> Rows:
    """Raw close, volume and the base price derived from the published return (two decimals of a percent)."""
    return _single(
        base_price(frame),
        raw_close=pl.col("close"),
        base_price=pl.col("base_price"),
        volume=pl.col("volume"),
    )


def short_sales(frame: pl.DataFrame) -> Rows:
    """Shares sold short on the day. Row: 2024-09-26, 000660, 9519633, 10653, 0.11, 1037081, 0.0."""
    return _single(frame, short_volume=pl.col("short_volume"))


def short_balances(frame: pl.DataFrame) -> Rows:
    """Open short positions; a printed 0 is a balance that was not published yet, so it gives no row."""
    published = frame.filter(pl.col("short_balance").fill_null(0) != 0)
    rows = _single(published, balance_shares=pl.col("short_balance"))
    unpublished = frame.filter(pl.col("short_balance") == 0).height
    return Rows(rows.frame, dict(rows.left_out) | ({NOT_PUBLISHED: unpublished} if unpublished else {}), rows.faults)


LAYOUTS = (
    Layout(
        "stock_daily_net_volume",
        "종목별 투자자 순매수량 (4주체)",
        {"date": Kind.DATE, "code": Kind.TEXT, "investor": Kind.TEXT, "net_volume": Kind.INTEGER},
        (Table("investor_day_stock", net_volumes, "pykrx_copy"),),
        Labels("investor", frozenset(_NAMES)),
        ("date", "code"),
    ),
    Layout(
        "stock_daily_foreign_inst",
        "종목별 외국인·기관 순매수량과 외국인 보유",
        {
            "date": Kind.DATE,
            "code": Kind.TEXT,
            "close": Kind.INTEGER,
            "ret_pct": Kind.NUMBER,
            "volume": Kind.INTEGER,
            "inst_net_volume": Kind.INTEGER,
            "foreign_net_volume": Kind.INTEGER,
            "foreign_holding_shares": Kind.INTEGER,
            "foreign_holding_pct": None,
        },
        (
            Table("daily_bars", closes, "naver_stock_copy", raw_prices=False),
            Table("foreign_holding", holdings, "naver_stock_copy"),
            Table("investor_day_stock", two_groups, "naver_stock_copy"),
        ),
    ),
    Layout(
        "stock_short_daily",
        "종목별 공매도 거래량과 잔고",
        {
            "date": Kind.DATE,
            "code": Kind.TEXT,
            "volume": None,
            "short_volume": Kind.INTEGER,
            "short_volume_ratio_pct": None,
            "short_balance": Kind.INTEGER,
            "short_balance_ratio_pct": None,
        },
        (Table("short_day", short_sales, "pykrx_copy"), Table("short_balance", short_balances, "pykrx_copy")),
    ),
)
ORIGINS = (
    Origin(
        "pykrx_copy",
        "Figures of the exchange collected with a library by public repositories",
        "pykrx 수집 사본",
        Standing.LIBRARY_COPY,
        notes={
            "investor_day_stock": "Net volumes of the four groups; no amounts, no buy and sell, no leaves.",
            "short_day": "Volume only. The printed ratio is not stored: since 2025-03 its denominator counts Nextrade.",
            "short_balance": "A printed 0 is a balance not yet published: left out. The printed ratio is not stored.",
            "daily_bars": "Prices were adjusted when collected; only stocks and days equal to raw prices are kept. "
            "base_price is derived: the close over 1 + the published return, rounded to the tick.",
        },
        provenance="ccyun95 *_work data/*_stock_data.csv (collected with pykrx)",
    ),
    Origin(
        "naver_stock_copy",
        "Copy of a portal's pages of stocks",
        "네이버 금융 종목별 사본",
        Standing.PORTAL_COPY,
        notes={
            "investor_day_stock": "Net volumes of foreigners and institutions only.",
            "foreign_holding": "held_shares only. The printed percentage is of listed shares, not of the limit, "
            "and rounded: it is not stored.",
            "daily_bars": "Close and volume only. base_price is derived: the close over 1 + the published return "
            "(two decimals of a percent), rounded to the tick.",
        },
        provenance="nextinvestment/kospi-flows data/stock_flows.parquet@b78e5293c151 (Naver Finance)",
    ),
)
