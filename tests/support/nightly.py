"""A lake of a small simulated market whose days arrive one by one, for tests of the nightly analysis."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from sugeup import records, sources
from sugeup.archive import Archive
from sugeup.jobs import analyse, running
from sugeup.jobs.job import Options, Work
from sugeup.jobs.running import Outcome
from sugeup.jobs.scopes import MARKETS, sectors
from sugeup.market import publication
from sugeup.records.ledger import Asked
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from sugeup.store.care import Care
from sugeup.store.lake import Lake
from sugeup.store.state import State
from tests.support.simulated import SOURCES
from tests.support.vendors import SetClock

DATASETS = ("instruments", "daily_bars", "investor_day_stock", "investor_day_market", "index_day", "sector_membership")


@dataclass
class Night:
    """One lake: its market, its clock, and what a job works with."""

    folder: Path
    market: SimulatedMarket
    clock: SetClock

    @property
    def archive(self) -> Archive:
        """The lake, opened anew."""
        standings = {name: origin.standing for name, origin in sources.origins().items()}
        return Archive("simulated", Lake(self.folder, standings), self.state, self.clock, sources.origins())

    @property
    def state(self) -> State:
        """The ledger, opened anew."""
        return State(self.folder / "state.sqlite")

    def arrive(self, first: date, last: date, *, final: bool = True, datasets: tuple[str, ...] = DATASETS) -> None:
        """Store the truth of some sessions as of now."""
        for name in datasets:
            self.store(name, self.market.rows(name, first, last), final=final)

    def store(self, name: str, rows: pl.DataFrame, *, final: bool = True) -> None:
        """Store rows of the truth, or changed ones, as of now."""
        if rows.is_empty():
            return
        declared = records.dataset(name)
        about = {"source": SOURCES.get(name, "kis_won"), "venue": "KRX", "products": "STOCK", "hours": "REGULAR"}
        told = rows.with_columns(
            *(pl.lit(value).alias(column) for column, value in about.items()),
            pl.lit(final).alias("final"),
            pl.lit(self.clock.now()).alias("ingested_at"),
        )
        self.archive.fill(name, declared.conform(publication.stamp(name, told, declared.dated)))

    def evening(self, day: date, *, final: bool = True) -> None:
        """The session's figures have come and `daily` has completed it; it is 19:30."""
        self.clock.at(day, 19)
        self.arrive(day, day, final=final)
        self.collected(day)
        self.clock.at(day, 19, 30)

    def collected(self, day: date) -> None:
        """Write down that `daily` has completed a session."""
        run = self.state.begin("daily", day, self.clock.now(), 1, "here")
        self.state.end(run, self.clock.now())

    def work(self, tell: Callable[[str, int, int], None] | None = None, **options: Any) -> Work:
        """What the job works with, opened as a process opens it."""
        archive = self.archive
        lake = archive._panels
        assert isinstance(lake, Lake)
        state = self.state
        work = Work(archive, state, Care(lake, state, self.clock), self.folder, Options(**options))
        return work if tell is None else replace(work, tell=tell)

    def run(self, **options: Any) -> Outcome:
        """Run the analysis."""
        return running.run(analyse.JOB, self.work(**options))

    def copy(self, folder: Path) -> Night:
        """The same lake in another folder, with a clock of its own."""
        shutil.copytree(self.folder, folder)
        return Night(folder, self.market, SetClock(self.clock.instant))

    def analysed(self, day: date) -> set[str]:
        """Stocks that the ledger says were analysed for a session."""
        others = {*MARKETS, *sectors(self.archive)}
        return {span.scope for span in self.spans() if span.first <= day <= span.last and span.scope not in others}

    def spans(self) -> list[Asked]:
        """The ledger of signals."""
        return list(self.archive.coverage("signals"))

    def signals(self) -> pl.DataFrame:
        """What is stored, without the moments of storing."""
        return self.archive.read("signals").drop("ingested_at", "known_at")


def lake(folder: Path, plan: Plan, until: int, datasets: tuple[str, ...] = DATASETS) -> Night:
    """A lake with every session of the plan but the last `until` ones, and no run of any job."""
    market = SimulatedMarket(plan)
    clock = SetClock(publication.known_at("index_day", market.sessions[-1 - until]) - timedelta(minutes=30))
    night = Night(folder, market, clock)
    night.arrive(market.sessions[0], market.sessions[-1 - until], datasets=datasets)
    return night
