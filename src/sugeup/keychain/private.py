"""Small JSON files for their owner alone: whole or absent, mode 0600."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sugeup.errors import ConfigError

_LARGEST = 1 << 20


def read(path: Path) -> dict[str, Any] | None:
    """The object in the file, which is closed to others if it was open; None when there is none.

    ConfigError when it cannot be read or holds something else.
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                with suppress(OSError):  # a file of another owner, or a system without modes
                    path.chmod(0o600)
            found = json.loads(file.read(_LARGEST))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", hint="Give this user the file.") from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ConfigError(
            f"{path} is damaged.", hint="Move it aside, then store the keys again with `sugeup keys set`."
        )
    return found


def write(path: Path, held: Mapping[str, Any]) -> None:
    """Put an object in the file's place in one step. Whoever writes holds a lock. ConfigError when it cannot."""
    new = path.with_name(f"{path.name}.new")
    try:
        with suppress(FileNotFoundError):
            new.unlink()  # of a process that was killed here
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(held, indent=1).encode())
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}.", hint="Give this user a writable folder with room."
        ) from None


def folder(path: Path) -> None:
    """Make the folder, for its owner alone; ConfigError when it cannot be made."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be made: {error.strerror}.", hint="Give this user the folder, or set SUGEUP_DATA_DIR."
        ) from None
