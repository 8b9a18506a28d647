"""What a failing store means to the user: a full or closed disk is a matter of configuration, the rest is damage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl
from deltalake.exceptions import CommitFailedError, DeltaError

from sugeup.errors import ConfigError, CorruptStore, Retryable, SugeupError

if TYPE_CHECKING:
    from sqlalchemy.exc import DatabaseError

FAILURES = (DeltaError, OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What reading or writing a table may raise. A damaged file makes polars panic, which is no ordinary exception."""

_DISK = (
    (("os error 28", "No space left", "Errno 28"), "the disk is full", "Free some space and run the command again."),
    (
        ("os error 30", "Read-only file system"),
        "the disk is read-only",
        "Mount it writable, or choose SUGEUP_DATA_DIR.",
    ),
    (
        ("os error 13", "Permission denied", "os error 1)", "Operation not permitted"),
        "the folder may not be written",
        "Give this user the folder, or choose another with SUGEUP_DATA_DIR.",
    ),
    (("os error 122", "Disk quota"), "the disk quota is used up", "Free some space and run the command again."),
    (("os error 27", "File too large", "Errno 27"), "the file size limit is reached", "Raise the limit (ulimit -f)."),
    (("os error 20", "os error 17", "Not a directory", "File exists"), "a file stands where a folder is needed", ""),
)


@contextmanager
def told(what: str, version: int | str = "unknown") -> Iterator[None]:
    """Translate what a table's files may raise; `what` names the table. A lost commit passes, for it is tried again."""
    try:
        yield
    except (CommitFailedError, SugeupError):
        raise
    except FAILURES as error:
        raise explained(what, error, version) from error


def explained(what: str, error: BaseException, version: int | str = "unknown") -> SugeupError:
    """The error to raise for a failure on a table."""
    said = str(error)
    for signs, why, hint in _DISK:
        if any(sign in said for sign in signs):
            return ConfigError(f"{what} cannot be stored: {why}.", hint=hint or "Choose another SUGEUP_DATA_DIR.")
    if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
        return ConfigError(f"{what} cannot be used: {error.strerror or said}.", hint="Check the data folder.")
    first = said.splitlines()[0][:300] if said else type(error).__name__
    if isinstance(error, pl.exceptions.PanicException) or said.startswith("parquet: "):
        first = "a data file is missing, cut short or overwritten."
    return CorruptStore(
        f"{what} (version {version}) cannot be read: {first}",
        hint="`sugeup store check` finds what is damaged, `sugeup store restore` brings back the last good version.",
        details={"table": what, "version": version},
    )


def of_state(name: str, error: DatabaseError) -> SugeupError:
    """The error to raise for a failure of the state database."""
    said = str(error.orig or error)
    if "database is locked" in said:
        return Retryable("The state database is locked by another process.", code="BUSY", hint="Run it again.")
    for sign, why in (("full", "the disk is full"), ("readonly", "it is read-only"), ("unable to open", "no access")):
        if sign in said:
            return ConfigError(f"The state database {name} cannot be written: {why}.", hint="Check the data folder.")
    return CorruptStore(
        f"The state database {name} cannot be read: {said[:200]}",
        hint="`sugeup store restore` sets it aside and rebuilds the ledger from the stored rows.",
    )
