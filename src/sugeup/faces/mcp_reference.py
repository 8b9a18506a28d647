"""MCP reference documents: investor classes, words, the calendar and the overheating rule, as JSON text. Fixed data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson

from sugeup.errors import Refused
from sugeup.market import calendar_tables, glossary, investors, overheating, sessions


def years() -> range:
    """Years that the calendar covers."""
    return range(calendar_tables.FIRST.year, calendar_tables.LAST.year + 1)


def investor_types() -> str:
    """Leaves, sums and groups of the investor classification."""
    return _json(
        {
            "leaves": [_investor(one) for one in investors.LEAVES],
            "sums": [_investor(one) | {"of": list(investors.members(one.id))} for one in investors.SUMS],
            "groups": list(investors.GROUPS),
            "closure": "Net purchases of the twelve leaves, and of the four groups, add to zero in every session.",
            "columns": "{investor}_{buy|sell|net}_{amount|volume}: won and shares.",
        }
    )


def words() -> str:
    """The glossary: each word with its Korean word and its meaning in both languages."""
    return _json({"terms": [asdict(term) for term in glossary.TERMS]})


def overheating_rules() -> str:
    """공매도 과열종목: conditions by type, the dated rows before, full bans, and how it is read."""
    return _json(
        {
            "in_force": _rule(overheating.STANDING),
            "history": [_rule(rule) for rule in overheating.RULES],
            "full_bans": [
                {"from": first.isoformat(), "to": last.isoformat(), "evidence": evidence}
                for first, last, evidence in overheating.BANS
            ],
            "reading": {
                "designation": "after the close; short selling of the stock is barred on the next session",
                "multiple": "short value of the day ÷ its mean over the 40 sessions before, at least",
                "fall": "return of the day at most -fall %; fall_below: and above -fall_below %",
                "share": "short value ÷ turnover of the day, % at least; mean_share: the same over 40 sessions",
                "quarter": f"the day's share is at least {overheating.QUARTER_TIMES} x that of index members in the "
                f"quarter before, rounded to whole percent first, at most {overheating.QUARTER_CAP:g} %",
                "extension": "a fall of so many percent on a barred session prolongs the ban by one",
                "least_days": f"traded on at least {overheating.LEAST_DAYS} of the last 40 sessions",
                "null": "not asked by this condition",
            },
            "how_near": "get_short_selling(stock_code) tells which conditions a stock meets, and the distance to them.",
        }
    )


def calendar(year: str) -> str:
    """Sessions of a year as dates; hours only where they differ from the usual ones."""
    if not (year.isascii() and year.isdigit()):
        raise Refused(f"year={year[:20]!r} is no year.", hint=f"Write it as {years()[-2]}.")
    found = sessions.calendar(int(year))
    until = calendar_tables.OBSERVED_UNTIL.isoformat()
    return _json(
        {
            "year": found["year"],
            "count": len(found["sessions"]),
            "sessions": [row["date"] for row in found["sessions"]],
            "special_hours": [row for row in found["sessions"] if row["kind"] != "REGULAR"],
            "closed": found["closed"],
            "note": f"Weekends are always closed. Days after {until} are expected, not observed. Hours of Seoul.",
        }
    )


def _investor(one: investors.Investor) -> dict[str, Any]:
    return {"id": one.id, "korean": one.korean, "english": one.english, "krx": one.krx, "group": one.group}


def _rule(rule: overheating.Rule) -> dict[str, Any]:
    return {
        "from": rule.valid_from.isoformat(),
        "to": None if rule.valid_to is None else rule.valid_to.isoformat(),
        "conditions": [asdict(condition) for condition in rule.conditions],
        "extension": rule.extension,
        "evidence": rule.evidence,
    }


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
