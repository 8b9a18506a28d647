"""프로그램매매 동향: arbitrage and the rest of a market as they run, held against turnover, future and past days."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from sugeup.archive import Archive
from sugeup.metrics import accounting
from sugeup.registry import usecase
from sugeup.usecases import doors, program_bins, program_blocks, program_figures, program_gauges, program_stocks
from sugeup.usecases.answers import Answer, FieldMeta, Gap, Meta, Shown
from sugeup.usecases.arguments import MarketOrAll, Session
from sugeup.usecases.program_bins import Bin
from sugeup.usecases.program_blocks import Arbitrage, MarketIndicators, NonArbitrage, Summary
from sugeup.usecases.program_figures import Figures
from sugeup.usecases.program_gauges import Future, Turnover
from sugeup.usecases.program_stocks import TopStock
from sugeup.usecases.program_trading_text import rows, text
from sugeup.usecases.wording import moment


def _upper(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


ProgramType = Annotated[
    Literal["ALL", "ARBITRAGE", "NON_ARBITRAGE"],
    BeforeValidator(_upper),
    Field(description="ARBITRAGE 차익, NON_ARBITRAGE 비차익: what summary and series are of."),
]
TimeWindow = Annotated[
    Literal["CURRENT", "1H", "TODAY"],
    BeforeValidator(_upper),
    Field(description="CURRENT: since the open; 1H: last 60 minutes; TODAY: since the open, finer series."),
]


class ProgramBlock(Shown):
    """Programme trading of the window; a kind that was not asked for is left out."""

    summary: Summary
    arbitrage: Arbitrage | None = None
    non_arbitrage: NonArbitrage | None = None
    time_series: list[Bin] | None
    top_stocks: list[TopStock] | None
    market_indicators: MarketIndicators
    meta: Meta


class ProgramQuality(Shown):
    """Whether 차익 and 비차익 add to the whole, and minutes up to the answer without a row."""

    closure_ok: bool | None
    missing_rows: int | None
    provisional: bool
    venue: str
    products: str
    meta: Meta


class ProgramTrading(Answer):
    """프로그램매매, an order-entry method of all groups: never added to them. `resolution` DAY: no minutes stored."""

    market: str
    session: date
    program_type: str
    time_window: str
    resolution: Literal["MINUTE", "DAY"]
    program_trading: ProgramBlock
    data_quality: ProgramQuality


@usecase(
    tool="get_program_trading",
    path="/program-trading",
    verb="program-trading",
    title="프로그램매매 동향",
    text=text,
    rows=rows,
)
def get_program_trading(
    archive: Archive,
    *,
    market: MarketOrAll = "ALL",
    program_type: ProgramType = "ALL",
    time_window: TimeWindow = "CURRENT",
    session: Session | None = None,
) -> ProgramTrading:
    """Programme trading (프로그램매매 차익·비차익) of a Korean market: sums, share of turnover, basis, top stocks.

    Of the newest session by minute, else by day (resolution says which). Positive net = buying. Orders of all investor
    groups; never add it to theirs. Null comes with its reason.
    """
    figures = program_figures.load(archive, market, session, moving=time_window == "1H")
    kind = program_blocks.KINDS[program_type]
    sums = program_blocks.in_window(figures, time_window)
    whole = program_gauges.turnover(archive, figures, figures.at)
    traded = _in_window(archive, figures, time_window, whole)
    future = None if market == "KOSDAQ" else program_gauges.future(archive, figures)
    summary, cell = program_blocks.summary(figures, sums, kind, time_window, traded)
    parts: dict[str, Any] = {}
    if program_type != "NON_ARBITRAGE":
        parts["arbitrage"] = program_blocks.arbitrage(archive, figures, sums, time_window, whole, future, market)
    if program_type != "ARBITRAGE":
        parts["non_arbitrage"] = program_blocks.non_arbitrage(figures, sums, time_window)
    indicators = program_blocks.indicators(archive, figures, cell, traded, future, market)
    bins = program_bins.time_series(figures, kind, time_window)
    ranking = program_stocks.ranking(archive, figures, whole=program_type == "ALL")
    if ranking.older is not None:
        figures.warnings.append(f"Top stocks are those of {ranking.older}: the session's are not stored yet.")
    figures.add_source(*traded.sources, *(future.sources if future else ()), *ranking.sources)
    return ProgramTrading(
        as_of=moment(figures.moment),
        generated_at=moment(archive.clock.now()),
        scope="MARKET",
        venue="KRX",
        sources=figures.sources,
        provisional=figures.provisional,
        simulated=archive.name == "simulated" or any(archive.origin(one).simulated for one in figures.sources),
        coverage=[*_gaps(archive, figures, whole, future, market), *ranking.gaps],
        warnings=figures.warnings,
        market=market,
        session=figures.session,
        program_type=program_type,
        time_window=time_window,
        resolution="MINUTE" if figures.by_minute else "DAY",
        program_trading=ProgramBlock(
            summary=summary,
            time_series=bins,
            top_stocks=ranking.stocks,
            market_indicators=indicators,
            meta={"time_series": program_bins.about(bins, time_window), "top_stocks": ranking.about},
            **parts,
        ),
        data_quality=_quality(archive, figures),
    )


def _in_window(archive: Archive, figures: Figures, window: str, whole: Turnover) -> Turnover:
    """Turnover of the window: of the last hour it is the difference of two moments."""
    if window != "1H":
        return whole
    if figures.at is None or whole.amount is None or figures.then(program_blocks.HOUR) is None:
        return Turnover(None)
    start = figures.at - program_blocks.HOUR
    if program_figures.opens_after(figures.session, start):
        return whole
    before = program_gauges.turnover(archive, figures, start)
    if before.amount is None or before.method != whole.method:
        return Turnover(None)
    return Turnover(whole.amount - before.amount, whole.sources, whole.method)


def _quality(archive: Archive, figures: Figures) -> ProgramQuality:
    """차익 and 비차익 against the whole, by the rule of closure: their sum less the whole is zero."""
    parts = {
        name: np.nan if (value := figures.now[f"{name}_net_amount"]) is None else float(value)
        for name in ("arbitrage", "non_arbitrage", "program")
    }
    unit = max(archive.origin(source).unit_won for source in figures.sources) * len(figures.scopes)
    cell = accounting.closure_check({**parts, "program": -parts["program"]}, unit).at()
    meta: dict[str, FieldMeta] = {}
    if cell["ok"] is None:
        meta["closure_ok"] = FieldMeta(reason="MISSING_INPUT", note="a kind is not published")
    missing = program_figures.missing(figures)
    if missing is None:
        meta["missing_rows"] = FieldMeta(reason="OUT_OF_SCOPE", note="the figures are those of the day")
    return ProgramQuality(
        closure_ok=cell["ok"],
        missing_rows=missing,
        provisional=figures.provisional,
        venue="KRX",
        products="STOCK",
        meta=meta,
    )


def _gaps(archive: Archive, figures: Figures, traded: Turnover, future: Future | None, market: str) -> list[Gap]:
    gaps = []
    if figures.series.is_empty():
        how = doors.how(archive, "program_minute_market")
        gaps.append(Gap(what="minutes 분별 program_minute_market", reason="NOT_COLLECTED", how=how))
    if traded.amount is None:
        name = "index_minute" if figures.by_minute else "index_day"
        gaps.append(Gap(what=f"turnover 거래대금 {name}", reason="NOT_COLLECTED", how=doors.how(archive, name)))
    if future is None and market != "KOSDAQ":
        how = doors.how(archive, "futures_minute")
        gaps.append(Gap(what="basis 베이시스 futures_minute", reason="NOT_COLLECTED", how=how))
    return gaps
