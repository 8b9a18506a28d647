"""신호 행: what a detector found as rows of the dataset `signals`, the same row for the same finding."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl

from sugeup import records
from sugeup.market import publication
from sugeup.usecases.smart_money_signals import HORIZON, SOURCE, VERSION


@dataclass(frozen=True)
class Finding:
    """One signal of one stock, sector or market; the fields are columns of `signals`, `evidence` is kept as JSON."""

    code: str
    kind: str
    direction: str
    metric: str
    evidence: Mapping[str, Any]
    detector: str | None = None
    family: str = "ALL"
    scope: str = "STOCK"
    strength: float | None = None
    statistic: float | None = None
    z: float | None = None
    p: float | None = None
    p_adj: float | None = None
    n_tested: int | None = None
    basis: str | None = None
    horizon: int | None = HORIZON

    def id(self, session: date) -> str:
        """Session, kind, version, family and code: as `signals_of` numbers them."""
        return f"{session:%Y%m%d}-{self.kind}-{VERSION}-{self.family}-{self.code}"


@dataclass(frozen=True)
class Family:
    """What one signal function found. `tested`: it could judge; what it does not tell of its `kinds` is not there."""

    kinds: tuple[str, ...]
    found: Sequence[Finding]
    tested: bool
    provisional: bool
    dataset: str = "investor_day_stock"
    """Whose time of publication says from when on anyone could know the final signal."""


def frame(families: Sequence[Family], session: date, told: datetime) -> pl.DataFrame:
    """Rows of `signals`. `told`: the moment of the analysis; a final row is known from its publication, if earlier."""
    declared, told = records.dataset("signals"), told.astimezone(UTC)
    rows = []
    for family in families:
        public = publication.known_at(family.dataset, session)
        about = {
            "session": session,
            "metric_version": VERSION,
            "withdrawn": False,
            "source": SOURCE,
            "venue": "KRX",
            "products": "STOCK",
            "hours": "REGULAR",
            "known_at": told if family.provisional else min(told, public),
            "ingested_at": told,
            "final": not family.provisional,
        }
        for one in family.found:
            evidence = json.dumps(plain(one.evidence), ensure_ascii=False, sort_keys=True)
            rows.append(vars(one) | about | {"signal_id": one.id(session), "evidence": evidence})
    if not rows:
        return declared.empty()
    return declared.conform(pl.DataFrame(rows, infer_schema_length=None))


def plain(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures as JSON can hold them: numbers of six significant digits, null for none."""
    return {name: _plain(value) for name, value in figures.items()}


def figure(value: Any) -> float | None:
    """A number of six significant digits, None where it is missing."""
    return float(f"{float(value):.6g}") if np.isfinite(value) else None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, np.integer | int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, np.floating | float):
        return figure(value)
    return value
