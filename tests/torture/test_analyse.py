"""The nightly analysis killed at any moment: no signal twice, none lost, and the next run goes on with what is left.

`SCALE=ci` kills a few times, `SCALE=full` 200 times; `SEED` repeats a run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sugeup.jobs import scopes
from sugeup.records.ledger import State
from sugeup.sandbox.plan import Plan
from tests.support import nightly
from tests.support.nightly import Night

pytestmark = pytest.mark.torture

KILLS = {"ci": 5, "full": 200}[os.environ.get("SCALE", "ci")]
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
PLAN = Plan(seed=9, stocks=60, sessions=150, turbulence=1.5, events=4, event_count=8)
EVENING = PLAN.days()[-1]
RUN = """
import sys
from datetime import datetime
from pathlib import Path
from sugeup.jobs import analyse, running
from tests.support.nightly import Night
from tests.support.vendors import SetClock
analyse.BATCH = 5
night = Night(Path(sys.argv[1]), None, SetClock(datetime.fromisoformat(sys.argv[2])))
told = lambda stage, done, every: print(stage, done, every, flush=True)
outcome = running.run(analyse.JOB, night.work(told))
print("done", outcome.error, flush=True)
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Night:
    night = nightly.lake(tmp_path_factory.mktemp("filled") / "lake", PLAN, 1)
    night.evening(EVENING)
    return night


def test_killed_at_any_moment_the_list_is_whole_in_the_end(filled: Night, tmp_path: Path) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)  # noqa: S311
    whole = filled.copy(tmp_path / "whole")
    assert whole.run().error is None
    expected, every = whole.signals(), set(scopes.stocks(whole.archive, EVENING))
    assert expected.height > 10
    died = life = 0
    while died < KILLS:
        night, fell = filled.copy(tmp_path / f"{life}"), 0
        for _ in range(5):
            fell += killed(night, chance)
            sound(night, expected)
        assert night.run().error is None, f"seed {SEED}"
        assert_frame_equal(expected, night.signals())
        assert every == night.analysed(EVENING)
        assert {EVENING} == {span.first for span in night.spans()} == {span.last for span in night.spans()}
        runs = [run for run in night.archive.coverage().runs if run.job == "analyse"]
        assert State.RUNNING not in {run.state for run in runs}
        assert fell >= len([run for run in runs if "interrupted" in (run.error or "")])
        assert night.archive.read("signals").height == night.archive.read("signals", as_of=night.clock.now()).height
        died, life = died + fell, life + 1
        print(f"{died} kills, {life} lakes, seed {SEED}", flush=True)
        assert fell or life < 5, "nothing was killed"


def killed(night: Night, chance: random.Random) -> bool:
    """Start the job in a process of its own and kill it at some moment; whether it died before its end."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(night.folder), night.clock.instant.isoformat()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for _ in range(chance.randrange(1, 14)):
        line = process.stdout.readline()
        if not line or line.startswith("done"):
            break
    time.sleep(chance.uniform(0.0, 0.05))
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err, f"seed {SEED}: {err}"
    return process.returncode == -signal.SIGKILL


def sound(night: Night, expected: pl.DataFrame) -> None:
    """What a killed run left is a part of the whole, and what the ledger calls done is stored."""
    stored, done = night.signals(), night.analysed(EVENING)
    assert stored.height == stored["signal_id"].n_unique(), f"seed {SEED}"
    assert_frame_equal(expected.join(stored, on="signal_id", how="semi").sort("signal_id"), stored.sort("signal_id"))
    mine = expected.filter(pl.col("code").is_in(list(done)))
    assert mine.join(stored, on="signal_id", how="anti").is_empty(), f"seed {SEED}"
