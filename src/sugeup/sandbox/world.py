"""What every vendor of a sandbox has in common: one market, one clock, one set of faults, one list of corrections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import cast

from sugeup.market.sessions import SEOUL
from sugeup.sandbox.clock import SandboxClock, elapsed
from sugeup.sandbox.disputes import Dispute, Disputed
from sugeup.sandbox.faults import Faults
from sugeup.sandbox.figures import Figures, Market
from sugeup.sandbox.moment import Moment

REVISIONS = 0.02
START = time(15, 45)
"""Time of day at which a sandbox starts when no moment is given."""
_WARMED = ("daily_bars", "investor_day_stock", "foreign_holding", "credit", "designations", "program_day_market")
"""Datasets that need every stage of the market between them."""


class World:
    """A simulated market at the moment of a clock.

    `revisions`: share of stocks whose evening figures are corrected next morning, with every vendor alike. `disputes`:
    figures that one vendor shows otherwise. `counter`: seconds of real time, by which the pace of callers is counted.
    """

    def __init__(
        self,
        market: Market,
        clock: SandboxClock | None = None,
        revisions: float = REVISIONS,
        *,
        disputes: Sequence[Dispute] = (),
        counter: Callable[[], float] = elapsed,
    ) -> None:
        self.market = market
        self.figures = Figures(market)
        self.clock = clock or SandboxClock(start_of(market))
        self.revisions = revisions
        self.counter = counter
        self._disputes = tuple(disputes)
        self.faults = Faults(market.plan.seed)

    def figures_of(self, vendor: str) -> Figures:
        """The figures as a vendor shows them: the market's, unless disagreements are planted with it."""
        mine = [one for one in self._disputes if one.vendor == vendor]
        return Figures(cast("Market", Disputed(self.market, mine))) if mine else self.figures

    def moment(self) -> Moment:
        """The present moment."""
        return Moment(self.clock.seoul(), self.market.sessions)

    def skew(self) -> timedelta:
        """How far the clocks of the servers are ahead, where that fault is on."""
        fault = self.faults.strikes("clock_skew", "", "", 0)
        return timedelta(seconds=fault.amount if fault else 0)

    def warm(self) -> None:
        """Make what the first questions would wait for."""
        first, last = self.market.sessions[0], self.market.sessions[-1]
        self.figures.sector(self.market.codes[0], last)
        self.figures.known(self.market.codes[0], last)
        self.figures.actions.get("")
        for dataset in _WARMED:
            self.market.rows(dataset, first, first)


def start_of(market: Market) -> datetime:
    """The evening of the middle session of a plan: history behind, future ahead."""
    sessions = market.sessions
    return datetime.combine(sessions[len(sessions) // 2], START, SEOUL)
