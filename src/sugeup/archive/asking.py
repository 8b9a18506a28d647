"""Asks sources in several threads, bounded, and hands the answers over one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime

from sugeup.archive.planning import Task
from sugeup.archive.supply import Supply
from sugeup.errors import SugeupError
from sugeup.market.clock import Clock
from sugeup.sources.vendor import Page

THREADS = 8
AHEAD = 64
"""Asks that are under way or whose answers wait to be stored."""


@dataclass
class Answer:
    """What came of one task: its pages, and the error that kept the rest from coming. `asked` to `received`: when."""

    task: Task
    asked: datetime
    received: datetime
    pages: list[Page] = field(default_factory=list)
    error: Exception | None = None


def answers(
    supply: Supply, tasks: Iterable[Task], clock: Clock, priority: int, halted: Callable[[], bool]
) -> Iterator[Answer]:
    """Answers in the order in which they come. Once `halted` no further task is asked; those under way are told.

    The first one is asked alone: where keys are wrong or a source is down, that is enough to know. A SugeupError of an
    answer stands in it; any other error is raised here, after the answers that came before it.
    """
    waiting = iter(tasks)

    def ask(task: Task) -> Answer | None:
        if halted():
            return None
        answer = Answer(task, now := clock.now(), now)
        try:
            for page in supply.pages(task.endpoint, task.ask, priority):
                answer.pages.append(page)
        except SugeupError as error:
            answer.error = error
        answer.received = clock.now()
        return answer

    with ThreadPoolExecutor(THREADS, thread_name_prefix="ask") as pool:
        under_way: set[Future[Answer | None]] = set()
        ahead = 1
        try:
            while True:
                while len(under_way) < ahead and not halted():
                    task = next(waiting, None)
                    if task is None:
                        break
                    under_way.add(pool.submit(ask, task))
                if not under_way:
                    return
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                ahead = AHEAD
                for future in done:
                    answer = future.result()
                    if answer is not None:
                        yield answer
        finally:
            for future in under_way:
                future.cancel()
