"""Three doors to one application: a client of MCP, HTTP over a real socket, and the command line, in this process."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx
import uvicorn
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from mcp.client import Client

from sugeup.faces import cli, mcp, rest
from sugeup.faces.answering import Answering
from sugeup.registry import UseCase

Ended = tuple[str, Any]
"""OK with the answer, or the code of the error with its message where the door tells one."""
Door = Callable[[UseCase, Mapping[str, Any]], Ended]


@contextmanager
def by_tool(answering: Answering) -> Iterator[Door]:
    """A connected MCP client."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(mcp.server(answering))) as client:

        def call(case: UseCase, arguments: Mapping[str, Any]) -> Ended:
            result = portal.call(client.call_tool, case.tool, dict(arguments))
            if result.is_error:
                code, _, said = result.content[0].text.partition(": ")
                return code, said
            return "OK", result.structured_content

        yield call


@contextmanager
def by_rest(answering: Answering) -> Iterator[Door]:
    """HTTP over a socket of its own."""
    with _listening(rest.application(answering)) as address, httpx.Client(base_url=address, timeout=60) as client:

        def get(case: UseCase, arguments: Mapping[str, Any]) -> Ended:
            given = {name: str(value) for name, value in arguments.items()}
            path = rest.PREFIX + case.path
            for name in [name for name in given if f"{{{name}}}" in path]:
                path = path.replace(f"{{{name}}}", quote(given.pop(name), safe=""))
            reply = client.get(path, params=given)
            told = json.loads(reply.content)
            return ("OK", told) if reply.status_code == 200 else (told["code"], told["detail"])

        yield get


def by_command(case: UseCase, arguments: Mapping[str, Any]) -> Ended:
    """The command line in this process, with --json."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = cli.run(words(case, arguments))
        out.flush()
        err.flush()
    printed, said = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
    return _told(status, printed, said)


def by_process(case: UseCase, arguments: Mapping[str, Any]) -> Ended:
    """The command line as a process of its own, with --json."""
    command = [sys.executable, "-m", "sugeup", *words(case, arguments)]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)
    return _told(done.returncode, done.stdout, done.stderr)


def words(case: UseCase, arguments: Mapping[str, Any]) -> list[str]:
    """The command of a question: options with their values, then what is told by its place."""
    options, placed = [], []
    for name, field in case.arguments.model_fields.items():
        if field.is_required() and name in arguments:
            placed.append(str(arguments[name]))
    for name, value in arguments.items():
        known = case.arguments.model_fields.get(name)
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            options.append(f"--{flag}" if value else f"--no-{flag}")
        elif known is None or not known.is_required():
            options.append(f"--{flag}={value}")
    return [case.verb, "--json", *options, "--", *placed]


def _told(status: int, printed: str, said: str) -> Ended:
    if status == 0:
        return "OK", json.loads(printed)
    error = json.loads(said.strip().splitlines()[-1])["error"]
    return error["code"], error["message"]


@contextmanager
def _listening(application: FastAPI) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(application, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        assert server.started
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
    assert not thread.is_alive()
