"""시세와 차트: fifty stocks at once, bars of a day, week, month and year, bars of so many minutes."""

from __future__ import annotations

from datetime import date

from sugeup.sandbox.board import Quote
from sugeup.sandbox.figures import Found
from sugeup.sandbox.ls.desk import Desk, Told
from sugeup.sandbox.ls.writing import MILLION, WIDE, Row, day, decimals, hour, padded, share, sign, units

ROWS = 500
BATCH = 50
_PERIODS = {"3": "W", "4": "M", "5": "Y"}


def t8407(desk: Desk) -> Told:
    """Stocks in the order asked; unknown codes have no row."""
    text = str(desk.given["shcode"])
    codes = [text[start : start + 6] for start in range(0, len(text), 6)][: min(desk.number("nrec"), BATCH)]
    return Told({"t8407OutBlock1": [row for code in codes if (row := _quoted(desk, code))]})


def _quoted(desk: Desk, code: str) -> Row | None:
    quote = desk.quote(code) if desk.figures.listed(code, desk.moment.day) else None
    if quote is None:
        return None
    return desk.empty("t8407OutBlock1") | {
        "shcode": code,
        "hname": desk.name(code),
        "price": quote.price,
        "sign": sign(quote.change, quote.limit),
        "change": abs(quote.change),
        "diff": padded(share(quote.change, quote.base)),
        "volume": quote.volume,
        "offerho": quote.price,
        "bidho": quote.price,
        "chdegree": padded(0.0, WIDE),
        "open": quote.open,
        "high": quote.high,
        "low": quote.low,
        "value": units(quote.amount, MILLION),
        "jnilclose": quote.previous,
        "uplmtprice": quote.upper,
        "dnlmtprice": quote.lower,
    }


def t8410(desk: Desk) -> Told:
    """Bars between two dates, the newest five hundred of them, oldest first; raw unless sujung is Y."""
    code, head = desk.code, desk.empty("t8410OutBlock")
    if not code:
        return Told({"t8410OutBlock": head, "t8410OutBlock1": []})
    first, last, told = desk.dated("sdate"), desk.dated("edate"), desk.dated("cts_date")
    end = min([one for one in (last, told) if one is not None], default=None)
    period, most = desk.text("gubun"), max(min(desk.number("qrycnt") or ROWS, ROWS), 1)
    rows = desk.bars(code, first, end, most + 1 if period == "2" else None)
    if desk.text("sujung") == "Y":
        rows = _adjusted(desk, code, rows)
    if period != "2":
        rows = _grouped(rows, _PERIODS[period])
    following = day(rows[most]["session"]) if len(rows) > most else ""
    found = [_bar(row) for row in rows[:most]][::-1]
    head = head | _head(desk, code) | {"cts_date": following, "rec_count": len(found)}
    return Told({"t8410OutBlock": head, "t8410OutBlock1": found}, bool(following), f"t8410{following}")


def _bar(row: Found) -> Row:
    return {
        "date": day(row["session"]),
        "open": row["raw_open"] or 0,
        "high": row["raw_high"] or 0,
        "low": row["raw_low"] or 0,
        "close": row["raw_close"],
        "jdiff_vol": row["volume"] or 0,
        "value": units(row["amount"], MILLION),
        "jongchk": 0,
        "rate": padded(0.0),
        "pricechk": 0,
        "ratevalue": 0,
        "sign": sign(row["raw_close"] - row["base_price"]),
    }


def _head(desk: Desk, code: str) -> Row:
    """The session that is shown and the one before it."""
    quote = desk.quote(code)
    if quote is None:
        return {"shcode": code}
    before = desk.figures.stock("daily_bars", code).before(quote.session) or {}
    return {
        "shcode": code,
        "jisiga": before.get("raw_open") or 0,
        "jihigh": before.get("raw_high") or 0,
        "jilow": before.get("raw_low") or 0,
        "jiclose": quote.previous,
        "jivolume": quote.previous_volume,
        **_today(quote),
        "s_time": "090000",
        "e_time": "153000",
        "dshmin": "10",
    }


def _today(quote: Quote) -> Row:
    return {
        "disiga": quote.open,
        "dihigh": quote.high,
        "dilow": quote.low,
        "diclose": quote.price,
        "highend": quote.upper,
        "lowend": quote.lower,
    }


