"""Answers on a terminal: rich tables with net buying red and net selling blue, as in Korea; CSV; JSON."""

from __future__ import annotations

import csv
import logging
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import orjson
from rich.console import Console
from rich.text import Text

from sugeup.errors import SugeupError
from sugeup.usecases.wording import Grid

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.table import Table

    from sugeup.registry import UseCase

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)


def show(case: UseCase, answer: BaseModel, *, as_json: bool, as_csv: bool, detailed: bool) -> None:
    """Print an answer in the form that was asked for."""
    from sugeup.faces import payload
    from sugeup.usecases.whole_text import page

    if as_json:
        write_json(payload.plain(answer))
    elif as_csv:
        write_csv(case.rows(answer))
    else:
        parts = list(case.text(answer))
        show_parts(page(parts, payload.plain(answer)) if detailed else parts)


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


def show_error(error: Exception, *, as_json: bool) -> int:
    """Print an error to the error stream; its exit code. Of one that nobody foresaw the traceback is logged (DEBUG)."""
    if isinstance(error, SugeupError):
        code, said, hint, details, status = error.code, error.message, error.hint, error.details, error.exit_code
    else:
        logging.getLogger("sugeup.faces").debug("unforeseen error", exc_info=error)
        code, said, status = "INTERNAL", f"sugeup failed on its side: {type(error).__name__}: {error}", 70
        hint, details = "Run it again with LOG_LEVEL=DEBUG and report what it prints.", {}
    if as_json:
        told = {"code": code, "message": said, "hint": hint, "details": details}
        ERR.out(orjson.dumps({"error": {key: value for key, value in told.items() if value}}).decode())
        return status
    ERR.print(Text.assemble((f"{code}: ", "bold red"), said), soft_wrap=True)
    if hint:
        ERR.print(Text(f"→ {hint}"), soft_wrap=True)
    return status


def _table(grid: Grid) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(grid.header):
        table.add_column(name, justify="left" if number in grid.words else "right", overflow="fold")
    for row in grid.rows:
        table.add_row(*(Text(cell, style=_colour(cell)) for cell in row))
    return table


def _colour(cell: str) -> str:
    if cell[:1] == "+" and cell.strip("+0.,"):
        return "red"
    return "blue" if cell[:1] == "-" else ""
