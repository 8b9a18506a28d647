"""Keychains of a test: backends of the real package keyring, in memory for this process or in a file for others."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring import errors
from keyring.backend import KeyringBackend


class Memory(KeyringBackend):
    """Entries in a dict. `locked`: whoever asks is refused; `asked`: names that were asked for."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[str, str] = {}
        self.asked: list[str] = []
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._look(service, username)
        return self.held.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._look(service, username)
        self.held[username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._look(service, username)
        del self.held[username]

    def _look(self, service: str, username: str) -> None:
        assert "sugeup" == service
        self.asked.append(username)
        if self.locked:
            raise errors.KeyringLocked("the collection is locked")


class Filed(KeyringBackend):
    """Entries in the file that TEST_KEYCHAIN names; for processes started with PYTHON_KEYRING_BACKEND."""

    priority = 1

    @property
    def _path(self) -> Path:
        return Path(os.environ["TEST_KEYCHAIN"])

    def _held(self) -> dict[str, str]:
        return dict(json.loads(self._path.read_text())) if self._path.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._held().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._path.write_text(json.dumps(self._held() | {f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        held = self._held()
        del held[f"{service} {username}"]
        self._path.write_text(json.dumps(held))


class Forgetful(Memory):
    """Takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        return None
