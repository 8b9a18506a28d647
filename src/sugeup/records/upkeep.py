"""What the care of a store reports: damage found, damage repaired, what was tidied, what was backed up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """How bad a finding is: DAMAGED figures cannot be read; LITTER is in nobody's way; SOUND is fine."""

    DAMAGED = "DAMAGED"
    LITTER = "LITTER"
    SOUND = "SOUND"


@dataclass(frozen=True)
class Finding:
    """One finding of a check: which table (`daily_bars`, `revisions/daily_bars`, `state`, `lake`), what, and where."""

    table: str
    condition: Condition
    what: str
    file: str | None = None


@dataclass(frozen=True)
class Repair:
    """What a restore did to one table. `lost`: rows that no version holds any more; `where` names their folder."""

    table: str
    done: str
    salvaged: int = 0
    lost: int = 0
    where: str | None = None


@dataclass(frozen=True)
class Tidied:
    """What tidying did to one table: folders rewritten in order, files removed, rows given up by retention."""

    table: str
    rewritten: int
    removed: int
    dropped_sessions: int


@dataclass(frozen=True)
class BackedUp:
    """A backup: its file, how many files and bytes it holds."""

    file: str
    files: int
    bytes: int
