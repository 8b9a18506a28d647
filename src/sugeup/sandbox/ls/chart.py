"""투자자매매종합 챠트 (t1664): investors, programme and basis of a market together, by minute or by day."""

from __future__ import annotations

from sugeup.sandbox.ls.desk import Desk, Told
from sugeup.sandbox.ls.market_flows import GROUPS, UNITS, figure, measured, minutes
from sugeup.sandbox.ls.program import basis
from sugeup.sandbox.ls.writing import Row, day, hour, padded, units


def t1664(desk: Desk) -> Told:
    """Investors and programme of a market together, by minute or by day, newest first."""
    market = {"1": "KOSPI", "2": "KOSDAQ"}.get(desk.text("mgubun"), "")
    measure, most = measured(desk.text("vagubun")), desk.number("cnt")
    by_day = (desk.text("bdgubun") or desk.text("bgubun")) == "2"
    session = desk.trading[0]
    if by_day:
        rows = desk.figures.scope("investor_day_market", market).newest_first(None, desk.moment.investors, most)
        programs = {
            row["session"]: row
            for row in desk.figures.scope("program_day_market", market).newest_first(None, desk.moment.closed)
        }
        pairs = [(day(row["session"]), row, programs.get(row["session"], {})) for row in rows]
    else:
        rows = minutes(desk, market, session)[:most] if market else []
        seen = desk.figures.intraday("program_minute_market", session, market) if session and market else None
        places = {row["minute"]: row for row in seen.plain} if seen else {}
        pairs = [(hour(row["minute"]), row, places.get(row["minute"], {})) for row in rows]
    found = []
    for when, row, program in pairs if not desk.elsewhere else []:
        one: Row = {"dt": when}
        one |= {
            f"tjj{code}": figure(row, name, "net", measure) for code, name in GROUPS.items() if code not in {"11", "00"}
        }
        for word, kind in (("cha", "arbitrage"), ("bicha", "non_arbitrage"), ("totcha", "program")):
            one[word] = units(program.get(f"{kind}_net_{measure}", 0), UNITS[measure])
        one["basis"] = padded(0.0 if by_day or session is None else basis(desk, session, row["minute"]))
        found.append(one)
    return Told({"t1664OutBlock1": found})
