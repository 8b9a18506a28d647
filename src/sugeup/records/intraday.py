"""장중: trades, bars of a minute, levels of an index by minute, and the brokers' running tally of two groups (가집계).

A bar of a minute is labelled by its start. Prices are raw. Volume of a trade or a minute is that of the trade or the
minute; what is cumulative since the open says so.
"""

from __future__ import annotations

from sugeup.records.prices import INDEX_CODE
from sugeup.records.schema import AT, CODE, SESSION, SIGN, Column, Dataset, Kind, Partition, integer, number, text

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
FUTURES_MINUTE = Dataset(
    "futures_minute",
    "선물 분봉",
    "Price of one index future in one minute; turnover is cumulative since the open.",
    ("contract", "session", "at"),
    (
        text("contract", "선물 종목코드", "Code of the contract, as the exchange writes it.", required=True),
        SESSION,
        AT,
        number("open", "points", "시가", "First price of the minute."),
        number("high", "points", "고가", "Highest price of the minute."),
        number("low", "points", "저가", "Lowest price of the minute."),
        number("close", "points", "종가", "Last price of the minute."),
        integer("volume", "contracts", "거래량", "Contracts traded in the minute."),
        integer("amount", "won", "누적거래대금", "Turnover since the open."),
        number("spot", "points", "기초지수", "Level of the underlying index at that minute."),
        Column("expiry", Kind.DATE, "", "최종거래일", "Last day of trading of the contract."),
        number("theoretical", "points", "이론가", "Theoretical price, as the source computes it."),
        number("market_basis", "points", "시장 베이시스", "Price of the future less the level of the index."),
        integer("open_interest", "contracts", "미결제약정", "Contracts open."),
    ),
    Partition.DAY,
    scope="contract",
)
BROKER_MEMBERS = Dataset(
    "broker_members",
    "거래원 상위",
    "The five brokers through whom most was bought, and the five through whom most was sold, of one stock since the "
    "open. Brokers are not investors: a foreign house also trades for Koreans.",
    ("code", "session", "at", "side", "rank"),
    (
        CODE,
        SESSION,
        Column("at", Kind.INSTANT, "UTC", "시각", "Moment at which the source was asked.", True),
        text("side", "방향", "BUY or SELL.", required=True, values=("BUY", "SELL")),
        Column("rank", Kind.INTEGER, "", "순위", "1 to 5.", True),
        text("member_code", "회원사 코드", "Code of the broker."),
        text("member_name", "회원사", "Name of the broker."),
        integer("volume", "shares", "거래량", "Shares bought or sold through it since the open."),
        number("share_pct", "%", "비중", "Share of the stock's volume, as the source rounds it."),
        Column("foreign_house", Kind.BOOLEAN, "", "외국계 여부", "True when the broker is a foreign house."),
    ),
    Partition.MONTH,
    scope="code",
)
DATASETS = (TICKS, MINUTE_BARS, INDEX_MINUTE, STOCK_ESTIMATE, FUTURES_MINUTE, BROKER_MEMBERS)
