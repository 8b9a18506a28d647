"""업종별 종목: the stocks of an index or industry, twenty at a time in the order of their codes.

A wide industry (제조, 금융) has the stocks of those inside it too, as the exchange counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sugeup.sandbox.figures import Found
from sugeup.sandbox.ls.desk import LARGE, Desk, Told, sector
from sugeup.sandbox.ls.index import standing
from sugeup.sandbox.ls.writing import EOK, MILLION, Row, padded, share, sign, units

ROWS = 20
"""Stocks of a page, of which the vendor does not say how many there are."""
INSIDE: Mapping[str, tuple[str, ...]] = {
    "021": ("024", "025"),
    "027": ("005", "006", "007", "008", "009", "010", "011", "012", "013", "014", "015"),
    "309": ("319", "320", "321", "322", "323", "324", "325", "326", "327", "328", "329", "330", "331"),
}
"""Industries that a wide one holds."""
WIDTHS = {"pricejisu": 12, "change": 7, "diff_vol": 10}
"""Characters of figures that are filled with zeros."""
_MARKETS = {"001": "KOSPI", "301": "KOSDAQ"}
_OF_GUBUN = {"1": "KOSPI", "2": "KOSDAQ"}


def t1516(desk: Desk) -> Told:
    """The stocks of an index behind the one that is named; the last one shown is named where more follow."""
    code, behind = desk.text("upcode"), desk.text("shcode")
    market = "KOSDAQ" if code >= "300" else "KOSPI"
    inside = _inside(desk, code) if _OF_GUBUN.get(desk.text("gubun")) == market else None
    listed = ((one, desk.figures.listed(one, desk.moment.day)) for one in sorted(desk.figures.codes))
    names = [one for one, found in listed if inside and found and found["market"] == market and inside(one, found)]
    left = [one for one in names if one > behind]
    shown, more = left[:ROWS], len(left) > ROWS
    head = _head(desk, code) | {"shcode": shown[-1] if more else ""}
    return Told(
        {"t1516OutBlock": head, "t1516OutBlock1": [_row(desk, one) for one in shown]},
        more,
        f"t1516{shown[-1]}" if more else "",
    )


def _inside(desk: Desk, code: str) -> Callable[[str, Found], bool]:
    if code in _MARKETS:
        return lambda _one, found: bool(found["market"] == _MARKETS[code])
    if code in LARGE:
        return lambda one, _found: one in desk.figures.large
    wanted = {sector(each) for each in (code, *INSIDE.get(code, ()))} - {""}
    return lambda one, _found: desk.figures.sector(one, desk.moment.day)[0] in wanted


def _head(desk: Desk, code: str) -> Row:
    """The index itself; blank where it has no days here."""
    now, before = standing(desk, sector(code))
    if not now:
        return desk.empty("t1516OutBlock")
    change = round(now["close"] - before["close"], 2)
    return {
        "pricejisu": padded(now["close"], WIDTHS["pricejisu"]),
        "sign": sign(change),
        "change": padded(abs(change), WIDTHS["change"]),
        "jdiff": padded(share(change, before["close"])),
    }


def _row(desk: Desk, code: str) -> Row:
    row = desk.empty("t1516OutBlock1") | {"hname": desk.name(code), "shcode": code, "beta": "0.0000"}
    quote = desk.quote(code)
    if quote is None:
        return row
    return row | {
        "price": quote.price,
        "sign": sign(quote.change, quote.limit),
        "change": abs(quote.change),
        "diff": padded(share(quote.change, quote.base)),
        "volume": quote.volume,
        "open": quote.open,
        "high": quote.high,
        "low": quote.low,
        "diff_vol": padded(share(quote.volume - quote.previous_volume, quote.previous_volume), WIDTHS["diff_vol"]),
        "total": units(quote.price * quote.listed_shares, EOK),
        "value": units(quote.amount, MILLION),
    }
