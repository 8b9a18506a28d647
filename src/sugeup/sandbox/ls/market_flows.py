"""투자자별 매매동향 of a market: as it stands, by minute and by day. In these questions 18 has 국가 in it.

The simulated market has flows of KOSPI, KOSDAQ and their industries alone: those of futures and options are zeros.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sugeup.sandbox.figures import Found
from sugeup.sandbox.ls.desk import Desk, Told, index_name, sector
from sugeup.sandbox.ls.writing import EOK, THOUSAND, Row, day, decimals, hour, units
from sugeup.sandbox.moment import State

GROUPS = {
    "08": "individual", "17": "foreign", "18": "institution", "01": "financial_investment", "03": "investment_trust",
    "04": "bank", "02": "insurance", "05": "other_financial", "06": "pension_fund", "07": "other_corporation",
    "11": "government", "00": "private_fund",
}  # fmt: skip
LEAVES = {**GROUPS, "09": "foreign_registered", "10": "foreign_other"}
VOLUME, AMOUNT = "1", "2"
UNITS = {"volume": THOUSAND, "amount": EOK}
PANELS = ("KOSPI", "KOSDAQ", "", "", "", "")
"""Markets of the six blocks of t1601; there is no figure for those without a name."""
ROWS = 100
"""Most rows of a page by minute, of which the vendor does not say how many there are."""
_WORDS = {
    "ind": "08", "for": "17", "sys": "18", "sto": "01", "inv": "03", "ban": "04", "ins": "02", "fin": "05", "mon": "06",
    "etc": "07", "nat": "11", "pef": "00",
}  # fmt: skip


def measured(word: str) -> str:
    """What is counted: 1 is shares and 2 is won."""
    return "amount" if word == AMOUNT else "volume"


def figure(row: Mapping[str, Any], name: str, side: str, measure: str) -> int:
    """A figure of a group in the vendor's unit."""
    return units(row.get(f"{name}_{side}_{measure}"), UNITS[measure])


def minutes(desk: Desk, market: str, session: date | None) -> list[Found]:
    """Cumulative rows of a session that are public now, newest first."""
    if session is None or desk.elsewhere:
        return []
    now = desk.moment.minute if session == desk.moment.day else 24 * 60
    return desk.figures.intraday("investor_minute_market", session, market).until(now)


def standing(desk: Desk, market: str) -> tuple[Found, Found]:
    """What has been bought and sold in the session that is shown, and what had been a minute before."""
    session, moment = desk.moment.shown, desk.moment
    if session is None or not market or desk.elsewhere:
        return {}, {}
    if session != moment.day or moment.state is State.AFTER:
        row = desk.figures.scope("investor_day_market", market).at(session) or {}
        return row, row
    rows = minutes(desk, market, session)[:2] if moment.state is State.OPEN else []
    nothing: Found = {}
    return rows[0] if rows else nothing, rows[1] if len(rows) > 1 else nothing


def panel(desk: Desk, block: str, market: str, measure: str) -> Row:
    """Both sides of every group in a block."""
    now, before = standing(desk, market)
    found = desk.empty(block)
    for code, name in GROUPS.items():
        found[f"ms_{code}"] = figure(now, name, "buy", measure)
        found[f"md_{code}"] = figure(now, name, "sell", measure)
        net = figure(now, name, "net", measure)
        found[f"svolume_{code}"] = net
        found[f"rate_{code}"] = net - figure(before, name, "net", measure)
    return found


def t1601(desk: Desk) -> Told:
    """Every market as it stands, shares or won."""
    measure = measured(desk.text("gubun1"))
    names = [f"t1601OutBlock{number}" for number in range(1, 7)]
    return Told({name: panel(desk, name, market, measure) for name, market in zip(names, PANELS, strict=True)})


def t1615(desk: Desk) -> Told:
    """The large markets side by side; what is called 증권 is 기타."""
    measure = measured(desk.text("gubun1"))
    rows = []
    for name, market in (("코스피", "KOSPI"), ("코스닥", "KOSDAQ"), ("선물", ""), ("콜옵션", ""), ("풋옵션", "")):
        now, _ = standing(desk, market)
        row: Row = {"hname": name}
        rows.append(
            row | {f"sv_{code}": figure(now, GROUPS[code], "net", measure) for code in ("08", "17", "18", "07")}
        )
    return Told({"t1615OutBlock": desk.empty("t1615OutBlock"), "t1615OutBlock1": rows})


