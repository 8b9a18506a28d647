"""The parts of an answer about holdings: level, change, runs, milestones, and what stays unknown."""

from __future__ import annotations

from typing import Any

import numpy as np

from sugeup.metrics import ownership
from sugeup.usecases import ownership_filings
from sugeup.usecases.answers import FieldMeta
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.ownership_filings import Filed
from sugeup.usecases.ownership_models import Breakdown, Change, Day, Foreign, Level, Milestone, OwnedStock
from sugeup.usecases.ownership_scene import NETS, Scene

_UNPUBLISHED = "NOT_AVAILABLE_FROM_SOURCE"
_NOBODY = {
    "institution": "no source publishes what institutions hold",
    "individual": "no source publishes what individuals hold",
}
_UNLISTED = "no listed shares are stored for the date"
_UNPRICED = "no close is stored for the date"


def stock(scene: Scene) -> OwnedStock:
    """The stock with price and market capitalisation on the date of the holding."""
    draft = Draft({}, {})
    last = scene.window.frame.row(-1, named=True)
    price, listed = last["raw_close"], _whole(scene.listed[-1])
    draft.put("current_price", price, unit="won", reason=_missing(price), note=None if price else _UNPRICED)
    known = price is not None and listed is not None
    cap = last["market_cap"] if last["market_cap"] is not None else (price * listed if known else None)
    note = None if cap is not None else (_UNLISTED if price is not None else _UNPRICED)
    draft.put("market_cap", cap, unit="won", reason=_missing(cap), note=note)
    security = scene.security
    return OwnedStock(code=security.code, name=security.name, market=security.market, **draft.values, meta=draft.meta)


def level(scene: Scene) -> Foreign:
    """Foreign holding of the newest session: shares, %, won, use of the legal limit."""
    draft, at = Draft({}, {}), scene.last
    held, price = scene.column("held_shares")[at], scene.column("raw_close")[at]
    bound = scene.column("limit_shares")[at]
    draft.put("shares", _whole(held), unit="shares")
    percent = _rounded(scene.percent[at], 2)
    draft.put(
        "percentage", percent, unit="%", reason=_missing(percent), note=None if percent is not None else _UNLISTED
    )
    value = _whole(held * price)
    draft.put("value", value, unit="won", reason=_missing(value), note=None if value is not None else _UNPRICED)
    use = ownership.limit(held, bound).at()
    note = "no legal limit is stored for the date" if np.isnan(bound) else None
    if use["value"] is None and bound == 0:
        note = "the limit is 0: foreigners may hold none"
    told = scene.column("limit_use_pct")[at]
    if use["value"] is None and np.isnan(bound) and np.isfinite(told):
        draft.put("limit_exhaustion", float(told), unit="%", method="AS_PUBLISHED", note="as the source rounds it")
    else:
        draft.measure("limit_exhaustion", use, 2, unit="%", metric="own.limit", note=note)
    room = use["room_shares"]
    draft.put("room_shares", _whole(room), unit="shares", reason=use.get("reason"), note=note)
    return Foreign(holding_date=scene.window.days[at], **draft.values, meta=draft.meta)


def unknown_level(name: str, filed: Filed) -> Level:
    """A level that no source has: every figure null, with the reason; what the pension fund reported beside it."""
    draft = Draft({}, {})
    for field, unit in (("shares", "shares"), ("percentage", "%"), ("value", "won")):
        draft.put(field, None, unit=unit, reason=_UNPUBLISHED, note=_NOBODY[name])
    parts: dict[str, Any] = {}
    if name == "institution":
        inner = Draft({}, {})
        percent, about = ownership_filings.pension(filed)
        inner.put("national_pension", percent, unit="%", **about)
        for field in ("investment_trust", "insurance", "other"):
            inner.put(field, None, unit="%", reason=_UNPUBLISHED, note=_NOBODY[name])
        parts["breakdown"] = Breakdown(**inner.values, meta=inner.meta)
    return Level(**draft.values, **parts, meta=draft.meta)


def change(scene: Scene, threshold: float) -> Change:
    """How the foreign holding changed over the period, buying apart from price, on the share basis of its end."""
    draft, ends = Draft({}, {}), [scene.first, scene.last]
    held = scene.adjusted[ends]
    listed = scene.basis.latest(scene.listed).value[ends]
    price = scene.basis.prices(scene.column("raw_close"))[ends]
    of_listed = ownership.change(held[0], held[1], listed[0], listed[1], 0, 0).at()
    of_shares = ownership.change(held[0], held[1], 1, 1, 0, 0).at()
    of_won = ownership.change(held[0], held[1], 1, 1, price[0], price[1]).at()
    gap = bool(scene.blocked[ends].any())
    span = f"{scene.window.days[scene.first]}~{scene.window.days[scene.last]}"

    def put(field: str, outcome: dict[str, Any], key: str, unit: str | None, digits: int | None, note: str) -> None:
        value = outcome[key]
        reason = None if value is not None else ("CORPORATE_ACTION_GAP" if gap else outcome.get("reason"))
        told = None if value is not None else ("a split or rights issue without a stored factor" if gap else note)
        if value is not None and digits is not None:
            value = round(value, digits) if digits else round(value)
        draft.put(field, value, unit=unit, window=span, reason=reason, note=told, metric="own.change")

    put("shares_change", of_shares, "shares_change", "shares", 0, "a holding is missing")
    put("percentage_change", of_listed, "value", "%p", 2, _UNLISTED)
    for field in ("value_change", "quantity_effect", "price_effect"):
        put(field, of_won, field, "won", 0, _UNPRICED)
    put("trend", of_listed, "trend", None, None, _UNLISTED)
    run = ownership.streak(scene.adjusted, last=1).at(-1)
    run["value"] = None if run["value"] is None else int(run["value"])
    if run["value"] is None and scene.blocked[-2:].any():
        run["reason"] = "CORPORATE_ACTION_GAP"
    note = None if run["value"] is not None else "the session before has no holding on the same scale"
    draft.measure("consecutive_days", run, None, unit="sessions", metric="own.streak", note=note)
    _below(draft, of_listed["value"], threshold)
    _exchange(scene, draft, "foreign")
    moved, bought = draft.values["shares_change"], draft.values["net_bought"]
    known = moved is not None and bought is not None
    note = (
        "holdings also change by conversions, transfers and settlement; not an error" if known else "an input is null"
    )
    beyond = moved - bought if known else None
    draft.put("off_exchange", beyond, unit="shares", estimated=True, reason=_missing(beyond), note=note)
    return Change(**draft.values, meta=draft.meta)


