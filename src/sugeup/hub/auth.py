"""The token of one credential: issued once for all processes of a host, replaced before its end or when refused."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from sugeup.errors import Retryable, SchemaDrift
from sugeup.hub import faults
from sugeup.hub.limits import Gate
from sugeup.hub.masking import Secrets
from sugeup.hub.token_file import Held, TokenFile, fingerprint
from sugeup.hub.turns import Priority
from sugeup.hub.wire import Exchange
from sugeup.market.clock import Clock
from sugeup.sources.vendor import Credentials, Outcome, Reply, Request, Token, Vendor, Verdict

EARLY = timedelta(minutes=10)
"""A token is replaced so long before its end; one of less than 100 minutes, in the last tenth of its life."""
ATTEMPTS = 3
PATIENCE = 120.0
"""A caller without a deadline waits so long for another process that is issuing."""

Fetch = Callable[[Request, Priority, float | None], tuple[Exchange, Verdict | None]]
"""Sends the request for a token; with the verdict where the reply's status is not 2xx."""


class Tokens:
    """The token of `credentials`, kept in `folder`; thread-safe.

    Before a token is asked for, the right to ask is claimed in the gate, so that a process that is killed half-way
    still counts as an issue: two issues of all processes lie at least `vendor.token_interval` apart.
    """

    def __init__(
        self, vendor: Vendor, credentials: Credentials, stem: Path, gate: Gate, clock: Clock, secrets: Secrets
    ) -> None:
        self._vendor = vendor
        self._credentials = credentials
        self._gate = gate
        self._clock = clock
        self._secrets = secrets
        self._file = TokenFile(stem.with_name(f"{stem.name}.token.json"), fingerprint(credentials))
        self._between_processes = FileLock(stem.with_name(f"{stem.name}.token.lock"), thread_local=False)
        self._between_threads = threading.Lock()
        self._held: Held | None = None

    def current(self, fetch: Fetch, priority: Priority, until: float | None, refused: str | None = None) -> Held:
        """A token that is good now; not the one with the serial `refused`, which the vendor no longer takes.

        One that another process has stored is used instead of asking for one. Retryable: RATE_LIMITED or BUSY when it
        cannot be had before `until`, SOURCE_DOWN when the vendor gives none. In the last minutes of a token it goes on
        being used while its successor cannot be had.
        """
        said, attempts = "", 0
        while True:
            held = self._usable(self._held, refused)
            if held is None or self._ageing(held):
                held = self._usable(self._file.read(), refused) or held
            if held is not None and not self._ageing(held):
                return self._remember(held)
            with self._locked(until, wait=held is None) as owned:
                if not owned:
                    assert held is not None
                    return self._remember(held)
                newer = self._usable(self._file.read(), refused)
                if newer is not None and not self._ageing(newer):
                    return self._remember(newer)
                wait = self._gate.issue(self._vendor.token_interval, self._clock.now().timestamp())
                if wait <= 0:
                    attempts += 1
                    try:
                        issued, said = self._issue(fetch, priority, until)
                    except Retryable:
                        if held is None:
                            raise
                        issued = None
                    if issued is not None:
                        return issued
            if held is not None:
                return self._remember(held)
            if attempts >= ATTEMPTS:
                raise Retryable(
                    f"{self._vendor.title} gave no token in {attempts} attempts: {said}.",
                    code="SOURCE_DOWN",
                    hint="Try again later.",
                    details={"vendor": self._vendor.name, "endpoint": "token", "cause": said},
                )
            self._gate.pause(max(wait, 0.5), until, "BUSY", "a token may not be issued again so soon")

    def _issue(self, fetch: Fetch, priority: Priority, until: float | None) -> tuple[Held | None, str]:
        """Ask for a token and store it; None and why not, when asking again may help."""
        assert self._vendor.token_request is not None
        try:
            exchange, verdict = fetch(self._vendor.token_request(self._credentials), priority, until)
        except Retryable:
            self._gate.unissue()  # it did not leave the gate
            raise
        if not exchange.left:
            self._gate.unissue()
        if exchange.reply is None:
            return None, exchange.failure
        if verdict is not None and verdict.outcome in {Outcome.LIMITED, Outcome.AGAIN}:
            return None, verdict.said or verdict.outcome
        return self._store(exchange.reply), ""

    def _store(self, reply: Reply) -> Held:
        assert self._vendor.token is not None
        token = faults.read(self._vendor.name, "token", partial(self._vendor.token, reply))
        self._secrets.add(token.value)
        if not token.value or token.seconds <= 0:
            raise SchemaDrift(
                f"{self._vendor.name} gave a token of {len(token.value)} characters for {token.seconds} s.",
                hint="The vendor's answer has changed: report it.",
            )
        issued_at = reply.received_at.astimezone(UTC)
        held = Held(token.value, issued_at, issued_at + timedelta(seconds=token.seconds), uuid.uuid4().hex)
        self._remember(held)
        self._file.write(held)
        return held

    def _usable(self, held: Held | None, refused: str | None) -> Held | None:
        good = held is not None and held.serial != refused and self._clock.now() < held.expires_at
        return held if good else None

    def _ageing(self, held: Held) -> bool:
        life = held.expires_at - held.issued_at
        return self._clock.now() >= held.expires_at - min(EARLY, life / 10)

    def _remember(self, held: Held) -> Held:
        self._secrets.add(held.value)
        self._held = held
        return held

    @contextmanager
    def _locked(self, until: float | None, *, wait: bool) -> Iterator[bool]:
        """Alone among threads and processes; False when another one is busy issuing and nobody needs to wait for it."""
        end = time.monotonic() + PATIENCE if until is None else until
        if not self._between_threads.acquire(timeout=max(end - time.monotonic(), 0) if wait else 0):
            yield self._in_vain(wait)
            return
        try:
            try:
                self._between_processes.acquire(
                    timeout=max(end - time.monotonic(), 0) if wait else 0, poll_interval=0.02
                )
            except Timeout:
                yield self._in_vain(wait)
                return
            try:
                yield True
            finally:
                self._between_processes.release()
        finally:
            self._between_threads.release()

    def _in_vain(self, wait: bool) -> bool:
        if wait:
            raise Retryable(
                f"Another thread or process is getting a token of {self._vendor.title} and did not finish in time.",
                code="BUSY",
                hint="Ask again, or allow more time.",
            )
        return False


def signing(held: Held, clock: Clock) -> Token:
    """The token as the vendor's signature takes it, with the seconds that are left."""
    return Token(held.value, int((held.expires_at - clock.now()).total_seconds()))
