"""Progress of a long call: which dataset is being read, told to a client that asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from mcp.server.mcpserver import Context

from sugeup.faces.index import index

T = TypeVar("T")
Tell = Callable[[str], None]

PACE = 0.5
"""Seconds between two notices: what takes less is not told, and a client is not flooded."""


async def followed(context: Context[Any, Any], work: Callable[[Tell], T]) -> T:
    """The result of `work` in a thread; each dataset that it tells is a step. How many there will be is not known."""
    read: list[str] = []
    outcome: list[T] = []
    failure: list[Exception] = []

    def run() -> None:
        try:
            outcome.append(work(read.append))
        except Exception as error:  # raised inside the group it would come out in a group
            failure.append(error)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_report, context, read)
        await anyio.to_thread.run_sync(run)
        tasks.cancel_scope.cancel()
    if failure:
        raise failure[0]
    return outcome[0]


async def _report(context: Context[Any, Any], read: list[str]) -> None:
    told = 0
    while True:
        await anyio.sleep(PACE)
        if len(read) > told:
            told = len(read)
            await context.report_progress(told, message=words(read[-1]))


def words(dataset: str) -> str:
    """What is being done, in both languages."""
    korean = index().datasets.get(dataset, "")
    return f"읽는 중 reading: {korean} {dataset}".replace("  ", " ")
