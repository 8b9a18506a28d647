"""Sandboxes of a test: over real sockets in a thread or a process, or called directly; and a caller that knows KIS."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import httpx
from starlette.testclient import TestClient

from sugeup.market.sessions import SEOUL
from sugeup.sandbox import faults, running, vendors
from sugeup.sandbox.clock import SandboxClock
from sugeup.sandbox.kis.auth import KEY, SECRET
from sugeup.sandbox.kis.service import Kis
from sugeup.sandbox.kis.service import Options as KisOptions
from sugeup.sandbox.ls.service import Options as LsOptions
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.sandbox import Sandbox
from sugeup.sandbox.server import SandboxApp, server
from sugeup.sandbox.vendors import Options
from sugeup.sandbox.world import World, start_of
from sugeup.specifications import specification

SMALL = Plan(seed=2026, stocks=40, first=date(2025, 3, 4), sessions=70)
"""Forty stocks over seventy sessions: 2025-03-04 to 2025-06-16."""
FREELY = Options(kis=KisOptions(rate=1_000_000, token_seconds=0.0), ls=LsOptions(times=1e6))
"""No limit on calls or tokens, for tests of something else."""
ENDPOINTS = specification("kis")["endpoints"]


@functools.cache
def market(plan: Plan = SMALL) -> SimulatedMarket:
    """The market of a plan, made once; nothing changes it."""
    return SimulatedMarket(plan)


def seoul(text: str) -> datetime:
    """A moment in Seoul."""
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


def made(
    at: str | datetime | None = None, *, plan: Plan = SMALL, speed: float = 0.0, options: Options = FREELY
) -> Sandbox:
    """A sandbox whose clock stands still at a moment (Seoul), by default the evening of the middle session."""
    moment = seoul(at) if isinstance(at, str) else at
    world = World(market(plan), SandboxClock(moment or start_of(market(plan)), speed), options.revisions)
    return Sandbox(world, vendors.services(world, options))


def kis(sandbox: Sandbox) -> Kis:
    """The KIS service of a sandbox."""
    found = sandbox.named("kis")
    assert isinstance(found, Kis)
    return found


@dataclass
class Control:
    """Looks at a running sandbox and moves it, over its own paths."""

    http: httpx.Client
    sandbox: Sandbox | None = None
    """The sandbox itself when it runs in this process."""

    def stats(self) -> dict[str, Any]:
        """What was counted."""
        return dict(self.http.get("/sandbox/stats").raise_for_status().json())

    def plan(self) -> dict[str, Any]:
        """What is simulated."""
        return dict(self.http.get("/sandbox/plan").raise_for_status().json())

    def now(self) -> datetime:
        """Its moment."""
        return datetime.fromisoformat(self.http.get("/sandbox/clock").raise_for_status().json()["now"])

    def move(self, **given: Any) -> None:
        """set="2025-06-02T15:45", step=seconds, speed=…"""
        self.http.post("/sandbox/clock", json=given).raise_for_status()

    def fault(self, name: str, rate: float = 1.0, **more: Any) -> None:
        """Switch a fault."""
        self.http.post("/sandbox/faults", json={"name": name, "rate": rate, **more}).raise_for_status()

    def clear(self) -> None:
        """Switch all faults off."""
        self.http.post("/sandbox/faults", json={"clear": True}).raise_for_status()


@contextmanager
def serving(
    plan: Plan = SMALL,
    *,
    at: str | None = None,
    speed: float = 0.0,
    switched: Sequence[str] = (),
    options: Options = FREELY,
) -> Iterator[tuple[str, Control]]:
    """A sandbox in a thread of this process, on a free port: its address and its control."""
    sandbox = made(at, plan=plan, speed=speed, options=options)
    for text in switched:
        sandbox.world.faults.switch(*faults.parse(text))
    listener = running.listen(port=0)
    address = running.address_of(listener)
    running_server = server(sandbox)
    thread = threading.Thread(target=running_server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        with httpx.Client(base_url=address, timeout=30) as http:
            yield address, Control(http, sandbox)
    finally:
        running_server.should_exit = True
        thread.join(10)
        listener.close()
    assert not thread.is_alive(), "the sandbox did not stop"


@contextmanager
def process(*arguments: str, plan: Plan = SMALL) -> Iterator[tuple[str, Control]]:
    """`python -m sugeup.sandbox` on a free port: its address and its control."""
    given = [f"--{name}={getattr(plan, name)}" for name in ("seed", "stocks", "sessions", "first", "events")]
    with subprocess.Popen(
        [sys.executable, "-m", "sugeup.sandbox", "--port=0", *given, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running_process:
        assert running_process.stdout is not None
        address = running_process.stdout.readline().strip()
        assert address, running_process.communicate()[1]
        try:
            with httpx.Client(base_url=address, timeout=30) as http:
                _wait(http)
                yield address, Control(http)
        finally:
            running_process.terminate()
            running_process.wait(20)


def _wait(http: httpx.Client) -> None:
    for _ in range(100):
        try:
            http.get("/sandbox/plan")
            return
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("the sandbox does not answer")


class Caller:
    """Asks a sandbox as a client of KIS does, with every parameter present."""

    def __init__(self, http: httpx.Client, key: str = KEY, secret: str = SECRET) -> None:
        self.http, self.key, self.secret = http, key, secret
        self.token = ""

    def fresh(self) -> httpx.Response:
        """Ask for a token and keep it."""
        body = {"grant_type": "client_credentials", "appkey": self.key, "appsecret": self.secret}
        found = self.http.post("/oauth2/tokenP", json=body)
        self.token = found.json().get("access_token", self.token)
        return found

    def headers(self, tr_id: str) -> dict[str, str]:
        """Headers of a call."""
        if not self.token:
            self.fresh()
        return {
            "content-type": "application/json; charset=utf-8",
            "authorization": f"Bearer {self.token}",
            "appkey": self.key,
            "appsecret": self.secret,
            "tr_id": tr_id,
            "custtype": "P",
        }

    def send(self, name: str, **given: str) -> httpx.Response:
        """Ask an endpoint by its name in the specification; parameters that are not given take usual values."""
        entry = ENDPOINTS[name]
        query = {param: given.pop(param, usual(name, param, described)) for param, described in entry["params"].items()}
        assert not given, f"{name} has no {', '.join(given)}"
        return self.http.get(entry["path"], params=query, headers=self.headers(entry["tr_id"]))

    def ask(self, name: str, **given: str) -> dict[str, Any]:
        """The same; the body of a success."""
        found = self.send(name, **given)
        body = dict(found.json())
        assert body["rt_cd"] == "0", body
        return body


def usual(name: str, param: str, described: dict[str, Any]) -> str:
    """A value for a parameter: the first that the specification allows, or what most callers write."""
    fixed = {
        "inquire_investor_daily_by_market": {"FID_INPUT_ISCD": "0001", "FID_INPUT_ISCD_2": "0001"},
        "inquire_investor_time_by_market": {"FID_INPUT_ISCD_2": "0001"},
        "daily_loan_trans": {"MRKT_DIV_CLS_CODE": "3"},
        "inquire_time_indexchartprice": {
            "FID_COND_MRKT_DIV_CODE": "U",
            "FID_INPUT_ISCD": "0001",
            "FID_INPUT_HOUR_1": "60",
        },
        "inquire_time_fuopchartprice": {"FID_COND_MRKT_DIV_CODE": "F", "FID_HOUR_CLS_CODE": "60"},
        "inquire_time_dailychartprice": {"FID_COND_MRKT_DIV_CODE": "J"},
        "inquire_daily_itemchartprice": {"FID_ORG_ADJ_PRC": "1"},
    }.get(name, {})
    if param in fixed:
        return fixed[param]
    allowed = described.get("allowed") or [""]
    always = {"FID_PW_DATA_INCU_YN": "Y", "FID_ETC_CLS_CODE": allowed[0]}
    return always.get(param, allowed[0] if allowed[0] != "..." else "")


@contextmanager
def calling(sandbox: Sandbox) -> Iterator[Caller]:
    """A caller of the application itself, without sockets."""
    with TestClient(SandboxApp(sandbox), base_url="http://127.0.0.1") as http:
        yield Caller(http)


def evening(day: date, hour: int = 15, minute: int = 45) -> datetime:
    """A moment of a day in Seoul."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SEOUL)
