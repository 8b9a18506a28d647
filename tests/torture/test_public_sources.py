"""Sources without a broker under faults: no torn or wrong row, holes kept, told in words, healed afterwards.

What a source gives without a fault is the measure, and is held against the market elsewhere. `SCALE=ci` strikes every
fault once, `SCALE=full` ten times with other calls struck; `SEED` repeats a run.
"""

from __future__ import annotations

import importlib.util
import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sugeup import jobs, records
from sugeup.archive import Archive, Supply, Want
from sugeup.archive.supply import Door
from sugeup.archive.wants import Filled
from sugeup.errors import Retryable, SchemaDrift, SugeupError
from sugeup.hub import Hub
from sugeup.hub.pykrx import Pykrx
from sugeup.jobs import running
from sugeup.jobs.job import Options as JobOptions
from sugeup.jobs.job import Work
from sugeup.jobs.running import Outcome
from sugeup.records.ledger import State as Ended
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.vendors import SERVICES, Options
from sugeup.settings import SANDBOX_KEYS
from sugeup.sources import origins, vendors
from sugeup.sources.vendor import Credentials, Endpoint, Reach, Scope, Transport, Vendor
from sugeup.store.care import Care
from sugeup.store.lake import Lake
from sugeup.store.state import State
from tests.support.required import unavailable
from tests.support.sandboxes import Control, market, serving
from tests.support.vendors import SetClock

pytestmark = pytest.mark.torture

SCALE = os.environ.get("SCALE", "ci")
ROUNDS = {"ci": 1, "full": 10}[SCALE]
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
PLAN = Plan(seed=2071, stocks=12, first=date(2025, 3, 4), sessions=40)
MARKET = market(PLAN)
DAYS = MARKET.sessions
EVENING, MORNING = DAYS[21], DAYS[22]
FIRST = DAYS[18]
FREELY = Options(hurry=100_000)
PUBLIC = tuple(name for name in ("naver", "krx", "krx_login", "dart") if name in vendors() and name in SERVICES)
"""Sources that are there and are simulated."""
ASKED: Mapping[str, tuple[str, ...]] = {
    "naver": (
        "naver_market_daily",
        "naver_market_time",
        "naver_program_daily",
        "naver_deposits",
        "naver_stock_trend",
        "naver_stock_holding",
    ),
    "krx_login": ("krx_login_market_investors", "krx_login_program", "krx_login_short_trades"),
}
"""Questions that are put to a source, one of each kind; all where nothing is said."""
PASSING = {
    "latency": "0.5:0.02",
    "server_error": "0.3",
    "reset": "0.3",
    "half_body": "0.3",
    "malformed": "0.3",
    "short_page": "1:0.3",
    "rate": "0.2",
    "page": "0.3",
}
"""Faults that pass, at their rates (and amounts): whoever asks again gets the figures."""
LASTING = {"renamed_field": "1", "quota": "1:2", "server_error": "1", "page": "1"}
"""Faults that stay until they are switched off."""
KEPT_OUT = {"krx_login": frozenset({"rate", "quota"})}
"""Refusals after which a source is left alone for a day, by design: nothing is healed before."""
_SOME = frozenset({"server_error", "malformed", "short_page", "renamed_field", "quota"})
SHORT = {"krx": _SOME, "dart": _SOME, "krx_login": frozenset({"malformed"})}
"""Faults that are enough of a source where time is short; a library in a process of its own takes much of it."""
RUNS = 8


def cases(faults: Mapping[str, str]) -> list[Any]:
    """Source and fault, as many as there is time for."""
    return [
        pytest.param(name, fault)
        for name in PUBLIC
        for fault in faults
        if fault not in KEPT_OUT.get(name, ()) and (SCALE == "full" or fault in SHORT.get(name, faults))
    ]


SCOPES: Mapping[Scope, tuple[str, ...]] = {
    Scope.STOCK: MARKET.codes[:1],
    Scope.MARKET: ("KOSPI",),
    Scope.INDEX: ("KOSPI",),
    Scope.NONE: (),
}


