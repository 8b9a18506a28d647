"""Our markets and indices in the vendor's codes, which differ from one question to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from sugeup.errors import Refused

T = TypeVar("T")
INDICES = {"KOSPI": "001", "KOSDAQ": "301", "KOSPI200": "101"}
DERIVATIVES = ("KOSPI200_FUTURES", "KOSPI200_CALL", "KOSPI200_PUT")
MINUTES = {
    "KOSPI": ("1", "001"),
    "KOSDAQ": ("3", "301"),
    "KOSPI200_FUTURES": ("4", "900"),
    "KOSPI200_CALL": ("5", "700"),
    "KOSPI200_PUT": ("6", "800"),
}
"""t1602: market and index code; here KOSDAQ is 3, calls come before puts."""
DAYS = {
    "KOSPI": ("1", "001"),
    "KOSDAQ": ("3", "301"),
    "KOSPI200_FUTURES": ("4", "900"),
    "KOSPI200_PUT": ("5", "800"),
    "KOSPI200_CALL": ("6", "700"),
}
"""t1665: puts come before calls."""
PANELS = {"KOSPI": 1, "KOSDAQ": 2, "KOSPI200_FUTURES": 3, "KOSPI200_CALL": 4, "KOSPI200_PUT": 5}
"""t1601: number of the block; what the sixth one is nobody says."""
PROGRAMS = {"KOSPI": "0", "KOSDAQ": "1"}


def written(scope: str, codes: Mapping[str, T]) -> T:
    """The vendor's word for a scope; Refused when it has none."""
    if scope not in codes:
        raise Refused(f"{scope!r} is not offered here; allowed: {', '.join(codes)}.")
    return codes[scope]


def products(scope: str) -> str:
    """Whether the scope's figures are of stocks alone."""
    return "ALL" if scope in DERIVATIVES else "STOCK"
