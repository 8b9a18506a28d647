"""The real part of `sugeup evaluate`: figures of the bundled sample, from a lake, into `research.outcomes`."""

from __future__ import annotations

from typing import Any

import polars as pl

from sugeup.archive import Archive
from sugeup.faces import evaluating_evidence
from sugeup.market import investors
from sugeup.research import figures, outcomes
from sugeup.research.figures import Figures

_NETS = [investors.column(one, "net", "amount") for one in (*investors.GROUPS, *figures.LEAVES)]
_SHARES = [investors.column(one, "net", "volume") for one in investors.GROUPS]
_BARS = ("raw_open", "raw_high", "raw_low", "raw_close", "base_price", "volume", "amount", "market_cap", "status")
_LEVELS = ("open", "high", "low", "close", "volume", "amount")


def measured(archive: Archive) -> dict[str, Any]:
    """Hit rates of markets since 2005 and of the stocks there are, calibrations, and the regime as a forecast."""
    markets = _markets(archive)
    kospi = markets.codes.index("KOSPI")
    close = markets.bars["raw_close"][kospi]
    named, calm = outcomes.states(close, markets.days)
    by_day = dict(zip(markets.days, named, strict=True))
    stocks = _stocks(archive)
    whole = outcomes.detected(markets, outcomes.MARKET_DETECTORS)
    single = outcomes.detected(stocks, outcomes.STOCK_DETECTORS)
    rows = outcomes.corrected(
        [
            *outcomes.rows("MARKET", markets, whole, named),
            *outcomes.rows("STOCK", stocks, single, [by_day.get(day) for day in stocks.days]),
        ]
    )
    return {
        "markets": {"first": str(markets.days[0]), "last": str(markets.days[-1]), "names": list(markets.codes)},
        "stocks": {"first": str(stocks.days[0]), "last": str(stocks.days[-1]), "n": len(stocks.codes)},
        "rows": rows,
        "regime": outcomes.storms(close, calm),
        "calibrations": {
            "MARKET": outcomes.calibrations(markets, whole),
            "STOCK": outcomes.calibrations(stocks, single),
        },
        "evidence": evaluating_evidence.measured(archive, markets, stocks, whole, single),
    }


def _markets(archive: Archive) -> Figures:
    flows = archive.read("investor_day_market", columns=[*_NETS, "products"]).filter(
        (pl.col("venue") == "KRX")
        & (pl.col("products") == "STOCK")
        & (pl.col("source").str.contains("krx_market_copy") | ~pl.col("source").str.contains("kospi"))
    )
    flows = flows.sort("market", "session", "source").unique(["market", "session"], keep="first", maintain_order=True)
    index = archive.read("index_day", columns=_LEVELS).filter(pl.col("venue") == "KRX")
    return outcomes.whole_markets(flows, index)


def _stocks(archive: Archive) -> Figures:
    flows = archive.read("investor_day_stock", columns=_SHARES).filter(pl.col("venue") == "KRX")
    first, last = flows["session"].min(), flows["session"].max()
    bars = archive.read("daily_bars", columns=_BARS).filter(pl.col("venue") == "KRX")
    index = archive.read("index_day", columns=("close",)).filter(pl.col("venue") == "KRX")
    listed = archive.read("instruments", columns=("market",)).sort("valid_from")
    codes = set(flows["code"].to_list())
    markets = {code: market for code, market in listed.select("code", "market").iter_rows() if code in codes}
    days = [day for day in bars["session"].unique().sort().to_list() if first <= day <= last]
    nothing = flows.clear()
    found = figures.figures(bars, nothing, index, markets=markets, days=days)
    return outcomes.on_shares(found, flows)
