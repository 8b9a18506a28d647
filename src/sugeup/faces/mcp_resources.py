"""MCP resources: reference data, the calendar, what is stored, and the flows of a stock, each as JSON."""

from __future__ import annotations

from typing import Any

import orjson
from mcp.server.caching import CacheHint

from sugeup.errors import Refused
from sugeup.faces.answering import Answering
from sugeup.faces.index import index
from sugeup.faces.mcp_offers import DAY_MS, Document
from sugeup.market import calendar_tables, investors, sessions

SCHEME = "sugeup"
_FIXED = CacheHint(DAY_MS, "public")
_STORED = CacheHint(60_000, "private")
_STATUS = CacheHint(10_000, "private")


def documents(answering: Answering) -> tuple[Document, ...]:
    """Every resource over one application."""

    def asked(name: str, **arguments: Any) -> str:
        return answering.ask(index().questions[name].load(), arguments).body.decode()

    def data_status() -> str:
        return asked("get_data_status")

    def metrics() -> str:
        return asked("explain_metric")

    def metric(metric_id: str) -> str:
        return asked("explain_metric", metric_id=metric_id)

    def flows(stock_code: str, investor_type: str = "ALL", period: str = "1D") -> str:
        return asked("get_investor_trading", stock_code=stock_code, investor_type=investor_type, period=period)

    return (
        Document(
            f"{SCHEME}://data-status",
            "data-status",
            "자료 현황",
            "Datasets, sources, newest sessions, rows and gaps of the lake.",
            data_status,
            cache=_STATUS,
        ),
        Document(
            f"{SCHEME}://reference/investor-types",
            "investor-types",
            "투자자 구분",
            "The twelve investor classes of the exchange, the stored sums and the four groups that add to zero.",
            investor_types,
            cache=_FIXED,
        ),
        Document(
            f"{SCHEME}://reference/metrics",
            "metrics",
            "지표 정의",
            "Definition of every measure: formula, unit, window, null rule, source.",
            metrics,
            cache=_FIXED,
        ),
        Document(
            f"{SCHEME}://calendar/{{year}}",
            "calendar",
            "거래일 달력",
            f"Sessions, special hours and closings of a year, {years()[0]} to {years()[-1]}.",
            calendar,
            cache=_FIXED,
        ),
        Document(
            f"{SCHEME}://metric/{{metric_id}}",
            "metric",
            "지표 정의",
            "Definition of one measure; ids stand in the `meta` of answers.",
            metric,
            cache=_FIXED,
        ),
        Document(
            f"{SCHEME}://stock/{{stock_code}}/investor-trading{{?investor_type,period}}",
            "stock-investor-trading",
            "종목 투자자별 매매동향",
            "What get_investor_trading answers about a stock, on its newest session.",
            flows,
            cache=_STORED,
        ),
    )


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


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