def implied(scene: Scene, name: str, threshold: float) -> Change:
    """What the flows of an investor imply for a holding that nobody publishes; every level is null."""
    draft = Draft({}, {})
    for field, unit in (("shares_change", "shares"), ("percentage_change", "%p"), ("value_change", "won")):
        draft.put(field, None, unit=unit, reason=_UNPUBLISHED, note=_NOBODY[name])
    for field in ("trend", "consecutive_days"):
        draft.put(field, None, reason=_UNPUBLISHED, note=_NOBODY[name])
    _exchange(scene, draft, name)
    listed = scene.basis.latest(scene.listed).value[scene.last]
    bought = draft.values["net_bought"]
    share = None if bought is None or not listed > 0 else 100 * bought / listed
    draft.put(
        "flow_implied_change",
        None if share is None else round(share, 2),
        unit="%p",
        estimated=True,
        reason=_missing(share),
        note=(_UNLISTED if bought is not None else draft.meta["net_bought"].note)
        if share is None
        else "net purchases on the exchange / listed shares; leaves out lending, transfers, conversions",
    )
    _below(draft, share, threshold)
    return Change(**draft.values, meta=draft.meta)


def historical(scene: Scene) -> list[Day]:
    """One row per session of the period, oldest first."""
    percent = scene.percent[scene.span]
    return [
        Day(date=day, foreign=_rounded(value, 2), institution=None, individual=None)
        for day, value in zip(scene.window.days[scene.span], percent, strict=True)
    ]


def milestones(scene: Scene) -> list[Milestone] | None:
    """Levels of 5, 10, 15 ... percent that were crossed in the period; None where no percentage is known."""
    found = ownership.milestones(scene.window.days[scene.span], scene.percent[scene.span]).value
    if found is None:
        return None
    return [
        Milestone(
            date=event["date"],
            event=f"외국인 지분 {event['level']:g}% {'돌파' if event['direction'] == 'UP' else '이탈'}",
            level=event["level"],
            direction=event["direction"],
            foreign_ownership=round(event["pct"], 2),
        )
        for event in found
    ]


def about_history(scene: Scene) -> dict[str, FieldMeta]:
    """Why cells of `historical` and the milestones are empty."""
    percent = scene.percent[scene.span]
    missing = int(np.isnan(percent).sum())
    meta = {
        f"historical.{name}": FieldMeta(unit="%", reason=_UNPUBLISHED, note=_NOBODY[name])
        for name in ("institution", "individual")
    }
    n = len(percent) - missing
    if missing:
        note = f"{missing} sessions without a holding or without listed shares"
        meta["historical.foreign"] = FieldMeta(unit="%", n=n, reason="MISSING_INPUT", note=note)
    absent = {"reason": "MISSING_INPUT", "note": "no session of the period has a percentage"} if n == 0 else {}
    meta["milestones"] = FieldMeta(
        unit="%",
        window=f"{len(percent)} sessions",
        n=n,
        metric="own.milestones",
        **absent,
    )
    return meta


def _exchange(scene: Scene, draft: Draft, name: str) -> None:
    """Net shares that an investor bought on the exchange between the first and the last holding."""
    span = slice(scene.first + 1, scene.last + 1)
    raw = scene.column(NETS[name])
    halted = scene.window.frame["halted"].fill_null(value=False).to_numpy()
    net = scene.basis.latest(np.where(halted & np.isnan(raw), 0.0, raw))
    inside = net.value[span]
    silent = int((np.isnan(raw[span]) & ~halted[span]).sum())
    days = len(inside)
    whole = None if days == 0 or np.isnan(inside).any() else round(float(inside.sum()))
    note, reason = None, None
    if whole is None:
        reason = "MISSING_INPUT"
        note = f"{silent} of {days} sessions have no net purchases" if days else "the period has a single holding"
        if days and not silent:
            reason, note = "CORPORATE_ACTION_GAP", "a split or rights issue without a stored factor"
    draft.put("net_bought", whole, unit="shares", window=f"{days} sessions", n=days - silent, reason=reason, note=note)


def _below(draft: Draft, moved: float | None, threshold: float) -> None:
    known = moved is not None
    draft.put(
        "below_threshold",
        abs(moved) < threshold if moved is not None else None,
        reason=None if known else "MISSING_INPUT",
        note=None if known else "the change is null",
    )


def _missing(value: Any) -> str | None:
    return "MISSING_INPUT" if value is None else None


def _whole(value: float | None) -> int | None:
    return None if value is None or not np.isfinite(value) else round(float(value))


def _rounded(value: float, digits: int) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None