@dataclass
class Source:
    """One source in one lake: each use opens lake and network anew, as a process does."""

    vendor: Vendor
    folder: Path
    address: str
    control: Control
    clock: SetClock
    attempts: int = 5

    def door(self) -> Door:
        """What asks the sandbox in the source's place."""
        key, secret = (*SANDBOX_KEYS[: len(self.vendor.access.keys)], "", "")[:2]
        hosts = {name: self.address + _path(own) for name, own in self.vendor.hosts.items()}
        given: Any = {"folder": self.folder, "clock": self.clock, "hosts": hosts, "hurry": 100_000}
        if self.vendor.transport is Transport.PYKRX:
            return Pykrx(self.vendor, Credentials(key, secret), **given)
        return Hub(self.vendor, Credentials(key, secret), **given, attempts=self.attempts)

    @property
    def state(self) -> State:
        """The ledger."""
        return State(self.folder / "state.sqlite")

    def archive(self, supply: Supply | None = None) -> Archive:
        """The lake."""
        standing = {name: origin.standing for name, origin in origins().items()}
        return Archive("simulated", Lake(self.folder / "lake", standing), self.state, self.clock, origins(), supply)

    def move(self, day: date, hour: int, minute: int) -> None:
        """Sandbox and callers go to a time of day."""
        self.control.move(set=f"{day}T{hour:02d}:{minute:02d}")
        self.clock.at(day, hour, minute)

    def endpoints(self) -> list[Endpoint]:
        """Those of the past, and of today where the day is over."""
        asked = ASKED.get(self.vendor.name, tuple(one.name for one in self.vendor.endpoints))
        return [one for one in self.vendor.endpoints if one.name in asked and one.reach in (Reach.PAST, Reach.TODAY)]

    def filled(self) -> dict[str, Filled]:
        """Ask for everything that is still open, dataset by dataset."""
        supply = Supply([(self.vendor, self.door)])
        archive = self.archive(supply)
        try:
            found = {}
            for one in self.endpoints():
                today = one.reach is Reach.TODAY
                self.move(EVENING if today else MORNING, 20 if today else 9, 30)
                want = Want(SCOPES[one.scope], EVENING if today else FIRST, EVENING, vendor=self.vendor.name)
                found[one.name] = archive.fill(one.dataset, want)
            return found
        finally:
            supply.close()

    def daily(self) -> Outcome:
        """The job of the evening."""
        supply = Supply([(self.vendor, self.door)])
        lake = Lake(self.folder / "lake", {name: origin.standing for name, origin in origins().items()})
        try:
            care = Care(lake, self.state, self.clock)
            work = Work(self.archive(supply), self.state, care, self.folder, JobOptions(floor=0))
            return running.run(jobs.named("daily"), work)
        finally:
            supply.close()

    def rows(self) -> dict[str, pl.DataFrame]:
        """Every stored row by dataset, without the moment at which it was stored."""
        archive, found = self.archive(), {}
        for name in sorted({one.dataset for one in self.vendor.endpoints}):
            declared = records.dataset(name)
            found[name] = archive.read(name).drop("ingested_at").sort(declared.full_key)
        return found

    def covered(self) -> dict[str, set[tuple[str, str, date]]]:
        """Every covered day of every scope by dataset."""
        return {
            name: {
                (span.source, span.scope, day)
                for span in self.archive().coverage(name)
                for day in DAYS
                if span.first <= day <= span.last
            }
            for name in sorted({one.dataset for one in self.vendor.endpoints})
        }

    def fault(self, name: str, figures: str) -> None:
        """Switch a fault; `figures` are its rate and amount."""
        rate, _, amount = figures.partition(":")
        self.control.fault(name, float(rate), **({"amount": float(amount)} if amount else {}))


def _path(address: str) -> str:
    return "/" + rest if (rest := address.partition("://")[2].partition("/")[2]) else ""


