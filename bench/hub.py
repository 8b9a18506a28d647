"""The hub on real sockets: two processes on one limit, the pace of long runs, and what reading the pages costs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from tests.hub import working
from tests.sources.kis import answers
from tests.support.servers import free_port

from bench.measure import Figure
from sugeup.market import sessions
from sugeup.sources.kis import KIS
from sugeup.sources.vendor import Ask, Reply

CALLS, SECONDS = 18, 1.05
JITTER = 0.03
SECOND = 1.0
LAST = date(2026, 9, 1)
EARLY = 2.0
"""Seconds for processes to start before the clock does."""
PAGES = {"investor_trade_by_stock_daily": 30, "inquire_daily_itemchartprice": 100, "daily_short_sale": 100}
"""Rows of a full page of the endpoints that a back-fill asks most."""


def run() -> Iterator[Figure]:
    yield from _two_processes()
    yield _pace("hub.pace_real", 300, CALLS, threads=8)
    yield _pace("hub.pace_tenfold", 2_800, 10 * CALLS, threads=24)
    yield _parsing()


def _two_processes() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder, _server(JITTER) as address:
        start = time.monotonic() + EARLY
        both = [_worker(folder, address, calls=150, name=name, start=start, pace=(CALLS, SECONDS)) for name in "ab"]
        found = [_finished(one) for one in both]
        arrived = _arrivals(address)
    left = sorted(at for one in found for at in one["left"] if at >= start)
    whole = (len(left) - 1) // CALLS * CALLS
    rate = whole / (left[whole] - left[0])  # over whole windows: what was free at the beginning does not help
    print(f"hub.utilisation: {whole} calls of two processes in {left[whole] - left[0]:.1f} s, {rate:.2f} a second")
    yield Figure.at_most("hub.utilisation", 100 * (1 - rate / CALLS), "% of 18 a second left unused", 7)
    yield Figure.at_most("hub.window_sent", _most(left, SECOND), "calls sent in the fullest second", CALLS)
    yield Figure.at_most("hub.window_arrived", _most(arrived, SECOND), "calls arrived in the fullest second", 20)


def _pace(name: str, calls: int, limit: int, threads: int) -> Figure:
    """One process turns pages as fast as it may, with threads enough for replies of 15 ms; against calls ÷ pace."""
    with tempfile.TemporaryDirectory() as folder, _server(JITTER) as address:
        start = time.monotonic() + EARLY
        one = _worker(
            folder, address, calls=calls, name="", start=start, pages=True, threads=threads, pace=(limit, SECONDS)
        )
        found = _finished(one)
    spent, least = max(found["answered"]) - start, calls * SECONDS / limit
    print(f"{name}: {calls} calls in {spent:.2f} s against {least:.2f} s, {found['cpu']:.2f} s of processor time")
    return Figure.at_most(name, spent / least, "ratio to calls divided by pace", 1.05)


def _parsing() -> Figure:
    """Processor time of reading full pages as fast as they may come; of the endpoint that costs most."""
    days = [day.strftime("%Y%m%d") for day in sessions.last(max(PAGES.values()), LAST)]
    shares = {}
    for name, rows in PAGES.items():
        endpoint = KIS.endpoint(name)
        document = answers.document(endpoint)
        listed = document["output2"]
        document["output2"] = [listed[0] | {"stck_bsop_date": day} for day in days[-rows:][::-1]]
        reply = Reply(200, {}, json.dumps(document).encode(), datetime(2026, 9, 2, tzinfo=UTC))
        ask = Ask(("005930",), date(2025, 1, 2), LAST)
        assert endpoint.parse(ask, reply).frame.height == rows, name
        began = time.process_time()
        for _ in range(50):
            endpoint.parse(ask, reply)
        shares[name] = 100 * (time.process_time() - began) / 50 * CALLS / SECONDS
    print("hub.parsing: " + ", ".join(f"{name} {share:.1f}%" for name, share in shares.items()))
    return Figure.at_most("hub.parsing", max(shares.values()), "% of one core at the real pace", 5)


def _most(moments: Sequence[float], seconds: float) -> int:
    """The largest number of moments in any window."""
    ordered = sorted(moments)
    return max(bisect_left(ordered, at + seconds) - place for place, at in enumerate(ordered))


def _worker(folder: str, address: str, **what: Any) -> subprocess.Popen[str]:
    return working.started(folder=folder, hosts={"api": address}, **what)


def _finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    found = working.done(process)
    assert found["codes"] == [], found["codes"]
    return found


@contextmanager
def _server(jitter: float) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.hub.serving", str(port), str(jitter)], cwd=working.ROOT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                _arrivals(address)
                break
            except OSError:
                assert process.poll() is None, "the server ended"
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _arrivals(address: str) -> list[float]:
    with urllib.request.urlopen(f"{address}/arrivals", timeout=10) as answered:  # noqa: S310
        found: list[float] = json.load(answered)["arrivals"]
        return found
