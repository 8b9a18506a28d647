"""What the vendor writes as text, read as our kinds: whole numbers, numbers, days, times, flags, words.

A value is a string or a number: signed decimals, zero or space padding, "" for missing. "" and "-" are null, never 0. A
value that does not fit is told apart from a missing one by its place in the column, so that its row can be rejected.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any

from sugeup.records import Kind

LARGEST = 2**62
"""No figure of a market is larger, in any unit of ours."""
_WHOLE = re.compile(r"[+-]?[0-9]+(?:\.0+)?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_YEARS = (1950, 2100)
_MISSING = frozenset({"", "-"})
_FLAGS = {"Y": True, "N": False}

Values = tuple[list[Any], list[int]]
"""The values of a column, null where missing or unreadable, and the places of those that are unreadable."""


def integers(texts: Sequence[object], unit: int = 1) -> Values:
    """Whole numbers times `unit` (won or shares in one of the vendor's): "-00000000000903000" -> -903000."""
    if all(type(text) is int and abs(text) <= LARGEST // unit for text in texts):
        return [text * unit for text in texts], []  # type: ignore[operator]
    written = [text for text in texts if type(text) is str]
    joined = "".join(written)
    if len(written) == len(texts) and "_" not in joined and joined.isascii():
        try:
            plain = list(map(int, written))
        except ValueError:
            return _each(texts, functools.partial(_integer, unit=unit))
        if plain and max(plain) <= LARGEST // unit and min(plain) >= -(LARGEST // unit):
            return (plain if unit == 1 else [value * unit for value in plain]), []
    return _each(texts, functools.partial(_integer, unit=unit))


def numbers(texts: Sequence[object], unit: int = 1) -> Values:
    """Finite numbers with decimals."""
    return _each(texts, _number)


def days(texts: Sequence[object], unit: int = 1) -> Values:
    """Days written YYYYMMDD; zeros alone are missing."""
    return _each(texts, _day)


def words(texts: Sequence[object], unit: int = 1) -> Values:
    """Text without the spaces around it; empty is null."""
    return _each(texts, lambda text: text or None)


def flags(texts: Sequence[object], unit: int = 1) -> Values:
    """Y or N."""
    return _each(texts, _FLAGS.__getitem__)


READERS: dict[Kind, Callable[[Sequence[object], int], Values]] = {
    Kind.INTEGER: integers,
    Kind.NUMBER: numbers,
    Kind.DATE: days,
    Kind.TEXT: words,
    Kind.BOOLEAN: flags,
}
ALLOWED: dict[Kind, str] = {
    Kind.INTEGER: "a whole number",
    Kind.NUMBER: "a finite number",
    Kind.DATE: "a day written YYYYMMDD",
    Kind.TEXT: "text",
    Kind.BOOLEAN: "Y or N",
}
"""What a value of each kind has to be, in words."""


def clock(text: str) -> time | None:
    """Time of day written HHMMSS; None for what is no time of one day (markers such as 888888, hours beyond 24)."""
    stripped = text.strip()
    if len(stripped) != 6 or not (stripped.isascii() and stripped.isdigit()):
        return None
    hour, minute, second = int(stripped[:2]), int(stripped[2:4]), int(stripped[4:])
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _each(texts: Sequence[object], read: Callable[[str], Any]) -> Values:
    found: list[Any] = []
    bad: list[int] = []
    for place, text in enumerate(texts):
        value = None
        written = _written(text)
        if written not in _MISSING:
            try:
                value = read(written)
            except (ValueError, KeyError):
                bad.append(place)
        found.append(value)
    return found, bad


def _written(value: object) -> str:
    """The text of a value, stripped; a bare number has one too, a list or an object has none that is readable."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else f"a {type(value).__name__}"


def _integer(text: str, unit: int) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    value = int(text.partition(".")[0])
    if abs(value) > LARGEST // unit:
        raise ValueError(text)
    return value * unit


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text) or not math.isfinite(value := float(text)):
        raise ValueError(text)
    return value


@functools.lru_cache(maxsize=20_000)
def _day(text: str) -> date | None:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        if text.strip("0"):
            raise ValueError(text)
        return None
    if text == "00000000":
        return None
    year = int(text[:4])
    if not _YEARS[0] <= year <= _YEARS[1]:
        raise ValueError(text)
    return date(year, int(text[4:6]), int(text[6:]))
