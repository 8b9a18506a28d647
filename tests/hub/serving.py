"""A real server of the tiny vendor on loopback; what it does to the next requests can be laid down beforehand.

As a program (`python -m tests.hub.serving PORT JITTER`) it counts arrivals for the bench.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import sys
import threading
import time
import urllib.parse
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LIFE = 86_400


class TinyServer(ThreadingHTTPServer):
    """`plan`: what is done to the next data requests; `token_plan`: to the next requests for a token."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int = 0, jitter: float = 0.0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.jitter = jitter
        self.lock = threading.Lock()
        self.arrivals: list[float] = []
        self.scopes: list[str] = []
        self.issued: list[float] = []
        self.good: set[str] = set()
        self.plan: deque[Any] = deque()
        self.token_plan: deque[Any] = deque()
        self.life = LIFE
        self.delay = 0.0
        self.pages: dict[str, str | None] = {}
        self.seen_headers: dict[str, str] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def hosts(self) -> dict[str, str]:
        return {"api": self.address}

    def shutdown_request(self, request: Any) -> None:
        """Close at once, so that a connection that lingers for no time is reset."""
        self.close_request(request)

    def handle_error(self, *_: Any) -> None:
        """A client that goes away is no fault of the server."""


class Handler(BaseHTTPRequestHandler):
    """`plan` entries: a dict (the body; `status` and `headers` are taken out of it), or half, reset, silent."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    server: TinyServer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        server = self.server
        with server.lock:
            server.issued.append(time.monotonic())
            planned = server.token_plan.popleft() if server.token_plan else None
            token = f"token-number-{len(server.issued)}-of-{server.server_port}"
        if planned is not None and self._disturb(planned):
            return
        server.good.add(token)
        self._answer({"token": token, "seconds": server.life, "code": "OK"})

    def do_GET(self) -> None:
        server = self.server
        if server.jitter:
            time.sleep(random.uniform(0, server.jitter))  # noqa: S311
        split = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
        if split.path == "/arrivals":
            self._answer({"arrivals": server.arrivals, "issued": server.issued})
            return
        with server.lock:
            server.arrivals.append(time.monotonic())
            server.scopes.append(query.get("scope", ""))
            server.seen_headers = dict(self.headers)
            planned = server.plan.popleft() if server.plan else None
        if server.delay:
            time.sleep(server.delay)
        if planned is not None and self._disturb(planned):
            return
        if self.headers["authorization"].removeprefix("Bearer ") not in server.good:
            self._answer({"code": "EXPIRED", "words": "token expired"}, 500)
            return
        cursor = query.get("cursor", "")
        following = server.pages.get(cursor)
        self._answer({"code": "OK", "numbers": [len(cursor)], "next": following})

    def _disturb(self, planned: Any) -> bool:
        """Do what was laid down; False: answer as usual after all."""
        if isinstance(planned, dict):
            body = dict(planned)
            self._answer(body, body.pop("status", 200), body.pop("headers", {}))
        elif planned == "half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + b'{"code"')
            self.wfile.flush()
            self.close_connection = True
        elif planned == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        elif planned == "silent":
            time.sleep(3)
            self.close_connection = True
        elif isinstance(planned, float):
            time.sleep(planned)
            return False
        return True

    def _answer(self, body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


@contextmanager
def running(jitter: float = 0.0) -> Iterator[TinyServer]:
    """The server, in a thread of the test."""
    with TinyServer(0, jitter) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    TinyServer(int(sys.argv[1]), float(sys.argv[2])).serve_forever(poll_interval=0.1)
