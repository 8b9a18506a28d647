"""Commands made from the index: every argument as an option, validated by the use-case and not by the command line."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from sugeup.errors import Refused
from sugeup.faces import completing
from sugeup.faces.index import Argument, Group, Index, Question

if TYPE_CHECKING:
    from sugeup.archive import Archive

POSITIONAL_TOO = {"stock_code": "STOCK", "metric_id": "METRIC", "source": "SOURCE"}
"""Optional arguments that may also be written without their option."""


class Deferred(TyperGroup):
    """Commands below one word; their module is imported when one of them is asked for."""

    def __init__(self, group: Group) -> None:
        super().__init__(name=group.verb, help=group.help)
        self._module = group.module

    @cached_property
    def real(self) -> TyperGroup:
        """The commands themselves."""
        app: typer.Typer = importlib.import_module(self._module).app
        app.rich_markup_mode = None  # as the commands beside it
        found = typer.main.get_group(app)
        found.name = self.name
        return found

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the commands themselves; the word alone shows what stands below it."""
        shown = args or ([] if extra.get("resilient_parsing") else ["--help"])
        return self.real.make_context(info_name, shown, parent, **extra)


class Commands(TyperGroup):
    """The commands that are written down here, and the groups of the index."""

    index: Index

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the help."""
        return [*super().list_commands(ctx), *self.index.groups]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; None when there is none."""
        group = self.index.groups.get(cmd_name)
        return super().get_command(ctx, cmd_name) if group is None else Deferred(group)


def grouped(index: Index) -> type[Commands]:
    """The class of a group with the groups of an index."""
    return type("Commands", (Commands,), {"index": index})


def add(app: typer.Typer, question: Question, archive: Callable[[], Archive]) -> None:
    """Add the command of a use-case to the application."""

    def command(as_json: bool = False, as_csv: bool = False, detailed: bool = False, **given: Any) -> None:
        arguments = {name: value for name, value in given.items() if value is not None and not name.endswith("_")}
        for name in POSITIONAL_TOO:
            placed = given.get(f"{name}_")
            if placed is not None and arguments.setdefault(name, placed) != placed:
                raise Refused(f"{name} is given twice: {placed!r} and {arguments[name]!r}.", hint="Give it once.")
        from sugeup.faces import screen

        opened, case = archive(), question.load()
        screen.show(case, case.run(opened, **arguments), as_json=as_json, as_csv=as_csv, detailed=detailed)

    command.__signature__ = inspect.Signature(_parameters(question))  # type: ignore[attr-defined]
    command.__name__ = question.name
    app.command(question.verb, help=question.description.replace("\n", " ").strip())(command)


def _parameters(question: Question) -> list[inspect.Parameter]:
    found = []
    for one in question.arguments:
        values = completing.values(one)
        if one.required:
            declared = typer.Argument(metavar=one.name.upper(), help=one.description, autocompletion=values)
            found.append(_parameter(one.name, str, declared, ...))
            continue
        if one.name in POSITIONAL_TOO:
            positional = typer.Argument(metavar=POSITIONAL_TOO[one.name], help=one.description, autocompletion=values)
            found.append(_parameter(f"{one.name}_", str | None, positional, None))
        flag = f"--{one.name.replace('_', '-')}"
        if one.flag:
            option = typer.Option(f"{flag}/--no-{flag[2:]}", help=one.description)
            found.append(_parameter(one.name, bool, option, one.default))
        else:
            shown = "" if one.default is None else f" [default: {one.default}]"
            option = typer.Option(flag, metavar=_metavar(one), help=one.description + shown, autocompletion=values)
            found.append(_parameter(one.name, str | None, option, None))
    found.append(
        _parameter(
            "detailed",
            bool,
            typer.Option("--detailed", help="Add every exact figure, and why values are empty."),
            False,
        )
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


def _metavar(argument: Argument) -> str:
    return "|".join(argument.choices) if argument.choices else argument.name.upper()
