"""The clock of a simulated market: read once from the sandbox, then counted on at its speed; and its plan."""

from __future__ import annotations

import http.client
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sugeup.errors import Retryable
from sugeup.hub.addresses import is_loopback
from sugeup.market.clock import Clock

_TIMEOUT = 2.0
_RETRY = 5.0


class RemoteClock:
    """Tells the sandbox's time. While nothing answers there it tells that of `otherwise`, and asks again later.

    `speed`: seconds that pass in the sandbox within one second here.
    """

    def __init__(self, url: str, otherwise: Clock) -> None:
        self._url = url
        self._otherwise = otherwise
        self._lock = threading.Lock()
        self._read: tuple[datetime, float, float] | None = None
        self._tried: float | None = None

    def now(self) -> datetime:
        """The simulated moment, in UTC."""
        found = self._found()
        if found is None:
            return self._otherwise.now()
        at, since, speed = found
        return at + timedelta(seconds=(time.monotonic() - since) * speed)

    @property
    def speed(self) -> float:
        """How fast the sandbox's time runs, 0 where it stands still; 1 while nothing answers there."""
        found = self._found()
        return found[2] if found else 1.0

    def require(self) -> None:
        """Raise Retryable(SOURCE_DOWN) when no sandbox answers."""
        self._tried = None
        if self._found() is None:
            raise Retryable(
                f"No sandbox answers on {self._url}.",
                code="SOURCE_DOWN",
                hint="Start it with `sugeup sandbox`, or name its address in SUGEUP_SANDBOX_URL.",
            )

    def plan(self) -> dict[str, Any]:
        """What the sandbox simulates (seed, stocks, sessions, …); Retryable(SOURCE_DOWN) when none answers."""
        self.require()
        found = self._get("/sandbox/plan")
        if not found:
            raise Retryable(f"The sandbox on {self._url} does not say what it simulates.", code="SOURCE_DOWN")
        return found

    def go(self, moment: datetime) -> None:
        """Set the sandbox's clock, and read it again; Retryable(SOURCE_DOWN) when none answers."""
        self.require()
        self._get("/sandbox/clock", json.dumps({"set": moment.isoformat()}))
        with self._lock:
            self._read = None
        self.require()

    def _found(self) -> tuple[datetime, float, float] | None:
        with self._lock:
            since = time.monotonic()
            if self._read is None and (self._tried is None or since - self._tried > _RETRY):
                self._tried = since
                self._read = self._asked()
            return self._read

    def _asked(self) -> tuple[datetime, float, float] | None:
        told = self._get("/sandbox/clock") or {}
        try:
            return datetime.fromisoformat(told["now"]).astimezone(UTC), time.monotonic(), float(told["speed"])
        except (ValueError, KeyError, TypeError):
            return None

    def _get(self, path: str, body: str | None = None) -> dict[str, Any] | None:
        """An object from the sandbox, after posting `body` if there is one; None when there is none to be had."""
        place = urlsplit(self._url)
        if not place.hostname or not is_loopback(place.hostname):
            return None
        connection = http.client.HTTPConnection(place.hostname, place.port or 80, timeout=_TIMEOUT)
        try:
            connection.request("GET" if body is None else "POST", path, body)
            found = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()
        return found if isinstance(found, dict) else None
