"""The two lakes that are asked: the bundled sample of real figures, and a frozen simulated market. No network.

The clock of each stands still, so that an answer is the same on every day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

from tests.support import simulated

from sugeup.app import App
from sugeup.faces.answering import Answering
from sugeup.jobs.sample import load_sample
from sugeup.market import sessions
from sugeup.market.clock import FixedClock
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from sugeup.settings import LakeName, Settings

NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
"""When the sample is asked: 2026-09-01, noon in Seoul."""

PLAN = Plan(seed=2026, stocks=40, first=date(2025, 1, 2), sessions=280, events=3.0, event_count=2)
MINUTES = 5
"""Newest sessions of which minutes are stored."""

DATASETS = (
    "instruments",
    "sector_membership",
    "corporate_actions",
    "designations",
    "daily_bars",
    "investor_day_stock",
    "investor_day_market",
    "program_day_stock",
    "program_day_market",
    "short_day",
    "short_balance",
    "foreign_holding",
    "lending",
    "credit",
    "market_funds",
    "index_day",
    "stock_estimate",
    "investor_minute_market",
    "program_minute_market",
    "index_minute",
    "futures_minute",
)
"""What is stored of the simulated market; a dataset that is added to the product later changes no answer."""


def demo(home: Path) -> Answering:
    """The bundled sample, loaded the first time."""
    if not (home / "demo").exists():
        load_sample(App.open(Settings(data_dir=home), LakeName.DEMO).archive)
    return _answering(home, LakeName.DEMO, NOW)


def simulated_market(home: Path) -> Answering:
    """The frozen simulated market, filled the first time (about ten seconds), on the evening after its last session."""
    folder, newest = home / "simulated", PLAN.days()[-1]
    if not folder.exists():
        market, archive = SimulatedMarket(PLAN), simulated.open_simulated(folder, newest)
        for name in DATASETS:
            simulated.fill(archive, market, (name,), MINUTES)
    evening = datetime.combine(sessions.next(newest), time(20, 0), sessions.SEOUL)
    return _answering(home, LakeName.SIMULATED, evening)


def answering(lake: str, home: Path) -> Answering:
    """The lake of a question, below the folder `home`."""
    return {"demo": demo, "simulated": simulated_market}[lake](home)


def _answering(home: Path, lake: LakeName, now: datetime) -> Answering:
    return Answering(App.open(Settings(data_dir=home), lake, FixedClock(now)))
