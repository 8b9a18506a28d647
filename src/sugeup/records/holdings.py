"""공매도와 외국인 보유: short selling of the day, short balances, shares held by foreigners."""

from __future__ import annotations

from sugeup.records.schema import CODE, SESSION, Dataset, Partition, integer, number

SHORT_DAY = Dataset(
    "short_day",
    "공매도 거래",
    "Shares of one stock sold short on one session.",
    ("code", "session"),
    (
        CODE,
        SESSION,
        integer("short_volume", "shares", "공매도 거래량", "Shares sold short."),
        integer("short_amount", "won", "공매도 거래대금", "Value of the shares sold short."),
    ),
    Partition.MONTH,
    scope="code",
)
SHORT_BALANCE = Dataset(
    "short_balance",
    "공매도 잔고",
    "Open short positions in one stock at the end of the balance date.",
    ("code", "session"),
    (
        CODE,
        SESSION,
        integer("balance_shares", "shares", "공매도 잔고", "Shares sold short and not yet bought back."),
        integer("balance_amount", "won", "공매도 잔고금액", "Value of the balance."),
        integer("listed_shares", "shares", "상장주식수", "Shares listed."),
    ),
    Partition.MONTH,
    scope="code",
)
FOREIGN_HOLDING = Dataset(
    "foreign_holding",
    "외국인 보유",
    "Shares of one stock held by foreigners at the end of the session.",
    ("code", "session"),
    (
        CODE,
        SESSION,
        integer("held_shares", "shares", "외국인 보유주식수", "Shares held by foreigners."),
        integer("limit_shares", "shares", "외국인 한도주식수", "Most shares that foreigners may hold."),
        integer("listed_shares", "shares", "상장주식수", "Shares listed."),
        number("limit_use_pct", "%", "한도소진율", "Share of the legal limit in use, as the source rounds it."),
    ),
    Partition.MONTH,
    scope="code",
)
DATASETS = (SHORT_DAY, SHORT_BALANCE, FOREIGN_HOLDING)
