"""검정력: what the detectors find in simulated markets of several strengths, beside the ideal one; sums over seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from sugeup.research import detection, detectors_more, matched_filter, rules
from sugeup.research.candidates import candidates
from sugeup.research.detection import Tally
from sugeup.research.figures import Figures, Flags, Floats
from sugeup.research.matched_filter import Scores, Shape

SHARE = 0.7
"""Part of what the ideal detector finds that ours must find, at the strength of the aims."""
PRECISION, FALSE, AIMED = 0.8, 0.1, 2.0
FEW = 30
"""Alarms or events below which a share of them says nothing of an aim."""
AIMS = ("precision", "recall", "fdr")
DRAWS, SEED = 2000, 20240101
DEAR = ("anomaly",)
"""Detectors that take longer than all others together."""
Tallies = dict[str, Tally]


@dataclass
class Measured:
    """One seed: counts of every rule by strength (`detectors`, `candidates`), scores of the ideal by shape.

    `overheat`: stock-sessions that our rule of short overheating told, that the simulated exchange told, and both, on
    sessions on which ours could judge.
    """

    detectors: dict[float, Tallies] = field(default_factory=dict)
    candidates: dict[float, Tallies] = field(default_factory=dict)
    ideal: dict[str, Scores] = field(default_factory=dict)
    overheat: tuple[int, int, int] = (0, 0, 0)


def measure(
    into: Measured, strength: float, market: Figures, labels: pl.DataFrame, official: Flags | None = None
) -> None:
    """Run every detector on one market and enter what it found; the dear ones at strength 0 and at that of the aims."""
    planted = detection.events(labels, market.days)
    wanted = tuple(name for name in detectors_more.DETECTORS if name not in DEAR or strength in (0, AIMED))
    told = detectors_more.detect(market, wanted)
    into.detectors[strength] = {
        rule.name: detection.tally(one, rule, planted, market.codes)
        for one in told
        for rule in (rules.of(one.kind, one.direction),)
    }
    into.candidates[strength] = {
        rule.name: detection.tally(one, rule, planted, market.codes)
        for one in candidates(market)
        for rule in (rules.of(one.kind, one.direction),)
    }
    if official is not None:
        ours = next(one for one in told if one.kind == "SHORT_OVERHEAT")
        theirs = official & ours.judged
        both = (int(ours.fired.sum()), int(theirs.sum()), int((ours.fired & theirs).sum()))
        into.overheat = tuple(a + b for a, b in zip(into.overheat, both, strict=True))  # type: ignore[assignment]


def summed(parts: Sequence[Measured]) -> dict[str, Any]:
    """The figures of all seeds as JSON can hold them."""
    strengths = sorted(parts[0].detectors)
    ideals = {name: [one.ideal[name] for one in parts] for name in parts[0].ideal}
    ours, theirs, both = np.sum([one.overheat for one in parts], axis=0).tolist()
    return {
        "strengths": strengths,
        "seeds": len(parts),
        "detectors": _rows([one.detectors for one in parts], strengths, ideals),
        "candidates": _rows([one.candidates for one in parts], strengths, ideals),
        "ideal": {name: _ideal(scores) for name, scores in ideals.items()},
        "overheat": {
            "told": ours,
            "official": theirs,
            "precision": detection.rate(both, ours),
            "recall": detection.rate(both, theirs),
        },
    }


def _rows(
    parts: Sequence[Mapping[float, Tallies]], strengths: Sequence[float], ideals: Mapping[str, Sequence[Scores]]
) -> list[dict[str, Any]]:
    found = []
    for rule in rules.RULES:
        if rule.name not in parts[0][strengths[0]]:
            continue
        by_strength = {}
        nothing = _total(one[strengths[0]][rule.name] for one in parts)
        false_alarms = nothing.struck / nothing.windows if nothing.windows else None
        for strength in strengths:
            if rule.name not in parts[0][strength]:
                continue
            counts = _total(one[strength][rule.name] for one in parts)
            told = detection.told(counts)
            told["ideal_recall"] = _ideal_recall(rule.targets, counts, ideals, strength, false_alarms)
            by_strength[f"{strength:g}"] = told
        found.append(
            {
                "name": rule.name,
                "kind": rule.kind,
                "direction": rule.direction,
                "targets": list(rule.targets),
                "tests": rule.tests,
                "stretch_false_alarms": detection.rate(nothing.struck, nothing.windows),
                "by_strength": by_strength,
                "aims": aims(by_strength.get(f"{AIMED:g}"), rule.targets),
            }
        )
    return found


def _total(parts: Iterable[Tally]) -> Tally:
    return sum(parts, Tally())


def _ideal_recall(
    targets: Sequence[str],
    counts: Tally,
    ideals: Mapping[str, Sequence[Scores]],
    strength: float,
    false_alarms: float | None,
) -> float | None:
    """Recall of the ideal detector at as many false alarms, weighted by the events that ours was held against."""
    if false_alarms is None or not strength:
        return None
    total = weight = 0.0
    for kind in targets:
        shapes = [scores for name, scores in ideals.items() if name.split(" ")[0] == kind]
        if not shapes or not counts.events[kind]:
            continue
        recalls = [
            matched_filter.recall_at(
                np.concatenate([one.scan_null for one in scores]),
                np.concatenate([one.scan[strength] for one in scores]),
                false_alarms,
            )
            for scores in shapes
        ]
        total += counts.events[kind] * float(np.mean(recalls))
        weight += counts.events[kind]
    return total / weight if weight else None


def aims(told: Mapping[str, Any] | None, targets: Sequence[str]) -> dict[str, bool | None]:
    """Whether the aims are met: precision, recall beside the ideal, daily false discoveries; None: not measured.

    Without a planted event of its own no alarm can be right, and precision says nothing; neither do precision or recall
    of fewer than 30 alarms or events.
    """
    if told is None:
        return {"precision": None, "recall": None, "fdr": None}
    precision, recall, ideal = told["precision"]["value"], told["recall"]["value"], told["ideal_recall"]
    daily = told["daily_fdr"]
    return {
        "precision": None if precision is None or not targets or told["alarms"] < FEW else precision >= PRECISION,
        "recall": None if recall is None or not ideal or told["recall"]["n"] < FEW else recall >= SHARE * ideal,
        "fdr": None if daily is None else daily <= FALSE,
    }


def _ideal(scores: Sequence[Scores]) -> dict[str, Any]:
    found: dict[str, Any] = {"known": {}, "scan": {}, "at_1pct": {}}
    null = np.concatenate([one.scan_null for one in scores])
    for strength in scores[0].scan:
        name = f"{strength:g}"
        found["known"][name] = _mean([matched_filter.auc(one.known_null, one.known[strength]) for one in scores])
        found["scan"][name] = _mean([matched_filter.auc(one.scan_null, one.scan[strength]) for one in scores])
        event = np.concatenate([one.scan[strength] for one in scores])
        found["at_1pct"][name] = matched_filter.recall_at(null, event, 0.01)
    return found


def _mean(values: Sequence[float]) -> dict[str, float | None]:
    """Mean over seeds with its bootstrap interval over seeds; no interval for a single seed."""
    rows: Floats = np.array(values)
    if len(rows) < 2:
        return {"value": float(rows.mean()), "lo": None, "hi": None}
    drawn = np.random.default_rng(SEED).choice(rows, (DRAWS, len(rows))).mean(axis=1)
    low, high = (float(part) for part in np.quantile(drawn, [0.025, 0.975]))
    return {"value": float(rows.mean()), "lo": low, "hi": high}


def ideal(market: Figures, shapes: Sequence[Shape], strengths: Sequence[float], seed: int) -> dict[str, Scores]:
    """Scores of the ideal detector of each shape on a market without events; named by kind, and days where many."""
    found = {}
    for shape in shapes:
        several = sum(one.kind == shape.kind for one in shapes) > 1
        name = f"{shape.kind} {len(shape.days)}" if several else shape.kind
        found[name] = matched_filter.scores(market, shape, [one for one in strengths if one], seed)
    return found
