"""Work that changes the store: imports, the bundled sample, and the jobs that collect.

A job is a module of this package with a `JOB`; adding one means adding one file (and a line of the timetable, if it is
to run by itself).
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING

from sugeup.errors import Refused

if TYPE_CHECKING:
    from sugeup.jobs.job import Job


@functools.cache
def jobs() -> dict[str, Job]:
    """Every job by name, found by listing the modules of this package."""
    found: dict[str, Job] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda listed: listed.name):
        one = getattr(importlib.import_module(f"{__name__}.{module.name}"), "JOB", None)
        if one is not None:
            found[one.name] = one
    return found


def named(name: str) -> Job:
    """The job of that name; Refused names those that there are."""
    found = jobs().get(name)
    if found is None:
        raise Refused(f"there is no job {name[:40]!r}; there are: {', '.join(jobs())}.", hint="`sugeup job list`")
    return found
