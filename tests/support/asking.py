"""Every use-case of the registry asked in one way: a new one is asked as soon as it is registered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused, SugeupError
from sugeup.registry import UseCase

CASES = registry.usecases()
TOOLS = {name: case for name, case in CASES.items() if case.tool}
OF_STOCKS = {name: case for name, case in CASES.items() if "stock_code" in case.arguments.model_fields}
LISTS = {name: case for name, case in CASES.items() if "cursor" in case.arguments.model_fields}
SILENT = frozenset({"explain_metric", "get_data_status", "list_sources"})
"""They answer whatever is stored."""

every = pytest.mark.parametrize("name", CASES)
of_stocks = pytest.mark.parametrize("name", OF_STOCKS)


def days_of(case: UseCase) -> list[str]:
    """Names of the arguments that are dates."""
    fields = case.arguments.model_fields
    return [name for name in ("session", "date", "start", "end") if name in fields and not choices(case, name)]


def moment_of(case: UseCase) -> str | None:
    """The argument that chooses the session of an answer; None where there is none."""
    return next((name for name in days_of(case) if name in {"session", "date"}), None)


def choices(case: UseCase, name: str) -> tuple[Any, ...]:
    """Allowed words of an argument; () for one that is free."""
    found: list[Any] = []

    def collect(annotation: Any) -> None:
        if get_origin(annotation) is Literal:
            found.extend(get_args(annotation))
            return
        for part in get_args(annotation):
            if not isinstance(part, str):
                collect(part)

    field = case.arguments.model_fields[name]
    collect(field.annotation)
    return tuple(found)


def needed(case: UseCase, stock: str, sector: str = "0013") -> dict[str, Any]:
    """Values for the arguments that a use-case does not go without."""
    given = {"stock_code": stock, "market": "KOSPI", "sector": sector, "query": stock}
    return {name: given[name] for name, field in case.arguments.model_fields.items() if field.is_required()}


def varied(case: UseCase) -> Iterator[dict[str, Any]]:
    """The defaults, and each word of each argument with a choice."""
    yield {}
    for name in case.arguments.model_fields:
        for word in choices(case, name):
            yield {name: word}


def asked(archive: Archive, case: UseCase, arguments: dict[str, Any]) -> BaseModel | SugeupError:
    """The answer, or the error that says why there is none; anything else that is raised fails the test."""
    try:
        return registry.bind(case, archive)(**arguments)
    except SugeupError as error:
        helpful(error)
        return error


def helpful(error: SugeupError) -> None:
    """An error of the caller or of missing data names what was wrong and what to do."""
    assert isinstance(error, Refused | NoData), repr(error)
    assert error.message and len(error.message) < 600, error.message
    assert error.hint, f"{error} has no hint"
    if error.code == "NOT_COLLECTED":
        assert "sugeup " in error.hint, f"no command in: {error.hint}"


def sessions_to_try(newest: date, every_session: Sequence[date]) -> list[date]:
    """The newest session, the one before, and some far back."""
    return [newest, every_session[-2], *itertools.islice(every_session, 0, len(every_session) - 2, 90)]
