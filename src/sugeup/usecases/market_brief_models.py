"""What the page about the market is made of."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from sugeup.usecases.answers import Answer, Meta, Shown
from sugeup.usecases.sentiment_models import Mood


def _words(said: str, *, many: bool = True) -> WithJsonSchema:
    """A schema told in words, which a client reads as well and which keeps the tool's schema short."""
    if not many:
        return WithJsonSchema({"type": "object", "description": said})
    return WithJsonSchema({"type": ["array", "null"], "items": {"type": "object"}, "description": said})


class IndexMove(Shown):
    """One index on the session; counts of stocks are those of its market."""

    index: str
    close: float | None
    change_rate: float | None = Field(description="% against the session before.")
    amount: int | None = Field(description="거래대금, won.")
    advancers: int | None
    decliners: int | None
    unchanged: int | None
    meta: Meta


class GroupFlow(Shown):
    """What one investor class did in one market on the session."""

    market: str
    investor: str
    net_amount: int | None
    net_to_turnover: float | None
    percentile: float | None = Field(description="Of net to turnover among 250 sessions.")
    streak: int | None = Field(description="Sessions in a row: + buying, - selling.")
    meta: Meta


class BriefStock(Shown):
    """A stock of a list; shares where no won are stored."""

    code: str
    name: str | None
    market: str | None
    net_amount: int | None
    net_volume: int | None
    net_to_turnover: float | None
    change_rate: float | None
    z: float | None = Field(description="Of the last 5 sessions.")
    meta: Meta


Stocks = Annotated[list[BriefStock], WithJsonSchema({"type": "array", "items": {"type": "object"}})]


class TopStocks(Shown):
    """Largest net purchases and sales; double 쌍끌이: 외국인 and 기관 both unusual in a week.

    Rows: code, name, market, net_amount (net_volume), net_to_turnover, change_rate, z, meta.
    """

    session: date | None
    by: Literal["NET_AMOUNT", "NET_TO_TURNOVER"] | None
    foreign_buy: Stocks
    foreign_sell: Stocks
    institution_buy: Stocks
    institution_sell: Stocks
    double_buy: Stocks
    double_sell: Stocks
    meta: Meta


class BriefSector(Shown):
    """Foreigners and institutions in one sector: net, and what is beyond its share of capitalisation."""

    sector_code: str
    sector_name: str
    net_amount: int
    abnormal_net: int


class BriefSectors(Shown):
    """Sectors that got more and less than their share, an attribution; largest first."""

    session: date | None
    inflow: Annotated[list[BriefSector], _words("sector_code, sector_name, net_amount, abnormal_net (won)")]
    outflow: Annotated[list[BriefSector], _words("as inflow")]
    meta: Meta


class BriefProgram(Shown):
    """프로그램매매 of the session, won; part of the flows above, never added to them."""

    session: date | None
    net_amount: int | None
    arbitrage_net: int | None
    non_arbitrage_net: int | None
    meta: Meta


class MarkedStock(Shown):
    """A stock that our reproduction of the overheating rule catches."""

    code: str
    name: str | None
    type: str | None
    short_ratio: float | None
    meta: Meta


class BriefShorts(Shown):
    """공매도 of the session: share of turnover by market, what the rule catches, the exchange's list."""

    session: date | None
    ban: bool
    short_ratio: dict[str, float | None]
    overheated: Annotated[list[MarkedStock], _words("code, name, type, short_ratio; ours, not the exchange's")]
    official: list[str] | None = Field(description="The exchange's list of the next session, of stored stocks.")
    meta: Meta


class BriefMood(Shown):
    """Score of the market's mood and its regime; get_investor_sentiment has the parts."""

    session: date | None
    score: float | None
    interpretation: Mood | None
    change_from_yesterday: float | None
    regime: Literal["RISK_ON", "RISK_OFF"] | None
    regime_confidence: float | None
    meta: Meta


class MarketBrief(Answer):
    """시장 요약. `meta`: field -> {unit, window, n, reason, note, estimated, method, percentile, metric, as_of}."""

    market: str
    session: date
    indices: list[IndexMove]
    flows: list[GroupFlow]
    stocks: TopStocks
    sectors: Annotated[
        BriefSectors,
        _words(
            "session, inflow, outflow [sector_code, sector_name, net_amount, abnormal_net beyond its share of "
            "capitalisation, won], meta",
            many=False,
        ),
    ]
    program: Annotated[BriefProgram, _words("session, net_amount, arbitrage_net, non_arbitrage_net, meta", many=False)]
    shorts: BriefShorts
    sentiment: BriefMood
