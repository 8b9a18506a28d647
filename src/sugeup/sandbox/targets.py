"""Stylised facts of the Korean market, as committed in `targets.json`: what a simulation is held against."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Target:
    """One stylised fact: its value in the real market and the band a simulation should lie in.

    `part`: daily (counted), further (daily, not counted), intraday. A fact that is a list has one target for each
    place: name#1, name#2, …
    """

    part: str
    name: str
    value: float
    lo: float
    hi: float
    unit: str

    def inside(self, found: float) -> bool:
        """Whether a figure lies in the band."""
        return self.lo <= found <= self.hi


def targets(part: str | None = None) -> tuple[Target, ...]:
    """The facts, as committed, of one part or all."""
    text = resources.files("sugeup.sandbox").joinpath("targets.json").read_text(encoding="utf-8")
    found = tuple(Target(**row) for row in json.loads(text))
    return found if part is None else tuple(target for target in found if target.part == part)
