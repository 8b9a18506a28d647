"""A sandbox in a process of its own, which ends with the one that started it, however that one ends."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime

from sugeup.errors import Retryable

PORT = 8420
"""Where a sandbox is looked for when no address is set; another free port is taken when somebody listens there."""
PATIENCE = 10.0
"""Seconds that the process may take to end before it is killed."""


@contextlib.contextmanager
def started(plan: Mapping[str, object], at: datetime, speed: float) -> Iterator[str]:
    """The address of a sandbox that simulates `plan` from a moment on; it is ended when the block is left.

    The process watches its standard input, whose other end is held here alone: when this process is killed, the system
    closes it and the sandbox ends. Raises Retryable(SOURCE_DOWN) with its own words when it does not start.
    """
    given = {**plan, "clock": at.isoformat(), "speed": f"{speed:g}", "rate": 1_000_000, "port": _port()}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603
            [
                sys.executable,
                "-m",
                "sugeup.sandbox",
                "--until-eof",
                *(f"--{name}={one}" for name, one in given.items()),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,  # Ctrl-C is for this process: it ends the sandbox when its own work is stored
            text=True,
        )
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address:
                process.wait(PATIENCE)
                said.seek(0)
                raise Retryable(
                    f"The sandbox did not start: {said.read().decode(errors='replace').strip()[-500:]}",
                    code="SOURCE_DOWN",
                    hint="Run it again; `sugeup doctor` looks for what is wrong here.",
                )
            yield address
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _port() -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return 0
    return PORT