@contextmanager
def source(name: str, folder: Path, round_: int = 0, attempts: int = 5) -> Iterator[Source]:
    if vendors()[name].transport is Transport.PYKRX and importlib.util.find_spec("pykrx") is None:
        unavailable("pykrx is not installed")
    with serving(PLAN, at=f"{EVENING}T20:30", options=FREELY) as (address, control):
        assert control.sandbox is not None
        control.sandbox.world.faults.seed = SEED + round_
        yield Source(vendors()[name], folder, address, control, SetClock(datetime(2025, 1, 1, tzinfo=UTC)), attempts)


@cache
def measure(name: str) -> tuple[dict[str, pl.DataFrame], dict[str, set[tuple[str, str, date]]]]:
    """Rows and coverage of a source that nothing went wrong with."""
    with TemporaryDirectory() as folder, source(name, Path(folder)) as clean:
        for endpoint, done in clean.filled().items():
            assert not done.failures and not done.stopped and not done.faults, (endpoint, done)
        rows = clean.rows()
        assert all(rows[one.dataset].height for one in clean.endpoints()), {k: v.height for k, v in rows.items()}
        return rows, clean.covered()


def sound(mine: Source, name: str) -> None:
    """Every row that is stored is as it would be without faults, once; nothing is covered that has lost its row."""
    wanted, covered = measure(name)
    for dataset, stored in mine.rows().items():
        declared = records.dataset(dataset)
        assert stored.select(declared.full_key).is_unique().all(), f"seed {SEED}: {dataset} holds a row twice"
        strange = stored.join(wanted[dataset], on=stored.columns, how="anti", nulls_equal=True)
        assert strange.is_empty(), f"seed {SEED}: {dataset} holds rows that are not so: {strange.head(2)}"
        bare = declared.scope not in declared.key
        if "at" in declared.key or (bare and sum(one.dataset == dataset for one in mine.vendor.endpoints) > 1):
            continue  # the ledger does not say which of the rows of a day, or of several lists, it stands for
        dated = declared.dated
        scope = pl.col(declared.scope) if declared.scope in declared.key else pl.lit("")
        keys = {(row[0], row[1]) for row in stored.select(scope, dated).rows()}
        known = {(row[0], row[1]) for row in wanted[dataset].select(scope, dated).rows()}
        lost = {
            (who, day)
            for _, who, day in mine.covered()[dataset]
            if (("" if bare else who), day) in known and (("" if bare else who), day) not in keys
        }
        assert not lost, f"seed {SEED}: {dataset} is covered without its rows: {sorted(lost)[:3]}"
    for dataset, mine_covered in mine.covered().items():
        assert mine_covered <= covered[dataset], f"seed {SEED}: {dataset} covers what cannot be"


def whole(mine: Source, name: str) -> None:
    """The lake is as it would be without faults."""
    wanted, covered = measure(name)
    for dataset, stored in mine.rows().items():
        assert_frame_equal(wanted[dataset], stored, check_exact=True)
    assert covered == mine.covered(), f"seed {SEED}"


def in_words(done: Filled, vendor: Vendor) -> None:
    """What did not work is told: which vendor, what, and what to do."""
    errors: list[SugeupError] = [*done.stopped, *done.failures.values()]
    for error in errors:
        assert error.message and error.hint, error
        assert vendor.title.split()[0].lower() in error.message.lower() or error.details.get("vendor") == vendor.name
        assert isinstance(error, Retryable | SchemaDrift), error
    if not done.complete:
        assert errors or done.left


def completed(done: Mapping[str, Filled]) -> bool:
    return all(not one.stopped and not one.failures for one in done.values())


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize(("name", "fault"), cases(PASSING))
def test_a_passing_fault_costs_time_and_no_figure(name: str, fault: str, round_: int, tmp_path: Path) -> None:
    """Of a source that is asked little, chance may leave every call alone: then it is tried with another seed."""
    for seed in range(round_, round_ + 10_000, 1_000):
        folder = tmp_path / str(seed)
        folder.mkdir()
        if outlasted(name, fault, seed, folder):
            return
    pytest.fail(f"seed {SEED + round_}: nothing was struck")


