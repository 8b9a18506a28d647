"""프로그램매매 상위 종목: the stocks with the most programme trading of a market, and how much of it they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date

import polars as pl

from sugeup.archive import Archive
from sugeup.market import sessions
from sugeup.metrics import program
from sugeup.usecases import doors, securities
from sugeup.usecases.answers import FieldMeta, Gap, Shown
from sugeup.usecases.program_figures import Figures

TOP = 10
_OLDEST = 5
"""Sessions back in which the newest day of stocks is looked for."""
_AMOUNTS = ("program_buy_amount", "program_sell_amount")


class TopStock(Shown):
    """A stock by programme bought + sold, won; `ratio` is its share of that of all stocks handed in, %."""

    code: str
    name: str | None
    program_buy: int
    program_sell: int
    net: int
    ratio: float


@dataclass(frozen=True)
class Ranking:
    """The stocks (None: no row), what is to know about them, gaps, sources; `session` where it is an older one."""

    stocks: list[TopStock] | None
    about: FieldMeta
    gaps: tuple[Gap, ...] = ()
    sources: tuple[str, ...] = ()
    older: date | None = None


def ranking(archive: Archive, figures: Figures, *, whole: bool) -> Ranking:
    """Stocks of the markets on the session: of its day, else of the minute, else of the newest day before.

    Not `whole`: the ranking of one kind was asked for, which no source splits by stock.
    """
    if not whole:
        note = "arbitrage and non-arbitrage are not published per stock"
        return Ranking(None, FieldMeta(reason="NOT_AVAILABLE_FROM_SOURCE", note=note))
    rows, dataset, day = _rows(archive, figures)
    if rows.is_empty():
        gap = Gap(
            what="top stocks 프로그램 상위 종목", reason="NOT_COLLECTED", how=doors.how(archive, "program_day_stock")
        )
        return Ranking(None, FieldMeta(reason="NOT_COLLECTED", note="no program_day_stock is stored"), (gap,))
    names = _names(archive, figures, day)
    if len(figures.scopes) == 1 and names.is_empty():
        note = "no instruments are stored that tell the market of a stock"
        return Ranking(None, FieldMeta(reason="MISSING_INPUT", note=note))
    kept = rows.join(names, on="code", how="inner" if len(figures.scopes) == 1 else "left")
    known = kept.drop_nulls(_AMOUNTS)
    found = program.top_stocks(
        [{"code": code, "buy": buy, "sell": sell} for code, buy, sell in known.select("code", *_AMOUNTS).iter_rows()],
        top=TOP,
    )
    older = day if day != figures.session else None
    method = f"{dataset}, {known.height} stocks"
    about = FieldMeta(
        unit="won; ratio %",
        n=known.height,
        reason=found.reason or None,
        note=method if found.value is not None else f"{method}: no programme trade",
        metric="prg.top_stocks",
        as_of=None if older is None else str(older),
    )
    if found.value is None:
        return Ranking(None, about)
    titles = {code: row for code, *row in known.select("code", "name", *_AMOUNTS).iter_rows()}
    stocks = [
        TopStock(
            code=one["code"],
            name=titles[one["code"]][0],
            program_buy=titles[one["code"]][1],
            program_sell=titles[one["code"]][2],
            net=one["net"],
            ratio=round(one["ratio"], 2),
        )
        for one in found.value
    ]
    sources = tuple(kept["source"].unique().sort())
    return Ranking(stocks, about, _partial(archive, known, names, day), sources, older)


def _rows(archive: Archive, figures: Figures) -> tuple[pl.DataFrame, str, date]:
    """Rows of the stocks, the dataset they came from, and their session."""
    session = figures.session
    first = sessions.previous(session, _OLDEST)
    days = archive.read("program_day_stock", columns=_AMOUNTS, start=first, end=session)
    days = days.filter(pl.col("venue") == "KRX")
    today = days.filter(pl.col("session") == session)
    if today.height:
        return today, "program_day_stock", session
    minutes = archive.read(
        "program_minute_stock", columns=_AMOUNTS, start=session, end=session, having=_AMOUNTS
    ).filter((pl.col("venue") == "KRX") & (pl.col("at") <= figures.moment.astimezone(UTC)))
    if minutes.height:
        newest = minutes.sort("at").unique("code", keep="last", maintain_order=True)
        return newest, "program_minute_stock", session
    newest_day = days["session"].max()
    day = newest_day if isinstance(newest_day, date) else session
    return days.filter(pl.col("session") == day), "program_day_stock", day


def _names(archive: Archive, figures: Figures, day: date) -> pl.DataFrame:
    """Code and name of the stocks of the markets on a day."""
    listed = securities.newest(archive.read("instruments", columns=("name", "market")), ("code",), day)
    return listed.filter(pl.col("market").is_in(list(figures.scopes))).select("code", "name")


def _partial(archive: Archive, known: pl.DataFrame, names: pl.DataFrame, day: date) -> tuple[Gap, ...]:
    """Stocks that traded on the session without a row of programme trading."""
    bars = archive.read("daily_bars", columns=("volume",), start=day, end=day)
    traded = bars.filter((pl.col("venue") == "KRX") & (pl.col("volume") > 0))
    missing = traded.join(names, on="code", how="semi").join(known, on="code", how="anti").height
    if not missing:
        return ()
    what = f"programme trading of {missing:,} of {missing + known.height:,} stocks that traded: ratios are too high"
    return (Gap(what=what, reason="MISSING_INPUT", how=doors.how(archive, "program_day_stock")),)


def shares(stocks: Sequence[TopStock], most: int) -> str:
    """The largest ones in a line: code, name and share."""
    return " · ".join(f"{one.code} {one.name or ''} {one.ratio:.1f}%".replace("  ", " ") for one in stocks[:most])
