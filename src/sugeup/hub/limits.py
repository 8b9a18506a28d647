"""The gate: one per credential for all processes of a host, in an SQLite file beside the token.

Not the SQLite bucket of pyrate-limiter: that one counts when a place is taken and not when the request leaves, reads
the wall clock in milliseconds (set back an hour, it refuses for an hour), and knows no priorities, so that a question
would wait behind a back-fill. Here one short transaction (`BEGIN IMMEDIATE`, write-ahead log) looks at the sends of
the last window and at who waits, and either takes a place or says when to look again (`turns.due`).

A call may be in a lane with a pace of its own. Then it takes a place in both at once: in the lane it waits for the
calls of its kind, and nobody of another kind waits behind it meanwhile.

Times are `time.monotonic()`, which counts from the start of the machine and is the same for all its processes; no
change of the wall clock touches it. A time that lies ahead of now is from before a restart and is forgotten. A waiting
caller renews its row; the row of a killed one is ignored after `ALIVE` seconds, and meanwhile each of its turns passes
to the next caller after some milliseconds.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sugeup.errors import Retryable
from sugeup.hub.gate_file import GateFile, Taking, Waiter
from sugeup.hub.turns import Lane, Priority, due, first
from sugeup.sources.vendor import Pace

LOOK = 0.5
"""A waiting caller looks again at least this often."""
ALIVE = LOOK + 0.5
LATE = 0.005
"""A place is good for this long, and the window is longer by as much: what counts is when requests leave.

