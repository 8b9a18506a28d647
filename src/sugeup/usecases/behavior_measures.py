"""How one group behaves in one stock: one-sidedness, feedback, timing, and the flow measures with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sugeup.market import investors
from sugeup.metrics import behavior, forward_returns, intervals, investor, statistics, timing
from sugeup.metrics.outcome import Outcome
from sugeup.usecases import investor_blocks, market_impact
from sugeup.usecases.adjusted_bars import moves
from sugeup.usecases.answers import Meta, Shown
from sugeup.usecases.daily_scope import Scope
from sugeup.usecases.indicator_measures import explain
from sugeup.usecases.investor_blocks import Draft

Floats = NDArray[np.float64]

AHEAD = 5
"""Sessions after a trade that its timing is judged by."""
FEEDBACK = 120
NORMAL = 1.959964
"""97.5% point of the normal distribution."""
_SIDES = {1: "NET_BUY", -1: "NET_SELL", 0: "BALANCED"}
_NO_INDEX = "no index of its market is stored for these sessions"
_DEFINED = {
    "consistency": behavior.consistency,
    "feedback": behavior.feedback,
    "overall_timing": timing.timing_forward,
    "timing_skill": timing.timing_hm,
    "net_ratio": investor.net_ratio,
    "volume_contribution": investor.participation,
    "trend": investor.trend,
    "intensity": investor.intensity,
    "momentum_score": investor.momentum_score,
    "price_correlation": investor.price_correlation,
    "kyle_lambda": investor.kyle_lambda,
    "amihud": investor.amihud,
}
EXPLAINED = {field: explain(function) for field, function in _DEFINED.items()}
"""Field -> what it tells, in one sentence."""


class Behavior(Shown):
    """One group in one stock. Intervals (95%), observations and methods are in `meta`."""

    consistency: float | None = Field(description="0-1; read it against the noise value in its note.")
    direction: Literal["NET_BUY", "NET_SELL", "BALANCED"] | None
    feedback: float | None = Field(description="Rank correlation with the 5 sessions before, -1 to 1.")
    momentum_following: float | None
    contrarian_score: float | None
    buy_timing: float | None = Field(description="Return ahead of the index in 5 sessions after purchases, over base.")
    sell_timing: float | None
    overall_timing: float | None
    hit_rate: float | None = Field(description="%")
    base_hit_rate: float | None = Field(description="%, days drawn at random.")
    timing_skill: float | None = Field(description="-1 to 1, 0: none.")
    net_ratio: float | None
    volume_contribution: float | None
    trend: Literal["ACCUMULATING", "NEUTRAL", "DISTRIBUTING"] | None
    intensity: float | None
    momentum_score: float | None
    price_correlation: float | None
    kyle_lambda: float | None
    meta: Meta


@dataclass(frozen=True, eq=False)
class Timed:
    """A stock's flows beside the returns of stock and index, from the first session with a flow on."""

    scope: Scope
    index: Floats

    @cached_property
    def ret(self) -> Floats:
        """Returns of the stock, against the base price."""
        found: Floats = self.scope.scene.window.history("ret")[0]
        return found

    @cached_property
    def bench(self) -> Floats:
        """Returns of the index of its market."""
        return moves(self.index)[len(self.index) - len(self.ret) :]

    @cached_property
    def after(self) -> Floats:
        """Return ahead of the index over the sessions after each one."""
        return forward_returns.excess(self.ret, self.bench, AHEAD)

    @cached_property
    def slopes(self) -> Outcome:
        """`inv.kyle_lambda` of every group, sessions at the price limit left out."""
        scene = self.scope.scene
        limited = scene.window.frame["limited"].fill_null(value=False).to_numpy()[scene.window.begun :]
        nets = np.concatenate([scene.net(name) for name in investors.GROUPS])
        return investor.kyle_lambda(nets, scene.turnover(), np.where(limited, np.nan, self.ret), last=1)

    @cached_property
    def silent(self) -> str | None:
        """Why nothing can be said about what came after, if that is so."""
        if np.isnan(self.ret).all():
            return "no return of the stock is stored for these sessions"
        return _NO_INDEX if np.isnan(self.bench).all() else None


