"""KIS answers as text: every number is a string, units are cut as the vendor cuts them, blocks stand in an envelope.

Amounts in a larger unit are rounded half away from zero from exact won. Missing is `""`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

import orjson

Row = dict[str, str]
Block = Row | list[Row]

MILLION, THOUSAND, TEN_THOUSAND, EOK = 1_000_000, 1_000, 10_000, 100_000_000
DONE = ("MCA00000", "정상처리 되었습니다.")


def whole(value: int | None) -> str:
    """A whole number; empty when there is none."""
    return "" if value is None else str(value)


def units(value: int | None, unit: int) -> str:
    """A whole number in a larger unit, half away from zero; empty when there is none."""
    if value is None:
        return ""
    if unit == 1:
        return str(value)
    half = unit // 2
    return str((value + half) // unit if value >= 0 else -((half - value) // unit))


def hundredths(value: float | None) -> str:
    """Two decimals; empty when there is none."""
    if value is None:
        return ""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text


def share(part: float | None, of: float | None) -> str:
    """Percent of a whole with two decimals; 0.00 of nothing."""
    return hundredths(100 * part / of if part is not None and of else 0.0)


def padded(value: int) -> str:
    """A whole number as 18 characters, zeros in front, the minus sign first."""
    return f"{value:018d}"


def spaced(text: str, width: int) -> str:
    """Text filled with spaces; a syllable is one character here, as the gateway counts."""
    return text.ljust(width)


def sign(change: float, limit: int = 0) -> str:
    """The vendor's code of a change: 2 up, 3 unchanged, 5 down; 1 and 4 at the limits (`limit` 1 or -1)."""
    if limit:
        return "1" if limit > 0 else "4"
    return "2" if change > 0 else "5" if change < 0 else "3"


def day(value: date | None) -> str:
    """A date as eight digits; empty when there is none."""
    return "" if value is None else f"{value.year:04d}{value.month:02d}{value.day:02d}"


def clock(value: time) -> str:
    """A time of day as six digits."""
    return f"{value.hour:02d}{value.minute:02d}{value.second:02d}"


def minute(value: int) -> str:
    """Minutes since midnight as six digits."""
    return f"{value // 60:02d}{value % 60:02d}00"


_NEUTRAL = {
    "text": "",
    "code": "",
    "date": "",
    "time": "",
    "": "",
    "flag": "N",
    "sign": "3",
    "percent": "0.00",
    "points": "0.00",
    "times (배)": "0.00",
    "ratio": "0.00",
    "greek (dimensionless)": "0.0000",
}
"""What stands where the simulated market has no figure, by unit; other units are numbers and get 0."""
_WRITTEN = {"eps": "0.00", "bps": "0.00", "frnr_psnl_lmt_rt": "0.00000000"}
"""Fields that are written with other decimals than their unit."""


def template(fields: Mapping[str, str]) -> Row:
    """A row of a block in which nothing is filled in."""
    return {name: _WRITTEN.get(name) or _NEUTRAL.get(unit, "0") for name, unit in fields.items()}


@dataclass(frozen=True)
class Answer:
    """What goes back: status, the body as an object, and whether another page follows (header tr_cont)."""

    body: Mapping[str, Any]
    status: int = 200
    more: str = ""

    def text(self) -> bytes:
        """The body on the wire."""
        return orjson.dumps(self.body)


def done(blocks: Mapping[str, Any], code: str = DONE[0], said: str = DONE[1], more: str = "") -> Answer:
    """A successful answer; blocks first, as the vendor writes them."""
    return Answer({**blocks, "rt_cd": "0", "msg_cd": code, "msg1": said}, more=more)


def failed(code: str, said: str, *, rt: str = "1", status: int = 500) -> Answer:
    """An answer that says why not."""
    return Answer({"rt_cd": rt, "msg_cd": code, "msg1": said}, status=status)


def too_often(status: int = 500) -> Answer:
    """EGW00201: the call was not executed."""
    return failed("EGW00201", "초당 거래건수를 초과하였습니다.", status=status)


def no_field(name: str) -> Answer:
    """A parameter was left out."""
    return failed("OPSQ2001", f"ERROR INPUT FIELD NOT FOUND [{name}]", rt="2", status=200)


def bad_field(name: str) -> Answer:
    """A parameter holds what it must not."""
    return failed("OPSQ2001", f"ERROR INVALID {name}", rt="2", status=200)