A request that could not leave in time (its connection had to be made) gives its place back and takes another one.
"""
MOST_HOLD = 60.0


@dataclass(frozen=True)
class Grant:
    """A place taken at `at` by a caller that waits since `since`; `waited`: seconds in the gate."""

    id: int
    at: float
    priority: Priority
    since: float
    waited: float
    lane: Lane | None = None


class Gate:
    """At most `pace.calls` sends in any `pace.seconds`, over all processes that open the same `path`.

    `today` gives the Seoul date that the daily `quota` is counted by; `now` and `pause` are replaced in tests alone.
    """

    def __init__(
        self,
        path: Path,
        pace: Pace,
        *,
        today: Callable[[], date],
        quota: int | None = None,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self.pace = pace
        self._window = _longer(pace)
        self._file = GateFile(path)
        self._today = today
        self._quota = quota
        self.now = now
        self._closing = threading.Event()
        self._pause = pause or self._closing.wait

    def enter(
        self,
        priority: Priority,
        until: float | None = None,
        *,
        lane: Lane | None = None,
        instead_of: Grant | None = None,
    ) -> Grant:
        """Wait for a place (in the lane too) and take it; `until`: the moment of `now()` after which it is of no use.

        RATE_LIMITED when that moment cannot be met or the day's quota is used up (`details["reason"]` is `QUOTA`).
        `instead_of` is given back; its caller keeps its rank.
        """
        self.unless_closed()
        came = self.now()
        since = instead_of.since if instead_of else came
        id = secrets.randbits(62)
        try:
            while True:
                found = self._turn((int(priority), since, id), lane, instead_of)
                instead_of = None
                if isinstance(found, Taking):
                    return Grant(found.call, found.at, priority, since, found.at - came, lane)
                self.pause(found - self.now(), until, "RATE_LIMITED", "the limit of calls leaves no place in time")
        except BaseException:
            self._file.leave(id)
            raise

    def fresh(self, grant: Grant, until: float | None = None) -> Grant:
        """The same place, or another one if it was taken too long ago: asked right before the request leaves."""
        while self.now() - grant.at > LATE:
            grant = self.enter(grant.priority, until, lane=grant.lane, instead_of=grant)
        return grant

    def hold(self, seconds: float) -> None:
        """Nobody sends for so long (at most a minute): the vendor asked for it."""
        with self._file.transaction() as rows:
            rows.mark("held", self.now() + min(seconds, MOST_HOLD))

    def issue(self, interval: float, wall: float) -> float:
        """Claim the right to issue a token, before it is asked for: 0, or the seconds that are still to be waited.

        `wall`: seconds of the injected clock. Where the machine was started again since, its time counts, or the real
        seconds since that was first seen: a clock that stands still holds nobody up for longer than `interval`.
        """
        with self._file.transaction() as rows:
            now = self.now()
            last = rows.mark_of("issued")
            if last is not None:
                passed = now - last[0] if last[0] <= now else self._since_restart(rows, now, wall - last[1])
                if passed < interval:
                    return interval - passed
            rows.mark("issued", now, wall)
            rows.unmark("restarted")
            return 0.0

    @staticmethod
    def _since_restart(rows: GateFile, now: float, walled: float) -> float:
        """Seconds that certainly passed since a moment before the machine was started again."""
        seen = rows.mark_of("restarted")
        if seen is None or seen[0] > now:
            rows.mark("restarted", now)
            return abs(walled)
        return max(abs(walled), now - seen[0])

    def unissue(self) -> None:
        """The token was never asked for: give the right back."""
        with self._file.transaction() as rows:
            rows.unmark("issued")

    def used_today(self) -> int:
        """Calls of all processes on the running Seoul date."""
        with self._file.transaction() as rows:
            return rows.used(self._today())

    def pause(self, seconds: float, until: float | None, code: str, why: str) -> None:
        """Sleep at most `LOOK` towards a moment `seconds` away; Retryable at once when it lies after `until`."""
        now = self.now()
        if until is not None and now + max(seconds, 0) > until:
            left = max(until - now, 0)
            raise Retryable(
                f"Not sent: {why} ({seconds:.1f} s to wait, {left:.1f} s left).",
                code=code,
                hint=f"Ask again in {max(seconds, 0.1):.1f} s, or allow more time.",
                details={"retry_after": round(max(seconds, 0.1), 1)},
            )
        self.rest(min(max(seconds, 0.0005), LOOK))

    def rest(self, seconds: float) -> None:
        """Sleep; BUSY when the hub is closed meanwhile."""
        self._pause(seconds)
        self.unless_closed()

    def unless_closed(self) -> None:
        """BUSY once the hub is closed."""
        if self._closing.is_set():
            raise Retryable("The hub is closed.", code="BUSY", hint="Run the command again.")

    def close(self) -> None:
        """Wake whoever waits and release the file."""
        self._closing.set()
        self._file.close()

    def _turn(self, me: tuple[int, float, int], lane: Lane | None, instead_of: Grant | None) -> Taking | float:
        """Take a place, or the moment at which to look again."""
        with self._file.transaction() as rows:
            now = self.now()
            if instead_of is not None:
                rows.give_back(instead_of.id)
            others = [one for one in rows.waiting(now) if one.rank != me]
            ready = [one.rank for one in others if one.free <= now]
            held = rows.mark_of("held")
            stop = held[0] if held and held[0] <= now + MOST_HOLD else -math.inf
            at = free = self._lane_due(rows, now, me, lane, others)
            whole = _Queue(ready, me, rows.mark_of("overtaken"))
            at = max(at, due(rows.sent(now, self._window), self._window, whole.priority, whole.ahead, stop))
            if at > now:
                rows.wait(me[2], me[0], me[1], now + ALIVE)
                if lane is not None:
                    rows.wait_in(me[2], lane.name, free)
                return at
            if instead_of is None:
                self._count(rows)
            rows.stop_waiting(me[2])
            rows.mark("overtaken", whole.overtaken)
            call = rows.take(now, self._window)
            if lane is not None:
                rows.take_lane(call, now, _longer(lane.pace), lane.name)
                rows.mark(f"overtaken {lane.name}", self._in_lane(rows, me, lane, others).overtaken)
            return Taking(call, now)

    def _lane_due(
        self, rows: GateFile, now: float, me: tuple[int, float, int], lane: Lane | None, others: Sequence[Waiter]
    ) -> float:
        if lane is None:
            return -math.inf
        window, line = _longer(lane.pace), self._in_lane(rows, me, lane, others)
        return due(rows.sent(now, window, lane.name), window, line.priority, line.ahead)

    def _in_lane(self, rows: GateFile, me: tuple[int, float, int], lane: Lane, others: Sequence[Waiter]) -> _Queue:
        same = [one.rank for one in others if one.lane == lane.name]
        return _Queue(same, me, rows.mark_of(f"overtaken {lane.name}"))

    def _count(self, rows: GateFile) -> None:
        today = self._today()
        used = rows.used(today)
        if self._quota is not None and used >= self._quota:
            again = f"{today + timedelta(days=1)}T00:00:00+09:00"
            raise Retryable(
                f"The quota of {self._quota:,} calls for {today} is used up ({used:,} sent by all processes).",
                code="RATE_LIMITED",
                hint=f"Go on at midnight in Seoul ({again}), or raise the quota.",
                details={
                    "reason": "QUOTA",
                    "quota": self._quota,
                    "used": used,
                    "day": today.isoformat(),
                    "again_at": again,
                },
            )
        rows.count(today)


class _Queue:
    """Where a caller stands among those who wait for the same places."""

    def __init__(
        self,
        others: Sequence[tuple[int, float, int]],
        me: tuple[int, float, int],
        overtaken: tuple[float, float] | None,
    ) -> None:
        count = int(overtaken[0]) if overtaken else 0
        self.ahead = first([*others, me], count).index(me)
        its_turn = self.ahead == 0 and any(one < me for one in others)  # in fairness: nothing more to wait for
        self.priority = Priority.QUESTION if its_turn else Priority(me[0])
        self.overtaken = count + 1 if any(one[1] < me[1] for one in others) else 0


def _longer(pace: Pace) -> Pace:
    """A place is good for `LATE` seconds, so the window is longer by as much."""
    return Pace(pace.calls, pace.seconds + LATE)
