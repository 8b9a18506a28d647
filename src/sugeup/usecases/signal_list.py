"""신호 기록: the stored signals of one stock, or of one sector, newest first, and what happened after each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import polars as pl
from pydantic import Field

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.registry import usecase
from sugeup.research import validation
from sugeup.usecases import securities, signal_kinds, signal_outcomes
from sugeup.usecases.answers import Answer, FieldMeta, Meta, Shown
from sugeup.usecases.arguments import Cursor, Limit, Session, StockCode
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.paging import more, ordered, page
from sugeup.usecases.signal_kinds import KOREAN, SIDES, SignalKind
from sugeup.usecases.signal_outcomes import Outcomes
from sugeup.usecases.smart_money_signals import HORIZON, SOURCE
from sugeup.usecases.windows import closing_moment
from sugeup.usecases.wording import Grid, moment, plain, signed

DATASET = "signals"
_FIGURES = ("strength", "statistic", "z", "p", "p_adj", "n_tested")
_UNTESTED = "signals of this kind are told without such a figure"


class Signal(Shown):
    """One signal as it was told. Figures of what followed are no part of it and never were known to it."""

    session: date
    signal_id: str
    kind: str
    korean: str | None
    direction: Literal["BUY", "SELL", "NONE"]
    detector: str | None
    family: str | None = Field(description="What was tested together.")
    strength: float | None = Field(description="0-100, 100 x (1 - p).")
    statistic: float | None
    z: float | None
    p: float | None
    p_adj: float | None
    n_tested: int | None
    confidence: float | None
    basis: str | None
    metric: str | None
    version: str | None
    evidence: dict[str, Any] | None
    known_at: str
    final: bool
    withdrawn: bool = Field(description="Corrected figures no longer show it.")
    horizon: int | None = Field(description="Sessions that are waited for.")
    excess_return_pct: float | None = Field(description="Return ahead of the index, close to close, over them, %.")
    followed: bool | None = Field(description="Whether that return has the sign of the signal.")
    meta: Meta


@dataclass(frozen=True)
class Subject:
    """Whose signals are listed. `order`: when the nightly analysis gets to it."""

    scope: Literal["STOCK", "SECTOR"]
    code: str
    name: str | None
    order: str


class Signals(Answer):
    """Stored signals of one stock or sector, newest first; `analysed_until`: the last session that was gone through."""

    code: str
    name: str | None
    analysed_until: date | None
    rows: list[Signal]
    total: int
    next_cursor: str | None


def text(answer: Any) -> list[object]:
    """A line per signal."""
    lines = [
        [
            str(row.session),
            row.korean or row.kind,
            SIDES[row.direction],
            plain(row.strength, 2),
            plain(row.p_adj, 4),
            signed(row.excess_return_pct, 2),
            " ".join((["잠정"] if not row.final else []) + (["철회"] if row.withdrawn else [])),
        ]
        for row in answer.rows
    ]
    title = " ".join(part for part in (answer.code, answer.name, "신호 기록") if part)
    if not answer.total:
        return [title, f"no signals up to {answer.analysed_until}"]
    header = ["거래일", "신호", "방향", "강도", "보정 p", f"이후 {HORIZON}일 초과수익%", ""]
    return [title, Grid(header, lines), *more(answer, len(lines))]


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per signal, its evidence as JSON text."""
    found = []
    for row in answer.rows:
        told = row.model_dump(mode="json", exclude={"meta", "evidence"})
        evidence = None if row.evidence is None else json.dumps(row.evidence, ensure_ascii=False)
        found.append({"code": answer.code} | told | {"evidence": evidence})
    return found


