"""스마트머니 신호 of a whole market: the rows that `signals_of` makes of an answer that lists every signal."""

from __future__ import annotations

from sugeup.usecases import smart_money_detectors
from sugeup.usecases.signal_rows import Family, Finding
from sugeup.usecases.smart_money_detectors import SIGNAL_TYPES, Detection
from sugeup.usecases.smart_money_scene import Scene
from sugeup.usecases.smart_money_signals import METRICS


def found(scene: Scene, provisional: bool) -> tuple[Family, ...]:
    """One family for each method of detection."""
    return tuple(_family(scene, method, provisional) for method in SIGNAL_TYPES)


def _family(scene: Scene, method: str, provisional: bool) -> Family:
    detection = smart_money_detectors.detect(scene, method)
    listed = [_finding(scene, detection, int(at)) for at in detection.order]
    return Family((SIGNAL_TYPES[method],), listed, detection.tested > 0, provisional)


def _finding(scene: Scene, detection: Detection, at: int) -> Finding:
    """Rounded as the answer rounds: the same signal stored from an answer is the same row."""
    kind = SIGNAL_TYPES[detection.method]
    days = None if detection.days is None else float(detection.days[at])
    evidence: dict[str, object] = {"net_buy_days": days, "same_side_stocks": detection.same_side}
    if detection.sides is not None:
        cell = detection.sides.at(at)
        evidence |= {"buying_kinds": cell["buyers"], "coordination": cell["coordination"]}
    if detection.blocks is not None:
        evidence |= {"large_trades": int(detection.blocks.count[at]), "large_won": float(detection.blocks.value[at])}
    return Finding(
        code=detection.codes[at],
        kind=kind,
        direction="BUY",
        detector=detection.method,
        family=scene.market,
        strength=round(float(detection.strength[at]), 2),
        statistic=round(100 * float(detection.x[at]), 2) / 100,
        z=round(float(detection.z[at]), 2),
        p=float(f"{float(detection.p[at]):.4g}"),
        p_adj=float(f"{float(detection.p_adj[at]):.4g}"),
        n_tested=detection.tested,
        basis="VOLUME" if scene.basis == "VOLUME" and detection.blocks is None else "AMOUNT",
        metric=METRICS[kind],
        evidence=evidence,
    )
