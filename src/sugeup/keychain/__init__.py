"""Keys that `sugeup keys` stored: in the keychain of the system, or in an encrypted file where there is none.

`keychain.json` of the folder lists the names (never values) that went into the keychain, so that the keychain, which
may be slow or ask its owner, is asked for these alone, and only by a command that needs the key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sugeup.errors import ConfigError, Refused, Retryable
from sugeup.keychain import private
from sugeup.keychain.sealed import Sealed

if TYPE_CHECKING:
    from sugeup.keychain.system import Keychain

WAIT = 30.0
"""Seconds for which another process that changes keys is waited for: it may be asking for a passphrase."""
LONGEST = 1000
"""Characters of a key at most: what every system's keychain takes. The longest known one has 180."""

Passphrase = Callable[[bool], str]
"""Gets the passphrase of the encrypted file; true: a new one, which is asked for twice. Raises ConfigError."""


class Place(StrEnum):
    """Where a key lies; the first is preferred where it lies in both."""

    KEYCHAIN = "keychain"
    FILE = "encrypted file"


class KeyStore:
    """The keys in `folder` and in the keychain, by the names of the settings that hold them."""

    def __init__(self, folder: Path, passphrase: Passphrase) -> None:
        self._folder = folder
        self._passphrase = passphrase
        self._opened: dict[str, str] | None = None

    def places(self) -> dict[str, Place]:
        """Name → where it lies. Asks neither the keychain nor for a passphrase; ConfigError for a damaged file."""
        found = dict.fromkeys(self._sealed.names(), Place.FILE)
        return found | dict.fromkeys(self._listed(), Place.KEYCHAIN)

    def read(self, names: Iterable[str]) -> dict[str, str]:
        """The values of those names that are there.

        ConfigError: the keychain is locked or gone, a package is missing, the passphrase is wrong or cannot be asked.
        """
        places = self.places()
        found: dict[str, str] = {}
        for name in names:
            value = None
            if places.get(name) is Place.KEYCHAIN:
                value = self._keychain().get(name)
            if value is None and name in self._sealed.names():
                value = self._unsealed().get(name)
            if value:
                found[name] = value
        return found

    def keep(self, name: str, value: str, place: Place) -> None:
        """Store a key in one place and take it out of the keychain if it is to lie in the file.

        Raises Refused for what cannot be a key, ConfigError as `read`, Retryable(BUSY) while another process writes.
        """
        checked(name, value)
        with self._alone():
            if place is Place.KEYCHAIN:
                self._keychain().set(name, value)
                self._list({*self._listed(), name})
                return
            there = self._sealed.exists()
            passphrase = self._passphrase(not there)
            held = self._sealed.open(passphrase) if there else {}
            self._sealed.write({**held, name: value}, passphrase)
            self._opened = None
            if name in self._listed():
                self._keychain().remove(name)
                self._list(self._listed() - {name})

    def remove(self, name: str) -> tuple[Place, ...]:
        """Take a key out of every place; those in which it was."""
        gone = []
        with self._alone():
            if name in self._listed():
                self._keychain().remove(name)
                self._list(self._listed() - {name})
                gone.append(Place.KEYCHAIN)
            if name in self._sealed.names():
                passphrase = self._passphrase(False)
                left = {one: value for one, value in self._sealed.open(passphrase).items() if one != name}
                self._sealed.write(left, passphrase)
                self._opened = None
                gone.append(Place.FILE)
        return tuple(gone)

    @property
    def _sealed(self) -> Sealed:
        return Sealed(self._folder / "keys.sealed.json")

    @property
    def _list_file(self) -> Path:
        return self._folder / "keychain.json"

    def _keychain(self) -> Keychain:
        from sugeup.keychain.system import Keychain

        return Keychain()

    def _listed(self) -> set[str]:
        found = private.read(self._list_file)
        if found is None:
            return set()
        names = found.get("names")
        if not isinstance(names, list):
            raise ConfigError(
                f"{self._list_file} is damaged.", hint="Delete it, then store the keys again with `sugeup keys set`."
            )
        return {str(name) for name in names}

    def _list(self, names: set[str]) -> None:
        private.write(self._list_file, {"names": sorted(names)})

    @contextmanager
    def _alone(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        private.folder(self._folder)
        try:
            with FileLock(self._folder / "lock", timeout=WAIT, mode=0o600):
                yield
        except Timeout:
            raise Retryable(
                f"Another process has been changing keys for {WAIT:.0f} s.",
                code="BUSY",
                hint="Finish or end the other `sugeup keys`, then try again.",
            ) from None

    def _unsealed(self) -> dict[str, str]:
        if self._opened is None:
            self._opened = self._sealed.open(self._passphrase(False))
        return self._opened


def checked(name: str, value: str) -> str:
    """The value; Refused when it cannot be a key: nothing, with spaces, not plain text, endless. It is never shown."""
    wrong = ""
    if not value:
        wrong = "is empty"
    elif len(value) > LONGEST:
        wrong = f"has {len(value):,} characters, more than {LONGEST:,}"
    elif any(one.isspace() for one in value):
        wrong = "has spaces or line ends in it"
    elif not value.isascii() or not value.isprintable():
        wrong = "has characters in it that no key has"
    if wrong:
        raise Refused(f"The value for {name} {wrong}.", hint="Copy it again from the vendor's page, without more.")
    return value
