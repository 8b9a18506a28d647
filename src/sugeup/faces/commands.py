"""Commands made from use-cases: every argument as an option, validated by `bind` and not by the command line."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Annotated, Any, get_args

import typer
from pydantic.fields import FieldInfo

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import Refused
from sugeup.faces import screen
from sugeup.registry import UseCase

POSITIONAL_TOO = {"stock_code": "STOCK", "metric_id": "METRIC"}
"""Optional arguments that may also be written without their option."""


def add(app: typer.Typer, case: UseCase, archive: Callable[[], Archive]) -> None:
    """Add the command of a use-case to the application."""

    def command(as_json: bool = False, as_csv: bool = False, detailed: bool = False, **given: Any) -> None:
        arguments = {name: value for name, value in given.items() if value is not None and not name.endswith("_")}
        for name in POSITIONAL_TOO:
            placed = given.get(f"{name}_")
            if placed is not None and arguments.setdefault(name, placed) != placed:
                raise Refused(f"{name} is given twice: {placed!r} and {arguments[name]!r}.", hint="Give it once.")
        answer = registry.bind(case, archive())(**arguments)
        screen.show(case, answer, as_json=as_json, as_csv=as_csv, detailed=detailed)

    command.__signature__ = inspect.Signature(_parameters(case))  # type: ignore[attr-defined]
    command.__name__ = case.name
    app.command(case.verb, help=case.description.replace("\n", " ").strip())(command)


def _parameters(case: UseCase) -> list[inspect.Parameter]:
    found = []
    for name, field in case.arguments.model_fields.items():
        description = _description(field)
        if field.is_required():
            found.append(_parameter(name, str, typer.Argument(metavar=name.upper(), help=description), ...))
            continue
        if name in POSITIONAL_TOO:
            positional = typer.Argument(metavar=POSITIONAL_TOO[name], help=description)
            found.append(_parameter(f"{name}_", str | None, positional, None))
        flag = f"--{name.replace('_', '-')}"
        if field.annotation is bool:
            found.append(
                _parameter(name, bool, typer.Option(f"{flag}/--no-{flag[2:]}", help=description), field.default)
            )
        else:
            shown = "" if field.default is None else f" [default: {field.default}]"
            option = typer.Option(flag, metavar=_metavar(name, field), help=description + shown)
            found.append(_parameter(name, str | None, option, None))
    found.append(
        _parameter("detailed", bool, typer.Option("--detailed", help="Add the reason of every empty value."), False)
    )
    found.append(_parameter("as_json", bool, typer.Option("--json", help="Print the whole answer as JSON."), False))
    found.append(_parameter("as_csv", bool, typer.Option("--csv", help="Print flat rows as CSV."), False))
    return found


def _parameter(name: str, kind: Any, declared: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[kind, declared],
        default=inspect.Parameter.empty if default is ... else default,
    )


def _description(field: FieldInfo) -> str:
    if field.description:
        return field.description
    for part in [*get_args(field.annotation), *field.metadata]:
        for inner in [part, *getattr(part, "__metadata__", ())]:
            if isinstance(inner, FieldInfo) and inner.description:
                return inner.description
    return ""


def _metavar(name: str, field: FieldInfo) -> str:
    choices = re.findall(r"'(\w+)'", str(field.annotation)) if "Literal" in str(field.annotation) else []
    return "|".join(choices) if choices else name.upper()
