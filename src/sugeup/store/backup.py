"""Backup and restore of one lake as one file: every table at its newest version with its history, and the ledger.

Writers may go on while a backup is made: it holds each table as one of its versions. The file is complete or absent,
and each file in it is checked against its sum before a restore touches anything.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from sugeup import records
from sugeup.errors import CorruptStore, Refused
from sugeup.market.clock import Clock
from sugeup.records.upkeep import BackedUp, Repair
from sugeup.store import delta, format
from sugeup.store.faults import FAILURES, explained, told
from sugeup.store.upkeep import files

_MANIFEST = "manifest.json"
_STATE = "state.sqlite"


def backup(root: Path, state: Path, target: Path) -> BackedUp:
    """Write a lake to a new file. Raises Refused when the file exists or the lake is empty."""
    if target.exists():
        raise Refused(f"{target} exists already.", hint="Name a new file: a backup never replaces another.")
    chosen = sorted(_chosen(root))
    if not chosen:
        raise Refused("The lake holds nothing to back up.", hint="`sugeup status` shows what is stored.")
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sums, size = _write(root, state, temporary, chosen)
        temporary.replace(target)
    except OSError as error:
        raise explained(str(target), error) from error
    finally:
        temporary.unlink(missing_ok=True)
    return BackedUp(str(target), len(sums), size)


def unpack(root: Path, source: Path, clock: Clock) -> Repair:
    """Put a backup in the place of a lake; the lake that was there is kept beside it under another name.

    Raises Refused when the file is no backup, CorruptStore when one of its files does not match its sum.
    """
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root.parent, prefix=f".{root.name}.") as folder:
            fresh = Path(folder) / "lake"
            count = _extract(source, fresh)
            format.check(fresh)
            aside = None
            if root.exists():
                aside = _free(root.with_name(f"{root.name}.replaced-{clock.now():%Y%m%dT%H%M%S}"))
                root.replace(aside)
            fresh.replace(root)
    except (tarfile.TarError, EOFError) as error:
        raise Refused(
            f"{source} is no backup of sugeup: {error}.", hint="Name a file that `store backup` wrote."
        ) from None
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not source.exists():
            raise Refused(f"{source}: there is no such file.", hint="Name a file that `store backup` wrote.") from None
        raise explained(str(root), error) from error
    before = "" if aside is None else f"; the lake that was there is {aside.name} now"
    return Repair("lake", f"put {count:,} files in place from {source.name}{before}")


def _free(wanted: Path) -> Path:
    """The path, or the first of path-2, path-3, … that nothing has."""
    names = itertools.chain([wanted], (wanted.with_name(f"{wanted.name}-{number}") for number in itertools.count(2)))
    return next(path for path in names if not path.exists())


def _chosen(root: Path) -> Iterator[Path]:
    """Files of the newest versions, their logs up to there, and files of earlier versions that are still there."""
    for dataset in records.datasets().values():
        for past in (False, True):
            where = delta.path(root, dataset, past=past)
            if not where.exists():
                continue
            with told(dataset.name):
                try:
                    table = DeltaTable(where)
                except TableNotFoundError:
                    continue
                yield from _table(where, table)
    if (root / "format.json").exists():
        yield root / "format.json"


def _table(where: Path, table: DeltaTable) -> Iterator[Path]:
    for name in files(table)["path"].to_list():
        yield where / name
    for file in (where / "_delta_log").iterdir():
        number = file.name.split(".")[0]
        if number.isdigit() and int(number) <= table.version():
            yield file
    current = set(files(table)["path"])
    for version in range(table.version()):
        try:
            earlier = files(DeltaTable(where, version=version))["path"].to_list()
        except FAILURES:
            continue
        yield from (where / name for name in earlier if name not in current and (where / name).exists())


def _write(root: Path, state: Path, target: Path, chosen: list[Path]) -> tuple[dict[str, str], int]:
    sums: dict[str, str] = {}
    with tarfile.open(target, "w") as archive:
        for file in dict.fromkeys(chosen):
            _add(archive, str(file.relative_to(root)), file.read_bytes(), sums)
        if state.exists():
            _add(archive, _STATE, _ledger(state), sums)
        manifest = json.dumps({"format": format.FORMAT, "sums": sums}).encode()
        _add(archive, _MANIFEST, manifest, {})
    return sums, target.stat().st_size


def _add(archive: tarfile.TarFile, name: str, content: bytes, sums: dict[str, str]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o644
    archive.addfile(entry, io.BytesIO(content))
    sums[name] = hashlib.sha256(content).hexdigest()


def _ledger(state: Path) -> bytes:
    """A consistent copy of the state database, also while another process writes."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / _STATE
        try:
            with (
                closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as live,
                closing(sqlite3.connect(copy)) as to,
            ):
                live.backup(to)
        except sqlite3.Error as error:
            raise CorruptStore(
                f"The state database cannot be read: {error}", hint="Run `sugeup store restore` first."
            ) from error
        return copy.read_bytes()


def _extract(source: Path, fresh: Path) -> int:
    with tarfile.open(source) as archive:
        archive.extractall(fresh, filter="data")
    try:
        sums = json.loads((fresh / _MANIFEST).read_text(encoding="utf-8"))["sums"]
    except (FileNotFoundError, ValueError, KeyError):
        raise Refused(f"{source} is no backup of sugeup.", hint="Name a file that `store backup` wrote.") from None
    for name, expected in sums.items():
        file = fresh / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != expected:
            raise CorruptStore(f"{source}: {name} does not match its sum.", hint="Use another copy of the backup.")
    (fresh / _MANIFEST).unlink()
    shutil.rmtree(fresh / "quarantine", ignore_errors=True)
    return len(sums)
