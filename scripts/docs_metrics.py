"""The page of metrics: every registered measure with formula, inputs, unit, window, null rule and source."""

from __future__ import annotations

import inspect
from itertools import groupby

from docs_text import code, page, table
from sugeup import registry
from sugeup.registry import Metric

_FAMILIES = {
    "acc": "정합성·집계: bookkeeping",
    "alr": "알림: alerts",
    "ano": "이상 탐지: anomalies",
    "beh": "행동: behaviour",
    "flow": "자금 흐름: flows of money",
    "hlt": "상태: health of the system",
    "inv": "투자자별 매매: investor flow",
    "itd": "장중: within the day",
    "own": "보유: holdings",
    "pat": "패턴: patterns",
    "prg": "프로그램매매: programme trading",
    "sec": "업종: sectors",
    "sen": "심리: sentiment",
    "sht": "공매도: short selling",
    "smt": "스마트머니: smart money",
    "tec": "기술적 지표: technical indicators",
    "tk": "통계 도구: statistical tools",
    "val": "검증: validation",
}


def pages() -> dict[str, str]:
    """Path below docs/ and text."""
    known = list(registry.metrics().values())
    parts = []
    for family, members in groupby(known, key=lambda one: one.id.split(".")[0]):
        parts.append(f"## {_FAMILIES.get(family, family)} (`{family}`)")
        parts += [_metric(one) for one in members]
    rows = [[f"[{one.id}](#{_anchor(one.id)})", one.korean, _purpose(one)] for one in known]
    text = page(
        "Metrics",
        "Each number in an answer that is more than a sum points to one of these by its id (`metric` in its `meta`); "
        "`sugeup explain ID --detailed`, `GET /api/v1/metrics?metric_id=ID` and the tool `explain_metric` "
        "say the same. "
        "Windows count exchange sessions. A value is null with a "
        "[reason](errors.md#why-a-value-is-null), never a default.",
        table(["id", "Korean", "question"], rows),
        *parts,
    )
    return {"reference/metrics.md": text}


def _metric(one: Metric) -> str:
    parameters = ", ".join(f"`{name}={value!r}`" for name, value in one.defaults.items()) or "none"
    rows = [
        ["formula", one.formula],
        ["inputs", ", ".join(map(code, one.inputs))],
        ["parameters", parameters],
        ["unit", one.unit],
        ["window", one.window],
        ["null", one.null_rule],
        ["source", one.source],
        ["function", code(f"{one.function.__module__}.{one.function.__name__}")],
    ]
    example = _example(one)
    shown = f"\n\n```pycon\n{example}\n```" if example else ""
    return f"### {one.id}\n\n{one.korean}. {_purpose(one)}\n\n{table(['', ''], rows)}{shown}"


def _purpose(one: Metric) -> str:
    return inspect.cleandoc(one.function.__doc__ or "").split("\n", 1)[0]


def _example(one: Metric) -> str:
    """The example of the docstring, which the tests run."""
    _, mark, rest = inspect.cleandoc(one.function.__doc__ or "").partition(">>> ")
    return f"{mark}{rest}".rstrip() if mark else ""


def _anchor(id: str) -> str:
    return id.replace(".", "")
