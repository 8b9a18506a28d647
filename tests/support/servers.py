"""Real servers of a test: started on a free loopback port, waited for, interrupted as a user would."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(home: Path, lake: str = "demo") -> Iterator[str]:
    """`sugeup serve` over a lake of a data folder; yields its address and ends it with Ctrl-C."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "sugeup", "--lake", lake, "serve", "--port", str(port)],
        env={**os.environ, "SUGEUP_DATA_DIR": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode in {0, 130}, err.decode()
    assert b"Traceback" not in err, err.decode()
    assert b"" == out


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise AssertionError(process.communicate()[1].decode())
        try:
            urllib.request.urlopen(f"{address}/health/live", timeout=1).close()  # noqa: S310
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("the server did not answer within 30 seconds")
