"""How numbers and times are written for people: 억원 with a sign, percent, Seoul time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
ABSENT = "–"
_EOK, _JO_IN_EOK = 100_000_000, 10_000


def moment(instant: datetime) -> str:
    """An instant in Seoul time, ISO 8601 with +09:00, to the second."""
    return instant.astimezone(SEOUL).replace(microsecond=0).isoformat()


def signed(value: float | None, digits: int = 0) -> str:
    """A number with its sign and thousands: +1,234; a dash where it is missing."""
    return ABSENT if value is None else f"{value:+,.{digits}f}"


def plain(value: float | None, digits: int = 0) -> str:
    """A number with thousands; a dash where it is missing."""
    return ABSENT if value is None else f"{value:,.{digits}f}"


def eok(won: int | None) -> str:
    """Won in 억원 (100 million), signed; small amounts keep two decimals."""
    if won is None:
        return ABSENT
    scaled = won / _EOK
    return signed(scaled, 0 if abs(scaled) >= 100 or won == 0 else 2)


def run(streak: int | None) -> str:
    """Sessions in a row: 3일 매수, 2일 매도; 0 where the last one was neither."""
    if streak is None:
        return ABSENT
    return f"{abs(streak)}일 {'매수' if streak > 0 else '매도'}" if streak else "0"


def told_apart(codes: Sequence[str], names: Sequence[str]) -> list[str]:
    """Names of sectors; with its code where two of them have one name, as industries of two markets do."""
    return [f"{name}({code})" if names.count(name) > 1 else name for code, name in zip(codes, names, strict=True)]


def sessions_in(days: Sequence[date]) -> str:
    """A run of sessions as text."""
    return str(days[0]) if len(days) == 1 else f"{days[0]}~{days[-1]} ({len(days)} sessions)"


@dataclass(frozen=True)
class Grid:
    """A table of cells already written for people; its text has the columns of `words` left, the others right."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[int] = (0,)

    def __str__(self) -> str:
        lines = [self.header, *self.rows]
        widths = [max(screen_width(line[column]) for line in lines) for column in range(len(self.header))]
        return "\n".join(
            "  ".join(_pad(cell, widths[at], left=at in self.words) for at, cell in enumerate(line)).rstrip()
            for line in lines
        )


def screen_width(text: str) -> int:
    """Columns that a text takes on a screen: two for a Hangul syllable."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - screen_width(text))
    return text + space if left else space + text
