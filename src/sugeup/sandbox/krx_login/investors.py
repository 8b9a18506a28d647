"""The pages of investors: net purchases of every stock by one investor, a market by day, programme trading."""

from __future__ import annotations

from datetime import date, timedelta

from sugeup.sandbox.figures import Found
from sugeup.sandbox.krx_login.desk import Desk, Row, slashed, whole

LONGEST = timedelta(days=730)
CODES = {
    "1000": ("financial_investment",),
    "2000": ("insurance",),
    "3000": ("investment_trust",),
    "3100": ("private_fund",),
    "4000": ("bank",),
    "5000": ("other_financial",),
    "6000": ("pension_fund",),
    "7000": ("government",),
    "7050": ("institution",),
    "7100": ("other_corporation",),
    "8000": ("individual",),
    "9000": ("foreign_registered",),
    "9001": ("foreign_other",),
    "9999": ("individual", "foreign", "institution", "other_corporation"),
}
"""Investor codes of the exchange, and which of the market's investors they are; 전체 is everybody."""
COLUMNS = (
    ("financial_investment",),
    ("insurance",),
    ("investment_trust",),
    ("private_fund",),
    ("bank",),
    ("other_financial",),
    ("pension_fund", "government"),
    ("other_corporation",),
    ("individual",),
    ("foreign_registered",),
    ("foreign_other",),
)
"""TRDVAL1 to TRDVAL11: 국가·지자체 has no column of its own and is counted under 연기금 등."""
_KINDS = (("차익", "arbitrage"), ("비차익", "non_arbitrage"), ("전체", "program"))


def net_purchases(desk: Desk) -> list[Row]:
    """What one investor bought and sold of every stock between two days; who traded nothing of a stock is left out."""
    who = CODES.get(desk.given.get("invstTpCd", ""), ())
    first, last = desk.dated("strtDd"), desk.dated("endDd")
    if not who or first is None or last is None or not desk.market:
        return []
    totals: dict[str, list[int]] = {}
    for day in (one for one in desk.moment.sessions if first <= one <= last):
        flows = desk.flows(day)
        for code in desk.codes(day):
            if code in flows:
                held = totals.setdefault(code, [0, 0, 0, 0])
                for place, name in enumerate(("sell_volume", "buy_volume", "sell_amount", "buy_amount")):
                    held[place] += sum(flows[code][f"{one}_{name}"] for one in who)
    traded = [(code, figures) for code, figures in totals.items() if any(figures)]
    traded.sort(key=lambda one: one[1][3] - one[1][2], reverse=True)
    return [
        {
            "ISU_SRT_CD": code,
            "ISU_NM": desk.name(code),
            "ASK_TRDVOL": whole(sold),
            "BID_TRDVOL": whole(bought),
            "NETBID_TRDVOL": whole(bought - sold),
            "ASK_TRDVAL": whole(took),
            "BID_TRDVAL": whole(paid),
            "NETBID_TRDVAL": whole(paid - took),
        }
        for code, (sold, bought, took, paid) in traded
    ]


def market_by_day(desk: Desk) -> list[Row]:
    """Every investor of a market by day, newest first: bought, sold or the difference, in shares or won."""
    first, last, newest = desk.dated("strtDd"), desk.dated("endDd"), desk.moment.investors
    measure = {"1": "volume", "2": "amount"}.get(desk.given.get("trdVolVal", ""))
    side = {"1": "sell", "2": "buy", "3": "net"}.get(desk.given.get("askBid", ""))
    asked = first is not None and last is not None and last - first <= LONGEST
    if not asked or newest is None or measure is None or side is None or not desk.market:
        return []
    history = desk.figures.scope("investor_day_market", desk.market)
    return [
        _by_column(row, f"{side}_{measure}")
        for row in history.newest_first(first, min(last or newest, newest))
        if row["products"] == "STOCK"
    ]


def program(desk: Desk) -> list[Row]:
    """차익, 비차익 and both of a market, added up over the sessions between two days."""
    first, last = desk.dated("strtDd"), desk.dated("endDd")
    if first is None or last is None or not desk.market:
        return []
    history = desk.figures.scope("program_day_market", desk.market)
    rows = [row for row in history.newest_first(first, last) if desk.over(row["session"])]
    if not rows:
        return []
    found = []
    for label, kind in _KINDS:
        told = {name: sum(row[f"{kind}_{name}"] for row in rows) for name in _FIGURES.values()}
        found.append({"ITM_TP_NM": label} | {field: whole(told[name]) for field, name in _FIGURES.items()})
    return found


_FIGURES = {
    "ASK_TRDVOL": "sell_volume",
    "BID_TRDVOL": "buy_volume",
    "NETBID_TRDVOL": "net_volume",
    "ASK_TRDVAL": "sell_amount",
    "BID_TRDVAL": "buy_amount",
    "NETBID_TRDVAL": "net_amount",
}


def _by_column(row: Found, measured: str) -> Row:
    day: date = row["session"]
    figures = [sum(row[f"{name}_{measured}"] for name in names) for names in COLUMNS]
    told = {f"TRDVAL{number}": whole(figure) for number, figure in enumerate(figures, 1)}
    return {"TRD_DD": slashed(day), **told, "TRDVAL_TOT": whole(sum(figures))}
