"""시간대별 수급: when during the day who buys and who sells, what is usual, and what is not."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from sugeup.archive import Archive
from sugeup.registry import usecase
from sugeup.usecases import doors, minute_board, stock_slots, time_flow_bins, time_flow_patterns
from sugeup.usecases.answers import Answer, FieldMeta, Gap, Meta
from sugeup.usecases.arguments import MarketOrAll, Session, StockCode
from sugeup.usecases.day_clock import STEPS, Part
from sugeup.usecases.minute_board import Board
from sugeup.usecases.securities import Security
from sugeup.usecases.time_based_flow_text import rows, text
from sugeup.usecases.time_flow_bins import Bins
from sugeup.usecases.time_flow_blocks import Anomaly, FlowBin, FlowQuality, Patterns, TradingWindows
from sugeup.usecases.wording import moment

PAST = 60
"""Exchange sessions before the one of the answer that are read."""
MARKETS = ("KOSPI", "KOSDAQ")


def _upper(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


Interval = Annotated[
    Literal["1M", "5M", "10M", "30M", "1H"],
    BeforeValidator(_upper),
    Field(description="Length of a bin; a stock has five slots instead."),
]
HalfDay = Annotated[Part, BeforeValidator(_upper), Field(description="MORNING: three hours from the open.")]


class TimeBasedFlow(Answer):
    """시간대별 수급. `meta`: field -> {unit, window, n, reason, note, method, ci, p_adj, metric} for every bin."""

    market: str | None
    stock_code: str | None = None
    stock_name: str | None = None
    date: dt.date
    interval: str
    session: Part
    resolution: Literal["MINUTE", "SLOT"] = Field(description="SLOT: five tallies a day, shares, estimated.")
    time_flow_data: list[FlowBin]
    patterns: Patterns
    anomalies: list[Anomaly] | None
    optimal_trading_windows: TradingWindows
    data_quality: FlowQuality
    meta: Meta


@usecase(
    tool="get_time_based_flow",
    path="/time-based-flow",
    verb="time-based-flow",
    title="시간대별 수급",
    text=text,
    rows=rows,
)
def get_time_based_flow(
    archive: Archive,
    *,
    stock_code: StockCode | None = None,
    interval: Interval = "10M",
    session: HalfDay = "ALL",
    market: MarketOrAll = "ALL",
    date: Session | None = None,
) -> TimeBasedFlow:
    """At what time of day who buys and who sells (시간대별 수급): a market's minutes, or a stock's five 가집계 slots.

    Net by bin with index moves, usual hours over 20 sessions, anomalies. market=ALL has no index: ask KOSPI for that.
    """
    if stock_code is not None:
        return _stock(archive, stock_code, interval, session, market, date)
    return _market(archive, interval, session, market, date)


def _market(archive: Archive, interval: str, part: Part, market: str, day: dt.date | None) -> TimeBasedFlow:
    board = minute_board.load(archive, MARKETS if market == "ALL" else (market,), day, PAST)
    now = archive.clock.now()
    wanted = board.clock.bins(STEPS[interval], part)
    bins = time_flow_bins.over(board, wanted, now)
    alone = "no single index covers KOSPI and KOSDAQ together; ask for one market" if market == "ALL" else None
    built = time_flow_bins.build(board, bins, alone)
    history = time_flow_patterns.History(board, now)
    found, about = time_flow_patterns.anomalies(board, bins)
    return TimeBasedFlow(
        as_of=moment(board.newest),
        generated_at=moment(now),
        scope="MARKET",
        venue="KRX",
        sources=list(board.sources),
        provisional=board.provisional,
        simulated=board.simulated,
        coverage=_gaps(archive, board, built, alone),
        warnings=[*board.warnings, *_warnings(board, interval, len(wanted) - len(bins))],
        market=market,
        date=board.clock.session,
        interval=interval,
        session=part,
        resolution="MINUTE",
        time_flow_data=built.shown,
        patterns=time_flow_patterns.patterns(history),
        anomalies=found,
        optimal_trading_windows=time_flow_patterns.trading_windows(history, alone),
        data_quality=FlowQuality(
            snapshots=board.snapshots,
            missed_bins=built.missed,
            withheld_bins=built.withheld,
            past_sessions=len(board.clocks) - 1,
            closure_ok=board.closure_ok,
            provisional=board.provisional,
        ),
        meta=built.meta | {"anomalies": about} | ({} if board.closure_ok is not None else _UNCHECKED),
    )


def _stock(
    archive: Archive, stock_code: str, interval: str, part: Part, market: str, day: dt.date | None
) -> TimeBasedFlow:
    tally = stock_slots.load(archive, stock_code, market, day, PAST)
    built = stock_slots.build(tally, part)
    return TimeBasedFlow(
        as_of=moment(tally.newest),
        generated_at=moment(archive.clock.now()),
        scope="STOCK",
        venue="KRX",
        sources=list(tally.sources),
        provisional=True,
        simulated=tally.simulated,
        coverage=stock_slots.gaps(archive, tally),
        warnings=list(tally.warnings),
        market=tally.security.market,
        stock_code=tally.security.code,
        stock_name=tally.security.name,
        date=tally.clock.session,
        interval=interval,
        session=part,
        resolution="SLOT",
        time_flow_data=built.shown,
        patterns=stock_slots.patterns(),
        anomalies=None,
        optimal_trading_windows=stock_slots.trading_windows(),
        data_quality=FlowQuality(
            snapshots=tally.stored,
            missed_bins=built.missed,
            withheld_bins=built.withheld,
            past_sessions=tally.past,
            closure_ok=None,
            provisional=True,
        ),
        meta=built.meta | {"anomalies": stock_slots.no_anomalies(tally), **_unnamed(tally.security), **_TWO_OF_FOUR},
    )


_UNCHECKED = {"data_quality.closure_ok": FieldMeta(reason="MISSING_INPUT", note="a group is missing")}
_TWO_OF_FOUR = {
    "data_quality.closure_ok": FieldMeta(reason="NOT_AVAILABLE_FROM_SOURCE", note="the tallies have two groups of four")
}


def _unnamed(security: Security) -> dict[str, FieldMeta]:
    """Why a stock has no name or market: no instruments row is stored."""
    known = {"market": security.market, "stock_name": security.name}
    about = FieldMeta(reason="MISSING_INPUT", note="no instruments row is stored")
    return {name: about for name, value in known.items() if value is None}


def _warnings(board: Board, interval: str, ahead: int) -> list[str]:
    said = []
    if ahead:
        said.append(f"The session is running: {ahead} bins are not over yet.")
    if interval == "1M" and not board.refreshed:
        said.append(
            "The source does not refresh every minute: a bin of 1M may hold the trades of the next; ask for 5M."
        )
    if board.closure_ok is False:
        said.append("In some snapshots the groups do not add to zero; bins that begin or end there are withheld.")
    elif board.closure_ok is None:
        said.append("A group is missing, so it cannot be checked that all groups add to zero.")
    return said


def _gaps(archive: Archive, board: Board, built: Bins, alone: str | None) -> list[Gap]:
    gaps, bins, how = [], len(built.shown), doors.how(archive, "investor_minute_market")
    if built.missed:
        gaps.append(Gap(what=f"{built.missed} of {bins} bins", reason="MISSING_INPUT", how=how))
    if built.withheld:
        other = "another source of the same session; groups are never made from the others"
        gaps.append(Gap(what=f"{built.withheld} of {bins} bins", reason="RECONCILIATION_FAILED", how=other))
    past = len(board.clocks) - 1
    if past < time_flow_bins.REFERENCE:
        what = f"{past} of {time_flow_bins.REFERENCE} past sessions for patterns and intensity"
        gaps.append(Gap(what=what, reason="INSUFFICIENT_HISTORY", how=how))
    if board.opens is None and alone is None:
        gaps.append(
            Gap(what="index_minute: index by minute", reason="NOT_COLLECTED", how=doors.how(archive, "index_minute"))
        )
    return gaps
