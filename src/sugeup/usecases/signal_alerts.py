"""알림 조건 of a whole market: turns of a flow against the week before, and 쌍끌이."""

from __future__ import annotations

import numpy as np

from sugeup.metrics import alerts
from sugeup.metrics.window_scores import z_history
from sugeup.usecases.panels import Floats
from sugeup.usecases.signal_rows import Family, Finding, figure
from sugeup.usecases.smart_money_scene import GROUPS, WEEK, Scene

TURNS = {"TO_BUY": "BUY", "TO_SELL": "SELL"}
DOUBLES = {"DOUBLE_BUY": "BUY", "DOUBLE_SELL": "SELL"}


def found(scene: Scene, provisional: bool) -> tuple[Family, ...]:
    """Flow reversals of foreigners and institutions; both on one side. Conditions, not tests: they have no p."""
    if scene.basis is None:
        reversals = tuple(Family((turn(group),), (), False, provisional) for group in GROUPS)
        return (*reversals, Family(tuple(DOUBLES), (), False, provisional))
    scores = {group: z_history(scene.weekly(scene.net(group)), gap=WEEK, last=WEEK + 1) for group in GROUPS}
    reversals = tuple(_reversals(scene, group, z, provisional) for group, z in scores.items())
    return (*reversals, _doubles(scene, {group: z[:, -1] for group, z in scores.items()}, provisional))


def turn(group: str) -> str:
    """Name of a reversal of a group: FOREIGN_FLOW_REVERSAL."""
    return f"{group.upper()}_FLOW_REVERSAL"


def _codes(scene: Scene) -> list[str]:
    return [str(code) for code in np.array(scene.codes)[scene.tested]]


def _reversals(scene: Scene, group: str, z: Floats, provisional: bool) -> Family:
    codes, whole = _codes(scene), z.shape[1] > WEEK
    now, before = (z[:, -1], z[:, -1 - WEEK]) if whole else (np.full(len(codes), np.nan),) * 2
    told = alerts.flow_reversal(now, before)
    listed = [
        Finding(
            code=codes[at],
            kind=turn(group),
            direction=TURNS[str(told.extra["direction"][at])],
            family=scene.market,
            z=figure(now[at]),
            basis=scene.basis,
            metric="alr.flow_reversal",
            evidence={"z": now[at], "z_a_week_before": before[at]},
        )
        for at in np.flatnonzero(told.value == 1)
    ]
    return Family((turn(group),), listed, bool(np.isfinite(told.value).any()), provisional)


def _doubles(scene: Scene, z: dict[str, Floats], provisional: bool) -> Family:
    codes = _codes(scene)
    days = {group: scene.buying_days(scene.net(group)) for group in GROUPS}
    told = alerts.focus(z["foreign"], z["institution"], days["foreign"], days["institution"])
    listed = []
    for name, side in DOUBLES.items():
        for at in np.flatnonzero(told.value == alerts.FOCUSES.index(name)):
            figures = {f"{group}_z": z[group][at] for group in GROUPS}
            figures |= {f"{group}_net_buy_days": days[group][at] for group in GROUPS}
            listed.append(
                Finding(
                    code=codes[at],
                    kind=name,
                    direction=side,
                    family=scene.market,
                    basis=scene.basis,
                    metric="alr.focus",
                    evidence=figures,
                )
            )
    return Family(tuple(DOUBLES), listed, bool(np.isfinite(told.value).any()), provisional)
