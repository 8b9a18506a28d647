"""KRX 정보데이터시스템 (Data Marketplace): the exchange's pages for members, asked with one's own log-in.

    question, judging   how a page is asked through the library pykrx, and how its answer is taken
    net_purchases       what each investor bought and sold of every stock: 26 questions make a day
    market_investors    the same of a market, by day
    holdings            foreign holdings, short sales, short balances: every stock of a day
    bars, program       prices of every stock, programme trading of a market
    listings            what is listed, from the page of prices

The terms of the exchange forbid automated collection in bulk, and it keeps an address out for a day that does so: this
is switched on by hand, asks once a second at most and a few hundred times a day.
"""

from __future__ import annotations

from sugeup.sources.krx_login.vendor import KRX_LOGIN

__all__ = ["KRX_LOGIN", "VENDOR"]

VENDOR = KRX_LOGIN
