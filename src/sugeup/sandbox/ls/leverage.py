"""공매도, 대차, 신용: short sales, lending and margin of a stock by day, each when it is published."""

from __future__ import annotations

from datetime import date

from sugeup.market import sessions as calendar
from sugeup.sandbox.figures import Found
from sugeup.sandbox.ls.desk import Desk, Told, moved
from sugeup.sandbox.ls.writing import MILLION, Row, day, decimals, share, sign, units
from sugeup.sandbox.moment import EVENING, SETTLED

SHOWN = 20
LAG = 2
"""Sessions after which lending and margin are public; a trade settles as late."""
LENT = 100
_STEPS = {"n": "new", "s": "repaid", "j": "balance"}
_KINDS = {"y": "loan", "d": "stock_loan"}


def t1927(desk: Desk) -> Told:
    """Short sales between two dates, newest first; sums from the first date on."""
    code, newest = desk.code, desk.moment.public(0, EVENING)
    head: Row = {"date": ""}
    if not code or newest is None:
        return Told({"t1927OutBlock": head, "t1927OutBlock1": []})
    first, last, told = desk.dated("sdate"), desk.dated("edate"), desk.dated("date")
    end = min(one for one in (last, told, newest) if one is not None)
    bars = desk.figures.stock("daily_bars", code).newest_first(first, end)
    shorts = {row["session"]: row for row in desk.figures.stock("short_day", code).newest_first(first, end)}
    found, total = [], 0
    for bar in reversed(bars):
        short = shorts.get(bar["session"], {"short_volume": 0, "short_amount": 0})
        volume, amount = short["short_volume"], short["short_amount"]
        total += volume
        row: Row = {
            **moved(bar, "price"),
            "value": units(bar["amount"], MILLION),
            "gm_vo": volume,
            "gm_va": units(amount, MILLION),
            "gm_per": decimals(share(volume, bar["volume"])),
            "gm_avg": amount // volume if volume else 0,
            "gm_vo_sum": total,
            "gm_vo1": volume,
            "gm_va1": units(amount, MILLION),
            "gm_vo2": 0,
            "gm_va2": 0,
        }
        found.append(row)
    found = found[::-1]
    following = str(found[SHOWN]["date"]) if len(found) > SHOWN else ""
    blocks: dict[str, Row | list[Row]] = {"t1927OutBlock": {"date": following}, "t1927OutBlock1": found[:SHOWN]}
    return Told(blocks, bool(following), f"t1927{following}")


def t1941(desk: Desk) -> Told:
    """Lending between two dates, newest first."""
    code, newest = desk.code, desk.moment.public(LAG, SETTLED)
    first, last = desk.dated("sdate"), desk.dated("edate")
    end = newest if last is None or newest is None else min(last, newest)
    rows = desk.figures.stock("lending", code).newest_first(first, end, LENT) if code else []
    bars = desk.figures.stock("daily_bars", code)
    found: list[Row] = [
        {
            **moved(bars.at(row["session"]) or {}, "price"),
            "upvolume": row["new_shares"],
            "dnvolume": row["repaid_shares"],
            "tovolume": row["balance_shares"],
            "tovalue": units(row["balance_amount"], MILLION),
            "shcode": code,
            "tovoldif": row["new_shares"] - row["repaid_shares"],
        }
        for row in rows
    ]
    return Told({"t1941OutBlock1": found})


def _owed(desk: Desk, last: date | None, most: int | None) -> list[Found]:
    """Margin of the stock up to a day of settlement, newest first."""
    newest = desk.moment.public(LAG, SETTLED)
    if not desk.code or newest is None:
        return []
    if last is not None:
        settled = last if calendar.is_session(last) else calendar.previous(last)
        newest = min(newest, calendar.previous(settled, LAG))
    return desk.figures.stock("credit", desk.code).newest_first(None, newest, most)


def t1921(desk: Desk) -> Told:
    """Loans (1) or lent shares (2) by day of settlement, newest first, from where the last reply ended."""
    kind = _KINDS["y" if desk.text("gubun") == "1" else "d"]
    told = desk.dated("date")
    last = None if told is None else calendar.previous(told) if desk.number("idx") else told
    rows = _owed(desk, last, SHOWN + 2)
    bars = desk.figures.stock("daily_bars", desk.code)
    found: list[Row] = []
    for row, before in zip(rows[:SHOWN], [*rows[1:], {}], strict=False):
        bar, shares = bars.at(row["session"]) or {}, row[f"{kind}_balance_shares"]
        change = bar["raw_close"] - bar["base_price"]
        found.append(
            {
                "mmdate": day(calendar.next(row["session"], LAG)),
                "close": bar["raw_close"],
                "sign": sign(change),
                "jchange": abs(change),
                "diff": decimals(share(change, bar["base_price"])),
                "nvolume": row[f"{kind}_new_shares"],
                "svolume": row[f"{kind}_repaid_shares"],
                "jvolume": shares,
                "price": units(row[f"{kind}_balance_amount"], MILLION),
                "change": shares - before.get(f"{kind}_balance_shares", shares),
                "gyrate": decimals(share(row[f"{kind}_new_shares"], bar["volume"])),
                "jkrate": decimals(share(shares, bar["listed_shares"])),
                "shcode": desk.code,
            }
        )
    more = len(rows) > SHOWN
    head: Row = {"cnt": len(found), "date": str(found[-1]["mmdate"]) if more else "", "idx": SHOWN - 1 if more else 0}
    return Told({"t1921OutBlock": head, "t1921OutBlock1": found}, more, f"t1921{head['date']}")


def t1926(desk: Desk) -> Told:
    """Loans and lent shares of a stock as they were last settled."""
    row, rows = desk.empty("t1926OutBlock"), _owed(desk, None, 2)
    if not rows:
        return Told({"t1926OutBlock": row})
    now, before = rows[0], rows[-1]
    bar = desk.figures.stock("daily_bars", desk.code).at(now["session"]) or {}
    row |= {
        "mmdate": day(calendar.next(now["session"], LAG)),
        "close": bar["raw_close"],
        "volume": bar["volume"],
        "value": units(bar["amount"], MILLION),
    }
    for letter, kind in _KINDS.items():
        for step, name in _STEPS.items():
            row[f"{letter}{step}volume"] = now[f"{kind}_{name}_shares"]
            row[f"{letter}{step}price"] = units(now[f"{kind}_{name}_amount"], MILLION)
        shares = now[f"{kind}_balance_shares"]
        row[f"{letter}vchange"] = shares - before[f"{kind}_balance_shares"]
        row[f"{letter}achange"] = units(now[f"{kind}_balance_amount"] - before[f"{kind}_balance_amount"], MILLION)
        row[f"{letter}grate"] = decimals(share(now[f"{kind}_new_shares"], bar["volume"]))
        row[f"{letter}jrate"] = decimals(share(shares, bar["listed_shares"]))
    return Told({"t1926OutBlock": row})