def measures(timed: Timed, name: str, skill: Mapping[str, Any]) -> Behavior:
    """Every measure of one group; `skill` is its cell of `skills`."""
    scene, draft = timed.scope.scene, Draft({}, {})
    block = investor_blocks.block(scene, name, details=True)
    impact = market_impact.impact(scene, name)
    if scene.basis is None or scene.failed:
        reason = "MISSING_INPUT" if scene.basis is None else "RECONCILIATION_FAILED"
        note = scene.silent if scene.basis is None else "the groups do not add to zero"
        for field in list(Behavior.model_fields)[: list(Behavior.model_fields).index("net_ratio")]:
            draft.put(field, None, reason=reason, note=note)
    else:
        _one_sided(timed, name, draft)
        _feedback(timed, name, draft)
        _timing(timed, name, draft)
        _skill(timed, skill, draft)
    for field in ("net_ratio", "trend", "intensity"):
        draft.values[field] = block.values[field]
        if field in block.meta:
            draft.meta[field] = block.meta[field]
    for part, fields in (
        (impact, ("volume_contribution", "momentum_score", "price_correlation")),
        (impact.price_impact, ("kyle_lambda",)),
    ):
        for field in fields:
            draft.values[field] = getattr(part, field)
            if field in part.meta:
                draft.meta[field] = part.meta[field]
    _slope_interval(timed, name, draft)
    return Behavior(**draft.values, meta=draft.meta)


def _slope_interval(timed: Timed, name: str, draft: Draft) -> None:
    """The interval of the price impact: 1.96 standard errors to both sides, from the metric's own t."""
    slope = draft.values["kyle_lambda"]
    t = None if slope is None else timed.slopes.at(investors.GROUPS.index(name), -1)["t"]
    if t:
        reach = NORMAL * abs(slope / t)
        ci = (round(slope - reach, 6), round(slope + reach, 6))
        draft.meta["kyle_lambda"] = draft.meta["kyle_lambda"].model_copy(update={"ci": ci})


def skills(timed: Timed) -> dict[str, dict[str, Any]]:
    """`beh.timing_hm` of every group over periods that do not overlap, with interval, n, and p over the family.

    A period is `AHEAD` sessions of flow, judged by the stock's return ahead of the index over as many sessions after.
    """
    scene, cells = timed.scope.scene, dict[str, dict[str, Any]]()
    ends = np.arange(len(timed.ret) - 1 - AHEAD, AHEAD - 2, -AHEAD)[::-1]
    for name in investors.GROUPS:
        if scene.basis is None:
            cells[name] = {"value": None, "p_value": None}
            continue
        flow = scene.net(name)[0]
        sums = np.array([np.sign(flow[end - AHEAD + 1 : end + 1].sum()) for end in ends])
        judged = timed.after[ends]
        cell = scene.told(timing.timing_hm(sums, judged).at())
        used = np.isfinite(sums) & np.isfinite(judged) & (sums != 0) & (judged != 0)
        drawn = None if cell["value"] is None else forward_returns.skill(sums, judged)
        cells[name] = cell | {"n": int(used.sum()), "ci": drawn}
    chances = [np.nan if cell["p_value"] is None else cell["p_value"] for cell in cells.values()]
    adjusted = statistics.bh_adjust(chances)
    return {name: cell | {"p_adj": adjusted.at(row)["value"]} for row, (name, cell) in enumerate(cells.items())}


def _one_sided(timed: Timed, name: str, draft: Draft) -> None:
    scene = timed.scope.scene
    cell, n = scene.strength("consistency", name), int(np.isfinite(scene.net(name)[0][-20:]).sum())
    about = {"window": "20D", "metric": "beh.consistency", "method": scene.method}
    noise = cell.get("null_expectation")
    note = None if cell["value"] is None else f"pure noise would give {noise:.2f}"
    draft.measure("consistency", cell, 3, unit="0-1", n=n, note=note, **about)
    side = cell.get("direction")
    named = None if cell["value"] is None or side is None else _SIDES[int(side)]
    draft.put("direction", named, reason=cell.get("reason"), **about)


