"""Small archives with figures that a test can work out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from sugeup import records
from sugeup.app import App
from sugeup.archive import Archive
from sugeup.faces.answering import Answering
from sugeup.market import publication, sessions
from sugeup.market.clock import FixedClock
from sugeup.records import Origin, Standing
from sugeup.settings import Settings
from sugeup.store.lake import Lake
from sugeup.store.state import State

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
ORIGINS = {
    "exchange": Origin("exchange", "Exchange file", "거래소", Standing.EXCHANGE_FILE),
    "hts": Origin("hts", "HTS export", "HTS", Standing.HTS_EXPORT, unit_won=1_000_000),
    "portal": Origin("portal", "Portal copy", "포털", Standing.PORTAL_COPY, unit_won=100_000_000),
}


def open_lake(path: Path) -> Lake:
    """A lake that prefers exchange over hts over portal."""
    return Lake(path, {name: origin.standing for name, origin in ORIGINS.items()})


def open_archive(path: Path, now: datetime = NOW, name: str = "real") -> Archive:
    """An archive over a folder, at a fixed time."""
    return Archive(name, open_lake(path), State(path / "state.sqlite"), FixedClock(now), ORIGINS)


def rows(dataset: str, given: Sequence[Mapping[str, Any]], source: str = "exchange", **about: Any) -> pl.DataFrame:
    """A frame of a dataset from partial rows; provenance is filled in."""
    declared = records.dataset(dataset)
    frame = pl.DataFrame(
        [
            {"source": source, "venue": "KRX", "products": "STOCK", "hours": "REGULAR", "final": True}
            | about
            | dict(row)
            for row in given
        ],
        infer_schema_length=None,
    )
    frame = publication.stamp(dataset, frame, declared.dated)
    if "ingested_at" not in frame.columns:
        frame = frame.with_columns(pl.lit(NOW).alias("ingested_at"))
    return declared.conform(frame)


def days(n: int, end: date = date(2026, 2, 27)) -> tuple[date, ...]:
    """The last n sessions up to a date."""
    return sessions.last(n, end)


def four_groups(individual: int, foreign: int, institution: int, measure: str = "amount") -> dict[str, int]:
    """Net figures of the four groups; 기타법인 closes the sum."""
    nets = {"individual": individual, "foreign": foreign, "institution": institution}
    nets["other_corporation"] = -sum(nets.values())
    return {f"{group}_net_{measure}": net for group, net in nets.items()}


def application(archive: Archive) -> App:
    """An application over an archive that a test has filled."""
    lake = archive._panels
    assert isinstance(lake, Lake)
    return App(Settings(), archive.clock, archive, lake.root, lambda name: lake.version(records.dataset(name)))


def answering(archive: Archive) -> Answering:
    """The seam of the faces over an archive that a test has filled."""
    return Answering(application(archive))
