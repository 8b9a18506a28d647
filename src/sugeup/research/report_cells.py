"""Cells of the tables of the accuracy report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNKNOWN = "–"


def mark(met: bool | None) -> str:
    """✓, ✗, or – where nothing was measured."""
    return UNKNOWN if met is None else "✓" if met else "✗"


def share(value: float | None) -> str:
    """A number with three decimals."""
    return UNKNOWN if value is None else f"{value:.3f}"


def span(low: float | None, high: float | None) -> str:
    """An interval of shares."""
    return UNKNOWN if low is None or high is None else f"{low:.2f}–{high:.2f}"


def rate(cell: Mapping[str, Any]) -> str:
    """A proportion with its interval and how many it is of."""
    if cell["value"] is None:
        return UNKNOWN
    return f"{cell['value']:.2f} ({span(cell['lo'], cell['hi'])}, n {cell['n']:,})"


def percent(mean: float | None, low: float | None, high: float | None) -> str:
    """A return in %, with its interval where there is one."""
    if mean is None:
        return UNKNOWN
    beside = "" if low is None or high is None else f" ({100 * low:+.2f} to {100 * high:+.2f})"
    return f"{100 * mean:+.2f}{beside}"


def points(gap: float | None) -> str:
    """A difference of two shares in percentage points."""
    return UNKNOWN if gap is None else f"{100 * gap:+.1f}"
