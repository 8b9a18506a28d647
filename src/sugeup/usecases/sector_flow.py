"""업종별 수급: which sectors foreigners and institutions bought and sold, and where money rotates."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from sugeup.archive import Archive
from sugeup.metrics import rotation, statistics
from sugeup.registry import usecase
from sugeup.usecases import doors, sector_blocks, sector_scene, sector_unusual
from sugeup.usecases.answers import FieldMeta, Gap
from sugeup.usecases.arguments import Session
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.sector_blocks import Measures
from sugeup.usecases.sector_flow_text import rows, text
from sugeup.usecases.sector_map import Scheme, SectorName
from sugeup.usecases.sector_models import (
    FromSector,
    MarketOverview,
    RotationAnalysis,
    SectorFlow,
    SectorPeriod,
    ToSector,
)
from sugeup.usecases.sector_scene import GROUPS, Scene
from sugeup.usecases.windows import closing_moment
from sugeup.usecases.wording import moment


def _upper(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


MODERATE, HIGH = 0.15, 0.25
"""HHI from which a rotation is MODERATE and above which it is HIGH: bands of the 2010 US merger guidelines."""
Q = 0.10


@usecase(
    tool="get_sector_investor_flow", path="/sector-flow", verb="sector-flow", title="업종별 수급", text=text, rows=rows
)
def get_sector_investor_flow(
    archive: Archive,
    *,
    sector: SectorName | None = None,
    investor_type: Annotated[
        Literal["FOREIGN", "INSTITUTION", "ALL"],
        BeforeValidator(_upper),
        Field(description="ALL: both, and their sum for momentum and rotation."),
    ] = "ALL",
    period: Annotated[Literal["1D", "5D", "20D"], BeforeValidator(_upper)] = "5D",
    top_n: Annotated[int, Field(ge=1, le=60, description="Sectors at most.")] = 10,
    scheme: Scheme | None = None,
    session: Session | None = None,
) -> SectorFlow:
    """Where 외국인 and 기관 put money by sector (업종별 수급, 순환매): all sectors, or one.

    Nets, top stocks, momentum, return and abnormal flow (beyond the sector's market share), largest first.
    """
    scene = sector_scene.load(archive, investor_type, int(period[:-1]), scheme, sector, session)
    measures = Measures(scene)
    groups = GROUPS if investor_type == "ALL" else (investor_type.lower(),)
    chosen = scene.map.find(sector) if sector is not None else _largest(measures)[:top_n]
    told = sector_unusual.stored(archive, scene) if sector is None else None
    sources = sorted({*scene.figures.sources, *scene.bars.sources, *scene.levels.sources})
    return SectorFlow(
        as_of=moment(closing_moment(scene.session)),
        generated_at=moment(archive.clock.now()),
        scope="SECTOR" if sector is not None else "MARKET",
        venue="KRX",
        sources=[archive.origin(source).name for source in sources],
        provisional=bool(scene.figures.provisional.any()),
        simulated=archive.name == "simulated" or any(archive.origin(source).simulated for source in sources),
        coverage=_gaps(archive, scene),
        warnings=_warnings(scene),
        period=SectorPeriod(name=period, start=scene.days[0], end=scene.session, sessions=len(scene.days)),
        investor_type=investor_type,
        sector_scheme=scene.map.scheme,
        sectors=int((scene.map.sizes > 0).sum()),
        sector_flows=[sector_blocks.block(measures, at, groups, told) for at in chosen],
        rotation_analysis=_rotation(measures),
        market_overview=_overview(archive, measures),
    )


def _largest(measures: Measures) -> list[int]:
    """Sectors with members, by the size of their abnormal net; where it is unknown by name, after the others."""
    scene = measures.scene
    sizes = np.abs(measures.abnormal)
    there = [at for at in range(len(scene.map.codes)) if scene.map.sizes[at] > 0]
    return sorted(there, key=lambda at: (np.isnan(sizes[at]), -np.nan_to_num(sizes[at]), scene.map.codes[at]))


def _rotation(measures: Measures) -> RotationAnalysis:
    """Sectors that got less and more than their share, and how strong that was against the past year."""
    scene, draft = measures.scene, Draft({}, {})
    window = f"{scene.period}D"
    net, _, weight = scene.rotations.windows(scene.period)
    known = [at for at in range(len(scene.map.codes)) if np.isfinite(net[at, -1])]
    nets = {scene.map.codes[at]: float(net[at, -1]) for at in known}
    outcome = rotation.rotation_matrix(nets, {scene.map.codes[at]: float(weight[at, -1]) for at in known}).at()
    abnormal: dict[str, float] = outcome["abnormal"] or {}
    _, _, ps = scene.rotations.signals
    said = "an attribution by capitalisation shares: money is not tracked from sector to sector"
    lists: dict[str, list[Any]] = {"from_sectors": [], "to_sectors": []}
    for code, amount in sorted(abnormal.items(), key=lambda pair: (-abs(pair[1]), pair[0])):
        at = scene.map.place[code]
        about = {
            "sector_code": code,
            "name": scene.map.names[at],
            "significant": None if np.isnan(ps[at]) else bool(ps[at] <= Q),
        }
        if round(amount) < 0:
            lists["from_sectors"].append(FromSector(outflow=round(amount), **about))
        elif round(amount) > 0:
            lists["to_sectors"].append(ToSector(inflow=round(amount), **about))
    meta = {name: sector_blocks.estimated("won", window, "flow.rotation_matrix", said) for name in lists if abnormal}
    for name, listed in lists.items():
        if any(one.significant is None for one in listed):
            note = "too few z of sectors in the sessions before for a p-value"
            meta[f"{name}.significant"] = FieldMeta(reason="INSUFFICIENT_HISTORY", note=note)
    percent, rank = scene.rotations.strength(scene.period)
    level = None if np.isnan(percent[-1]) else round(float(percent[-1]), 3)
    reason = None if level is not None else outcome.get("reason", "MISSING_INPUT")
    none = None if level is not None else "no two sectors have figures of the whole period"
    draft.put(
        "rotation_strength_pct",
        level,
        unit="% of turnover",
        window=window,
        metric="flow.rotation_strength",
        reason=reason,
        note=none,
    )
    cell = rank.at()
    cell["value"] = None if cell["value"] is None else cell["value"] / 10
    draft.measure(
        "rotation_strength",
        cell,
        1,
        unit="0-10",
        window="percentile of 250 windows",
        metric="tk.percentile_rank",
        note=None if cell["value"] is not None else "fewer than 60 past windows are known",
    )
    draft.put(
        "cycle_phase",
        None,
        reason="NOT_AVAILABLE_FROM_SOURCE",
        note="a business cycle needs macro data; see phase of each sector",
    )
    return RotationAnalysis(**lists, **draft.values, meta=draft.meta | meta)


def _overview(archive: Archive, measures: Measures) -> MarketOverview:
    """Official totals of both markets, dispersion of the sectors, concentration of abnormal nets."""
    scene, draft = measures.scene, Draft({}, {})
    window = f"{scene.period}D"
    for group, total in sector_scene.totals(archive, scene.days).items():
        draft.put(
            f"total_{group}_net",
            total,
            unit="won",
            window=window,
            reason=None if total is not None else "NOT_COLLECTED",
            note="official total of KOSPI + KOSDAQ, no sum of sectors"
            if total is not None
            else "official totals of a market or a session are not stored",
        )
    net, turnover, _ = scene.rotations.windows(scene.period)
    codes = scene.map.codes
    cell = rotation.sector_dispersion(
        dict(zip(codes, net[:, -1], strict=True)), dict(zip(codes, turnover[:, -1], strict=True))
    ).at()
    draft.measure(
        "sector_dispersion",
        cell,
        2,
        unit="pp",
        window=window,
        n=cell.get("n"),
        metric="flow.sector_dispersion",
        note=None if cell["value"] is not None else "fewer than 5 sectors have figures of the whole period",
    )
    known = measures.abnormal[np.isfinite(measures.abnormal)]
    hhi: dict[str, Any] = statistics.hhi(known).at() if len(known) else {"value": None, "reason": "MISSING_INPUT"}
    value: float | None = hhi["value"]
    draft.put(
        "concentration_risk",
        None if value is None else risk(value),
        window=window,
        metric="tk.hhi",
        reason=hhi.get("reason"),
        note="no sector has an abnormal net" if value is None else f"HHI of abnormal nets {value:.2f}, by convention",
    )
    return MarketOverview(**draft.values, meta=draft.meta)


def risk(hhi: float) -> str:
    """The word for a concentration: LOW below 0.15, HIGH above 0.25, MODERATE between."""
    return "LOW" if hhi < MODERATE else ("HIGH" if hhi > HIGH else "MODERATE")


def _gaps(archive: Archive, scene: Scene) -> list[Gap]:
    """Sectors whose sums are withheld, by reason; groups of products that no source gives."""
    gaps = []
    if not (scene.map.sizes > 0).any():
        how = f"the stored map begins on {scene.map.since}; ask for a session from then on, once flows are stored"
        gaps.append(Gap(what=f"sectors of {scene.session}", reason="OUT_OF_HISTORY", how=how))
    reasons: dict[tuple[str, str], list[str]] = {}
    for at in np.flatnonzero(scene.map.sizes > 0):
        withheld = sector_blocks.why(scene, int(at))
        if withheld is not None:
            words = "figures of less than 90% of the capitalisation" if "%" in withheld[1] else withheld[1]
            reasons.setdefault((withheld[0], words), []).append(scene.map.names[int(at)])
    for (reason, words), names in reasons.items():
        listed = f"{', '.join(names[:3])}{' …' if len(names) > 3 else ''}"
        how = f"{words}; {doors.how(archive, 'investor_day_stock', 'daily_bars', 'sector_membership')}"
        gaps.append(Gap(what=f"sums of {len(names)} sectors ({listed})", reason=reason, how=how))
    return gaps


def _warnings(scene: Scene) -> list[str]:
    said = list(scene.warnings)
    for what, panel in (("Prices and turnover", scene.bars), ("Indices", scene.levels)):
        if panel.until is None or panel.until < scene.session:
            newest = "are not stored" if panel.until is None else f"end on {panel.until}"
            said.append(f"{what} {newest}; what needs them is null for later sessions.")
    return said
