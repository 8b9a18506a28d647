"""What an answer about smart money holds: models alone.

Their schemas are sent to every client of a tool, so the small parts (`Quality`, `SimilarPattern`) are told in words.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from sugeup.usecases.answers import Answer, Meta, Shown

Method = Literal["LARGE_ORDERS", "INSTITUTION_CLUSTER", "FOREIGN_SURGE"]
Kind = Literal["LARGE_TRADE_CLUSTER", "INSTITUTION_SAME_SIDE", "FOREIGN_SURGE"]
Horizon = Literal["SHORT", "MEDIUM", "LONG"]


class Evidence(Shown):
    """The test, over all stocks tested; what is known of the event."""

    net_to_turnover: float
    z: float
    p: float
    p_adj: float
    net_buy_days: int | None
    base_rate: float | None
    n_calibration: int
    brier_skill: float | None
    calibrated_until: str | None
    event: str
    meta: Meta


class DetectionDetails(Shown):
    """Sub-types, never names of institutions."""

    large_block_trades: int | None
    average_block_size: int | None
    institutional_buyers: list[str] | None
    accumulation_period: int | None
    price_impact: Literal["MINIMAL", "MODERATE", "LARGE"] | None
    price_impact_bps: float | None
    participating_institutions: list[str] | None
    cluster_size: int | None
    coordination_score: float | None
    time_synchronization: None
    meta: Meta


class SignalMetrics(Shown):
    """Five sessions of the flagged group."""

    net_buy_amount: int | None
    avg_buy_price: float | None
    current_price: int | None
    unrealized_gain: float | None
    volume_weighted_price: float | None
    meta: Meta


class TechnicalContext(Shown):
    """Won, on today's shares."""

    support_level: float | None
    resistance_level: float | None
    trend: Literal["UPWARD", "SIDEWAYS", "DOWNWARD"] | None
    accumulation_zone: list[float] | None
    meta: Meta


class SimilarPattern(Shown):
    """A past stretch of the same flow, and the return of the five sessions after it, %."""

    start: date
    end: date
    similarity_score: float
    outcome: float


Examples = Annotated[
    list[SimilarPattern],
    WithJsonSchema({"type": "array", "description": "start, end, similarity_score, outcome (% in 5 sessions)"}),
]


class SimilarPatterns(Shown):
    """Examples; no evidence without a small p."""

    nearest: Examples | None
    mean: float | None
    base_mean: float | None
    n: int
    p: float | None
    meta: Meta


class SmartMoneySignal(Shown):
    """One stock with rare buying."""

    stock_code: str
    stock_name: str | None
    market: str | None
    signal_type: Kind
    direction: Literal["BUY"]
    strength: float
    confidence: float | None
    evidence: Evidence
    detection_details: DetectionDetails
    metrics: SignalMetrics
    technical_context: TechnicalContext
    similar_patterns: SimilarPatterns
    meta: Meta


class Quality(Shown):
    """Record of one type of investor: rank correlation of its flow with what followed, dates five sessions apart."""

    investor: str
    ic: float | None
    t: float | None
    n: int
    weight: float | None


Qualities = Annotated[
    list[Quality],
    WithJsonSchema({"type": "array", "description": "investor, ic, t, n, weight: past record of choosing"}),
]


class MarketSmartMoneyIndex(Shown):
    """Percentile of flow weighted by past records; 50 is an ordinary day."""

    current_value: float | None
    change_5d: float | None
    trend: Literal["INCREASING", "STABLE", "DECREASING"] | None
    interpretation: Literal["STRONG_OUTFLOW", "OUTFLOW", "NEUTRAL", "INFLOW", "STRONG_INFLOW"] | None
    quality_weighted_net: int | None
    quality: Qualities
    sector_focus: list[str] | None
    risk_appetite: Literal["LOW", "MODERATE", "HIGH"] | None
    meta: Meta


ByType = Annotated[dict[str, Horizon | None], WithJsonSchema({"type": "object"})]


class InstitutionalPositioning(Shown):
    """Flows are not exposures."""

    net_exposure: None
    leverage_estimate: None
    flow_tilt: float | None
    sector_rotation: str | None
    time_horizon: Horizon | None
    time_horizon_by_type: ByType
    meta: Meta


class Herding(Shown):
    """beh.herding_fhw, market-wide."""

    value: float | None
    p: float | None
    n_stocks: int
    meta: Meta


class SmartMoney(Answer):
    """스마트머니. `meta`: field -> {unit, window, n, reason, note, estimated, method, p_adj, metric}."""

    market: str
    detection_method: Method
    window_start: date
    window_end: date
    min_confidence: float | None = Field(description="Used, 0-1.")
    include_uncalibrated: bool
    universe: int
    stocks_tested: int
    total_signals_found: int = Field(description="Before confidence filter and count.")
    basis: Literal["AMOUNT", "VOLUME"] | None
    smart_money_signals: list[SmartMoneySignal]
    market_smart_money_index: MarketSmartMoneyIndex
    institutional_positioning: InstitutionalPositioning
    herding: Annotated[
        Herding | None,
        WithJsonSchema({"type": ["object", "null"], "description": "value, p, n_stocks: beh.herding_fhw"}),
    ] = None
    meta: Meta = Field(default_factory=dict)
