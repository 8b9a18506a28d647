"""Answers on a terminal: rich tables with net buying red and net selling blue, as in Korea; CSV; JSON."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from typing import Any

import orjson
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sugeup.errors import SugeupError
from sugeup.faces import payload
from sugeup.registry import UseCase
from sugeup.usecases.wording import Grid

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)


def show(case: UseCase, answer: BaseModel, *, as_json: bool, as_csv: bool, detailed: bool) -> None:
    """Print an answer in the form that was asked for."""
    if as_json:
        write_json(payload.plain(answer))
    elif as_csv:
        write_csv(case.rows(answer))
    else:
        show_parts(case.text(answer, detailed))


def show_parts(parts: Iterable[object]) -> None:
    """Print lines and tables; a table that goes to a file or another program keeps its full width."""
    for part in parts:
        if isinstance(part, Grid) and OUT.is_terminal:
            OUT.print(_table(part))
        else:
            OUT.print(Text(str(part)), soft_wrap=True)


def write_json(value: Any) -> None:
    """Print JSON, indented."""
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.flush()


def write_csv(rows: list[dict[str, Any]]) -> None:
    """Print CSV with a header; a missing figure is an empty cell."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(sys.stdout, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def show_error(error: SugeupError, *, as_json: bool) -> None:
    """Print an error to the error stream."""
    if as_json:
        ERR.print(orjson.dumps({"error": payload.error_object(error)}).decode(), soft_wrap=True, markup=False)
        return
    ERR.print(Text.assemble((f"{error.code}: ", "bold red"), error.message), soft_wrap=True)
    if error.hint:
        ERR.print(Text(f"→ {error.hint}"), soft_wrap=True)


def _table(grid: Grid) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(grid.header):
        table.add_column(name, justify="left" if number == 0 else "right", overflow="fold")
    for row in grid.rows:
        table.add_row(*(Text(cell, style=_colour(cell)) for cell in row))
    return table


def _colour(cell: str) -> str:
    if cell[:1] == "+" and cell.strip("+0.,"):
        return "red"
    return "blue" if cell[:1] == "-" else ""
