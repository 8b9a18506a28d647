"""A keychain in memory, and a key file that opens in a moment."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest

from sugeup.keychain import sealed
from tests.support.keychains import Memory


@pytest.fixture
def chain() -> Iterator[Memory]:
    """The keychain of this process, empty."""
    before = keyring.get_keyring()
    found = Memory()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """scrypt at a cost that fits a test."""
    monkeypatch.setattr(sealed, "COST", 2**10)
