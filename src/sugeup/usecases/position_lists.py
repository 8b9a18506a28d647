"""보유·공매도 시계열: the stored holdings and short sales of one stock, session by session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
from pydantic import Field

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import overheating
from sugeup.metrics import ownership
from sugeup.registry import usecase
from sugeup.usecases import doors, ownership_scene, securities
from sugeup.usecases.answers import Answer, Meta, Shown
from sugeup.usecases.arguments import Cursor, Limit, Session, StockCode
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.paging import more, ordered, page
from sugeup.usecases.securities import Security
from sugeup.usecases.windows import closing_moment
from sugeup.usecases.wording import Grid, eok, moment, plain

_HELD = ("held_shares", "limit_shares", "listed_shares", "limit_use_pct")
_BAN = "short selling was forbidden on the session (전면 금지)"


class Holding(Shown):
    """외국인 보유 at the end of one session, as stored; shares are raw."""

    session: date
    held_shares: int | None
    listed_shares: int | None
    held_pct: float | None = Field(description="100 x held / listed, %.")
    limit_shares: int | None
    limit_use_pct: float | None = Field(description="한도소진율, %.")
    room_shares: int | None
    source: str
    final: bool
    meta: Meta


class Holdings(Answer):
    """Foreign holdings, newest first."""

    code: str
    name: str | None
    rows: list[Holding]
    total: int
    next_cursor: str | None


class Short(Shown):
    """공매도 of one session, as stored; shares are raw. The balance is that of the same session."""

    session: date
    ban: bool
    short_volume: int | None
    short_amount: int | None
    short_ratio: float | None = Field(description="100 x short / turnover, %.")
    balance_shares: int | None
    balance_amount: int | None
    balance_ratio: float | None = Field(description="100 x balance / listed, %; a lower bound.")
    source: str
    final: bool
    meta: Meta


class Shorts(Answer):
    """Short sales and balances, newest first."""

    code: str
    name: str | None
    rows: list[Short]
    total: int
    next_cursor: str | None


def holdings_text(answer: Any) -> list[object]:
    """A line per session."""
    lines = [
        [
            str(row.session),
            plain(row.held_shares),
            plain(row.held_pct, 2),
            plain(row.limit_use_pct, 2),
            plain(row.room_shares),
            row.source,
        ]
        for row in answer.rows
    ]
    grid = Grid(["거래일", "외국인 보유(주)", "지분율%", "한도소진율%", "취득 여력(주)", "출처"], lines)
    return [_title(answer, "외국인 보유"), grid, *more(answer, len(lines))]


def shorts_text(answer: Any) -> list[object]:
    """A line per session."""
    lines = [
        [
            str(row.session),
            "금지" if row.ban else plain(row.short_volume),
            eok(row.short_amount).lstrip("+"),
            plain(row.short_ratio, 2),
            plain(row.balance_shares),
            plain(row.balance_ratio, 2),
            row.source,
        ]
        for row in answer.rows
    ]
    grid = Grid(["거래일", "공매도(주)", "대금(억원)", "비중%", "잔고(주)", "잔고%", "출처"], lines)
    return [_title(answer, "공매도"), grid, *more(answer, len(lines))]


def rows(answer: Any) -> list[dict[str, Any]]:
    """One row per session."""
    return [{"code": answer.code} | row.model_dump(mode="json", exclude={"meta"}) for row in answer.rows]


@usecase(path="/stocks/{stock_code}/holdings", verb="holdings", title="외국인 보유 추이", text=holdings_text, rows=rows)
def get_holdings(
    archive: Archive,
    *,
    stock_code: StockCode,
    start: Session | None = None,
    end: Session | None = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> Holdings:
    """Foreign holdings of one stock, session by session (외국인 보유 추이), newest first."""
    security = securities.resolve(archive, stock_code)
    ordered(start, end)
    stored = archive.read("foreign_holding", columns=_HELD, scopes=[security.code], start=start, end=end)
    stored = stored.filter(pl.col("venue") == "KRX").sort("session", descending=True)
    if stored.is_empty():
        raise ownership_scene.absent(archive, security)
    shown, following = page(stored, limit, cursor)
    bars = _bars(archive, security, shown["session"], ["listed_shares"])
    shown = shown.join(bars, on="session", how="left", maintain_order="left", suffix="_bar").with_columns(
        pl.coalesce("listed_shares", "listed_shares_bar")
    )
    return Holdings(
        **_envelope(archive, shown, security),
        rows=[_holding(row) for row in shown.iter_rows(named=True)],
        total=stored.height,
        next_cursor=following,
    )


@usecase(path="/stocks/{stock_code}/shorts", verb="shorts", title="공매도 추이", text=shorts_text, rows=rows)
def get_shorts(
    archive: Archive,
    *,
    stock_code: StockCode,
    start: Session | None = None,
    end: Session | None = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> Shorts:
    """Short sales and balances of one stock, session by session (공매도 추이), newest first."""
    security = securities.resolve(archive, stock_code)
    ordered(start, end)
    span: dict[str, Any] = {"scopes": [security.code], "start": start, "end": end}
    sold = archive.read("short_day", columns=("short_volume", "short_amount"), **span)
    held = archive.read("short_balance", columns=("balance_shares", "balance_amount", "listed_shares"), **span)
    krx = pl.col("venue") == "KRX"
    kept = ("session", "source", "final")
    stored = (
        sold.filter(krx)
        .select(*kept, "short_volume", "short_amount")
        .join(
            held.filter(krx).select(*kept, "balance_shares", "balance_amount", "listed_shares"),
            on="session",
            how="full",
            coalesce=True,
            suffix="_held",
        )
        .with_columns(pl.coalesce("source", "source_held"), pl.coalesce("final", "final_held"))
        .sort("session", descending=True)
    )
    if stored.is_empty():
        raise NoData(
            f"No short sales (공매도) are stored for {security.title} in the {archive.name} lake.",
            code="NOT_COLLECTED",
            hint=doors.hint(archive, "short_day"),
        )
    shown, following = page(stored, limit, cursor)
    bars = _bars(archive, security, shown["session"], ["listed_shares", "volume", "amount"])
    shown = shown.join(bars, on="session", how="left", maintain_order="left", suffix="_bar").with_columns(
        pl.coalesce("listed_shares", "listed_shares_bar")
    )
    return Shorts(
        **_envelope(archive, shown, security),
        rows=[_short(row) for row in shown.iter_rows(named=True)],
        total=stored.height,
        next_cursor=following,
    )


def _holding(row: dict[str, Any]) -> Holding:
    draft = Draft({}, {})
    held, listed, limit = row["held_shares"], row["listed_shares"], row["limit_shares"]
    for name in ("held_shares", "listed_shares", "limit_shares"):
        _figure(draft, name, row[name])
    percent = None if held is None or not listed else round(100 * held / listed, 2)
    draft.put(
        "held_pct", percent, reason=_missing(percent), note=None if percent is not None else "listed shares missing"
    )
    use = ownership.limit(*(float("nan") if value is None else value for value in (held, limit))).at()
    note = None if use["value"] is not None else "no legal limit is stored" if limit is None else "the limit is 0"
    told = row["limit_use_pct"]
    if limit is None and told is not None:
        draft.put("limit_use_pct", told, method="AS_PUBLISHED")
    else:
        draft.measure("limit_use_pct", use, 2, metric="own.limit" if use["value"] is None else None, note=note)
    room = None if use["room_shares"] is None else round(use["room_shares"])
    draft.put("room_shares", room, reason=None if room is not None else use.get("reason"), note=note)
    return Holding(session=row["session"], source=row["source"], final=row["final"], **draft.values, meta=draft.meta)


def _short(row: dict[str, Any]) -> Short:
    draft, ban = Draft({}, {}), overheating.banned(row["session"])
    if ban:
        for name in ("short_volume", "short_amount", "short_ratio"):
            draft.put(name, None, reason="OUT_OF_SCOPE", note=_BAN)
    else:
        _figure(draft, "short_volume", row["short_volume"])
        _figure(draft, "short_amount", row["short_amount"])
        _ratio(draft, row)
    for name in ("balance_shares", "balance_amount"):
        _figure(draft, name, row[name])
    held, listed = row["balance_shares"], row["listed_shares"]
    share = None if held is None or not listed else round(100 * held / listed, 2)
    note = None if share is not None else "the balance or the listed shares are missing"
    draft.put("balance_ratio", share, reason=_missing(share), note=note)
    return Short(
        session=row["session"], ban=ban, source=row["source"], final=row["final"], **draft.values, meta=draft.meta
    )


def _ratio(draft: Draft, row: dict[str, Any]) -> None:
    won = row["short_amount"] is not None and row["amount"] is not None
    part, whole = (row["short_amount"], row["amount"]) if won else (row["short_volume"], row["volume"])
    ratio = None if part is None or not whole else round(100 * part / whole, 2)
    reason = None if ratio is not None else ("ZERO_DENOMINATOR" if whole == 0 else "MISSING_INPUT")
    note = (
        None if ratio is not None else ("nothing was traded" if whole == 0 else "short sales or turnover are missing")
    )
    draft.put(
        "short_ratio", ratio, reason=reason, note=note, method="VOLUME_BASIS" if ratio is not None and not won else None
    )


def _bars(archive: Archive, security: Security, days: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
    """Columns of the bars of some sessions, each from the best row that has it."""
    first, last = days.min(), days.max()
    asked: dict[str, Any] = {"columns": columns, "scopes": [security.code], "start": first, "end": last}
    bars = archive.read("daily_bars", **asked).filter(pl.col("venue") == "KRX").select("session", *columns)
    if bars["listed_shares"].null_count():
        sized = archive.read("daily_bars", **asked, having=["listed_shares"]).filter(pl.col("venue") == "KRX")
        bars = bars.drop("listed_shares").join(sized.select("session", "listed_shares"), on="session", how="left")
    return bars


def _envelope(archive: Archive, shown: pl.DataFrame, security: Security) -> dict[str, Any]:
    newest = shown["session"].max()
    return {
        "as_of": moment(closing_moment(newest)) if isinstance(newest, date) else None,
        "generated_at": moment(archive.clock.now()),
        "scope": "STOCK",
        "venue": "KRX",
        "sources": shown["source"].unique().sort().to_list(),
        "provisional": not shown["final"].all(),
        "simulated": archive.name == "simulated",
        "coverage": [],
        "warnings": [],
        "code": security.code,
        "name": security.name,
    }


def _figure(draft: Draft, name: str, value: int | None) -> None:
    draft.put(name, value, reason=_missing(value), note=None if value is not None else "not published or not stored")


def _missing(value: Any) -> str | None:
    return "MISSING_INPUT" if value is None else None


def _title(answer: Any, what: str) -> str:
    return " ".join(part for part in (answer.code, answer.name, what) if part)
