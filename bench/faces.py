"""The faces on real servers over the bundled sample: MCP and REST against constants, cold starts, many at once."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp.client import Client
from tests.support.servers import free_port

from bench.measure import Figure, alternating, milliseconds, ratio
from sugeup import registry
from sugeup.app import App
from sugeup.faces import mcp
from sugeup.jobs.sample import load_sample
from sugeup.settings import LakeName, Settings

TOOL = "get_investor_trading"
ONE = {"stock_code": "005930"}
CONNECTIONS, REQUESTS, ROUNDS = 8, 150, 20
COLD = 7
ASKED = ("/api/v1/stocks?limit=5", "/api/v1/investor-trading?market=KOSPI", "/api/v1/metrics", "/api/v1/status")
AT_ONCE = 50


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        load_sample(App.open(Settings(data_dir=home), LakeName.DEMO).archive)
        env = {**os.environ, "SUGEUP_DATA_DIR": str(home), "SUGEUP_LAKE": "demo"}  # noqa: TID251
        yield from _cold(env)
        ours = stack.enter_context(served(env, "-m", "sugeup", "serve", "--port"))
        portal = stack.enter_context(start_blocking_portal())
        tool = stack.enter_context(asking(portal, ours))
        path = f"/api/v1/investor-trading?{urllib.parse.urlencode(ONE)}"
        (home / "answer.json").write_bytes(_get(ours + path))
        (home / "call.json").write_text(tool(TOOL, ONE).model_dump_json(by_alias=True))
        (home / "schema.json").write_text(json.dumps(mcp.output_schema(registry.usecases()[TOOL])))
        bare = stack.enter_context(served(env, "-m", "bench.faces_baseline", "http", after=[str(home)]))
        constant = stack.enter_context(asking(portal, bare))
        questions = _questions(ours)
        yield milliseconds("faces.mcp_one_stock_read", lambda: tool(TOOL, next(questions)), 60, 40)
        yield ratio("faces.mcp_one_stock_cached", lambda: tool(TOOL, ONE), lambda: constant("constant", {}), 1.3, 200)
        yield _throughput(ours + path, bare + "/constant")
        yield portal.call(_many, ours, questions)


def _questions(ours: str) -> Iterator[dict[str, Any]]:
    """One-stock questions that nobody asked before: every stock with flows, on session after session."""
    listed = json.loads(_get(f"{ours}/api/v1/stocks?limit=500"))["stocks"]
    codes, days = [], []
    for code in [one["code"] for one in listed]:
        try:
            rows = json.loads(_get(f"{ours}/api/v1/stocks/{code}/flows?limit=100"))["rows"]
        except urllib.error.HTTPError:
            continue
        if len(rows) >= 100:
            codes.append(code)
            days.append([row["session"] for row in rows])
    print(f"faces: {len(codes)} stocks with flows")
    for number, period in itertools.product(range(100), ("5D", "20D", "60D")):
        for code, sessions in zip(codes, days, strict=True):
            yield {"stock_code": code, "period": period, "session": sessions[number]}


def _throughput(ours: str, bare: str) -> Figure:
    """Requests over connections kept open: time per request, ours to the constant's, medians of alternating rounds."""
    mine, theirs = alternating(lambda: asyncio.run(_load(ours)), lambda: asyncio.run(_load(bare)), ROUNDS)
    total = CONNECTIONS * REQUESTS
    print(f"faces.rest_cached: {total / mine:.0f} against {total / theirs:.0f} requests a second")
    return Figure.at_most("faces.rest_cached", mine / theirs, "ratio of time (0.7x the throughput is 1.43)", 1.43)


async def _load(url: str) -> float:
    split = urllib.parse.urlsplit(url)
    target = split.path + (f"?{split.query}" if split.query else "")
    asked = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()

    async def one() -> None:
        reader, writer = await asyncio.open_connection(split.hostname, split.port)
        for _ in range(REQUESTS):
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
            await reader.readexactly(int(length))
        writer.close()

    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(one())
    return time.perf_counter() - start


async def _many(ours: str, questions: Iterator[dict[str, Any]]) -> Figure:
    """Half of them tool calls, half requests; every other question is new, the others were asked before."""
    loop, spent = asyncio.get_running_loop(), []
    threads = ThreadPoolExecutor(AT_ONCE)

    async def timed(call: Callable[[Any], Awaitable[None]], what: Any) -> None:
        start = time.perf_counter()
        await call(what)
        spent.append(time.perf_counter() - start)

    async with Client(f"{ours}/mcp") as client:

        async def tool(arguments: dict[str, Any]) -> None:
            answer = await client.call_tool(TOOL, arguments)
            assert not answer.is_error, answer

        async def request(path: str) -> None:
            await loop.run_in_executor(threads, _get, ours + path)

        async def worker(number: int) -> None:
            for turn in range(6):
                fresh = (number // 2 + turn) % 2 == 0
                if number % 2:
                    await timed(tool, next(questions) if fresh else ONE)
                elif fresh:
                    await timed(request, f"/api/v1/investor-trading?{urllib.parse.urlencode(next(questions))}")
                else:
                    await timed(request, ASKED[turn % len(ASKED)])

        async with asyncio.TaskGroup() as group:
            for number in range(AT_ONCE):
                group.create_task(worker(number))
    cuts = statistics.quantiles(spent, n=100)
    print(f"faces.at_once: {len(spent)} calls, p50 {1000 * cuts[49]:.0f} ms, p99 {1000 * cuts[98]:.0f} ms, no error")
    return Figure.at_most("faces.at_once_p99_to_p50", cuts[98] / cuts[49], "ratio", 10)


def _cold(env: dict[str, str]) -> Iterator[Figure]:
    """From the start of a process to its first answer over stdio."""
    ours, bare = [sys.executable, "-m", "sugeup", "mcp"], [sys.executable, "-m", "bench.faces_baseline", "stdio"]
    call = {"name": TOOL, "arguments": ONE}
    yield ratio(
        "faces.cold_tools_list",
        lambda: _stdio(ours, env, "tools/list", {}),
        lambda: _stdio(bare, env, "tools/list", {}),
        1.3,
        COLD,
    )
    yield ratio(
        "faces.cold_first_answer",
        lambda: _stdio(ours, env, "tools/call", call),
        lambda: _stdio(bare, env, "tools/list", {}),
        2.5,
        COLD,
    )


def _stdio(command: list[str], env: dict[str, str], method: str, params: dict[str, Any]) -> None:
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "0"}}
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        for message in (
            {"id": 1, "method": "initialize", "params": about},
            {"method": "notifications/initialized"},
            {"id": 2, "method": method, "params": params},
        ):
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
            process.stdin.flush()
            if message.get("id") == 1:
                assert b'"id":1' in process.stdout.readline()
        answer = json.loads(process.stdout.readline())
        assert answer["id"] == 2 and not answer["result"].get("isError"), answer
        process.kill()


@contextmanager
def served(env: dict[str, str], *command: str, after: list[str] | None = None) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, *command, str(port), *(after or [])], env=env)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                _get(f"{address}/openapi.json" if after else f"{address}/health/live")
                break
            except OSError:
                assert process.poll() is None, "the server ended"
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def asking(portal: BlockingPortal, address: str) -> Iterator[Callable[[str, dict[str, Any]], Any]]:
    with portal.wrap_async_context_manager(Client(f"{address}/mcp")) as client:

        def call(name: str, arguments: dict[str, Any]) -> Any:
            answer = portal.call(client.call_tool, name, arguments)
            assert not answer.is_error, answer
            return answer

        yield call


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answered:  # noqa: S310
        body: bytes = answered.read()
        return body
