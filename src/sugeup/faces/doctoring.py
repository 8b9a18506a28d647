"""`sugeup doctor`: every check of this machine and its lakes, as a table or as JSON. No network beyond this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sugeup.errors import ConfigError
from sugeup.faces import screen
from sugeup.observe import findings, machine
from sugeup.observe.findings import Check, Finding, State

if TYPE_CHECKING:
    from sugeup.settings import LakeName, Settings


def run(lake: LakeName | None, *, as_json: bool) -> int:
    """Print the findings (of all lakes, or of the one that is named); 0, or the exit code of the first failure."""
    found = examined(lake)
    status = findings.exit_code(found)
    if as_json:
        screen.write_json({"findings": [asdict(one) for one in found], "exit_code": status})
    else:
        screen.show_parts(report(found))
    return status


def examined(lake: LakeName | None = None) -> list[Finding]:
    """The findings of every check."""
    found = findings.examine(
        [
            ("python", machine.python),
            ("packages", machine.packages),
            ("timezone", machine.timezone),
            ("terminal", lambda: machine.terminal(getattr(sys.stdout, "encoding", None))),
            ("completion", lambda: machine.completion(Path.home())),
        ]
    )
    if any(one.state is State.FAIL for one in found):
        return found  # what follows cannot be loaded
    from sugeup import settings

    try:
        loaded = settings.load()
    except ConfigError as error:
        return [*found, findings.fail("settings", error.message, error.hint or "")]
    return found + findings.examine(_of(loaded, lake))


def report(found: Iterable[Finding]) -> list[object]:
    """A line per finding, then a sentence."""
    listed = list(found)
    width = max(len(one.check) for one in listed)
    counts = {state: sum(one.state is state for one in listed) for state in State}
    said = f"{counts[State.FAIL]} to repair, {counts[State.WARN]} to notice, {counts[State.OK]} in order."
    return [*(_line(one, width) for one in listed), "", said]


def _line(one: Finding, width: int) -> str:
    mark = {State.OK: "ok  ", State.WARN: "warn", State.FAIL: "FAIL"}[one.state]
    line = f"{mark}  {one.check:<{width}}  {one.said}"
    return f"{line}\n{' ' * (width + 8)}→ {one.todo}" if one.todo else line


def _of(loaded: Settings, lake: LakeName | None) -> Iterator[tuple[str, Check]]:
    from sugeup.app import App, SystemClock
    from sugeup.observe import storage
    from sugeup.settings import LakeName

    now = SystemClock().now()
    yield "data folder", partial(machine.folder, loaded.home)
    yield "calendar", partial(machine.calendar, now)
    for name in [lake] if lake else LakeName:
        path = loaded.lake_path(name)
        if path.is_dir():
            yield f"lake {name.value}", partial(storage.lake, App.open(loaded, name).archive, name.value, now)
            yield f"ledger {name.value}", partial(storage.ledger, path / "state.sqlite", name.value)
        elif name in {lake, loaded.lake}:
            yield f"lake {name.value}", partial(storage.empty, name.value)
    yield "compiled measures", machine.compiled
    yield "port", partial(machine.port, loaded.host, loaded.port)
