"""Errors on their way out of the hub: of the known tree, named after vendor and endpoint, without secrets."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeVar

from sugeup.errors import SchemaDrift, SugeupError
from sugeup.hub.masking import Secrets

T = TypeVar("T")


def guarded(secrets: Secrets, work: Callable[[], T]) -> T:
    """What `work` returns; its error without secrets, in the message, in what it was raised from, in its frames."""
    try:
        return work()
    except SugeupError as error:
        found: Exception = secrets.error(error) if secrets.are_in(_told(error)) else error
    except Exception as error:
        if not secrets.are_in(_told(error)):
            raise
        found = RuntimeError(secrets.text(f"{type(error).__name__}: {error}"))
    raise found.with_traceback(None)  # outside of the handlers: nothing hangs on to the first error


def read(vendor: str, endpoint: str, work: Callable[[], T]) -> T:
    """What one of the vendor's functions makes of an answer; SCHEMA_DRIFT when it fails in a way it did not foresee."""
    try:
        return work()
    except SugeupError:
        raise
    except Exception as error:
        raise SchemaDrift(
            f"{vendor} {endpoint}: an answer could not be read ({type(error).__name__}: {error}).",
            hint="The vendor's answer has changed: report it with the name of the endpoint.",
            details={"vendor": vendor, "endpoint": endpoint},
        ) from error


def _told(error: BaseException) -> str:
    """Everything that printing the error could show."""
    details = f"{error.hint} {error.details}" if isinstance(error, SugeupError) else ""
    return "".join(traceback.format_exception(error)) + details
