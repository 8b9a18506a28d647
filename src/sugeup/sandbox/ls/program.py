"""프로그램매매 of a market by minute and by day, in million won and thousand shares: 0 asks for won, 1 for shares."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from sugeup.sandbox.figures import Found, Intraday
from sugeup.sandbox.ls.desk import Desk, Told
from sugeup.sandbox.ls.minutes import page
from sugeup.sandbox.ls.writing import MILLION, THOUSAND, Row, day, decimals, hour, padded, sign, units
from sugeup.sandbox.moment import State

MARKETS = {"0": "KOSPI", "1": "KOSDAQ"}
KINDS = {"tot": "program", "cha": "arbitrage", "bcha": "non_arbitrage"}
SIDES = {"3": "net", "1": "buy", "2": "sell"}
UNITS = {"amount": MILLION, "volume": THOUSAND}
SHOWN = 20
"""Rows of a page; by day of a market there are more."""
DAYS = 120
AUCTION = 15 * 60 + 31
"""From this minute on the closing auction is in the figures."""


def measured(desk: Desk) -> str:
    """What is counted in a question about a market: 0 won, 1 shares."""
    return "amount" if desk.text("gubun1") == "0" else "volume"


def _trades(row: Found, measure: str, before: Found | None = None) -> Row:
    found: Row = {}
    for word, kind in KINDS.items():
        for number, side in SIDES.items():
            column = f"{kind}_{side}_{measure}"
            found[f"{word}{number}"] = units(row[column] - (before[column] if before else 0), UNITS[measure])
    return found


def _minutes(desk: Desk, market: str) -> list[Found]:
    """Cumulative rows of the session asked for, newest first, as far as they are public."""
    today, before = desk.trading
    session = before if desk.text("gubun3") == "1" else today
    if session is None or desk.elsewhere:
        return []
    now = desk.moment.minute if session == desk.moment.day else 24 * 60
    return desk.figures.intraday("program_minute_market", session, market).until(now)


def _index(desk: Desk, minute: int) -> Row:
    """KOSPI 200, its change and the basis of the nearest future at a minute of the session asked for."""
    today, before = desk.trading
    session = before if desk.text("gubun3") == "1" else today
    assert session is not None
    levels = desk.figures.intraday("index_minute", session, "KOSPI200")
    place = levels.upto(minute - 1 if minute < AUCTION else minute)
    earlier = desk.figures.scope("index_day", "KOSPI200").before(session)
    now = levels.columns["close"][place - 1] if place else earlier["close"] if earlier else 0.0
    change = round(now - (earlier["close"] if earlier else now), 2)
    return {
        "k200jisu": decimals(now),
        "sign": sign(change),
        "change": padded(abs(change)),
        "k200basis": padded(basis(desk, session, minute)),
    }


def basis(desk: Desk, session: date, minute: int) -> float:
    """Price of the nearest future less KOSPI 200 at a minute of a session; 0 before the first."""

    def read() -> Intraday:
        frame = desk.figures.market.rows("futures_minute", session, session).sort("expiry", "at")
        nearest = frame.filter(pl.col("contract") == frame["contract"][0]) if frame.height else frame
        local = pl.col("at").dt.convert_time_zone("Asia/Seoul")
        return Intraday(nearest.with_columns(minute=local.dt.hour().cast(pl.Int32) * 60 + local.dt.minute()))

    rows: Intraday = desk.figures.once(f"basis {session}", read)
    place = rows.upto(minute - 1 if minute < AUCTION else minute)
    return float(rows.columns["market_basis"][place - 1] or 0.0) if place else 0.0


def t1632(desk: Desk) -> Told:
    """A market since the open, newest first, in pages."""
    rows = _minutes(desk, MARKETS[desk.text("gubun")])
    shown, following = page(desk, rows, SHOWN, "time")
    measure, changes = measured(desk), desk.text("gubun2") == "1"
    earlier = {row["minute"]: older for row, older in zip(rows, [*rows[1:], None], strict=True)} if changes else {}
    found = [
        {
            "time": hour(row["minute"]),
            **_index(desk, row["minute"]),
            **_trades(row, measure, earlier.get(row["minute"])),
        }
        for row in shown
    ]
    session = shown[0]["session"] if shown else None
    head: Row = {"date": day(session) if following else "", "time": following[:6], "idx": SHOWN - 1, "ex_gubun": ""}
    return Told({"t1632OutBlock": head, "t1632OutBlock1": found}, bool(following), f"t1632{following}")


def t1662(desk: Desk) -> Told:
    """A market since the open, all of it, newest first."""
    market, measure = MARKETS[desk.text("gubun")], measured(desk)
    rows = _minutes(desk, market)
    turnover = desk.figures.intraday("index_minute", rows[0]["session"], market) if rows else None
    found = []
    for row in rows:
        assert turnover is not None
        reached = turnover.upto(row["minute"])
        volume = units(turnover.columns["volume"][reached - 1] if reached else 0, THOUSAND)
        one: Row = {"time": hour(row["minute"]), **_index(desk, row["minute"]), **_trades(row, measure)}
        found.append(one | {"volume": volume})
    return Told({"t1662OutBlock": found})


def t1633(desk: Desk) -> Told:
    """Days of a market between two, newest first; today's row grows while the session runs."""
    market, measure = MARKETS[desk.text("gubun")], measured(desk)
    first, last, moment = desk.dated("fdate"), desk.dated("tdate"), desk.moment
    told = desk.dated("date")
    end = min([one for one in (last, told, moment.closed) if one is not None], default=None)
    rows = [] if moment.closed is None or desk.elsewhere else _days(desk, market, end, first)
    running = moment.state is State.OPEN and (last is None or last >= moment.day) and told is None
    if running and not desk.elsewhere:
        now = desk.figures.intraday("program_minute_market", moment.day, market).until(moment.minute, 1)
        rows = now + rows
    shown, left = rows[:DAYS], rows[DAYS:]
    following = day(left[0]["session"]) if left else ""
    totals, levels = desk.figures.scope("index_day", market), desk.figures.scope("index_day", "KOSPI200")
    if desk.text("gubun2") == "1":
        shown = _added(shown)
    found = []
    for row in shown:
        level, before = levels.at(row["session"]), levels.before(row["session"])
        close = level["close"] if level and row["session"] != moment.day else before["close"] if before else 0.0
        change = round(close - (before["close"] if before else close), 2)
        volume = totals.at(row["session"]) if row["session"] != moment.day or moment.state is State.AFTER else None
        one: Row = {"date": day(row["session"]), "jisu": decimals(close), "sign": sign(change)}
        one |= {"change": decimals(abs(change)), **_trades(row, measure)}
        found.append(one | {"volume": units(volume["volume"] if volume else 0, THOUSAND)})
    head: Row = {"date": following, "idx": len(found)}
    return Told({"t1633OutBlock": head, "t1633OutBlock1": found}, bool(following), f"t1633{following}")


def _days(desk: Desk, market: str, end: Any, first: Any) -> list[Found]:
    rows = desk.figures.scope("program_day_market", market).newest_first(first, end)
    groups: dict[object, Found] = {}
    period = desk.text("gubun3")
    if period == "1":
        return rows
    for row in rows:
        session = row["session"]
        key = session.isocalendar()[:2] if period == "2" else (session.year, session.month)
        groups[key] = _sum(groups[key], row) if key in groups else row
    return list(groups.values())


def _sum(row: Found, more: Found) -> Found:
    return {name: value + more[name] if isinstance(value, int) else value for name, value in row.items()}


def _added(rows: list[Found]) -> list[Found]:
    found: list[Found] = []
    for row in rows[::-1]:
        found.append(_sum(row, found[-1]) if found else row)
    return found[::-1]
