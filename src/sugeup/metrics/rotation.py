"""Money between sectors (순환매): abnormal flow, its attribution, dispersion, signal with hysteresis, ranking.

Nobody observes money moving from one sector to another: the matrix is an attribution of what each sector got more or
less than its share of the market's flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics import samples
from sugeup.metrics.dense import Floats, between, cells, floats, lines, whole
from sugeup.metrics.outcome import Outcome, Reason, Rows, Single, codes
from sugeup.registry import metric

SIGNALS = ("OUTFLOW", "NEUTRAL", "INFLOW")
FEATURES = ("z5", "z20", "rs")
ROUNDED = 0.005  # weights printed with a few decimals need not add to 1 exactly
NOISE = 16 * float(np.finfo(np.float64).eps)


@metric(
    "flow.rotation_matrix",
    korean="업종 간 자금 이동 추정",
    formula="abnormal d = net - weight * Σnet; from a sector a with d < 0 to a sector b with d > 0: -d(a) * d(b) ÷ the "
    "sum of the positive d; moved = that sum",
    unit="KRW; rows add to -d(a), columns to d(b)",
    window="the period of the nets",
    null_rule="MISSING_INPUT: no sector, or one without net or weight; ZERO_DENOMINATOR: no sector differs from its "
    "share of the market's flow (abnormal and moved are still given)",
    source="allocation with independent margins; an estimate, money is not tracked from sector to sector",
)
def rotation_matrix(net: Mapping[str, float | None], weight: Mapping[str, float | None]) -> Single:
    """Which sectors got the money that others lost (순환매 추정), the flow of the whole market taken out.

    net: sector to KRW; weight: sector to its share of the market's capitalisation, adding to 1, else Refused. Value
    {from: {to: KRW}}; extras `abnormal` {sector: KRW} and `moved` in KRW.

    >>> rotation_matrix({"A": 10, "B": -10}, {"A": 0.5, "B": 0.5}).value
    {'B': {'A': 10.0}}
    """
    sectors = _names(net, weight)
    abnormal = _abnormal(_stacked("net", net, sectors), _weights(weight, sectors))
    if not sectors or np.isnan(abnormal).any():
        return Single(None, Reason.MISSING_INPUT.name, {"abnormal": None, "moved": None})
    shown = {sector: float(part) for sector, part in zip(sectors, abnormal, strict=True)}
    moved = float(abnormal[abnormal > 0].sum())
    extra = {"abnormal": shown, "moved": moved}
    if moved == 0:
        return Single(None, Reason.ZERO_DENOMINATOR.name, extra)
    gained = {sector: part for sector, part in shown.items() if part > 0}
    value = {
        sector: {to: -lost * part / moved for to, part in gained.items()} for sector, lost in shown.items() if lost < 0
    }
    return Single(value, extra=extra)


@metric(
    "flow.rotation_strength",
    korean="순환매 강도",
    formula="100 * sum of the positive abnormal flows (flow.rotation_matrix) ÷ sum of the turnovers",
    unit="% of turnover",
    window="the period of the amounts",
    null_rule="MISSING_INPUT: no sector, or one without net, weight or turnover; ZERO_DENOMINATOR: no turnover",
    source="definition",
)
def rotation_strength(
    net: Mapping[str, ArrayLike], weight: Mapping[str, ArrayLike], turnover: Mapping[str, ArrayLike]
) -> Outcome:
    """How much of all trading shifted money between sectors (순환매 강도).

    net, turnover: sector to (...) in KRW; weight: sector to its share of capitalisation, adding to 1, else Refused.

    >>> both = {"A": 0.5, "B": 0.5}
    >>> rotation_strength({"A": 10, "B": -10}, both, {"A": 100, "B": 100}).at()
    {'value': 5.0}
    """
    sectors = _names(net, weight, turnover)
    traded = _stacked("turnover", turnover, sectors)
    abnormal = _abnormal(_stacked("net", net, sectors), _weights(weight, sectors))
    moved = np.where(abnormal > 0, abnormal, 0).sum(axis=-1)
    total = traded.sum(axis=-1)
    absent = np.isnan(abnormal).any(axis=-1) | ~(traded >= 0).all(axis=-1) | (not sectors)
    reason = codes(absent.shape, (absent, Reason.MISSING_INPUT), (total == 0, Reason.ZERO_DENOMINATOR))
    with np.errstate(invalid="ignore", divide="ignore"):
        return Outcome(np.where(reason > 0, np.nan, 100 * moved / total), reason)


@metric(
    "flow.sector_dispersion",
    korean="업종 간 수급 격차",
    formula="standard deviation (n - 1) over sectors of 100 * net ÷ turnover",
    unit="percentage points",
    window="the period of the amounts; sectors without net or turnover, or with turnover 0, are left out",
    null_rule="MISSING_INPUT: no sector has net and turnover; INSUFFICIENT_HISTORY: fewer than min_sectors are left",
    source="definition",
)
def sector_dispersion(
    net: Mapping[str, ArrayLike], turnover: Mapping[str, ArrayLike], *, min_sectors: int = 5
) -> Outcome:
    """How differently the sectors are bought (업종 간 수급 격차): 0 when all get the same share of their turnover.

    net, turnover: sector to (...) in KRW. Extra `n`: sectors used.

    >>> sector_dispersion({"A": 1, "B": 3}, {"A": 100, "B": 100}, min_sectors=2).at()
    {'value': 1.4142135623730951, 'n': 2}
    """
    least = whole("min_sectors", min_sectors, 2)
    sectors = _names(net, turnover)
    flow, traded = np.broadcast_arrays(_stacked("net", net, sectors), _stacked("turnover", turnover, sectors))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(traded > 0, 100 * flow / traded, np.nan)
        n = samples.counts(share)
        mean = np.nansum(share, axis=-1) / n
        value = np.sqrt(np.nansum((share - mean[..., None]) ** 2, axis=-1) / (n - 1))
    absent = ~(np.isfinite(flow) & np.isfinite(traded)).any(axis=-1)
    reason = codes(n.shape, (absent, Reason.MISSING_INPUT), (n < least, Reason.INSUFFICIENT_HISTORY))
    return Outcome(np.where(reason > 0, np.nan, value), reason, {"n": n.astype(np.int64)})


@metric(
    "sec.rotation_signal",
    korean="순환매 신호",
    formula="INFLOW from z ≥ enter with p_adj ≤ q until z < exit; OUTFLOW from z ≤ -enter with p_adj ≤ q until z > "
    "-exit; else NEUTRAL",
    unit="label",
    window="from the first session handed in, or the one after the last gap",
    null_rule="MISSING_INPUT: z or p_adj of the session is null; the next session starts anew from NEUTRAL",
    source="hysteresis, so that a signal does not flicker; Benjamini & Hochberg 1995 for p_adj",
)
def rotation_signal(
    z: ArrayLike, p_adj: ArrayLike, *, enter: float = 1.0, exit: float = 0.5, q: float = 0.10
) -> Outcome:
    """Does money enter or leave a sector beyond its share (순환매 신호), session by session?

    z: (..., sessions), robust z of the abnormal 5-session flow ÷ turnover, oldest first; p_adj: (..., sessions), its p
    adjusted over all sectors of the session, 0-1. exit at most enter, both above 0, and q in 0-1, else Refused.

    >>> outcome = rotation_signal([1.1, 0.7, 0.4], [0.05, 0.3, 0.6])
    >>> [outcome.at(session)["value"] for session in range(3)]
    ['INFLOW', 'INFLOW', 'NEUTRAL']
    """
    between("p_adj", p_adj, 0, 1)
    between("q", q, 0, 1)
    between("enter", enter, 0, np.inf, open_ended=True)
    if not 0 < exit <= enter:
        raise Refused(f"exit={exit!r} with enter={enter!r} is not allowed; allowed: above 0 and at most enter.")
    from sugeup.metrics.kernels import steps

    shape, (score, p) = lines(z=z, p_adj=p_adj)
    value, reason = steps.signal(score, p, float(enter), float(exit), float(q))
    return Outcome(value.reshape(shape), reason.reshape(shape), {}, SIGNALS)


@metric(
    "sec.ranker",
    korean="업종 강도 순위",
    formula="mean of the average ranks of z5, z20 and rs among the sectors, 1 the weakest",
    unit="rank, higher is stronger",
    window="5 and 20 sessions for the z, the newest session for rs",
    null_rule="a sector with a null feature is left out; MISSING_INPUT: none is left",
    source="rank aggregation of Borda 1781",
)
def ranker(features: Mapping[str, Mapping[str, float | None]]) -> Rows[dict[str, Any]]:
    """Sectors from the strongest to the weakest (업종 강도 순위), three measures counting the same.

    features: sector to {"z5", "z20": z of the flow over 5 and 20 sessions, "rs": ratio of sec.relative_strength}.
    Records {"sector", "score"}, best first, equal ones by name.

    >>> ranker({"A": {"z5": 1, "z20": 1, "rs": 99}, "B": {"z5": 0, "z20": 2, "rs": 101}}).value[0]
    {'sector': 'B', 'score': 1.6666666666666667}
    """
    table = {
        sector: floats(f"features[{sector}]", np.array([parts.get(name) for name in FEATURES], dtype=object))
        for sector, parts in features.items()
    }
    known = {sector: row for sector, row in table.items() if np.isfinite(row).all()}
    if not known:
        return Rows(None, Reason.MISSING_INPUT.name)
    ranks = samples.average_ranks(np.array(list(known.values())).T).mean(axis=0)
    scored = sorted(zip(known, ranks.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return Rows(tuple({"sector": sector, "score": score} for sector, score in scored))


def _names(*maps: Mapping[str, Any]) -> list[str]:
    """Every sector that occurs, in the order of the first map."""
    return list(dict.fromkeys(sector for given in maps for sector in given))


def _stacked(name: str, given: Mapping[str, ArrayLike | None], sectors: Iterable[str]) -> Floats:
    """(..., sectors): a sector that the map lacks is null."""
    named = {f"{name}[{sector}]": given.get(sector) for sector in sectors}
    return np.stack(cells(**named), axis=-1) if named else np.empty(0)


def _weights(given: Mapping[str, ArrayLike | None], sectors: list[str]) -> Floats:
    weights = _stacked("weight", given, sectors)
    between("weight", weights, 0, 1)
    total = weights.sum(axis=-1)
    wrong = np.abs(total - 1) > ROUNDED
    if sectors and wrong.any():
        raise Refused(f"weights that add to {total[wrong].flat[0]:g} are not allowed; allowed: weights that add to 1.")
    return weights


def _abnormal(net: Floats, weight: Floats) -> Floats:
    """What each sector got beyond its share of the whole; 0 where the difference is rounding."""
    usual = weight * net.sum(axis=-1, keepdims=True)
    found = net - usual
    return np.where(np.abs(found) <= NOISE * (np.abs(net) + np.abs(usual)), 0.0, found)
