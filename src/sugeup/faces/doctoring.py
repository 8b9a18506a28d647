"""`sugeup doctor`: every check of this machine, its keys and its lakes; sources are asked only when wanted."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sugeup.errors import ConfigError, SugeupError
from sugeup.faces import screen
from sugeup.observe import findings, machine
from sugeup.observe.findings import Check, Finding, State

if TYPE_CHECKING:
    from sugeup.settings import LakeName, Settings

SANDBOX = " (sandbox)"
"""Behind the vendor's name in findings about what a sandbox stands in for."""


def run(lake: LakeName | None, *, as_json: bool, online: bool = False, named: Sequence[str] = ()) -> int:
    """Print the findings (of all lakes, or of the one that is named); 0, or the exit code of the first failure.

    `online`, or sources `named`: these are asked too, and the report is also written into the data folder.
    """
    found = examined(lake)
    told: dict[str, Any] = {}
    if online or named:
        found, told = _online(found, lake, named)
    status = findings.exit_code(found)
    if as_json:
        screen.write_json({"findings": [asdict(one) for one in found], "exit_code": status} | told)
    else:
        screen.show_parts([*report(found), *(f"report: {path}" for path in told.get("report", ()))])
    return status


def examined(lake: LakeName | None = None) -> list[Finding]:
    """The findings of every check that asks nobody."""
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
    from sugeup.observe import doors, storage
    from sugeup.settings import LakeName

    now = SystemClock().now()
    yield "data folder", partial(machine.folder, loaded.home)
    yield "calendar", partial(machine.calendar, now)
    yield "keys", partial(_keys, loaded, lake or loaded.lake)
    yield "tokens", partial(doors.tokens, loaded.home / "hub", now)
    yield "limits", partial(_limits, loaded, loaded.home / "hub", now)
    yield "sandbox", partial(_sandbox, loaded)
    for name in [lake] if lake else LakeName:
        path = loaded.lake_path(name)
        if path.is_dir():
            yield f"lake {name.value}", partial(storage.lake, App.open(loaded, name).archive, name.value, now)
            yield f"ledger {name.value}", partial(storage.ledger, path / "state.sqlite", name.value)
        elif name in {lake, loaded.lake}:
            yield f"lake {name.value}", partial(storage.empty, name.value)
    yield "compiled measures", machine.compiled
    yield "port", partial(machine.port, loaded.host, loaded.port)


def _keys(loaded: Settings, lake: LakeName) -> Iterator[Finding]:
    from sugeup.app import described
    from sugeup.observe import doors
    from sugeup.settings import LakeName, key_fields

    try:
        listed = described(loaded, lake)
    except ConfigError as error:
        yield findings.fail("keys", error.message, error.hint or "")
        return
    held = {name: getattr(loaded, name) for name in key_fields()}
    values = {name: value.get_secret_value() for name, value in held.items() if value is not None}
    yield from doors.chosen(loaded.sources or (), [one.name for one in listed])
    yield from doors.keys(listed, values, simulated=lake is LakeName.SIMULATED)
    yield from doors.sealed(loaded.home / "keys")


def _sandbox(loaded: Settings) -> Iterator[Finding]:
    """Tokens and calls of the sources that a sandbox stands in for, by its clock as far as one answers."""
    from sugeup.app import App
    from sugeup.observe import doors
    from sugeup.settings import LakeName

    folder, now = loaded.home / "hub-simulated", None
    if not folder.is_dir():
        return
    clock: Any = App.open(loaded, LakeName.SIMULATED).clock
    with contextlib.suppress(SugeupError):
        clock.require()
        now = clock.now()
    yield from doors.tokens(folder, now, SANDBOX)
    yield from _limits(loaded, folder, now, SANDBOX)


def _limits(loaded: Settings, folder: Path, now: datetime | None, mark: str = "") -> Iterator[Finding]:
    from sugeup.archive import describing
    from sugeup.market.sessions import SEOUL
    from sugeup.observe import doors

    quotas = describing.quotas()
    if loaded.kis_daily_quota is not None:
        quotas["kis"] = loaded.kis_daily_quota
    yield from doors.limits(folder, quotas, None if now is None else now.astimezone(SEOUL).date(), mark)


def _online(found: list[Finding], lake: LakeName | None, named: Sequence[str]) -> tuple[list[Finding], dict[str, Any]]:
    """Findings with those of the sources that are asked, and what the report says beside them."""
    if any(one.check in {"python", "packages", "settings"} and one.state is State.FAIL for one in found):
        return found, {}  # nothing can be asked
    from sugeup import settings
    from sugeup.app import SystemClock, described
    from sugeup.faces import doctoring_online
    from sugeup.market.sessions import SEOUL
    from sugeup.observe import reporting

    loaded = settings.load()
    chosen = lake or loaded.lake
    asked = doctoring_online.ask(
        loaded, chosen, doctoring_online.wanted(described(loaded, chosen), named), screen.ERR.print
    )
    every = [*found, *asked.findings]
    now = SystemClock().now().astimezone(SEOUL)
    told = {
        "written_at": now.isoformat(timespec="seconds"),
        "lake": chosen.value,
        "findings": [asdict(one) for one in every],
        "exit_code": findings.exit_code(every),
        "answers": asked.probes,
    }
    text = "\n".join(
        [f"sugeup doctor, {now:%Y-%m-%d %H:%M} in Seoul, lake {chosen.value}", "", *(str(one) for one in report(every))]
    )
    paths = reporting.write(loaded.home, now.date(), told, text)
    return every, {"answers": asked.probes, "report": [str(path) for path in paths]}
