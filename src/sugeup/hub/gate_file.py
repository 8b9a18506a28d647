"""Rows of the gate: sends of the last window, waiting callers, marks, calls per day."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from sugeup.errors import ConfigError, CorruptStore, Retryable
from sugeup.sources.vendor import Pace

WAIT = 10.0
"""Seconds for which a transaction of another process is waited for."""
AHEAD = 5.0
"""A time so far ahead of now is from before a restart of the machine."""
KEPT_DAYS = 40
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_TABLES = """
CREATE TABLE IF NOT EXISTS calls (id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS lanes (call INTEGER PRIMARY KEY, lane TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS lanes_at ON lanes (lane, at);
CREATE INDEX IF NOT EXISTS calls_at ON calls (at);
CREATE TABLE IF NOT EXISTS waiting (
    id INTEGER PRIMARY KEY, priority INTEGER NOT NULL, since REAL NOT NULL, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS places (id INTEGER PRIMARY KEY, lane TEXT NOT NULL, free REAL NOT NULL);
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, at REAL NOT NULL, wall REAL NOT NULL);
CREATE TABLE IF NOT EXISTS days (day TEXT PRIMARY KEY, calls INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class Taking:
    """A place that was taken: the number of its row and the moment."""

    call: int
    at: float


@dataclass(frozen=True)
class Waiter:
    """A living caller: `rank` (priority, since, id), and the `lane` that lets it go at `free`, where it is in one."""

    rank: tuple[int, float, int]
    lane: str
    free: float


class GateFile:
    """The database at `path`, made when first used; one connection, one transaction at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[GateFile]:
        """All or nothing; the clock is to be read inside, so that times are in order over all processes."""
        with self._lock:
            with self._explained():
                self._opened = self._opened or self._open()
                self._opened.execute("BEGIN IMMEDIATE")
            try:
                with self._explained():
                    yield self
            except BaseException:
                with suppress(sqlite3.Error):
                    self._opened.execute("ROLLBACK")
                raise
            with self._explained():
                self._opened.execute("COMMIT")

    def sent(self, now: float, pace: Pace, lane: str = "") -> list[float]:
        """Times of the newest sends (those of a lane) within the window before now, ascending."""
        window = (now - pace.seconds, now + AHEAD, pace.calls)
        if lane:
            found = self._db.execute(
                "SELECT at FROM lanes WHERE lane = ? AND at > ? AND at < ? ORDER BY at DESC LIMIT ?", (lane, *window)
            )
        else:
            found = self._db.execute("SELECT at FROM calls WHERE at > ? AND at < ? ORDER BY at DESC LIMIT ?", window)
        return [row[0] for row in found][::-1]

    def take(self, now: float, pace: Pace) -> int:
        """Enter a send and drop those that no longer count."""
        self._db.execute("DELETE FROM calls WHERE at < ? OR at > ?", (now - pace.seconds, now + AHEAD))
        self._db.execute("DELETE FROM waiting WHERE until < ? OR until > ?", (now, now + AHEAD))
        self._db.execute("DELETE FROM places WHERE id NOT IN (SELECT id FROM waiting)")
        return int(self._db.execute("INSERT INTO calls (at) VALUES (?)", (now,)).lastrowid or 0)

    def take_lane(self, call: int, now: float, pace: Pace, lane: str) -> None:
        """Enter the same send in its lane."""
        stale = (lane, now - pace.seconds, now + AHEAD)
        self._db.execute("DELETE FROM lanes WHERE lane = ? AND (at < ? OR at > ?)", stale)
        self._db.execute("INSERT OR REPLACE INTO lanes VALUES (?, ?, ?)", (call, lane, now))

    def give_back(self, call: int) -> None:
        """The call was not sent at that time."""
        self._db.execute("DELETE FROM calls WHERE id = ?", (call,))
        self._db.execute("DELETE FROM lanes WHERE call = ?", (call,))

    def waiting(self, now: float) -> list[Waiter]:
        """Living callers."""
        found = self._db.execute(
            "SELECT priority, since, waiting.id, lane, free FROM waiting LEFT JOIN places ON places.id = waiting.id "
            "WHERE until >= ? AND until < ?",
            (now, now + AHEAD),
        )
        return [
            Waiter((row[0], row[1], row[2]), row[3] or "", -math.inf if row[4] is None else row[4]) for row in found
        ]

    def wait(self, id: int, priority: int, since: float, until: float) -> None:
        """Enter a waiting caller, or renew its row."""
        self._db.execute("INSERT OR REPLACE INTO waiting VALUES (?, ?, ?, ?)", (id, int(priority), since, until))

    def wait_in(self, id: int, lane: str, free: float) -> None:
        """The waiting caller is in a lane, which lets it go at that moment."""
        self._db.execute("INSERT OR REPLACE INTO places VALUES (?, ?, ?)", (id, lane, free))

    def stop_waiting(self, id: int) -> None:
        """Remove a caller."""
        self._db.execute("DELETE FROM waiting WHERE id = ?", (id,))
        self._db.execute("DELETE FROM places WHERE id = ?", (id,))

    def leave(self, id: int) -> None:
        """Remove a caller that gave up; what cannot be written is forgotten soon in any case."""
        if self._opened is None:
            return
        with suppress(Retryable, CorruptStore, ConfigError), self.transaction() as rows:
            rows.stop_waiting(id)

    def mark_of(self, name: str) -> tuple[float, float] | None:
        """A remembered moment, and the wall clock then."""
        row = self._db.execute("SELECT at, wall FROM marks WHERE name = ?", (name,)).fetchone()
        return None if row is None else (row[0], row[1])

    def mark(self, name: str, at: float, wall: float = 0.0) -> None:
        """Remember a moment."""
        self._db.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?)", (name, at, wall))

    def unmark(self, name: str) -> None:
        """Forget a moment."""
        self._db.execute("DELETE FROM marks WHERE name = ?", (name,))

    def used(self, day: date) -> int:
        """Calls counted on a day."""
        row = self._db.execute("SELECT calls FROM days WHERE day = ?", (day.isoformat(),)).fetchone()
        return 0 if row is None else int(row[0])

    def count(self, day: date) -> None:
        """One more call on a day."""
        self._db.execute(
            "INSERT INTO days VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET calls = calls + 1", (day.isoformat(),)
        )
        self._db.execute("DELETE FROM days WHERE day < ?", ((day - timedelta(days=KEPT_DAYS)).isoformat(),))

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    @property
    def _db(self) -> sqlite3.Connection:
        assert self._opened is not None
        return self._opened

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        opened = sqlite3.connect(self._path, timeout=WAIT, isolation_level=None, check_same_thread=False)
        try:
            with FileLock(f"{self._path}.lock", timeout=WAIT):  # becoming a write-ahead log waits for nobody
                opened.execute("PRAGMA journal_mode=WAL")
                opened.execute("PRAGMA synchronous=NORMAL")
                opened.executescript("BEGIN IMMEDIATE;" + _TABLES + "COMMIT;")
        except BaseException:
            opened.close()
            raise
        return opened

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, Timeout) as error:
            if isinstance(error, Timeout) or error.sqlite_errorcode & 0xFF in _LOCKED:
                raise Retryable(
                    f"The gate {self._path.name} was locked by another process for {WAIT:.0f} s.",
                    code="BUSY",
                    hint="Ask again; if it stays so, look for a stopped sugeup process.",
                ) from error
            raise ConfigError(
                f"The gate {self._path} cannot be used: {error}.", hint="Give this user a writable folder with room."
            ) from error
        except sqlite3.DatabaseError as error:
            raise CorruptStore(
                f"The gate {self._path} cannot be read: {error}.",
                hint="End every sugeup process and delete the file; it holds nothing but the counts of today.",
            ) from error
        except OSError as error:
            raise ConfigError(
                f"The gate {self._path} cannot be used: {error}.", hint="Give this user a writable folder with room."
            ) from error
