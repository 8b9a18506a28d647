"""스마트머니: stocks that were bought so unusually that chance does not explain it, and how the market's flow leans."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field

from sugeup.archive import Archive
from sugeup.registry import usecase
from sugeup.usecases import calibrations, doors, shelf, smart_money_detectors, smart_money_market, smart_money_scene
from sugeup.usecases.answers import FieldMeta, Gap
from sugeup.usecases.arguments import MarketOrAll, Session
from sugeup.usecases.smart_money_details import Details, signal
from sugeup.usecases.smart_money_detectors import SIGNAL_TYPES, Detection
from sugeup.usecases.smart_money_market import Records, Totals
from sugeup.usecases.smart_money_models import Herding, Method, SmartMoney
from sugeup.usecases.smart_money_scene import WEEK, Scene
from sugeup.usecases.smart_money_sectors import SectorScores
from sugeup.usecases.smart_money_text import rows, text
from sugeup.usecases.windows import closing_moment
from sugeup.usecases.wording import moment

LEGACY = 10


def _upper(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


@usecase(
    tool="get_smart_money_tracker", path="/smart-money", verb="smart-money", title="스마트머니", text=text, rows=rows
)
def get_smart_money_tracker(
    archive: Archive,
    *,
    detection_method: Annotated[
        Method,
        BeforeValidator(_upper),
        Field(description="대량체결 (needs ticks), 기관 동반 순매수, 외국인 급증; 5 sessions."),
    ] = "LARGE_ORDERS",
    market: MarketOrAll = "ALL",
    min_confidence: Annotated[float, Field(ge=0, le=10, description="0-1; above 1 is divided by 10.")] | None = None,
    include_uncalibrated: Annotated[bool, Field(description="Default: true without min_confidence.")] | None = None,
    count: Annotated[int, Field(ge=1, le=500)] = 20,
    session: Session | None = None,
) -> SmartMoney:
    """Stocks with statistically rare buying (스마트머니 추적), market-wide, corrected for all stocks tested.

    With evidence, price levels, an index of quality-weighted flow and institutional tilt. Confidence is null until
    calibrated. A description, no advice.
    """
    used = min_confidence / LEGACY if min_confidence is not None and min_confidence > 1 else min_confidence
    listed_all = min_confidence is None if include_uncalibrated is None else include_uncalibrated
    archive = shelf.for_smart_money(archive)
    scene = smart_money_scene.load(archive, market, session)
    detection = smart_money_detectors.detect(scene, detection_method)
    chosen = _chosen(scene, detection, used, uncalibrated=listed_all)
    details = Details(scene, detection, chosen[:count])
    whole = smart_money_market.totals(archive, market, scene.session)
    sectors = SectorScores(scene)
    ticks = () if details.blocks is None else details.blocks.sources
    sources = {*scene.flows.sources, *scene.bars.sources, *whole.sources, *ticks}
    return SmartMoney(
        as_of=moment(closing_moment(scene.session)),
        generated_at=moment(archive.clock.now()),
        scope="MARKET",
        venue="KRX",
        sources=sorted({archive.origin(source).name for source in sources}),
        provisional=bool(scene.flows.last(WEEK).provisional.any()),
        simulated=archive.name == "simulated" or any(archive.origin(source).simulated for source in sources),
        coverage=_gaps(scene, detection, whole),
        warnings=_warnings(scene, detection, used, min_confidence, len(detection.order) - len(chosen)),
        market=market,
        detection_method=detection_method,
        window_start=scene.window[0],
        window_end=scene.session,
        min_confidence=used,
        include_uncalibrated=listed_all,
        universe=len(scene.stocks),
        stocks_tested=detection.tested,
        total_signals_found=len(detection.order),
        basis=scene.basis,
        smart_money_signals=[signal(details, at) for at in range(len(details.listed))],
        market_smart_money_index=smart_money_market.index(scene, whole, Records(scene), sectors),
        institutional_positioning=smart_money_market.positioning(scene, whole, sectors),
        herding=_herding(detection),
        meta=({} if detection.herding is not None else {"herding": _UNASKED})
        | ({} if used is not None else {"min_confidence": _UNFILTERED}),
    )


_UNFILTERED = FieldMeta(reason="OUT_OF_SCOPE", note="no least confidence was asked for")
_UNASKED = FieldMeta(reason="OUT_OF_SCOPE", note="told with detection_method=INSTITUTION_CLUSTER")


def _herding(detection: Detection) -> Herding | None:
    """Whether institutions crowd, market-wide: the context of INSTITUTION_CLUSTER."""
    found = detection.herding
    if found is None:
        return None
    reason = found.get("reason")
    none = "fewer than 10 stocks with five active kinds of institutions"
    if reason == "MISSING_INPUT":
        none = "no stock has every kind of institution stored"
    about = FieldMeta(
        window="5D",
        metric="beh.herding_fhw",
        estimated=None if reason else True,
        reason=reason,
        note=none if reason else "kinds of institutions as traders, not single funds",
    )
    value, p = found["value"], found["overdispersion_p"]
    return Herding(
        value=None if value is None else round(value, 3),
        p=None if p is None else float(f"{p:.4g}"),
        n_stocks=found["n_stocks"],
        meta={"value": about, "p": about},
    )


def _gaps(scene: Scene, detection: Detection, whole: Totals) -> list[Gap]:
    gaps = list(detection.gaps)
    silent = [name for name, net in whole.nets.items() if np.isnan(net[-1])]
    if silent:
        how = doors.how(scene.archive, "investor_day_market")
        gaps.append(
            Gap(what=f"market totals of {', '.join(silent)} on {scene.session}", reason="MISSING_INPUT", how=how)
        )
    if scene.memberships is None:
        how = doors.how(scene.archive, "sector_membership")
        gaps.append(Gap(what="sectors of stocks", reason="NOT_COLLECTED", how=how))
    return gaps


def _chosen(scene: Scene, detection: Detection, least: float | None, *, uncalibrated: bool) -> list[int]:
    """Places of the signals that pass: confidence at least `least`, and those without one where they are wanted."""
    if least is None and uncalibrated:
        return [int(at) for at in detection.order]
    known, kind = calibrations.load(scene.archive, scene.session), SIGNAL_TYPES[detection.method]
    told = [known.calibrated(kind, round(float(detection.strength[at]), 2)).value for at in detection.order]
    return [
        int(at)
        for at, confidence in zip(detection.order, told, strict=True)
        if (uncalibrated if confidence is None else confidence >= (least or 0.0))
    ]


def _warnings(scene: Scene, detection: Detection, used: float | None, given: float | None, hidden: int) -> list[str]:
    said = list(scene.warnings)
    if given is not None and used != given:
        said.append(f"min_confidence={given:g} is on the old scale of 10; {used:g} was used.")
    if hidden:
        said.append(
            f"{hidden} signals have no calibrated confidence, or a lower one, and are not listed; "
            "include_uncalibrated=true lists those without one."
        )
    if scene.basis == "VOLUME":
        said.append("No net won of stocks are stored: flows are judged on shares (VOLUME_BASIS), which gives no won.")
    until = scene.bars.until
    if until is None or until < scene.session:
        newest = "are not stored" if until is None else f"end on {until}"
        said.append(f"Prices and turnover {newest}; no stock can be tested for later sessions.")
    if len(detection.order) and not len(detection.gaps) and detection.tested < smart_money_scene.PAST:
        said.append(f"Only {detection.tested} stocks were tested.")
    return said
