"""시장 프로그램매매: the stored rows of a market, session by session, behind the answers about programme trading."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import polars as pl
from pydantic import Field

from sugeup.archive import Archive
from sugeup.records.program import KINDS
from sugeup.registry import usecase
from sugeup.usecases import program_figures
from sugeup.usecases.answers import Answer, Shown
from sugeup.usecases.arguments import Cursor, Limit, Market, Session
from sugeup.usecases.paging import more, ordered, page
from sugeup.usecases.program_figures import SIDES
from sugeup.usecases.windows import closing_moment
from sugeup.usecases.wording import Grid, eok, moment

_MEASURES = ("amount", "volume")
_COLUMNS = tuple(f"{kind}_{side}_{measure}" for kind in KINDS for side in SIDES for measure in _MEASURES)


class ProgramRow(Shown):
    """Programme trading of one session: kind -> measure -> figure; only what the source publishes."""

    session: date
    program: dict[str, dict[str, int]]
    source: str
    final: bool


class ProgramHistory(Answer):
    """Programme trading of a market, newest first."""

    market: str
    rows: list[ProgramRow]
    total: int
    next_cursor: str | None


def text(answer: Any) -> list[object]:
    """A line per session: bought and sold in all, net of each kind, in 억원."""
    lines = [
        [
            str(row.session),
            *(eok(row.program.get("program", {}).get(f"{side}_amount")).lstrip("+") for side in ("buy", "sell")),
            *(eok(row.program.get(kind, {}).get("net_amount")) for kind in KINDS),
            row.source,
        ]
        for row in answer.rows
    ]
    header = ["거래일", "매수", "매도", "순매수", "차익 순매수", "비차익 순매수", "출처"]
    return [f"{answer.market} 프로그램매매(억원)", Grid(header, lines), *more(answer, len(lines))]


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per session and kind."""
    empty = {f"{side}_{measure}": None for side in SIDES for measure in _MEASURES}
    return [
        {"market": answer.market, "session": str(row.session), "kind": kind}
        | empty
        | row.program.get(kind, {})
        | {"source": row.source, "final": row.final}
        for row in answer.rows
        for kind in KINDS
    ]


@usecase(path="/markets/{market}/program", verb="program", title="시장 프로그램매매", text=text, rows=rows)
def get_market_program(
    archive: Archive,
    *,
    market: Annotated[Market, Field(description="KOSPI or KOSDAQ.")],
    start: Session | None = None,
    end: Session | None = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> ProgramHistory:
    """Programme trading of one market, session by session (시장 프로그램매매), newest first."""
    ordered(start, end)
    stored = archive.read("program_day_market", columns=_COLUMNS, scopes=[market], start=start, end=end)
    stored = program_figures.completed(stored.filter(pl.col("venue") == "KRX")).sort("session", descending=True)
    if stored.is_empty():
        span = " ".join(f"{word} {day}" for word, day in (("from", start), ("to", end)) if day is not None)
        raise program_figures.nothing(archive, f"{market} {span}".strip())
    shown, following = page(stored, limit, cursor)
    newest = shown["session"].max()
    return ProgramHistory(
        as_of=moment(closing_moment(newest)) if isinstance(newest, date) else None,
        generated_at=moment(archive.clock.now()),
        scope="MARKET",
        sources=shown["source"].unique().sort().to_list(),
        provisional=not shown["final"].all(),
        simulated=archive.name == "simulated" or any(archive.origin(one).simulated for one in shown["source"].unique()),
        market=market,
        rows=[
            ProgramRow(session=row["session"], program=_by_kind(row), source=row["source"], final=row["final"])
            for row in shown.iter_rows(named=True)
        ],
        total=stored.height,
        next_cursor=following,
    )


def _by_kind(row: dict[str, Any]) -> dict[str, dict[str, int]]:
    kinds: dict[str, dict[str, int]] = {}
    for kind in KINDS:
        figures = {
            f"{side}_{measure}": value
            for side in SIDES
            for measure in _MEASURES
            if (value := row[f"{kind}_{side}_{measure}"]) is not None
        }
        if figures:
            kinds[kind] = figures
    return kinds
