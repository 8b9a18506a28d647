"""지표 설명: what a number in an answer is, how it is computed, when it is null, and who defined it."""

from __future__ import annotations

import difflib
from typing import Annotated, Any

from pydantic import Field

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import Refused
from sugeup.registry import usecase
from sugeup.usecases.answers import Answer, Shown
from sugeup.usecases.wording import moment


class Definition(Shown):
    """One measure."""

    id: str
    korean: str
    formula: str
    unit: str
    window: str
    null_rule: str
    source: str
    inputs: list[str]
    parameters: dict[str, Any]


class MetricExplanation(Answer):
    """The definition asked for, or all of them."""

    metrics: list[Definition]


def text(answer: Any) -> list[object]:
    """What one metric is and how it is computed, or a line for each; null rule and source are details."""
    if len(answer.metrics) > 1:
        return [f"{one.id}  {one.korean}: {one.formula}" for one in answer.metrics]
    return [_paragraph(answer.metrics[0])]


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per metric."""
    return [one.model_dump(exclude={"inputs", "parameters"}) for one in answer.metrics]


@usecase(tool="explain_metric", path="/metrics", verb="explain", title="지표 설명", text=text, rows=rows)
def explain_metric(
    archive: Archive,
    *,
    metric_id: Annotated[
        str | None, Field(max_length=60, description="Id as in an answer's meta, e.g. inv.net_ratio; empty: all.")
    ] = None,
) -> MetricExplanation:
    """Definition of a measure (지표 설명): formula, unit, window, when it is null, source."""
    known = registry.metrics()
    if metric_id is not None and metric_id not in known:
        near = difflib.get_close_matches(metric_id, known, n=5, cutoff=0.3)
        raise Refused(
            f"metric_id={metric_id!r} is no metric.",
            hint=f"Nearest: {', '.join(near)}." if near else "Leave it out to list all.",
            details={"suggestions": near},
        )
    chosen = known.values() if metric_id is None else [known[metric_id]]
    return MetricExplanation(
        as_of=None,
        generated_at=moment(archive.clock.now()),
        scope="METRICS",
        venue="KRX",
        sources=[],
        provisional=False,
        simulated=False,
        coverage=[],
        warnings=[],
        metrics=[
            Definition(
                id=one.id,
                korean=one.korean,
                formula=one.formula,
                unit=one.unit,
                window=one.window,
                null_rule=one.null_rule,
                source=one.source,
                inputs=list(one.inputs),
                parameters=dict(one.defaults),
            )
            for one in chosen
        ],
    )


def _paragraph(one: Definition) -> str:
    parameters = ", ".join(f"{name}={value}" for name, value in one.parameters.items())
    return "\n".join(
        [
            f"{one.id} {one.korean}",
            f"  formula: {one.formula}",
            f"  unit: {one.unit} · window: {one.window}",
            *([f"  parameters: {parameters}"] if parameters else []),
        ]
    )
