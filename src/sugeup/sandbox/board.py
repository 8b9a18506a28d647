"""What can be seen of the market at a moment: today's running bars, prices, names. Vendors answer from a board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sugeup.market import rules
from sugeup.sandbox.figures import Figures, Found, Intraday
from sugeup.sandbox.moment import Moment, State


@dataclass(frozen=True, eq=False)
class Quote:
    """A stock at a moment. Prices in won; `open`, `high`, `low` are 0 before the first trade of a session."""

    session: date
    price: int
    base: int
    previous: int
    """Close of the session before; the base price on the first day."""
    open: int
    high: int
    low: int
    volume: int
    amount: int
    previous_volume: int
    listed_shares: int
    halted: bool
    upper: int
    lower: int

    @property
    def change(self) -> int:
        """Price less base price."""
        return self.price - self.base

    @property
    def limit(self) -> int:
        """1 at the highest price that the base price allows, -1 at the lowest."""
        return 1 if self.price >= self.upper else -1 if self.price <= self.lower else 0


@dataclass(frozen=True, eq=False)
class Board:
    """The market at one moment. `revisions`: share of stocks whose evening figures are corrected next morning."""

    figures: Figures
    moment: Moment
    revisions: float

    def name(self, code: str) -> str:
        """Korean name of a stock."""
        found = self.figures.known(code, self.moment.day)
        return str(found["name"]) if found else ""

    def bars(self, code: str, first: date | None, last: date | None, most: int | None = None) -> list[Found]:
        """Daily bars with today's running one, newest first."""
        day = self.moment.day
        past = self.moment.closed
        end = past if last is None or past is None else min(last, past)
        found = self.figures.stock("daily_bars", code).newest_first(first, end, most)
        if self.moment.state is State.OPEN and (last is None or last >= day) and (first is None or first <= day):
            running = self._running(code)
            found = ([running] if running else []) + found
        return found[:most] if most else found

    def quote(self, code: str) -> Quote | None:
        """The stock now; None before its first session and after its last."""
        session = self.moment.shown
        if session is None:
            return None
        history = self.figures.stock("daily_bars", code)
        today = history.at(session)
        before = history.before(session)
        if today is None:
            return None
        base = int(today["base_price"])
        upper, lower = limits(base, session)
        previous = int(before["raw_close"]) if before else base
        row: Found | None = today
        if session == self.moment.day and self.moment.state is not State.AFTER:
            row = self._running(code) if self.moment.state is State.OPEN else None
        traded = row is not None and bool(row["volume"])
        shown = row if row is not None and traded else {}
        return Quote(
            session=session,
            price=int(shown.get("raw_close") or (row or {}).get("raw_close") or base),
            base=base,
            previous=previous,
            open=int(shown.get("raw_open") or 0),
            high=int(shown.get("raw_high") or 0),
            low=int(shown.get("raw_low") or 0),
            volume=int(shown.get("volume") or 0),
            amount=int(shown.get("amount") or 0),
            previous_volume=int(before["volume"] or 0) if before else 0,
            listed_shares=int(today["listed_shares"]),
            halted=today["status"] == "HALTED",
            upper=upper,
            lower=lower,
        )

    def minutes(self, code: str, day: date) -> Intraday:
        """Minutes of a stock that have ended; of a session that is over, all."""
        return self.figures.intraday("minute_bars", day, code)

    def ended(self, day: date) -> int:
        """The newest minute (since midnight) whose bar has ended on that session."""
        return self.moment.minute - 1 if day == self.moment.day and self.moment.state is not State.AFTER else 24 * 60

    def _running(self, code: str) -> Found | None:
        """Today's bar so far; None for a stock not listed today."""
        day = self.moment.day
        today = self.figures.stock("daily_bars", code).at(day)
        if today is None:
            return None
        bars = self.minutes(code, day)
        upto = bars.upto(self.ended(day))
        if not upto:
            return today | {
                "raw_open": None, "raw_high": None, "raw_low": None, "raw_close": today["base_price"],
                "volume": 0, "amount": 0,
            }  # fmt: skip
        columns = bars.columns
        return today | {
            "raw_open": columns["raw_open"][0],
            "raw_high": max(columns["raw_high"][:upto]),
            "raw_low": min(columns["raw_low"][:upto]),
            "raw_close": columns["raw_close"][upto - 1],
            "volume": sum(columns["volume"][:upto]),
            "amount": sum(columns["amount"][:upto]),
        }


def limits(base: int, on: date) -> tuple[int, int]:
    """상한가 and 하한가 of a base price."""
    tick = rules.tick(base, on) or 1
    room = base * 30 // (100 * tick) * tick
    upper, lower = base + room, max(base - room, tick)
    above, below = rules.tick(upper, on) or 1, rules.tick(lower, on) or 1
    return upper // above * above, -(-lower // below) * below
