"""What an answer about sectors holds: models alone."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field

from sugeup.usecases.answers import Answer, Meta, Shown


class TopStock(Shown):
    """A member stock with one of the largest nets."""

    code: str
    name: str | None
    net_amount: int
    contribution: float | None = Field(description="100 x net / sum of the sizes of all nets, %.")


class SectorInvestor(Shown):
    """What one investor did in the sector over the period, won."""

    net_amount: int | None
    buy_amount: int | None
    sell_amount: int | None
    net_ratio: float | None
    concentration: float | None = Field(description="HHI of the stocks' nets: 1/n even, 1 one stock.")
    top_stocks: list[TopStock]
    meta: Meta


class Momentum(Shown):
    """Whether the flow speeds up."""

    score: float | None
    trend: Literal["STRONG_INFLOW", "INFLOW", "NEUTRAL", "OUTFLOW", "STRONG_OUTFLOW"] | None
    consistency: float | None
    investor_flow_index: float | None = Field(description="0-100, 50 balanced; no price index.")
    meta: Meta


class Performance(Shown):
    """Price of the members, weighted by size."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    return_: float | None = Field(serialization_alias="return")
    vs_market: float | None
    correlation_with_flow: float | None
    meta: Meta


class SectorRotation(Shown):
    """Flow beyond the sector's share of the market: won, z of 5 sessions, p adjusted over all sectors, signal."""

    abnormal_net: int | None
    z: float | None
    p_adj: float | None
    signal: Literal["INFLOW", "NEUTRAL", "OUTFLOW"] | None
    phase: str | None = Field(description="LEADING, WEAKENING, LAGGING, IMPROVING; no business cycle.")
    rank: int | None = Field(description="sec.ranker, 1 strongest.")
    meta: Meta


class UnusualRotation(Shown):
    """이상 순환매: members bought while those of a partner sector are sold, rare over a year. BUY: money came in."""

    signal: Literal["BUY", "NONE", "SELL"] | None
    z: float | None
    partner: str | None
    meta: Meta


class SectorBlock(Shown):
    """One sector."""

    sector_code: str
    sector_name: str
    market: str | None
    members: int
    coverage: float | None = Field(description="Share of its capitalisation with figures.")
    foreign: SectorInvestor | None = None
    institution: SectorInvestor | None = None
    momentum: Momentum
    sector_performance: Performance
    rotation: SectorRotation
    unusual: UnusualRotation | None = Field(None, description="Of a sector asked for; else as stored.")
    meta: Meta


class FromSector(Shown):
    """A sector that got less than its share."""

    sector_code: str
    name: str
    outflow: int
    significant: bool | None


class ToSector(Shown):
    """A sector that got more than its share."""

    sector_code: str
    name: str
    inflow: int
    significant: bool | None


class RotationAnalysis(Shown):
    """An attribution: money is not tracked from sector to sector."""

    from_sectors: list[FromSector]
    to_sectors: list[ToSector]
    rotation_strength: float | None
    rotation_strength_pct: float | None
    cycle_phase: None
    meta: Meta


class MarketOverview(Shown):
    """Official totals of KOSPI + KOSDAQ, and how the sectors differ."""

    total_foreign_net: int | None
    total_institution_net: int | None
    sector_dispersion: float | None
    concentration_risk: Literal["LOW", "MODERATE", "HIGH"] | None
    meta: Meta


class SectorPeriod(Shown):
    """The sessions summed."""

    name: Literal["1D", "5D", "20D"]
    start: date
    end: date
    sessions: int


class SectorFlow(Answer):
    """업종별 수급. `meta`: field -> {unit, window, n, reason, note, estimated, method, p_adj, metric}."""

    period: SectorPeriod
    investor_type: str
    sector_scheme: str
    sectors: int = Field(description="Sectors of the scheme with members.")
    sector_flows: list[SectorBlock]
    rotation_analysis: RotationAnalysis
    market_overview: MarketOverview
