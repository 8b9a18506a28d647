"""Marks for metrics and use-cases, discovery by module listing, and `bind`, which joins a use-case to its archive.

A metric or a use-case exists by being defined in a module of its package: nothing else has to be edited.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from sugeup.errors import Refused

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Metric:
    """What `sugeup explain ID` prints: the definition of one number.

    `formula` is in words; `window` counts exchange sessions; `null_rule` says when the value is null and with which
    reason; `source` names the paper, exchange rule or document that defines it.
    """

    id: str
    korean: str
    formula: str
    unit: str
    window: str
    null_rule: str
    source: str
    inputs: tuple[str, ...]
    defaults: Mapping[str, Any]
    function: Callable[..., Any]


@dataclass(frozen=True)
class UseCase:
    """One question that sugeup answers, and the names it has on each face.

    `tool` is the MCP name (None: not offered as a tool), `path` the REST path below /api/v1, `verb` the CLI command.
    `text(answer)` gives the parts of a compact page that stands on its own: lines and grids, each printable.
    `rows(answer)` gives the answer as flat rows, for CSV.
    """

    run: Callable[..., BaseModel]
    tool: str | None
    path: str
    verb: str
    title: str
    text: Callable[[Any], Sequence[object]]
    rows: Callable[[Any], list[dict[str, Any]]]
    arguments: type[BaseModel]
    answer: type[BaseModel]

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.run.__name__

    @property
    def summary(self) -> str:
        """First line of the docstring: CLI help, REST summary, opening of the MCP description."""
        return self.description.split("\n", 1)[0]

    @property
    def description(self) -> str:
        """The docstring."""
        return inspect.cleandoc(self.run.__doc__ or "")


_METRICS: dict[str, Metric] = {}
_USECASES: dict[str, UseCase] = {}


def metric(
    id: str, *, korean: str, formula: str, unit: str, window: str, null_rule: str, source: str
) -> Callable[[Function], Function]:
    """Register a pure function as the metric `id` of the metric reference."""

    def mark(function: Function) -> Function:
        parameters = inspect.signature(function).parameters.values()
        inputs = tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)
        # How many sessions are answered (`last`) is no part of a definition.
        defaults = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.name != "last"}
        if id in _METRICS and _METRICS[id].function.__qualname__ != function.__qualname__:
            raise ValueError(f"metric {id!r} is defined twice")
        _METRICS[id] = Metric(id, korean, formula, unit, window, null_rule, source, inputs, defaults, function)
        return function

    return mark


def usecase(
    *,
    path: str,
    verb: str,
    title: str,
    text: Callable[[Any], Sequence[object]],
    rows: Callable[[Any], list[dict[str, Any]]],
    tool: str | None = None,
) -> Callable[[Function], Function]:
    """Register `run(archive, *, ...) -> Answer`; its keyword parameters are the arguments on every face."""

    def mark(function: Function) -> Function:
        signature = inspect.signature(function, eval_str=True)
        fields: dict[str, Any] = {
            p.name: (p.annotation, ... if p.default is p.empty else p.default)
            for p in list(signature.parameters.values())[1:]
        }
        arguments = create_model(f"{function.__name__}_arguments", __config__=ConfigDict(extra="forbid"), **fields)

        @functools.wraps(function)
        def asked(archive: Any, **given: Any) -> Any:
            try:
                checked = arguments.model_validate(given)
            except ValidationError as error:
                raise refusal(error, arguments) from None
            return function(archive, **{name: getattr(checked, name) for name in arguments.model_fields})

        case = UseCase(asked, tool, path, verb, title, text, rows, arguments, signature.return_annotation)
        _USECASES[function.__name__] = case
        return asked  # type: ignore[return-value]

    return mark


def discover(package: str) -> None:
    """Import every module of a package, so that its marks take effect."""
    root = importlib.import_module(package)
    for module in sorted(pkgutil.iter_modules(root.__path__), key=lambda found: found.name):
        importlib.import_module(f"{package}.{module.name}")


@functools.cache
def metrics() -> dict[str, Metric]:
    """Every metric by id, in alphabetical order."""
    discover("sugeup.metrics")
    return dict(sorted(_METRICS.items()))


@functools.cache
def usecases() -> dict[str, UseCase]:
    """Every use-case by function name, in alphabetical order."""
    discover("sugeup.usecases")
    return dict(sorted(_USECASES.items()))


def load(module: str, name: str) -> UseCase:
    """One use-case by the module that defines it; the others are not imported."""
    importlib.import_module(module)
    return _USECASES[name]


def bind(case: UseCase, archive: Any) -> Callable[..., BaseModel]:
    """The use-case as a function of its arguments alone.

    A use-case checks its arguments itself, the same way for every face and for the library: Refused(INVALID_ARGUMENT)
    names each argument, what was received and what is allowed.
    """
    return functools.partial(case.run, archive)


def refusal(error: ValidationError, arguments: type[BaseModel]) -> Refused:
    """A validation failure in words: each argument with the value received and what is allowed."""
    said = []
    for fault in error.errors(include_url=False):
        name = ".".join(str(part) for part in fault["loc"]) or "arguments"
        if fault["type"] == "extra_forbidden":
            said.append(f"there is no argument {name!r}; allowed: {', '.join(arguments.model_fields) or 'none'}")
        elif fault["type"] == "missing":
            said.append(f"argument {name!r} is required")
        else:
            said.append(f"{name}={_shown(fault['input'])}: {_words(fault['type'], fault['msg'], fault.get('ctx', {}))}")
    return Refused("; ".join(dict.fromkeys(said)) + ".", hint="Correct the argument and call again.")


def _words(kind: str, message: str, about: Mapping[str, Any]) -> str:
    match kind:
        case "string_too_short":
            return "it must not be empty"
        case "string_too_long":
            return f"at most {about.get('max_length')} characters"
        case "string_type":
            return "it must be text"
        case _:
            return message.removeprefix("Value error, ")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
