"""출처: what is known about a source of rows, and which source is preferred where two give the same row.

An origin says how its figures are rounded and what was dropped or derived on the way in; an answer repeats it. Figures
of two sources are never averaged and never mixed inside one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Standing(IntEnum):
    """How near a source stands to the exchange's own figure; the smaller is preferred."""

    EXCHANGE_FILE = 10
    REGULATOR_API = 12
    """What was filed with the regulator, as it was filed."""
    EXCHANGE_API = 15
    """The exchange's own interface."""
    EXCHANGE_SCREEN = 16
    """The exchange's pages for members, where nobody else has the figure as exactly."""
    PORTAL_BOTH_SIDES = 17
    """A portal's copy of the exchange's day of a whole market, both sides: a broker's past has the difference alone."""
    PORTAL_HISTORY = 18
    """A portal's programme trading by day, years deeper than any broker's."""
    BROKER_API_DATED = 19
    """A broker's figure that says its own day, where that of another has to be dated by inference."""
    BROKER_API = 20
    BROKER_API_HISTORY = 21
    """The same broker's charts: derived base prices, or a second way to a figure."""
    SECOND_BROKER_API = 22
    """Another broker's: rounded more coarsely, or in units that were told by arithmetic."""
    MEMBER_SCREEN = 23
    """The exchange's pages for members, whose terms do not allow them to be asked in bulk."""
    BROKER_API_COARSE = 25
    """Groups without their leaves, or a snapshot in place of the day's figure."""
    SECOND_BROKER_API_COARSE = 26
    PORTAL_API = 28
    """A portal's other figures: groups without their leaves, and what a broker gives too."""
    HTS_EXPORT = 30
    LIBRARY_COPY = 40
    PORTAL_COPY = 50
    OTHER_COPY = 60
    UNKNOWN = 90


@dataclass(frozen=True)
class Origin:
    """One source. `unit_won` and `unit_shares`: rounding units of its figures; `notes`: dropped or derived, by dataset.

    `simulated` marks figures that no exchange ever published.
    """

    name: str
    title: str
    korean: str
    standing: Standing
    unit_won: int = 1
    unit_shares: int = 1
    notes: Mapping[str, str] = field(default_factory=dict)
    provenance: str = ""
    simulated: bool = False
    bare_institution: bool = False
    """Whether its 기관계 lacks 국가·지자체, which cannot be added because it gives no leaves."""


def unknown(name: str) -> Origin:
    """The origin of rows whose source nobody has described: least preferred."""
    return Origin(name, name, name, Standing.UNKNOWN)
