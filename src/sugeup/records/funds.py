"""증시자금: money that waits at brokers, loans for shares and unpaid purchases of the whole market, by day.

The figures belong to no exchange: 금융투자협회 counts them at all brokers. Their column `venue` only completes the key
and is always KRX. What the association publishes beside them (RP 잔고, 반대매매, 대주, 예탁증권담보융자) has no column
here, because no measure reads it.
"""

from __future__ import annotations

from sugeup.records.schema import SESSION, Dataset, Partition, integer

MARKET_FUNDS = Dataset(
    "market_funds",
    "증시자금",
    "Deposits, loans for buying shares and unpaid purchases of all investors at the end of one session.",
    ("session",),
    (
        SESSION,
        integer("deposits", "won", "투자자예탁금", "Cash of investors at brokers, without that for derivatives."),
        integer("receivables", "won", "위탁매매 미수금", "Purchases that were not paid when due."),
        integer("loan_balance_amount", "won", "신용융자 잔고", "Loans for buying shares, KOSPI and KOSDAQ."),
        integer("loan_balance_kospi_amount", "won", "신용융자 잔고 유가증권", "Loans for buying KOSPI shares."),
        integer("loan_balance_kosdaq_amount", "won", "신용융자 잔고 코스닥", "Loans for buying KOSDAQ shares."),
        integer("futures_deposits", "won", "장내파생상품 예수금", "Cash of investors at brokers for derivatives."),
    ),
    Partition.YEAR,
    scope="venue",
)
DATASETS = (MARKET_FUNDS,)
