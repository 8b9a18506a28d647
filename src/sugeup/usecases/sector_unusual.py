"""이상 순환매: did the members of a sector gain while those of another sector lost?

Computed for a sector that was asked for alone: votes of a whole market over a year take longer than the rest of an
answer about all sectors. That one tells what the nightly analysis stored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.metrics.evened_flow import evened_flow
from sugeup.metrics.evened_sectors import MEMBERS, SPAN, evened_sector_flow, unusual_rotation
from sugeup.metrics.outcome import Outcome
from sugeup.metrics.unusual_flow import POOL
from sugeup.research import validation
from sugeup.usecases import panels
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.sector_models import UnusualRotation
from sugeup.usecases.sector_scene import GROUPS, Scene

UNTOLD = "told when this sector is asked for; of all sectors, where the nightly job analyse stored one of the session"
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


def stored(archive: Archive, scene: Scene) -> Mapping[str, UnusualRotation]:
    """Code of a sector -> `sec.unusual_rotation` as it was told on the evening of the session and still stands."""
    columns = ("kind", "scope", "direction", "z", "p_adj", "withdrawn", "evidence")
    rows = archive.read("signals", columns=columns, start=scene.session, end=scene.session)
    told = rows.filter(
        pl.col("scope") == "SECTOR",
        pl.col("kind").is_in(list(KINDS.values())),
        ~pl.col("withdrawn").fill_null(value=False),
    )
    found = {}
    for row in told.iter_rows(named=True):
        evidence = json.loads(row["evidence"] or "{}")
        if evidence.get("scheme") != scene.map.scheme:
            continue
        draft, about = Draft({}, {}), {"window": f"{evidence['window']}D", "source": "signals"}
        draft.put("z", None if row["z"] is None else round(row["z"], 2), metric="sec.evened_flow", **about)
        draft.put(
            "signal",
            row["direction"],
            p_adj=None if row["p_adj"] is None else round(row["p_adj"], 4),
            provisional=None if row["final"] else True,
            metric="sec.unusual_rotation",
            note=validation.of(row["kind"]).sentence,
            **(about | {"window": f"{about['window']}, tested over {evidence['tested_together']} sessions"}),
        )
        draft.put("partner", evidence["partner_name"], source="signals")
        found[row["code"]] = UnusualRotation(**draft.values, meta=draft.meta)
    return found


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
