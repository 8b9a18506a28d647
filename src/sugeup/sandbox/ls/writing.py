"""LS writes whole numbers as JSON numbers and decimals as text, some of it filled with zeros in front ("000.44").

Amounts and shares in a larger unit are rounded half away from zero from exact won and shares. A figure that the vendor
does not have is 0, text that it does not have is blank: it has no word for missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

Value = int | str
Row = dict[str, Value]

THOUSAND, MILLION, EOK = 1_000, 1_000_000, 100_000_000
NARROW, WIDE = 6, 9
"""Characters of a padded decimal: of a percentage, of a larger figure."""
_TEXT = frozenset({"text", "code", "date", "time", "flag"})
_DECIMAL = frozenset({"percent", "points"})
_PARTS = ("diff", "rate", "jisu")
_BY_NAME: Mapping[str, Value] = {
    "sign": "3", "memedan": "00001", "spac_gubun": "N", "etfgubun": "0", "etfchk": "0", "tonghwa": "KRW",
    "low_lqdt_gu": "0", "abnormal_rise_gu": "0", "exhratio": "0.00", "per": "000.00", "pbrx": "000.00",
    "t_per": "000.00", "vol": "000.00", "ftradmddiff": "000.00", "ftradmsdiff": "000.00", "divrate": "0.00",
    "diff_vol": "0.00", "uprate": "0.00", "salert": "0.00", "opert": "0.00", "ordrt": "0.00", "netrt": "0.00",
    "epsrt": "0.00", "bfeps": "0.00", "bfeps2": "0.00", "volumerate": "0.00", "valuerate": "0.00", "vol_rate": "0.00",
}  # fmt: skip
"""Fields whose blank is another than that of their unit."""


def units(value: int | None, unit: int) -> int:
    """A whole number in a larger unit, half away from zero; 0 when there is none."""
    if value is None or unit == 1:
        return value or 0
    half = unit // 2
    return (value + half) // unit if value >= 0 else -((half - value) // unit)


def decimals(value: float | None) -> str:
    """Two decimals; 0.00 when there is none."""
    text = f"{value or 0.0:.2f}"
    return "0.00" if text == "-0.00" else text


def padded(value: float | None, width: int = NARROW) -> str:
    """Two decimals with zeros in front, the minus sign first."""
    text = f"{value or 0.0:0{width}.2f}"
    return text.replace("-", "0") if not float(text) else text


def share(part: float | None, of: float | None) -> float:
    """Percent of a whole; 0 of nothing."""
    return 100 * part / of if part and of else 0.0


def sign(change: float, limit: int = 0) -> str:
    """The vendor's code of a change: 2 up, 3 unchanged, 5 down; 1 and 4 at the limits (`limit` 1 or -1)."""
    if limit:
        return "1" if limit > 0 else "4"
    return "2" if change > 0 else "5" if change < 0 else "3"


def day(value: date | None) -> str:
    """A date as eight digits; blank when there is none."""
    return "" if value is None else f"{value.year:04d}{value.month:02d}{value.day:02d}"


def hour(minute: int) -> str:
    """Minutes since midnight as six digits."""
    return f"{minute // 60:02d}{minute % 60:02d}00"


def spread(name: str) -> str:
    """Names of the large indices are stretched with blanks: 종       합."""
    return name if len(name) != 2 else f"{name[0]}       {name[1]}"


def blank(fields: Mapping[str, str]) -> Row:
    """A row in which nothing is filled in, by the units of its fields."""
    return {name: _blank(name, unit) for name, unit in fields.items()}


def _blank(name: str, unit: str) -> Value:
    if name in _BY_NAME:
        return _BY_NAME[name]
    if unit in _TEXT:
        return ""
    if unit in _DECIMAL or (name.endswith(_PARTS) and unit in {"", "unknown"}):
        return "0.00"
    return "3" if unit == "sign" else 0


def body(blocks: Mapping[str, Any]) -> dict[str, Any]:
    """A successful answer: code and words of the gateway, then the blocks."""
    return {"rsp_cd": "00000", "rsp_msg": "조회완료", **blocks}
