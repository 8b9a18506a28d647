"""시세: daily bars of stocks and of indices. Prices are raw (원주가); adjusted prices are computed, never stored."""

from __future__ import annotations

from sugeup.records.schema import CODE, SESSION, Dataset, Partition, integer, number, text

INDEX_CODE = text("index_code", "지수", "KOSPI, KOSDAQ, KOSPI200, VKOSPI or a sector index code.", required=True)
STATUSES = ("TRADED", "HALTED")

DAILY_BARS = Dataset(
    "daily_bars",
    "일봉",
    "Raw prices, volume and turnover of one stock on one session.",
    ("code", "session"),
    (
        CODE,
        SESSION,
        integer("raw_open", "won", "시가", "Opening price; null on a halted day."),
        integer("raw_high", "won", "고가", "Highest price; null on a halted day."),
        integer("raw_low", "won", "저가", "Lowest price; null on a halted day."),
        integer("raw_close", "won", "종가", "Closing price of the regular session."),
        integer(
            "base_price", "won", "기준가", "Price from which the day's change is counted; holds ex-rights adjustments."
        ),
        integer("volume", "shares", "거래량", "Shares traded."),
        integer("amount", "won", "거래대금", "Turnover, one-sided."),
        integer("listed_shares", "shares", "상장주식수", "Shares listed."),
        integer("market_cap", "won", "시가총액", "Closing price times listed shares."),
        text("status", "거래상태", "HALTED (거래정지) when the stock did not trade.", values=STATUSES),
    ),
    Partition.MONTH,
    scope="code",
)
INDEX_DAY = Dataset(
    "index_day",
    "지수 일봉",
    "Level, volume and turnover of one index on one session.",
    ("index_code", "session"),
    (
        INDEX_CODE,
        SESSION,
        number("open", "points", "시가지수", "Opening level."),
        number("high", "points", "고가지수", "Highest level."),
        number("low", "points", "저가지수", "Lowest level."),
        number("close", "points", "종가지수", "Closing level."),
        integer("volume", "shares", "거래량", "Shares traded in the index's market."),
        integer("amount", "won", "거래대금", "Turnover of the index's market, one-sided."),
        integer("advancers", "stocks", "상승종목수", "Stocks that rose."),
        integer("decliners", "stocks", "하락종목수", "Stocks that fell."),
        integer("unchanged", "stocks", "보합종목수", "Stocks that did not move."),
    ),
    Partition.YEAR,
    scope="index_code",
)
DATASETS = (DAILY_BARS, INDEX_DAY)
