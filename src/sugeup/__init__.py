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
    from sugeup.usecases.filings import get_filings as get_filings
    from sugeup.usecases.flow_ranking import rank_flows as rank_flows
    from sugeup.usecases.intraday_series import get_market_minutes as get_market_minutes
    from sugeup.usecases.intraday_series import get_stock_estimates as get_stock_estimates
    from sugeup.usecases.investor_sentiment import get_investor_sentiment as get_investor_sentiment
    from sugeup.usecases.investor_trading import get_investor_trading as get_investor_trading
    from sugeup.usecases.market_brief import get_market_brief as get_market_brief
    from sugeup.usecases.ownership_changes import get_ownership_changes as get_ownership_changes
    from sugeup.usecases.position_lists import get_holdings as get_holdings
    from sugeup.usecases.position_lists import get_shorts as get_shorts
    from sugeup.usecases.program_series import get_market_program as get_market_program
    from sugeup.usecases.program_trading import get_program_trading as get_program_trading
    from sugeup.usecases.search_stock import search_stock as search_stock
    from sugeup.usecases.sector_flow import get_sector_investor_flow as get_sector_investor_flow
    from sugeup.usecases.sector_signals import get_sector_signals as get_sector_signals
    from sugeup.usecases.sectors import get_sector_flows as get_sector_flows
    from sugeup.usecases.sectors import list_sectors as list_sectors
    from sugeup.usecases.sentiment_history import get_sentiment_history as get_sentiment_history
    from sugeup.usecases.series import get_market_flows as get_market_flows
    from sugeup.usecases.series import get_prices as get_prices
    from sugeup.usecases.series import get_stock as get_stock
    from sugeup.usecases.series import get_stock_flows as get_stock_flows
    from sugeup.usecases.series import list_stocks as list_stocks
    from sugeup.usecases.session_signals import get_session_signals as get_session_signals
    from sugeup.usecases.short_selling import get_short_selling as get_short_selling
    from sugeup.usecases.signal_list import get_signals as get_signals
    from sugeup.usecases.smart_money_tracker import get_smart_money_tracker as get_smart_money_tracker
    from sugeup.usecases.source_list import list_sources as list_sources
    from sugeup.usecases.stock_behavior import get_stock_behavior as get_stock_behavior
    from sugeup.usecases.stock_indicators import get_stock_indicators as get_stock_indicators
    from sugeup.usecases.stock_patterns import get_stock_patterns as get_stock_patterns
    from sugeup.usecases.time_based_flow import get_time_based_flow as get_time_based_flow

_HOMES = {
    "open_archive": "sugeup.app",
    "get_data_status": "sugeup.usecases.data_status",
    "explain_metric": "sugeup.usecases.explain_metric",
    "get_filings": "sugeup.usecases.filings",
    "rank_flows": "sugeup.usecases.flow_ranking",
    "get_market_minutes": "sugeup.usecases.intraday_series",
    "get_stock_estimates": "sugeup.usecases.intraday_series",
    "get_investor_sentiment": "sugeup.usecases.investor_sentiment",
    "get_investor_trading": "sugeup.usecases.investor_trading",
    "get_market_brief": "sugeup.usecases.market_brief",
    "get_ownership_changes": "sugeup.usecases.ownership_changes",
    "get_holdings": "sugeup.usecases.position_lists",
    "get_shorts": "sugeup.usecases.position_lists",
    "get_market_program": "sugeup.usecases.program_series",
    "get_program_trading": "sugeup.usecases.program_trading",
    "search_stock": "sugeup.usecases.search_stock",
    "get_sector_investor_flow": "sugeup.usecases.sector_flow",
    "get_sector_flows": "sugeup.usecases.sectors",
    "list_sectors": "sugeup.usecases.sectors",
    "get_sentiment_history": "sugeup.usecases.sentiment_history",
    "get_market_flows": "sugeup.usecases.series",
    "get_prices": "sugeup.usecases.series",
    "get_stock": "sugeup.usecases.series",
    "get_stock_flows": "sugeup.usecases.series",
    "list_stocks": "sugeup.usecases.series",
    "get_short_selling": "sugeup.usecases.short_selling",
    "get_session_signals": "sugeup.usecases.session_signals",
    "get_sector_signals": "sugeup.usecases.sector_signals",
    "get_signals": "sugeup.usecases.signal_list",
    "get_smart_money_tracker": "sugeup.usecases.smart_money_tracker",
    "list_sources": "sugeup.usecases.source_list",
    "get_stock_behavior": "sugeup.usecases.stock_behavior",
    "get_stock_indicators": "sugeup.usecases.stock_indicators",
    "get_stock_patterns": "sugeup.usecases.stock_patterns",
    "get_time_based_flow": "sugeup.usecases.time_based_flow",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import sugeup` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sugeup' has no attribute {name!r}; it has: {', '.join(sorted(_HOMES))}")
    return getattr(importlib.import_module(_HOMES[name]), name)
