"""The token on disk, shared by the processes of a host: for its owner alone, whole or absent, never the key itself."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from sugeup.errors import ConfigError
from sugeup.sources.vendor import Credentials


@dataclass(frozen=True)
class Held:
    """A token with its times in UTC; `serial` tells two issues apart even where the vendor gave the same value."""

    value: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    serial: str


def fingerprint(credentials: Credentials) -> str:
    """Names a key without telling it: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(credentials.key.encode()).hexdigest()[:16]


class TokenFile:
    """The file at `path` for the key with that fingerprint. Writers hold the lock of `Tokens`; readers need none."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        self._path = path
        self._fingerprint = fingerprint

    def read(self) -> Held | None:
        """The token; None when there is none, when it is another key's, or when the file is damaged."""
        try:
            with self._path.open("rb") as file:
                if os.fstat(file.fileno()).st_mode & 0o077:
                    os.fchmod(file.fileno(), 0o600)
                found = orjson.loads(file.read())
        except (OSError, orjson.JSONDecodeError):
            return None
        return self._held(found)

    def write(self, held: Held) -> None:
        """Replace the token: the new file is whole on disk before it takes the old one's place."""
        new = self._path.with_name(f"{self._path.name}.new")
        kept = {
            "fingerprint": self._fingerprint,
            "token": held.value,
            "issued_at": held.issued_at.isoformat(),
            "expires_at": held.expires_at.isoformat(),
            "serial": held.serial,
        }
        try:
            with suppress(FileNotFoundError):
                new.unlink()  # of a process that was killed here
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(orjson.dumps(kept))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError as error:
            raise ConfigError(
                f"The token cannot be kept in {self._path.parent}: {error.strerror}.",
                hint="Give this user a writable folder with room; a token that is not kept is issued again and again.",
            ) from None

    def _held(self, found: Any) -> Held | None:
        try:
            if found["fingerprint"] != self._fingerprint:
                return None
            issued_at, expires_at = (datetime.fromisoformat(found[name]) for name in ("issued_at", "expires_at"))
            texts = [found[name] for name in ("token", "serial")]
        except (KeyError, TypeError, ValueError):
            return None
        if not all(isinstance(text, str) and text for text in texts):
            return None
        if issued_at.tzinfo is None or expires_at.tzinfo is None or issued_at >= expires_at:
            return None
        return Held(texts[0], issued_at.astimezone(UTC), expires_at.astimezone(UTC), texts[1])
