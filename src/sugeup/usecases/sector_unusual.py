"""이상 순환매 of a sector that was asked for: did its members gain while those of another sector lost?

Told for one sector alone: votes of a whole market over a year take longer than the rest of an answer about all sectors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sugeup.metrics.evened_flow import evened_flow
from sugeup.metrics.evened_sectors import MEMBERS, SPAN, evened_sector_flow, unusual_rotation
from sugeup.metrics.outcome import Outcome
from sugeup.metrics.unusual_flow import POOL
from sugeup.research import validation
from sugeup.usecases import panels
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.sector_models import UnusualRotation
from sugeup.usecases.sector_scene import GROUPS, Scene

KINDS = {"BUY": "SECTOR_UNUSUAL_INFLOW", "SELL": "SECTOR_UNUSUAL_OUTFLOW"}
_FEW = f"fewer than {MEMBERS} members have figures of {SPAN} sessions and of the year before"
_ALONE = "no other sector of its market has a figure"
_SHORT = "too few sessions are stored since the map of sectors begins"


def block(scene: Scene, at: int, flow: Outcome, told: Outcome) -> UnusualRotation:
    """`sec.unusual_rotation` of one sector, by its place in the map; flow, told: what `judged` gives."""
    draft, known = Draft({}, {}), at < len(flow.value)
    number = flow.at(at, -1) if known else {"value": None, "n": 0}
    z = None if number["value"] is None else round(number["value"], 2)
    few = _FEW if z is None else None
    lacking = "MISSING_INPUT" if z is None else None
    draft.put("z", z, n=number["n"], window=f"{SPAN}D", metric="sec.evened_flow", reason=lacking, note=few)
    cell: dict[str, Any] = told.at(at) if known else {"value": None, "reason": "MISSING_INPUT"}
    side, reason = cell["value"], cell.get("reason")
    why = (few or _ALONE) if reason == "MISSING_INPUT" else _SHORT
    draft.put(
        "signal",
        side,
        window=f"{SPAN}D, tested over {POOL} sessions",
        p_adj=None if side is None else round(cell["p_adj"], 4),
        metric="sec.unusual_rotation",
        reason=reason,
        note=why if side is None else validation.of(KINDS["SELL" if (z or 0) < 0 else "BUY"]).sentence,
    )
    partner = scene.map.names[cell["partner"]] if side in KINDS else None
    nobody = why if side is None else "no rotation is told"
    about = {} if partner else {"reason": reason or "NO_PATTERN", "note": nobody}
    draft.put("partner", partner, **about)
    return UnusualRotation(**draft.values, meta=draft.meta)


def judged(scene: Scene) -> tuple[Outcome, Outcome]:
    """Flow of every sector on the sessions that are tested together, and what is told on the last one."""
    places = {name: at for at, name in enumerate(panels.MARKETS)}
    listed = np.array([places.get(scene.markets.get(code) or "", len(places)) for code in scene.map.stocks])
    traded = scene.bars["amount"]
    nets = (scene.flows[f"{group}_net_amount"] for group in GROUPS)
    each = [evened_flow(net, traded, n=SPAN, last=POOL + 1).value for net in nets]
    votes = np.sum(each, axis=0) / np.sqrt(len(each))
    flow = evened_sector_flow(votes, scene.map.member[:, -votes.shape[1] :], listed)
    market = [places.get(scene.market(at) or "", len(places)) for at in range(len(flow.value))]
    return flow, unusual_rotation(flow.value, flow.extra["n"], market)
