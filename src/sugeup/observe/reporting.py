"""The dated report of a doctor that asked sources: as JSON and as text. Findings, never figures."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from sugeup.errors import ConfigError


def write(folder: Path, day: date, told: Mapping[str, Any], text: str) -> tuple[Path, Path]:
    """Write doctor-DATE.json and doctor-DATE.txt, in the place of earlier ones of the day; where they are.

    ConfigError when the folder cannot be written.
    """
    paths = (folder / f"doctor-{day}.json", folder / f"doctor-{day}.txt")
    held = (orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE), f"{text}\n".encode())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in zip(paths, held, strict=True):
            new = path.with_name(f"{path.name}.{os.getpid()}")
            try:
                new.write_bytes(content)
                new.replace(path)
            finally:
                with suppress(FileNotFoundError):
                    new.unlink()
    except OSError as error:
        raise ConfigError(
            f"The report cannot be written to {folder}: {error.strerror}.",
            hint="Give this user the folder, or choose another with SUGEUP_DATA_DIR.",
        ) from None
    return paths
