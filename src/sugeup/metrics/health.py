"""Health of the system itself (시스템 상태 점수): one figure that one dead part brings to zero."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sugeup.errors import Refused
from sugeup.metrics.dense import floats
from sugeup.metrics.outcome import Reason, Single
from sugeup.registry import metric

FIELDS = ("value", "good", "bad", "weight")

BANDS: Mapping[str, tuple[float, float]] = {
    "freshness_s": (60, 300),
    "completeness": (0.99, 0.80),
    "error_rate": (0.01, 0.10),
    "p95_latency_ms": (300, 2000),
    "poll_gap_rate": (0.005, 0.05),
    "closure_failures": (0, 3),
    "db_p95_ms": (50, 500),
    "cache_hit_ratio": (0.8, 0.2),
}
"""Good and bad value of the parts of sugeup's own score: seconds since the newest row while the market is open, rows
received ÷ expected, failed calls of 5 minutes, 95th percentile of answers and of database calls in ms over a sliding
window, missed polls, failed closures, hits ÷ (hits + misses). The last tells of efficiency: give it a small weight.
"""


@metric(
    "hlt.score",
    korean="시스템 상태 점수",
    formula="100 * exp(Σ weight * ln u ÷ Σ weight), u = (bad - value) ÷ (bad - good) held within 0-1",
    unit="0-100; parts 0-1",
    window="the moment of the values; latencies are percentiles of a sliding window, never means",
    null_rule="MISSING_INPUT: no component, or one of them lacks its value, good, bad or weight; ZERO_DENOMINATOR: all "
    "weights are 0",
    source="weighted geometric mean: an average would hide a dead part",
)
def score(components: Mapping[str, Mapping[str, Any]]) -> Single:
    """How healthy the collector and its server are (시스템 상태 점수), 0 as soon as one part is at its bad value.

    components: name to {"value", "good", "bad", "weight"}; good and bad must differ and weights be from 0, else
    Refused; a part of weight 0 is shown and does not count. Extra `parts`: u of each component, null where it is
    unknown.

    >>> score({"error_rate": {"value": 0.25, "good": 0.0, "bad": 1.0, "weight": 1}}).at()
    {'value': 75.0, 'parts': {'error_rate': 0.75}}
    """
    parts = {name: _part(name, component) for name, component in components.items()}
    shown = {name: part[0] if part else None for name, part in parts.items()}
    known = [part for part in parts.values() if part]
    if not parts or len(known) < len(parts):
        return Single(None, Reason.MISSING_INPUT.name, {"parts": shown})
    total = math.fsum(weight for _, weight in known)
    if total == 0:
        return Single(None, Reason.ZERO_DENOMINATOR.name, {"parts": shown})
    counted = [(u, weight) for u, weight in known if weight]
    if any(u == 0 for u, _ in counted):
        return Single(0.0, extra={"parts": shown})
    return Single(100 * math.exp(math.fsum(w * math.log(u) for u, w in counted) / total), extra={"parts": shown})


def _part(name: str, component: Mapping[str, Any]) -> tuple[float, float] | None:
    """u and weight of a component; None when it is not complete."""
    value, good, bad, weight = (float(floats(f"{name}.{field}", component.get(field))) for field in FIELDS)
    if good == bad:
        raise Refused(f"{name}: good={good:g} and bad={bad:g} are not allowed; allowed: two different numbers.")
    if weight < 0:
        raise Refused(f"{name}: weight={weight:g} is not allowed; allowed: numbers from 0.")
    if any(math.isnan(number) for number in (value, good, bad, weight)):
        return None
    return min(1.0, max(0.0, (bad - value) / (bad - good))), weight
