"""장중 시계열: the stored rows behind the day by the clock: minutes of a market, tallies of a stock."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import polars as pl
from pydantic import Field

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import investors, publication
from sugeup.metrics import accounting
from sugeup.registry import usecase
from sugeup.usecases import doors, securities, session_choice
from sugeup.usecases.answers import Answer, FieldMeta, Meta, Shown
from sugeup.usecases.arguments import Cursor, Limit, Market, Session, StockCode
from sugeup.usecases.paging import more, ordered, page
from sugeup.usecases.windows import SEOUL
from sugeup.usecases.wording import Grid, eok, moment, signed

_FLOWS = tuple(
    investors.column(one.id, side, measure)
    for one in investors.ALL
    for side in investors.SIDES
    for measure in investors.MEASURES
)


class MinuteRow(Shown):
    """What each investor had bought and sold since the open, at one minute: only what the source publishes."""

    at: str
    flows: dict[str, dict[str, int]] = Field(description="Investor -> measure -> running total.")
    source: str
    final: bool


class Minutes(Answer):
    """Snapshots of one session, newest first. Totals since the open: subtract, never add."""

    market: str
    date: dt.date
    rows: list[MinuteRow]
    total: int
    next_cursor: str | None


class EstimateRow(Shown):
    """One tally: shares bought minus sold since the open, estimated by brokers' staff."""

    session: dt.date
    slot: int
    time: str = Field(description="Nominal, give or take ten minutes.")
    foreign_net_volume: int | None
    institution_net_volume: int | None
    source: str
    meta: Meta


class Estimates(Answer):
    """Tallies, newest first. Running totals of a session: subtract, never add."""

    code: str
    name: str | None
    rows: list[EstimateRow]
    total: int
    next_cursor: str | None


def minutes_text(answer: Any) -> list[object]:
    """A line per snapshot: net of the four groups since the open, in 억원."""
    lines = [
        [row.at[11:16], *(eok(row.flows.get(group, {}).get("net_amount")) for group in investors.GROUPS), row.source]
        for row in answer.rows
    ]
    head = f"{answer.market} {answer.date} 개장 이후 누적 순매수(억원) cumulative"
    return [head, Grid(["시각", *map(investors.korean, investors.GROUPS), "출처"], lines), *more(answer, len(lines))]


def minutes_rows(answer: Any) -> list[dict[str, Any]]:
    """One row per snapshot and investor."""
    return [
        {"market": answer.market, "at": row.at, "investor": name} | figures | {"source": row.source, "final": row.final}
        for row in answer.rows
        for name, figures in row.flows.items()
    ]


def estimates_text(answer: Any) -> list[object]:
    """A line per tally."""
    lines = [
        [str(row.session), f"{row.slot} {row.time}", signed(row.foreign_net_volume), signed(row.institution_net_volume)]
        for row in answer.rows
    ]
    title = " ".join(part for part in (answer.code, answer.name) if part)
    head = f"{title} 가집계: 개장 이후 누적 순매수(주), 추정 estimated"
    return [head, Grid(["거래일", "차수", "외국인", "기관"], lines), *more(answer, len(lines))]


def estimates_rows(answer: Any) -> list[dict[str, Any]]:
    """One row per tally."""
    return [{"code": answer.code} | row.model_dump(mode="json", exclude={"meta"}) for row in answer.rows]


