"""분석: in the evening every signal of the session, stored so that what happened afterwards can be held against it.

By the hour, the largest stocks first, as many as the quota and the time allow; what is left of a session comes first in
the next run. A killed run leaves whole batches, and the next one goes on after them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING

import polars as pl

from sugeup.errors import NoData, Retryable
from sugeup.jobs import analyse_models, analyse_queue, daily, scopes
from sugeup.jobs.analyse_queue import DATASET, SOURCE, Turn
from sugeup.jobs.job import Done, Job, Stage, Work
from sugeup.market import timetable
from sugeup.records.ledger import State
from sugeup.usecases.smart_money_signals import VERSION

if TYPE_CHECKING:
    from sugeup.usecases.signal_board import Board, MarketBoard, SectorBoard

    AnyBoard = Board | MarketBoard | SectorBoard

NAME = "analyse"
LIMIT = timedelta(minutes=50)
"""A run begins no batch of stocks after so long: the next run begins an hour after it."""
BATCH = 100
"""Stocks that are stored together."""
OPEN = 2
"""Sessions whose figures are held at once."""
STOCKS = {"investor_day_stock": "code", "daily_bars": "code", "short_day": "code"}
SECTORS = {"investor_day_stock": "code", "daily_bars": "code"}
MARKETS = {"investor_day_market": "market", "index_day": "index_code"}


@dataclass
class _Boards:
    """Sessions as they are needed, the newest ones kept."""

    load: Callable[[date], AnyBoard]
    held: OrderedDict[date, AnyBoard] = field(default_factory=OrderedDict)

    def of(self, day: date) -> AnyBoard:
        if day not in self.held:
            self.held[day] = self.load(day)
            if len(self.held) > OPEN:
                self.held.popitem(last=False)
        self.held.move_to_end(day)
        return self.held[day]


def stages(work: Work) -> Sequence[Stage]:
    """The model of the month, markets, sectors, stocks. Raises Retryable before `daily` has completed the session."""
    session = daily.session_of(work)
    _collected(work, session)
    return [
        Stage("model", lambda work: analyse_models.kept(work, session)),
        Stage("markets", lambda work: _markets(work, session)),
        Stage("sectors", lambda work: _sectors(work, session)),
        Stage("stocks", lambda work: _stocks(work, session)),
    ]


def _collected(work: Work, session: date) -> None:
    """Whether the session's figures are all there: of an earlier one that was asked for, whatever is stored counts."""
    if work.options.session is not None and session < timetable.collected(work.now):
        return
    for run in work.journal.runs(daily.NAME, limit=50):
        if run.session == session and run.state is State.COMPLETED:
            return
    raise Retryable(
        f"the job daily has not completed {session} yet, and signals need all of its figures.",
        code="BUSY",
        hint="`sugeup job run daily` completes it; then `sugeup job run analyse`, or the next hour's run.",
    )


def _markets(work: Work, session: date) -> Done:
    from sugeup.usecases import signal_board

    total = Done()
    for market in scopes.MARKETS:
        stored = analyse_queue.inputs(work.archive, MARKETS, session, _back(work))
        turns = analyse_queue.turns((market,), work.archive.coverage(DATASET), stored, session)

        def load(day: date, market: str = market) -> MarketBoard:
            return signal_board.MarketBoard(work.archive, market, day, work.now)

        total += _batch(work, turns, _Boards(load))
    return total


def _sectors(work: Work, session: date) -> Done:
    """All sectors at once, each by the figures of every stock; without a map of the session there is a note alone."""
    from sugeup.usecases import signal_board

    try:
        codes = signal_board.sectors(work.archive, session)
    except NoData as absent:
        return Done(notes=(f"no signals of sectors: {absent.message}",))
    stored = analyse_queue.inputs(work.archive, SECTORS, session, _back(work)).together(codes)
    turns = analyse_queue.turns(codes, work.archive.coverage(DATASET), stored, session)
    return _batch(work, turns, _Boards(lambda day: signal_board.load_sectors(work.archive, day)))


