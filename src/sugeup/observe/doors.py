"""Checks of the doors to the sources, without asking any: keys, tokens on disk, calls of today. No value is shown."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sugeup.archive.describing import Source, missing_of
from sugeup.market.sessions import SEOUL
from sugeup.observe.findings import Finding, fail, ok, warn

SHORTEST = 6
"""Characters below which a value is no key of anybody."""
FULL = 0.8
"""Part of a quota from which on it is worth a word."""
_EXAMPLES = re.compile(r"(.)\1*|.*(your|example|change.?me|placeholder|발급|여기).*|<.*>|sandbox-.*", re.IGNORECASE)


def keys(sources: Sequence[Source], values: Mapping[str, str], simulated: bool) -> Iterator[Finding]:
    """Whether every source that is on has what it needs, and whether what is set can be a key.

    `values`: keys whose value is known without asking the keychain. On the lake simulated no key is needed.
    """
    for one in [] if simulated else sources:
        missing = missing_of(one.needs)
        if one.on and missing:
            yield fail(f"keys {one.name}", missing, f"`sugeup keys set NAME`; `sugeup sources {one.name}` says more.")
    for name, value in values.items():
        if said := implausible(value):
            yield fail("keys", f"{name} {said}", f"Copy it again from the vendor's page: `sugeup keys set {name}`.")
    for one in sources:
        pair = [values[need.name] for need in one.needs if need.kind == "key" and need.name in values]
        if len(pair) == 2 and pair[0] == pair[1]:
            yield fail(f"keys {one.name}", "key and secret are the same", "Set each to its own value.")
    held = {one.name: places(one) for one in sources}
    if said := "; ".join(f"{name} from {' and '.join(found)}" for name, found in held.items() if found):
        yield ok("keys", said)
    else:
        yield ok("keys", "none is set", "`sugeup sources` says which sources there are and where a key is got.")


def places(one: Source) -> list[str]:
    """Where the keys of a source are set."""
    return list(dict.fromkeys(need.place for need in one.needs if need.kind == "key" and need.met))


def implausible(value: str) -> str:
    """Why a value can be no key, without showing it; empty when it may be one."""
    if any(one.isspace() for one in value) or not value.isascii() or not value.isprintable():
        return "has spaces, line ends or other characters that no key has"
    if len(value) < SHORTEST:
        return f"has {len(value)} characters, fewer than any key"
    return "is an example, not a key" if _EXAMPLES.fullmatch(value) else ""


def chosen(names: Sequence[str], known: Sequence[str]) -> Iterator[Finding]:
    """Whether SUGEUP_SOURCES names sources that there are."""
    for name in names:
        if name not in known:
            yield fail(
                "sources", f"SUGEUP_SOURCES names {name!r}, which is no source", f"Choose of {', '.join(known)}."
            )


def sealed(folder: Path) -> Iterator[Finding]:
    """Whether the files of stored keys can be read, by their owner alone."""
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        if path.stat().st_mode & 0o077:
            yield warn("keys", f"others may read {path.name}", f"chmod 600 '{path}'")


def tokens(folder: Path, now: datetime | None, mark: str = "") -> Iterator[Finding]:
    """Every token in a hub's folder: when it was issued and when it ends; whether it is its owner's alone.

    `now`: by the clock that the tokens are issued by; None where nobody tells it. `mark` stands behind the vendor.
    """
    for path in sorted(folder.glob("*.token.json")):
        check = f"token {vendor_of(path)}{mark}"
        if path.stat().st_mode & 0o077:
            yield warn(check, f"others may read {path.name}", f"chmod 600 '{path}'")
        try:
            found: Any = json.loads(path.read_bytes())
            issued, ends = (datetime.fromisoformat(found[name]).astimezone(UTC) for name in ("issued_at", "expires_at"))
        except (OSError, ValueError, KeyError, TypeError):
            yield warn(check, f"{path.name} is damaged", "Nothing is to be done: the next call replaces it.")
            continue
        if now is None:
            yield ok(check, f"issued {_at(issued)}, ends {_at(ends)} by a clock that does not answer now")
        elif issued > now:
            yield warn(check, f"issued at {_at(issued)}, which lies ahead", "Set the system's clock.")
        elif ends <= now:
            yield ok(check, f"ended {_at(ends)}; the next call gets another")
        else:
            yield ok(check, f"issued {_at(issued)}, ends {_at(ends)} (in {(ends - now).total_seconds() / 3600:.1f} h)")


def limits(folder: Path, quotas: Mapping[str, int | None], day: date | None, mark: str = "") -> Iterator[Finding]:
    """How many calls of a quota are used on a day (Seoul), by every key that was used here.

    `day`: by the clock that the calls are counted by; None: the newest one on which there was a call. `mark` stands
    behind the vendor.
    """
    for path in sorted(folder.glob("*.gate.sqlite")):
        name = vendor_of(path)
        check, quota = f"calls {name}{mark}", quotas.get(name)
        try:
            uri = f"{path.absolute().as_uri()}?mode=ro"
            with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=2)) as database:
                counted = dict(database.execute("SELECT day, calls FROM days"))
        except sqlite3.DatabaseError as error:
            yield warn(check, f"{path.name} cannot be read: {error}", "End every sugeup process and delete the file.")
            continue
        on = max(counted, default="any day") if day is None else day.isoformat()
        used = int(counted.get(on, 0))
        said = f"{used:,} calls on {on}" + (f" of {quota:,}" if quota else ", no daily limit is set")
        if quota and used >= quota:
            yield warn(check, said, "The quota is used up: collection goes on at midnight in Seoul.")
        elif quota and used >= FULL * quota:
            yield warn(check, said, "Little is left of the quota; put off what can wait until tomorrow.")
        else:
            yield ok(check, said)


def vendor_of(path: Path) -> str:
    """The vendor that a file of the hub belongs to: its name without the fingerprint of the key."""
    return path.name.partition(".")[0].rpartition("-")[0]


def _at(moment: datetime) -> str:
    return moment.astimezone(SEOUL).strftime("%Y-%m-%d %H:%M")
