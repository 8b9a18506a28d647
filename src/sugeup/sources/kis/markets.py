"""Our markets and indices in the vendor's codes. A sector is its index code of four digits: 0xxx KOSPI, 1xxx KOSDAQ."""

from __future__ import annotations

import re

from sugeup.errors import Refused

INDICES = {"KOSPI": "0001", "KOSDAQ": "1001", "KOSPI200": "2001"}
_SECTOR = re.compile(r"[0-9]{4}")
_BOARDS = {"0": "KSP", "1": "KSQ"}
_DERIVATIVES = {
    "KOSPI200_FUTURES": ("K2I", "F001"),
    "KOSPI200_CALL": ("K2I", "OC01"),
    "KOSPI200_PUT": ("K2I", "OP01"),
    "STOCK_FUTURES": ("999", "S001"),
}
_PRODUCTS = {"ETF": ("ETF", "T000"), "ETN": ("ETN", "E199"), "ELW": ("ELW", "W000")}
PROGRAMS = {"KOSPI": "K", "KOSDAQ": "Q"}
BOARDS = {"KOSPI": "K", "KOSDAQ": "Q", "KOSPI200": "K2"}


def index(scope: str) -> str:
    """The vendor's code of an index or a sector; Refused when it is neither."""
    code = INDICES.get(scope, scope)
    if not _SECTOR.fullmatch(code):
        raise Refused(f"{scope!r} is no index; allowed: {', '.join(INDICES)}, or a sector code of four digits.")
    return code


def board(code: str, scope: str) -> str:
    """The market in which a sector's investors are counted; Refused where they are not."""
    if code[0] not in _BOARDS:
        raise Refused(f"{scope!r} has no investors by day; allowed: KOSPI, KOSDAQ, sectors 0002 to 1999.")
    return _BOARDS[code[0]]


def pair(scope: str) -> tuple[str, str]:
    """Market and sector of the investors of the running day; a pair that does not fit is answered with zeros."""
    named = (_DERIVATIVES | _PRODUCTS).get(scope)
    if named is not None:
        return named
    code = index(scope)
    return board(code, scope), code


def derivative(scope: str) -> bool:
    """Whether volumes of the scope are contracts."""
    return scope in _DERIVATIVES


def products(scope: str) -> str:
    """Whether the scope's figures are of stocks alone."""
    return "ALL" if scope in _DERIVATIVES or scope in _PRODUCTS else "STOCK"


def letter(scope: str, letters: dict[str, str]) -> str:
    """The vendor's letter of a market; Refused when it has none."""
    if scope not in letters:
        raise Refused(f"market {scope!r} is not offered here; allowed: {', '.join(letters)}.")
    return letters[scope]


def security(code: str) -> str:
    """The vendor's code of a security: ETNs, which are the codes from 500000 to 799999, have a Q ahead."""
    return f"Q{code}" if code[:1] in "567" and code.isdigit() and len(code) == 6 else code


def unmarked(code: str) -> str:
    """Our code of a security: without the padding and the Q of ETNs."""
    stripped = code.strip()
    return stripped[1:] if len(stripped) == 7 and stripped[0] == "Q" else stripped