def t1621(desk: Desk) -> Told:
    """Rows of so many minutes of an industry, newest first, won and shares."""
    code, today, before = desk.text("upcode"), *desk.trading
    market = sector(code)
    session = before if desk.text("bgubun") == "1" else today
    every, most = max(desk.number("nmin"), 1), min(desk.number("cnt"), 500)
    rows = [row for row in minutes(desk, market, session) if row["minute"] % every == 0][:most]
    levels = desk.figures.intraday("index_minute", session, market) if session else None
    found = []
    for row in rows:
        assert levels is not None
        assert session is not None
        place = levels.upto(row["minute"])
        level = levels.columns if place else {}
        one: Row = {"date": day(session), "time": hour(row["minute"]), "datetime": day(session)}
        for word, group in _WORDS.items():
            one[f"{word}msvol"] = figure(row, GROUPS[group], "net", "volume")
            one[f"{word}msamt"] = str(figure(row, GROUPS[group], "net", "amount"))
        one["upclose"] = decimals(100 * level["close"][place - 1] if place else 0)
        one["upcvolume"] = 0
        one["upvolume"] = str(units(level["volume"][place - 1] if place else 0, THOUSAND))
        one["upvalue"] = str(units(level["amount"][place - 1] if place else 0, EOK))
        found.append(one)
    codes: Row = {f"{word}code": f"00{group}" for word, group in _WORDS.items()}
    head = codes | {"jisucd": code, "jisunm": index_name(code), "ex_upcode": code}
    return Told({"t1621OutBlock": head, "t1621OutBlock1": found})


def t1665(desk: Desk) -> Told:
    """Net of every group by day, week or month, newest first, day by day or added up."""
    code, market = desk.text("upcode"), sector(desk.text("upcode"))
    first, last, newest = desk.dated("from_date"), desk.dated("to_date"), desk.moment.investors
    end = newest if last is None or newest is None else min(last, newest)
    rows = [] if desk.elsewhere else desk.figures.scope("investor_day_market", market).newest_first(first, end)
    columns = [(name, measure) for name in LEAVES.values() for measure in UNITS]
    every = [
        (row["session"], {(name, measure): row[f"{name}_net_{measure}"] for name, measure in columns})
        for row in rows[::-1]
    ]
    shown = _grouped(every, desk.text("gubun3"))
    if desk.text("gubun2") == "2":
        shown = _added(shown)
    levels = desk.figures.scope("index_day", market)
    found = []
    for session, sums in shown[::-1]:
        row: Row = {"date": day(session)}
        for group, name in LEAVES.items():
            row[f"sv_{group}"] = units(sums[name, "volume"], THOUSAND)
            row[f"sa_{group}"] = str(units(sums[name, "amount"], EOK))
        rest = {measure: sums["other_corporation", measure] + sums["government", measure] for measure in UNITS}
        row["sv_99"], row["sa_99"] = units(rest["volume"], THOUSAND), str(units(rest["amount"], EOK))
        level = levels.at(session)
        row["jisu"] = decimals(100 * level["close"] if level else 0)
        found.append(row)
    head: Row = {"mcode": f"{code}KGG01", "mname": index_name(code), "ex_upcode": code}
    return Told({"t1665OutBlock": head, "t1665OutBlock1": found})


Sums = tuple[date, dict[tuple[str, str], int]]


def _grouped(rows: list[Sums], period: str) -> list[Sums]:
    """Days (1), weeks (2) or months (3), dated by their last session."""
    if period == "1":
        return rows
    groups: dict[object, Sums] = {}
    for session, sums in rows:
        key = session.isocalendar()[:2] if period == "2" else (session.year, session.month)
        before = groups.get(key, (session, dict.fromkeys(sums, 0)))[1]
        groups[key] = (session, {name: before[name] + value for name, value in sums.items()})
    return list(groups.values())


def _added(rows: list[Sums]) -> list[Sums]:
    found: list[Sums] = []
    for session, sums in rows:
        before = found[-1][1] if found else dict.fromkeys(sums, 0)
        found.append((session, {name: before[name] + value for name, value in sums.items()}))
    return found