def _feedback(timed: Timed, name: str, draft: Draft) -> None:
    scene = timed.scope.scene
    net, turnover, logs = scene.net(name)[0], scene.turnover()[0], np.log1p(timed.ret)
    cell = scene.told(behavior.feedback(net, turnover, logs, window=FEEDBACK, last=1).at(-1))
    about: dict[str, Any] = {"window": f"{FEEDBACK}D, against the 5 before", "metric": "beh.feedback", "n": cell["n"]}
    interval = None
    if cell["value"] is not None:
        past = np.full(len(logs), np.nan)
        past[5:] = np.lib.stride_tricks.sliding_window_view(logs, 5)[:-1].sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            flow = np.where(turnover > 0, net / turnover, np.nan)
        interval = _rounded(intervals.spearman(flow[-FEEDBACK:], past[-FEEDBACK:]), 3)
    about |= {"method": scene.method, "note": timed.silent if cell["value"] is None and timed.silent else None}
    if about["note"] == _NO_INDEX:
        about["note"] = None
    draft.measure("feedback", cell, 3, ci=interval, **about)
    for field in ("momentum_following", "contrarian_score"):
        value = cell[field]
        draft.put(field, value if value is None else round(value, 3), reason=cell.get("reason"), **about)


def _timing(timed: Timed, name: str, draft: Draft) -> None:
    scene = timed.scope.scene
    net = scene.net(name)[0]
    cell = scene.told(timing.timing_forward(net, timed.ret, timed.bench, h=AHEAD).at())
    known = cell["value"] is not None
    drawn = (forward_returns.timing(net, timed.after, AHEAD) if known else None) or {}
    counts = {"buy_timing": cell["n_buy"], "sell_timing": cell["n_sell"]}
    both = cell["n_buy"] + cell["n_sell"]
    note = f"{cell['n_buy']} purchases, {cell['n_sell']} sales with an outcome; 20 of each are needed"
    about = {"window": f"{len(net)}D, {AHEAD}D after", "metric": "beh.timing_forward", "reason": cell.get("reason")}
    about["note"] = None if known else timed.silent or note
    for field, part in (("buy_timing", "buy_timing"), ("sell_timing", "sell_timing"), ("overall_timing", "value")):
        value = cell[part]
        draft.put(
            field,
            value if value is None else round(value, 5),
            unit="return, decimal",
            n=counts.get(field, both),
            ci=_rounded(drawn.get(part), 5),
            **about,
        )
    rate = None
    if known:
        hits = round(cell["hit_rate"] * both)
        rate = statistics.hit_rate(hits, both, cell["base_hit_rate"], AHEAD).at()
    ci = None if rate is None or rate["lo"] is None else (round(100 * rate["lo"], 2), round(100 * rate["hi"], 2))
    said = None if rate is None else f"interval from {rate['n_eff']} outcomes that do not overlap"
    for field, interval, words in (("hit_rate", ci, said), ("base_hit_rate", None, None)):
        value = cell[field]
        shown = about | ({"note": words} if known else {})
        draft.put(field, None if value is None else round(100 * value, 2), unit="%", n=both, ci=interval, **shown)


def _skill(timed: Timed, cell: Mapping[str, Any], draft: Draft) -> None:
    note = f"periods of {AHEAD} sessions against the stock's return ahead of the index over the {AHEAD} after"
    if cell["value"] is None:
        note = timed.silent or f"{cell['n']} complete periods; 40 are needed"
    p_adj = cell["p_adj"]
    draft.measure(
        "timing_skill",
        cell,
        3,
        n=cell["n"],
        ci=_rounded(cell["ci"], 3),
        p_adj=None if p_adj is None else round(p_adj, 4),
        metric="beh.timing_hm",
        window=f"{AHEAD}D, {AHEAD}D after",
        note=note,
    )


def _rounded(interval: tuple[float, float] | None, digits: int) -> tuple[float, float] | None:
    return None if interval is None else (round(interval[0], digits), round(interval[1], digits))
