"""후보: the statistic of the signals of unusual flow, held against the kinds whose events it should find.

A change of a definition needs proof; this is where it is looked for. Each kind gets the one window that suits it, so
that the statistic is compared and not the choice of kinds. Tried on seeds 101 to 106 and left out, because no more was
found than by plain means: whitening within the window and across groups, winsorised sessions, the median of the market
taken out, the response to returns taken out, buying less that of individuals, scales from 120 sessions; and price and
volume beside the five kinds of institutions, whose buying moves them little.
"""

from __future__ import annotations

from sugeup.research.detectors import Found
from sugeup.research.figures import Figures
from sugeup.research.unusual import found, judged

WANTED = (
    ("FOREIGN_SURGE", "foreign", "BUY", 3),
    ("INSTITUTION_SAME_SIDE", "institution", "BUY", 5),
    ("FOREIGN_ACCUMULATION", "foreign", "BUY", 10),
    ("FOREIGN_DISTRIBUTION", "foreign", "SELL", 10),
    ("INSTITUTION_ACCUMULATION", "institution", "BUY", 15),
    ("INSTITUTION_DISTRIBUTION", "institution", "SELL", 15),
)
"""Kind, investor, direction and window in sessions."""


def candidates(market: Figures) -> list[Found]:
    """The kinds that a signal exists for, found by this statistic."""
    return [found(judged(market, investor, span), kind, direction) for kind, investor, direction, span in WANTED]
