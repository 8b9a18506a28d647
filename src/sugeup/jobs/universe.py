"""종목 목록: what is listed, how it is marked, to which sector it belongs; a new row only where something changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sugeup.archive import Want
from sugeup.jobs.job import Done, Job, Stage, Work
from sugeup.market import timetable
from sugeup.market.sessions import SEOUL

LISTS = ("instruments", "designations", "sector_membership")


def stages(work: Work) -> Sequence[Stage]:
    """One for each list; marks of the day only on trading days."""
    trading = timetable.running(work.now) is not None
    return [_stage(name) for name in LISTS if trading or name != "designations"]


def _stage(dataset: str) -> Stage:
    def run(work: Work) -> Done:
        return refreshed(work, dataset)

    return Stage(dataset, run)


def refreshed(work: Work, dataset: str) -> Done:
    """Ask for a list as it is today, unless it was asked for today already."""
    today = today_of(work)
    return work.fill(dataset, dataset, Want((), today, today, priority=2))


def today_of(work: Work) -> date:
    """The day in Seoul."""
    return work.now.astimezone(SEOUL).date()


JOB = Job(
    "universe", "종목 목록", "Lists of stocks, marks and sectors, as they are today.", stages, today_of, once=True
)
