"""지분공시 목록: who reported which holdings of one stock, and what the company does with its own shares."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.records.filings import FILINGS, KINDS
from sugeup.registry import usecase
from sugeup.usecases import doors, securities
from sugeup.usecases.answers import Answer, Gap, Meta, Shown
from sugeup.usecases.arguments import Cursor, Limit, Session, StockCode
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.paging import more, ordered, page
from sugeup.usecases.securities import Security
from sugeup.usecases.wording import ABSENT, Grid, moment, plain, signed

_FIGURES = ("held_shares", "held_pct", "change_shares")
_UNTOLD = "the report does not tell it"


class Filing(Shown):
    """One report (공시) as it was filed; shares are raw. In a decision of the company: held before, planned."""

    filed_on: date
    kind: str
    holder: str | None
    held_shares: int | None
    held_pct: float | None
    change_shares: int | None
    receipt_no: str
    url: str
    source: str
    meta: Meta


class Filings(Answer):
    """Reports about one stock, newest first."""

    code: str
    name: str | None
    rows: list[Filing]
    total: int
    next_cursor: str | None


def text(answer: Any) -> list[object]:
    """A line per report."""
    lines = [
        [
            str(row.filed_on),
            KINDS[row.kind],
            row.holder or ABSENT,
            plain(row.held_shares),
            plain(row.held_pct, 2),
            signed(row.change_shares),
        ]
        for row in answer.rows
    ]
    title = " ".join(part for part in (answer.code, answer.name, "지분공시") if part)
    grid = Grid(["접수일", "종류", "보고자", "보유(주)", "지분율%", "증감(주)"], lines)
    gaps = [f"{gap.what}: {gap.how}" for gap in answer.coverage]
    return [title, grid, *more(answer, len(lines)), *gaps]


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per report."""
    return [{"code": answer.code} | row.model_dump(mode="json", exclude={"meta"}) for row in answer.rows]


@usecase(path="/stocks/{stock_code}/filings", verb="filings", title="지분공시", text=text, rows=rows)
def get_filings(
    archive: Archive,
    *,
    stock_code: StockCode,
    start: Session | None = None,
    end: Session | None = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> Filings:
    """Reports about holdings and treasury stock of one stock (지분공시: 5%, 임원, 자기주식), newest first."""
    security = securities.resolve(archive, stock_code)
    ordered(start, end)
    stored = archive.read("filings", columns=FILINGS.measures, scopes=[security.code], start=start, end=end)
    covered = archive.coverage("filings")
    if stored.is_empty() and not covered:
        raise NoData(
            f"No reports of holdings (지분공시) are stored in the {archive.name} lake.",
            code="NOT_COLLECTED",
            hint=doors.hint(archive, "filings"),
        )
    since = min((span.first for span in covered), default=None)
    newest = stored.sort("filed_on", "receipt_no", descending=True)
    shown, following = page(newest, limit, cursor)
    return Filings(
        **_envelope(archive, newest, security, since if since and (start is None or start < since) else None),
        rows=[_filing(row) for row in shown.iter_rows(named=True)],
        total=newest.height,
        next_cursor=following,
    )


def _filing(row: dict[str, Any]) -> Filing:
    draft = Draft({}, {})
    for name in _FIGURES:
        value = row[name]
        draft.put(
            name,
            value,
            reason="NOT_AVAILABLE_FROM_SOURCE" if value is None else None,
            note=_UNTOLD if value is None else None,
        )
    number = row["receipt_no"]
    kept = {name: row[name] for name in ("filed_on", "kind", "holder", "receipt_no", "source")}
    url = f"https://dart.fss.or.kr/dsaf001/main.do?rcpNo={number}"
    return Filing(**kept, url=url, **draft.values, meta=draft.meta)


def _envelope(archive: Archive, stored: pl.DataFrame, security: Security, since: date | None) -> dict[str, Any]:
    known = stored["known_at"].max()
    gap = Gap(
        what=f"reports filed before {since}",
        reason="NOT_COLLECTED",
        how="`sugeup import FILE...`; the daily job collects what is filed from its first run on",
    )
    return {
        "as_of": moment(known) if isinstance(known, datetime) else None,
        "generated_at": moment(archive.clock.now()),
        "scope": "STOCK",
        "venue": "KRX",
        "sources": stored["source"].unique().sort().to_list(),
        "provisional": not stored["final"].all(),
        "simulated": archive.name == "simulated",
        "coverage": [] if since is None else [gap],
        "warnings": [],
        "code": security.code,
        "name": security.name,
    }
