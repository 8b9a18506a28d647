"""The error tree, grouped by what the caller can do about it.

    SugeupError            code, hint, details; every message names what was received and what is allowed
    ├── ConfigError        a setting or a key is wrong or missing: fix the configuration
    ├── Refused            the question or the file cannot be taken as it is: change the argument
    ├── NoData             the question is fine, the figures are not there: collect, wait or ask for another date
    ├── Retryable          the same call may succeed later
    ├── SchemaDrift        a vendor's answer no longer has the shape we know
    └── CorruptStore       stored data cannot be read: restore it

Raised low, translated once per face: MCP tool error, HTTP problem+json, CLI exit code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class SugeupError(Exception):
    """Root of every error that sugeup raises on purpose.

    `code` is one of the class's `codes`; `hint` tells the user what to do next; `details` holds plain JSON values.
    """

    codes: ClassVar[tuple[str, ...]] = ()
    exit_code: ClassVar[int] = 70
    http_status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code or self.codes[0]
        self.hint = hint
        self.details = dict(details or {})
        if self.code not in self.codes:
            raise ValueError(f"{type(self).__name__} has no code {self.code!r}; allowed: {', '.join(self.codes)}")

    @property
    def status(self) -> int:
        """HTTP status of this error."""
        return self.http_status

    def __str__(self) -> str:
        text = super().__str__()
        return f"{self.code}: {text}" + (f" {self.hint}" if self.hint else "")

    @property
    def message(self) -> str:
        """The message without code and hint."""
        return super().__str__()


class ConfigError(SugeupError):
    """A setting or a credential is missing or wrong."""

    codes = ("CONFIG", "NO_CREDENTIALS")
    exit_code = 78
    http_status = 503


class Refused(SugeupError):
    """An argument or a file cannot be taken as it is."""

    codes = ("INVALID_ARGUMENT", "UNKNOWN_STOCK", "UNKNOWN_SECTOR")
    exit_code = 64
    http_status = 422

    @property
    def status(self) -> int:
        """422 for a bad argument, 404 for something that does not exist."""
        return 422 if self.code == "INVALID_ARGUMENT" else 404


class NoData(SugeupError):
    """The question is valid, but the figures are not there."""

    codes = ("NOT_COLLECTED", "NOT_PUBLISHED_YET", "MARKET_CLOSED", "OUT_OF_HISTORY")
    exit_code = 66
    http_status = 404


class Retryable(SugeupError):
    """The same call may succeed later."""

    codes = ("BUSY", "RATE_LIMITED", "SOURCE_DOWN")
    exit_code = 75
    http_status = 503

    @property
    def status(self) -> int:
        """429 when asked too often, else 503."""
        return 429 if self.code == "RATE_LIMITED" else 503


class SchemaDrift(SugeupError):
    """A vendor's answer no longer has the shape we know."""

    codes = ("SCHEMA_DRIFT",)
    exit_code = 76
    http_status = 502


class CorruptStore(SugeupError):
    """Stored data cannot be read."""

    codes = ("STORE_DAMAGED",)
    exit_code = 74
    http_status = 500
