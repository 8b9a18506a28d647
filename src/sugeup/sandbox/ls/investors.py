"""외인기관 종목별: who bought and sold one stock by day, in three questions of different width.

In these questions 0018 (기관) lacks 국가, and 0017 is 기타법인 with 국가, not foreigners.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from sugeup.sandbox.figures import Found
from sugeup.sandbox.ls.desk import Desk, Told, moved
from sugeup.sandbox.ls.writing import MILLION, Row, decimals, share, units
from sugeup.sandbox.moment import EVENING, SETTLED
from sugeup.sandbox.revisions import provisional

CODES = {
    "0000": "private_fund", "0001": "financial_investment", "0002": "insurance", "0003": "investment_trust",
    "0004": "bank", "0005": "other_financial", "0006": "pension_fund", "0007": "other_corporation",
    "0008": "individual", "0009": "foreign_registered", "0010": "foreign_other", "0011": "government",
    "0018": "orgn", "0016": "foreign", "0017": "etc",
}  # fmt: skip
SIDES = {"0": "net", "1": "buy", "2": "sell"}
AMOUNT, VOLUME, PRICE = "0", "1", "2"
"""volvalgb: won come first here, as in questions about programme of a market and unlike those of a stock."""
WON = MILLION
ROWS = 60
"""Rows of a page, of which the vendor does not say how many there are."""
_HUNDRED = 100
"""By how much percentages of t1716 are too large."""


def days_of(desk: Desk, first: date | None, last: date | None, most: int = ROWS) -> pl.DataFrame:
    """Investors of the stock between two dates, oldest first; of the newest day as they stand until next morning."""
    newest = desk.moment.investors
    end = newest if last is None or newest is None else min(last, newest)
    frame = desk.figures.stock("investor_day_stock", desk.code).slice(first, end, most)
    if not frame.height or desk.moment.settled(session := frame["session"][-1]):
        return frame
    seed, place = desk.figures.market.plan.seed, desk.figures.place(desk.code)
    return pl.concat([frame[:-1], provisional(frame[-1:], seed, session, place, desk.revisions)])


def _beside(desk: Desk, first: date | None, last: date | None) -> list[Found]:
    """Bars of the same days, newest first; today's while it runs, beside which investors are zeros."""
    return desk.bars(desk.code, first, last, ROWS)


def _figures(frame: pl.DataFrame, side: str, measure: str) -> Iterator[tuple[date, list[int]]]:
    columns = [f"{name}_{side}_{measure}" for name in CODES.values()]
    for session, *values in frame.select("session", *columns).rows():
        yield session, values


def t1702(desk: Desk) -> Told:
    """One measure and side of every group by day, newest first."""
    if not desk.code:
        return Told({"t1702OutBlock1": []})
    first, last = desk.dated("fromdt"), desk.dated("todt")
    side, measured = SIDES[desk.text("msmdgb")], desk.text("volvalgb")
    bars = _beside(desk, first, last)
    frame = days_of(desk, bars[-1]["session"] if bars else None, last)
    if measured == PRICE:
        amounts, shares = dict(_figures(frame, side, "amount")), dict(_figures(frame, side, "volume"))
        found = {day: [_price(*pair) for pair in zip(amounts[day], shares[day], strict=True)] for day in amounts}
    else:
        unit = WON if measured == AMOUNT else 1
        figures = _figures(frame, side, "amount" if measured == AMOUNT else "volume")
        found = {day: [units(value, unit) for value in values] for day, values in figures}
    if desk.text("gubun") == "1":
        found = _summed(found)
    names = [f"tjj{code}" for code in CODES]
    rows = []
    for bar in bars:
        told = found.get(bar["session"], [0] * len(names))
        rows.append({**moved(bar), **dict(zip(names, told, strict=True)), "value": units(bar["amount"], MILLION)})
    return Told({"t1702OutBlock1": rows})


def _price(amount: int, shares: int) -> int:
    return round(amount / shares) if shares else 0


