"""가집계: the brokers' tally of foreigners and institutions, told five times a day and half an hour late or more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from sugeup.market import investors, publication
from sugeup.sandbox.intraday_clock import curve, grid
from sugeup.sandbox.intraday_draws import Floats, normals
from sugeup.sandbox.views import LEAVES, StockDay

ROUNDED_TO = 1_000
_SOONEST, _LATEST = 30.0, 90.0
_GROUPS = {"foreign": (0.15, 2), "institution": (0.12, 1)}
"""Wandering of the group's net before the close as part of the volume, and the slot in which it is not published."""


def estimates(seed: int, session: date, stocks: Sequence[StockDay]) -> pl.DataFrame:
    """Rows of `stock_estimate`: what was true 30 to 90 minutes before each slot, in thousands of shares.

    Early slots look back at most half of the time since the open; a slot before the open has no row, nor has a halted
    stock. Institutions are null in slot 1, foreigners in slot 2.
    """
    traded = [stock for stock in stocks if not stock.halted and stock.volume > 0]
    minutes = grid(session)
    continuous = minutes.length - 1
    told = np.array([at.hour * 60.0 + at.minute for at in publication.SLOTS]) - minutes.open
    slots = np.flatnonzero(told > 0)
    told = told[slots]
    drawn = normals(seed, "estimates", session, [stock.code for stock in traded], 3, len(publication.SLOTS) + 1)
    closing, drawn = drawn[:, :, -1:], drawn[:, :, slots]
    late = np.clip((_SOONEST + _LATEST) / 2 + 20.0 * drawn[:, 0], _SOONEST, _LATEST)
    seen = np.maximum.accumulate(told - np.minimum(late, told / 2), axis=1)
    passed = _passed(seen, traded, continuous)
    columns: dict[str, pl.Series] = {
        "code": pl.Series([stock.code for stock in traded for _ in slots], dtype=pl.String),
        "session": pl.repeat(session, passed.size, eager=True, dtype=pl.Date),
        "slot": pl.Series(np.tile(slots + 1, len(traded)), dtype=pl.Int64),
    }
    volume = np.array([stock.volume for stock in traded], dtype=np.float64)[:, None]
    for place, (group, (wander, unpublished)) in enumerate(_GROUPS.items(), 1):
        members = [LEAVES.index(leaf) for leaf in investors.members(group)]
        bought = np.array([stock.buy_volume[members].sum() for stock in traded], dtype=np.float64).reshape(-1, 1)
        sold = np.array([stock.sell_volume[members].sum() for stock in traded], dtype=np.float64).reshape(-1, 1)
        steps = np.diff(passed, axis=1, prepend=0.0)
        wandered = np.cumsum(np.sqrt(steps) * drawn[:, place], axis=1)
        wandered -= passed * (wandered[:, -1:] + np.sqrt(1.0 - passed[:, -1:]) * closing[:, place])
        size = np.minimum(wander * volume, 0.5 * (bought + sold))
        reached = passed * (bought - sold) + size * wandered
        reached = np.clip(reached, -np.minimum(sold, volume * passed), np.minimum(bought, volume * passed))
        whole = np.rint(reached / ROUNDED_TO).astype(np.int64) * ROUNDED_TO
        known = np.broadcast_to(slots + 1 != unpublished, whole.shape)
        columns[f"{group}_net_volume"] = pl.Series(whole.ravel()).set(pl.Series(~known.ravel()), None)
    return pl.DataFrame(columns)


def _passed(seen: Floats, traded: Sequence[StockDay], continuous: int) -> Floats:
    """Part of the day's volume traded by a minute since the open, by the curve of the stock's market."""
    ends = np.arange(continuous + 1, dtype=np.float64)
    found = np.empty_like(seen)
    for market in sorted({stock.market for stock in traded}):
        rows = np.array([stock.market == market for stock in traded])
        reached = np.append(0.0, np.cumsum(curve("KOSPI" if market == "KOSPI" else "KOSDAQ", continuous)))
        found[rows] = 0.95 * np.interp(seen[rows], ends, reached)
    return found
