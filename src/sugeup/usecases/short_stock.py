"""공매도 of one stock: the session, the rule, the balance, and what is lent and borrowed beside it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.market import overheating, publication, sessions
from sugeup.metrics import short, statistics
from sugeup.usecases import doors, securities, share_basis, short_panel, stock_bars
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.securities import Security
from sugeup.usecases.share_basis import ShareBasis
from sugeup.usecases.short_models import Balance, Credit, Lending, ShortDay, ShortStock, Trading
from sugeup.usecases.short_panel import Panel

HISTORY = 250
"""Sessions before the session that its ratio is ranked among."""
LOANS = ("loan_balance_shares", "loan_balance_amount", "stock_loan_balance_shares", "stock_loan_balance_amount")
LENT = ("new_shares", "repaid_shares", "balance_shares", "balance_amount")
BANNED = "short selling was forbidden on the session (전면 금지)"


@dataclass
class Scene:
    """One stock up to a session: bars of every session, and a panel of the sessions that count."""

    security: Security
    session: date
    banned: bool
    panel: Panel
    bars: pl.DataFrame
    basis: ShareBasis
    kind: str | None
    instruments: pl.DataFrame
    used: set[str] = field(default_factory=set)

    @property
    def listed_shares(self) -> pl.DataFrame:
        """Listed shares by session."""
        return self.bars.select("session", "listed_shares").drop_nulls()

    @cached_property
    def scale(self) -> dict[date, float]:
        """Shares of the newest session for one share of each session; NaN before a missing factor."""
        return dict(zip(self.basis.days, self.basis.latest(np.ones(len(self.basis.days))).value.tolist(), strict=True))

    def missing(self, note: str) -> tuple[str, str]:
        """Reason and words of a figure that the session lacks."""
        return ("OUT_OF_SCOPE", BANNED) if self.banned else ("MISSING_INPUT", note)


def load(archive: Archive, security: Security, day: date) -> Scene:
    """Read the figures of one stock up to a session."""
    counted = short_panel.counted(day, HISTORY)
    every = sessions.sessions(counted[0], day)
    asked: dict[str, Any] = {"scopes": [security.code], "start": counted[0], "end": day}
    sold = archive.read("short_day", columns=("short_volume", "short_amount"), **asked)
    sold = sold.filter(pl.col("venue") == "KRX")
    bars = stock_bars.load(archive, security.code, every)
    rows = bars.with_columns(pl.lit(security.code).alias("code"), (100 * pl.col("ret")).alias("ret"))
    panel = short_panel.arranged([security.code], counted, sold, rows)
    instruments = archive.read("instruments", columns=("market", "kind", "is_preferred"))
    known = securities.newest(instruments.filter(pl.col("code") == security.code), ("code",), day)
    return Scene(
        security,
        day,
        overheating.banned(day),
        panel,
        bars,
        share_basis.load(archive, security.code, every, bars),
        None if known.is_empty() else known["kind"].item(),
        instruments,
        used={*panel.sources, *bars["base_source"].drop_nulls().unique()},
    )


def stock(scene: Scene) -> ShortStock:
    """Price, return and halt of the session."""
    draft = Draft({}, {})
    row = scene.bars.filter(pl.col("session") == scene.session)
    last = row.row(0, named=True) if row.height else {}
    price, ret, status = last.get("raw_close"), last.get("ret"), last.get("status")
    draft.put("current_price", price, unit="won", reason=_missing(price), note=None if price else "no bar is stored")
    rate = None if ret is None else round(100 * ret, 2)
    halted = last.get("halted") or False
    reason, note = (
        (None, None) if rate is not None else ("HALTED" if halted else "MISSING_INPUT", "no base price (기준가)")
    )
    draft.put("change_rate", rate, unit="%", reason=reason, note="거래정지 on the session" if halted else note)
    draft.put(
        "halted", None if status is None else halted, reason=_missing(status), note=None if status else "no status"
    )
    security = scene.security
    return ShortStock(code=security.code, name=security.name, market=security.market, **draft.values, meta=draft.meta)


def trading(scene: Scene, period: int) -> Trading:
    """Short sales of the session with their share of turnover, ranked among the past, and over the period."""
    draft, panel = Draft({}, {}), scene.panel
    figures = panel.figures
    silent = "the source does not publish it, or no row is stored"
    for name, column, unit in (
        ("short_volume", "short_volume", "shares"),
        ("short_amount", "short_amount", "won"),
    ):
        value = None if scene.banned else _whole(figures[column][0, -1])
        _enter(scene, draft, name, value, unit=unit, missing=silent)
    turnover = _whole(figures["amount"][0, -1])
    draft.put(
        "turnover", turnover, unit="won", reason=_missing(turnover), note=None if turnover is not None else silent
    )
    ratios, on_shares = panel.ratio(slice(None))
    now, past = ratios[0, -1], ratios[0, :-1]
    rank = statistics.percentile_rank(now, past).at() if np.isfinite(now) else {"value": None}
    ratio = None if scene.banned or np.isnan(now) else round(float(now), 2)
    place = rank["value"] if ratio is not None else None
    about: dict[str, Any] = {"unit": "%", "percentile": None if place is None else round(place, 1)}
    about |= {"window": f"{HISTORY} sessions", "n": int(np.isfinite(past).sum())} if ratio is not None else {}
    method = "VOLUME_BASIS" if on_shares[0, -1] else None
    idle = figures["volume"][0, -1] == 0
    _enter(scene, draft, "short_ratio", ratio, method=method, missing=silent, idle=idle, **about)
    _period(scene, draft, period)
    return Trading(**draft.values, meta=draft.meta)


def history(scene: Scene, period: int) -> list[ShortDay]:
    """The sessions of the period on which short selling was allowed, oldest first, as they were stored."""
    panel, ratios = scene.panel, scene.panel.ratio(slice(None))[0]
    return [
        ShortDay(
            session=panel.days[at],
            short_volume=_whole(panel.figures["short_volume"][0, at]),
            short_amount=_whole(panel.figures["short_amount"][0, at]),
            short_ratio=None if np.isnan(ratios[0, at]) else round(float(ratios[0, at]), 2),
        )
        for at in range(_start(scene, period), len(panel.days))
        if not overheating.banned(panel.days[at])
    ]


def balance(archive: Archive, scene: Scene) -> Balance:
    """The newest balance that was published, with the sessions that it would take to buy it back."""
    draft = Draft({}, {})
    rows = _rows(archive, "short_balance", ("balance_shares", "balance_amount", "listed_shares"), scene)
    now = archive.clock.now()
    days = rows["session"].to_list()
    public = [publication.known_at("short_balance", day) <= now for day in days]
    rows = rows.filter((pl.col("balance_shares") != 0) | pl.Series(public, dtype=pl.Boolean))
    if rows.is_empty():
        note = f"no balance (공매도 잔고) of it is stored; {doors.how(archive, 'short_balance')}"
        for name in ("session", "shares", "amount", "ratio", "days_to_cover", "change_20d"):
            draft.put(name, None, reason="NOT_COLLECTED", note=note)
        return Balance(**draft.values, meta=draft.meta)
    last = rows.row(-1, named=True)
    day, shares = last["session"], last["balance_shares"]
    as_of = str(day)
    draft.put("session", day)
    draft.put("shares", shares, unit="shares", as_of=as_of, source=archive.origin(last["source"]).name)
    silent = "the source does not publish it"
    won = last["balance_amount"]
    absent = silent if won is None else None
    draft.put("amount", won, unit="won", reason=_missing(won), note=absent, as_of=as_of)
    own = scene.listed_shares.filter(pl.col("session") == day)["listed_shares"]
    listed = last["listed_shares"] or (own.item() if len(own) else None)
    ratio = round(100 * shares / listed, 2) if listed else None
    note = "reported positions only: a lower bound" if ratio is not None else "no listed shares of the date are stored"
    draft.put("ratio", ratio, unit="%", reason=_missing(ratio), note=note, as_of=as_of)
    _cover(scene, draft, day, shares)
    _balance_change(scene, draft, rows)
    scene.used.add(last["source"])
    return Balance(**draft.values, meta=draft.meta)


def lending(archive: Archive, scene: Scene) -> Lending:
    """The newest stored session of lending."""
    return Lending(**_newest(archive, scene, "lending", "대차", LENT))


def credit(archive: Archive, scene: Scene) -> Credit:
    """The newest stored session of credit."""
    return Credit(**_newest(archive, scene, "credit", "신용", LOANS))


def _newest(archive: Archive, scene: Scene, dataset: str, korean: str, columns: tuple[str, ...]) -> dict[str, Any]:
    draft = Draft({}, {})
    rows = _rows(archive, dataset, columns, scene)
    last = rows.row(-1, named=True) if rows.height else {}
    absent = f"no {dataset} ({korean}) of it is stored; {doors.how(archive, dataset)}"
    note = "the source does not publish it" if last else absent
    day = last.get("session")
    draft.put("session", day, reason=None if day else "NOT_COLLECTED", note=None if day else note)
    for name in columns:
        value = last.get(name)
        unit = "won" if name.endswith("amount") else "shares"
        reason = None if value is not None else ("MISSING_INPUT" if last else "NOT_COLLECTED")
        draft.put(
            name, value, unit=unit, reason=reason, note=None if value is not None else note, as_of=day and str(day)
        )
    if last:
        scene.used.add(last["source"])
    return draft.values | {"meta": draft.meta}


def _rows(archive: Archive, dataset: str, columns: tuple[str, ...], scene: Scene) -> pl.DataFrame:
    """Rows of the last weeks before the session, of all that is stored where there are none."""
    asked: dict[str, Any] = {"columns": columns, "scopes": [scene.security.code], "end": scene.session}
    start = sessions.last(30, scene.session)[0]
    rows = archive.read(dataset, **asked, start=start).filter(pl.col("venue") == "KRX")
    if rows.is_empty():
        rows = archive.read(dataset, **asked).filter(pl.col("venue") == "KRX")
    return rows.filter(pl.col(columns[0]).is_not_null() | pl.any_horizontal(pl.col(c).is_not_null() for c in columns))


def _cover(scene: Scene, draft: Draft, day: date, shares: int | None) -> None:
    every = scene.basis.days
    bars = pl.DataFrame({"session": list(every)}).join(scene.bars, on="session", how="left", maintain_order="left")
    volume = scene.basis.latest(bars["volume"].cast(pl.Float64).to_numpy()).value
    end = every.index(day) + 1 if day in every else 0
    inside = slice(max(end - short.COVER_SESSIONS, 0), end)
    held = np.nan if shares is None else shares * scene.scale.get(day, np.nan)
    outcome = short.days_to_cover(held, volume[inside]).at()
    if outcome["value"] is None and any(np.isnan(scene.scale[one]) for one in every[inside]):
        outcome["reason"] = "CORPORATE_ACTION_GAP"
    known = outcome["value"] is not None
    note = None if known else "the volumes of the 20 sessions before the balance are not stored on one share basis"
    window = f"{short.COVER_SESSIONS} sessions to {day}"
    draft.measure(
        "days_to_cover",
        outcome,
        2,
        unit="sessions",
        window=window,
        metric="sht.days_to_cover",
        note=note,
        as_of=str(day),
    )


def _balance_change(scene: Scene, draft: Draft, rows: pl.DataFrame) -> None:
    last = rows["session"][-1]
    earlier = sessions.previous(last, 20)
    before = rows.filter(pl.col("session") == earlier)["balance_shares"].drop_nulls()
    ends = scene.scale.get(earlier, np.nan), scene.scale.get(last, np.nan)
    known = len(before) > 0 and bool(np.isfinite(ends).all())
    value = round(rows["balance_shares"][-1] * ends[1] - before.item() * ends[0]) if known else None
    reason = None if known else ("CORPORATE_ACTION_GAP" if len(before) else "MISSING_INPUT")
    note = None if known else f"no comparable balance of {earlier} is stored"
    draft.put("change_20d", value, unit="shares", window="20 sessions", reason=reason, note=note, as_of=str(last))


def _period(scene: Scene, draft: Draft, period: int) -> None:
    """Sums over the period's sessions; there are no partial sums, halted sessions are none."""
    panel = scene.panel
    span = slice(_start(scene, period), None)
    open_ = ~panel.halted[0, span]
    if scene.banned:
        open_ = np.zeros_like(open_)
    sums: dict[str, float | None] = {}
    for name in ("short_volume", "short_amount", "volume", "amount"):
        series = panel.figures[name][0, span][open_]
        sums[name] = None if not len(series) or np.isnan(series).any() else float(series.sum())
    gaps = int(np.isnan(panel.figures["short_volume"][0, span][open_]).sum())
    note = f"{gaps} of {int(open_.sum())} sessions have no row" if gaps else "the source does not publish it"
    about: dict[str, Any] = {"window": f"{period}D", "n": int(open_.sum()), "missing": note}
    won = sums["short_amount"] is not None and sums["amount"] is not None
    part, whole = (sums["short_amount"], sums["amount"]) if won else (sums["short_volume"], sums["volume"])
    ratio = None if part is None or not whole else round(100 * part / whole, 2)
    _enter(
        scene, draft, "average_ratio", ratio, unit="%", method=None if won or ratio is None else "VOLUME_BASIS", **about
    )
    scales = np.array([scene.scale[day] for day in panel.days[span]])[open_]
    adjusted = float((panel.figures["short_volume"][0, span][open_] * scales).sum()) if len(scales) else np.nan
    gap = sums["short_volume"] is not None and np.isnan(adjusted)
    if gap:
        about["missing"] = "the share count changed inside the period and no factor is stored"
    volume = None if sums["short_volume"] is None else _whole(adjusted)
    _enter(scene, draft, "period_short_volume", volume, unit="shares", gap=gap, **about)
    about["missing"] = note
    amount = None if sums["short_amount"] is None else round(sums["short_amount"])
    _enter(scene, draft, "period_short_amount", amount, unit="won", **about)


def _start(scene: Scene, period: int) -> int:
    """Place in the panel of the first of the last sessions; the sessions of a ban inside them are not in the panel."""
    return bisect_left(scene.panel.days, sessions.last(period, scene.session)[0])


def _enter(
    scene: Scene,
    draft: Draft,
    name: str,
    value: Any,
    *,
    missing: str,
    idle: bool = False,
    gap: bool = False,
    **about: Any,
) -> None:
    """A figure, or why it is null: a ban, nothing traded, a changed share count, a missing row."""
    if value is not None:
        draft.put(name, value, **about)
        return
    reason, note = scene.missing(missing)
    if not scene.banned and (idle or gap):
        reason, note = ("ZERO_DENOMINATOR", "nothing was traded") if idle else ("CORPORATE_ACTION_GAP", missing)
    draft.put(name, None, reason=reason, note=note, **{key: entry for key, entry in about.items() if key != "method"})


def _whole(value: float) -> int | None:
    return round(float(value)) if np.isfinite(value) else None


def _missing(value: Any) -> str | None:
    return "MISSING_INPUT" if value is None else None