def _summed(found: dict[date, list[int]]) -> dict[date, list[int]]:
    """Figures since the first day of the question."""
    total: list[int] | None = None
    sums = {}
    for day, values in sorted(found.items()):
        total = values if total is None else [one + more for one, more in zip(total, values, strict=True)]
        sums[day] = total
    return sums


def t1717(desk: Desk) -> Told:
    """Net volumes and average prices of every group: days up to one, newest first, or one row of a range."""
    if not desk.code:
        return Told({"t1717OutBlock": []})
    summed = desk.text("gubun") == "1"
    last = desk.dated("todt")
    first = desk.dated("fromdt") if summed else None
    bars = _beside(desk, first, last)
    if not bars:
        return Told({"t1717OutBlock": []})
    frame = days_of(desk, bars[-1]["session"], last)
    shares, amounts = dict(_figures(frame, "net", "volume")), dict(_figures(frame, "net", "amount"))
    nothing = [0] * len(CODES)
    if summed:
        newest = bars[0]["session"]
        shares = {newest: [sum(column) for column in zip(*shares.values(), strict=True)] or nothing}
        amounts = {newest: [sum(column) for column in zip(*amounts.values(), strict=True)] or nothing}
        bars = bars[:1]
    rows = []
    for bar in bars:
        day = bar["session"]
        row: Row = moved(bar)
        pairs = zip(CODES, shares.get(day, nothing), amounts.get(day, nothing), strict=True)
        for code, volume, amount in pairs:
            row[f"tjj{code}_vol"] = volume
            row[f"tjj{code}_dan"] = _price(amount, volume)
        rows.append(row)
    return Told({"t1717OutBlock": rows})


def t1716(desk: Desk) -> Told:
    """Three groups, programme, shares held by foreigners and short sales by day, each once it is public."""
    if not desk.code:
        return Told({"t1716OutBlock": []})
    first, last = desk.dated("fromdt"), desk.dated("todt")
    bars = _beside(desk, first, last)
    if not bars:
        return Told({"t1716OutBlock": []})
    since, code, moment = bars[-1]["session"], desk.code, desk.moment
    nets = {row[0]: row[1:] for row in days_of(desk, since, last).select("session", *_GROUPS.values()).rows()}
    history = desk.figures.stock("foreign_holding", code)
    held = {row["session"]: row for row in history.newest_first(None, moment.public(1, SETTLED))}
    short = _known(desk, "short_day", since, moment.public(0, EVENING))
    program = _known(desk, "program_day_stock", since, moment.closed)
    rows = []
    for bar in bars:
        day = bar["session"]
        change = bar["raw_close"] - bar["base_price"]
        holding = held.get(day, {"held_shares": 0, "limit_use_pct": 0.0})
        earlier = history.before(day) if day in held else None
        rows.append(
            {
                **moved(bar),
                "change": change,
                "diff": decimals(_HUNDRED * share(change, bar["base_price"])),
                **dict(zip(_GROUPS, nets.get(day, (0, 0, 0)), strict=True)),
                "pgmvol": program.get(day, {}).get("program_net_volume", 0),
                "fsc_listing": holding["held_shares"],
                "fsc_sjrate": decimals(_HUNDRED * (holding["limit_use_pct"] or 0.0)),
                "fsc_0009": holding["held_shares"] - earlier["held_shares"] if earlier else 0,
                "gm_volume": short.get(day, {}).get("short_volume", 0),
                "gm_value": units(short.get(day, {}).get("short_amount", 0), MILLION),
            }
        )
    return Told({"t1716OutBlock": rows})


_GROUPS = {
    "krx_0008": "individual_net_volume", "krx_0018": "orgn_net_volume", "krx_0009": "foreign_net_volume",
}  # fmt: skip


def _known(desk: Desk, dataset: str, first: date, last: date | None) -> dict[date, Found]:
    rows = desk.figures.stock(dataset, desk.code).newest_first(first, last)
    return {row["session"]: row for row in rows}
