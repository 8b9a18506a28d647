"""MCP resources: reference data, what is stored, sectors, and pages about a stock, each as JSON.

What is read from the lake stays fresh until the next publication of the datasets behind it; reference data for a day.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from mcp.server.caching import CacheHint

from sugeup.faces import mcp_reference, mcp_series, mcp_snapshot
from sugeup.faces.answering import Answered, Answering
from sugeup.faces.index import index
from sugeup.faces.mcp_freshness import hint, note
from sugeup.faces.mcp_offers import DAY_MS, Document

SCHEME = "sugeup"
_FIXED = CacheHint(DAY_MS, "public")
_STORED = CacheHint(60_000, "private")
_STATUS = CacheHint(10_000, "private")


def documents(answering: Answering) -> tuple[Document, ...]:
    """Every resource over one application: reference data, what is stored, then families by their address."""
    return (*_reference(answering), *_stored(answering), *_families(answering))


def _reference(answering: Answering) -> tuple[Document, ...]:
    def metrics() -> str:
        return answering.ask(index().questions["explain_metric"].load(), {}).body.decode()

    return (
        _fixed(
            "investor-types",
            "투자자 구분",
            "The twelve investor classes of the exchange, the stored sums and the four groups that add to zero.",
            mcp_reference.investor_types,
        ),
        _fixed("glossary", "용어", "Words of investor flows in Korean and English.", mcp_reference.words),
        _fixed(
            "metrics", "지표 정의", "Definition of every measure: formula, unit, window, null rule, source.", metrics
        ),
        _fixed(
            "overheating-rules",
            "공매도 과열종목 기준",
            "Conditions by type and market, the dated rows before, full bans of short selling.",
            mcp_reference.overheating_rules,
        ),
    )


def _stored(answering: Answering) -> tuple[Document, ...]:
    read = _reader(answering)
    return (
        Document(
            f"{SCHEME}://data-status",
            "data-status",
            "자료 현황",
            "Datasets, sources, newest sessions, rows and gaps of the lake.",
            lambda: answering.ask(index().questions["get_data_status"].load(), {}).body.decode(),
            cache=_STATUS,
        ),
        Document(
            f"{SCHEME}://reference/sectors",
            "sectors",
            "업종 목록",
            "Sectors of the scheme that covers most stocks, with members; the other schemes by name.",
            lambda: read("list_sectors", limit=500).body.decode(),
            cache=_STORED,
        ),
    )


def _families(answering: Answering) -> tuple[Document, ...]:
    read = _reader(answering)

    def plain(name: str, **arguments: Any) -> dict[str, Any]:
        return read(name, **arguments).plain

    years = mcp_reference.years()

    def metric(metric_id: str) -> str:
        found = answering.ask(index().questions["explain_metric"].load(), {"metric_id": metric_id})
        return found.body.decode()

    def flows(stock_code: str, investor_type: str = "ALL", period: str = "1D") -> str:
        asked = {"stock_code": stock_code, "investor_type": investor_type, "period": period}
        return read("get_investor_trading", **asked).body.decode()

    def series(stock_code: str) -> str:
        found, used = mcp_series.stock(answering, stock_code)
        for answered in used:
            note(hint(answering, answered))
        return orjson.dumps(found).decode()

    return (
        Document(
            f"{SCHEME}://calendar/{{year}}",
            "calendar",
            "거래일 달력",
            f"Sessions, special hours and closings of a year, {years[0]} to {years[-1]}.",
            mcp_reference.calendar,
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
            f"{SCHEME}://sector/{{sector}}/investor-flow{{?period}}",
            "sector-investor-flow",
            "업종 수급",
            "What get_sector_investor_flow answers about one sector, by code or name.",
            lambda sector, period="5D": read("get_sector_investor_flow", sector=sector, period=period).body.decode(),
            cache=_STORED,
        ),
        _of_stock(
            "investor-trading{?investor_type,period}", "투자자별 매매동향", "What get_investor_trading answers.", flows
        ),
        _of_stock(
            "snapshot",
            "종목 한눈에",
            "Identity, flows of 1 and 20 sessions, foreign holdings and short selling on one page.",
            lambda stock_code: orjson.dumps(mcp_snapshot.snapshot(plain, stock_code)).decode(),
        ),
        _of_stock(
            "series",
            "종목 누적 순매수 자료",
            f"Nets of the four groups and adjusted prices in columns, {mcp_series.SESSIONS} sessions.",
            series,
        ),
    )


def _reader(answering: Answering) -> Callable[..., Answered]:
    """Asks a use-case, and notes how long what was read stays true."""

    def read(name: str, **arguments: Any) -> Answered:
        answered = answering.ask(index().questions[name].load(), arguments)
        note(hint(answering, answered))
        return answered

    return read


def _fixed(name: str, title: str, description: str, read: Callable[[], str]) -> Document:
    return Document(f"{SCHEME}://reference/{name}", name, title, description, read, cache=_FIXED)


def _of_stock(path: str, title: str, description: str, read: Callable[..., str]) -> Document:
    uri = f"{SCHEME}://stock/{{stock_code}}/{path}"
    return Document(uri, f"stock-{path.partition('{')[0]}", title, description, read, cache=_STORED)
