"""Runs the jobs at the times of the timetable: by the archive's clock, on the exchange's days, each alone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from sugeup import jobs
from sugeup.errors import SugeupError
from sugeup.jobs import running
from sugeup.jobs.job import Options, Work
from sugeup.market import timetable
from sugeup.market.clock import Clock
from sugeup.market.sessions import SEOUL
from sugeup.market.timetable import TIMETABLE, Entry, On

LOG = logging.getLogger("sugeup.jobs.schedule")
_EARLY = timedelta(seconds=30)
GRACE = timedelta(hours=4)
"""A run that a sleeping or busy machine missed by less than this is made up for."""
Make = Callable[..., Work]
"""Makes what a job works with: options, progress, stop event."""


class SessionTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires at an entry's time on the exchange's days. Beyond the table of sessions it fires no more."""

    def __init__(self, entry: Entry, clock: Clock) -> None:
        self._entry = entry
        self._clock = clock

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The next time in the scheduler's own time; a clock that runs faster gets there sooner."""
        here = self._clock.now()
        speed = float(getattr(self._clock, "speed", 1.0)) or 1.0
        # A timer that is a moment early must not bring the same time again.
        found = timetable.next_run(self._entry, here if previous_fire_time is None else here + _EARLY)
        return None if found is None else now + (found - here) / speed


class Schedule:
    """The jobs of one lake in threads of this process. `make` gives a job what it works with."""

    def __init__(self, make: Make, clock: Clock, *, floor: int = 1000) -> None:
        self._make = make
        self._clock = clock
        self._options = Options(floor=floor)
        self._stop = threading.Event()
        self._scheduler = BackgroundScheduler(
            timezone=SEOUL,
            executors={"default": ThreadPoolExecutor(len(TIMETABLE))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": int(GRACE.total_seconds())},
        )
        for entry in TIMETABLE:
            trigger = SessionTrigger(entry, clock)
            self._scheduler.add_job(self._run, trigger, args=(entry.job,), id=entry.job, name=entry.job)

    def start(self) -> None:
        """Begin, with the jobs of today that were missed by a few hours; returns at once."""
        now = self._clock.now()
        for entry in TIMETABLE:
            missed = timetable.next_run(entry, now - GRACE)
            if entry.on is On.SESSION and missed is not None and missed <= now:
                self._scheduler.add_job(self._run, args=(entry.job,), id=f"{entry.job} (missed)")
        self._scheduler.start()

    def stop(self) -> None:
        """Ask running jobs to end, wait for them, and run no more."""
        self._stop.set()
        self._scheduler.shutdown(wait=True)

    def next_runs(self) -> list[tuple[str, datetime]]:
        """Jobs and their next times by the archive's clock, soonest first."""
        now = self._clock.now()
        found = [(one.job, at) for one in TIMETABLE if (at := timetable.next_run(one, now)) is not None]
        return sorted(found, key=lambda pair: pair[1])

    def _run(self, name: str) -> Any:
        """One run; what goes wrong stands in the ledger and in the log, and does not end the schedule."""
        try:
            outcome = running.run(jobs.named(name), self._make(self._options, None, self._stop))
        except SugeupError as error:
            LOG.error("%s: %s", name, error)
            return
        except KeyboardInterrupt:  # Ctrl-C reaches a query that is running; `stop` follows, the next run goes on
            LOG.warning("%s: interrupted", name)
            return
        if outcome.error is not None:
            LOG.error("%s: %s", name, outcome.error)
        else:
            LOG.info("%s: completed for %s", name, outcome.session)
