"""`/sandbox/…`: look at a running sandbox and move it. Plain JSON; no vendor has these paths.

GET stats, clock, faults, plan; POST clock {"set": "2025-06-02T15:45"} or {"step": 60} or {"speed": 10};
POST faults {"name": "latency", "rate": 0.1, "amount": 2, "only": ["FHKST01010100"]} or {"clear": true}.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from sugeup.errors import Refused
from sugeup.market.sessions import SEOUL
from sugeup.sandbox.sandbox import Sandbox


def answer(sandbox: Sandbox, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Status and JSON of one request."""
    name = path.removeprefix("/sandbox/")
    if method == "GET":
        shown = {"stats": stats, "clock": clock, "faults": faults, "plan": plan}.get(name)
        return (404, {"error": f"no page {name!r}"}) if shown is None else (200, shown(sandbox))
    try:
        given = orjson.loads(body or b"{}")
        if not isinstance(given, dict):
            raise ValueError("the body is no object")
        if method == "POST" and name == "clock":
            move(sandbox, given)
            return 200, clock(sandbox)
        if method == "POST" and name == "faults":
            switch(sandbox, given)
            return 200, faults(sandbox)
    except (Refused, ValueError, TypeError, KeyError) as error:
        return 422, {"error": str(error)}
    return 405, {"error": f"{method} {path} is not understood"}


def stats(sandbox: Sandbox) -> dict[str, Any]:
    """Calls, the busiest second, refusals, tokens, faults."""
    return sandbox.stats()


def clock(sandbox: Sandbox) -> dict[str, Any]:
    """The moment and the speed."""
    return {"now": sandbox.world.clock.seoul().isoformat(), "speed": sandbox.world.clock.speed}


def faults(sandbox: Sandbox) -> dict[str, Any]:
    """The faults that are on."""
    return sandbox.world.faults.shown()


def plan(sandbox: Sandbox) -> dict[str, Any]:
    """What is simulated."""
    return sandbox.plan()


def move(sandbox: Sandbox, given: Mapping[str, Any]) -> None:
    """Set, step or speed the clock; all three may stand together and happen in this order."""
    if not set(given) <= {"set", "step", "speed"}:
        raise Refused(f"{', '.join(given)}; allowed: set, step, speed")
    if "set" in given:
        sandbox.world.clock.set(moment(str(given["set"])))
    if "step" in given:
        sandbox.world.clock.step(timedelta(seconds=float(given["step"])))
    if "speed" in given:
        sandbox.world.clock.run(float(given["speed"]))


def switch(sandbox: Sandbox, given: Mapping[str, Any]) -> None:
    """Switch one fault, or clear all."""
    if given.get("clear"):
        sandbox.world.faults.clear()
        return
    amount = given.get("amount")
    sandbox.world.faults.switch(
        str(given["name"]),
        float(given.get("rate", 1.0)),
        None if amount is None else float(amount),
        tuple(str(one) for one in given.get("only", ())),
    )


def moment(text: str) -> datetime:
    """A moment; Seoul is meant where no zone is written. Raises Refused for anything else."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refused(f"{text[:40]!r} is no moment", hint="Write 2025-06-02T15:45.") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=SEOUL)