@usecase(path="/stocks/{stock_code}/signals", verb="signals", title="신호 기록", text=text, rows=rows)
def get_signals(
    archive: Archive,
    *,
    stock_code: StockCode,
    kind: SignalKind | None = None,
    start: Session | None = None,
    end: Session | None = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> Signals:
    """Signals of one stock as they were told (신호 기록), newest first, each with what happened afterwards.

    A record, no advice: the return that followed one signal says nothing about the next.
    """
    security = securities.resolve(archive, stock_code)
    ordered(start, end)
    signal_kinds.known(kind)
    subject = Subject("STOCK", security.code, security.name, "the largest stocks come first")

    def outcomes(days: Sequence[date]) -> Outcomes:
        return signal_outcomes.load(archive, security, days, HORIZON)

    return record(archive, subject, outcomes, kind=kind, start=start, end=end, limit=limit, cursor=cursor)


def record(
    archive: Archive,
    subject: Subject,
    followed: Callable[[Sequence[date]], Outcomes],
    *,
    kind: str | None,
    start: date | None,
    end: date | None,
    limit: int,
    cursor: str | None,
) -> Signals:
    """A page of the signals about one subject; `followed`: what came after signals of some sessions."""
    stored = archive.read(DATASET, scopes=[subject.code], start=start, end=end)
    stored = stored.filter(pl.col("scope").fill_null("STOCK") == subject.scope)
    until = _analysed(archive, subject, stored)
    if kind is not None:
        stored = stored.filter(pl.col("kind") == kind)
    stored = stored.sort(["session", "kind", "signal_id"], descending=[True, False, False])
    shown, following = page(stored, limit, cursor)
    outcomes = followed(shown["session"].unique().to_list())
    found = {*shown["source"].unique().to_list(), *outcomes.sources}
    origins = [archive.origin(source) for source in sorted(found)]
    return Signals(
        as_of=None if until is None else moment(closing_moment(until)),
        generated_at=moment(archive.clock.now()),
        scope=subject.scope,
        venue="KRX",
        sources=[origin.name for origin in origins] or [SOURCE],
        provisional=not shown["final"].all(),
        simulated=archive.name == "simulated" or any(origin.simulated for origin in origins),
        coverage=[],
        warnings=[],
        code=subject.code,
        name=subject.name,
        analysed_until=until,
        rows=[_signal(row, outcomes) for row in shown.iter_rows(named=True)],
        total=stored.height,
        next_cursor=following,
    )


def _analysed(archive: Archive, subject: Subject, stored: pl.DataFrame) -> date | None:
    """The last session that the stock or sector was analysed for. Raises NoData where it never was."""
    spans = [span.last for span in archive.coverage(DATASET) if span.scope == subject.code]
    newest = stored["session"].max()
    known = [*spans, *([newest] if isinstance(newest, date) else [])]
    if not known:
        title = f"{subject.code} {subject.name}" if subject.name else subject.code
        raise NoData(
            f"{title} was not analysed yet in the {archive.name} lake.",
            code="NOT_COLLECTED",
            hint=f"Run `sugeup job run analyse`: {subject.order}.",
        )
    return max(known)


def _signal(row: dict[str, Any], outcomes: Outcomes) -> Signal:
    draft = Draft({}, {})
    for name in _FIGURES:
        value = row[name]
        draft.put(name, value, reason=None if value is not None else "OUT_OF_SCOPE", note=_none(value, _UNTESTED))
    draft.meta["kind"] = FieldMeta(note=validation.of(row["kind"]).sentence)
    none = "no calibration of this kind was accepted when it was told: 200 decided signals and skill are needed"
    value = row["confidence"]
    draft.put("confidence", value, reason=None if value is not None else "UNCALIBRATED", note=_none(value, none))
    for name in ("detector", "family", "basis", "metric"):
        value, said = row[name], "this kind of signal has none"
        draft.put(name, value, reason=None if value is not None else "OUT_OF_SCOPE", note=_none(value, said))
    about = {"n": row["n_tested"], "method": row["metric"]}
    if row["p_adj"] is not None:
        draft.meta["p_adj"] = FieldMeta(n=about["n"], method="Benjamini-Hochberg", metric=row["metric"])
    evidence = None if row["evidence"] is None else json.loads(row["evidence"])
    draft.put(
        "evidence",
        evidence,
        reason=None if evidence is not None else "MISSING_INPUT",
        note=_none(evidence, "no figures were kept with it"),
    )
    _followed(draft, row, outcomes)
    korean = KOREAN.get(row["kind"])
    draft.put("korean", korean, reason=None if korean else "MISSING_INPUT", note=_none(korean, "a kind of its own"))
    known: datetime = row["known_at"]
    return Signal(
        session=row["session"],
        signal_id=row["signal_id"],
        kind=row["kind"],
        direction=row["direction"],
        version=row["metric_version"],
        known_at=moment(known),
        final=row["final"],
        withdrawn=bool(row["withdrawn"]),
        **draft.values,
        meta=draft.meta,
    )


def _followed(draft: Draft, row: dict[str, Any], outcomes: Outcomes) -> None:
    """The return after it, and whether the signal's side was right; null with the reason while it is not known."""
    horizon = row["horizon"]
    if horizon is None:
        for name in ("horizon", "excess_return_pct", "followed"):
            draft.put(name, None, reason="OUT_OF_SCOPE", note="nothing is waited for after this kind")
        return
    value, reason, note = outcomes.after(row["session"], horizon)
    draft.put("horizon", horizon)
    percent = None if value is None else round(100 * value, 2)
    about: dict[str, Any] = {"unit": "%", "window": f"{horizon}D"}
    draft.put("excess_return_pct", percent, reason=reason, note=note, **about)
    if row["direction"] == "NONE":
        draft.put("followed", None, reason="OUT_OF_SCOPE", note="the signal has no side")
        return
    right = None if value is None else (value > 0) == (row["direction"] == "BUY") and value != 0
    draft.put("followed", right, reason=reason, note=note, window=f"{horizon}D")


def _none(value: Any, note: str) -> str | None:
    return None if value is not None else note
