"""장중: trades, bars of a minute, levels of an index by minute, and the brokers' running tally of two groups (가집계).

A bar of a minute is labelled by its start. Prices are raw. Volume of a trade or a minute is that of the trade or the
minute; what is cumulative since the open says so.
"""

from __future__ import annotations

from sugeup.records.prices import INDEX_CODE
from sugeup.records.schema import AT, CODE, SESSION, SIGN, Column, Dataset, Kind, Partition, integer, number

TICKS = Dataset(
    "ticks",
    "체결",
    "One trade of one stock, in the order in which the source told them.",
    ("code", "session", "seq"),
    (
        CODE,
        SESSION,
        Column("seq", Kind.INTEGER, "", "순번", "Place of the trade in the source's order of the session.", True),
        Column("at", Kind.INSTANT, "UTC", "체결시각", "Moment of the trade, as finely as the source tells it.", True),
        Column("price", Kind.INTEGER, "won", "체결가", "Raw price of the trade.", True),
        Column("volume", Kind.INTEGER, "shares", "체결량", "Shares of the trade.", True),
        integer(
            "side", SIGN, "체결구분", "1: the buyer took the offer (매수체결), -1: the seller hit the bid; else null."
        ),
    ),
    Partition.DAY,
    scope="code",
)
MINUTE_BARS = Dataset(
    "minute_bars",
    "분봉",
    "Raw prices and volume of one stock in one minute; a minute without a trade has no row.",
    ("code", "session", "at"),
    (
        CODE,
        SESSION,
        AT,
        integer("raw_open", "won", "시가", "First price of the minute."),
        integer("raw_high", "won", "고가", "Highest price of the minute."),
        integer("raw_low", "won", "저가", "Lowest price of the minute."),
        integer("raw_close", "won", "종가", "Last price of the minute."),
        integer("volume", "shares", "거래량", "Shares traded in the minute."),
        integer("amount", "won", "거래대금", "Turnover of the minute, one-sided."),
    ),
    Partition.DAY,
    scope="code",
)
INDEX_MINUTE = Dataset(
    "index_minute",
    "지수 분봉",
    "Level of one index in one minute; its market's volume and turnover are cumulative since the open.",
    ("index_code", "session", "at"),
    (
        INDEX_CODE,
        SESSION,
        AT,
        number("open", "points", "시가지수", "First level of the minute."),
        number("high", "points", "고가지수", "Highest level of the minute."),
        number("low", "points", "저가지수", "Lowest level of the minute."),
        number("close", "points", "종가지수", "Last level of the minute that the source saw."),
        integer("volume", "shares", "누적거래량", "Shares traded in the index's market since the open."),
        integer("amount", "won", "누적거래대금", "Turnover of the index's market since the open, one-sided."),
    ),
    Partition.DAY,
    scope="index_code",
)
STOCK_ESTIMATE = Dataset(
    "stock_estimate",
    "장중 투자자 가집계",
    "Tally of brokers' staff of what two groups had bought of one stock since the open (cumulative), at five times "
    "of the day. Shares only; never final.",
    ("code", "session", "slot"),
    (
        CODE,
        SESSION,
        Column("slot", Kind.INTEGER, "", "차수", "1 to 5: about 09:30, 10:00, 11:20, 13:20, 14:30 in Seoul.", True),
        integer(
            "foreign_net_volume",
            "shares",
            "외국인 추정 순매수",
            "Bought minus sold by foreigners; null in slot 2, in which it is not published.",
        ),
        integer(
            "institution_net_volume",
            "shares",
            "기관 추정 순매수",
            "Bought minus sold by institutions; null in slot 1, in which it is not published.",
        ),
    ),
    Partition.MONTH,
    scope="code",
    provisional=True,
)
DATASETS = (TICKS, MINUTE_BARS, INDEX_MINUTE, STOCK_ESTIMATE)
