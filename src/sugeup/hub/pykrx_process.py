"""The process in which pykrx runs: started, spoken to, given up. It carries requests for the hub as the wire does."""

from __future__ import annotations

import base64
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from sugeup.errors import ConfigError, Retryable, SugeupError
from sugeup.hub import pykrx_worker
from sugeup.hub.addresses import is_loopback
from sugeup.hub.limits import Gate
from sugeup.hub.masking import Secrets
from sugeup.hub.turns import Lane, Priority
from sugeup.hub.wire import WHOLE, Exchange
from sugeup.market.clock import Clock
from sugeup.sources.vendor import Credentials, Reply, Request

STARTING = 120.0
"""Seconds that the library may take to be loaded."""
IDLE = 20.0
"""Seconds without a question after which the process is ended, so that another one of this host may log in."""
OTHERS = IDLE + 10.0
"""Seconds that another process of this host, which has the log-in, is waited for."""
_LONGEST_TALE = 300

Judge = Callable[[Reply, tuple[str, ...]], None]
"""Takes the reply to a log-in, and every code seen on the way; raises where it was refused."""


class Died(Exception):
    """The process ended, or does not say anything any more."""


class Process:
    """One running worker; not for several threads at once."""

    def __init__(self, told: Mapping[str, Any], secrets: Secrets) -> None:
        self._secrets = secrets
        self._tale = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the process
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", str(Path(pykrx_worker.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._tale,
        )
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="pykrx", daemon=True).start()
        self.say(told)

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def say(self, line: Mapping[str, Any]) -> None:
        """Write a line; Died when nobody reads."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(line).encode() + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            raise Died(self._last_words()) from None

    def hear(self, seconds: float) -> dict[str, Any]:
        """The next line; Died when there is none within so many seconds."""
        try:
            line = self._lines.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            raise Died(f"nothing was heard of the process for {seconds:.0f} s") from None
        try:
            return dict(json.loads(line))
        except ValueError:
            raise Died(self._last_words()) from None

    def end(self) -> None:
        """Let it go, by force where it does not go by itself."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._tale.close()

    def kill(self) -> None:
        """End it at once; whoever listens hears that it ended."""
        self._process.kill()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                self._lines.put(line)
        self._lines.put(b"")

    def _last_words(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        with suppress(ValueError, OSError):
            self._tale.seek(0)
            lines = self._tale.read().decode("utf-8", "replace").strip().splitlines()
            if lines:
                return self._secrets.text(f"the process ended: {lines[-1]}")[:_LONGEST_TALE]
        return f"the process ended ({self._process.returncode})"


class Carriage:
    """Carries requests through the library, one at a time; a process that died or hangs is replaced at the next one.

    `login`: judges the reply to a log-in. A log-in that was refused as wrong is not tried again: the exchange locks
    accounts. One process of a host has the log-in at a time (`lock`), because a second one would end its session; it
    lets go of it after `IDLE` seconds without a question.
    """

    def __init__(
        self,
        hosts: Mapping[str, str],
        credentials: Credentials,
        gate: Gate,
        clock: Clock,
        secrets: Secrets,
        lock: Path,
        login: Judge,
        timeout: float,
    ) -> None:
        address = hosts["api"]
        self._told = {
            "key": credentials.key,
            "secret": credentials.secret,
            "address": address if is_loopback(urlsplit(address).hostname) else None,
            "seconds": timeout,
        }
        self._gate = gate
        self._clock = clock
        self._secrets = secrets
        self._login = login
        self._timeout = timeout
        self._alone = threading.Lock()
        self._mine = FileLock(lock, thread_local=False)
        self._process: Process | None = None
        self._idle: threading.Timer | None = None
        self._refused: ConfigError | None = None

    def once(self, request: Request, priority: Priority, until: float | None, lane: Lane | None = None) -> Exchange:
        """Ask one question. A process that ends or says nothing is a failure of the network.

        Raises what the gate raises, and what came of a log-in; ConfigError when the library is missing.
        """
        began = time.monotonic()
        wait = -1.0 if until is None else max(until - began, 0.0)
        if not self._alone.acquire(timeout=wait):
            raise Retryable("Another question is under way.", code="BUSY", hint="Ask again, or allow more time.")
        try:
            if self._refused is not None:
                raise self._refused
            self._gate.unless_closed()
            if self._idle is not None:
                self._idle.cancel()
            return self._carried(request, priority, until, lane)
        finally:
            self._rest()
            self._alone.release()

    @property
    def pid(self) -> int | None:
        """Number of the process, where one runs."""
        return None if self._process is None else self._process.pid

    def close(self) -> None:
        """End the process and let others have the log-in."""
        process = self._process
        if process is not None:
            process.kill()
        with self._alone:
            if self._idle is not None:
                self._idle.cancel()
            self._drop()
            self._mine.release()

    def _rest(self) -> None:
        """Let go in a while, unless somebody asks before."""
        if self._process is None:
            self._mine.release()
            return
        self._idle = threading.Timer(IDLE, self._let_go, (self._process,))
        self._idle.daemon = True
        self._idle.start()

    def _let_go(self, resting: Process) -> None:
        if not self._alone.acquire(blocking=False):
            return  # somebody asks
        try:
            if self._process is resting and self._idle is threading.current_thread():
                self._drop()
                self._mine.release()
        finally:
            self._alone.release()

    def _carried(self, request: Request, priority: Priority, until: float | None, lane: Lane | None) -> Exchange:
        waited, began = 0.0, time.monotonic()

        def done(reply: Reply | None, failure: str = "", left: bool = True) -> Exchange:
            return Exchange(reply, failure, left, waited, time.monotonic() - began - waited)

        stopped: SugeupError | None = None
        try:
            process = self._running()
            process.say({"path": request.path, "query": dict(request.query)})
            while "leave" in (said := process.hear(WHOLE * self._timeout)):
                try:
                    waited += self._gate.enter(priority, until, lane=lane).waited
                except SugeupError as error:
                    stopped = error
                process.say({"go": stopped is None})
        except Died as error:
            self._drop()
            return done(None, str(error))
        except BaseException:
            self._drop()  # in the middle of a conversation
            raise
        if stopped is not None:
            raise stopped
        if login := said.get("login"):
            self._judged(self._reply(login), tuple(login.get("codes", ())))
        if "status" in said:
            return done(self._reply(said))
        return done(None, str(said.get("failure", "the library did not answer")), bool(said.get("left", True)))

    def _running(self) -> Process:
        if self._process is not None:
            return self._process
        try:
            self._mine.acquire(timeout=OTHERS)
        except Timeout:
            raise Retryable(
                "Another process of this machine is using the log-in of KRX, and a second one would end its session.",
                code="BUSY",
                hint="Wait until it is done, or stop it.",
            ) from None
        self._process = Process(self._told, self._secrets)
        said = self._process.hear(STARTING)
        if "ready" not in said:
            self._drop()
            raise missing(str(said.get("missing", "pykrx")))
        return self._process

    def _judged(self, reply: Reply, codes: tuple[str, ...]) -> None:
        try:
            self._login(reply, codes)
        except ConfigError as error:
            self._refused = error
            raise

    def _reply(self, said: Mapping[str, Any]) -> Reply:
        return Reply(int(said["status"]), dict(said["headers"]), base64.b64decode(said["body"]), self._clock.now())

    def _drop(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None


def missing(name: str) -> ConfigError:
    """The error of an installation without the library."""
    return ConfigError(
        f"The member pages of KRX are asked through the library pykrx, which is not installed ({name}).",
        hint="Install it with `pip install 'sugeup[krx]'`.",
    )
