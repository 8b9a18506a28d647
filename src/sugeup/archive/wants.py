"""What is wanted of the sources, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sugeup.errors import SugeupError
from sugeup.records.ledger import Asked, Upserted


@dataclass(frozen=True)
class Want:
    """Sessions `first` to `last` of scopes (codes, markets, indices, contracts), as far as they are not covered.

    No scopes: all that the sources give without being told whose (lists, market funds). `confirm`: also sessions that
    were covered while their figures were provisional. `again`: whatever is covered. `priority`: 0 a question that
    waits, 1 live, 2 daily, 3 backfill. `vendor`: the only one that is asked, also for what others have covered.
    `afterwards`: minutes of a session that is over, of those who give all of them.
    """

    scopes: tuple[str, ...]
    first: date
    last: date
    confirm: bool = False
    again: bool = False
    priority: int = 3
    vendor: str = ""
    afterwards: bool = False


@dataclass(frozen=True, order=True)
class Hole:
    """Sessions of one scope, one after the other, that nobody was asked for."""

    scope: str
    first: date
    last: date


@dataclass(frozen=True)
class Filled:
    """What a fill from the sources did.

    `calls`: answers received; `rows`: what the store did with them; `covered`: spans entered into the ledger; `faults`:
    rows that were not taken; `failures`: scope → why it was not answered; `left`: holes that a source could fill and
    that are still there; `stopped`: the errors that ended the work of an endpoint; `barred`: vendors that did not let
    us in while another one stood in for them; `remarks`: what the answers have to say to a person, and of how many.
    """

    dataset: str
    calls: int = 0
    rows: Upserted = field(default_factory=Upserted)
    covered: tuple[Asked, ...] = ()
    faults: int = 0
    failures: Mapping[str, SugeupError] = field(default_factory=dict)
    left: tuple[Hole, ...] = ()
    stopped: tuple[SugeupError, ...] = ()
    barred: tuple[SugeupError, ...] = ()
    remarks: Mapping[str, int] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether everything that could be asked was answered."""
        return not (self.left or self.failures or self.stopped)
