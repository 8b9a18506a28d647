"""One question at one moment: its parameters, what was public then, and how the exchange writes figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

import polars as pl

from sugeup.sandbox.board import Board
from sugeup.sandbox.figures import Found
from sugeup.sandbox.moment import EVENING
from sugeup.sandbox.revisions import provisional

Row = dict[str, str]
MARKETS = {"STK": "KOSPI", "KSQ": "KOSDAQ"}
NUMBERED = {"1": "KOSPI", "2": "KOSDAQ"}
NOTHING = "-"
_MORNING = time(8, 0)


@dataclass(frozen=True, eq=False)
class Desk(Board):
    """A question: `given` are its parameters."""

    given: Mapping[str, str]

    def dated(self, name: str) -> date | None:
        """A parameter of eight digits; None for anything else."""
        text = self.given.get(name, "")
        try:
            return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007
        except ValueError:
            return None

    @property
    def market(self) -> str:
        """Our name of the market of the question; empty for one that is none."""
        return MARKETS.get(self.given.get("mktId", ""), "") or NUMBERED.get(self.given.get("mktTpCd", ""), "")

    def codes(self, day: date) -> list[str]:
        """Stocks of the market that are listed on a day, in the market's order."""
        found = ((code, self.figures.listed(code, day)) for code in self.figures.codes)
        return [code for code, one in found if one is not None and one["market"] == self.market]

    def over(self, day: date) -> bool:
        """Whether a session is closed."""
        return self.moment.closed is not None and day <= self.moment.closed and day in self._sessions

    def evening(self, day: date, lag: int = 0) -> bool:
        """Whether what appears in the evening, so many sessions later, is there."""
        newest = self.moment.public(lag, EVENING)
        return newest is not None and day <= newest

    def morning(self, day: date) -> bool:
        """Whether what appears on the next morning is there."""
        newest = self.moment.public(1, _MORNING)
        return newest is not None and day <= newest

    def flows(self, day: date) -> dict[str, Found]:
        """Investors of every stock on a session, as they stand now; nothing before they are there."""
        newest = self.moment.investors
        if newest is None or day > newest or day not in self._sessions:
            return {}
        settled = self.moment.settled(day)
        return dict(self.figures.once(f"krx_login flows {day} {settled}", lambda: self._flows(day, settled)))

    def _flows(self, day: date, settled: bool) -> dict[str, Found]:
        found = {}
        for code in self.figures.codes:
            frame = self.figures.stock("investor_day_stock", code).slice(day, day)
            if not settled:
                frame = self._as_yet(frame, day, code)
            if frame.height:
                found[code] = frame.row(0, named=True)
        return found

    def _as_yet(self, frame: pl.DataFrame, day: date, code: str) -> pl.DataFrame:
        seed, place = self.figures.market.plan.seed, self.figures.place(code)
        return provisional(frame, seed, day, place, self.revisions)

    @property
    def _sessions(self) -> frozenset[date]:
        return frozenset(self.figures.once("krx_login sessions", lambda: frozenset(self.moment.sessions)))


def whole(value: int | None) -> str:
    """A whole number with commas; a dash for what is missing."""
    return NOTHING if value is None else f"{value:,}"


def share(part: int | None, of: int | None) -> str:
    """Percent with two decimals; a dash where it cannot be told."""
    return NOTHING if part is None or not of else f"{100 * part / of:.2f}"


def slashed(day: date) -> str:
    """A day as the pages write it."""
    return f"{day:%Y/%m/%d}"
