"""The parts of an answer about one sector, each figure with what is to know about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sugeup.metrics import behavior, intervals, investor, rotation, sector
from sugeup.metrics.outcome import Outcome
from sugeup.usecases import sector_unusual, unusual
from sugeup.usecases.answers import FieldMeta
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.panels import Floats
from sugeup.usecases.sector_models import (
    Momentum,
    Performance,
    SectorBlock,
    SectorInvestor,
    SectorRotation,
    TopStock,
    UnusualRotation,
)
from sugeup.usecases.sector_scene import GROUPS, SERIES, Scene
from sugeup.usecases.sector_sums import COVERED, MONTH

BANDS = (0.5, 1.5)
"""From which size of z of momentum on a trend is one, and a strong one."""
TOP = 3
"""Member stocks named for each investor."""
PAIRS = 60
"""Sessions of the correlation with the flow."""


@dataclass(frozen=True, eq=False)
class Measures:
    """Measures of all sectors at once; a block takes its cell of each."""

    scene: Scene

    @cached_property
    def _cut(self) -> tuple[Floats, Floats]:
        return self.scene.rotations.net[:, -SERIES:], self.scene.sums.turnover[:, -SERIES:]

    @cached_property
    def momentum(self) -> Outcome:
        """`inv.momentum_score`."""
        return investor.momentum_score(*self._cut, last=1)

    @cached_property
    def consistency(self) -> Outcome:
        """`beh.consistency`."""
        return behavior.consistency(self._cut[0], last=1)

    @cached_property
    def flow_index(self) -> Outcome:
        """`sec.flow_mfi`."""
        return sector.flow_mfi(self._cut[0], last=1)

    @cached_property
    def _beyond(self) -> Floats:
        beyond: Floats = (self.scene.returns - self.scene.market_returns)[:, -SERIES:]
        return beyond

    @cached_property
    def correlation(self) -> Outcome:
        """`inv.price_correlation` with the return beyond the market's."""
        return investor.price_correlation(*self._cut, self._beyond, last=1)

    def interval(self, at: int) -> tuple[float, float] | None:
        """95% interval of the correlation of one sector, over the sessions that it is computed from."""
        net, turnover = (part[at, -PAIRS:] for part in self._cut)
        return intervals.spearman(unusual.ratios(net[None], turnover[None], 1)[0], self._beyond[at, -PAIRS:])

    @cached_property
    def unusual(self) -> tuple[Outcome, Outcome]:
        """`sec.evened_flow` and `sec.unusual_rotation`."""
        return sector_unusual.judged(self.scene)

    @cached_property
    def abnormal(self) -> Floats:
        """Abnormal net of the period by sector, won."""
        newest: Floats = self.scene.rotations.abnormal(self.scene.period)[:, -1]
        return newest

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Sector code -> place by `sec.ranker`, 1 the strongest."""
        strong, codes = self.scene.strengths.value[:, -1], self.scene.map.codes
        weekly = self.scene.rotations.signals[1]
        monthly = self.scene.rotations.z(MONTH, 1).value[:, -1]
        features = {
            code: {"z5": _number(weekly[at]), "z20": _number(monthly[at]), "rs": _number(strong[at])}
            for at, code in enumerate(codes)
        }
        ranked = rotation.ranker(features).value or ()
        return {row["sector"]: place for place, row in enumerate(ranked, 1)}


def block(
    measures: Measures, at: int, groups: tuple[str, ...], told: Mapping[str, UnusualRotation] | None
) -> SectorBlock:
    """Everything about one sector, by its place in the map.

    told: unusual rotations by code of the sector that are stored; None: the sector was asked for, and is judged.
    """
    scene = measures.scene
    found = {group: investor_block(scene, at, group) for group in GROUPS if group in groups}
    draft = Draft({}, {})
    coverage = _number(scene.coverage[at])
    draft.put("coverage", None if coverage is None else round(coverage, 3), reason=_missing(coverage), note=_SIZE)
    if coverage is not None:
        draft.meta.pop("coverage")
    market = scene.market(at)
    members = int(scene.map.sizes[at])
    mixed = ("OUT_OF_SCOPE", "its members are listed on both markets") if members else ("MISSING_INPUT", _NOBODY)
    draft.put("market", market, reason=_missing(market, mixed[0]), note=None if market else mixed[1])
    rare = sector_unusual.block(scene, at, *measures.unusual) if told is None else told.get(scene.map.codes[at])
    if rare is None:
        draft.meta["unusual"] = FieldMeta(reason="OUT_OF_SCOPE", note=sector_unusual.UNTOLD)
    return SectorBlock(
        sector_code=scene.map.codes[at],
        sector_name=scene.map.names[at],
        members=members,
        momentum=momentum(measures, at),
        sector_performance=performance(measures, at),
        rotation=rotation_block(measures, at),
        unusual=rare,
        **draft.values,
        meta=draft.meta,
        **found,
    )


def why(scene: Scene, at: int) -> tuple[str, str] | None:
    """Why sums of a sector over the period are withheld, null when they are not."""
    if not scene.map.since <= scene.days[0]:
        return "INSUFFICIENT_HISTORY", f"the stored map of sectors begins on {scene.map.since}"
    coverage = scene.coverage[at]
    if np.isnan(coverage):
        return "MISSING_INPUT", "no figures in won or no market capitalisation of its members are stored"
    if coverage < COVERED:
        return "MISSING_INPUT", f"figures of {coverage:.0%} of its capitalisation are stored, {COVERED:.0%} are needed"
    return None


def investor_block(scene: Scene, at: int, group: str) -> SectorInvestor:
    """`sec.aggregate` over the member stocks; nets alone where no source gives both sides."""
    draft = Draft({}, {})
    about: dict[str, Any] = {"window": f"{scene.period}D", "metric": "sec.aggregate"}
    withheld = why(scene, at)
    rows = [] if withheld else scene.rows(at, group)
    sided = bool(rows) and all(row["buy"] is not None and row["sell"] is not None for row in rows)
    if not sided:
        one_sided = "the stored sources publish nets only"
        rows = [{"code": row["code"]} | _split(row["net"]) for row in rows]
    outcome = sector.aggregate(rows, top=TOP).at()
    reason, note = withheld or (outcome.get("reason"), None if rows else "no member was traded")
    draft.put("net_amount", outcome["value"], unit="won", reason=reason, note=note, **about)
    for name, key, unit in (
        ("buy_amount", "buy", "won"),
        ("sell_amount", "sell", "won"),
        ("net_ratio", "net_ratio", "%"),
    ):
        if not sided and not reason:
            draft.put(name, None, unit=unit, reason="NOT_AVAILABLE_FROM_SOURCE", note=one_sided)
            continue
        value = outcome[key]
        value = round(value, 2) if unit == "%" and value is not None else value
        draft.put(name, value, unit=unit, reason=reason or _missing(value, "ZERO_DENOMINATOR"), note=note)
    concentration = outcome["concentration"]
    draft.put(
        "concentration",
        None if concentration is None else round(concentration, 3),
        unit="HHI",
        n=len(rows),
        reason=reason or _missing(concentration, "ZERO_DENOMINATOR"),
        note=note,
    )
    top = [
        TopStock(
            code=row["code"],
            name=scene.names.get(row["code"]),
            net_amount=row["net"],
            contribution=None if row["contribution"] is None else round(row["contribution"], 2),
        )
        for row in outcome["top"] or ()
    ]
    return SectorInvestor(**draft.values, top_stocks=top, meta=draft.meta)


def momentum(measures: Measures, at: int) -> Momentum:
    """Score, trend by its z, consistency and the index of inflow of the chosen investor."""
    draft = Draft({}, {})
    score = measures.momentum.at(at, -1)
    note = None if score["value"] is not None else _SHORT
    draft.measure("score", score, 1, unit="0-10", window="5D-20D", metric="inv.momentum_score", note=note)
    z = score["z"]
    trend = None if z is None else trend_of(z)
    draft.put("trend", trend, window="5D-20D", reason=_missing(trend, score.get("reason", "MISSING_INPUT")), note=note)
    for name, outcome, metric, unit in (
        ("consistency", measures.consistency, "beh.consistency", "0-1"),
        ("investor_flow_index", measures.flow_index, "sec.flow_mfi", "0-100"),
    ):
        cell = outcome.at(at, -1)
        said = None if cell["value"] is not None else _SHORT
        if cell["value"] is not None and "null_expectation" in cell:
            said = f"pure noise would give {cell['null_expectation']:.2f}"
        digits = 3 if unit == "0-1" else 1
        draft.measure(name, cell, digits, unit=unit, window="20D", metric=metric, note=said)
    return Momentum(**draft.values, meta=draft.meta)


def trend_of(z: float) -> str:
    """The word for a z of momentum: STRONG_INFLOW, INFLOW, NEUTRAL, OUTFLOW or STRONG_OUTFLOW."""
    if abs(z) < BANDS[0]:
        return "NEUTRAL"
    side = "INFLOW" if z > 0 else "OUTFLOW"
    return f"STRONG_{side}" if abs(z) >= BANDS[1] else side


def performance(measures: Measures, at: int) -> Performance:
    """Return of the period, beyond the market's, and its association with the flow."""
    scene, draft = measures.scene, Draft({}, {})
    daily = scene.returns[at, -scene.period :]
    move = None if np.isnan(daily).any() else float(np.prod(1 + daily) - 1)
    window = f"{scene.period}D"
    value = None if move is None else round(100 * move, 2)
    note = "members' returns, weighted by yesterday's 시가총액" if move is not None else _PRICES
    draft.put("return", value, unit="%", window=window, reason=_missing(value), note=note)
    bench = scene.benches[at]
    market = scene.market_returns[at, -scene.period :]
    beyond = None
    if move is not None and not np.isnan(market).any():
        beyond = round(100 * (move - float(np.prod(1 + market) - 1)), 2)
    said = f"against {bench}" if beyond is not None else "no return of the sector or no market index is stored"
    draft.put("vs_market", beyond, unit="pp", window=window, reason=_missing(beyond), note=said)
    cell = measures.correlation.at(at, -1)
    interval = measures.interval(at) if cell["value"] is not None else None
    draft.measure(
        "correlation_with_flow",
        cell,
        3,
        unit="-1 to 1",
        window="60D",
        n=cell.get("n"),
        ci=None if interval is None else (round(interval[0], 3), round(interval[1], 3)),
        metric="inv.price_correlation",
        note="of the same day, no forecast" if cell["value"] is not None else _SHORT,
    )
    return Performance(return_=draft.values.pop("return"), **draft.values, meta=draft.meta)


