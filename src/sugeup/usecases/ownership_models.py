"""What an answer about holdings is made of: levels, changes, sessions, milestones, correlations."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from sugeup.usecases.answers import Answer, Meta, Shown


class OwnedStock(Shown):
    """The stock on the session of the holdings."""

    code: str
    name: str | None
    market: str | None
    current_price: int | None
    market_cap: int | None = Field(description="Close x listed shares, won.")
    meta: Meta


class Foreign(Shown):
    """외국인 보유: published every session, known the next morning."""

    holding_date: date
    shares: int | None
    percentage: float | None = Field(description="100 x held / listed, %.")
    value: int | None = Field(description="Won, at the close of the same date.")
    limit_exhaustion: float | None = Field(description="한도소진율, %.")
    room_shares: int | None
    meta: Meta


class Breakdown(Shown):
    """Sub-types of institutions: unpublished; 국민연금 above 5% as of its 대량보유 report."""

    national_pension: float | None
    investment_trust: float | None
    insurance: float | None
    other: float | None
    meta: Meta


class Level(Shown):
    """A level that nobody publishes every day; treasury: as reported."""

    shares: int | None
    percentage: float | None
    value: int | None
    breakdown: Breakdown | None = None
    meta: Meta


class Current(Shown):
    """Levels now."""

    foreign: Foreign | None = None
    institution: Level | None = None
    individual: Level | None = None
    treasury: Level | None = None


class Change(Shown):
    """From the first to the last stored holding of the period."""

    shares_change: int | None
    percentage_change: float | None = Field(description="Percentage points.")
    value_change: int | None = Field(description="quantity_effect + price_effect, won.")
    quantity_effect: int | None = None
    price_effect: int | None = None
    trend: Literal["INCREASING", "FLAT", "DECREASING"] | None
    consecutive_days: int | None = Field(description="Run of daily changes, signed.")
    below_threshold: bool | None
    net_bought: int | None = Field(None, description="Net shares traded on the exchange in the same sessions.")
    off_exchange: int | None = Field(None, description="shares_change - net_bought.")
    flow_implied_change: float | None = Field(None, description="Percentage points, from flows alone.")
    meta: Meta


class Changes(Shown):
    """Changes of the investors asked for."""

    foreign: Change | None = None
    institution: Change | None = None
    individual: Change | None = None


class Day(Shown):
    """Shares of the listed stock, %, on one session."""

    date: date
    foreign: float | None
    institution: float | None
    individual: float | None


class Milestone(Shown):
    """A level that the foreign holding crossed."""

    date: date
    event: str
    level: float
    direction: Literal["UP", "DOWN"]
    foreign_ownership: float


class Reports(Shown):
    """지분공시; `newest` in words."""

    total: int | None
    newest: list[str]
    meta: Meta


class OwnershipData(Shown):
    """Everything about holdings."""

    current: Current
    filings: Reports
    changes: Changes
    historical: list[Day]
    milestones: list[Milestone] | None
    meta: Meta


class Correlations(Shown):
    """Association, not prediction."""

    price_vs_foreign_ownership: float | None = Field(description="Spearman of daily changes, 60 sessions.")
    volatility_vs_ownership_change: float | None = Field(description="Spearman over blocks of 5 sessions.")
    ownership_concentration: float | None
    concentration_low: float | None
    concentration_high: float | None
    meta: Meta


class HoldingPeriod(Shown):
    """First and last stored holding of the period."""

    name: Literal["1M", "3M", "6M", "1Y"]
    start: date
    end: date
    sessions: int


class OwnershipChanges(Answer):
    """보유 비중 변화. `meta`: field -> {unit, window, n, reason, note, method, ci, metric, estimated, as_of}."""

    period: HoldingPeriod
    threshold: float
    stock_info: OwnedStock
    ownership_data: OwnershipData
    correlation_analysis: Correlations
