"""시간대: the clock of one session, measured from that day's own open, and the bins it is cut into.

The first session of a year and the day of the 수능 open an hour late: the first ten minutes of that day are compared
with the first ten minutes of others, whatever the clock on the wall says. The closing call auction is a bin of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from sugeup.errors import NoData
from sugeup.market import sessions

Part = Literal["ALL", "MORNING", "AFTERNOON"]
AUCTION = 10
"""Minutes of the closing call auction (장 마감 동시호가), in which nothing trades before the close."""
HALF = 180
"""Minutes from the open to the end of the morning: 12:00 on an ordinary day."""
SETTLES = 10
"""Minutes after the close in which the day's last figure is told; what comes later belongs to the after-market."""
STEPS = {"1M": 1, "5M": 5, "10M": 10, "30M": 30, "1H": 60}


@dataclass(frozen=True)
class Bin:
    """From `start` up to `end`, in minutes since the open; `auction`: the closing call auction."""

    start: int
    end: int
    auction: bool = False


@dataclass(frozen=True)
class DayClock:
    """Regular hours of one session: the open, and the minutes from it to the close."""

    session: date
    opens: datetime
    length: int

    @property
    def continuous(self) -> int:
        """Minutes of continuous trading."""
        return self.length - AUCTION

    def moment(self, minute: int) -> datetime:
        """The instant a number of minutes after the open."""
        return self.opens + timedelta(minutes=minute)

    def label(self, minute: int) -> str:
        """The same as a time of day in Seoul."""
        return f"{self.moment(minute):%H:%M}"

    def minute(self, at: time) -> int:
        """Minutes from the open to a time of day; negative before it."""
        return at.hour * 60 + at.minute - (self.opens.hour * 60 + self.opens.minute)

    def bins(self, step: int, part: Part = "ALL") -> tuple[Bin, ...]:
        """The bins of `step` minutes of the day or of a half of it; the last before the auction may be shorter."""
        cut = [Bin(at, min(at + step, self.continuous)) for at in range(0, self.continuous, step)]
        cut.append(Bin(self.continuous, self.length, auction=True))
        if part == "ALL":
            return tuple(cut)
        return tuple(one for one in cut if (one.start < HALF) == (part == "MORNING"))

    def span(self, one: Bin) -> str:
        """A bin as text: 09:30-10:00."""
        return f"{self.label(one.start)}-{self.label(one.end)}"


@lru_cache(maxsize=512)
def day_clock(session: date) -> DayClock:
    """The clock of a session; NoData where its hours are not known."""
    opens, closes = sessions.open_at(session), sessions.close_at(session)
    if opens is None or closes is None:
        raise NoData(
            f"The hours of {session} are not known.", code="OUT_OF_HISTORY", hint="Ask for another trading day."
        )
    return DayClock(session, opens, int((closes - opens) / timedelta(minutes=1)))
