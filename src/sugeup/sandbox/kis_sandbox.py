"""The KIS sandbox without its wire: one question in, one answer out, with accounts, limits, faults and counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from sugeup.market.sessions import SEOUL
from sugeup.sandbox.clock import SandboxClock, elapsed
from sugeup.sandbox.faults import Faults
from sugeup.sandbox.kis_auth import BETWEEN, KEY, SECRET, Accounts
from sugeup.sandbox.kis_desk import Desk
from sugeup.sandbox.kis_envelope import Answer
from sugeup.sandbox.kis_figures import Figures, Market
from sugeup.sandbox.kis_limits import Counts, Windows
from sugeup.sandbox.kis_masters import file
from sugeup.sandbox.kis_moment import Moment
from sugeup.sandbox.kis_routes import Route, answered, refuse

RATE = 20
REVISIONS = 0.02
_WARMED = ("daily_bars", "investor_day_stock", "foreign_holding", "credit", "designations", "program_day_market")
"""Datasets that need every stage of the market between them."""
START = time(15, 45)
"""Time of day at which a sandbox starts when no moment is given."""


@dataclass(frozen=True)
class Options:
    """How a sandbox behaves.

    `rate`: calls a second of one key. `revisions`: share of stocks whose evening figures are corrected next morning.
    `accounts`: secrets by key. `token_seconds`: seconds between two issues of a token. `token_clock`: tokens live by
    real seconds (False) or by the sandbox's clock (True).
    """

    rate: int = RATE
    revisions: float = REVISIONS
    accounts: Mapping[str, str] = field(default_factory=lambda: {KEY: SECRET})
    token_seconds: float = BETWEEN
    token_clock: bool = False


class KisSandbox:
    """Serves a simulated market as 한국투자증권 would, at the moment of its clock."""

    def __init__(
        self,
        market: Market,
        clock: SandboxClock | None = None,
        options: Options | None = None,
        *,
        counter: Callable[[], float] = elapsed,
    ) -> None:
        self.options = options or Options()
        self.market = market
        self.figures = Figures(market)
        self.clock = clock or SandboxClock(start_of(market))
        self.counter = counter
        self.windows = Windows(self.options.rate)
        self.counts = Counts()
        self.faults = Faults(market.plan.seed)
        seconds = (lambda: self.clock.now().timestamp()) if self.options.token_clock else counter
        self.accounts = Accounts(self.options.accounts, seconds, self.options.token_seconds)
        self._daily: dict[tuple[str, str], int] = {}

    def moment(self) -> Moment:
        """The present moment."""
        return Moment(self.clock.seoul(), self.market.sessions)

    def arrive(self, headers: Mapping[str, str], at: float) -> Answer | None:
        """Note a call when it arrives; its refusal if it came too soon."""
        key = headers.get("appkey", "")
        self.counts.arrived(headers.get("tr_id", ""), at)
        return None if self.windows.take(key, at) else self.counts.refused()

    def allow(self, path: str, headers: Mapping[str, str], given: Mapping[str, str]) -> Answer | Route:
        """The route of a call whose headers and parameters are right, else why not."""
        refused = self.accounts.check(headers)
        return refused if refused is not None else refuse(path, headers.get("tr_id", ""), given)

    def answer(self, route: Route, given: Mapping[str, str], moment: Moment) -> Answer:
        """The answer to a call that is allowed."""
        return answered(route, Desk(given, route.blocks, self.figures, moment, self.options.revisions))

    def beyond(self, key: str, moment: Moment, allowance: float) -> bool:
        """Whether a key has used up its calls of the day; counts this one."""
        place = (key, moment.day.isoformat())
        self._daily[place] = self._daily.get(place, 0) + 1
        return self._daily[place] > allowance

    def file(self, name: str) -> bytes | None:
        """A master file by name."""
        self.counts.files += 1
        return file(name, self.figures, self.moment())

    def warm(self) -> None:
        """Make what the first questions would wait for."""
        first, last = self.market.sessions[0], self.market.sessions[-1]
        self.figures.sector(self.market.codes[0], last)
        self.figures.known(self.market.codes[0], last)
        self.figures.actions.get("")
        for dataset in _WARMED:
            self.market.rows(dataset, first, first)

    def plan(self) -> dict[str, Any]:
        """What is simulated, as plain JSON."""
        sessions, planned = self.market.sessions, self.market.plan
        return {
            "vendor": "kis",
            "seed": planned.seed,
            "events": planned.events,
            "turbulence": planned.turbulence,
            "sessions": len(sessions),
            "first": sessions[0].isoformat(),
            "last": sessions[-1].isoformat(),
            "stocks": len(self.market.codes),
            "rate": self.options.rate,
            "revisions": self.options.revisions,
        }


def start_of(market: Market) -> datetime:
    """The evening of the middle session of a plan: history behind, future ahead."""
    sessions = market.sessions
    return datetime.combine(sessions[len(sessions) // 2], START, SEOUL)
