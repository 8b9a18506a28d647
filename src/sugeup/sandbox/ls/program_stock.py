"""프로그램매매 of single stocks in thousand won and shares: here 0 asks for shares and 1 for won."""

from __future__ import annotations

from sugeup.sandbox.figures import Found
from sugeup.sandbox.ls.desk import Desk, Told, moved
from sugeup.sandbox.ls.program import AUCTION, MARKETS, SHOWN, SIDES
from sugeup.sandbox.ls.writing import THOUSAND, Row, day, decimals, hour, padded, share, sign, units
from sugeup.sandbox.moment import State

STOCK_UNIT = THOUSAND
CHART = 9999
"""cts_idx of a question for a chart."""
RANKED = 40
Paired = list[tuple[Row, Found]]


def t1637(desk: Desk) -> Told:
    """A stock by day or since the open, newest first: in pages, or as for a chart all at once with the net alone."""
    chart, code = desk.number("cts_idx") == CHART, desk.code
    if not code:
        return Told({"t1637OutBlock": {"cts_idx": 0}, "t1637OutBlock1": []})
    by_day, place = desk.text("gubun2") == "1", desk.number("cts_idx")
    amounts = desk.text("gubun1") == "1" or chart
    rows = _stock_days(desk) if by_day else _stock_minutes(desk)
    more = not chart and len(rows) > SHOWN
    shown = rows if chart else rows[:SHOWN]
    cut = f"A{code[:5]}" if chart else code
    found = []
    for bar, row in shown:
        one: Row = {**bar, "shcode": cut, "ex_shcode": code}
        one["svolume"] = row["program_net_volume"]
        one["svalue"] = units(row["program_net_amount"], STOCK_UNIT) if amounts else 0
        for word, side in (("offer", "sell"), ("stks", "buy")):
            one[f"{word}volume"] = 0 if chart else row[f"program_{side}_volume"]
            one[f"{word}value"] = 0 if chart or not amounts else units(row[f"program_{side}_amount"], STOCK_UNIT)
        found.append(one)
    following = (place + SHOWN if more else 0) if not chart else CHART
    return Told({"t1637OutBlock": {"cts_idx": following}, "t1637OutBlock1": found}, more, f"t1637{following}")


def _stock_days(desk: Desk) -> Paired:
    told = desk.dated("date") if desk.number("cts_idx") not in {0, CHART} else None
    moment, code = desk.moment, desk.code
    bars = desk.bars(code, None, None, None)
    flows = {
        row["session"]: row for row in desk.figures.stock("program_day_stock", code).newest_first(None, moment.closed)
    }
    if moment.state is State.OPEN:
        now = desk.figures.intraday("program_minute_stock", moment.day, code).until(moment.minute, 1)
        flows |= {row["session"]: row for row in now}
    nothing = {f"program_{side}_{measure}": 0 for side in SIDES.values() for measure in ("volume", "amount")}
    return [
        ({**moved(bar, "price"), "time": ""}, flows.get(bar["session"], nothing))
        for bar in bars
        if told is None or bar["session"] < told
    ]


def _stock_minutes(desk: Desk) -> Paired:
    session, code = desk.trading[0], desk.code
    base = desk.figures.stock("daily_bars", code).at(session)
    if session is None or base is None:
        return []
    now = desk.moment.minute if session == desk.moment.day else 24 * 60
    told = desk.text("time") if desk.number("cts_idx") not in {0, CHART} else ""
    before = int(told[:2]) * 60 + int(told[2:4]) if told.isdigit() else 24 * 60
    bars = desk.minutes(code, session)
    found: Paired = []
    for row in desk.figures.intraday("program_minute_stock", session, code).until(now):
        if row["minute"] >= before:
            continue
        place = bars.upto(row["minute"] - 1 if row["minute"] < AUCTION else row["minute"])
        price = bars.columns["raw_close"][place - 1] if place else base["base_price"]
        change = price - base["base_price"]
        said: Row = {"date": day(session), "time": hour(row["minute"]), "price": price, "sign": sign(change)}
        said |= {"change": abs(change), "diff": decimals(share(change, base["base_price"]))}
        found.append((said | {"volume": sum(bars.columns["volume"][:place])}, row))
    return found


def t1636(desk: Desk) -> Told:
    """Stocks of a market ranked by what programme orders bought and sold in the session that is over, from a place."""
    market, session = MARKETS[desk.text("gubun")], desk.moment.closed
    if session is None or desk.elsewhere:
        return Told({"t1636OutBlock": {"cts_idx": 0}, "t1636OutBlock1": []})
    bars, rows = desk.figures.day("daily_bars", session), desk.figures.day("program_day_stock", session)
    codes = [code for code in rows if (desk.figures.known(code, session) or {}).get("market") == market]
    measure = "amount" if desk.text("gubun1") == "1" else "volume"
    whole = sum(bars[code]["market_cap"] or 0 for code in codes)
    side, way = {"1": ("net", -1), "2": ("net", 1), "3": ("sell", -1), "4": ("buy", -1)}.get(
        desk.text("gubun2"), ("", 0)
    )

    def order(code: str) -> tuple[int, str]:
        return (
            way * int(rows[code][f"program_{side}_{measure}"]) if side else -int(bars[code]["market_cap"] or 0),
            code,
        )

    codes.sort(key=order)
    start = desk.number("cts_idx")
    found = []
    for rank, code in enumerate(codes[start : start + RANKED], start + 1):
        bar, row = bars[code], rows[code]
        one: Row = {name: value for name, value in moved(bar, "price").items() if name != "date"}
        one |= {"rank": rank, "hname": desk.name(code), "shcode": code, "ex_shcode": code}
        for word, side in (("s", "net"), ("offer", "sell"), ("stks", "buy")):
            one[f"{word}value"] = units(row[f"program_{side}_amount"], STOCK_UNIT) if measure == "amount" else 0
            one[f"{word}volume"] = row[f"program_{side}_volume"]
        one |= {"sgta": bar["market_cap"] or 0, "rate": padded(share(bar["market_cap"] or 0, whole))}
        found.append(one)
    more = len(codes) > start + RANKED
    head: Row = {"cts_idx": start + len(found) if more else 0}
    return Told({"t1636OutBlock": head, "t1636OutBlock1": found}, more, f"t1636{start + RANKED}")
