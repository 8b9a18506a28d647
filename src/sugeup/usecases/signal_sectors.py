"""업종 신호: sectors that got more or less than their share, and unusual rotation between two of them.

Both are judged as `get_sector_investor_flow` judges them, by the map of sectors that was known on the session.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sugeup.metrics.evened_sectors import SPAN
from sugeup.metrics.unusual_flow import POOL as YEAR
from sugeup.usecases import sector_unusual, unusual
from sugeup.usecases.sector_scene import Scene
from sugeup.usecases.sector_sums import WEEK
from sugeup.usecases.signal_rows import Family, Finding, figure

FLOWS = {"BUY": "SECTOR_INFLOW", "SELL": "SECTOR_OUTFLOW"}
UNUSUAL = sector_unusual.KINDS
MIXED = "ALL"
"""Family of a sector whose members are listed on both markets."""
_SIDES = {"INFLOW": "BUY", "OUTFLOW": "SELL"}


def found(scene: Scene, provisional: bool) -> tuple[Family, ...]:
    """Signals of every sector of the scene, whose investor is ALL."""
    return flows(scene, provisional), unusual_flows(scene, provisional)


def flows(scene: Scene, provisional: bool) -> Family:
    """`sec.rotation_signal`: abnormal net of five sessions beyond the past, tested over all sectors."""
    signals, zs, adjusted = scene.rotations.signals
    ps = scene.rotations.tested[1][:, -1]
    nets, turnovers, _ = scene.rotations.windows(WEEK)
    beyond = scene.rotations.abnormal(WEEK)[:, -1]
    tested = np.isfinite(ps)
    listed = []
    for at in range(len(scene.map.codes)):
        side = _SIDES.get(signals.at(at, -1)["value"])
        if side is None:
            continue
        listed.append(
            _finding(
                scene,
                at,
                FLOWS[side],
                side,
                metric="sec.rotation_signal",
                statistic=figure(beyond[at] / turnovers[at, -1]),
                z=figure(zs[at]),
                p=figure(ps[at]),
                p_adj=figure(adjusted[at]),
                n_tested=int(tested.sum()),
                evidence={
                    "window": WEEK,
                    "net_amount": int(nets[at, -1]),
                    "abnormal_net": round(float(beyond[at])),
                    "tested_against": unusual.POOL,
                },
            )
        )
    return Family(tuple(FLOWS.values()), listed, bool(tested.any()), provisional)


def unusual_flows(scene: Scene, provisional: bool) -> Family:
    """`sec.unusual_rotation`: members gained while those of a partner lost, rare over a year of evenings."""
    flow, told = sector_unusual.judged(scene)
    known = np.isfinite(told.value)
    listed = []
    for at in np.flatnonzero(known):
        cell = told.at(int(at))
        side = str(cell["value"])
        if side not in UNUSUAL:
            continue
        partner = int(cell["partner"])
        members = flow.extra["n"][:, -1]
        listed.append(
            _finding(
                scene,
                int(at),
                UNUSUAL[side],
                side,
                metric="sec.unusual_rotation",
                z=figure(flow.value[at, -1]),
                p=figure(cell["p"]),
                p_adj=figure(cell["p_adj"]),
                n_tested=int(known.sum()),
                evidence={
                    "window": SPAN,
                    "counted": int(members[at]),
                    "partner_code": scene.map.codes[partner],
                    "partner_name": scene.map.names[partner],
                    "partner_counted": int(members[partner]),
                    "partner_z": float(flow.value[partner, -1]),
                    "tested_together": YEAR,
                },
            )
        )
    return Family(tuple(UNUSUAL.values()), listed, bool(known.any()), provisional)


def _finding(scene: Scene, at: int, kind: str, side: str, *, evidence: dict[str, Any], **figures: Any) -> Finding:
    p = figures["p"]
    about = {"name": scene.map.names[at], "scheme": scene.map.scheme, "members": int(scene.map.sizes[at])}
    return Finding(
        code=scene.map.codes[at],
        kind=kind,
        direction=side,
        family=scene.market(at) or MIXED,
        scope="SECTOR",
        strength=None if p is None else round(100 * (1 - p), 2),
        basis="AMOUNT",
        evidence=about | evidence,
        **figures,
    )
