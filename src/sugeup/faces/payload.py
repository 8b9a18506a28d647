"""What leaves sugeup: answers as JSON, errors as plain objects. No NaN or Infinity passes."""

from __future__ import annotations

import logging
import math
import uuid
from typing import Any

from pydantic import BaseModel

from sugeup.errors import SugeupError

_LOG = logging.getLogger("sugeup.faces")


def plain(answer: BaseModel) -> dict[str, Any]:
    """An answer as JSON values; fields that were not asked for are left out, absent figures are null."""
    found: dict[str, Any] = answer.model_dump(mode="json", exclude_unset=True)
    _finite(found)
    return found


def error_object(error: SugeupError) -> dict[str, Any]:
    """An error as every face shows it: code, message, hint, details."""
    said: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.hint:
        said["hint"] = error.hint
    return said | {"details": error.details} if error.details else said


def logged(error: Exception) -> str:
    """Log an error that nobody foresaw; the id ties the user's message to the log."""
    mark = uuid.uuid4().hex[:8]
    _LOG.error("unforeseen error %s", mark, exc_info=error)
    return mark


def _finite(value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("an answer holds a number that is not finite")
    if isinstance(value, dict):
        for inner in value.values():
            _finite(inner)
    elif isinstance(value, list):
        for inner in value:
            _finite(inner)
