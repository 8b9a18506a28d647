"""What every answer carries: its envelope, and beside each block the meaning of the values in it.

Keys hold plain JSON numbers or null. A block's `meta` has an entry wherever a value is null, estimated, provisional,
statistical or computed by another method than usual. No NaN, no Infinity, no advice.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, WithJsonSchema, model_serializer


class Shown(BaseModel):
    """Base of every model in an answer: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldMeta(Shown):
    """About one value: unit, window in sessions, observations, why it is null, method, interval, metric id."""

    unit: str | None = None
    window: str | None = None
    n: int | None = None
    reason: str | None = Field(None, description="Why the value is null.")
    note: str | None = Field(None, description="The reason in words.")
    estimated: bool | None = None
    provisional: bool | None = None
    method: str | None = Field(None, description="VOLUME_BASIS: on shares, amounts are missing.")
    ci: tuple[float, float] | None = Field(None, description="95% confidence interval.")
    p_adj: float | None = None
    percentile: float | None = None
    metric: str | None = Field(None, description="Definition: explain_metric(id).")
    source: str | None = None
    as_of: str | None = None

    @model_serializer(mode="wrap")
    def _without_nulls(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value is not None}


Meta = Annotated[dict[str, FieldMeta], WithJsonSchema({"type": "object"})]
"""Field -> what is to know about its value; its schema is told once, in the answer's description."""


class Gap(Shown):
    """Something that the answer lacks: what, why, and how to get it."""

    what: str
    reason: str
    how: str


class Answer(Shown):
    """Envelope of every answer."""

    as_of: str | None = Field(
        None, description="Moment of the newest figure used, Seoul time; never the time of the call."
    )
    generated_at: str
    scope: str
    venue: Literal["KRX", "NXT", "CONSOLIDATED"] = "KRX"
    sources: list[str] = Field(default_factory=list)
    provisional: bool = Field(False, description="True while figures are 잠정.")
    simulated: bool = Field(False, description="True when no exchange ever published the figures.")
    coverage: list[Gap] = Field(default_factory=list, description="What is missing, why, how to get it.")
    warnings: list[str] = Field(default_factory=list)
