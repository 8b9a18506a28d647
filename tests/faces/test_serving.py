"""`sugeup serve` on real sockets: streams pass all layers, a signal lets running requests finish, the log is JSON."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client import Client

from sugeup.errors import ConfigError
from sugeup.faces import serving
from tests.support.servers import free_port

pytestmark = pytest.mark.slow
SLOW = """
import sys, time
from sugeup import settings
from sugeup.app import App, configure_logging
from sugeup.faces import serving

loaded = settings.load(lake="demo")
configure_logging(loaded)
app = App.open(loaded)
read = app.archive.read

def slowly(dataset, **wanted):
    if dataset == "index_day":
        print("reading", flush=True)
        time.sleep(1.5)
    return read(dataset, **wanted)

object.__setattr__(app, "archive", type("Slow", (), {
    "name": "demo", "clock": app.clock, "read": staticmethod(slowly),
    "coverage": app.archive.coverage, "origin": app.archive.origin,
})())
serving.serve(app, port=int(sys.argv[1]))
"""


class Server:
    """A server process whose reads of the index take 1.5 seconds."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-c", SLOW, str(self.port)],
            env={**os.environ, "SUGEUP_DATA_DIR": str(home), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(300):
            try:
                self.get("/health/live")
                return
            except OSError:
                assert self.process.poll() is None, self.process.communicate()[1].decode()
                time.sleep(0.1)
        raise AssertionError("the server did not answer within 30 seconds")

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(asked, timeout=15) as answered:  # noqa: S310
            return answered.status, answered.read()

    def stop(self, number: int) -> tuple[int, str, float]:
        """Exit code, error stream and seconds until the end."""
        start = time.monotonic()
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=30)
        return self.process.returncode, err.decode(), time.monotonic() - start


@contextmanager
def server(home: Path, **environment: str) -> Iterator[Server]:
    made = Server(home, **environment)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
            made.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_running_requests_finish_and_ends_with_zero(sample_home: Path, number: int) -> None:
    """Over REST and as a tool call; a standing stream of events does not hold the server up."""
    given: dict[str, Any] = {}
    with server(sample_home) as running:
        standing = threading.Thread(target=lambda: given.update(stream=stand(running.port)))
        asking = threading.Thread(
            target=lambda: given.update(rest=running.get("/api/v1/investor-trading?market=KOSPI")[0])
        )
        calling = threading.Thread(target=lambda: given.update(tool=tool(running.port)))
        for one in (standing, asking, calling):
            one.start()
        assert running.process.stdout is not None
        for _ in range(2):
            assert b"reading\n" == running.process.stdout.readline()
        code, err, spent = running.stop(number)
        for one in (standing, asking, calling):
            one.join(20)
    assert (0, 200) == (code, given["rest"]), err
    assert '"isError":false' in given["tool"] and "KOSDAQ" in given["tool"]
    assert "Traceback" not in err and spent < 10
    assert given["stream"] == "ended"


ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


def session(connection: http.client.HTTPConnection) -> dict[str, str]:
    """Opens a session of the older protocol; the headers of its requests."""
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about}
    connection.request("POST", "/mcp", json.dumps(hello), ACCEPT)
    opened = connection.getresponse()
    assert 200 == opened.status and opened.headers["content-type"].startswith("text/event-stream")
    assert "serverInfo" in opened.read().decode()
    headers = ACCEPT | {"Mcp-Session-Id": opened.headers["mcp-session-id"], "Accept-Encoding": "gzip"}
    connection.request("POST", "/mcp", json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}), headers)
    connection.getresponse().read()
    return headers


def stand(port: int) -> str:
    """The standing stream of events of a session, read to its end."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=25)
    connection.request("GET", "/mcp", headers=session(connection))
    stream = connection.getresponse()
    assert 200 == stream.status and "content-encoding" not in stream.headers
    stream.read()
    return "ended"


def tool(port: int) -> str:
    """The stream of events that answers a tool call."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=25)
    headers = session(connection)
    asked = {"name": "get_investor_trading", "arguments": {"market": "KOSDAQ"}}
    body = json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": asked})
    connection.request("POST", "/mcp", body, headers)
    return connection.getresponse().read().decode()


def call(port: int, arguments: dict[str, Any], mode: str) -> Any:
    async def run() -> Any:
        async with Client(f"http://127.0.0.1:{port}/mcp", mode=mode) as client:
            return await client.call_tool("get_investor_trading", arguments)

    return anyio.run(run)


def test_tools_are_called_in_both_eras_of_the_protocol_and_each_request_is_logged(sample_home: Path) -> None:
    with server(sample_home, SUGEUP_LOG_LEVEL="INFO") as running:
        for mode in ("legacy", "auto"):
            assert not call(running.port, {"stock_code": "005930"}, mode).is_error
        assert 1 == json.loads(running.get("/health/ready")[1])["cache"]["hits"]
        running.get("/api/v1/stocks?market=KOSPI&limit=1", **{"X-Request-ID": "me-1"})
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
        connection.request("GET", "/health/live")
        assert "server" not in connection.getresponse().headers
        connection.close()
        code, err, _ = running.stop(signal.SIGTERM)
    assert 0 == code
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    mine = next(line for line in lines if line["request_id"] == "me-1")
    assert {"method": "GET", "path": "/api/v1/stocks", "status": 200, "cache": "miss"}.items() <= mine.items()
    assert "limit=1" not in err and "Traceback" not in err
    assert any(line["path"] == "/mcp" for line in lines)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.2", "::", "example.com"])  # noqa: S104
def test_an_address_that_others_can_reach_is_refused_with_the_reason(host: str) -> None:
    with pytest.raises(ConfigError, match="no accounts and no TLS"):
        serving.checked(host)


def test_loopback_addresses_are_taken() -> None:
    assert ["127.0.0.1", "127.0.0.1", "::1", "127.0.0.2"] == [
        serving.checked(host) for host in ("localhost", "127.0.0.1", "::1", "127.0.0.2")
    ]
