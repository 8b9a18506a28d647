"""LS증권 OPEN API (LS, formerly 이베스트): its endpoints as data and pure functions, one module for each family.

    question, turning   how a question is put (a TR and its block of fields), and where its next page begins
    judging, vendor     how an answer is taken; addresses, paces, token, signature
    bars, investors, summary, market_flows, program, minutes, leverage, indices, sectors, members, listings, funds

The vendor prints no units: they were told by arithmetic on its examples (specifications/ls.json says on what each one
rests), so a wrong one has to show in the checks of amounts against volumes and prices.

Not asked, because another question gives the same and more: t1603 (one group a call; t1621 gives all), t1615 and t1617
(four groups; t1601), t1664 (t1665 and t1633), t1636 (a ranking; t1637), t1631 and t1640 (totals; t1662), t8411 (ticks).
Withdrawn by the vendor: t8417, t8418, t8419, for which it names t8408, t8409 and t8429; days of an index come from
t1514, with the counts of stocks.
"""

from __future__ import annotations

from sugeup.sources.ls.vendor import LS

__all__ = ["LS", "VENDOR"]

VENDOR = LS
