"""The encrypted file: keys behind a passphrase, for servers that have no keychain.

scrypt makes a key of the passphrase and a salt, AES-256-GCM seals the keys under it. Names stand beside in the open, so
that they can be listed without a passphrase; they are authenticated with the rest.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sugeup.errors import ConfigError, Refused
from sugeup.keychain import private
from sugeup.keychain.system import INSTALL

COST = 2**17
"""scrypt's N with r = 8 and p = 1: 128 MB and a good part of a second for each guess."""
_MOST = 2**20
SHORTEST = 8
"""Characters of a passphrase at least."""
FORMAT = 1


class Sealed:
    """The file at `path`. Whoever writes holds the lock of the key store."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def exists(self) -> bool:
        """Whether there is a file."""
        return self._path.exists()

    def names(self) -> tuple[str, ...]:
        """Names of what it holds, without opening it; ConfigError when it is damaged."""
        found = private.read(self._path)
        return () if found is None else tuple(self._header(found)["names"])

    def open(self, passphrase: str) -> dict[str, str]:
        """What it holds; nothing when there is no file. ConfigError: wrong passphrase, damage, a missing package."""
        found = private.read(self._path)
        if found is None:
            return {}
        header = self._header(found)
        try:
            salt, nonce, sealed = (base64.b64decode(found[name], validate=True) for name in ("salt", "nonce", "sealed"))
            if not 2 <= header["n"] <= _MOST or header["n"] & (header["n"] - 1):
                raise ValueError
        except (KeyError, TypeError, ValueError):
            raise self._damaged() from None
        aead, invalid = _cipher(passphrase, salt, header["n"])
        try:
            held = json.loads(aead.decrypt(nonce, sealed, _bytes(header)))
        except invalid:
            raise ConfigError(
                f"The passphrase does not open {self._path}.",
                hint="Give the one it was made with. If it is lost, delete the file and set the keys anew.",
            ) from None
        except ValueError:
            raise self._damaged() from None
        return {str(name): str(value) for name, value in held.items()}

    def write(self, held: Mapping[str, str], passphrase: str) -> None:
        """Seal these keys with a new salt and put them in the file's place; without keys the file is removed."""
        if len(passphrase) < SHORTEST:
            raise Refused(
                f"The passphrase has {len(passphrase)} characters; it needs at least {SHORTEST}.",
                hint="Four or five words that do not belong together are easy to keep and hard to guess.",
            )
        if not held:
            self._path.unlink(missing_ok=True)
            return
        salt, nonce = os.urandom(16), os.urandom(12)
        header = {"format": FORMAT, "kdf": "scrypt", "n": COST, "names": sorted(held)}
        aead, _ = _cipher(passphrase, salt, COST)
        sealed = aead.encrypt(nonce, json.dumps(dict(held)).encode(), _bytes(header))
        coded = {"salt": salt, "nonce": nonce, "sealed": sealed}
        private.write(self._path, header | {name: base64.b64encode(value).decode() for name, value in coded.items()})

    def _header(self, found: Mapping[str, Any]) -> dict[str, Any]:
        header = {name: found.get(name) for name in ("format", "kdf", "n", "names")}
        if header["format"] != FORMAT and isinstance(header["format"], int):
            raise ConfigError(f"{self._path} is of format {header['format']}, not {FORMAT}.", hint="Update sugeup.")
        names, cost = header["names"], header["n"]
        texts = isinstance(names, list) and all(isinstance(one, str) for one in names)
        if header["format"] != FORMAT or header["kdf"] != "scrypt" or not isinstance(cost, int) or not texts:
            raise self._damaged()
        return header

    def _damaged(self) -> ConfigError:
        return ConfigError(
            f"{self._path} is damaged.", hint="Move it aside, then store the keys again with `sugeup keys set --file`."
        )


def _bytes(header: Mapping[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()


def _cipher(passphrase: str, salt: bytes, cost: int) -> tuple[Any, type[Exception]]:
    """The cipher under a passphrase, and the error that it raises when that is the wrong one."""
    try:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
    except ImportError:
        raise ConfigError("The encrypted file needs cryptography, which is not installed.", hint=INSTALL) from None
    made = Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase.encode())
    return AESGCM(made), InvalidTag
