"""What a fill did, and what was asked: two small facts that the store reports and the archive passes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Upserted:
    """What an upsert did: rows `added`, `replaced` (now current), `kept` aside in the log (less preferred), `same`."""

    added: int = 0
    replaced: int = 0
    kept: int = 0
    same: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.added or self.replaced or self.kept)


@dataclass(frozen=True)
class Asked:
    """A span of sessions of one scope that a source was asked for; `rows` is 0 where it truly had nothing."""

    dataset: str
    source: str
    scope: str
    first: date
    last: date
    rows: int
    asked_at: datetime
