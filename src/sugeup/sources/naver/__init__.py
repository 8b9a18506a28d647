"""네이버 증권 (Naver): figures behind its pages, which ask for no key and promise nothing.

    route, turning    how a question is put, how an answer is read, and where its next page begins
    judging, vendor   how an answer is taken; address, pace, headers of a browser
    market_flows, program, funds, stocks   one module for each family; market_pages: what the first two share

Nobody documents this interface, its pages may change on any day, and it asks robots to stay away: it is off until it is
turned on by hand, asked once a second, and never for what is stored already. Not asked: rankings, prices (adjusted),
news, futures, and sums over several days.
"""

from __future__ import annotations

from sugeup.sources.naver.vendor import NAVER

__all__ = ["NAVER", "VENDOR"]

VENDOR = NAVER
"""The vendor as the hub needs it: address, pace, headers and every endpoint."""
