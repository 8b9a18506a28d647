"""Which version a Delta table is at, from the name of its newest commit file: four calls to the file system.

Commits are files with consecutive numbers that appear whole and are never changed, so that the next number is either
there or not. The file's inode and time tell apart a commit from another one of the same number, which a table has after
its folder was restored from a backup or its newest commits were set aside.
"""

from __future__ import annotations

import os

ABSENT = "-"


class Versions:
    """Versions of tables by folder; remembers the number it saw last, so that it need not list the folder again."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def of(self, table: str) -> str:
        """`3@inode-time`, or `-` while there is no table. Reads nothing of the table itself: it may be damaged."""
        log = f"{table}/_delta_log"
        number = self._seen.get(table, -1)
        stat = None if number < 0 else _stat(log, number)
        if stat is None:
            number = _newest(log)
            stat = _stat(log, number) if number >= 0 else None
        if stat is None:
            self._seen.pop(table, None)
            return ABSENT
        while os.access(_commit(log, number + 1), os.F_OK):
            stat = _stat(log, number + 1) or stat
            number += 1
        self._seen[table] = number
        return _named(number, stat)


def stands(table: str, told: str) -> bool:
    """Whether the commit that `of` told is still there, so that newer ones follow on what was read at it."""
    stat = _stat(f"{table}/_delta_log", number(told))
    return stat is not None and _named(number(told), stat) == told


def _named(number: int, stat: os.stat_result) -> str:
    return f"{number}@{stat.st_ino:x}-{stat.st_mtime_ns:x}"


def number(told: str) -> int:
    """The number in what `of` told; -1 while there is no table."""
    return -1 if told == ABSENT else int(told.partition("@")[0])


def _commit(log: str, number: int) -> str:
    return f"{log}/{number:020}.json"


def _stat(log: str, number: int) -> os.stat_result | None:
    try:
        return os.stat(_commit(log, number))  # noqa: PTH116 (a Path costs more than the call)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _newest(log: str) -> int:
    if not os.access(log, os.F_OK):
        return -1
    names = (name.partition(".") for name in os.listdir(log))  # noqa: PTH208
    return max((int(stem) for stem, _, kind in names if kind == "json" and stem.isdigit()), default=-1)
