"""Collecting from a broker under kills and faults: the lake is the truth, or a status says what the next run heals.

`SCALE=ci` kills a few times and strikes each fault at one of the brokers; `SCALE=full` kills 200 times at each of them
and strikes every fault at both. `SEED` repeats a run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sugeup.records.ledger import State
from sugeup.sandbox.kis.auth import KEY, SECRET
from sugeup.sandbox.kis.service import Options as KisOptions
from sugeup.sandbox.ls.service import Options as LsOptions
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.vendors import Options
from tests.support import published
from tests.support.collecting import Collected
from tests.support.holding import Held
from tests.support.holding_ls import HeldOfLs
from tests.support.sandboxes import Control, market, serving
from tests.torture.test_disks import disk

pytestmark = pytest.mark.torture

FULL = os.environ.get("SCALE", "ci") == "full"
KILLS = 200 if FULL else 3
"""Of each broker."""
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
PLAN = Plan(seed=2055, stocks=60, first=date(2025, 3, 4), sessions=40)
"""Around the evening a stock is delisted, another consolidated, and some are halted or warned of."""
MARKET = market(PLAN)
DAYS = MARKET.sessions
EVENING, MORNING = DAYS[21], DAYS[22]
OPTIONS = Options(0.3, KisOptions(rate=1_000_000, token_seconds=0.0), ls=LsOptions(times=1e6))
"""A third of the stocks shows figures in the evening that are corrected in the morning."""
FAULTS = {
    "latency": "latency=0.2:0.2",
    "server_error": "server_error=0.2",
    "reset": "reset=0.2",
    "half_body": "half_body=0.2",
    "malformed": "malformed=0.1",
    "short_page": "short_page=0.5",
    "rate": "rate=0.2",
    "clock_skew": "clock_skew=1:600",
}
"""Faults that pass: the day is to be complete in spite of them, at the latest after some runs."""
BROKERS = ("kis", "ls")
RUNS = 6
"""Runs within which a day is complete under passing faults."""


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    print(f"{request.node.name}: seed {SEED}")
    return random.Random(f"{SEED}{request.node.name}")  # noqa: S311


@contextmanager
def evening(home: Path, options: Options = OPTIONS, vendor: str = "kis") -> Iterator[tuple[Collected, Control]]:
    """A sandbox whose clock stands at 19:05 of a session, and an empty lake that is filled from one vendor."""
    with serving(PLAN, at=f"{EVENING}T19:05", speed=1.0, options=options) as (address, control):
        yield Collected(home, address, vendor), control


def in_turn(*names: str | int) -> list[tuple[str, str | int]]:
    """Brokers and names: every pair, or where time is short each name with one of the brokers."""
    if FULL:
        return [(vendor, name) for vendor in BROKERS for name in names]
    return [(BROKERS[at % len(BROKERS)], name) for at, name in enumerate(names)]


ONCE = pytest.mark.parametrize("vendor", BROKERS if FULL else BROKERS[:1])
"""What has little to do with who is asked."""


@pytest.fixture(params=BROKERS)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def broker(tmp_path: Path, vendor: str) -> Iterator[tuple[Collected, Control]]:
    with evening(tmp_path / "home", vendor=vendor) as both:
        yield both


def test_a_token_that_ends_early_costs_a_minute_at_most_and_no_figure(tmp_path: Path, vendor: str) -> None:
    """The faults are on until they strike; another token may be asked for once a minute only. Both at the same time."""
    with ExitStack() as stack:
        found = {
            name: stack.enter_context(evening(tmp_path / name, vendor=vendor))
            for name in ("token_expired", "token_revoked")
        }
        started = {}
        for name, (lake, control) in found.items():
            control.fault(name)
            started[name] = lake.start("run", "daily")
        for name, (_, control) in found.items():
            while started[name].poll() is None and not control.stats()["faults"].get(name, 0):
                time.sleep(0.01)
            control.clear()
        for name, (lake, control) in found.items():
            _, err = started[name].communicate(timeout=300)
            assert started[name].returncode in (0, 75), err
            assert control.stats()["faults"].get(name, 0)
            finished(lake, control)


def fault(control: Control, text: str) -> None:
    name, _, figures = text.partition("=")
    rate, _, amount = figures.partition(":")
    control.fault(name, float(rate), **({"amount": float(amount)} if amount else {}))


def completed(lake: Collected, *words: str) -> list[str]:
    """Run until the run is complete; each run that is not must say so and be healed by a later one."""
    said = []
    for _ in range(RUNS):
        code, text = lake.run(*words, code=None)
        said.append(text)
        if code == 0:
            return said
        assert code == 75, text
        assert "sugeup job run" in text or "SOURCE_DOWN" in text or "RATE_LIMITED" in text, text
        assert State.FAILED is lake.archive.coverage().runs[0].state
    raise AssertionError(f"seed {SEED}: not complete after {RUNS} runs: {said[-1]}")


def finished(lake: Collected, control: Control) -> list[str]:
    """The evening and the morning after it; then everything of the session is final and true."""
    said = completed(lake, "run", "daily")
    control.move(set=f"{MORNING}T08:06")
    said += completed(lake, "run", "universe")
    control.move(set=f"{MORNING}T08:10")
    said += completed(lake, "run", "confirm")
    true(lake, [EVENING], EVENING, MORNING)
    if lake.vendor == "kis":
        lake.held(MARKET).marks(MORNING)
    lake.tells_no_secret(*said)
    return said


def true(lake: Collected, days: Sequence[date], *asked: date) -> None:
    """What daily and confirm collect of these days is what was published of them; lists were asked for on `asked`."""
    held = lake.held(MARKET, *asked)
    for dataset in published.EVENING:
        held.holds(dataset, days)
    held.holds("foreign_holding", [EVENING])
    if isinstance(held, HeldOfLs):
        assert held.loans(DAYS[DAYS.index(EVENING) - 1]) > 0
    for dataset in ("lending",) if lake.vendor == "ls" else ("lending", "credit"):
        rows = held.archive.read(dataset)
        codes, since = sorted(rows["code"].unique()), min(rows["session"].to_list())
        assert len(codes) in range(len(MARKET.codes) // 5 - 1, len(MARKET.codes) // 5 + 2)
        held.holds(dataset, [day for day in DAYS if since <= day <= DAYS[DAYS.index(EVENING) - 1]], codes)
    held.lists()
    held.counts(EVENING)
    if lake.vendor == "kis":
        running(held)
    held.log()


def running(held: Held) -> None:
    """What only the running session has is there as it was, all of it."""
    tallies = MARKET.rows("stock_estimate", EVENING, EVENING).height
    assert [3 * 102, 381, tallies] == [
        held.moments(dataset, EVENING) for dataset in ("index_minute", "futures_minute", "stock_estimate")
    ]


@pytest.mark.parametrize(("vendor", "name"), in_turn(*FAULTS))
def test_one_fault_costs_time_and_no_figure(broker: tuple[Collected, Control], name: str) -> None:
    lake, control = broker
    fault(control, FAULTS[name])
    finished(lake, control)
    assert name == "clock_skew" or control.stats()["faults"].get(name, 0)


@pytest.mark.parametrize(("vendor", "number"), in_turn(*range(5 if FULL else 4)))
def test_faults_together_cost_time_and_no_figure(
    broker: tuple[Collected, Control], chance: random.Random, number: int
) -> None:
    lake, control = broker
    for name in chance.sample(sorted(FAULTS), 3):
        control.fault(name, chance.uniform(0.01, 0.15), amount=0.2 if name in {"latency", "short_page"} else 600.0)
    finished(lake, control)


def test_killed_at_any_moment_the_day_is_whole_in_the_end(
    broker: tuple[Collected, Control], chance: random.Random
) -> None:
    """SIGKILL during daily, backfill and confirm: no row twice, none lost, none torn; dead runs are marked."""
    first, control = broker
    died = life = 0
    while died < KILLS:
        lake = replace(first, home=first.home / f"{life}")
        fell = 0
        for words in (("run", "daily"), ("run", "backfill", "--sessions", "12", "--all"), ("run", "confirm")):
            control.move(set=f"{MORNING}T08:10" if words[1] == "confirm" else f"{EVENING}T19:05")
            fell += killed(lake, control, chance, min(KILLS // 3, 10), *words)
            lake.run(*words)
            runs = lake.archive.coverage().runs
            assert State.RUNNING not in {run.state for run in runs}, f"seed {SEED}"
        assert len([run for run in runs if "interrupted" in (run.error or "")]) <= fell
        true(lake, [EVENING], EVENING)
        held = lake.held(MARKET, EVENING)
        for dataset in published.EVENING:
            held.holds(dataset, DAYS[10:22])
        if lake.vendor == "kis":
            held.events(DAYS[10], EVENING)
        died, life = died + fell, life + 1
        print(f"{died} kills, {life} lakes held against the truth, seed {SEED}", flush=True)
        assert fell, "nothing was killed"


def killed(lake: Collected, control: Control, chance: random.Random, most: int, *words: str) -> int:
    """Start a job again and again and kill it after a random number of its calls; how often it died."""
    assert control.sandbox is not None
    counts, died = control.sandbox.named(lake.vendor).counts, 0
    for _ in range(most):
        wanted = counts.calls.total() + chance.randrange(100)
        process = lake.start(*words)
        while process.poll() is None and counts.calls.total() < wanted:
            time.sleep(0.002)
        time.sleep(chance.uniform(0.0, 0.5))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        _, err = process.communicate(timeout=60)
        assert "Traceback" not in err, f"seed {SEED}: {err}"
        died += process.returncode == -signal.SIGKILL
        if process.returncode == 0:
            break
    return died


def test_since_the_exchange_trades_in_the_evening_bars_too_are_confirmed_next_morning(
    tmp_path: Path, vendor: str
) -> None:
    later = market(replace(PLAN, first=date(2026, 9, 1), stocks=24, sessions=20))
    day, after = later.sessions[14], later.sessions[15]
    with serving(later.plan, at=f"{day}T19:05", speed=1.0, options=OPTIONS) as (address, control):
        lake = Collected(tmp_path, address, vendor)
        lake.run("run", "daily")
        assert not lake.archive.read("daily_bars")["final"].any()
        control.move(set=f"{after}T08:10")
        lake.run("run", "confirm")
        held = lake.held(later, day)
        for dataset in (*published.EVENING, "foreign_holding"):
            held.holds(dataset, [day])
        held.log()


def test_a_month_offline_is_caught_up(broker: tuple[Collected, Control]) -> None:
    lake, control = broker
    control.move(set=f"{DAYS[5]}T19:05")
    lake.run("run", "daily")
    control.move(set=f"{EVENING}T19:05")
    lake.run("run", "daily")
    control.move(set=f"{MORNING}T08:10")
    lake.run("run", "confirm")
    true(lake, DAYS[5:22], DAYS[5], EVENING)
    held = lake.held(MARKET, DAYS[5], EVENING)
    held.holds("market_funds", DAYS[5:21])
    if lake.vendor == "kis":
        held.events(DAYS[6], EVENING)


@ONCE
def test_two_at_once_share_nothing_but_the_lock(broker: tuple[Collected, Control]) -> None:
    lake, control = broker
    control.fault("latency", 1.0, amount=0.3)
    first = lake.start("run", "daily")
    for _ in range(200):
        if (lake.home / "simulated" / "locks" / "daily.json").exists():
            break
        time.sleep(0.05)
    code, said = lake.run("run", "daily", code=None)
    assert 75 == code and f"process {first.pid}" in said
    _, err = first.communicate(timeout=120)
    assert 0 == first.returncode, err
    control.clear()
    finished(lake, control)


def test_a_wrong_key_is_refused_at_once(tmp_path: Path, vendor: str) -> None:
    wrong = {KEY: "another"}
    options = replace(OPTIONS, kis=KisOptions(accounts=wrong), ls=LsOptions(accounts=wrong))
    with evening(tmp_path, options, vendor) as (lake, control):
        code, said = lake.run("run", "daily", code=None)
        assert 78 == code and SECRET not in said
        assert control.stats()["total"] == 0
        run = lake.archive.coverage().runs[0]
        assert (State.FAILED, "daily") == (run.state, run.job)
        lake.tells_no_secret(said)


def test_an_exhausted_quota_is_told_and_the_next_day_goes_on(tmp_path: Path) -> None:
    with evening(tmp_path / "home") as (lake, control):
        told_and_goes_on(lake, control)


def told_and_goes_on(lake: Collected, control: Control) -> None:
    code, said = lake.run("run", "daily", code=None, SUGEUP_KIS_DAILY_QUOTA="60")
    assert 75 == code and "RATE_LIMITED" in said
    assert "left" in said
    finished(lake, control)


RENAMED = {
    "kis": {"index_day": "FHKUP03500100", "investor_day_market": "FHPTJ04040000"},
    "ls": {"program_day_market": "t1633", "investor_day_stock": "t1702"},
}
"""Identifiers of which a field is renamed that is read, by dataset."""
STRUCK = [(vendor, dataset) for vendor, found in RENAMED.items() for dataset in found]


@pytest.mark.parametrize(("vendor", "dataset"), STRUCK if FULL else STRUCK[::3])
def test_a_renamed_field_stops_its_endpoint_alone(broker: tuple[Collected, Control], dataset: str) -> None:
    """What an endpoint beside it gives is kept, and is replaced once the better one is back."""
    lake, control = broker
    control.fault("renamed_field", 1.0, only=[RENAMED[lake.vendor][dataset]])
    code, said = lake.run("run", "daily", code=None)
    assert 75 == code and "SCHEMA_DRIFT" in said
    failed = {step.step for step in lake.archive.coverage().runs[0].steps if step.state is State.FAILED}
    assert {dataset} == failed
    beside = {"kis": {"kis_board", "kis_minute_close"}, "ls": {"ls_net"}}[lake.vendor]
    assert beside >= {*lake.archive.read(dataset)["source"]}
    control.clear()
    finished(lake, control)


@ONCE
def test_a_full_disk_is_told_and_the_next_run_heals(tmp_path: Path, vendor: str) -> None:
    with disk(tmp_path / "small", "700k") as small, evening(small / "home", vendor=vendor) as (lake, control):
        code, said = lake.run("run", "daily", code=None)
        assert 78 == code and "disk is full" in said, said
        subprocess.run(["mount", "-o", "remount,size=200m", str(small)], check=True)
        finished(lake, control)


@ONCE
def test_a_read_only_disk_is_told(tmp_path: Path, vendor: str) -> None:
    with disk(tmp_path / "closed", "50m") as closed, evening(closed / "home", vendor=vendor) as (lake, control):
        lake.home.mkdir()
        subprocess.run(["mount", "-o", "remount,ro", str(closed)], check=True)
        code, said = lake.run("run", "daily", code=None)
        assert 78 == code and ("read-only" in said or "Read-only" in said), said
        subprocess.run(["mount", "-o", "remount,rw", str(closed)], check=True)
        finished(lake, control)
