"""공매도 과열 of one stock: the reproduced verdict, how far each type is, and the exchange's own list beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from sugeup.archive import Archive
from sugeup.market import overheating as rules
from sugeup.market import sessions
from sugeup.usecases import short_panel, short_rule
from sugeup.usecases.answers import FieldMeta
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.short_models import Beside, Kind, Overheating, Requirement
from sugeup.usecases.short_panel import Inputs
from sugeup.usecases.short_rule import Official, Quarter
from sugeup.usecases.short_stock import BANNED, Scene

_PARTS = ("value", "needed", "distance")
_FIELDS = ("type", "multiple", "average_ratio_40", "traded_40", "quarter_ratio", "threshold")
WHY = {
    "NEW_LISTING": "traded on fewer than 20 of the 40 sessions before",
    "MISSING_INPUT": "a figure that the rule asks for is null",
}


def overheating(archive: Archive, scene: Scene) -> Overheating:
    """The rule on the session and on the one before, each with the list of the session after it."""
    day, code, market = scene.session, scene.security.code, scene.security.market
    before = scene.panel.days[-2] if len(scene.panel.days) > 1 else day
    following = sessions.next(day)
    lists = short_rule.official(archive, [before, sessions.next(before), day, following])
    draft = Draft({}, {})
    barred = _flag(lists, day, code)
    lacking = (None, None) if barred is not None else lists.lacking(day)
    draft.put("barred_today", barred, reason=lacking[0], note=lacking[1])
    blocked = _blocked(scene)
    if blocked is not None:
        for name in _FIELDS:
            draft.put(name, None, reason=blocked[0], note=blocked[1])
        return Overheating(**draft.values, types=[], beside=[], meta=draft.meta)
    verdicts: dict[date, dict[str, Any]] = {}
    quarter: Quarter | None = None
    quarters: dict[tuple[date, ...], Quarter | None] = {}
    given: Inputs | None = None
    for at, one in ((len(scene.panel.days) - 2, before), (len(scene.panel.days) - 1, day)):
        if at < 1:
            continue
        window = short_rule.quarter_days(one)
        if window not in quarters:
            found = short_rule.quarters(archive, scene.instruments, [market] if market else [], one)
            quarters[window] = found.get(market or "")
        quarter = quarters[window]
        given = short_panel.inputs(scene.panel, at, [scene.security.listed_on])
        shares = {market or "": quarter.value if quarter else None}
        outcome = short_panel.judged(one, [market], given, shares, lists.barred(one, [code]))
        verdicts[one] = {"value": None, "reason": "OUT_OF_HISTORY"} if outcome is None else outcome.at(0)
    verdict = verdicts.get(day, {"value": None, "reason": "INSUFFICIENT_HISTORY"})
    _figures(scene, draft, given, quarter, verdict, barred)
    figures = {key: _number(array) for key, array in _measured(given).items()}
    types = _types(scene, figures, verdict.get("threshold"))
    _unknown(draft, types)
    pairs = [(before, sessions.next(before)), (day, following)] if before != day else [(day, following)]
    beside = [_beside(lists, verdicts.get(one, verdict), one, after, code) for one, after in pairs]
    return Overheating(**draft.values, types=types, beside=beside, meta=draft.meta)


def _blocked(scene: Scene) -> tuple[str, str] | None:
    """Why the rule cannot be asked at all."""
    if scene.banned:
        return "OUT_OF_SCOPE", BANNED
    if rules.on(scene.session) is None:
        return "OUT_OF_HISTORY", "no rule before 2017-09-25 is kept"
    if scene.kind not in (None, "STOCK"):
        return "OUT_OF_SCOPE", f"the rule is for stocks, not for {scene.kind}"
    if scene.security.market not in rules.MARKETS:
        return "MISSING_INPUT", "its market is not stored, and the rule differs by market"
    return None


def _figures(
    scene: Scene,
    draft: Draft,
    given: Inputs | None,
    quarter: Quarter | None,
    verdict: dict[str, Any],
    barred: bool | None,
) -> None:
    measured = _measured(given)
    multiple, mean = _number(measured["multiple"]), _number(measured["mean_ratio"])
    known = int(given.known[0]) if given is not None else 0
    traded = _number(given.traded) if given is not None else None
    reason = verdict.get("reason")
    note = None
    if verdict["value"] is None:
        note = WHY.get(reason or "", "")
        if reason == "MISSING_INPUT":
            lacking = [
                name
                for name, value in (
                    ("return", _number(measured["return"])),
                    ("short ratio in won", None if given is None or given.on_shares[0] else _number(measured["ratio"])),
                    ("multiple of short value", multiple),
                    ("quarter's share", quarter.value if quarter else None),
                    ("bars of the 40 sessions", traded),
                )
                if value is None
            ]
            note = f"missing: {', '.join(lacking) or 'official list of the session, for a fall that may prolong a ban'}"
    estimated = True if verdict["value"] is not None else None
    draft.put(
        "type",
        verdict["value"],
        reason=reason,
        note=note or "our reproduction",
        metric="sht.overheat",
        estimated=estimated,
    )
    lacks = "short value in won of the session or of the sessions before is missing"
    window = f"{short_panel.BEFORE} sessions before"
    _put(draft, "multiple", multiple, unit="x", window=window, n=known, note=lacks)
    _put(draft, "average_ratio_40", mean, unit="%", window=window, n=known, note=lacks)
    whole = None if traded is None else int(traded)
    draft.put(
        "traded_40",
        whole,
        reason=None if whole is not None else "MISSING_INPUT",
        note=None if whole is not None else "bars are missing",
    )
    value = None if quarter is None or quarter.value is None else round(quarter.value, 2)
    told = quarter or Quarter(None, 0, "MISSING_INPUT", "no quarter is stored")
    draft.put(
        "quarter_ratio",
        value,
        unit="%",
        n=told.n,
        reason=told.reason,
        note=told.note,
        estimated=True if value is not None else None,
    )
    threshold = verdict.get("threshold")
    reason = None if threshold is not None else (verdict.get("reason") or "MISSING_INPUT")
    draft.put(
        "threshold",
        threshold,
        unit="% of turnover",
        reason=reason,
        note="3 x the quarter's share, at most 20" if threshold is not None else WHY.get(reason or "", told.note),
        estimated=True if threshold is not None else None,
        metric="sht.overheat",
    )


def _types(scene: Scene, figures: dict[str, float | None], threshold: float | None) -> list[Kind]:
    rule = rules.on(scene.session)
    found = []
    for condition in rule.conditions if rule else ():
        if scene.security.market not in condition.markets:
            continue
        rooms = short_rule.rooms(condition, figures, threshold)
        states = {room.met for room in rooms}
        met = False if False in states else (None if None in states else True)
        requirements = [
            Requirement(measure=room.measure, value=room.value, needed=room.needed, distance=room.distance)
            for room in rooms
        ]
        found.append(Kind(type=condition.type, met=met, requirements=requirements))
    return found


def _unknown(draft: Draft, types: list[Kind]) -> None:
    """Why something is null in the types: a figure, or the floor of the quarter that it has to reach."""
    note = "a figure that the requirement asks for, or the quarter's floor, is missing"
    parts = [part for kind in types for part in kind.requirements]
    empty = {f"types.requirements.{name}": [getattr(part, name) for part in parts] for name in _PARTS}
    for path, values in ({"types.met": [kind.met for kind in types]} | empty).items():
        if None in values:
            draft.meta[path] = FieldMeta(reason="MISSING_INPUT", note=note)


def _beside(lists: Official, verdict: dict[str, Any], one: date, after: date, code: str) -> Beside:
    draft = Draft({}, {})
    ours, theirs = verdict["value"], _flag(lists, after, code)
    note = None if ours is not None else WHY.get(verdict.get("reason", ""), "no verdict")
    draft.put("ours", ours, reason=verdict.get("reason") if ours is None else None, note=note, metric="sht.overheat")
    lacking, missing = (None, None) if theirs is not None else lists.lacking(after)
    draft.put("official", theirs, reason=lacking, note=missing)
    agree = None if ours is None or theirs is None else (ours != "NONE") == theirs
    draft.put("agree", agree, reason=None if agree is not None else lacking or "MISSING_INPUT", note=note or missing)
    return Beside(decided_after=one, in_force=after, **draft.values, meta=draft.meta)


def _measured(given: Inputs | None) -> dict[str, Any]:
    if given is None:
        return dict.fromkeys(("return", "ratio", "multiple", "mean_ratio"), np.array([np.nan]))
    return {"return": given.ret, "ratio": given.ratio, "multiple": given.multiple, "mean_ratio": given.mean_ratio}


def _put(draft: Draft, name: str, value: float | None, *, note: str, **about: Any) -> None:
    value = None if value is None else round(value, 2)
    reason = None if value is not None else "MISSING_INPUT"
    draft.put(name, value, reason=reason, note=None if value is not None else note, **about)


def _flag(lists: Official, day: date, code: str) -> bool | None:
    value = lists.barred(day, [code])[0]
    return None if np.isnan(value) else bool(value)


def _number(array: Any) -> float | None:
    return float(array[0]) if np.isfinite(array[0]) else None
