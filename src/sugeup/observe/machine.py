"""Checks of the machine: Python, packages, folder and disk, clock and calendar, port, terminal. Nothing is changed."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib import metadata, resources
from pathlib import Path

from sugeup.observe.findings import Finding, fail, ok, warn

LEAST_FREE, LITTLE_FREE = 200_000_000, 2_000_000_000
"""Bytes free below which nothing can be stored safely, and below which it is time to make room."""
LEAST_AHEAD = 60
"""Sessions that the session table should know in advance."""


def python(version: tuple[int, ...] = sys.version_info[:3], wanted: str | None = None) -> Iterator[Finding]:
    """Whether this Python is one that sugeup is made for."""
    wanted = wanted or metadata.metadata("sugeup")["Requires-Python"]
    said = ".".join(str(part) for part in version)
    if fits(said, wanted):
        yield ok("python", said)
    else:
        yield fail("python", f"{said} is none of {wanted}", "Install a supported Python and make .venv anew.")


def packages(required: Sequence[str] | None = None) -> Iterator[Finding]:
    """Whether every required package is there, in a version that fits."""
    wrong = []
    needed = metadata.requires("sugeup") or [] if required is None else required
    plain = [one.partition(";")[0].strip() for one in needed if "extra ==" not in one]
    for one in plain:
        name, wanted = _split(one)
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        if not fits(installed, wanted):
            wrong.append(f"{name} {installed} is none of {wanted}")
    if wrong:
        yield fail("packages", "; ".join(wrong), "Install sugeup again: `make setup` in a clone.")
    else:
        yield ok("packages", f"sugeup {metadata.version('sugeup')}, {len(plain)} required packages fit")


def fits(version: str, wanted: str) -> bool:
    """Whether a version satisfies bounds such as `>=3.11,<3.15`; a bound of another kind is taken as satisfied."""
    given = _numbers(version)
    for sign, bound in re.findall(r"(>=|<=|<|>|==)\s*([\d.]+)", wanted):
        other = _numbers(bound)
        size = max(len(given), len(other))
        left, right = ((*one, *(0,) * (size - len(one))) for one in (given, other))
        held = {">=": left >= right, "<=": left <= right, "<": left < right, ">": left > right, "==": left == right}
        if not held[sign]:
            return False
    return True


def folder(home: Path) -> Iterator[Finding]:
    """Whether the data folder can be written and has room."""
    todo = "Give this user the folder, or choose another with SUGEUP_DATA_DIR."
    there = next((one for one in (home, *home.parents) if one.exists()), Path(home.anchor))
    if not there.is_dir():
        yield fail("data folder", f"{there} is a file", "Choose another folder with SUGEUP_DATA_DIR.")
        return
    try:
        with tempfile.TemporaryFile(dir=there) as probe:
            probe.write(b"sugeup")
    except OSError as error:
        yield fail("data folder", f"{there} cannot be written: {error.strerror}", todo)
        return
    if there == home:
        yield ok("data folder", str(home))
    else:
        yield ok("data folder", f"{home} is not there yet", "The first import, or `sugeup demo`, makes it.")
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:,.1f} GB free"
    if free < LEAST_FREE:
        yield fail("disk", said, "Make room before anything is stored.")
    elif free < LITTLE_FREE:
        yield warn("disk", said, "Make room soon; `sugeup store tidy` removes files that are no longer used.")
    else:
        yield ok("disk", said)


def timezone(key: str = "Asia/Seoul") -> Iterator[Finding]:
    """Whether the system or the package tzdata knows Seoul's time."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        yield fail("timezone", f"{key} is not known here", "Install the system's tzdata, or the Python package tzdata.")
    else:
        yield ok("timezone", key)


def calendar(now: datetime) -> Iterator[Finding]:
    """Whether the session table covers the present, and far enough ahead."""
    from sugeup.market import calendar_tables, sessions

    today = now.astimezone(sessions.SEOUL).date()
    span = f"{calendar_tables.FIRST} to {calendar_tables.LAST}"
    if today < calendar_tables.FIRST:
        yield fail("clock", f"the system says {today}, before the session table ({span})", "Set the system's clock.")
    elif today > calendar_tables.LAST:
        yield fail("calendar", f"the session table ends {calendar_tables.LAST}; today is {today}", "Upgrade sugeup.")
    else:
        ahead = sessions.count_between(today, calendar_tables.LAST)
        said = f"{ahead} sessions ahead are known, up to {calendar_tables.LAST}"
        yield ok("calendar", said) if ahead >= LEAST_AHEAD else warn("calendar", said, "Upgrade sugeup.")


def port(host: str, number: int) -> Iterator[Finding]:
    """Whether the server's port is free, or held by a sugeup server."""
    name = "127.0.0.1" if host == "localhost" else host
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((name, number))
    except OSError as error:
        if _is_ours(name, number):
            yield ok("port", f"{number} is held by a sugeup server that answers")
        else:
            said = f"{number} on {host} cannot be used: {error.strerror or error}"
            yield warn("port", said, "Stop the other program, or choose another: `sugeup serve --port`, SUGEUP_PORT.")
    else:
        yield ok("port", f"{number} is free")


def compiled(package: str = "sugeup.metrics") -> Iterator[Finding]:
    """Whether compiled measures can be kept, so that they are not compiled again by every process."""
    from numba import config

    chosen = getattr(config, "CACHE_DIR", "")
    here = Path(str(resources.files(package)))
    places = [Path(chosen)] if chosen else [here / "__pycache__", here, _user_cache()]
    for place in places:
        nearest = next((one for one in (place, *place.parents) if one.exists()), place)
        if nearest.is_dir() and os.access(nearest, os.W_OK):
            yield ok("compiled measures", f"kept in {place}")
            return
    yield warn(
        "compiled measures",
        f"{places[-1]} cannot be written; every process compiles anew",
        "Set NUMBA_CACHE_DIR to a folder that can be written.",
    )


def terminal(encoding: str | None) -> Iterator[Finding]:
    """Whether Hangul can be shown."""
    name = (encoding or "").lower().replace("-", "").replace("_", "")
    if name in {"utf8", "cp65001", "utf8sig"}:
        yield ok("terminal", encoding or "")
    else:
        yield warn("terminal", f"{encoding or 'unknown'} may lack Hangul", "Set PYTHONUTF8=1 or a UTF-8 locale.")


def completion(home: Path) -> Iterator[Finding]:
    """Whether a shell completes commands and values."""
    files = {
        "bash": ".bash_completions/sugeup.sh",
        "zsh": ".zfunc/_sugeup",
        "fish": ".config/fish/completions/sugeup.fish",
    }
    shells = [shell for shell, file in files.items() if (home / file).exists()]
    if shells:
        yield ok("completion", f"installed for {', '.join(shells)}")
    else:
        yield ok("completion", "not installed", "`sugeup --install-completion` installs it for this shell.")


def _split(requirement: str) -> tuple[str, str]:
    found = re.match(r"([A-Za-z0-9._-]+)(?:\[.*?\])?\s*\(?([^)]*)\)?", requirement)
    return (found[1], found[2]) if found else (requirement, "")


def _numbers(version: str) -> tuple[int, ...]:
    """The release of a version; what follows it (rc1, .post1, +local) does not count."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _is_ours(host: str, number: int) -> bool:
    connection = http.client.HTTPConnection(host, number, timeout=2)
    try:
        connection.request("GET", "/health/live", headers={"Host": "localhost"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        with contextlib.suppress(OSError):
            connection.close()


def _user_cache() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("numba", appauthor=False))
