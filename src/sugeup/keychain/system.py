"""The keychain of the system: Keychain on macOS, Credential Manager on Windows, Secret Service or KWallet on Linux."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sugeup.errors import ConfigError

SERVICE = "sugeup"
INSTALL = "Install it: `pip install 'sugeup[keys]'` (or `uv tool install 'sugeup[keys]'`)."
_OTHERWISE = "Store the key in an encrypted file (`sugeup keys set NAME --file`), or set it in the environment."
_PLAIN = ("keyrings.alt.file", "keyrings.alt.pyfs", "keyring.backends.null")
"""Backends that keep secrets in the open, or not at all."""

T = TypeVar("T")


class Keychain:
    """Entries of the service sugeup, one a key. Every method raises ConfigError when the keychain cannot be used.

    Made when a key is needed: loading the package behind it takes a moment.
    """

    def __init__(self) -> None:
        try:
            import keyring
            from keyring import errors
        except ImportError:
            raise ConfigError("The keychain needs keyring, which is not installed.", hint=INSTALL) from None
        self._errors = errors
        self._backend: Any = keyring.get_keyring()
        for one in getattr(self._backend, "backends", [self._backend]):
            if type(one).__module__.startswith(_PLAIN):
                raise ConfigError(
                    f"The keychain here ({type(one).__module__}) does not protect what it holds.", hint=_OTHERWISE
                )

    def get(self, name: str) -> str | None:
        """The value; None when there is none."""
        found = self._asked(lambda: self._backend.get_password(SERVICE, name))
        return None if found is None else str(found)

    def set(self, name: str, value: str) -> None:
        """Store a value and read it back."""
        self._asked(lambda: self._backend.set_password(SERVICE, name, value))
        if self.get(name) != value:
            raise ConfigError(f"The keychain did not keep {name}.", hint=_OTHERWISE)

    def remove(self, name: str) -> None:
        """Remove a value; nothing happens when there is none."""
        if self.get(name) is not None:
            self._asked(lambda: self._backend.delete_password(SERVICE, name))

    def _asked(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except self._errors.NoKeyringError:
            raise ConfigError("This system has no keychain.", hint=_OTHERWISE) from None
        except (self._errors.KeyringLocked, self._errors.InitError) as error:
            raise ConfigError(
                f"The keychain is locked ({_said(error)}).", hint=f"Unlock it and try again. {_OTHERWISE}"
            ) from None
        except self._errors.KeyringError as error:
            raise ConfigError(f"The keychain refused ({_said(error)}).", hint=_OTHERWISE) from None
        except (OSError, RuntimeError) as error:  # the bus behind it is gone
            raise ConfigError(f"The keychain does not answer ({_said(error)}).", hint=_OTHERWISE) from None


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:120]}".rstrip(": ")
