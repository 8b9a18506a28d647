"""공매도 of a market: totals with coverage, the largest, what the rule catches, the exchange's list beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.market import sessions
from sugeup.metrics.outcome import REASONS, Outcome
from sugeup.usecases import securities, short_panel, short_rule
from sugeup.usecases.answers import FieldMeta, Shown
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.short_models import MarketBeside, MarketShorts, Ranked, Total
from sugeup.usecases.short_panel import Inputs, Panel
from sugeup.usecases.short_rule import Quarter
from sugeup.usecases.short_stock import BANNED

RankBy = Literal["RATIO", "AMOUNT", "MULTIPLE"]
_NAMES = ("name", "market", "kind", "listed_on", "is_preferred")
BASIS = "our reproduction of the exchange's rule, not its designation"


@dataclass(frozen=True, eq=False)
class Judged:
    """One session of the panel: inputs and verdict of every stock; `verdict` is None where no rule is kept."""

    day: date
    given: Inputs
    verdict: Outcome | None
    barred: short_panel.Array
    quarters: Mapping[str, Quarter]


@dataclass(frozen=True, eq=False)
class Scene:
    """Stocks of the markets asked for, on one session and the one before."""

    session: date
    markets: tuple[str, ...]
    panel: Panel
    places: list[str | None]
    names: list[str | None]
    now: Judged
    past: Judged | None
    lists: short_rule.Official


def load(archive: Archive, markets: Sequence[str], day: date) -> Scene:
    """Read and judge all stocks that have short sales in the last sessions."""
    instruments = archive.read("instruments", columns=_NAMES)
    known = securities.newest(instruments, ("code",), day)
    known = known.filter(pl.col("market").is_in(markets), pl.col("kind").fill_null("STOCK") == "STOCK")
    days = short_panel.counted(day, short_panel.BEFORE + 1)
    panel = short_panel.load(archive, days, known["code"].to_list())
    about = {code: row for code, *row in known.select("code", "name", "market", "listed_on").iter_rows()}
    listed = [about[code][2] for code in panel.codes]
    places = [about[code][1] for code in panel.codes]
    before = days[-2]
    lists = short_rule.official(archive, [before, sessions.next(before), day, sessions.next(day)])
    quarters: dict[tuple[date, ...], dict[str, Quarter]] = {}

    def judge(at: int, one: date) -> Judged:
        window = short_rule.quarter_days(one)
        if window not in quarters:
            quarters[window] = short_rule.quarters(archive, instruments, markets, one)
        found = quarters[window]
        given = short_panel.inputs(panel, at, listed)
        barred = lists.barred(one, panel.codes)
        shares = {market: quarter.value for market, quarter in found.items()}
        return Judged(one, given, short_panel.judged(one, places, given, shares, barred), barred, found)

    names = [about[code][0] for code in panel.codes]
    past = judge(len(days) - 2, before) if len(days) > 2 else None
    return Scene(day, tuple(markets), panel, places, names, judge(len(days) - 1, day), past, lists)


def block(scene: Scene, rank_by: RankBy, top: int) -> MarketShorts:
    """The answer's part for a market."""
    verdicts = _labels(scene.now.verdict, len(scene.panel.codes))
    key = {
        "RATIO": scene.now.given.ratio,
        "AMOUNT": scene.panel.figures["short_amount"][:, -1],
        "MULTIPLE": scene.now.given.multiple,
    }[rank_by]
    order = [int(at) for at in np.argsort(-np.nan_to_num(key, nan=-np.inf), kind="stable") if np.isfinite(key[at])]
    caught = [at for at in order_by_ratio(scene) if verdicts[at] not in (None, "NONE")]
    unjudged = Counter(_reasons(scene.now.verdict, scene))
    meta = {
        "top": FieldMeta(metric=None, n=len(order), note=f"by {rank_by}, largest first"),
        "overheated": FieldMeta(metric="sht.overheat", estimated=True, note=BASIS),
    }
    on_shares = int(scene.now.given.on_shares.sum())
    if on_shares:
        meta["top"] = FieldMeta(n=len(order), method="VOLUME_BASIS", note=f"by {rank_by}; {on_shares} ratios on shares")
    largest = [_ranked(scene, at, verdicts[at]) for at in order[:top]]
    listed = [_ranked(scene, at, verdicts[at]) for at in caught]
    meta |= absent_in("top", largest) | absent_in("overheated", listed)
    return MarketShorts(
        totals=[_total(scene, market) for market in scene.markets],
        top=largest,
        overheated=listed,
        judged=sum(label is not None for label in verdicts),
        unjudged=dict(sorted(unjudged.items())),
        beside=[_beside(scene, one) for one in (scene.past, scene.now) if one is not None],
        meta=meta,
    )


