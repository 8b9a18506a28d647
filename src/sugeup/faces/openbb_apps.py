"""`apps.json` of OpenBB Workspace: one dashboard of market, stock and sectors, laid out from the widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sugeup import registry
from sugeup.faces.openbb_widgets import CHART, PAGE, widget_id

_WIDE = 40
_STOCK, _MARKET = "Stock", "Market"
Place = tuple[str, str]
"""A use-case by function name, and the form of its widget."""
TABS: Mapping[str, tuple[str, Sequence[Place]]] = {
    "market": (
        "시장 Market",
        [
            ("get_market_brief", PAGE),
            ("get_market_flows", CHART),
            ("get_investor_sentiment", PAGE),
            ("get_sentiment_history", CHART),
            ("get_market_minutes", CHART),
            ("get_program_trading", PAGE),
        ],
    ),
    "stock": (
        "종목 Stock",
        [
            ("get_investor_trading", ""),
            ("get_investor_trading", PAGE),
            ("get_stock_flows", CHART),
            ("get_prices", CHART),
            ("get_holdings", CHART),
            ("get_shorts", CHART),
            ("get_stock_patterns", PAGE),
            ("get_stock_indicators", ""),
        ],
    ),
    "sectors": (
        "업종·순위 Sectors and rankings",
        [
            ("get_sector_investor_flow", ""),
            ("rank_flows", ""),
            ("get_smart_money_tracker", ""),
            ("get_short_selling", ""),
        ],
    ),
    "data": ("자료 Data", [("get_data_status", ""), ("explain_metric", "")]),
}
PROMPTS = (
    "Who bought and who sold on KOSPI in the newest session?",
    "외국인이 5일째 순매수하는 종목은?",
    "How much of 삼성전자 do foreigners hold, and how did that change in three months?",
    "어느 업종으로 자금이 들어오고 있나?",
)


def apps(widgets: Mapping[str, Mapping[str, Any]], stock_code: str) -> list[dict[str, Any]]:
    """The dashboard. Widgets of the tab of stocks follow one stock, charts of a market one market."""
    followers = {_STOCK: _following(widgets, "stock_code", only="stock"), _MARKET: _following(widgets, "market")}
    groups = [
        {"name": _STOCK, "type": "endpointParam", "paramName": "stock_code", "defaultValue": stock_code},
        {"name": _MARKET, "type": "param", "paramName": "market", "defaultValue": "KOSPI"},
    ]
    return [
        {
            "name": "수급 sugeup",
            "description": "Who is buying and who is selling on the Korean stock market, with the reason of every gap.",
            "img": "",
            "img_dark": "",
            "img_light": "",
            "allowCustomization": True,
            "tabs": {name: _tab(name, title, places, widgets, followers) for name, (title, places) in TABS.items()},
            "groups": [group | {"widgetIds": followers[str(group["name"])]} for group in groups],
            "prompts": list(PROMPTS),
        }
    ]


def _following(widgets: Mapping[str, Mapping[str, Any]], parameter: str, only: str | None = None) -> list[str]:
    """Placed widgets that have the parameter; of markets those that need to be told one."""
    placed = [_id(place) for tab, (_, places) in TABS.items() if only in (None, tab) for place in places]
    return [
        name
        for name in placed
        for one in widgets[name]["params"]
        if one["paramName"] == parameter and (parameter == "stock_code" or not one["optional"])
    ]


def _tab(
    name: str,
    title: str,
    places: Sequence[Place],
    widgets: Mapping[str, Mapping[str, Any]],
    followers: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    layout: list[dict[str, Any]] = []
    x = y = tallest = 0
    for place in places:
        widget = _id(place)
        w, h = widgets[widget]["gridData"]["w"], widgets[widget]["gridData"]["h"]
        if x + w > _WIDE:
            x, y, tallest = 0, y + tallest, 0
        groups = [group for group, names in followers.items() if widget in names]
        layout.append({"i": widget, "x": x, "y": y, "w": w, "h": h} | ({"groups": groups} if groups else {}))
        x, tallest = x + w, max(tallest, h)
    return {"id": name, "name": title, "layout": layout}


def _id(place: Place) -> str:
    return widget_id(registry.usecases()[place[0]], place[1])
