"""재보정: once a month, what the strengths of stored signals meant so far; the maps that confidences are read from.

Signals that were withdrawn or are provisional are left out, and those whose outcome is not known yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby

import numpy as np
import polars as pl

from sugeup import records
from sugeup.archive import Archive
from sugeup.jobs.job import Done, Job, Stage, Work
from sugeup.jobs.universe import today_of
from sugeup.market import sessions
from sugeup.research import calibration, events
from sugeup.research.calibration import Calibration
from sugeup.research.figures import Figures, figures

NAME = "refit"
DATASET = "calibrations"
SOURCE = "sugeup"
SIDES = {"BUY": 1.0, "SELL": -1.0}
_BARS = ("raw_open", "raw_high", "raw_low", "raw_close", "base_price", "volume", "amount", "status")


def stages(_work: Work) -> Sequence[Stage]:
    """One."""
    return [Stage("maps", _maps)]


def _maps(work: Work) -> Done:
    """Fit every kind that has signals with a side and a strength; none twice in a month."""
    today = today_of(work)
    month = datetime.combine(today.replace(day=1), datetime.min.time(), sessions.SEOUL).astimezone(UTC)
    if not work.archive.read(DATASET, columns=[]).filter(pl.col("ingested_at") >= month).is_empty():
        return Done(notes=(f"the maps of {today:%Y-%m} are stored",))
    told = decided(work.archive)
    if told.is_empty():
        return Done(notes=("no signal is decided yet; `sugeup job run analyse` tells them every evening",))
    maps = fitted(told)
    rows = _rows(maps, work.now)
    filled = work.archive.fill(DATASET, rows)
    accepted = [one.kind for one in maps if one.refused is None]
    notes = [
        f"{len(maps)} kinds of signals, {told.height:,} decided signals, accepted: {', '.join(accepted) or 'none'}"
    ]
    notes += [f"{one.kind}: {one.refused}" for one in maps if one.refused is not None]
    return Done(filled.added + filled.replaced + filled.kept, notes=tuple(notes))


def decided(archive: Archive) -> pl.DataFrame:
    """Final signals about stocks with a side and a strength, with `happened` (1 or 0) and `known`, the session of it.

    The event is that of metrics.md 2.1: sign x (stock return - index return) above 0, open of the next session to the
    close of the fifth.
    """
    wanted = ["kind", "direction", "scope", "strength", "horizon", "withdrawn"]
    found = archive.read("signals", columns=wanted).filter(
        pl.col("final")
        & ~pl.col("withdrawn").fill_null(value=False)
        & pl.col("direction").is_in(list(SIDES))
        & (pl.col("scope").fill_null("STOCK") == "STOCK")
        & pl.col("strength").is_not_null()
        & pl.col("horizon").is_not_null()
    )
    empty = found.clear().with_columns(happened=pl.lit(None, pl.Float64), known=pl.lit(None, pl.Date))
    if found.is_empty():
        return empty
    market = _market(archive, found["code"].unique().sort().to_list(), found["session"].min())
    place, at_of = {code: at for at, code in enumerate(market.codes)}, {day: at for at, day in enumerate(market.days)}
    parts = []
    for (horizon,), part in found.group_by(["horizon"], maintain_order=True):
        h = int(str(horizon))
        ahead = events.forward(market, h)
        row = np.array([place.get(code, -1) for code in part["code"]])
        at = np.array([at_of.get(day, -1) for day in part["session"]])
        inside = (row >= 0) & (at >= 0)
        gained = np.where(inside, ahead[row, at], np.nan)
        sign = np.array([SIDES[side] for side in part["direction"]])
        happened = np.where(np.isnan(gained), np.nan, sign * gained > 0)
        known = [market.days[one + h] if 0 <= one < len(market.days) - h else None for one in at]
        parts.append(
            part.with_columns(
                pl.Series("happened", happened).fill_nan(None),
                pl.Series("known", known, dtype=pl.Date),
            )
        )
    return pl.concat(parts).drop_nulls(["happened", "known"])


def fitted(told: pl.DataFrame) -> list[Calibration]:
    """A calibration of each kind."""
    maps = []
    for (kind,), part in told.sort("kind", "session").group_by(["kind"], maintain_order=True):
        columns: Mapping[str, list[object]] = part.to_dict(as_series=False)
        horizon = int(str(part["horizon"].max()))
        maps.append(
            calibration.fit(
                str(kind),
                columns["strength"],  # type: ignore[arg-type]
                columns["happened"],  # type: ignore[arg-type]
                columns["session"],  # type: ignore[arg-type]
                columns["known"],  # type: ignore[arg-type]
                horizon=horizon,
            )
        )
    return maps


def _market(archive: Archive, codes: Sequence[str], first: object) -> Figures:
    """Prices of the stocks and closes of the indices from the first signal on."""
    assert isinstance(first, date)
    today = archive.clock.now().astimezone(sessions.SEOUL).date()
    days = sessions.sessions(first, today)
    parts = []
    for _, month in groupby(days, key=lambda day: (day.year, day.month)):
        piece = list(month)
        rows = archive.read("daily_bars", columns=_BARS, start=piece[0], end=piece[-1])
        parts.append(rows.filter((pl.col("venue") == "KRX") & pl.col("code").is_in(list(codes))))
    index = archive.read("index_day", columns=("close",), start=first).filter(pl.col("venue") == "KRX")
    listed = archive.read("instruments", columns=("market",)).sort("valid_from")
    markets = dict(listed.select("code", "market").iter_rows())
    nothing = records.dataset("investor_day_stock").empty()
    return figures(pl.concat(parts), nothing, index, markets={code: markets.get(code) for code in codes}, days=days)


def _rows(maps: Sequence[Calibration], now: datetime) -> pl.DataFrame:
    """Rows of the dataset."""
    told = now.astimezone(UTC)
    about = {
        "source": SOURCE,
        "venue": "KRX",
        "products": "STOCK",
        "hours": "REGULAR",
        "known_at": told,
        "ingested_at": told,
        "final": True,
    }
    rows = [calibration.row(one) | about for one in maps if one.until is not None]
    return records.dataset(DATASET).conform(pl.DataFrame(rows, infer_schema_length=None))


JOB = Job(
    NAME, "신뢰도 재보정", "What strengths of signals meant so far: the maps behind confidences.", stages, today_of
)
