"""`widgets.json` of OpenBB Workspace, from the registry: per use-case a table and a page, where it fits a chart."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sugeup import registry
from sugeup.faces.http_parameters import parameters
from sugeup.faces.openbb_views import CHARTS, Chart
from sugeup.registry import UseCase

PATH = "/api/v1/openbb"
SERVER = "sugeup"
"""Name that the MCP server must have where it is connected in the Workspace, so that widgets match its tools."""
PAGE, CHART = "page", "chart"
_HIDDEN = frozenset({"cursor"})
_EXAMPLES = {"query": "삼성전자", "market": "KOSPI"}
_OPTIONS = {"stock_code": "stocks", "sector": "sectors"}
_MINUTE, _QUARTER = 60_000, 900_000
_COLOURS = [
    {"condition": "gt", "value": 0, "color": "#d24f45", "fill": False},
    {"condition": "lt", "value": 0, "color": "#1261c4", "fill": False},
]
"""Net buying red, net selling blue, as in Korea."""


def widget_id(case: UseCase, form: str = "") -> str:
    """Name of a widget: `sugeup_investor_trading`, with `_page` or `_chart`."""
    return "_".join(["sugeup", case.verb.replace("-", "_"), *([form] if form else [])])


@lru_cache(maxsize=8)
def widgets(stock_code: str, sector: str | None = None) -> Mapping[str, dict[str, Any]]:
    """Every widget by its name; `stock_code` and `sector` are what a required parameter shows first.

    Made once and shared by everybody who asks, so it must not be changed.
    """
    first = _EXAMPLES | {"stock_code": stock_code, "sector": sector}
    found = {}
    for case in registry.usecases().values():
        found[widget_id(case)] = _table(case, first)
        found[widget_id(case, PAGE)] = _page(case, first)
        if case.name in CHARTS:
            found[widget_id(case, CHART)] = _chart(case, first, CHARTS[case.name])
    return found


def _table(case: UseCase, first: dict[str, Any]) -> dict[str, Any]:
    made = _widget(case, first, "table", "", (20, 12)) | {"data": {"table": {"enableCharts": True, "showAll": True}}}
    return made | ({"mcp_tool": {"mcp_server": SERVER, "tool_id": case.tool}} if case.tool else {})


def _page(case: UseCase, first: dict[str, Any]) -> dict[str, Any]:
    return _widget(case, first, "markdown", PAGE, (20, 16))


def _chart(case: UseCase, first: dict[str, Any], chart: Chart) -> dict[str, Any]:
    columns: list[dict[str, Any]] = [{"field": chart.x, "chartDataType": "category", "cellDataType": "text"}]
    for name in chart.series:
        column: dict[str, Any] = {"field": name, "chartDataType": "series", "cellDataType": "number"}
        if chart.long:
            column |= {"renderFn": "columnColor", "renderFnParams": {"colorRules": _COLOURS}}
        columns.append(column)
    view = {"enabled": True, "chartType": chart.kind, "cellRangeCols": {chart.kind: [chart.x, *chart.series]}}
    shown = {"enableCharts": True, "showAll": True, "chartView": view, "columnsDefs": columns}
    return _widget(case, first, "table", CHART, (20, 12)) | {"data": {"table": shown}}


def _widget(case: UseCase, first: dict[str, Any], kind: str, form: str, size: tuple[int, int]) -> dict[str, Any]:
    mark = {"": "표 table", PAGE: "글 page", CHART: "그림 chart"}[form]
    named = set(case.arguments.model_fields)
    group = "종목 Stock" if "stock_code" in named else "업종 Sector" if "sector" in named else "시장 Market"
    return {
        "name": f"{case.title} · {mark}",
        "description": case.summary,
        "category": "수급 Korea flows",
        "subCategory": group,
        "type": kind,
        "endpoint": "/".join([PATH[1:], case.verb, *([form] if form else [])]),
        "gridData": {"w": size[0], "h": size[1]},
        "params": [_parameter(one, first) for one in parameters(case) if one["name"] not in _HIDDEN],
        "source": ["sugeup"],
        "refetchInterval": _MINUTE if case.name == "get_market_minutes" else _QUARTER,
    }


def _parameter(about: dict[str, Any], first: dict[str, Any]) -> dict[str, Any]:
    """A parameter as the Workspace asks for it; null stands for the default of the use-case."""
    name, schema = about["name"], about["schema"]
    value = schema.get("default", first.get(name) if about["required"] else None)
    found = {
        "paramName": name,
        "label": name.replace("_", " ").capitalize(),
        "description": about["description"],
        "show": True,
        "value": value,
        "optional": not about["required"],
    }
    if name in _OPTIONS:
        return found | {"type": "endpoint", "optionsEndpoint": f"{PATH[1:]}/options/{_OPTIONS[name]}"}
    if "enum" in schema:
        return found | {"type": "text", "options": [{"label": one, "value": one} for one in schema["enum"]]}
    if schema.get("format") == "date":
        return found | {"type": "date"}
    return found | {"type": {"boolean": "boolean", "integer": "number", "number": "number"}.get(schema["type"], "text")}
