"""Our markets and indices in the vendor's codes, which differ from one question to the next."""

from __future__ import annotations

import re
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
KOSDAQ = "300"
"""Codes from here on are of KOSDAQ: 301 is the whole market, which the exchange counts as 1001."""
_INDUSTRY = re.compile(r"[01]0[0-9]{2}")
"""The exchange's code of an industry: 0013 of KOSPI, 1028 of KOSDAQ."""


def written(scope: str, codes: Mapping[str, T]) -> T:
    """The vendor's word for a scope; Refused when it has none."""
    if scope not in codes:
        raise Refused(f"{scope!r} is not offered here; allowed: {', '.join(codes)}.")
    return codes[scope]


def industry(code: str) -> str:
    """Our code of a three-digit one: 013 is 0013, an industry of KOSPI; 328 is 1028, one of KOSDAQ."""
    return f"0{code}" if code < KOSDAQ else f"1{int(code) - int(KOSDAQ):03d}"


def index(scope: str) -> str:
    """The vendor's code of an index or an industry; Refused when it is neither."""
    if not _INDUSTRY.fullmatch(scope):
        return _or_industry(scope, INDICES)
    return scope[1:] if scope[0] == "0" else f"{int(scope[1:]) + int(KOSDAQ):03d}"


def day(scope: str) -> tuple[str, str]:
    """Market and code of a question about days (`DAYS`), of a market or one of its industries; Refused for others."""
    if not _INDUSTRY.fullmatch(scope):
        return _or_industry(scope, DAYS)
    return DAYS["KOSPI" if scope[0] == "0" else "KOSDAQ"][0], index(scope)


def _or_industry(scope: str, codes: Mapping[str, T]) -> T:
    if scope not in codes:
        raise Refused(f"{scope!r} is not offered here; allowed: {', '.join(codes)}, or an industry of four digits.")
    return codes[scope]


def products(scope: str) -> str:
    """Whether the scope's figures are of stocks alone."""
    return "ALL" if scope in DERIVATIVES else "STOCK"
