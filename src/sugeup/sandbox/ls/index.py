"""업종: an index as it stands, its days with counts of stocks, and the list of indices."""

from __future__ import annotations

from sugeup.sandbox import sectors
from sugeup.sandbox.figures import Found
from sugeup.sandbox.ls.desk import INDEX_NAMES, LARGE, WIDE, Desk, Told, index_name, sector
from sugeup.sandbox.ls.writing import MILLION, THOUSAND, Row, day, decimals, share, sign, spread, units
from sugeup.sandbox.moment import State

_COUNTS = ("advancers", "decliners", "unchanged")
MOST = 500


def t1511(desk: Desk) -> Told:
    """An index now; before the first minute of a session its close of the day before."""
    row, code = desk.empty("t1511OutBlock"), desk.text("upcode")
    now, before = standing(desk, sector(code))
    if not now:
        return Told({"t1511OutBlock": row})
    row |= {"gubun": "1" if code < "300" else "2", "hname": spread(index_name(code)), **_moved(now, before)}
    for word in ("open", "high", "low"):
        row[f"{word}jisu"] = decimals(now[word])
        row[f"{word}diff"] = decimals(share(now[word] - before["close"], before["close"]))
    row |= {
        "pricejisu": row.pop("jisu"),
        "diffjisu": row.pop("diff"),
        "jniljisu": decimals(before["close"]),
        "jnilvolume": units(before["volume"], THOUSAND),
        "jnilvalue": units(before["amount"], MILLION),
        "volume": units(now["volume"], THOUSAND),
        "value": units(now["amount"], MILLION),
        "volumechange": units(now["volume"] - before["volume"], THOUSAND),
        "valuechange": units(now["amount"] - before["amount"], MILLION),
        "volumerate": decimals(share(now["volume"], before["volume"])),
        "valuerate": decimals(share(now["amount"], before["amount"])),
        "highjo": now["advancers"] or 0,
        "lowjo": now["decliners"] or 0,
        "unchgjo": now["unchanged"] or 0,
    }
    return Told({"t1511OutBlock": row})


def standing(desk: Desk, index: str) -> tuple[Found, Found]:
    """The session that is shown, as far as it has gone, and the one before it; nothing for an unknown index."""
    session, history = desk.moment.shown, desk.figures.scope("index_day", index)
    today = history.at(session)
    if session is None or today is None:
        return {}, {}
    before = history.before(session) or {**today, "close": today["open"], "volume": 0, "amount": 0}
    if session != desk.moment.day or desk.moment.state is State.AFTER:
        return today, before
    rows = desk.figures.intraday("index_minute", session, index) if desk.moment.state is State.OPEN else None
    upto = rows.upto(desk.ended(session)) if rows else 0
    flat = dict.fromkeys(("open", "high", "low", "close"), before["close"])
    nothing = {"session": session, **flat, "volume": 0, "amount": 0, **dict.fromkeys(_COUNTS, 0)}
    if rows is None or not upto:
        return nothing, before
    columns = rows.columns
    return {
        **nothing,
        "open": columns["open"][0],
        "high": max(columns["high"][:upto]),
        "low": min(columns["low"][:upto]),
        "close": columns["close"][upto - 1],
        "volume": columns["volume"][upto - 1],
        "amount": columns["amount"][upto - 1],
    }, before


def _moved(now: Found, before: Found) -> Row:
    change = round(now["close"] - before["close"], 2)
    return {
        "jisu": decimals(now["close"]),
        "sign": sign(change),
        "change": decimals(abs(change)),
        "diff": decimals(share(change, before["close"])),
    }


def t1514(desk: Desk) -> Told:
    """Days of an index up to one, newest first, so many at once; today's row once the session is over."""
    code, told = desk.text("upcode"), desk.dated("cts_date")
    index, newest = sector(code), desk.moment.closed
    history = desk.figures.scope("index_day", index)
    end = newest if told is None or newest is None else min(told, newest)
    most = max(min(desk.number("cnt"), MOST), 1)
    rows = history.newest_first(None, end, most + 1)
    following = day(rows[most]["session"]) if len(rows) > most else ""
    flows = desk.figures.scope("investor_day_market", index)
    found = []
    for row in rows[:most]:
        before = history.before(row["session"]) or {"close": row["open"], "volume": 0}
        net = flows.at(row["session"]) if row["session"] != desk.moment.day else None
        counts = [row[name] or 0 for name in _COUNTS]
        one = desk.empty("t1514OutBlock1") | {"date": day(row["session"]), **_moved(row, before)}
        one |= {
            "volume": units(row["volume"], THOUSAND),
            "diff_vol": decimals(share(row["volume"], before["volume"])),
            "value1": units(row["amount"], MILLION),
            "value2": units(row["amount"], MILLION),
            "high": counts[0],
            "low": counts[1],
            "unchg": counts[2],
            "totjo": sum(counts),
            "uprate": decimals(share(counts[0], sum(counts))),
            "frgsvolume": units(net["foreign_net_volume"] if net else 0, THOUSAND),
            "orgsvolume": units(net["institution_net_volume"] if net else 0, THOUSAND),
            "openjisu": decimals(row["open"]),
            "highjisu": decimals(row["high"]),
            "lowjisu": decimals(row["low"]),
            "rate": "0.00",
            "upcode": code,
        }
        found.append(one)
    return Told(
        {"t1514OutBlock": {"cts_date": following}, "t1514OutBlock1": found}, bool(following), f"t1514{following}"
    )


def t8424(desk: Desk) -> Told:
    """Every index: the large ones, then the industries with a stock; names of two syllables are stretched with blanks.

    An industry of which the last stock is gone has no index any more.
    """
    day = desk.moment.day
    held = {desk.figures.sector(code, day)[0] for code in desk.figures.codes if desk.figures.listed(code, day)}
    known = held & {*desk.figures.scopes("index_day")}
    large = {**INDEX_NAMES, **LARGE, **WIDE}
    rows: list[Row] = [{"hname": spread(name), "upcode": code} for code, name in large.items()]
    for one in sectors.ALL:
        if one.code in known:
            code = one.code[1:] if one.code < "1000" else f"{int(one.code[1:]) + 300:03d}"
            rows.append({"hname": spread(one.name), "upcode": code})
    return Told({"t8424OutBlock": rows})
