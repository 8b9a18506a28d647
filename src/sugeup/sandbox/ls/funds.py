"""증시주변자금: deposits, loans and unpaid purchases of the market by day, two sessions late."""

from __future__ import annotations

from sugeup.sandbox.ls.desk import INDICES, Desk, Told
from sugeup.sandbox.ls.writing import EOK, THOUSAND, Row, day, decimals, share, sign, units
from sugeup.sandbox.moment import SETTLED

LAG = 2
MOST = 100
_MONEY = {
    "custmoney": "deposits", "outmoney": "receivables", "trjango": "loan_balance_amount",
    "futymoney": "futures_deposits",
}  # fmt: skip


def t8428(desk: Desk) -> Told:
    """Days between two, newest first, so many at once; money of funds is not simulated."""
    first, last, told = desk.dated("fdate"), desk.dated("tdate"), desk.dated("key_date")
    newest = desk.moment.public(LAG, SETTLED)
    head: Row = {"date": "", "idx": 0}
    if newest is None:
        return Told({"t8428OutBlock": head, "t8428OutBlock1": []})
    end = min(one for one in (last, told, newest) if one is not None)
    most = max(min(desk.number("cnt"), MOST), 1)
    history = desk.figures.scope("market_funds", "")
    rows = history.newest_first(first, end, most + 1)
    levels = desk.figures.scope("index_day", INDICES[desk.text("upcode")])
    found = []
    for row in rows[:most]:
        level, before = levels.at(row["session"]), levels.before(row["session"])
        close = level["close"] if level else 0.0
        change = round(close - (before["close"] if before else close), 2)
        earlier = history.before(row["session"]) or row
        one = desk.empty("t8428OutBlock1") | {
            "date": day(row["session"]),
            "jisu": decimals(close),
            "sign": sign(change),
            "change": decimals(abs(change)),
            "diff": decimals(share(change, close - change)),
            "volume": units(level["volume"] if level else 0, THOUSAND),
            "yecha": units(row["deposits"] - earlier["deposits"], EOK),
            "vol": "0.00",
        }
        found.append(one | {name: units(row[ours], EOK) for name, ours in _MONEY.items()})
    following = day(rows[most]["session"]) if len(rows) > most else ""
    head = {"date": following, "idx": len(found)}
    return Told({"t8428OutBlock": head, "t8428OutBlock1": found}, bool(following), f"t8428{following}")
