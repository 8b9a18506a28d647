"""정리: sealed months rewritten in the order of reads, files removed that nobody refers to any more."""

from __future__ import annotations

from collections.abc import Sequence

from sugeup.jobs.job import Done, Job, Stage, Work
from sugeup.jobs.universe import today_of


def stages(_work: Work) -> Sequence[Stage]:
    """One."""
    return [Stage("tidy", _tidied)]


def _tidied(work: Work) -> Done:
    done = work.care.tidy()
    rewritten, removed = sum(one.rewritten for one in done), sum(one.removed for one in done)
    return Done(notes=(f"{len(done)} tables, {rewritten:,} folders rewritten, {removed:,} files removed",))


JOB = Job("compact", "정리", "Rewrites sealed months in the order of reads; removes unused files.", stages, today_of)
