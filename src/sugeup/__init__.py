"""수급: investor-flow intelligence for the Korean stock market, as a typed library.

    from sugeup import get_investor_trading, open_archive

    archive = open_archive("demo")
    answer = get_investor_trading(archive, stock_code="005930", period="5D")
    answer.investor_data.foreign.net_volume

Every name below takes an archive first and returns one pydantic model; errors are those of `sugeup.errors`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sugeup.app import open_archive as open_archive
    from sugeup.usecases.data_status import get_data_status as get_data_status
    from sugeup.usecases.explain_metric import explain_metric as explain_metric
    from sugeup.usecases.investor_trading import get_investor_trading as get_investor_trading
    from sugeup.usecases.search_stock import search_stock as search_stock
    from sugeup.usecases.series import get_market_flows as get_market_flows
    from sugeup.usecases.series import get_prices as get_prices
    from sugeup.usecases.series import get_stock as get_stock
    from sugeup.usecases.series import get_stock_flows as get_stock_flows
    from sugeup.usecases.series import list_stocks as list_stocks

_HOMES = {
    "open_archive": "sugeup.app",
    "get_data_status": "sugeup.usecases.data_status",
    "explain_metric": "sugeup.usecases.explain_metric",
    "get_investor_trading": "sugeup.usecases.investor_trading",
    "search_stock": "sugeup.usecases.search_stock",
    "get_market_flows": "sugeup.usecases.series",
    "get_prices": "sugeup.usecases.series",
    "get_stock": "sugeup.usecases.series",
    "get_stock_flows": "sugeup.usecases.series",
    "list_stocks": "sugeup.usecases.series",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import sugeup` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sugeup' has no attribute {name!r}; it has: {', '.join(sorted(_HOMES))}")
    return getattr(importlib.import_module(_HOMES[name]), name)
