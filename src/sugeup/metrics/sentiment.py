"""Investor sentiment (투자 심리): scores of the investor types, of the market, and how far the types differ.

Net purchases of all investors add to zero, so the market's score is not a mean of the types' scores: it is made of
market-wide readings, each a percentile of its own past.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics.dense import Floats, between, by_blocks, cells, whole
from sugeup.metrics.outcome import Outcome, Reason, codes
from sugeup.registry import metric

LABELS = ("STRONGLY_BEARISH", "BEARISH", "NEUTRAL", "BULLISH", "STRONGLY_BULLISH")
TRENDS = ("INCREASINGLY_BEARISH", "STABLE", "INCREASINGLY_BULLISH")
TYPE_COMPONENTS = ("flow_pct", "persistence_pct", "breadth_pct")
COMPONENTS = ("breadth", "momentum", "basis", "short_inverse", "credit", "smart_flow")
EVEN = 50.0
TREND_STEP = 10.0

Components = Mapping[str, ArrayLike | None]


@metric(
    "sen.type_score",
    korean="투자자 유형별 심리 점수",
    formula="mean of the percentiles present: flow_pct, net ÷ turnover of the window; persistence_pct, Σ net ÷ Σ size "
    "of net over 20 sessions; breadth_pct, share of stocks bought on balance; below 20 STRONGLY_BEARISH, below 40 "
    "BEARISH, up to 60 NEUTRAL, up to 80 BULLISH, above STRONGLY_BULLISH",
    unit="0-100",
    window="percentiles over 250 sessions",
    null_rule="MISSING_INPUT: no components; INSUFFICIENT_HISTORY: fewer than min_components present",
    source="composite of percentiles with even weights; Baker & Wurgler 2006, Journal of Finance 61, for the design",
)
def type_score(components: Components, *, min_components: int = 2) -> Outcome:
    """How eagerly one investor type buys (투자 심리 점수); 50 is its ordinary state.

    components: flow_pct, persistence_pct, breadth_pct, each (...) in 0-100 or null, other names are Refused. Extras:
    `n` components used, `label`, null with the value.

    >>> type_score({"flow_pct": 82, "persistence_pct": 75, "breadth_pct": 62}).at()
    {'value': 73.0, 'n': 3, 'label': 'BULLISH'}
    """
    return _composite(components, TYPE_COMPONENTS, min_components)


@metric(
    "sen.overall",
    korean="시장 심리 점수",
    formula="mean of the percentiles present: breadth, share of rising stocks over 10 sessions; momentum, index return "
    "of 20 sessions; basis, deviation of the future from its theoretical price; short_inverse, 100 - percentile of the "
    "short share; credit, growth of the credit balance over 20 sessions; smart_flow, smt.market_index; labels as "
    "sen.type_score",
    unit="0-100",
    window="percentiles over 250 sessions",
    null_rule="MISSING_INPUT: no components; INSUFFICIENT_HISTORY: fewer than min_components present",
    source="composite of percentiles with even weights; Baker & Wurgler 2006, Journal of Finance 61, for the design",
)
def overall(components: Components, *, min_components: int = 4) -> Outcome:
    """The mood of the whole market (시장 심리); 50 is ordinary.

    components: breadth, momentum, basis, short_inverse, credit, smart_flow, each (...) in 0-100 or null, other names
    are Refused. Extras: `n` components used, `label`, null with the value. `impacts` says what each of them did.

    >>> overall({"breadth": 70, "momentum": 65, "basis": 55, "short_inverse": 40}).at()
    {'value': 57.5, 'n': 4, 'label': 'NEUTRAL'}
    """
    return _composite(components, COMPONENTS, min_components)


@metric(
    "sen.divergence",
    korean="투자자 간 심리 괴리",
    formula="score of foreigners - mean of the scores of institutions and individuals, weighted by participation; "
    "institution_vs_individual = difference of their scores",
    unit="points, -100 to 100",
    window="that of the scores",
    null_rule="MISSING_INPUT: a score or a participation is null; ZERO_DENOMINATOR: both participations are 0; "
    "institution_vs_individual needs its two scores only",
    source="definition",
)
def divergence(score: Components, participation: Components) -> Outcome:
    """How much more eagerly foreigners buy than investors at home (외국인·국내 투자자 심리 괴리).

    score: foreign, institution, individual, each (...) in 0-100; participation: institution, individual, each (...) in
    % of turnover, from 0, else Refused. Extra `institution_vs_individual`.

    >>> divergence({"foreign": 80, "institution": 60, "individual": 40}, {"institution": 1, "individual": 3}).at()
    {'value': 35.0, 'institution_vs_individual': 20.0}
    """
    scores, sizes = score or {}, participation or {}
    named = {f"score.{name}": scores.get(name) for name in ("foreign", "institution", "individual")}
    weights = {f"participation.{name}": sizes.get(name) for name in ("institution", "individual")}
    for name, given in named.items():
        between(name, given, 0, 100)
    for name, given in weights.items():
        between(name, given, 0, np.inf)

    def work(foreign: Floats, institution: Floats, individual: Floats, some: Floats, others: Floats) -> Outcome:
        absent = np.isnan([foreign, institution, individual, some, others]).any(axis=0)
        total = some + others
        reason = codes(foreign.shape, (absent, Reason.MISSING_INPUT), (total == 0, Reason.ZERO_DENOMINATOR))
        with np.errstate(invalid="ignore", divide="ignore"):
            home = (some * institution + others * individual) / total
        value = np.where(reason > 0, np.nan, foreign - home)
        return Outcome(value, reason, {"institution_vs_individual": institution - individual})

    return by_blocks(work, *cells(**named, **weights))


def impacts(components: Components) -> dict[str, Floats]:
    """What each component adds to its score (심리 지수 기여도): (percentile - 50) ÷ components used, NaN where null.

    components: as for `type_score` and `overall`. The impacts of a cell add up to score - 50.
    """
    parts = cells(**components)
    used = np.isfinite(parts).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {name: (part - EVEN) / used for name, part in zip(components, parts, strict=True)}


def change(now: Components, before: Components, *, min_components: int) -> Outcome:
    """Score of `now` less score of `before` in points; null, MISSING_INPUT, unless both use the same components."""
    names = tuple(dict.fromkeys([*now, *before]))
    first, second = (
        _composite({name: part.get(name) for name in names}, names, min_components) for part in (now, before)
    )
    parts = cells(
        **{f"{when}.{name}": part.get(name) for when, part in (("now", now), ("before", before)) for name in names}
    )
    pairs = np.isfinite(parts).reshape(2, len(names), *parts[0].shape)
    other = (pairs[0] != pairs[1]).any(axis=0)
    short = np.maximum(first.reason, second.reason)
    reason = codes(other.shape, (other, Reason.MISSING_INPUT), (short > 0, Reason.INSUFFICIENT_HISTORY))
    return Outcome(np.where(reason > 0, np.nan, first.value - second.value), reason)


def trend(change: ArrayLike) -> Outcome:
    """Direction of a score (심리 추세) from its change over 5 sessions, (...) in points: ±10, else STABLE."""

    def work(step: Floats) -> Outcome:
        reason = codes(step.shape, (np.isnan(step), Reason.MISSING_INPUT))
        place = 1.0 + (step >= TREND_STEP) - (step <= -TREND_STEP)
        return Outcome(np.where(reason > 0, np.nan, place), reason, {}, TRENDS)

    return by_blocks(work, *cells(change=change))


def _composite(components: Components, names: tuple[str, ...], min_components: int) -> Outcome:
    least = whole("min_components", min_components, 1)
    given = components or {}
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise Refused(f"components has no {unknown[0]!r}; allowed: {', '.join(names)}.")
    for name, part in given.items():
        between(name, part, 0, 100)

    def work(*parts: Floats) -> Outcome:
        present = np.isfinite(parts)
        n = present.sum(axis=0)
        few = Reason.INSUFFICIENT_HISTORY if given else Reason.MISSING_INPUT
        reason = codes(n.shape, (n < least, few))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(reason > 0, np.nan, np.where(present, parts, 0).sum(axis=0) / n)
        low = np.searchsorted([20, 40], value, side="right")
        high = np.searchsorted([60, 80], value, side="left")
        label = np.where(reason > 0, "", np.array(LABELS)[np.minimum(low + high, 4)])
        return Outcome(value, reason, {"n": n, "label": label})

    return by_blocks(work, *cells(**{name: given.get(name) for name in names}))
