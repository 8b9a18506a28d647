"""A process of its own with a hub: `python -m tests.hub.working '{"folder": …, "hosts": …, "calls": 10}'`.

Prints one line of JSON: when each call left and was answered (monotonic), and the code of the error if there was one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sugeup.errors import SugeupError
from sugeup.hub import Hub, Priority
from sugeup.sources.vendor import Pace
from tests.hub import tiny

ROOT = Path(__file__).parents[2]


def started(**what: Any) -> subprocess.Popen[str]:
    """Start it; end with `done`."""
    command = [sys.executable, "-m", "tests.hub.working", json.dumps(what, default=str)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def done(process: subprocess.Popen[str], timeout: float = 120) -> dict[str, Any]:
    """What it printed."""
    out, err = process.communicate(timeout=timeout)
    assert process.returncode == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def main(what: dict[str, Any]) -> dict[str, Any]:
    pace = Pace(*what["pace"]) if "pace" in what else None
    quota = what.get("quota")
    name, priority = what.get("name", ""), Priority[what.get("priority", "BACKFILL")]
    left: list[float] = []
    answered: list[float] = []
    codes: list[str] = []
    with Hub(
        tiny.TINY,
        tiny.CREDENTIALS,
        folder=Path(what["folder"]),
        clock=tiny.WallClock(),
        hosts=what["hosts"],
        pace=pace,
        quota=quota,
    ) as hub:
        gate = hub._gate
        fresh = gate.fresh

        def watched(*arguments: Any) -> Any:
            grant = fresh(*arguments)
            left.append(time.monotonic())
            return grant

        gate.fresh = watched  # type: ignore[method-assign]

        def one(number: int) -> None:
            try:
                if what.get("pages"):
                    list(hub.pages(tiny.NUMBERS, tiny.ask(f"{name}{number}"), priority=priority))
                else:
                    hub.send(tiny.plain(f"{name}{number}"), priority=priority, deadline=what.get("deadline"))
                answered.append(time.monotonic())
            except SugeupError as error:
                codes.append(error.code)

        while time.monotonic() < what.get("start", 0):
            time.sleep(0.001)
        spent = time.process_time()
        with ThreadPoolExecutor(what.get("threads", 8)) as threads:
            list(threads.map(one, range(what["calls"])))
        spent = time.process_time() - spent
    return {"left": left, "answered": answered, "codes": codes, "cpu": spent}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
