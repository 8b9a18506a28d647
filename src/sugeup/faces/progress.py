"""Progress of long work: a bar with rate and time left on a terminal, plain lines otherwise, on the error stream."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from sugeup.faces import screen
from sugeup.jobs.job import Tell

EVERY = 10.0
"""Seconds between two plain lines of one stage."""


class Rate(ProgressColumn):
    """Answers a second."""

    def render(self, task: Task) -> Text:
        """As 17.9/s."""
        return Text("" if task.speed is None else f"{task.speed:,.1f}/s")


@contextmanager
def progress(title: str) -> Iterator[Tell]:
    """The callback that a job tells its progress to."""
    if screen.ERR.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
        with Progress(*columns, console=screen.ERR, transient=True) as bar:
            yield _Bar(bar, title)
    else:
        yield _Lines(title)


class _Bar:
    def __init__(self, bar: Progress, title: str) -> None:
        self._bar, self._title = bar, title
        self._stage = ""
        self._task = bar.add_task(title, total=None)

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self._stage = stage
            self._bar.remove_task(self._task)
            self._task = self._bar.add_task(f"{self._title} {stage}", total=None)
        self._bar.update(self._task, completed=done, total=total or None)


class _Lines:
    def __init__(self, title: str) -> None:
        self._title = title
        self._stage = ""
        self._said = self._began = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began, self._said = stage, now, now
            screen.ERR.print(f"{self._title} {stage}", soft_wrap=True)
        elif done and now - self._said >= EVERY:
            self._said = now
            rate = done / max(now - self._began, 1e-9)
            left = f", {(total - done) / rate:,.0f} s left" if total >= done else ""
            screen.ERR.print(f"{self._title} {stage}: {done:,} of {total:,}, {rate:,.1f}/s{left}", soft_wrap=True)
