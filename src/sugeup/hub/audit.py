"""The audit log: one JSON line per call that left, without secrets, for its owner alone, rotated by size."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import structlog
from filelock import FileLock, Timeout

from sugeup.hub.masking import Secrets
from sugeup.market.sessions import SEOUL

LARGEST = 10_000_000
"""Bytes after which a file is put aside as `.1`, the older ones as `.2` …"""
KEPT = 3


class Audit:
    """Lines of JSON in the file at `path`, written by many threads and processes.

    A line that cannot be written (a full disk) does not stop the call; the next one that can says how many were `lost`.
    """

    def __init__(self, path: Path, now: Callable[[], datetime], secrets: Secrets) -> None:
        self._file = _LogFile(path)

        def stamped(_: Any, __: str, event: Any) -> Any:
            lost = {"lost": self._file.lost} if self._file.lost else {}
            return {"time": now().astimezone(SEOUL).isoformat(timespec="milliseconds"), **event, **lost}

        self._logger = structlog.wrap_logger(
            self._file,
            processors=[
                stamped,
                structlog.processors.format_exc_info,
                secrets,
                structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event)),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        )

    def call(self, **fields: Any) -> None:
        """Write what happened to one call."""
        self._logger.info("call", **fields)

    def close(self) -> None:
        """Release the file."""
        self._file.close()


class _LogFile:
    """A logger for structlog: appends whole lines, and follows when another process puts the file aside."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self.lost = 0

    def info(self, line: bytes) -> None:
        """Append one line."""
        with self._lock:
            try:
                descriptor = self._current(len(line) + 1)
                os.write(descriptor, line + b"\n")  # one write with O_APPEND: lines of two processes never mix
                self.lost = 0
            except (OSError, Timeout):
                self.lost += 1
                self._release()

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._release()

    def _current(self, more: int) -> int:
        if self._descriptor is None or not self._is_there(self._descriptor):
            self._release()
            self._descriptor = self._open()
        if os.fstat(self._descriptor).st_size + more > LARGEST:
            self._rotate()
            self._release()
            self._descriptor = self._open()
        return self._descriptor

    def _open(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def _is_there(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(descriptor))
        except FileNotFoundError:
            return False

    def _rotate(self) -> None:
        with FileLock(f"{self._path}.lock", timeout=1):
            if self._path.stat().st_size < LARGEST // 2:
                return  # another process was faster
            for number in range(KEPT - 1, 0, -1):
                with suppress(FileNotFoundError):
                    self._named(number).replace(self._named(number + 1))
            self._path.replace(self._named(1))

    def _named(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