def rotation_block(measures: Measures, at: int) -> SectorRotation:
    """Abnormal flow with its z, p and signal; the quadrant of relative strength; the place among the sectors."""
    scene, draft = measures.scene, Draft({}, {})
    abnormal = _number(measures.abnormal[at])
    draft.put(
        "abnormal_net",
        None if abnormal is None else round(abnormal),
        unit="won",
        window=f"{scene.period}D",
        reason=_missing(abnormal),
        note=None if abnormal is not None else _SUMS,
        estimated=True if abnormal is not None else None,
        metric="flow.rotation_matrix",
    )
    signals, zs, ps = scene.rotations.signals
    z, p = _number(zs[at]), _number(ps[at])
    p_adj = None if p is None else round(p, 3)
    short = _missing(z, "INSUFFICIENT_HISTORY")
    draft.put(
        "z",
        None if z is None else round(z, 2),
        unit="z",
        window="5D",
        reason=short,
        note=short and _SHORT,
        metric="tk.robust_z",
    )
    note = "fewer than 1,000 z of sectors in the 60 sessions before" if z is not None else _SHORT
    reason = _missing(p, "INSUFFICIENT_HISTORY")
    method = None if p is None else "empirical, pooled over sectors, BH"
    draft.put("p_adj", p_adj, reason=reason, note=None if p is not None else note, method=method)
    cell = signals.at(at, -1)
    label = cell["value"]
    draft.put(
        "signal",
        label,
        window="5D",
        p_adj=p_adj,
        metric="sec.rotation_signal",
        reason=None if label else "INSUFFICIENT_HISTORY",
        note="a description; its accuracy is not validated" if label else note,
    )
    phase = scene.strengths.at(at, -1)
    quadrant = phase.get("quadrant")
    known = np.isfinite(scene.index(scene.map.codes[at])).any()
    draft.put(
        "phase",
        quadrant,
        window="129 sessions",
        metric="sec.relative_strength",
        reason=None if quadrant else phase.get("reason", "MISSING_INPUT"),
        note=None if quadrant else ("too few sessions of the index" if known else "no index of this sector is stored"),
    )
    rank = measures.ranks.get(scene.map.codes[at])
    missing = None if rank is not None else "z of 5 or 20 sessions or the relative strength is missing"
    draft.put("rank", rank, n=len(measures.ranks), metric="sec.ranker", reason=_missing(rank), note=missing)
    return SectorRotation(**draft.values, meta=draft.meta)


_NOBODY = "no member is known on the session"
_SHORT = "too few sessions of the sector with figures of 90% of its capitalisation"
_SUMS = "the period lacks sessions with figures of 90% of its capitalisation"
_SIZE = "no market capitalisation of its members is stored"
_PRICES = "closing and base prices or 시가총액 of members are missing"


def _split(net: Any) -> dict[str, Any]:
    """A net as the smallest buy and sell that give it: net, concentration and contributions depend on no more."""
    return {"buy": max(net, 0), "sell": max(-net, 0)} if net is not None else {"buy": None, "sell": None}


def _missing(value: Any, reason: str = "MISSING_INPUT") -> str | None:
    return reason if value is None else None


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def estimated(unit: str, window: str, metric: str, note: str) -> FieldMeta:
    """The meta entry of a figure that is an attribution."""
    return FieldMeta(unit=unit, window=window, metric=metric, note=note, estimated=True)
