"""프로그램 매매 by minute: of stocks, and of a market as the sum of its stocks, split into 차익 and 비차익."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from sugeup.sandbox.intraday_clock import Grid
from sugeup.sandbox.intraday_draws import Floats, Integers, autoregressive, normals
from sugeup.sandbox.intraday_minutes import Minutes
from sugeup.sandbox.intraday_split import walk
from sugeup.sandbox.views import StockDay

_FIGURES = ("program_buy_volume", "program_sell_volume", "program_buy_amount", "program_sell_amount")
_MEMORY, _NOISE = 0.9, 0.5


def by_stock(seed: int, made: Minutes, days: Mapping[str, StockDay]) -> Integers:
    """Cumulative program figures of each stock of `made` by snapshot, shape (stocks, 4, snapshots).

    The four are buys and sells in shares, then in won. Each grows with the stock's volume and noise of its own, never
    exceeds what was traded by then, and ends at the day's figure.
    """
    totals = np.array([[getattr(days[code], name) for name in _FIGURES] for code in made.codes], dtype=np.int64)
    totals = totals.reshape(len(made.codes), 4)
    drawn = normals(seed, "program minutes", made.grid.session, made.codes, 2, made.grid.length)
    weights = np.exp(_NOISE * autoregressive(drawn, _MEMORY)) * made.shares[:, None]
    grown = np.cumsum(weights, axis=2)
    parts: Floats = grown / np.maximum(grown[:, :, -1:], 1e-300)
    reached = np.floor(totals[:, :, None] * parts[:, (0, 1, 0, 1)]).astype(np.int64)
    reached[:, :, -1] = totals
    np.minimum(reached[:, :2], np.cumsum(made.shares, axis=1)[:, None], out=reached[:, :2])
    np.minimum(reached[:, 2:], np.cumsum(made.won, axis=1)[:, None], out=reached[:, 2:])
    return made.grid.seen(reached)


def stock_frame(grid: Grid, codes: Sequence[str], reached: Integers) -> pl.DataFrame:
    """Rows of `program_minute_stock`, one for each stock and snapshot."""
    return pl.DataFrame({**_keys(grid, "code", codes), **_trades("program", reached)})


def market_frame(seed: int, grid: Grid, scopes: Sequence[str], reached: Integers, arbitrage: Integers) -> pl.DataFrame:
    """Rows of `program_minute_market` from cumulative sums of stocks, shape (scopes, 4, snapshots).

    `arbitrage` (scopes, 4) are the day's figures of 차익 orders; the rest is 비차익, and the two add to the whole at
    every snapshot.
    """
    moments = reached.shape[2]
    rows = np.diff(reached, axis=2, prepend=0).reshape(-1, moments)
    columns = np.stack([arbitrage, reached[:, :, -1] - arbitrage], axis=-1).reshape(-1, 2)
    drawn = normals(seed, "arbitrage minutes", grid.session, scopes, 2, moments)
    lean: Floats = np.exp(_NOISE * autoregressive(drawn, _MEMORY))[:, (0, 1, 0, 1)].reshape(-1, moments)
    liking = np.stack([lean, np.ones_like(lean)], axis=-1)
    split = np.cumsum(walk(rows, columns, liking), axis=1).reshape(len(scopes), 4, moments, 2)
    found = {**_keys(grid, "market", scopes), **_trades("program", reached)}
    found |= _trades("arbitrage", split[..., 0]) | _trades("non_arbitrage", split[..., 1])
    return pl.DataFrame(found)


def _keys(grid: Grid, name: str, scopes: Sequence[str]) -> dict[str, pl.Series | Integers]:
    moments = len(grid.snapshots)
    named = pl.Series(scopes, dtype=pl.String)
    return {
        name: named.gather(np.repeat(np.arange(len(scopes)), moments)),
        "session": pl.repeat(grid.session, len(scopes) * moments, eager=True, dtype=pl.Date),
        "at": grid.at(np.tile(grid.snapshots, len(scopes))),
    }


def _trades(kind: str, reached: Integers) -> dict[str, pl.Series | Integers]:
    buys, sells, bought, sold = (reached[:, place].ravel() for place in range(4))
    return {
        f"{kind}_buy_amount": bought,
        f"{kind}_sell_amount": sold,
        f"{kind}_net_amount": bought - sold,
        f"{kind}_buy_volume": buys,
        f"{kind}_sell_volume": sells,
        f"{kind}_net_volume": buys - sells,
    }
