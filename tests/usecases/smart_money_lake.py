"""A small market with planted buying: quiet flows of a fixed seed, and three stocks bought as never before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sugeup import records
from sugeup.archive import Archive
from sugeup.market import publication, sessions
from tests.support import archives

KINDS = (
    "financial_investment",
    "insurance",
    "investment_trust",
    "private_fund",
    "bank",
    "other_financial",
    "pension_fund",
)
END = date(2026, 2, 27)
WON, SHARES = 100_000_000_000, 1_000_000
SURGE, TOGETHER, ALONE = "000010", "000020", "000030"
"""Bought by foreigners; by six kinds of institutions; by one kind of institution alone."""


@dataclass
class Market:
    """Figures of the lake as arrays (stocks, sessions); a test may change them before it stores them."""

    stocks: int = 40
    length: int = 150
    seed: int = 7
    nets: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chance = np.random.default_rng(self.seed)
        shape = (self.stocks, self.length)
        self.days = sessions.last(self.length, END)
        self.codes = [f"{(at + 1) * 10:06d}" for at in range(self.stocks)]
        self.amount = np.full(shape, WON, np.int64)
        self.volume = np.full(shape, SHARES, np.int64)
        self.nets = {name: (WON * chance.normal(0, 0.01, shape)).astype(np.int64) for name in ("foreign", *KINDS)}
        moves = chance.normal(0, 0.01, shape)
        self.close = np.round(100_000 * np.exp(np.cumsum(moves, axis=1))).astype(np.int64)
        self.base = np.concatenate([self.close[:, :1], self.close[:, :-1]], axis=1)
        self.nets["foreign"][0, -5:] = WON // 5
        for kind in KINDS[:6]:
            self.nets[kind][1, -5:] = WON // 20
        for kind in KINDS:
            self.nets[kind][2, -5:] = -WON // 1000
        self.nets["pension_fund"][2, -5:] = WON // 2

    def institution(self) -> np.ndarray:
        """기관계 is the sum of its kinds."""
        whole: np.ndarray = np.sum([self.nets[kind] for kind in KINDS], axis=0)
        return whole

    def market_of(self, at: int) -> str:
        """Every fourth stock is on KOSDAQ."""
        return "KOSDAQ" if at % 4 == 3 else "KOSPI"

    def flows(self) -> list[dict[str, Any]]:
        """Rows of investor_day_stock; foreigners buy 30% of the volume beside their net."""
        institution = self.institution()
        rows = []
        for at, code in enumerate(self.codes):
            for day, session in enumerate(self.days):
                net = int(self.nets["foreign"][at, day])
                buy, sell = 30 * WON // 100 + max(net, 0), 30 * WON // 100 + max(-net, 0)
                price = int(self.close[at, day])
                row: dict[str, Any] = {
                    "code": code,
                    "session": session,
                    "institution_net_amount": int(institution[at, day]),
                }
                row |= {"foreign_net_amount": net, "foreign_buy_amount": buy, "foreign_sell_amount": sell}
                row |= {"foreign_buy_volume": buy // price, "foreign_sell_volume": sell // price}
                row["foreign_net_volume"] = row["foreign_buy_volume"] - row["foreign_sell_volume"]
                rows.append(row | {f"{kind}_net_amount": int(self.nets[kind][at, day]) for kind in KINDS})
        return rows

    def bars(self) -> list[dict[str, Any]]:
        """Rows of daily_bars: a high 1% above the close and a low 1% below."""
        rows = []
        for at, code in enumerate(self.codes):
            for day, session in enumerate(self.days):
                close = int(self.close[at, day])
                traded = bool(self.amount[at, day])
                row = {"code": code, "session": session, "raw_close": close, "base_price": int(self.base[at, day])}
                row |= {
                    "raw_high": close * 101 // 100 if traded else None,
                    "raw_low": close * 99 // 100 if traded else None,
                }
                row |= {"amount": int(self.amount[at, day]), "volume": int(self.volume[at, day])}
                rows.append(row | {"market_cap": close * 10**7, "status": "TRADED" if traded else "HALTED"})
        return rows

    def totals(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Rows of investor_day_market and of index_day: sums of the stocks."""
        institution, flows, levels = self.institution(), [], []
        for market in ("KOSPI", "KOSDAQ"):
            inside = [at for at in range(self.stocks) if self.market_of(at) == market]
            for day, session in enumerate(self.days):
                row: dict[str, Any] = {"market": market, "session": session}
                row["institution_net_amount"] = int(institution[inside, day].sum())
                row |= {f"{name}_net_amount": int(net[inside, day].sum()) for name, net in self.nets.items()}
                flows.append(row)
                levels.append(
                    {
                        "index_code": market,
                        "session": session,
                        "close": 1000.0 + day,
                        "amount": int(self.amount[inside, day].sum()),
                        "volume": int(self.volume[inside, day].sum()),
                    }
                )
        return flows, levels

    def listing(self) -> list[dict[str, Any]]:
        """Rows of instruments."""
        about = {"valid_from": self.days[0], "kind": "STOCK", "listed_on": date(2020, 1, 2)}
        return [
            about | {"code": code, "name": f"종목{code}", "market": self.market_of(at)}
            for at, code in enumerate(self.codes)
        ]

    def sectors(self, n: int = 20) -> list[dict[str, Any]]:
        """Rows of sector_membership: as many sectors, stocks dealt out in turn."""
        about = {"scheme": "KRX_INDUSTRY", "valid_from": self.days[0]}
        return [
            about | {"code": code, "sector": f"{at % n:04d}", "sector_name": f"업종{at % n}"}
            for at, code in enumerate(self.codes)
        ]

    def store(self, path: Path, skip: Sequence[str] = ()) -> Archive:
        """Everything but the datasets to skip, as of two days after the newest session."""
        found = archives.open_archive(path, datetime(2026, 3, 3, 3, tzinfo=UTC))
        totals, levels = self.totals()
        held = {
            "instruments": self.listing(),
            "investor_day_stock": self.flows(),
            "daily_bars": self.bars(),
            "investor_day_market": totals,
            "index_day": levels,
            "sector_membership": self.sectors(),
        }
        for name, rows in held.items():
            if name not in skip:
                found.fill(name, archives.rows(name, rows))
        return found