def outlasted(name: str, fault: str, seed: int, folder: Path) -> int:
    """How many calls were struck until a lake was whole all the same."""
    with source(name, folder, seed) as mine:
        mine.fault(fault, PASSING[fault])
        for _ in range(RUNS):
            done = mine.filled()
            for one in done.values():
                in_words(one, mine.vendor)
            sound(mine, name)
            if completed(done):
                break
        struck = mine.control.stats()["faults"].get(fault, 0)
        mine.control.clear()
        mine.filled()
        whole(mine, name)
    return int(struck)


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize(("name", "fault"), cases(LASTING))
def test_a_lasting_fault_leaves_holes_and_words_and_is_healed(
    name: str, fault: str, round_: int, tmp_path: Path
) -> None:
    with source(name, tmp_path, round_, attempts=2) as mine:
        mine.fault(fault, LASTING[fault])
        done = mine.filled()
        for endpoint, one in done.items():
            in_words(one, mine.vendor)
            if fault in {"server_error", "page"}:
                assert one.stopped and (one.left or SCOPES[mine.vendor.endpoint(endpoint).scope] == ()), endpoint
        assert fault not in {"server_error", "page"} or all(rows.is_empty() for rows in mine.rows().values())
        sound(mine, name)
        mine.control.clear()
        mine.filled()
        whole(mine, name)


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("name", [name for name in PUBLIC if name != "krx_login"])
def test_faults_together_cost_time_and_no_figure(name: str, round_: int, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED}{name}{round_}")  # noqa: S311
    with source(name, tmp_path, round_) as mine:
        for fault in chance.sample(sorted(PASSING), 3):
            mine.fault(fault, f"{chance.uniform(0.05, 0.15)}:{0.05 if fault == 'latency' else 0.3}")
        for _ in range(RUNS):
            done = mine.filled()
            sound(mine, name)
            if completed(done):
                break
        mine.control.clear()
        mine.filled()
        whole(mine, name)


@pytest.mark.parametrize("name", [name for name in PUBLIC if name != "krx_login"])
def test_a_source_that_was_down_for_a_week_is_caught_up_by_the_job_of_the_next_evening(
    name: str, tmp_path: Path
) -> None:
    """In one lake the job ran every evening of the week in vain, in the other it did not run: both end alike.

    What the source gives of the running day alone is there for the evenings on which it answered.
    """
    past = {endpoint.dataset for endpoint in vendors()[name].endpoints if endpoint.reach is Reach.PAST}
    found = []
    for struck in (True, False):
        folder = tmp_path / str(struck)
        folder.mkdir()
        with source(name, folder, attempts=2) as mine:
            mine.move(DAYS[14], 20, 30)
            mine.daily()
            before = mine.rows()
            if struck:
                mine.control.fault("server_error")
                for day in DAYS[15:20]:
                    mine.move(day, 20, 30)
                    outcome = mine.daily()
                    assert outcome.error is not None
                    assert "SOURCE_DOWN" in str(outcome.error), outcome.error
                    assert Ended.FAILED in {step.state for step in outcome.steps}
                assert all(before[dataset].equals(rows) for dataset, rows in mine.rows().items())
                mine.control.clear()
            mine.move(EVENING, 20, 30)
            mine.daily()
            mine = replace(mine)
            found.append((mine.rows(), mine.covered()))
    (healed, covered), (wanted, expected) = found
    assert any(rows.height for rows in wanted.values())
    for dataset, rows in wanted.items():
        assert_frame_equal(rows, healed[dataset], check_exact=True)
        if "session" in rows.columns and rows.height and rows["session"].max() == EVENING:
            days = set(DAYS[14:22]) if dataset in past else {DAYS[14], EVENING}
            assert days <= set(healed[dataset]["session"]), dataset
    assert expected == covered
