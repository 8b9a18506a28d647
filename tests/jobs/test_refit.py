"""Once a month stored signals become maps, and answers read their confidence from the newest that was known."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sugeup import jobs
from sugeup.archive import Archive
from sugeup.jobs import refit, running
from sugeup.jobs.job import Done, Options, Work
from sugeup.market import sessions
from sugeup.market.clock import FixedClock
from sugeup.store.state import State
from sugeup.usecases import calibrations
from tests.support.archives import days, open_archive, rows

HISTORY = days(460)
CODE = "005930"


def signal(place: int, strength: float, **about: Any) -> dict[str, Any]:
    day = HISTORY[place]
    known = datetime.combine(day, time(19, 40), sessions.SEOUL).astimezone(UTC)
    return {
        "code": CODE,
        "session": day,
        "signal_id": f"{day:%Y%m%d}-FOREIGN_SURGE-1-ALL-{CODE}",
        "kind": "FOREIGN_SURGE",
        "scope": "STOCK",
        "direction": "BUY",
        "horizon": 1,
        "strength": strength,
        "withdrawn": False,
        "known_at": known,
        "ingested_at": known,
    } | about


@pytest.fixture
def told(tmp_path: Path) -> tuple[Archive, list[dict[str, Any]]]:
    """A stock that rises after strong signals and falls after weak ones, mostly; its index stands still."""
    chance = np.random.default_rng(3)
    strength = chance.uniform(0, 100, len(HISTORY))
    rises = chance.uniform(size=len(HISTORY)) < 0.1 + 0.8 * strength / 100
    bars, price = [], 100_000
    for place, day in enumerate(HISTORY):
        move = 500 if place and rises[place - 1] else -500
        close = price + move if place else price
        bars.append({"code": CODE, "session": day, "raw_open": price, "raw_high": max(price, close),
                     "raw_low": min(price, close), "raw_close": close, "base_price": price, "volume": 1000,
                     "amount": 1000 * close})  # fmt: skip
        price = close
    archive = open_archive(tmp_path / "lake")
    archive.fill("daily_bars", rows("daily_bars", bars, source="kis_won"))
    index = [{"index_code": "KOSPI", "session": day, "close": 1000.0} for day in HISTORY]
    archive.fill("index_day", rows("index_day", index, source="kis_market"))
    listed = [{"code": CODE, "valid_from": HISTORY[0], "market": "KOSPI", "kind": "STOCK"}]
    archive.fill("instruments", rows("instruments", listed, source="kis_master"))
    given = [signal(place, float(strength[place])) for place in range(len(HISTORY) - 1)]
    archive.fill("signals", rows("signals", given, source="sugeup"))
    return archive, given


def run(archive: Archive, path: Path, at: datetime) -> Done:
    archive.clock = FixedClock(at)
    work = Work(archive, State(path / "state.sqlite"), None, path, Options())  # type: ignore[arg-type]
    (stage,) = refit.stages(work)
    return stage.run(work)


def test_refit_is_a_job_of_the_timetable() -> None:
    assert jobs.named("refit") is refit.JOB and "04:30 every day" == refit.JOB.when and running


def test_decided_signals_become_a_map_that_answers_read(
    told: tuple[Archive, list[dict[str, Any]]], tmp_path: Path
) -> None:
    archive, given = told
    now = datetime.combine(HISTORY[-1] + timedelta(days=3), time(4, 30), sessions.SEOUL)
    assert None is calibrations.load(archive, HISTORY[-1]).calibrated("FOREIGN_SURGE", 99.0).value
    done = run(archive, tmp_path, now)
    assert done.complete and 1 == done.rows and "accepted: FOREIGN_SURGE" in done.notes[0]
    known = calibrations.load(archive, HISTORY[-1] + timedelta(days=30))
    strong, weak = (known.calibrated("FOREIGN_SURGE", one) for one in (97.0, 3.0))
    assert strong.value is not None and weak.value is not None and 0.7 < strong.value and weak.value < 0.3
    assert (len(given), None) == (strong.n, strong.why) and 0 < (strong.brier_skill or 0)
    assert calibrations.NEVER == known.calibrated("DUMP", 97.0).why
    assert None is known.calibrated("FOREIGN_SURGE", None).value


def test_an_answer_about_an_earlier_session_knows_nothing_of_a_later_map(
    told: tuple[Archive, list[dict[str, Any]]], tmp_path: Path
) -> None:
    archive, _ = told
    run(archive, tmp_path, datetime.combine(HISTORY[-1] + timedelta(days=3), time(4, 30), sessions.SEOUL))
    assert {} == dict(calibrations.load(archive, HISTORY[-2]).maps)


def test_a_month_is_fitted_once(told: tuple[Archive, list[dict[str, Any]]], tmp_path: Path) -> None:
    archive, _ = told
    first = datetime.combine(
        (HISTORY[-1].replace(day=1) + timedelta(days=40)).replace(day=2), time(4, 30), sessions.SEOUL
    )
    run(archive, tmp_path, first)
    again = run(archive, tmp_path, first + timedelta(days=1))
    assert 0 == again.rows and "are stored" in again.notes[0]


def test_without_decided_signals_there_is_a_note_and_no_map(tmp_path: Path) -> None:
    archive = open_archive(tmp_path / "lake")
    done = run(archive, tmp_path, datetime.combine(HISTORY[-1], time(4, 30), sessions.SEOUL))
    assert done.complete and 0 == done.rows and "sugeup job run analyse" in done.notes[0]


def test_withdrawn_and_provisional_signals_and_those_without_a_side_teach_nothing(
    told: tuple[Archive, list[dict[str, Any]]],
) -> None:
    archive, given = told
    changed = [one | {"withdrawn": True, "ingested_at": one["ingested_at"] + timedelta(days=1)} for one in given[:10]]
    archive.fill("signals", rows("signals", changed, source="sugeup"))
    assert len(given) - 10 == refit.decided(archive).height