def add_ticks(archive: Archive, market: Market, places: Sequence[int], large: int, length: int = 90) -> None:
    """Trades of some stocks on the last sessions, six minutes apart: 60 of 1,000 shares, two of 10,000 to 30,000.

    In the last five sessions every second trade of the stock `large` is a purchase of 50,000 shares.
    """
    chance = np.random.default_rng(3)
    frames = []
    for day in range(market.length - length, market.length):
        opens = datetime.combine(market.days[day], time(9), sessions.SEOUL).astimezone(UTC)
        moments = [opens + timedelta(minutes=6 * seq) for seq in range(62)]
        for at in places:
            sides = chance.choice((-1, 1), 62)
            volumes = np.where(np.arange(62) % 31 == 15, chance.integers(10_000, 30_000, 62), 1_000)
            if at == large and day >= market.length - 5:
                volumes = np.where(np.arange(62) % 2 == 1, 50_000, 1_000)
                sides = np.where(volumes == 50_000, 1, sides)
            columns = {"seq": np.arange(62), "at": moments, "volume": volumes, "side": sides}
            columns |= {"price": int(market.close[at, day]) + np.arange(62)}
            named = pl.DataFrame(columns).with_columns(code=pl.lit(market.codes[at]), session=pl.lit(market.days[day]))
            frames.append(named)
    about = {"source": "exchange", "venue": "KRX", "products": "STOCK", "hours": "REGULAR"}
    frame = pl.concat(frames).with_columns(**{name: pl.lit(value) for name, value in about.items()})
    frame = frame.with_columns(final=pl.lit(value=True), ingested_at=pl.lit(archives.NOW))
    archive.fill("ticks", records.dataset("ticks").conform(publication.stamp("ticks", frame, "session")))


def weekly(net: np.ndarray, turnover: np.ndarray, end: int) -> float:
    """Σnet ÷ Σturnover of the five sessions up to one."""
    return float(net[end - 4 : end + 1].sum()) / float(turnover[end - 4 : end + 1].sum())
