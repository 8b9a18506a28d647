"""What to simulate: how many stocks, from which session on, how turbulent, with which strength of planted events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sugeup.errors import Refused
from sugeup.market import calendar_tables, sessions

MOST_STOCKS = 5_000
MOST_SESSIONS = 1_500
EARLIEST = date(2015, 6, 15)
"""First session of the price limit of 30%, which is built in."""


@dataclass(frozen=True)
class Plan:
    """A simulated market in seven numbers; equal plans give equal figures.

    `first` is the first session and must be a trading day. `events` is the strength of planted events in multiples of
    the default of each kind (0: none). `event_count` is the number of events of each kind; None leaves it to the size
    of the market. `turbulence` scales the market's own moves: 0.6 calm, 1 normal, 2 turbulent.

    Raises Refused (INVALID_ARGUMENT) for a figure out of range, NoData when the trading calendar ends before the plan.
    """

    seed: int = 2026
    stocks: int = 2_800
    first: date = date(2025, 1, 2)
    sessions: int = 300
    events: float = 0.0
    event_count: int | None = None
    turbulence: float = 1.0

    def __post_init__(self) -> None:
        _within("seed", self.seed, 0, 2**63 - 1)
        _within("stocks", self.stocks, 10, MOST_STOCKS)
        _within("sessions", self.sessions, 1, MOST_SESSIONS)
        _within("events", self.events, 0.0, 10.0)
        _within("turbulence", self.turbulence, 0.1, 5.0)
        if self.event_count is not None:
            _within("event_count", self.event_count, 0, 1_000)
        if self.first < EARLIEST:
            raise Refused(f"first session {self.first}; allowed: {EARLIEST} or later (the price limit of 30%)")
        if not sessions.is_session(self.first):
            after = sessions.next(self.first)
            raise Refused(f"first session {self.first} is no trading day", hint=f"The next one is {after}.")

    def days(self) -> tuple[date, ...]:
        """The sessions of the plan, oldest first."""
        found = sessions.sessions(self.first, calendar_tables.LAST)[: self.sessions]
        if len(found) < self.sessions:
            raise Refused(
                f"{self.sessions} sessions from {self.first} on end later than the trading calendar "
                f"({calendar_tables.LAST})",
                hint=f"At most {len(found)} sessions are left from that date on.",
            )
        return found


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise Refused(f"{name} {value!r}; allowed: {least:,} to {most:,}")
