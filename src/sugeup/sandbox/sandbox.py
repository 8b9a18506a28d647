"""A sandbox: the vendors that serve one simulated market at the moment of one clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sugeup.sandbox import limits
from sugeup.sandbox.service import Service
from sugeup.sandbox.world import World


class Sandbox:
    """Services over a world, in their order; a path belongs to the first that owns it."""

    def __init__(self, world: World, services: Sequence[Service]) -> None:
        self.world = world
        self.services = tuple(services)
        self._daily: dict[tuple[str, str], int] = {}

    def service(self, path: str) -> Service | None:
        """The vendor that a path belongs to."""
        return next((one for one in self.services if one.owns(path)), None)

    def named(self, name: str) -> Service:
        """The service of a vendor; KeyError when it is not served."""
        for one in self.services:
            if one.name == name:
                return one
        served = ", ".join(one.name for one in self.services)
        raise KeyError(f"this sandbox does not serve {name!r}; it serves: {served}")

    def beyond(self, key: str, allowance: float) -> bool:
        """Whether a key has used up its calls of the day; counts this one."""
        place = (key, self.world.moment().day.isoformat())
        self._daily[place] = self._daily.get(place, 0) + 1
        return self._daily[place] > allowance

    def stats(self) -> dict[str, Any]:
        """Calls, the busiest second, refusals, tokens, faults: of all vendors, and of each."""
        found = limits.together([one.counts for one in self.services])
        return found | {"vendors": {one.name: one.counts.shown() for one in self.services}}

    def plan(self) -> dict[str, Any]:
        """What is simulated, as plain JSON."""
        sessions, planned = self.world.market.sessions, self.world.market.plan
        return {
            "vendors": {one.name: one.shown() for one in self.services},
            "seed": planned.seed,
            "events": planned.events,
            "turbulence": planned.turbulence,
            "sessions": len(sessions),
            "first": sessions[0].isoformat(),
            "last": sessions[-1].isoformat(),
            "stocks": len(self.world.market.codes),
            "revisions": self.world.revisions,
        }
