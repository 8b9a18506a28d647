"""Market funds by day: deposits, loans for shares, unpaid purchases, as the association of brokers publishes them."""

from __future__ import annotations

import polars as pl

from sugeup.records import Kind, Origin, Standing
from sugeup.sources.files.layout import Layout, Rows, Table
from sugeup.sources.files.wide import once

_DATASET = "market_funds"
_TAKEN = {
    "투자자예탁금": "deposits",
    "위탁매매미수금": "receivables",
    "신용융자": "loan_balance_amount",
    "신용융자_유가": "loan_balance_kospi_amount",
    "신용융자_코스닥": "loan_balance_kosdaq_amount",
    "파생예수금": "futures_deposits",
}
_KNOWN = (
    "RP잔고",
    "반대매매금액",
    "반대매매비중",
    "대주",
    "대주_유가",
    "대주_코스닥",
    "청약자금대출",
    "예탁증권담보융자",
    "신용_예탁금배율",
    "신용_대주비",
)


def days(frame: pl.DataFrame) -> Rows:
    """Six figures in won. Row: 2015-01-02, 17325066242430, 7245852781729, …, 5059561037340, 2533350473044, ….

    The other columns have none with us: repurchase agreements, forced sales, lent shares, loans on securities, and two
    ratios that the collector computed.
    """
    return once(
        frame.select(
            "row", pl.col("date").alias("session"), **{ours: pl.col(theirs) for theirs, ours in _TAKEN.items()}
        ),
        ("session",),
    )


LAYOUTS = (
    Layout(
        "market_funds_daily",
        "증시자금 (예탁금·신용융자·미수금)",
        {"date": Kind.DATE, **dict.fromkeys(_TAKEN, Kind.INTEGER), **dict.fromkeys(_KNOWN)},
        (Table(_DATASET, days, "kofia_copy"),),
    ),
)
ORIGINS = (
    Origin(
        "kofia_copy",
        "Copy of the association's daily figures of funds at brokers",
        "금융투자협회 증시자금추이 사본",
        Standing.EXCHANGE_FILE,
        notes={
            _DATASET: "Not stored, because no measure reads them: RP 잔고, 반대매매 금액·비중, 대주, 예탁증권담보융자, "
            "청약자금대출 (0 on every day) and two computed ratios. The last working day of a year, on which brokers "
            "report and the exchange is closed, is rejected."
        },
        provenance="maeraego/Kospi-dashboard kofia_daily.parquet@f63af5f37051 (KOFIA)",
    ),
)
