"""과거 채우기: the sessions of the past, of the largest stocks first; what is there already is not asked again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from sugeup.archive import Want
from sugeup.errors import NoData
from sugeup.jobs import daily, scopes, universe
from sugeup.jobs.job import Done, Job, Stage, Work
from sugeup.market import sessions

UNSIZED = "sizes are not known, because no source gave the shares listed: every stock is taken"
STOCK = ("daily_bars", "investor_day_stock", "program_day_stock", "short_day", "corporate_actions")
POSITIONS = ("foreign_holding", "short_balance")
"""Filled where a source gives their past; others show the present alone."""


def stages(work: Work) -> Sequence[Stage]:
    """Lists, markets, one bar of every stock so that sizes are known, then stock by stock."""
    session = daily.session_of(work)
    first = sessions.last(work.options.sessions, session)[0]
    positions = [name for name in POSITIONS if work.archive.doors(name).past]
    lists = [Stage(name, _list(name)) for name in ("instruments", "sector_membership")]
    markets = [Stage(name, _market(name, first, session)) for name in ("index_day", "investor_day_market")]
    markets += [Stage(name, _market(name, first, session)) for name in ("program_day_market", "market_funds")]
    sizes = [] if work.options.everything else [Stage("market_cap", _sizes(session))]
    return [*lists, *markets, *sizes, *(Stage(name, _stock(name, first, session)) for name in (*STOCK, *positions))]


def _list(dataset: str) -> Callable[[Work], Done]:
    return lambda work: universe.refreshed(work, dataset)


def _market(dataset: str, first: date, session: date) -> Callable[[Work], Done]:
    def run(work: Work) -> Done:
        return work.fill(dataset, dataset, Want(tuple(scopes.of_market(work.archive, dataset)), first, session))

    return run


def _sizes(session: date) -> Callable[[Work], Done]:
    def run(work: Work) -> Done:
        return work.fill("market_cap", "daily_bars", Want(scopes.stocks(work.archive, session), session, session))

    return run


def _stock(dataset: str, first: date, session: date) -> Callable[[Work], Done]:
    def run(work: Work) -> Done:
        floor = None if work.options.everything else work.options.floor
        codes, notes = scopes.stocks(work.archive, first, floor=floor), tuple[str, ...]()
        if not codes and floor and not scopes.sized(work.archive):
            codes, notes = scopes.stocks(work.archive, first), (UNSIZED,)
        if not codes and not scopes.stocks(work.archive, first):
            raise NoData(
                "no stock is known, because no list of stocks (instruments) is stored.",
                code="NOT_COLLECTED",
                hint="`sugeup sources` says which source gives the list; or `sugeup import FILE...` takes your own.",
            )
        if not codes:
            raise NoData(
                f"no stock of at least {work.options.floor:,} 억원 is known.",
                code="NOT_COLLECTED",
                hint="`--all` takes every stock, `--floor` a smaller size.",
            )
        return work.fill(dataset, dataset, Want(codes, first, session)) + Done(notes=notes)

    return run


JOB = Job("backfill", "과거 채우기", "The sessions of the past, of the largest stocks first.", stages, daily.session_of)
