"""분봉: minutes of stocks, today's and those of earlier sessions, newest first, from a time back."""

from __future__ import annotations

from datetime import date

from sugeup.sandbox.kis.desk import NXT, Blocks, Desk, changes
from sugeup.sandbox.kis.envelope import Row, day, minute, whole
from sugeup.sandbox.moment import State

TODAY_SHOWN = 30
DAILY_SHOWN = 120


def _head(desk: Desk, code: str) -> Row:
    output1 = desk.empty("output1")
    quote = desk.quote(code) if code else None
    if quote is None:
        return output1
    return output1 | {
        **changes(quote.price, quote.base, quote.limit),
        "stck_prdy_clpr": whole(quote.previous),
        "acml_vol": whole(quote.volume),
        "acml_tr_pbmn": whole(quote.amount),
        "hts_kor_isnm": desk.name(code),
        "stck_prpr": whole(quote.price),
    }


def _asked(desk: Desk) -> int:
    """Minutes since midnight of FID_INPUT_HOUR_1; the last minute of a day when it is blank."""
    text = desk.given["FID_INPUT_HOUR_1"].strip()
    return int(text[:2]) * 60 + int(text[2:4]) if text else 24 * 60 - 1


def rows(desk: Desk, code: str, session: date, upto: int) -> list[Row]:
    """Minutes with trades of a session up to a minute, newest first; turnover is cumulative since the open."""
    bars = desk.minutes(code, session)
    found, reached = [], 0
    columns = bars.columns
    for place in range(bars.upto(min(upto, desk.ended(session)))):
        reached += columns["amount"][place]
        found.append(
            {
                "stck_bsop_date": day(session),
                "stck_cntg_hour": minute(bars.minutes[place]),
                "stck_prpr": whole(columns["raw_close"][place]),
                "stck_oprc": whole(columns["raw_open"][place]),
                "stck_hgpr": whole(columns["raw_high"][place]),
                "stck_lwpr": whole(columns["raw_low"][place]),
                "cntg_vol": whole(columns["volume"][place]),
                "acml_tr_pbmn": whole(reached),
            }
        )
    return found[::-1]


def inquire_time_itemchartprice(desk: Desk) -> Blocks:
    """30 minutes of today back from a time.

    As the vendor does, minutes that have not ended are padded: they hold the present price, and the one that runs
    repeats the volume of the last.
    """
    code, moment = desk.code, desk.moment
    output1 = _head(desk, code)
    session = moment.shown
    if not code or session is None or desk.venue == NXT or moment.state is State.BEFORE:
        return {"output1": output1, "output2": []}
    upto = _asked(desk)
    found = rows(desk, code, session, upto)
    if moment.state is State.OPEN and found:
        price = dict.fromkeys(("stck_prpr", "stck_oprc", "stck_hgpr", "stck_lwpr"), found[0]["stck_prpr"])
        padding = [
            found[0] | price | {"stck_cntg_hour": minute(label), "cntg_vol": found[0]["cntg_vol"] if now else "0"}
            for label in range(moment.minute, min(upto, 15 * 60 + 30) + 1)
            for now in [label == moment.minute]
        ]
        found = padding[::-1] + found
    return {"output1": output1, "output2": found[:TODAY_SHOWN]}


def inquire_time_dailychartprice(desk: Desk) -> Blocks:
    """120 minutes back from a date and time, on into earlier sessions if asked; of a year at most."""
    code, moment = desk.code, desk.moment
    output1 = _head(desk, code)
    asked = desk.dated("FID_INPUT_DATE_1") or moment.day
    if not code or desk.venue == NXT:
        return {"output1": output1, "output2": []}
    newest = moment.day if moment.state in {State.OPEN, State.AFTER} else moment.closed
    oldest = date.fromordinal(moment.day.toordinal() - 365)
    days = desk.figures.stock("daily_bars", code).days
    sessions = [one for one in days if newest is not None and oldest <= one <= min(asked, newest)]
    found: list[Row] = []
    for session in reversed(sessions):
        if session != asked and desk.given["FID_PW_DATA_INCU_YN"] != "Y":
            break
        found += rows(desk, code, session, _asked(desk) if session == asked else 24 * 60)
        if len(found) >= DAILY_SHOWN:
            break
    return {"output1": output1, "output2": found[:DAILY_SHOWN]}
