"""The door to the member pages of KRX: the hub with the library pykrx, in a process of its own, in place of the wire.

Pace, quota, retries, circuits, pages, audit and masking are the hub's. What is added: what came of a log-in, and the
memory of being kept out, so that a process that is started again does not ask again.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from sugeup.errors import Retryable
from sugeup.hub.calls import Call
from sugeup.hub.client import Hub
from sugeup.hub.pykrx_process import Carriage, missing
from sugeup.hub.wire import Carrier
from sugeup.market.clock import Clock
from sugeup.market.sessions import SEOUL
from sugeup.sources.vendor import Credentials, Reply, Vendor

_LOG = logging.getLogger("sugeup.hub.pykrx")
ATTEMPTS = 2
"""Sends of a request before it is given up: a page that does not answer is left in peace."""
TIMEOUT = 30.0
_REASON = "BLOCKED"


class Pykrx(Hub):
    """Asks the member pages with one log-in; safe for many threads, which take turns.

    As `Hub`. `folder` also keeps, for every log-in of this machine, until when the exchange keeps the address out.
    ConfigError when the extra is not installed.
    """

    def __init__(
        self,
        vendor: Vendor,
        credentials: Credentials,
        *,
        folder: Path,
        clock: Clock,
        hosts: Mapping[str, str] | None = None,
        hurry: float = 1.0,
        timeout: float = TIMEOUT,
    ) -> None:
        if importlib.util.find_spec("pykrx") is None:
            raise missing("pykrx")
        self._now = clock.now
        self._kept = folder / f"{vendor.name}.blocked.json"
        super().__init__(
            vendor,
            credentials,
            folder=folder,
            clock=clock,
            hosts=hosts,
            hurry=hurry,
            timeout=timeout,
            attempts=ATTEMPTS,
        )

    @property
    def pid(self) -> int | None:
        """Number of the process in which the library runs; None while there is none."""
        return self._wire.pid if isinstance(self._wire, Carriage) else None

    def _carrier(
        self, hosts: Mapping[str, str], credentials: Credentials, stem: Path, clock: Clock, timeout: float
    ) -> Carrier:
        lock = stem.with_name(f"{stem.name}.login.lock")
        return Carriage(hosts, credentials, self._gate, clock, self._secrets, lock, self._signed_in, timeout)

    def _send(self, call: Call) -> Reply:
        self._unless_kept_out()
        try:
            return super()._send(call)
        except Retryable as error:
            if error.details.get("reason") == _REASON:
                self._remember(error)
                self._unless_kept_out()
            raise

    def _signed_in(self, reply: Reply, codes: tuple[str, ...]) -> None:
        """Enter a log-in in the audit log; raise where it was refused."""
        said = " then ".join(code or "no code" for code in codes)
        self._audit.call(vendor=self._vendor.name, endpoint="login", status=reply.status, outcome=said, said="")
        if len(codes) > 1:
            _LOG.warning(
                "%s: the log-in was in use elsewhere, and that session was ended (%s)", self._vendor.title, said
            )
        assert self._vendor.token is not None
        self._vendor.token(reply)

    def _unless_kept_out(self) -> None:
        """Raise what the exchange said, as long as its day lasts; nothing is asked meanwhile."""
        held = self._held()
        if held is None:
            return
        until, error = held
        left = (until - self._now()).total_seconds()
        if left <= 0:
            return
        again = until.astimezone(SEOUL).isoformat(timespec="seconds")
        raise Retryable(
            f"{error['message']} Nothing is asked until {again}.",
            code="RATE_LIMITED",
            hint=error["hint"],
            details={"vendor": self._vendor.name, "reason": _REASON, "retry_after": round(left), "again_at": again},
        )

    def _remember(self, error: Retryable) -> None:
        until = self._now() + timedelta(seconds=float(error.details["retry_after"]))
        kept = {"until": until.isoformat(), "message": error.message, "hint": error.hint or ""}
        new = self._kept.with_name(f"{self._kept.name}.new")
        try:
            new.write_bytes(orjson.dumps(kept))
            new.replace(self._kept)
        except OSError as fault:
            _LOG.warning("it could not be kept that KRX keeps this address out until %s: %s", until, fault.strerror)

    def _held(self) -> tuple[datetime, dict[str, Any]] | None:
        try:
            found = orjson.loads(self._kept.read_bytes())
            return datetime.fromisoformat(found["until"]), {name: str(found[name]) for name in ("message", "hint")}
        except (OSError, ValueError, KeyError, TypeError):
            return None
