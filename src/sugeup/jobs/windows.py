"""Which sessions a job catches up: all since the last one that it completed, by its own runs or by the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sugeup.errors import NoData
from sugeup.jobs.job import Work
from sugeup.market import sessions
from sugeup.records.ledger import State

LONGEST = 300
"""Sessions that are caught up at most."""
AGAIN = 5
"""Sessions before that, in which holes may have been left."""


def since(work: Work, job: str, step: str, dataset: str, session: date) -> date:
    """The first session that a step has to catch up to `session`."""
    last = _completed(work, job, step, session) or _covered(work, dataset, session)
    if last is None:
        return session
    floor = sessions.previous(session, LONGEST)
    return max(floor, min(session, _back(last, AGAIN)))


def _completed(work: Work, job: str, step: str, session: date) -> date | None:
    for run in work.journal.runs(job, limit=LONGEST):
        if run.session is not None and run.session < session:
            for one in run.steps:
                if one.step == step and one.state is State.COMPLETED:
                    return run.session
    return None


def _covered(work: Work, dataset: str, session: date) -> date | None:
    """The newest session before this one of which anything is covered, when the runs were lost or never were."""
    spans: Iterable[date] = (min(span.last, session - timedelta(days=1)) for span in work.archive.coverage(dataset))
    return max(spans, default=None)


def _back(day: date, count: int) -> date:
    try:
        return sessions.previous(day, count)
    except NoData:
        return day
