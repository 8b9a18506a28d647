"""The pages of what belongs together: the industry of every stock of a market, the members of an index."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sugeup.market import sector_names
from sugeup.sandbox.krx_login.desk import Desk, Row, share, whole
from sugeup.sandbox.krx_login.pages import SIGNS

KOSPI200 = ("1", "028")
"""The index that the simulated market has, by the two parts of its number; the others have no members."""


def industries(desk: Desk) -> list[Row]:
    """업종분류 현황 of a session that is over; a stock without an industry is not on it."""
    day = desk.dated("trdDd")
    if day is None:
        return []
    found = ((row, *desk.figures.sector(row["ISU_SRT_CD"], day)) for row in _priced(desk, day, desk.codes(day)))
    return [
        row | {"MKT_TP_NM": desk.market, "IDX_IND_NM": named(code, name, desk.market)}
        for row, code, name in found
        if code
    ]


def members(desk: Desk) -> list[Row]:
    """지수구성종목 of a session that is over."""
    day = desk.dated("trdDd")
    if day is None or (desk.given.get("indIdx"), desk.given.get("indIdx2")) != KOSPI200:
        return []
    rows = _priced(desk, day, [code for code in desk.figures.codes if code in desk.figures.large])
    return [{"STR_CMP_PRC" if name == "CMPPREVDD_PRC" else name: told for name, told in row.items()} for row in rows]


def named(code: str, name: str, market: str) -> str:
    """What the exchange calls the industry with this code; the simulated market numbers a few otherwise than it does.

    Where the exchange has no such code the simulated name stands with it, which is a name that nobody knows.
    """
    known = sector_names.industry(code)
    return known.korean if known is not None and known.market == market else f"{name} {code}"


def _priced(desk: Desk, day: date, codes: Iterable[str]) -> list[Row]:
    """The columns of the price that both pages have, of the stocks that have one."""
    bars = desk.figures.day("daily_bars", day) if desk.over(day) else {}
    found = []
    for code in codes:
        bar = bars.get(code)
        if bar is None:
            continue
        change = bar["raw_close"] - bar["base_price"]
        found.append(
            {
                "ISU_SRT_CD": code,
                "ISU_ABBRV": desk.name(code),
                "TDD_CLSPRC": whole(bar["raw_close"]),
                "FLUC_TP_CD": SIGNS[(change > 0) - (change < 0)],
                "CMPPREVDD_PRC": whole(change),
                "FLUC_RT": share(change, bar["base_price"]),
                "MKTCAP": whole(bar["market_cap"]),
            }
        )
    return found
