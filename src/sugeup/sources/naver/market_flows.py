"""투자자별 매매동향 of a market: who bought and sold, by day since 2005 and by minute today, in won and shares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from sugeup.market import investors
from sugeup.records import Kind
from sugeup.sources.naver import market_pages, origins, turning
from sugeup.sources.naver.market_pages import market
from sugeup.sources.naver.route import KRX, Route, block
from sugeup.sources.replies.bars import CLOSED
from sugeup.sources.replies.pages import Days
from sugeup.sources.replies.sheet import Block, Field, Row
from sugeup.sources.vendor import Ask, Endpoint, Page, Reach, Reply, Request, Scope

AMOUNTS = "netAmounts"
WHO = "investorGubun"
LEAVES: Mapping[str, str] = {str(leaf.krx): leaf.id for leaf in investors.LEAVES}
"""Our leaves by the vendor's code, which is the exchange's."""
_SUMS = frozenset({"7050", "9999"})
_COLUMNS: Mapping[str, tuple[str, str]] = {
    "buyPrice": ("buy", "amount"),
    "buyQuant": ("buy", "volume"),
    "sellPrice": ("sell", "amount"),
    "sellQuant": ("sell", "volume"),
    "diffValue": ("net", "amount"),
}
_DAY = Field("bizdate", "session", kind=Kind.DATE)
_HOUR = Field("time", "hour", kind=Kind.TEXT)
_FIGURES = tuple(
    Field(f"{AMOUNTS}.{code}.{name}", investors.column(leaf, *column))
    for code, leaf in LEAVES.items()
    for name, column in _COLUMNS.items()
)
MEASURES = tuple(field.column for field in _FIGURES)


class Flows(Route):
    """A question whose rows hold a list of investors."""

    def rows(self, document: Mapping[str, Any], block: Block) -> list[Row]:
        """The rows with the figures of each investor as fields `netAmounts.8000.buyPrice`; null for one not listed."""
        return [self._flat(row) for row in super().rows(document, block)]

    def _flat(self, row: Row) -> Row:
        if AMOUNTS not in row:
            raise self.drift(AMOUNTS)
        listed = row[AMOUNTS] or []
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise self.drift(AMOUNTS, "the field is not a list of objects")
        found: dict[str, Mapping[str, Any]] = {}
        for one_ in listed:
            if WHO not in one_:
                raise self.drift(f"{AMOUNTS}.{WHO}")
            code = str(one_[WHO]).strip()
            if code in found or code not in LEAVES.keys() | _SUMS:
                raise self.drift(f"{AMOUNTS}.{WHO}", f"an investor is not known, or listed twice ({code[:20]!r})")
            found[code] = one_
        flat = {name: value for name, value in row.items() if name != AMOUNTS}
        for code in LEAVES:
            for name in _COLUMNS:
                if code in found and name not in found[code]:
                    raise self.drift(f"{AMOUNTS}.{code}.{name}")
                flat[f"{AMOUNTS}.{code}.{name}"] = found[code][name] if code in found else None
        return flat


BY_DAY = Flows(
    "market_trend_daily",
    "/api/domestic/market/trend/daily",
    (block(_DAY, *_FIGURES),),
    most=200,
    begins=date(2005, 1, 3),
)
BY_MINUTE = Flows("market_trend_time", "/api/domestic/market/trend/time", (block(_DAY, _HOUR, *_FIGURES),), most=100)


def days(ask: Ask) -> Request:
    """One page of days of a market."""
    return _asked(BY_DAY, ask, turning.size(ask, BY_DAY.most))


def minutes(ask: Ask) -> Request:
    """One page of minutes of a market; the vendor gives the newest session, whatever is asked for."""
    return _asked(BY_MINUTE, ask, BY_MINUTE.most)


def _asked(route: Route, ask: Ask, size: int) -> Request:
    return route.request({"tradeType": KRX, "marketType": market(ask)}, turning.number(ask), size)


def summed(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with net volumes and the two sums, null where a part of them is."""
    nets = [
        (pl.col(investors.column(leaf, "buy", "volume")) - pl.col(investors.column(leaf, "sell", "volume"))).alias(
            investors.column(leaf, "net", "volume")
        )
        for leaf in LEAVES.values()
    ]
    sums = [
        pl.sum_horizontal(
            [investors.column(leaf, side, measure) for leaf in investors.members(group)], ignore_nulls=False
        ).alias(investors.column(group, side, measure))
        for group in (total.id for total in investors.SUMS)
        for side in investors.SIDES
        for measure in investors.MEASURES
    ]
    return frame.with_columns(nets).with_columns(sums)


_BY_DAY = Days(BY_DAY, origins.MARKET, "market", MEASURES, shape=summed, published=CLOSED)


def by_day(ask: Ask, reply: Reply) -> Page:
    """Both sides of every leaf; the row of a running session is left out."""
    return market_pages.by_day(BY_DAY, _BY_DAY, ask, reply)


def by_minute(ask: Ask, reply: Reply) -> Page:
    """Cumulative figures of every leaf, one row a minute of the regular session."""
    return market_pages.by_minute(BY_MINUTE, MEASURES, ask, reply, summed)


ROUTES = {route.name: route for route in (BY_DAY, BY_MINUTE)}
ENDPOINTS = (
    Endpoint(
        "naver_market_daily",
        "investor_day_market",
        origins.MARKET,
        Scope.MARKET,
        Reach.PAST,
        days,
        by_day,
        span=280,
        published=CLOSED,
    ),
    Endpoint(
        "naver_market_time",
        "investor_minute_market",
        origins.MINUTES,
        Scope.MARKET,
        Reach.TODAY,
        minutes,
        by_minute,
        published=CLOSED,
    ),
)
