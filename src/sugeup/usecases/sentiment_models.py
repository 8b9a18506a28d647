"""What an answer about investor sentiment is made of."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from sugeup.usecases.answers import Answer, Meta, Shown

Mood = Literal["STRONGLY_BEARISH", "BEARISH", "NEUTRAL", "BULLISH", "STRONGLY_BULLISH"]
Trend = Literal["INCREASINGLY_BULLISH", "STABLE", "INCREASINGLY_BEARISH"]
Frame = Literal["IMMEDIATE", "SHORT_TERM", "MEDIUM_TERM"]


def _words(said: str, *, many: bool = True) -> WithJsonSchema:
    """A schema told in words, which a client reads as well and which keeps the tool's schema short."""
    if not many:
        return WithJsonSchema({"type": ["object", "null"], "description": said})
    return WithJsonSchema({"type": ["array", "null"], "items": {"type": "object"}, "description": said})


class MarketComponents(Shown):
    """Percentiles (0-100) of the market's readings among their own past; 50 is ordinary."""

    breadth: float | None = Field(description="Share of rising stocks, mean of 10 sessions.")
    momentum: float | None = Field(description="Index return of 20 sessions.")
    basis: float | None = Field(description="Future against its fair value.")
    short_inverse: float | None = Field(description="100 - percentile of 공매도 비중.")
    credit: float | None = Field(description="Growth of 신용융자 over 20 sessions.")
    smart_flow: float | None = Field(description="smt.market_index.")
    meta: Meta


class Overall(Shown):
    """The market's mood, 0-100; not the mean of the investors', which add to zero."""

    score: float | None
    interpretation: Mood | None
    change_from_yesterday: float | None = Field(description="Points, same components on both days.")
    session: date
    components: MarketComponents
    meta: Meta


class TypeComponents(Shown):
    """Percentiles of one investor's buying among its own past."""

    flow_pct: float | None = Field(description="Net to turnover of the period.")
    persistence_pct: float | None = Field(description="One-sidedness of 20 sessions.")
    breadth_pct: float | None = Field(description="Share of stocks net bought.")
    meta: Meta


class TypeMood(Shown):
    """How eagerly one investor class buys for its own standards; 50 is ordinary."""

    score: float | None
    interpretation: Mood | None
    trend: Trend | None
    change_5d: float | None
    consistency: float | None
    components: TypeComponents
    meta: Meta


class ForeignMood(TypeMood):
    """외국인."""

    key_drivers: None


class InstitutionMood(TypeMood):
    """기관."""

    concerns: None
    positioning: Literal["DEFENSIVE", "BALANCED", "CYCLICAL"] | None


class IndividualMood(TypeMood):
    """개인."""

    behavior: Literal["MIXED", "CHASING", "DIP_BUYING", "SELLING_STRENGTH", "SELLING_WEAKNESS"] | None
    retail_favorites: list[str] | None


class ByType(Shown):
    """One block per investor class."""

    foreign: ForeignMood
    institution: InstitutionMood
    individual: IndividualMood


class SectorMood(Shown):
    """Type scores inside one sector; null below 90% coverage of its capitalisation."""

    sector_code: str
    sector_name: str
    foreign: float | None
    institution: float | None
    individual: float | None
    meta: Meta


class Driver(Shown):
    """What one component adds to the market's score: impacts add up to score - 50."""

    factor: str
    label: str
    impact: float
    percentile: float
    affected_sectors: list[str]


class Drivers(Shown):
    """Components above and below their ordinary state, largest first."""

    positive: Annotated[list[Driver], _words("factor, label, impact (points), percentile, affected_sectors")]
    negative: Annotated[list[Driver], _words("as positive; all impacts add to score - 50")]


class Divergence(Shown):
    """How far the moods of the investors lie apart."""

    foreign_vs_domestic: float | None
    institution_vs_individual: float | None
    interpretation: Literal["FOREIGN_LED", "ALIGNED", "DOMESTIC_LED"] | None
    meta: Meta


class Scores(Shown):
    """`by_investor_type` and divergence with BY_TYPE and BY_SECTOR, `by_sector` with BY_SECTOR."""

    overall: Overall
    by_investor_type: Annotated[
        ByType | None,
        _words(
            "foreign, institution, individual: score 0-100, interpretation, trend, change_5d, consistency 0-1, "
            "components {flow_pct, persistence_pct, breadth_pct}, meta; institution: positioning; individual: "
            "behavior, retail_favorites",
            many=False,
        ),
    ] = None
    by_sector: Annotated[
        list[SectorMood] | None, _words("sector_code, sector_name, foreign, institution, individual (0-100), meta")
    ] = None
    sentiment_drivers: Drivers
    divergence_indicators: Divergence | None = None


class MarketRegime(Shown):
    """Calm or stormy state of the index by a fitted model; `calibrated` false: not tested against outcomes."""

    current: Literal["RISK_ON", "RISK_OFF"] | None
    confidence: float | None = Field(description="Filtered probability of the state.")
    expected_duration: float | None = Field(description="Sessions, mean of a whole spell.")
    duration_quantiles: list[int] | None = Field(description="10, 50, 90%.")
    calibrated: bool
    key_risks: None
    meta: Meta


class Evidence(Shown):
    """Behind an observation."""

    metrics: list[str]
    z: float
    p_adj: float
    tested: int = Field(description="Members of the family.")


class Insight(Shown):
    """An observation that passes p_adj 0.10; it predicts nothing and advises nothing."""

    insight: str
    insight_en: str
    confidence: float | None
    base_rate: float | None
    timeframe: Frame
    evidence: Evidence
    meta: Meta


class InvestorSentiment(Answer):
    """투자 심리. `meta`: field -> {unit, window, n, reason, note, estimated, method, p_adj, percentile, metric}."""

    market: str
    period: Literal["REAL_TIME", "1D", "1W", "1M"]
    granularity: Literal["OVERALL", "BY_TYPE", "BY_SECTOR"]
    session: date
    sentiment_scores: Scores
    market_regime: MarketRegime
    actionable_insights: Annotated[
        list[Insight],
        _words("insight, insight_en, confidence, base_rate, timeframe, evidence {metrics, z, p_adj, tested}"),
    ]
    meta: Meta
