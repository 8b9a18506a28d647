"""Single flight: identical requests of one process that are under way at the same time share one reply."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field

import orjson

from sugeup.errors import Retryable, SugeupError
from sugeup.hub.turns import Priority
from sugeup.sources.vendor import Reply, Request


@dataclass(frozen=True)
class _Flight:
    priority: Priority
    until: float | None
    result: Future[Reply] = field(default_factory=Future)

    def serves(self, priority: Priority) -> bool:
        """A caller does not wait for a flight that is in less of a hurry than himself."""
        return self.priority <= priority


class Flights:
    """Requests under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, _Flight] = {}

    def share(self, request: Request, priority: Priority, until: float | None, work: Callable[[], Reply]) -> Reply:
        """The reply of an identical request under way, or that of `work`; BUSY when it does not come until `until`.

        An error is shared too, unless the other caller merely had less time.
        """
        key = _key(request)
        while True:
            with self._lock:
                other = self._under_way.get(key)
                if other is None or not other.serves(priority):
                    mine = self._under_way[key] = _Flight(priority, until)
                    break
            found = _landed(other, until)
            if found is not None:
                return found
        try:
            reply = work()
        except BaseException as error:
            self._end(key, mine)
            mine.result.set_exception(error)
            mine.result.exception()
            raise
        self._end(key, mine)
        mine.result.set_result(reply)
        return reply

    def _end(self, key: Hashable, mine: _Flight) -> None:
        with self._lock:
            if self._under_way.get(key) is mine:
                del self._under_way[key]


def _landed(other: _Flight, until: float | None) -> Reply | None:
    """The reply or the error of another caller; None: try yourself."""
    try:
        error = other.result.exception(None if until is None else max(until - time.monotonic(), 0))
    except TimeoutError:
        raise Retryable(
            "The same request is under way and its reply did not come in time.",
            code="BUSY",
            hint="Ask again, or allow more time.",
        ) from None
    if error is None:
        return other.result.result()
    had_less_time = other.until is not None and (until is None or other.until < until)
    if not isinstance(error, SugeupError) or (isinstance(error, Retryable) and had_less_time):
        return None
    raise type(error)(error.message, code=error.code, hint=error.hint, details=error.details)


def _key(request: Request) -> Hashable:
    parts = (dict(request.query), dict(request.headers), dict(request.body or {}))
    return (request.method, request.host, request.path, orjson.dumps(parts, option=orjson.OPT_SORT_KEYS))
