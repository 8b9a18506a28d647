"""신뢰도: the one place that turns the strength of a signal into a probability, or says that there is none yet.

Maps are fitted by the job `refit` and stored in `calibrations`; an answer about a session uses the newest map whose
outcomes were known by then. Without an accepted one the confidence is null, UNCALIBRATED.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from sugeup.archive import Archive
from sugeup.research import calibration
from sugeup.research.calibration import Calibration

DATASET = "calibrations"
NEVER = "no calibration of this kind is stored; `sugeup job run refit` fits one from decided signals"


@dataclass(frozen=True)
class Confidence:
    """A calibrated probability and what it stands on; `value` is None where there is none, `why` says so in words."""

    value: float | None
    base_rate: float | None
    n: int
    brier_skill: float | None
    until: date | None
    event: str | None
    why: str | None


@dataclass(frozen=True)
class Calibrations:
    """The newest map of each kind of signal."""

    maps: Mapping[str, Calibration]

    def calibrated(self, kind: str, strength: float | None) -> Confidence:
        """Confidence of a signal of a kind at a strength (0-100)."""
        one = self.maps.get(kind)
        if one is None:
            return Confidence(None, None, 0, None, None, None, NEVER)
        value, why = one.confidence(strength), one.refused
        if value is None and why is None:
            why = "a signal without a strength has no place on the map"
        known = why is None
        return Confidence(
            None if value is None else round(value, 3),
            None if one.base_rate is None or not known else round(one.base_rate, 3),
            one.n,
            None if one.brier_skill is None or not known else round(one.brier_skill, 4),
            one.until if known else None,
            one.event,
            why,
        )


def load(archive: Archive, session: date) -> Calibrations:
    """The maps as of a session: newest first, of each kind one."""
    rows = archive.read(DATASET, end=session).sort("session").group_by("kind", maintain_order=True).last()
    maps = {row["kind"]: calibration.of_row(row) for row in rows.iter_rows(named=True)}
    return Calibrations(maps)


NOTHING = Calibrations({})
"""No maps at all."""


def filled(signals: pl.DataFrame, known: Calibrations) -> pl.DataFrame:
    """Rows of `signals` with the confidence of each by its kind and strength."""
    if signals.is_empty() or not known.maps:
        return signals
    told = [known.calibrated(kind, strength).value for kind, strength in signals.select("kind", "strength").iter_rows()]
    return signals.with_columns(pl.Series("confidence", told, dtype=signals.schema["confidence"]))
