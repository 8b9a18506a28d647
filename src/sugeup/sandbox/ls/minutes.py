"""장중 추이 in pages: groups of a market by minute (t1602), one of them alone (t1603), four of them (t1617)."""

from __future__ import annotations

from collections.abc import Sequence

from sugeup.sandbox.figures import Found
from sugeup.sandbox.ls import market_flows
from sugeup.sandbox.ls.desk import INDICES, Desk, Told
from sugeup.sandbox.ls.market_flows import GROUPS, ROWS, figure, measured, minutes
from sugeup.sandbox.ls.writing import Row, day, hour

_MARKETS = {"1": "KOSPI", "2": "KOSPI200", "3": "KOSDAQ"}
"""t1602; in t1603 and t1617 KOSDAQ is 2."""
_OTHERS = {"1": "KOSPI", "2": "KOSDAQ"}
_INVESTORS = {
    "1": "08", "2": "17", "3": "18", "4": "01", "5": "03", "6": "04", "7": "02", "8": "05", "9": "06", "A": "11",
    "B": "07", "C": "00",
}  # fmt: skip
_FOUR = ("08", "17", "18", "01")


def instant(minute: int) -> str:
    """Minutes since midnight as the eight digits of these questions, to hundredths of a second."""
    return f"{hour(minute)}00"


def page(desk: Desk, rows: Sequence[Found], most: int, name: str = "cts_time") -> tuple[list[Found], str]:
    """Rows from where the question says, newest first, and where the next page begins; blank at the end."""
    told = desk.text(name)
    if told and not told.isdigit():
        told = ""
    before = int(told[:2]) * 60 + int(told[2:4]) if told else 24 * 60
    left = [row for row in rows if row["minute"] <= before]
    size = max(min(most, ROWS), 1)
    return list(left[:size]), instant(left[size]["minute"]) if len(left) > size else ""


def t1602(desk: Desk) -> Told:
    """Every group of a market since the open, newest first; beside it both sides as they stand."""
    market, measure = _MARKETS.get(desk.text("market"), ""), measured(desk.text("gubun1"))
    if INDICES.get(desk.text("upcode")) != market:
        market = ""
    today, before = desk.trading
    rows = minutes(desk, market, before if desk.text("gubun2") == "1" else today) if market else []
    shown, following = page(desk, rows, desk.number("cnt"))
    head = market_flows.panel(desk, "t1602OutBlock", market, measure) | {"cts_time": following, "ex_upcode": ""}
    head = {name: value for name, value in head.items() if name in desk.blocks["t1602OutBlock"]}
    changes = desk.text("gubun3") == "C"
    earlier = {row["minute"]: older for row, older in zip(rows, [*rows[1:], {}], strict=True)} if changes else {}
    found = []
    for row in shown:
        one: Row = {"time": instant(row["minute"])}
        for code, name in GROUPS.items():
            net = figure(row, name, "net", measure)
            one[f"sv_{code}"] = net - figure(earlier[row["minute"]], name, "net", measure) if changes else net
        found.append(one)
    return Told({"t1602OutBlock": head, "t1602OutBlock1": found}, bool(following), f"t1602{following}")


def t1603(desk: Desk) -> Told:
    """Both sides and measures of one group since the open, newest first."""
    market, code = _OTHERS.get(desk.text("market"), ""), _INVESTORS[desk.text("gubun1")]
    today, before = desk.trading
    rows = minutes(desk, market, before if desk.text("gubun2") == "1" else today) if market else []
    shown, following = page(desk, rows, desk.number("cnt"))
    name = GROUPS[code]
    found: list[Row] = [
        {
            "time": instant(row["minute"]),
            "tjjcode": "",
            "msvolume": figure(row, name, "buy", "volume"),
            "mdvolume": figure(row, name, "sell", "volume"),
            "msvalue": figure(row, name, "buy", "amount"),
            "mdvalue": figure(row, name, "sell", "amount"),
            "svolume": figure(row, name, "net", "volume"),
            "svalue": figure(row, name, "net", "amount"),
        }
        for row in shown
    ]
    head: Row = {"cts_idx": 0, "cts_time": following, "ex_upcode": desk.text("upcode")}
    return Told({"t1603OutBlock": head, "t1603OutBlock1": found}, bool(following), f"t1603{following}")


def t1617(desk: Desk) -> Told:
    """Four groups of a market by minute or by day, newest first; beside them both sides as they stand."""
    market, measure = _OTHERS.get(desk.text("gubun1"), ""), measured(desk.text("gubun2"))
    now, _ = market_flows.standing(desk, market)
    head: Row = {"cts_date": "", "cts_time": ""}
    for code in _FOUR:
        for word, side in (("ms", "buy"), ("md", "sell"), ("sv", "net")):
            head[f"{word}_{code}"] = figure(now, GROUPS[code], side, measure)
    if desk.text("gubun3") == "1":
        rows = minutes(desk, market, desk.trading[0]) if market else []
        shown, following = page(desk, rows, ROWS)
        head["cts_time"] = following
        dated = [("", instant(row["minute"]), row) for row in shown]
    else:
        history = desk.figures.scope("investor_day_market", market)
        newest, told = desk.moment.investors, desk.dated("cts_date")
        end = newest if told is None or newest is None else min(told, newest)
        days = [] if desk.elsewhere else history.newest_first(None, end, ROWS + 1)
        following = day(days[ROWS]["session"]) if len(days) > ROWS else ""
        head["cts_date"] = following
        dated = [(day(row["session"]), "", row) for row in days[:ROWS]]
    found = []
    for date, time, row in dated:
        one: Row = {"date": date, "time": time}
        found.append(one | {f"sv_{code}": figure(row, GROUPS[code], "net", measure) for code in _FOUR})
    return Told({"t1617OutBlock": head, "t1617OutBlock1": found}, bool(following), f"t1617{following}")
