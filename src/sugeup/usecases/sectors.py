"""업종 목록과 업종별 일별 수급: the schemes and sectors that are stored, and the daily sums of one sector."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import numpy as np
import polars as pl
from pydantic import Field

from sugeup.archive import Archive
from sugeup.market import sessions
from sugeup.registry import usecase
from sugeup.usecases import panels, sector_map, sector_scene, windows
from sugeup.usecases.answers import Answer, Meta, Shown
from sugeup.usecases.arguments import Cursor, Limit, Session
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.paging import more, ordered, page
from sugeup.usecases.sector_map import Scheme, SectorName
from sugeup.usecases.sector_sums import COVERED, SectorSums
from sugeup.usecases.windows import closing_moment
from sugeup.usecases.wording import Grid, eok, moment, plain

DAYS = 250
"""Sessions of a history that begins nowhere in particular."""


class SchemeInfo(Shown):
    """One classification: how many stocks it covers on the day, in how many sectors, and since when it is known."""

    scheme: str
    stocks: int
    sectors: int
    since: date


class SectorInfo(Shown):
    """One sector of the scheme; `market` is null where its members are listed on both."""

    sector_code: str
    sector_name: str
    market: str | None
    members: int


class Sectors(Answer):
    """업종 by code."""

    session: date
    schemes: list[SchemeInfo]
    sector_scheme: str
    sectors: list[SectorInfo]
    total: int
    next_cursor: str | None


class SectorDay(Shown):
    """Sums of the members of one sector on one session, won."""

    session: date
    sector_code: str
    foreign_net_amount: int | None
    institution_net_amount: int | None
    turnover: int | None
    coverage: float | None = Field(description="Share of its capitalisation with figures; below 0.9 sums are null.")
    meta: Meta


class SectorHistory(Answer):
    """Daily sums, newest first."""

    sector_scheme: str
    sector_code: list[str]
    sector_name: str
    rows: list[SectorDay]
    total: int
    next_cursor: str | None


def sectors_text(answer: Any) -> list[object]:
    """The schemes, then a line per sector."""
    schemes = ", ".join(f"{one.scheme} ({one.stocks:,} 종목, {one.sectors} 업종)" for one in answer.schemes)
    lines = [[one.sector_code, one.sector_name, one.market or "–", plain(one.members)] for one in answer.sectors]
    head = f"업종 목록 · {answer.sector_scheme} · {answer.session} · 저장된 분류: {schemes}"
    return [head, Grid(["업종코드", "업종명", "시장", "종목수"], lines), *more(answer, len(lines))]


def sectors_rows(answer: Any) -> list[dict[str, Any]]:
    """One row per sector."""
    return [{"scheme": answer.sector_scheme} | one.model_dump() for one in answer.sectors]


def history_text(answer: Any) -> list[object]:
    """A line per session, in 억원."""
    lines = [
        [
            str(row.session),
            row.sector_code,
            eok(row.foreign_net_amount),
            eok(row.institution_net_amount),
            eok(row.turnover).lstrip("+"),
            plain(None if row.coverage is None else 100 * row.coverage, 0),
        ]
        for row in answer.rows
    ]
    head = f"{answer.sector_name} ({', '.join(answer.sector_code)}) 업종 수급 · {answer.sector_scheme} · 억원"
    grid = Grid(["거래일", "업종", "외국인", "기관", "거래대금", "시총 반영%"], lines)
    return [head, grid, *more(answer, len(lines))]


def history_rows(answer: Any) -> list[dict[str, Any]]:
    """One row per session and sector."""
    return [
        {"scheme": answer.sector_scheme, "sector_name": answer.sector_name}
        | row.model_dump(mode="json", exclude={"meta"})
        for row in answer.rows
    ]


@usecase(path="/sectors", verb="sectors", title="업종 목록", text=sectors_text, rows=sectors_rows)
def list_sectors(
    archive: Archive,
    *,
    scheme: Scheme | None = None,
    session: Session | None = None,
    limit: Limit = 100,
    cursor: Cursor | None = None,
) -> Sectors:
    """Sectors that are stored here (업종 목록), by code, with members on a session (default: today's map)."""
    stored = sector_map.stored(archive)
    today = archive.clock.now().astimezone(windows.SEOUL).date()
    day = session or max(today, stored["valid_from"].sort()[0])
    chosen = sector_map.choose(stored, day, scheme)
    members = sector_map.members(stored, day)
    listed = sector_map.listed(archive, stored)
    gone = pl.col("delisted_on").is_null() | (pl.col("delisted_on") >= day)
    members = members.join(listed, on="code", how="inner").filter(gone)
    schemes = members.group_by("scheme").agg(pl.len().alias("stocks"), pl.col("sector").n_unique()).sort("scheme")
    sectors = (
        members.filter(pl.col("scheme") == chosen)
        .group_by("sector")
        .agg(
            pl.col("sector_name").sort_by("valid_from").last(),
            pl.len().alias("members"),
            pl.col("market").n_unique().alias("markets"),
            pl.col("market").first(),
        )
        .sort("sector")
    )
    shown, following = page(sectors, limit, cursor)
    sources = members["source"].unique().sort().to_list()
    return Sectors(
        as_of=None,
        generated_at=moment(archive.clock.now()),
        scope="LIST",
        venue="KRX",
        sources=[archive.origin(source).name for source in sources],
        simulated=archive.name == "simulated" or any(archive.origin(source).simulated for source in sources),
        coverage=[],
        warnings=[],
        session=day,
        schemes=[
            SchemeInfo(scheme=name, stocks=stocks, sectors=count, since=sector_map.since(stored, name))
            for name, stocks, count in schemes.iter_rows()
        ],
        sector_scheme=chosen,
        sectors=[
            SectorInfo(
                sector_code=row["sector"],
                sector_name=row["sector_name"] or row["sector"],
                market=row["market"] if row["markets"] == 1 else None,
                members=row["members"],
            )
            for row in shown.iter_rows(named=True)
        ],
        total=sectors.height,
        next_cursor=following,
    )


@usecase(
    path="/sectors/{sector}/flows", verb="sector-history", title="업종 일별 수급", text=history_text, rows=history_rows
)
def get_sector_flows(
    archive: Archive,
    *,
    sector: SectorName,
    scheme: Scheme | None = None,
    start: Session | None = None,
    end: Annotated[Session | None, Field(description="Default: the newest session stored market-wide.")] = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> SectorHistory:
    """Net purchases of foreigners and institutions in one sector, session by session (업종 일별 수급), newest first."""
    ordered(start, end)
    last, warnings = panels.latest(archive, "investor_day_stock")
    last = min(last, end or last)
    stored = sector_map.stored(archive)
    chosen = sector_map.choose(stored, last, scheme, sector)
    listed = sector_map.listed(archive, stored)
    whole = sector_map.load(stored, chosen, panels.span(last, 1), listed)
    places = whole.find(sector)
    begun = max(sector_map.since(stored, chosen), start or panels.span(last, DAYS)[0])
    days = sessions.sessions(begun, last) if begun <= last else ()
    listing = pl.DataFrame({"session": list(reversed(days))}, schema={"session": pl.Date})
    shown, following = page(listing, limit, cursor)
    wanted = tuple(reversed(shown["session"].to_list()))
    rows: list[SectorDay] = []
    sources: tuple[str, ...] = ()
    provisional = False
    if wanted:
        found = sector_scene.history(archive, sector_map.load(stored, chosen, wanted, listed), places)
        rows = [_day(found.sums, at, day) for day in reversed(range(len(wanted))) for at in places]
        sources, provisional = found.sources, found.provisional
    return SectorHistory(
        as_of=moment(closing_moment(wanted[-1])) if wanted else None,
        generated_at=moment(archive.clock.now()),
        scope="SECTOR",
        venue="KRX",
        sources=[archive.origin(source).name for source in sources],
        provisional=provisional,
        simulated=archive.name == "simulated" or any(archive.origin(source).simulated for source in sources),
        coverage=[],
        warnings=warnings,
        sector_scheme=chosen,
        sector_code=[whole.codes[at] for at in places],
        sector_name=whole.names[places[0]],
        rows=rows,
        total=listing.height,
        next_cursor=following,
    )


def _day(sums: SectorSums, at: int, day: int) -> SectorDay:
    """One session of one sector; the sums are null below the coverage that they need."""
    draft, coverage = Draft({}, {}), sums.coverage[at, day]
    note = (
        "no figures in won or no market capitalisation of its members are stored"
        if np.isnan(coverage)
        else f"figures of {coverage:.0%} of its capitalisation are stored, {COVERED:.0%} are needed"
    )
    for name, figures in (
        ("foreign_net_amount", sums.foreign),
        ("institution_net_amount", sums.institution),
        ("turnover", sums.turnover),
    ):
        value = None if np.isnan(figures[at, day]) else int(figures[at, day])
        missing = value is None
        draft.put(name, value, reason="MISSING_INPUT" if missing else None, note=note if missing else None)
    share = None if np.isnan(coverage) else round(float(coverage), 3)
    missing = share is None
    draft.put("coverage", share, reason="MISSING_INPUT" if missing else None, note=note if missing else None)
    return SectorDay(session=sums.map.days[day], sector_code=sums.map.codes[at], **draft.values, meta=draft.meta)
