"""The names under which rows of this vendor are stored."""

from __future__ import annotations

from sugeup.records import Origin, Standing

DAY = "krx_api"

_VENUE = "Trades at the exchange alone. Whether they have the after-market since 2026-09-14 is not said."

ORIGINS = (
    Origin(
        DAY,
        "KRX OPEN API: the exchange's daily figures in won and shares",
        "한국거래소 OPEN API",
        Standing.EXCHANGE_API,
        notes={
            "daily_bars": f"{_VENUE} base_price is the close less the day's change (대비). A stock that did not trade "
            "has no opening, highest and lowest price. The part of KOSDAQ that a company belongs to (소속부) is left "
            "out.",
            "index_day": f"{_VENUE} Indices come by name and are told apart by our list of industries; other indices "
            "(sizes, KOSDAQ 150, themes) are left out. No counts of stocks. The market cap is left out.",
            "instruments": "The list of the session before, dated from the day of the question. Stocks, REITs and "
            "funds that are shares; no ETF, ETN, ELW.",
        },
        provenance="stk_bydd_trd, ksq_bydd_trd, kospi_dd_trd, kosdaq_dd_trd, stk_isu_base_info, ksq_isu_base_info",
    ),
)
