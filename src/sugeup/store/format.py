"""The format of a lake, written beside its tables: a version that does not know it says so and harms nothing."""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path

from sugeup.errors import ConfigError, CorruptStore
from sugeup.store.faults import explained

FORMAT = 1
"""Grows when an older version could misread what a newer one writes. A new column is no such change."""
_NAME = "format.json"


def check(root: Path) -> int | None:
    """The format of the lake, None while nothing is written. ConfigError when it is newer than this version knows."""
    try:
        found = json.loads((root / _NAME).read_text(encoding="utf-8"))
        number, writer = int(found["format"]), str(found["written_by"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise explained("The lake", error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptStore(
            f"{_NAME} of the lake is unreadable: {error}", hint="`sugeup store restore` writes it anew."
        ) from error
    if number > FORMAT:
        raise ConfigError(
            f"The lake was written by sugeup {writer} in format {number}; this version knows format {FORMAT}.",
            hint="Upgrade sugeup, or choose another SUGEUP_DATA_DIR.",
            details={"format": number, "written_by": writer},
        )
    return number


def mark(root: Path) -> None:
    """Write the format of a lake that has none; replaced in one step, so that it is never half written."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        temporary = root / f".{_NAME}.{os.getpid()}"
        temporary.write_text(json.dumps({"format": FORMAT, "written_by": version("sugeup")}) + "\n", encoding="utf-8")
        temporary.replace(root / _NAME)
    except OSError as error:
        raise explained("The lake", error) from error