def banned(markets: Sequence[str]) -> MarketShorts:
    """The part of a session on which short selling was forbidden: nothing to rank, totals null."""
    about = {"reason": "OUT_OF_SCOPE", "note": BANNED}
    totals = []
    for market in markets:
        draft = Draft({}, {})
        for name in ("short_amount", "turnover", "short_ratio", "quarter_ratio"):
            draft.put(name, None, **about)
        totals.append(Total(market=market, stocks=0, without=0, **draft.values, meta=draft.meta))
    meta = {name: FieldMeta(**about) for name in ("top", "overheated")}
    return MarketShorts(totals=totals, top=[], overheated=[], judged=0, unjudged={}, beside=[], meta=meta)


def absent_in(name: str, rows: Sequence[Shown]) -> dict[str, FieldMeta]:
    """An entry for each column of a list that is null in some rows."""
    found: dict[str, FieldMeta] = {}
    for field in type(rows[0]).model_fields if rows else ():
        n = sum(getattr(row, field) is None for row in rows)
        if n:
            note = f"null in {n} of {len(rows)} rows: a figure it needs is not published or not stored"
            found[f"{name}.{field}"] = FieldMeta(reason="MISSING_INPUT", note=note)
    return found


def order_by_ratio(scene: Scene) -> list[int]:
    """Places of the stocks, largest short ratio first, those without one last."""
    return [int(at) for at in np.argsort(-np.nan_to_num(scene.now.given.ratio, nan=-np.inf), kind="stable")]


def _total(scene: Scene, market: str) -> Total:
    draft = Draft({}, {})
    inside = np.array([place == market for place in scene.places], dtype=bool)
    sold, turnover = (scene.panel.figures[name][:, -1] for name in ("short_amount", "amount"))
    both = inside & np.isfinite(sold) & np.isfinite(turnover)
    traded = inside & (scene.panel.figures["volume"][:, -1] > 0)
    n = int(both.sum())
    note = None if n else "no stock has short value and turnover in won"
    reason = None if n else "MISSING_INPUT"
    part, whole = (round(float(series[both].sum())) if n else None for series in (sold, turnover))
    draft.put("short_amount", part, unit="won", reason=reason, note=note)
    draft.put("turnover", whole, unit="won", reason=reason, note=note)
    ratio = round(100 * part / whole, 2) if part is not None and whole else None
    none = reason or "ZERO_DENOMINATOR"
    draft.put("short_ratio", ratio, unit="%", reason=None if ratio is not None else none, note=note)
    quarter = scene.now.quarters.get(market) or Quarter(None, 0, "MISSING_INPUT", "no quarter is stored")
    value = None if quarter.value is None else round(quarter.value, 2)
    estimated = None if value is None else True
    draft.put(
        "quarter_ratio", value, unit="%", n=quarter.n, reason=quarter.reason, note=quarter.note, estimated=estimated
    )
    return Total(market=market, stocks=n, without=int((traded & ~both).sum()), **draft.values, meta=draft.meta)


def _ranked(scene: Scene, at: int, verdict: Any) -> Ranked:
    given = scene.now.given
    return Ranked(
        code=scene.panel.codes[at],
        name=scene.names[at],
        market=scene.places[at],
        short_ratio=_rounded(given.ratio[at]),
        short_amount=None if np.isnan(amount := scene.panel.figures["short_amount"][at, -1]) else round(float(amount)),
        multiple=_rounded(given.multiple[at]),
        change_rate=_rounded(given.ret[at]),
        type=verdict,
    )


def _beside(scene: Scene, one: Judged) -> MarketBeside:
    """Stocks without a verdict of ours are left out of the comparison."""
    draft = Draft({}, {})
    after = sessions.next(one.day)
    theirs = scene.lists.barred(after, scene.panel.codes)
    verdicts = _labels(one.verdict, len(scene.panel.codes))
    judged = np.array([label is not None for label in verdicts], dtype=bool)
    ours = np.array([label not in (None, "NONE") for label in verdicts], dtype=bool)
    known = bool(len(theirs)) and not np.isnan(theirs).all()
    marked = theirs == 1
    lacking, note = (None, "stocks without a verdict are left out") if known else scene.lists.lacking(after)
    both = int((ours & marked).sum()) if known else None
    draft.put("both", both, n=int(judged.sum()), reason=lacking, note=note)

    def named(mask: Any) -> list[str]:
        return [scene.panel.codes[at] for at in np.flatnonzero(mask)] if known else []

    return MarketBeside(
        decided_after=one.day,
        in_force=after,
        judged=int(judged.sum()),
        **draft.values,
        ours_only=named(ours & ~marked),
        official_only=named(judged & ~ours & marked),
        meta=draft.meta,
    )


def _labels(verdict: Outcome | None, n: int) -> list[Any]:
    if verdict is None or verdict.labels is None:
        return [None] * n
    return verdict.names()


def _reasons(verdict: Outcome | None, scene: Scene) -> list[str]:
    """Why stocks that have short sales on the session have no verdict."""
    sold = np.isfinite(scene.panel.figures["short_volume"][:, -1]) | np.isfinite(
        scene.panel.figures["short_amount"][:, -1]
    )
    if verdict is None:
        return ["OUT_OF_HISTORY"] * int(sold.sum())
    return [REASONS[int(code)] for code in verdict.reason[sold] if code]


def _rounded(value: float) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None
