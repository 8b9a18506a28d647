"""한국투자증권 Open API (KIS): its endpoints as data and pure functions, one module for each family of figures.

    values, route      what the vendor writes as text, read; blocks and fields of an answer
    moments, timed     which session and minute an answer is of
    paging, pages      which page comes next; from rows to a page
    judging, vendor    how an answer is taken; addresses, pace, token, signature
    bars, investors, program, short, leverage, holding, members, estimates, indices, minutes, futures, funds, masters
    calendar           open days, which are no dataset

Not stored, because no dataset holds them: rankings, estimates of all stocks, ticks of foreign houses, trades of one
member by day, bulk trades, program trading by investor.
"""

from __future__ import annotations

from sugeup.sources.kis.vendor import KIS, KIS_PAPER

__all__ = ["KIS", "KIS_PAPER", "VENDOR"]

VENDOR = KIS