def _adjusted(desk: Desk, code: str, rows: list[Found]) -> list[Found]:
    """Prices on the scale of today, for the events that have taken effect."""
    done = [one for one in desk.figures.actions.get(code, ()) if one["effective_session"] <= desk.moment.day]
    found = []
    for row in rows:
        later = [one for one in done if one["effective_session"] > row["session"]]
        price = shares = 1.0
        for one in later:
            price, shares = price * one["price_factor"], shares * one["share_factor"]
        names = ("raw_open", "raw_high", "raw_low", "raw_close", "base_price")
        scaled = {name: None if row[name] is None else int(row[name] * price + 0.5) for name in names}
        found.append({**row, **scaled, "volume": int((row["volume"] or 0) * shares + 0.5)})
    return found


def _grouped(rows: list[Found], period: str) -> list[Found]:
    """Weeks, months or years out of days, newest first, dated by their last session."""
    groups: dict[object, list[Found]] = {}
    for row in rows:
        session: date = row["session"]
        key = {"W": session.isocalendar()[:2], "M": (session.year, session.month), "Y": session.year}[period]
        groups.setdefault(key, []).append(row)
    found = []
    for days in groups.values():
        traded = [row for row in days if row["raw_open"]] or [days[0]]
        whole = {
            "raw_open": traded[-1]["raw_open"],
            "raw_high": max(row["raw_high"] or row["raw_close"] for row in traded),
            "raw_low": min(row["raw_low"] or row["raw_close"] for row in traded),
            "base_price": days[-1]["base_price"],
            "volume": sum(row["volume"] or 0 for row in days),
            "amount": sum(row["amount"] or 0 for row in days),
        }
        found.append({**days[0], **whole})
    return found


def t8412(desk: Desk) -> Told:
    """Bars of so many minutes with trades, the newest five hundred between two dates, oldest first.

    A bar is labelled by its start. The next page is found by day and time of the newest bar that is left.
    """
    code, head = desk.code, desk.empty("t8412OutBlock")
    if not code:
        return Told({"t8412OutBlock": head, "t8412OutBlock1": []})
    first, last, told = desk.dated("sdate"), desk.dated("edate"), desk.dated("cts_date")
    most, every = max(min(desk.number("qrycnt") or ROWS, ROWS), 1), max(desk.number("ncnt"), 1)
    time = desk.text("cts_time")
    before = int(time[:2]) * 60 + int(time[2:4]) if time.isdigit() else 24 * 60
    newest = desk.moment.day if desk.running else desk.moment.closed
    found: list[Row] = []
    for session in reversed(desk.figures.stock("daily_bars", code).days):
        if newest is None or session > min([one for one in (last, told, newest) if one is not None]):
            continue
        if (first is not None and session < first) or len(found) > most:
            break
        found += _minutes(desk, code, session, every, before if session == told else 24 * 60)
    rest = found[most:]
    place = (str(rest[0]["date"]), str(rest[0]["time"])) if rest else ("", "")
    head = head | _head(desk, code) | {"cts_date": place[0], "cts_time": place[1], "rec_count": len(found[:most])}
    return Told({"t8412OutBlock": head, "t8412OutBlock1": found[:most][::-1]}, bool(rest), f"t8412{place[1]}")


def _minutes(desk: Desk, code: str, session: date, every: int, upto: int) -> list[Row]:
    """Bars of a session, newest first."""
    bars = desk.minutes(code, session)
    groups: dict[int, list[int]] = {}
    for place in range(bars.upto(desk.ended(session))):
        groups.setdefault(bars.minutes[place] // every * every, []).append(place)
    columns = bars.columns
    base = (desk.figures.stock("daily_bars", code).at(session) or {}).get("base_price", 0)
    found = []
    for label, places in groups.items():
        if label > upto:
            continue
        close = columns["raw_close"][places[-1]]
        row: Row = {
            "date": day(session),
            "time": hour(label),
            "open": columns["raw_open"][places[0]],
            "high": max(columns["raw_high"][place] for place in places),
            "low": min(columns["raw_low"][place] for place in places),
            "close": close,
            "jdiff_vol": sum(columns["volume"][place] for place in places),
            "value": units(sum(columns["amount"][place] for place in places), MILLION),
            "jongchk": 0,
            "rate": decimals(0.0),
            "sign": sign(close - base),
        }
        found.append(row)
    return found[::-1]
