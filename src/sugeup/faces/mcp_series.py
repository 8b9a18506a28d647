"""누적 순매수 series: what the chart of a stock or a market draws, in columns, from the answers of three use-cases.

Net purchases of the four groups session by session in won, or in shares where a source has no won, and the adjusted
price (수정주가) beside them. A session without a row is null in every column and the client's sums stop there.
"""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from sugeup.errors import SugeupError
from sugeup.faces import payload
from sugeup.faces.answering import Answered, Answering
from sugeup.faces.index import index
from sugeup.market import investors, sessions

SESSIONS = 120
"""Sessions of a series: the longest that the chart offers."""
_SPLIT = 0.01
"""A change of adjusted ÷ raw price beyond this is a change of shares."""


def stock(answering: Answering, stock_code: str, session: str | None = None) -> tuple[dict[str, Any], list[Answered]]:
    """The series of a stock up to a session (default: its newest flows), and the answers that it was made from."""
    about = {"stock_code": stock_code, "limit": SESSIONS} | ({"end": session} if session else {})
    flows = _asked(answering, "get_stock_flows", about)
    found = _columns(flows.plain)
    last = found["sessions"][-1] if found["sessions"] else None
    close: list[float | None] = [None] * len(found["sessions"])
    used, reason = [flows], "no session with flows"
    if last is not None:
        try:
            priced = {"stock_code": stock_code, "session": last, "sessions": SESSIONS}
            adjusted = _asked(answering, "get_stock_indicators", priced)
            raw = _asked(answering, "get_prices", {"stock_code": stock_code, "end": last, "limit": SESSIONS})
            used += [adjusted, raw]
            prices = {row["session"]: row["close"] for row in adjusted.plain["rows"]}
            close = [prices.get(day) for day in found["sessions"]]
            reason = ""
            if found["unit"] == "shares":
                _comparable(found, prices, {row["session"]: row["close"] for row in raw.plain["rows"]})
        except SugeupError as error:
            reason = f"{error.code}: {error.message}"
    found |= {"close": close, "price": "수정주가 adjusted close, won"} | ({"no_price": reason} if reason else {})
    return found | _about(used, code=flows.plain["code"], name=flows.plain["name"]), used


def market(answering: Answering, name: str, session: str | None = None) -> tuple[dict[str, Any], list[Answered]]:
    """The series of KOSPI or KOSDAQ; levels of an index by session are no answer of sugeup, so there is no price."""
    about = {"market": name, "limit": SESSIONS} | ({"end": session} if session else {})
    flows = _asked(answering, "get_market_flows", about)
    found = _columns(flows.plain)
    found |= {"close": [None] * len(found["sessions"]), "no_price": "index levels by session are not answered"}
    return found | _about([flows], code=None, name=name), [flows]


def of(answering: Answering, asked: dict[str, Any]) -> dict[str, Any] | None:
    """The series behind an answer of get_investor_trading; None where there is none (both markets, nothing stored)."""
    session = asked.get("session")
    until = None if session is None else str(session)
    try:
        if asked.get("stock_code") is not None:
            return stock(answering, str(asked["stock_code"]), until)[0]
        name = str(asked.get("market", "ALL")).strip().upper()
        return market(answering, name, until)[0] if name in {"KOSPI", "KOSDAQ"} else None
    except SugeupError:
        return None
    except Exception as error:  # the chart is an extra: the answer it belongs to is already there
        payload.logged(error)
        return None


def _asked(answering: Answering, name: str, arguments: dict[str, Any]) -> Answered:
    return answering.ask(index().questions[name].load(), arguments)


def _columns(flows: dict[str, Any]) -> dict[str, Any]:
    """Sessions, oldest first and none left out, and a column of nets per group."""
    rows = {row["session"]: row["flows"] for row in flows["rows"]}
    won = any("net_amount" in row.get(group, {}) for row in rows.values() for group in investors.GROUPS)
    measure = "net_amount" if won else "net_volume"
    days = sorted(rows)
    if days:
        first, last = (date.fromisoformat(day) for day in (days[0], days[-1]))
        days = [day.isoformat() for day in sessions.sessions(first, last)]
    groups = {group: [rows.get(day, {}).get(group, {}).get(measure) for day in days] for group in investors.GROUPS}
    return {"sessions": days, "unit": "won" if won else "shares", "groups": groups}


def _comparable(found: dict[str, Any], adjusted: dict[str, Any], raw: dict[str, Any]) -> None:
    """Shares before a change of their number are not comparable: they become null, and `note` says since when."""
    factors = {day: adjusted[day] / raw[day] for day in found["sessions"] if adjusted.get(day) and raw.get(day)}
    known = sorted(factors)
    changes = [day for before, day in itertools.pairwise(known) if _changed(factors[before], factors[day])]
    if not changes:
        return
    for column in found["groups"].values():
        for at, day in enumerate(found["sessions"]):
            if day < changes[-1]:
                column[at] = None
    found["note"] = f"{changes[-1]}: the number of shares changed; nets before it are not comparable"


def _changed(before: float, now: float) -> bool:
    return abs(now / before - 1) > _SPLIT


def _about(used: list[Answered], **about: Any) -> dict[str, Any]:
    first = used[0].plain
    return about | {
        "as_of": first["as_of"],
        "sources": sorted({source for one in used for source in one.plain["sources"]}),
        "provisional": any(one.plain["provisional"] for one in used),
        "simulated": any(one.plain["simulated"] for one in used),
    }
