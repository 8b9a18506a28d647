"""Parts of the answer about the day by the clock: what a bin holds, and what a group usually does when."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sugeup.usecases.answers import Meta, Shown

Bias = Literal["BUY", "NEUTRAL", "SELL"]


class Flow(Shown):
    """What one group did in a bin."""

    buy: int | None = None
    sell: int | None = None
    net: int | None = Field(None, description="buy - sell, won.")
    net_volume: int | None = Field(None, description="Stock scope: shares, 가집계, estimated.")
    avg_price: float | None = None
    intensity: float | None = Field(None, description="1 to 10, |net| / turnover against the same bin.")


class BinImpact(Shown):
    """First and last level of the index, or price of the stock, in a bin."""

    open: float | None
    close: float | None
    change: float | None = Field(description="%.")
    correlation: float | None = Field(description="Foreign net / turnover with returns of the bins so far, -1 to 1.")


class FlowBin(Shown):
    """`time` up to `until`. `meta` is about this bin; what holds for every bin is in the answer's `meta`."""

    time: str
    until: str
    turnover: int | None = Field(description="Won, or shares of a stock.")
    foreign: Flow
    institution: Flow
    individual: Flow
    other_corporation: Flow
    price_impact: BinImpact
    meta: Meta


class Pattern(Shown):
    """What a group usually does when, over the last 20 stored sessions: the group, not one trader."""

    typical_entry_time: str | None
    typical_exit_time: str | None
    morning_bias: Bias | None
    afternoon_bias: Bias | None
    consistency_score: float | None = Field(description="-1 to 1.")
    batch_trading_times: list[str] | None
    execution_pattern: Literal["VWAP_LIKE", "TWAP_LIKE", "CLOSE_WEIGHTED", "UNCLASSIFIED"] | None
    average_order_size: int | None
    meta: Meta


class Patterns(Shown):
    """One block per group."""

    foreign: Pattern
    institution: Pattern
    individual: Pattern
    other_corporation: Pattern


class Anomaly(Shown):
    """A bin unlike the same bin of past sessions."""

    time: str
    type: Literal["FLOW", "UNUSUAL_VOLUME"]
    investor: str = Field(description="A group, or all for turnover.")
    magnitude: int = Field(description="The figure itself, won.")
    z_score: float
    p_adj: float


class TradingWindows(Shown):
    """Description of past sessions; no promise about executions, no advice."""

    low_impact: list[str] | None
    high_liquidity: list[str] | None
    foreign_active: list[str] | None
    meta: Meta


class FlowQuality(Shown):
    """How complete the snapshots are. Bins lack a bound (missed), or the groups do not add to zero there (withheld)."""

    snapshots: int
    missed_bins: int
    withheld_bins: int
    past_sessions: int
    closure_ok: bool | None
    provisional: bool
