"""다음 질문: the calls that help on when an answer lacks something, chosen by what is missing and why.

`coverage` tells a person which command collects what is missing; a model has no command line, only these tools.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sugeup.errors import SugeupError

MOST = 2
"""Calls named at most: a list to choose from would be another question."""
_ABSENT = {"NOT_COLLECTED", "MISSING_INPUT", "OUT_OF_HISTORY", "RECONCILIATION_FAILED"}
_SHORTER = {"60D": "20D", "20D": "5D", "5D": "1D", "1Y": "6M", "6M": "3M", "3M": "1M"}


@dataclass(frozen=True)
class Call:
    """A tool, the arguments to call it with, and what that gives."""

    tool: str
    arguments: Mapping[str, Any]
    gives: str

    @property
    def shown(self) -> str:
        """As it is written in a text: get_data_status() and the like."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.tool}({given}) {self.gives}"

    @property
    def plain(self) -> dict[str, Any]:
        """As a JSON object."""
        return {"tool": self.tool, "arguments": dict(self.arguments), "gives": self.gives}


def after(tool: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> list[Call]:
    """What to call after an answer that lacks something; nothing after a complete one."""
    reasons = {gap["reason"] for gap in answer.get("coverage", ())}
    return list(_calls(tool, asked, answer, reasons))[:MOST] if reasons else []


def after_error(tool: str, asked: Mapping[str, Any], error: SugeupError) -> list[Call]:
    """What to call after an error."""
    if error.code == "UNKNOWN_STOCK" and asked.get("stock_code"):
        return [Call("search_stock", {"query": str(asked["stock_code"])[:60]}, "finds the code")]
    if error.code in {"NOT_COLLECTED", "OUT_OF_HISTORY"} and tool != "get_data_status":
        return [Call("get_data_status", {}, "what is stored, and from when to when")]
    return []


def line(calls: list[Call]) -> list[str]:
    """The calls as one line of text."""
    return [f"다음 next: {' · '.join(call.shown for call in calls)}"] if calls else []


def _calls(tool: str, asked: Mapping[str, Any], answer: Mapping[str, Any], reasons: set[str]) -> Iterator[Call]:
    yield from _instead(tool, asked, answer, reasons)
    shorter = _SHORTER.get(str(asked.get("period", "")).upper())
    if "INSUFFICIENT_HISTORY" in reasons and shorter:
        yield Call(tool, {**asked, "period": shorter}, "needs less history")
    if reasons & _ABSENT and tool != "get_data_status":
        yield Call("get_data_status", {}, "what is stored, and from when to when")


def _instead(tool: str, asked: Mapping[str, Any], answer: Mapping[str, Any], reasons: set[str]) -> Iterator[Call]:
    """Other questions that the stored figures can answer, by tool."""
    market = {"market": asked["market"]} if asked.get("market") else {}
    match tool:
        case "get_sector_investor_flow" if "OUT_OF_HISTORY" in reasons:
            yield Call("rank_flows", {"period": asked.get("period", "5D")}, "stocks instead of sectors")
        case "get_time_based_flow" if "stock_code" not in asked:
            yield Call("get_investor_trading", {**market, "period": "1D"}, "the whole session")
        case "get_smart_money_tracker" if asked.get("detection_method", "LARGE_ORDERS") == "LARGE_ORDERS":
            yield Call(tool, {**asked, "detection_method": "FOREIGN_SURGE"}, "needs no trades of the day")
        case "get_ownership_changes" if "NOT_AVAILABLE_FROM_SOURCE" in reasons:
            question = {"stock_code": asked.get("stock_code"), "period": "60D"}
            yield Call("get_investor_trading", question, "what institutions traded")
        case "rank_flows" if "NOT_AVAILABLE_FROM_SOURCE" in reasons and answer.get("by") == "NET_AMOUNT":
            yield Call(tool, {**asked, "by": "NET_TO_TURNOVER"}, "needs no won")
        case _:
            return
