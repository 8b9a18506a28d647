"""일일 수집: in the evening all figures of the session, and of every session that was missed before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from sugeup.archive import Want
from sugeup.jobs import scopes, universe, windows
from sugeup.jobs.job import Done, Job, Stage, Work
from sugeup.market import sessions, timetable

NAME = "daily"
MARKET = ("index_day", "investor_day_market", "program_day_market")
STOCK = ("daily_bars", "investor_day_stock", "program_day_stock", "short_day")
RUNNING = ("index_minute", "futures_minute", "stock_estimate")
"""What only the running day has, as far as it was not collected during the day."""
SECTORED = ("index_day", "investor_day_market")
"""What there is of sectors too."""
UNSORTED = "without sectors: which stock is in which one is not collected"
MINUTES = ("investor_minute_market", "program_minute_market")
"""Minutes of the running day that nobody polled, where a source gives all of them afterwards."""
ORDER = ("index_day", "daily_bars", "investor_day_market", "program_day_market", *STOCK[1:])
"""Prices before what is checked against them."""


def session_of(work: Work) -> date:
    """The session that was asked for, or the newest one whose evening has come."""
    return work.options.session or timetable.collected(work.now)


def stages(work: Work) -> Sequence[Stage]:
    """Lists, then markets and stocks, then what is lost when the day is over."""
    session = session_of(work)
    lists = [Stage(name, _list(name)) for name in ("instruments", "sector_membership")]
    days = [Stage(name, _days(name, session)) for name in ORDER]
    rest = [Stage("corporate_actions", _actions(session)), Stage("market_funds", _days("market_funds", session))]
    if timetable.running(work.now) == session:
        rest += [Stage(name, _today(name, session)) for name in RUNNING]
        rest += [Stage(name, _minutes(name, session)) for name in MINUTES]
    rest.append(Stage("filings", _filings(session)))
    return [*lists, *days, *rest]


def of_dataset(work: Work, dataset: str, first: date) -> Sequence[str]:
    """Scopes of a dataset: stocks by size, or its markets and indices."""
    if dataset in STOCK or dataset == "stock_estimate":
        return scopes.stocks(work.archive, first)
    if dataset == "futures_minute":
        return work.contracts()
    return scopes.of_market(work.archive, dataset)


def _list(name: str) -> Callable[[Work], Done]:
    return lambda work: universe.refreshed(work, name)


def _days(dataset: str, session: date) -> Callable[[Work], Done]:
    def run(work: Work) -> Done:
        first = windows.since(work, NAME, dataset, dataset, session)
        wanted = tuple(of_dataset(work, dataset, first))
        done = work.fill(dataset, dataset, Want(wanted, first, session, priority=2))
        return done + Done(notes=() if dataset not in SECTORED or scopes.sectors(work.archive) else (UNSORTED,))

    return run


def _today(dataset: str, session: date) -> Callable[[Work], Done]:
    def run(work: Work) -> Done:
        return work.fill(
            dataset, dataset, Want(tuple(of_dataset(work, dataset, session)), session, session, priority=2)
        )

    return run


def _minutes(dataset: str, session: date) -> Callable[[Work], Done]:
    def run(work: Work) -> Done:
        want = Want(tuple(scopes.of_market(work.archive, dataset)), session, session, priority=2, afterwards=True)
        return work.fill(dataset, dataset, want)

    return run


def _actions(session: date) -> Callable[[Work], Done]:
    """Events of the stocks whose base price is not the close before: no others had one."""

    def run(work: Work) -> Done:
        first = windows.since(work, NAME, "corporate_actions", "corporate_actions", session)
        bars = work.archive.read(
            "daily_bars", columns=["raw_close", "base_price"], start=sessions.previous(first), end=session
        )
        before = pl.col("raw_close").shift(1).over("code", order_by="session")
        codes = bars.filter((pl.col("base_price") != before) & (pl.col("session") >= first))["code"].unique().sort()
        return work.fill("corporate_actions", "corporate_actions", Want(tuple(codes), first, session, priority=2))

    return run


def _filings(session: date) -> Callable[[Work], Done]:
    """Reports of holdings and of treasury stock, of everyone who filed, of every day since the session caught up from.

    Reports are filed on days on which the exchange is closed too. A note where nobody can be asked for them.
    """

    def run(work: Work) -> Done:
        first = windows.since(work, NAME, "filings", "filings", session)
        done = work.fill("filings", "filings", Want((), first, session, priority=2))
        if done.calls or not done.complete or work.archive.coverage("filings"):
            return done
        return replace(done, notes=(*done.notes, "no source gives reports: `sugeup sources` says which one could"))

    return run


JOB = Job(
    NAME, "일일 수집", "Figures of the session and of every session missed before it.", stages, session_of, once=True
)
