"""An answer in the forms that OpenBB Workspace shows: rows for a chart, a page of Markdown. No new figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sugeup.usecases.wording import Grid

_SIGNS = re.compile(r"([\\`*<>|~])")
_MEASURES = ("net_amount", "net_volume")


@dataclass(frozen=True)
class Chart:
    """A chart of a use-case's rows: `x` is its category, `series` its columns; `long`: one row per investor."""

    kind: str
    x: str
    series: tuple[str, ...]
    long: bool = False


_GROUPS = ("individual", "foreign", "institution")
CHARTS: Mapping[str, Chart] = {
    "get_holdings": Chart("line", "session", ("held_shares",)),
    "get_market_flows": Chart("column", "session", _GROUPS, long=True),
    "get_market_minutes": Chart("line", "at", _GROUPS, long=True),
    "get_prices": Chart("line", "session", ("close",)),
    "get_sentiment_history": Chart("line", "session", _GROUPS),
    "get_shorts": Chart("column", "session", ("short_volume",)),
    "get_stock_flows": Chart("column", "session", _GROUPS, long=True),
    "get_stock_indicators": Chart("line", "session", ("close", "sma_20", "sma_60")),
}
"""Use-cases by function name whose rows make a chart."""


def charted(chart: Chart, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a chart, oldest first.

    Long rows become one row per moment, an investor a column; `measure` says whether it is won or shares: won where any
    row has them, else shares. An investor without a figure is null.
    """
    if not chart.long:
        return sorted((dict(row) for row in rows), key=lambda row: str(row[chart.x]))
    measure = next((one for one in _MEASURES if any(row.get(one) is not None for row in rows)), _MEASURES[0])
    investors = dict.fromkeys([*chart.series, *(row["investor"] for row in rows)])
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        moment = str(row[chart.x])
        line = found.setdefault(moment, {chart.x: moment, "measure": measure} | dict.fromkeys(investors))
        line[row["investor"]] = row.get(measure)
    return [found[moment] for moment in sorted(found)]


def markdown(parts: Iterable[object]) -> str:
    """A page of lines and tables as Markdown; signs that Markdown would read as its own are escaped."""
    return "\n\n".join(_table(part) if isinstance(part, Grid) else _lines(str(part)) for part in parts if str(part))


def _lines(text: str) -> str:
    return "  \n".join(_plain(line.strip()) for line in text.splitlines())


def _table(grid: Grid) -> str:
    width = range(len(grid.header))
    lines = [grid.header, [":--" if column == 0 else "--:" for column in width], *grid.rows]
    return "\n".join(
        "| " + " | ".join(cell if number == 1 else _plain(cell) for cell in line) + " |"
        for number, line in enumerate(lines)
    )


def _plain(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text)
