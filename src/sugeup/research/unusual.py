"""이상 수급: unusual buying and selling of foreigners and institutions on every session of a market, for research."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np

from sugeup.metrics import backed_flow
from sugeup.metrics.evened_flow import evened_flow
from sugeup.metrics.outcome import Outcome
from sugeup.metrics.unusual_flow import BACKED, FLOWS, POOL, SIDES, WINDOWS, either, one_sided, unusual_flow
from sugeup.research.detectors import Found
from sugeup.research.figures import Figures, Flags, Floats

NAMES = {"BUY": "UNUSUAL_BUYING", "SELL": "UNUSUAL_SELLING"}


_KEPT: WeakKeyDictionary[Figures, dict[tuple[str, int], Outcome]] = WeakKeyDictionary()
"""What was judged of a market: signals and candidates ask for the same windows."""


def judged(market: Figures, investor: str, span: int) -> Outcome:
    """`smt.unusual_flow` on every session, each tested as on its evening; extras `p` and `p_adj`."""
    kept = _KEPT.setdefault(market, {})
    if (investor, span) not in kept:
        evenings = backed(market, investor, span) if investor in BACKED else alone(market, investor, span)
        value, p, adjusted = (np.full(market.shape, np.nan) for _ in range(3))
        reason = np.zeros(market.shape, np.uint8)
        for at, told in enumerate(evenings):
            value[:, at], reason[:, at] = told.value, told.reason
            p[:, at], adjusted[:, at] = told.extra["p"], told.extra["p_adj"]
        kept[investor, span] = Outcome(value, reason, {"p": p, "p_adj": adjusted}, SIDES)
    return kept[investor, span]


def alone(market: Figures, investor: str, span: int) -> Iterator[Outcome]:
    """Each evening by `smt.evened_flow`, added over the kinds of an investor."""
    kinds = (evened_flow(market.net[one], market.turnover, n=span).value for one in FLOWS[investor])
    z: Floats = sum(kinds, np.zeros(market.shape))
    for at in range(market.shape[1]):
        yield unusual_flow(z[:, max(0, at - POOL) : at + 1], stretch=2 * span)


def backed(market: Figures, investor: str, span: int) -> Iterator[Outcome]:
    """Each evening by `smt.backed_flow`, whose scales are those of the year before it."""
    (one,) = FLOWS[investor]
    told = backed_flow.parts(market.net[one], market.turnover, market.excess, market.volume, n=span)
    e = np.array([part.value for part in told])
    for at in range(market.shape[1]):
        year = e[:, :, max(0, at - POOL) : at + 1]
        spread = backed_flow.covariance(year[:, :, :-1])
        sides = []
        for side in backed_flow.SIDES:
            z = backed_flow.weighed(year, spread, side)
            sides.append((span, one_sided(unusual_flow(z, stretch=2 * span), z[:, -1], side)))
        yield either(sides)


def found(told: Outcome, kind: str, direction: str) -> Found:
    """What is told of one side."""
    fired: Flags = told.value == SIDES.index(direction)
    return Found(kind, direction, fired, np.isfinite(told.value), 100 * (1 - told.extra["p"]))


def unusual(market: Figures) -> list[Found]:
    """이상 순매수·순매도 of foreigners and institutions."""
    told = {
        investor: either([(span, judged(market, investor, span)) for span in spans])
        for investor, spans in WINDOWS.items()
    }
    return [
        found(one, f"{investor.upper()}_{name}", direction)
        for investor, one in told.items()
        for direction, name in NAMES.items()
    ]
