"""Words that a shell offers for a value: allowed words, metrics, datasets, and stocks of the lake that was chosen.

Nothing here raises or prints: while somebody presses the tab key, an empty lake or a damaged one offers nothing. Names
of stocks are kept in a small file of the data folder, so that the lake is read again only after it changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from sugeup.faces.index import Argument, index

Offered = list[tuple[str, str]]
"""Words with what they mean."""
Words = Callable[[Any, list[str], str], Offered]
"""A completion as typer calls it: context, nothing, what was typed so far."""


def values(argument: Argument) -> Words | None:
    """The completion of an argument; None when it can be anything."""
    if argument.choices:
        return words(dict.fromkeys(argument.choices, ""))
    named: dict[str, Words] = {"stock_code": stocks, "metric_id": metrics, "query": stocks}
    return named.get(argument.name)


def words(offered: Mapping[str, str]) -> Words:
    """A completion by fixed words, in the case in which they are being typed."""

    def complete(ctx: Any, args: list[str], incomplete: str) -> Offered:
        lower = incomplete.islower()
        return [(word.lower() if lower else word, meaning) for word, meaning in offered.items()]

    return complete


def lakes(ctx: Any, args: list[str], incomplete: str) -> Offered:
    """Names of lakes."""
    return [("real", "yours"), ("demo", "bundled sample"), ("simulated", "simulated figures")]


def metrics(ctx: Any, args: list[str], incomplete: str) -> Offered:
    """Ids of metrics."""
    return list(index().metrics.items())


def datasets(ctx: Any, args: list[str], incomplete: str) -> Offered:
    """Names of datasets."""
    return list(index().datasets.items())


def stocks(ctx: Any, args: list[str], incomplete: str) -> Offered:
    """Codes and names of the stocks of the chosen lake: codes for what begins with a digit, else names."""
    try:
        named = _stocks(ctx.find_root().params.get("lake"))
    except Exception:  # a tab key shows no error; the command itself will
        return []
    if not incomplete or incomplete[0].isdigit():
        return named
    typed = incomplete.casefold()
    alike = ((name, code) for code, name in named if name.casefold().startswith(typed) and " " not in name)
    return [(incomplete + name[len(incomplete) :], code) for name, code in alike]


def _stocks(lake: str | None) -> Offered:
    """Code and name of every stock, from the kept file when the lake has not changed since."""
    from sugeup import settings

    loaded = settings.load()
    chosen = settings.LakeName(lake) if lake else loaded.lake
    folder = loaded.lake_path(chosen)
    version = _version(folder / "instruments" / "_delta_log")
    if version is None:
        return []
    kept = loaded.home / f".completion-{chosen.value}.json"
    try:
        found = json.loads(kept.read_text(encoding="utf-8"))
        if found["version"] == version:
            return [(code, name) for code, name in found["stocks"]]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return _kept(kept, version, _read(loaded, chosen))


def _version(log: Path) -> str | None:
    """The newest commit of a table, by its file and the time of it; None when there is no table."""
    try:
        commits = [entry for entry in os.scandir(log) if entry.name.endswith(".json")]
        newest = max(commits, key=lambda entry: entry.name, default=None)
        return None if newest is None else f"{newest.name} {newest.stat().st_mtime_ns}"
    except OSError:
        return None


def _read(loaded: Any, lake: Any) -> Offered:
    from sugeup.app import App
    from sugeup.usecases import securities

    return [(entry.code, entry.name) for entry in securities.catalogue(App.open(loaded, lake).archive)]


def _kept(path: Path, version: str, named: Iterable[tuple[str, str]]) -> Offered:
    """Keep what was read for the next time, in one step; a folder that cannot be written changes nothing."""
    found = list(named)
    try:
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps({"version": version, "stocks": found}, ensure_ascii=False), encoding="utf-8")
        temporary.replace(path)
    except OSError:
        pass
    return found
