"""KRX OPEN API (한국거래소): the exchange's own figures of a day, one call for all stocks of a market.

    question           what is asked (one API, one day) and what is read of the answer
    judging, vendor    how an answer is taken; address, pace, quota, key
    bars, indices, listings

Nothing of the day itself is there: figures come on the next trading day, said to be at 08:00. Before that the rows are
there with zeros. Each API has to be applied for by itself. It knows no investors, no programme and short selling and no
foreign holdings. KONEX is not asked: no other source has its stocks, and its APIs are applied for apart.
"""

from __future__ import annotations

from sugeup.sources.krx.vendor import KRX

__all__ = ["KRX", "VENDOR"]

VENDOR = KRX
