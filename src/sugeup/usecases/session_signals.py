"""그날의 신호: every signal of one session over all stocks, sectors and markets, the rarest first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BeforeValidator, Field

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import instruments, sessions
from sugeup.registry import usecase
from sugeup.research import validation
from sugeup.usecases import securities, signal_kinds
from sugeup.usecases.answers import Answer, FieldMeta, Meta, Shown
from sugeup.usecases.arguments import Cursor, Limit, Session
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.paging import more, page
from sugeup.usecases.signal_kinds import SIDES, SignalKind
from sugeup.usecases.signal_list import DATASET
from sugeup.usecases.smart_money_signals import SOURCE
from sugeup.usecases.windows import closed, closing_moment
from sugeup.usecases.wording import Grid, moment, plain, signed

Side = Annotated[
    Literal["BUY", "SELL", "NONE"],
    BeforeValidator(lambda value: value.strip().upper() if isinstance(value, str) else value),
    Field(description="One side alone; NONE: signals without a side."),
]


class KindCount(Shown):
    """Signals of one kind and side; `validated`: whether its record supports more than a description."""

    kind: str
    korean: str | None
    direction: Literal["BUY", "SELL", "NONE"]
    n: int
    validated: bool
    record: str = Field(description="What the kind found in planted markets and what followed in real ones.")


class SessionSignal(Shown):
    """One signal. `name`: of the stock or sector; null for a market, and where no name is stored."""

    code: str
    name: str | None
    scope: Literal["STOCK", "MARKET", "SECTOR"]
    kind: str
    korean: str | None
    direction: Literal["BUY", "SELL", "NONE"]
    strength: float | None = Field(description="0-100, 100 x (1 - p).")
    z: float | None
    p_adj: float | None
    metric: str | None
    final: bool
    meta: Meta


class SessionSignals(Answer):
    """Signals that still hold, the smallest p_adj first and those without a test last; `kinds` counts all of them."""

    session: date
    analysed: int = Field(description="Stocks that were gone through for the session.")
    kinds: list[KindCount]
    rows: list[SessionSignal]
    total: int
    next_cursor: str | None


def text(answer: Any) -> list[object]:
    """How many of each kind, then a line per signal."""
    head = f"그날의 신호 · {answer.session} · {answer.analysed:,} 종목 분석"
    if not answer.total:
        return [head, "no signals"]
    counted = [[one.korean or one.kind, SIDES[one.direction], plain(one.n)] for one in answer.kinds]
    lines = [
        [
            row.code,
            row.name or "–",
            row.korean or row.kind,
            SIDES[row.direction],
            plain(row.strength, 2),
            signed(row.z, 2),
            plain(row.p_adj, 4),
            "" if row.final else "잠정",
        ]
        for row in answer.rows
    ]
    return [
        head,
        Grid(["신호", "방향", "수"], counted, words=(0, 1)),
        "",
        Grid(["코드", "이름", "신호", "방향", "강도", "z", "보정 p", ""], lines, words=(0, 1, 2, 3, 7)),
        *more(answer, len(lines)),
    ]


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per signal."""
    return [{"session": answer.session} | row.model_dump(mode="json", exclude={"meta"}) for row in answer.rows]


@usecase(path="/signals", verb="session-signals", title="그날의 신호", text=text, rows=rows)
def get_session_signals(
    archive: Archive,
    *,
    session: Session | None = None,
    kind: SignalKind | None = None,
    direction: Side | None = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> SessionSignals:
    """Signals of one session over the whole market (그날의 신호), the rarest first; default: the last one analysed.

    A record of what was told that evening, no advice; `kinds` says of each kind what its record is worth.
    """
    signal_kinds.known(kind)
    asked, analysed = _analysed(archive, session)
    stored = archive.read(DATASET, start=asked, end=asked).filter(~pl.col("withdrawn").fill_null(value=False))
    if kind is not None:
        stored = stored.filter(pl.col("kind") == kind)
    if direction is not None:
        stored = stored.filter(pl.col("direction") == direction)
    stored = stored.sort("p_adj", "kind", "code", "signal_id", nulls_last=True)
    shown, following = page(stored, limit, cursor)
    origins = [archive.origin(source) for source in sorted(shown["source"].unique().to_list())]
    named = {one.code: one.name for one in securities.catalogue(archive)} if shown.height else {}
    return SessionSignals(
        as_of=moment(closing_moment(asked)),
        generated_at=moment(archive.clock.now()),
        scope="SIGNALS",
        venue="KRX",
        sources=[origin.name for origin in origins] or [SOURCE],
        provisional=not stored["final"].all(),
        simulated=archive.name == "simulated" or any(origin.simulated for origin in origins),
        session=asked,
        analysed=analysed,
        kinds=_counted(stored),
        rows=[_row(row, named) for row in shown.iter_rows(named=True)],
        total=stored.height,
        next_cursor=following,
    )


def _analysed(archive: Archive, session: date | None) -> tuple[date, int]:
    """The session and how many stocks were analysed for it. Raises NoData where none was, or where it is none."""
    if session is not None and not sessions.is_session(session):
        raise closed(session)
    spans = archive.coverage(DATASET)
    asked = session or max((span.last for span in spans), default=None)
    gone = {span.scope for span in spans if asked is not None and span.first <= asked <= span.last}
    if asked is None or not gone:
        last = max((span.last for span in spans), default=None)
        until = "" if last is None else f" The last analysed one is {last}."
        what = "No session" if asked is None else str(asked)
        raise NoData(
            f"{what} was analysed in the {archive.name} lake.{until}",
            code="NOT_COLLECTED",
            hint=f"Run `sugeup job run analyse{'' if asked is None else f' --session {asked}'}`.",
        )
    return asked, sum(instruments.normalise(scope) == scope for scope in gone)


def _counted(stored: pl.DataFrame) -> Sequence[KindCount]:
    counts = stored.group_by("kind", "direction").len().sort("kind", "direction")
    found = []
    for kind, direction, n in counts.iter_rows():
        verdict = validation.of(kind)
        found.append(
            KindCount(
                kind=kind,
                korean=signal_kinds.KOREAN.get(kind),
                direction=direction,
                n=n,
                validated=verdict.validated,
                record=verdict.why,
            )
        )
    return found


def _row(row: dict[str, Any], named: Mapping[str, str]) -> SessionSignal:
    draft = Draft({}, {})
    sector = row["scope"] == "SECTOR"
    name = json.loads(row["evidence"] or "{}").get("name") if sector else named.get(row["code"])
    known = None if name else "OUT_OF_SCOPE" if row["scope"] == "MARKET" else "MISSING_INPUT"
    draft.put("name", name or None, reason=known, note=None if name else "no name is stored")
    for field in ("strength", "z", "p_adj"):
        absent = row[field] is None
        note = "signals of this kind are told without such a figure" if absent else None
        draft.put(field, row[field], reason="OUT_OF_SCOPE" if absent else None, note=note)
    if row["p_adj"] is not None:
        draft.meta["p_adj"] = FieldMeta(n=row["n_tested"], method="Benjamini-Hochberg", metric=row["metric"])
    return SessionSignal(
        code=row["code"],
        scope=row["scope"] or "STOCK",
        kind=row["kind"],
        korean=signal_kinds.KOREAN.get(row["kind"]),
        direction=row["direction"],
        metric=row["metric"],
        final=row["final"],
        **draft.values,
        meta=draft.meta,
    )
