"""Who is asked first for what, as data: endpoints by dataset, in the order in which they are asked.

Which of two stored rows counts is settled by the standing of their origins and by finality; this table says only whose
answer is worth a call first. Reasons: an exchange before a broker; both sides before net only; a figure with its own
day before a snapshot; one call for everything before a call for each stock.
"""

from __future__ import annotations

from collections.abc import Mapping

PREFERENCE: Mapping[str, tuple[str, ...]] = {
    "instruments": ("master_instruments", "t8436", "krx_base_info", "krx_login_list"),
    "sector_membership": (
        "master_sectors", "master_indices", "krx_login_sectors", "krx_login_index_members", "t1516", "t1516_index",
    ),
    "daily_bars": (
        "krx_bydd_trd", "intstock_multprice", "inquire_daily_itemchartprice", "t1102_bar", "t8407", "t8410",
        "krx_login_bars",
    ),
    "investor_day_stock": (
        "investor_trade_by_stock_daily", "t1702", "krx_login_net_purchases", "inquire_investor", "t1717", "t1716",
        "naver_stock_trend",
    ),
    "investor_day_market": (
        "naver_market_daily", "krx_login_market_investors", "inquire_investor_daily_by_market", "t1665",
    ),
    "investor_minute_market": ("inquire_investor_time_by_market", "t1601", "t1602", "t1621", "naver_market_time"),
    "program_day_market": ("naver_program_daily", "comp_program_trade_daily", "t1633", "krx_login_program"),
    "program_minute_market": ("comp_program_trade_today", "t1662", "t1632", "naver_program_time"),
    "foreign_holding": ("krx_login_foreign_holding", "t1716_holding", "inquire_price", "naver_stock_holding"),
    "short_day": ("daily_short_sale", "t1927", "t1716_short", "krx_login_short_trades"),
    "credit": ("daily_credit_balance", "t1926", "t1921"),
    "market_funds": ("mktfunds", "naver_deposits", "t8428"),
    "index_day": ("inquire_daily_indexchartprice", "krx_index_dd_trd", "t1514", "t1511"),
}  # fmt: skip
"""Endpoints that are not named follow in the order of their origins' standing."""
LESSER = frozenset(
    {"inquire_investor", "t1717", "t1716", "t1716_short", "t1921", "naver_stock_trend", "naver_stock_holding"}
)
"""Endpoints that give less than the one they stand for: what they give is asked again of the better one."""
BESIDE = frozenset({"inquire_investor_time_by_market_close", "inquire_index_category_price", "futures_inquire_price"})
"""Endpoints whose rows add to those of another one and do not take their place: each has holes of its own."""
AFTERWARDS = frozenset({"naver_market_time", "naver_program_time", "t1602", "t1621", "t1632", "t1662", "t8412"})
"""Endpoints that give all minutes of a session once it is over; others show the present, or the last minutes alone."""
_TWO = ("KOSPI", "KOSDAQ")
_THREE = (*_TWO, "KOSPI200")
ONLY: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("inquire_index_category_price", "t1514", "t1511"), _THREE),
    **dict.fromkeys(("t1621", "t1632", "t1633", "t1662"), _TWO),
    **dict.fromkeys(("t1665", "t1602", "t1601"), (*_TWO, "KOSPI200_FUTURES", "KOSPI200_CALL", "KOSPI200_PUT")),
    **dict.fromkeys(("naver_market_daily", "naver_market_time", "naver_program_daily", "naver_program_time"), _TWO),
    **dict.fromkeys(("krx_login_market_investors", "krx_login_program"), _TWO),
}
"""Scopes that an endpoint has, where it lacks some of the dataset's."""
INDUSTRIES = frozenset({"t1514", "t1511", "t1665"})
"""Endpoints of `ONLY` that have every industry of the exchange (a code of four digits) beside those scopes."""


def has(endpoint: str, scope: str) -> bool:
    """Whether an endpoint has a scope of its dataset."""
    told = ONLY.get(endpoint)
    return told is None or scope in told or (endpoint in INDUSTRIES and len(scope) == 4 and scope.isdigit())
