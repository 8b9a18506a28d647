"""스마트머니 감지: which stocks were bought unusually, by which method, tested over all stocks of the question.

The cheap test comes first and for all stocks; what is told about a signal is read for the listed ones alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sugeup.market import investors
from sugeup.metrics import herding, smart_signals
from sugeup.metrics.outcome import Outcome
from sugeup.metrics.window_scores import z_history
from sugeup.usecases import doors, panels, smart_money_ticks
from sugeup.usecases.answers import Gap
from sugeup.usecases.panels import Floats
from sugeup.usecases.smart_money_scene import KINDS, PAST, WEEK, Scene
from sugeup.usecases.smart_money_ticks import Blocks

Q = smart_signals.P_UP_TO
SIGNAL_TYPES = {
    "LARGE_ORDERS": "LARGE_TRADE_CLUSTER",
    "INSTITUTION_CLUSTER": "INSTITUTION_SAME_SIDE",
    "FOREIGN_SURGE": "FOREIGN_SURGE",
}
INVESTORS = {"INSTITUTION_CLUSTER": "institution", "FOREIGN_SURGE": "foreign"}


@dataclass(frozen=True, eq=False)
class Detection:
    """Arrays over the stocks under test, in their order: x and z of five sessions, empirical p, and who is flagged.

    `order`: flagged stocks, the strongest first. `daily` (stocks, sessions) is the flow that was tested.
    """

    method: str
    codes: tuple[str, ...]
    x: Floats
    z: Floats
    p: Floats
    p_adj: Floats
    strength: Floats
    order: NDArray[np.int64]
    days: Floats | None = None
    daily: Floats | None = None
    sides: Outcome | None = None
    leaves: Floats | None = None
    blocks: Blocks | None = None
    herding: dict[str, Any] | None = None
    gaps: Sequence[Gap] = field(default_factory=tuple)

    @property
    def tested(self) -> int:
        """Stocks with a p-value: the family that p is adjusted over."""
        return int(np.isfinite(self.p).sum())

    @property
    def same_side(self) -> int:
        """Stocks on the buying side with p_adj up to 0.10, whether or not the other conditions hold."""
        return int(((self.z > 0) & (self.p_adj <= Q)).sum())


def detect(scene: Scene, method: str) -> Detection:
    """Run one method over the stocks under test."""
    if method == "LARGE_ORDERS":
        return _large_orders(scene)
    investor = INVESTORS[method]
    if scene.basis is None:
        what = f"{investors.korean(investor)} of stocks on {scene.session}"
        return _nothing(
            scene, method, [Gap(what=what, reason="MISSING_INPUT", how=doors.how(scene.archive, "investor_day_stock"))]
        )
    net = scene.net(investor)
    tested = _tested(scene, net)
    if method == "FOREIGN_SURGE":
        days = scene.buying_days(net)
        flagged = smart_signals.foreign_surge(tested["z"], tested["p_adj"], days)
        return _found(scene, method, flagged, tested, days=days, daily=net, gaps=_untested(scene, tested))
    leaves = leaf_nets(scene, tuple(np.array(scene.codes)[scene.tested]))
    sides = smart_signals.institution_same_side(tested["z"], tested["p_adj"], leaves)
    gaps = _untested(scene, tested)
    silent = [investors.korean(kind) for kind, row in zip(KINDS, leaves, strict=True) if not np.isfinite(row).any()]
    if silent:
        how = "the stored sources do not give every kind of institution per stock; FOREIGN_SURGE does not need them"
        gaps.append(Gap(what=f"{', '.join(silent)} of stocks", reason="MISSING_INPUT", how=how))
    about: dict[str, Any] = {"sides": sides, "leaves": leaves, "herding": _herding(leaves)}
    return _found(scene, method, sides, tested, days=scene.buying_days(net), daily=net, gaps=gaps, **about)


def leaf_nets(scene: Scene, codes: Sequence[str]) -> Floats:
    """Net purchases of the seven kinds of institutions over five sessions, (7, stocks); NaN where one is missing."""
    columns = [investors.column(kind, "net", scene.measure) for kind in KINDS]
    found = panels.panel(scene.archive, "investor_day_stock", columns, codes, scene.window, having=columns)
    return np.array([found[column].sum(axis=1) for column in columns])


def _tested(scene: Scene, net: Floats) -> dict[str, Floats]:
    return _scored(scene.weekly(net))


def _scored(x: Floats) -> dict[str, Floats]:
    """x of the newest window, its z, its empirical p among the z of all stocks over the 60 sessions before."""
    z = z_history(x, gap=WEEK, last=PAST + 1)
    if z.shape[1] <= 1:
        z = np.full((len(x), 2), np.nan)
    found = smart_signals.pooled_p(z[:, -1], z[:, :-1])
    adjusted, strength = found.extra["p_adj"], found.extra["strength"]
    newest = x[:, -1] if x.shape[1] else np.full(len(x), np.nan)
    return {"x": newest, "z": z[:, -1], "p": found.value, "p_adj": adjusted, "strength": strength}


def _found(scene: Scene, method: str, flagged: Outcome, tested: dict[str, Floats], **about: Any) -> Detection:
    chosen = np.flatnonzero(flagged.value == 1)
    order = chosen[np.lexsort((-tested["z"][chosen], tested["p"][chosen]))]
    codes = tuple(np.array(scene.codes)[scene.tested].tolist())
    if about.get("daily") is not None:
        about["daily"] = about["daily"][scene.tested]
    scores: dict[str, Any] = dict(tested)
    return Detection(method, codes, order=order, **scores, **about)


def _nothing(scene: Scene, method: str, gaps: Sequence[Gap]) -> Detection:
    codes = tuple(np.array(scene.codes)[scene.tested].tolist())
    empty: dict[str, Any] = {name: np.full(len(codes), np.nan) for name in ("x", "z", "p", "p_adj", "strength")}
    return Detection(method, codes, order=np.array([], np.int64), gaps=gaps, **empty)


def _untested(
    scene: Scene, tested: dict[str, Floats], what: str = "flow and turnover", dataset: str = "investor_day_stock"
) -> list[Gap]:
    """Stocks without a p-value, by what they lack: `what`, of a dataset and prices."""
    how = doors.how(scene.archive, dataset, "daily_bars")
    lacking = int(np.isnan(tested["x"]).sum())
    short = int((np.isfinite(tested["x"]) & np.isnan(tested["z"])).sum())
    listed, gaps = len(tested["x"]), []
    if lacking:
        words = f"{lacking:,} of {listed:,} stocks without {what} in each of the five sessions (or halted)"
        gaps.append(Gap(what=words, reason="MISSING_INPUT", how=how))
    if short:
        words = f"{short:,} of {listed:,} stocks with fewer than 20 earlier windows, or windows that are all equal"
        gaps.append(Gap(what=words, reason="INSUFFICIENT_HISTORY", how=how))
    if not np.isfinite(tested["p"]).any() and np.isfinite(tested["z"]).any():
        words = f"p-values: fewer than {smart_signals.POOL:,} z of {scene.market} in the {PAST} sessions before"
        gaps.append(Gap(what=words, reason="INSUFFICIENT_HISTORY", how=how))
    return gaps


def _herding(leaves: Floats) -> dict[str, Any]:
    """beh.herding_fhw over stocks whose seven kinds are all known."""
    known = np.isfinite(leaves).all(axis=0)
    buyers, sellers = (np.where(known, side.sum(axis=0), np.nan) for side in (leaves > 0, leaves < 0))
    return herding.herding_fhw(buyers, sellers).at()


def _able(scene: Scene, codes: Sequence[str]) -> str:
    """The other methods that the stored flows are enough for."""
    if scene.basis is None:
        return "no other detection_method"
    whole = np.isfinite(leaf_nets(scene, codes)).all(axis=0).any()
    return f"detection_method FOREIGN_SURGE{' and INSTITUTION_CLUSTER' if whole else ''}"


def _large_orders(scene: Scene) -> Detection:
    codes = tuple(np.array(scene.codes)[scene.tested].tolist())
    blocks = smart_money_ticks.load(scene.archive, codes, scene.days, scene.bars["amount"][scene.tested])
    if blocks is None:
        how = f"{doors.how(scene.archive, 'ticks')}; {_able(scene, codes)} can be answered from what is stored"
        what = f"trades (ticks) of {scene.window[0]}~{scene.session}"
        return _nothing(scene, "LARGE_ORDERS", [Gap(what=what, reason="MISSING_INPUT", how=how)])
    tested = _scored(blocks.weekly)
    flagged = smart_signals.large_trade_cluster(tested["z"], tested["p_adj"])
    gaps = _untested(scene, tested, "trades (ticks), turnover and a threshold of 1,000 trades before", "ticks")
    return _found(scene, "LARGE_ORDERS", flagged, tested, blocks=blocks, gaps=gaps)