def _stocks(work: Work, session: date) -> Done:
    """Batch by batch until all are done, the quota or the time is used up, or the process is asked to end."""
    from sugeup.usecases import signal_board

    begun, models = work.now, analyse_models.Models(work)
    codes = scopes.stocks(work.archive, session)
    stored = analyse_queue.inputs(work.archive, STOCKS, session, _back(work))
    waiting = analyse_queue.turns(codes, work.archive.coverage(DATASET), stored, session)
    if not stored.newest:
        raise NoData(
            f"no trading by investor or bars of stocks are stored for {session}.",
            code="NOT_COLLECTED",
            hint=f"`sugeup job run daily --session {session}` collects them.",
        )
    boards = _Boards(lambda day: signal_board.load(work.archive, day, models.of(day)))
    turns, total, finished = waiting[: work.options.quota], Done(), 0
    why = "the quota of the run" if len(waiting) > len(turns) else ""
    work.tell("stocks", 0, len(turns))
    for start in range(0, len(turns), BATCH):
        if work.stop.is_set():
            raised = Retryable(
                f"the run was asked to end; stocks left: {len(waiting) - finished:,}.", code="BUSY", hint=_AGAIN
            )
            return total + Done(problems=(raised,))
        if work.now - begun >= LIMIT:
            why = f"the {LIMIT.seconds // 60} minutes of the run"
            break
        batch = turns[start : start + BATCH]
        total += _batch(work, batch, boards)
        finished += len(batch)
        work.tell("stocks", finished, len(turns))
    note = f"stocks analysed: {finished:,}" if waiting else "every stock was analysed before"
    if finished < len(waiting):
        note += f"; left by {why}: {len(waiting) - finished:,}; {_AGAIN}"
    return total + Done(notes=(note,))


def _batch(work: Work, turns: Sequence[Turn], boards: _Boards) -> Done:
    """Signals of some scopes on all sessions that they lack: stored by one commit, then entered into the ledger."""
    wanted: dict[date, list[str]] = {}
    for turn in turns:
        for day in turn.days:
            wanted.setdefault(day, []).append(turn.scope)
    parts, asked, provisional, notes = [], {}, set(), []
    for day in sorted(wanted):
        try:
            board = boards.of(day)
            rows = board.rows.filter(pl.col("code").is_in(wanted[day]))
        except NoData as absent:
            notes.append(f"{day}: {absent.message}")
            continue
        parts.append(_settled(work, rows, wanted[day], board))
        asked[day] = board.told
        if not rows["final"].all() or board.provisional:
            provisional.add(day)
    if not asked:
        return Done(notes=tuple(notes))
    rows = pl.concat(parts)
    filled = work.archive.fill(DATASET, rows)
    work.journal.record(analyse_queue.done(turns, rows.filter(~pl.col("withdrawn")), asked, provisional))
    return Done(filled.added + filled.replaced + filled.kept, notes=tuple(notes))


def _settled(work: Work, rows: pl.DataFrame, codes: Sequence[str], board: AnyBoard) -> pl.DataFrame:
    """The rows, and those told before that the figures no longer show, as withdrawn.

    What differs from what was told before was known from now on, not from its session. Rows of other versions and
    families stay as they are: nothing of the sort was looked for.
    """
    told = work.archive.read(DATASET, scopes=codes, start=board.session, end=board.session)
    told = told.filter(pl.col("source") == SOURCE)
    looked_for = (
        pl.col("kind").is_in(list(board.tested))
        & pl.col("family").is_in(list(board.named))
        & (pl.col("metric_version") == VERSION)
    )
    standing = told.filter(looked_for & ~pl.col("withdrawn").fill_null(value=False))
    gone = standing.join(rows, on="signal_id", how="anti")
    now = pl.lit(work.now.astimezone(UTC)).cast(rows.schema["known_at"])
    again = pl.col("signal_id").is_in(told["signal_id"].to_list())
    final = pl.lit(value=not board.provisional)
    return pl.concat(
        [
            rows.with_columns(pl.when(again).then(now).otherwise("known_at").alias("known_at")),
            gone.with_columns(
                pl.lit(value=True).alias("withdrawn"),
                now.alias("known_at"),
                now.alias("ingested_at"),
                (pl.col("final") | final).alias("final"),
            ),
        ]
    )


def _back(work: Work) -> int:
    """Sessions that are looked at: one alone when it was asked for."""
    return analyse_queue.BACK if work.options.session is None else 1


_AGAIN = f"`sugeup job run {NAME}` goes on with them"
JOB = Job(NAME, "분석", "Signals of the session, stored to be held against what follows.", stages, daily.session_of)