@usecase(path="/markets/{market}/minutes", verb="minutes", title="시장 장중 수급", text=minutes_text, rows=minutes_rows)
def get_market_minutes(
    archive: Archive,
    *,
    market: Annotated[Market, Field(description="KOSPI or KOSDAQ.")],
    date: Session | None = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> Minutes:
    """Trading by investor of one market minute by minute (장중 수급), one session, newest first, since the open."""
    chosen = session_choice.choose(archive, "investor_minute_market", "market", [market], date, 0, _FLOWS)
    rows = chosen.rows.sort("at", descending=True)
    shown, following = page(rows, limit, cursor)
    return Minutes(
        **_envelope(archive, rows, "MARKET", rows["at"][0], chosen.warnings),
        market=market,
        date=chosen.session,
        rows=[
            MinuteRow(at=moment(row["at"]), flows=_by_investor(row), source=row["source"], final=row["final"])
            for row in shown.iter_rows(named=True)
        ],
        total=rows.height,
        next_cursor=following,
    )


@usecase(
    path="/stocks/{stock_code}/estimates", verb="estimates", title="가집계", text=estimates_text, rows=estimates_rows
)
def get_stock_estimates(
    archive: Archive,
    *,
    stock_code: StockCode,
    start: Session | None = None,
    end: Session | None = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> Estimates:
    """Intraday tallies of one stock (외국인·기관 가집계): five slots a session, net shares, estimated, newest first."""
    ordered(start, end)
    security = securities.resolve(archive, stock_code)
    columns = ("foreign_net_volume", "institution_net_volume")
    stored = archive.read("stock_estimate", columns=columns, scopes=[security.code], start=start, end=end)
    rows = stored.filter(pl.col("venue") == "KRX").sort("session", "slot", descending=True)
    if rows.is_empty():
        raise NoData(
            f"No intraday tallies (가집계) are stored for {security.title} in the {archive.name} lake"
            + (" and that span." if start or end else "."),
            code="NOT_COLLECTED",
            hint=doors.hint(archive, "stock_estimate"),
        )
    shown, following = page(rows, limit, cursor)
    session, slot = rows.row(0, named=True)["session"], rows.row(0, named=True)["slot"]
    newest = dt.datetime.combine(session, publication.SLOTS[slot - 1], SEOUL)
    return Estimates(
        **_envelope(archive, rows, "STOCK", newest, ()),
        code=security.code,
        name=security.name,
        rows=[_estimate(row) for row in shown.iter_rows(named=True)],
        total=rows.height,
        next_cursor=following,
    )


def _estimate(row: dict[str, Any]) -> EstimateRow:
    """One tally, without what its slot does not tell."""
    groups = {"foreign": accounting.WITHOUT_FOREIGN, "institution": accounting.WITHOUT_INSTITUTION}
    told = accounting.estimate_slots(
        [{"slot": row["slot"]} | {group: row[f"{group}_net_volume"] for group in groups}]
    ).value
    assert told is not None
    meta = {}
    for group, silent in groups.items():
        name = f"{group}_net_volume"
        if row["slot"] == silent:
            meta[name] = FieldMeta(unit="shares", reason="NOT_PUBLISHED_YET", note=f"slot {silent} does not tell it")
        elif told[0][group] is None:
            meta[name] = FieldMeta(unit="shares", reason="MISSING_INPUT", note="the source left it empty")
        else:
            meta[name] = FieldMeta(unit="shares", estimated=True)
    return EstimateRow(
        session=row["session"],
        slot=row["slot"],
        time=told[0]["time"],
        foreign_net_volume=told[0]["foreign"],
        institution_net_volume=told[0]["institution"],
        source=row["source"],
        meta=meta,
    )


def _by_investor(row: dict[str, Any]) -> dict[str, dict[str, int]]:
    flows: dict[str, dict[str, int]] = {}
    for one in investors.ALL:
        for side in investors.SIDES:
            for measure in investors.MEASURES:
                value = row[investors.column(one.id, side, measure)]
                if value is not None:
                    flows.setdefault(one.id, {})[f"{side}_{measure}"] = value
    return flows


def _envelope(
    archive: Archive, rows: pl.DataFrame, scope: str, newest: dt.datetime, warnings: tuple[str, ...]
) -> dict[str, Any]:
    origins = [archive.origin(source) for source in rows["source"].unique().sort()]
    return {
        "as_of": moment(newest),
        "generated_at": moment(archive.clock.now()),
        "scope": scope,
        "venue": "KRX",
        "sources": [origin.name for origin in origins],
        "provisional": not rows["final"].all(),
        "simulated": archive.name == "simulated" or any(origin.simulated for origin in origins),
        "coverage": [],
        "warnings": list(warnings),
    }
