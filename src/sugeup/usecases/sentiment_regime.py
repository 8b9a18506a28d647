"""시장 국면: the state of the index as the newest monthly fit tells it, fitted once for all answers of a month."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.market import sessions
from sugeup.metrics import regimes
from sugeup.metrics.regimes import Regimes
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.panels import Floats
from sugeup.usecases.sentiment_models import MarketRegime

FILTERED = 750
"""Returns that the probability is carried through: what came before no longer tells in the eighth decimal."""
_RISKS = "key risks are narrative: no news or macro data are stored"


def block(archive: Archive, index: str, session: date) -> MarketRegime:
    """`sen.hamilton_filter` of the index up to the session, by a model of the sessions before its month."""
    draft = Draft({}, {})
    days, ret = returns(archive, index, session)
    before = sum(day < session.replace(day=1) for day in days)
    model = newest_fit(ret[:before].tobytes())
    month = f"{session:%Y-%m}"
    cell: dict[str, Any] = {"value": None, "reason": model.reason}
    method = None
    if model.reason == "INSUFFICIENT_HISTORY":
        need = regimes.LEAST_SESSIONS
        note = f"{model.sessions:,} returns of {index} are stored before {month}, {need} are needed"
    elif model.reason:
        note = "the fit found no two lasting states that differ in variance"
    else:
        cut = ret[-FILTERED:]
        cell = regimes.hamilton_filter(cut, model.mu, model.sigma, model.p00, model.p11, last=1).at(-1)
        note = f"{index}; a model probability, not tested against what followed"
        if np.isnan(cut[-1]):
            note += "; the newest close is missing: the state is carried forward"
        method = f"two states, fitted on {model.sessions:,} returns before {month}"
    reason = cell.get("reason")
    about: dict[str, Any] = {"reason": reason, "metric": "sen.hamilton_filter"}
    draft.put("current", cell["value"], note=note, method=method, **about)
    draft.put("confidence", _rounded(cell.get("confidence"), 3), unit="0-1", note=note, **about)
    spell = note if reason else "mean of a whole spell; the time left has the same mean"
    draft.put("expected_duration", _rounded(cell.get("expected_duration"), 1), unit="sessions", note=spell, **about)
    lasting = None
    if not reason:
        lasting = list(regimes.duration_quantiles(model.p00 if cell["value"] == "RISK_ON" else model.p11))
    draft.put("duration_quantiles", lasting, unit="sessions", note=note if reason else "10, 50, 90%", **about)
    draft.put("key_risks", None, reason="NOT_AVAILABLE_FROM_SOURCE", note=_RISKS)
    return MarketRegime(calibrated=False, **draft.values, meta=draft.meta)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def returns(archive: Archive, index: str, session: date) -> tuple[tuple[date, ...], Floats]:
    """Log-returns of an index on every exchange session after its first stored one; NaN where a close is missing."""
    rows = archive.read("index_day", columns=("close",), scopes=(index,), end=session)
    rows = rows.filter((pl.col("venue") == "KRX") & (pl.col("close") > 0)).sort("session")
    if rows.is_empty():
        return (), np.empty(0)
    days = sessions.sessions(rows["session"][0], session)
    calendar = pl.DataFrame({"session": days}, schema={"session": pl.Date})
    levels = calendar.join(rows.select("session", "close"), on="session", how="left", maintain_order="left")
    found: Floats = np.diff(np.log(levels["close"].fill_null(float("nan")).to_numpy()))
    return days[1:], found


@lru_cache(maxsize=16)
def newest_fit(returns_before: bytes) -> Regimes:
    """`regimes.fit` of float64 returns by their bytes: fitted anew only when the month or a stored return changes."""
    return regimes.fit(np.frombuffer(returns_before, dtype=np.float64))
