"""Secrets are masked wherever text leaves the hub: log records, messages, hints, details, texts of foreign errors."""

from __future__ import annotations

import json
import logging
import threading
import urllib.parse
from collections.abc import Mapping
from typing import Any

from sugeup.errors import SugeupError

MASK = "***"
SHORTEST = 6
"""Shorter values are not taken for secrets: masking them would blacken ordinary text."""
_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy")


class Secrets:
    """Values that must not be shown, in the forms in which they occur: plain, in a URL, in JSON, in a repr.

    As a structlog processor it masks a record with all it holds; as a logging filter, a record of the HTTP library.
    """

    def __init__(self, *values: str) -> None:
        self._lock = threading.Lock()
        self._forms: tuple[str, ...] = ()
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """One more secret."""
        if len(value) < SHORTEST:
            return
        forms = {value, urllib.parse.quote(value, safe=""), urllib.parse.quote(value), json.dumps(value)[1:-1]}
        forms |= {urllib.parse.quote_plus(value), repr(value)[1:-1], value.replace("/", "\\/")}
        with self._lock:
            if not forms <= set(self._forms):
                self._forms = tuple(sorted(forms | set(self._forms), key=len, reverse=True))

    def text(self, said: str) -> str:
        """Text without secrets."""
        for form in self._forms:
            if form in said:
                said = said.replace(form, MASK)
        return said

    def are_in(self, said: str) -> bool:
        """Whether a text shows one."""
        return any(form in said for form in self._forms)

    def value(self, held: Any) -> Any:
        """Anything that is logged, without secrets; what is neither plain nor a container becomes its masked text."""
        if held is None or isinstance(held, bool | int | float):
            return held
        if isinstance(held, bytes):
            return self.text(held.decode(errors="replace"))
        if isinstance(held, Mapping):
            return {self.text(str(name)): self.value(one) for name, one in held.items()}
        if isinstance(held, list | tuple | set | frozenset):
            return [self.value(one) for one in held]
        return self.text(str(held))

    def error(self, error: SugeupError) -> SugeupError:
        """The same error without secrets, and without what it was raised from."""
        hint = None if error.hint is None else self.text(error.hint)
        return type(error)(
            self.text(error.message), code=error.code, hint=hint, details=dict(self.value(error.details))
        )

    def __call__(self, _logger: Any, _method: str, event: Any) -> Any:
        """A structlog processor."""
        return self.value(event)

    def filter(self, record: logging.LogRecord) -> bool:
        """A filter of the standard library's loggers: masks the record and lets it pass."""
        record.msg, record.args = self.text(record.getMessage()), None
        return True

    def guard(self) -> None:
        """Mask what the HTTP library logs."""
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self)

    def release(self) -> None:
        """Take the filters away again."""
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self)
