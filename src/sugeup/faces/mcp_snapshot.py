"""종목 한눈에: one page of JSON about a stock, each part the answer of a use-case cut to what is read first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sugeup.errors import NoData, Retryable
from sugeup.faces import payload

Ask = Callable[..., dict[str, Any]]
"""A use-case by name with its arguments -> its answer as JSON values."""

_ENVELOPE = ("as_of", "sources", "provisional", "simulated", "coverage", "warnings")
_PERIODS = ("1D", "20D")


def snapshot(ask: Ask, stock_code: str) -> dict[str, Any]:
    """Identity, flows of a session and a month, foreign holdings, shorts; a part without figures tells its error.

    Raises Refused(UNKNOWN_STOCK) with suggestions.
    """
    listed = ask("get_stock", stock_code=stock_code)
    code = listed["stocks"][0]["code"]
    about: dict[str, Any] = {"stock": listed["stocks"][0], "flows": {}}
    for period in _PERIODS:
        keys = ("period", "stock_info", "investor_data", "data_quality")
        asked = {"stock_code": code, "period": period, "include_details": False}
        about["flows"][period] = _part(ask, "get_investor_trading", asked, keys)
    holdings = _part(ask, "get_ownership_changes", {"stock_code": code}, ("period", "ownership_data"))
    holdings.get("ownership_data", {}).pop("historical", None)
    shorts = _part(ask, "get_short_selling", {"stock_code": code}, ("session", "ban", "stock"))
    shorts.get("stock", {}).pop("history", None)
    return about | {
        "foreign_holding": holdings,
        "short_selling": shorts,
        "more": "get_investor_trading(stock_code, period) has trend, percentiles and correlation; "
        f"sugeup://stock/{code}/series has net purchases by session.",
    }


def _part(ask: Ask, name: str, arguments: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    try:
        answer = ask(name, **arguments)
    except (NoData, Retryable) as error:
        return {"error": payload.error_object(error)}
    kept = {key: answer[key] for key in (*_ENVELOPE, *keys) if key in answer}
    return {key: dict(value) if isinstance(value, dict) else value for key, value in kept.items()}
