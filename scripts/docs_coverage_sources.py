"""The first part of docs/coverage.md: what each set of sources can answer, as scripts/measure_coverage.py found it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import coverage_file
from coverage_file import Measured
from docs_text import code, table

_ALONE = ("kis", "ls", "krx_login", "krx", "naver")
_SHOWN = 6
"""Fields that are named before the rest is only counted."""


def parts() -> list[str]:
    """Sections of the page."""
    measured = coverage_file.read()
    fields = _every_field(measured)
    return [
        "## By source",
        "Measured on a simulated market, where every answer of every source can be had (`python "
        "scripts/measure_coverage.py`): a lake for each set of sources is filled by the jobs of the timetable (lists, "
        "sixty sessions of the past, a running session, an evening, the morning after), then the tools and lists are "
        "asked. `krx` is the OPEN API of the exchange, `krx_login` its pages for members; `all` has DART besides.",
        "### Datasets",
        "Rows, and columns with figures.",
        _datasets(measured),
        "### Answers",
        "Fields with a value, of all that any set fills or explains; a question that is refused has none. Two sets "
        "may differ by choice: where two sources give the same rows, those of the preferred one are kept.",
        _answers(measured, fields),
        "### Fields that not every source fills",
        "✓: the answer has a value; otherwise the reason in its `meta`, or the code with which the question is "
        "refused; – : the field is not part of the answer. The last column names the sources that fill it alone. "
        "Without any source every question is refused (NOT_COLLECTED); its hint names them.",
        *_questions(measured, fields),
    ]


def _every_field(measured: Measured) -> dict[str, list[str]]:
    """Fields of each question in any set."""
    found: dict[str, dict[str, None]] = {}
    for one in measured.values():
        for question, answer in one["questions"].items():
            found.setdefault(question, {}).update(dict.fromkeys(answer.get("fields", {})))
    return {question: sorted(names) for question, names in found.items()}


def _datasets(measured: Measured) -> str:
    names = list(dict.fromkeys(name for one in measured.values() for name in one["datasets"]))
    rows = []
    for name in sorted(names):
        held = (one["datasets"].get(name) for one in measured.values())
        rows.append([name, *("" if has is None else f"{has['rows']:,} · {has['columns']}" for has in held)])
    return table(["dataset", *measured], rows)


def _answers(measured: Measured, fields: dict[str, list[str]]) -> str:
    tools: dict[str, list[str]] = {}
    for question in fields:
        tools.setdefault(question.partition(":")[0], []).append(question)
    rows = []
    for tool, questions in tools.items():
        whole = sum(len(fields[question]) for question in questions)
        counts = (sum(_answered(one, question) for question in questions) for one in measured.values())
        rows.append([code(tool), whole, *counts])
    totals = (sum(_answered(one, question) for question in fields) for one in measured.values())
    rows.append(["together", sum(len(names) for names in fields.values()), *totals])
    return table(["asked", "fields", *measured], rows)


def _answered(one: dict[str, Any], question: str) -> int:
    return sum(not mark for mark in one["questions"][question].get("fields", {}).values())


def _questions(measured: Measured, fields: dict[str, list[str]]) -> Iterator[str]:
    """A table for each question: fields that read the same in every set share a line."""
    sets = {name: one for name, one in measured.items() if one["datasets"]}
    for question, names in fields.items():
        lines: dict[tuple[str, ...], list[str]] = {}
        for name in names:
            marks = tuple(_mark(one["questions"][question], name) for one in sets.values())
            if set(marks) != {"✓"}:
                lines.setdefault(marks, []).append(name)
        rows = []
        for marks, listed in lines.items():
            filling = [name for name, mark in zip(sets, marks, strict=True) if mark == "✓" and name in _ALONE]
            both = [name for name, mark in zip(sets, marks, strict=True) if mark == "✓"]
            rows.append([_named(listed), *marks, ", ".join(filling or both) or "none of them"])
        if rows:
            yield f"#### {question}"
            yield table(["fields", *sets, "filled by"], rows)


def _mark(answer: dict[str, Any], name: str) -> str:
    if "error" in answer:
        return str(answer["error"])
    mark = answer["fields"].get(name)
    return "–" if mark is None else mark or "✓"


def _named(names: list[str]) -> str:
    shown = ", ".join(code(name) for name in names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
