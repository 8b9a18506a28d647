"""시계열: the stored rows behind the answers: stocks, prices of a stock, flows of a stock and of a market."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BeforeValidator, Field

from sugeup.archive import Archive
from sugeup.market import investors
from sugeup.registry import usecase
from sugeup.usecases import sector_map, securities
from sugeup.usecases.answers import Answer, FieldMeta, Meta, Shown
from sugeup.usecases.arguments import Cursor, Limit, Market, MarketOrAll, Session, StockCode
from sugeup.usecases.paging import more, ordered, page
from sugeup.usecases.windows import closing_moment
from sugeup.usecases.wording import Grid, eok, moment, plain, signed

_BAR = ("raw_open", "raw_high", "raw_low", "raw_close", "base_price", "volume", "amount", "status")

_UNTOLD = "the source of the session does not tell it"


class Stock(Shown):
    """A listed stock."""

    code: str
    name: str | None
    name_en: str | None
    market: str | None
    listed_on: date | None
    sectors: dict[str, str]


class Stocks(Answer):
    """Stocks by code."""

    stocks: list[Stock]
    total: int
    next_cursor: str | None


class Bar(Shown):
    """Raw prices (원주가) of one session, won and shares."""

    session: date
    open: int | None
    high: int | None
    low: int | None
    close: int | None
    base_price: int | None
    volume: int | None
    amount: int | None
    status: str | None
    source: str
    final: bool


class Prices(Answer):
    """Daily bars, newest first."""

    code: str
    name: str | None
    rows: list[Bar]
    total: int
    next_cursor: str | None
    meta: Meta = Field(default_factory=dict, description="Why a price of some session is null.")


class FlowRow(Shown):
    """Trading by investor of one session: investor -> measure -> figure; only what the source publishes."""

    session: date
    flows: dict[str, dict[str, int]]
    source: str
    final: bool


class Flows(Answer):
    """Trading by investor, newest first."""

    code: str | None
    market: str | None
    name: str | None
    rows: list[FlowRow]
    total: int
    next_cursor: str | None


def stocks_text(answer: Any) -> list[object]:
    """A line per stock."""
    lines = [[s.code, s.name or "–", s.name_en or "–", s.market or "–", _sector(s)] for s in answer.stocks]
    return [Grid(["코드", "종목명", "English", "시장", "업종"], lines), *more(answer, len(lines))]


def _sector(stock: Stock) -> str:
    """The sector in the preferred of the schemes that know the stock."""
    return next((stock.sectors[one] for one in sector_map.PREFERRED if one in stock.sectors), "–")


def stocks_rows(answer: Any) -> list[dict[str, Any]]:
    """One row per stock, its sectors by scheme."""
    return [
        one.model_dump(mode="json", exclude={"sectors"}) | {f"sector_{k.lower()}": v for k, v in one.sectors.items()}
        for one in answer.stocks
    ]


def prices_text(answer: Any) -> list[object]:
    """A line per session."""
    lines = [
        [str(b.session), *(plain(v) for v in (b.open, b.high, b.low, b.close, b.volume)), eok(b.amount).lstrip("+")]
        for b in answer.rows
    ]
    head = " ".join(part for part in (answer.code, answer.name, "일봉(원주가)") if part)
    return [
        head,
        Grid(["거래일", "시가", "고가", "저가", "종가", "거래량", "대금(억원)"], lines),
        *more(answer, len(lines)),
    ]


def prices_rows(answer: Any) -> list[dict[str, Any]]:
    """One row per session."""
    return [{"code": answer.code} | bar.model_dump(mode="json") for bar in answer.rows]


def flows_text(answer: Any) -> list[object]:
    """A line per session: net of the four groups, in 억원 where won are known, else in shares."""
    won = any("net_amount" in flow for row in answer.rows for flow in row.flows.values())
    measure = "net_amount" if won else "net_volume"
    shown = eok if won else signed
    lines = [
        [str(row.session), *(shown(row.flows.get(group, {}).get(measure)) for group in investors.GROUPS), row.source]
        for row in answer.rows
    ]
    what = " ".join(part for part in (answer.code, answer.name, answer.market if not answer.code else None) if part)
    head = f"{what} 투자자별 순매수({'억원' if won else '주'})"
    return [head, Grid(["거래일", *map(investors.korean, investors.GROUPS), "출처"], lines), *more(answer, len(lines))]


def flows_rows(answer: Any) -> list[dict[str, Any]]:
    """One row per session and investor."""
    about = {"code": answer.code} if answer.code else {"market": answer.market}
    return [
        about | {"session": str(row.session), "investor": name} | figures | {"source": row.source, "final": row.final}
        for row in answer.rows
        for name, figures in row.flows.items()
    ]


@usecase(path="/stocks", verb="stocks", title="종목 목록", text=stocks_text, rows=stocks_rows)
def list_stocks(
    archive: Archive, *, market: MarketOrAll = "ALL", limit: Limit = 100, cursor: Cursor | None = None
) -> Stocks:
    """Stocks that are stored here (종목 목록), by code, with market and sectors."""
    rows = securities.newest(archive.read("instruments"), ("code",))
    if rows.is_empty():
        raise securities.nothing_stored(archive)
    if market != "ALL":
        rows = rows.filter(pl.col("market") == market)
    shown, following = page(rows, limit, cursor)
    return Stocks(
        **_envelope(archive, rows, shown, "LIST"),
        stocks=_stocks(archive, shown),
        total=rows.height,
        next_cursor=following,
    )


@usecase(path="/stocks/{stock_code}", verb="stock", title="종목 정보", text=stocks_text, rows=stocks_rows)
def get_stock(archive: Archive, *, stock_code: StockCode) -> Stocks:
    """One stock (종목 정보): name, market, listing date, sectors."""
    security = securities.resolve(archive, stock_code)
    rows = securities.newest(archive.read("instruments", scopes=[security.code]), ("code",))
    return Stocks(
        **_envelope(archive, rows, rows, "STOCK"), stocks=_stocks(archive, rows), total=rows.height, next_cursor=None
    )


@usecase(path="/stocks/{stock_code}/prices", verb="prices", title="일봉", text=prices_text, rows=prices_rows)
def get_prices(
    archive: Archive,
    *,
    stock_code: StockCode,
    start: Session | None = None,
    end: Session | None = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> Prices:
    """Daily bars of one stock (일봉), raw prices, newest first."""
    security = securities.resolve(archive, stock_code)
    ordered(start, end)
    rows = archive.read("daily_bars", columns=_BAR, scopes=[security.code], start=start, end=end)
    rows = rows.sort("session", descending=True)
    shown, following = page(rows, limit, cursor)
    bars = [
        Bar(**{name.removeprefix("raw_"): value for name, value in row.items()})
        for row in shown.select("session", *_BAR, "source", "final").iter_rows(named=True)
    ]
    return Prices(
        **_envelope(archive, rows, shown, "STOCK", "daily_bars"),
        code=security.code,
        name=security.name,
        rows=bars,
        total=rows.height,
        next_cursor=following,
        meta=_untold(shown),
    )


def _untold(shown: pl.DataFrame) -> dict[str, FieldMeta]:
    """Why some prices of a page are null: nothing was traded, or the source does not tell them."""
    meta = {}
    for column in _BAR:
        empty = shown.filter(pl.col(column).is_null())
        if empty.height:
            halted = column != "status" and bool((empty["status"] == "HALTED").fill_null(value=False).all())
            reason, note = ("HALTED", "거래정지: nothing was traded") if halted else ("MISSING_INPUT", _UNTOLD)
            meta[f"rows.{column.removeprefix('raw_')}"] = FieldMeta(reason=reason, note=note)
    return meta


@usecase(path="/stocks/{stock_code}/flows", verb="flows", title="종목 수급", text=flows_text, rows=flows_rows)
def get_stock_flows(
    archive: Archive,
    *,
    stock_code: StockCode,
    start: Session | None = None,
    end: Session | None = None,
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> Flows:
    """Trading by investor of one stock, session by session (종목 수급), newest first."""
    security = securities.resolve(archive, stock_code)
    rows = _flow_rows(archive, "investor_day_stock", [security.code], start, end)
    return _flows(archive, rows, limit, cursor, code=security.code, market=security.market, name=security.name)


@usecase(path="/markets/{market}/flows", verb="market-flows", title="시장 수급", text=flows_text, rows=flows_rows)
def get_market_flows(
    archive: Archive,
    *,
    market: Annotated[Market, Field(description="KOSPI or KOSDAQ.")],
    start: Session | None = None,
    end: Session | None = None,
    products: Annotated[
        Literal["STOCK", "ALL"],
        BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value),
        Field(description="STOCK: stocks only; ALL: with ETF, ETN, ELW."),
    ] = "STOCK",
    limit: Limit = 60,
    cursor: Cursor | None = None,
) -> Flows:
    """Trading by investor of one market, session by session (시장 수급), newest first."""
    rows = _flow_rows(archive, "investor_day_market", [market], start, end).filter(pl.col("products") == products)
    return _flows(archive, rows, limit, cursor, code=None, market=market, name=None)


def _flow_rows(
    archive: Archive, dataset: str, scopes: Sequence[str], start: date | None, end: date | None
) -> pl.DataFrame:
    ordered(start, end)
    return archive.read(dataset, scopes=scopes, start=start, end=end).sort("session", descending=True)


def _flows(archive: Archive, rows: pl.DataFrame, limit: int, cursor: str | None, **about: str | None) -> Flows:
    shown, following = page(rows, limit, cursor)
    scope = "STOCK" if about["code"] else "MARKET"
    return Flows(
        **_envelope(archive, rows, shown, scope, "investor_day_stock" if about["code"] else "investor_day_market"),
        **about,
        rows=[
            FlowRow(session=row["session"], flows=_by_investor(row), source=row["source"], final=row["final"])
            for row in shown.iter_rows(named=True)
        ],
        total=rows.height,
        next_cursor=following,
    )


def _by_investor(row: dict[str, Any]) -> dict[str, dict[str, int]]:
    flows: dict[str, dict[str, int]] = {}
    for investor in investors.ALL:
        figures = {
            f"{side}_{measure}": value
            for side in investors.SIDES
            for measure in investors.MEASURES
            if (value := row[investors.column(investor.id, side, measure)]) is not None
        }
        if figures:
            flows[investor.id] = figures
    return flows


def _stocks(archive: Archive, rows: pl.DataFrame) -> list[Stock]:
    codes = rows["code"].to_list()
    members = sector_map.named(archive.read("sector_membership", scopes=codes))
    newest = members.filter(pl.col("valid_from") == pl.col("valid_from").max().over("code", "scheme"))
    names = newest.group_by("code", "scheme", maintain_order=True).agg(
        pl.coalesce("sector_name", "sector").alias("names").sort()
    )
    sectors: dict[str, dict[str, str]] = {}
    for code, scheme, found in names.iter_rows():
        sectors.setdefault(code, {})[scheme] = " · ".join(found)  # a stock may have many themes
    return [
        Stock(**row, sectors=sectors.get(row["code"], {}))
        for row in rows.select("code", "name", "name_en", "market", "listed_on").iter_rows(named=True)
    ]


def _envelope(
    archive: Archive, stored: pl.DataFrame, shown: pl.DataFrame, scope: str, dataset: str = "instruments"
) -> dict[str, Any]:
    """The envelope of a page of stored rows; a page behind the end is empty and as of nothing."""
    if stored.is_empty():
        raise securities.nothing_stored(archive, dataset)
    newest = shown["session"].max() if "session" in shown.columns else None
    return {
        "as_of": moment(closing_moment(newest)) if isinstance(newest, date) else None,
        "generated_at": moment(archive.clock.now()),
        "scope": scope,
        "venue": "KRX",
        "sources": shown["source"].unique().sort().to_list(),
        "provisional": not shown["final"].all(),
        "simulated": archive.name == "simulated",
        "coverage": [],
        "warnings": [],
    }
