"""수급 by minute: what each leaf has bought and sold in one market, closed at every minute and ending at the day.

Who trades when is taken from stylised facts, section 5: individuals early, 투신 and 금융투자 late, a quarter of 투신 in
the closing auction. A class that buys more than it sells in a minute is met by 개인.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from sugeup.market import investors
from sugeup.sandbox.intraday_clock import LATE, Grid
from sugeup.sandbox.intraday_draws import Floats, Integers, autoregressive, normals
from sugeup.sandbox.intraday_split import walk
from sugeup.sandbox.views import LEAVES

_MOMENTS = np.array([0.0, 30, 60, 120, 180, 240, 300, 360, 380, 381])
_KOSPI: Mapping[str, tuple[float, ...]] = {
    "individual": (21.6, 33.7, 49.4, 59.7, 69.0, 80.2, 92.5, 97.5),
    "foreign_registered": (19.6, 28.5, 41.0, 50.1, 57.7, 66.7, 78.3, 84.6),
    "financial_investment": (15.9, 25.9, 39.0, 47.9, 56.3, 67.0, 80.1, 88.3),
    "insurance": (3.8, 9.6, 19.7, 29.7, 38.4, 54.4, 83.7, 95.3),
    "investment_trust": (3.2, 7.1, 15.1, 23.5, 31.5, 42.9, 61.7, 73.6),
    "private_fund": (8.9, 17.1, 29.8, 41.5, 52.5, 66.7, 86.8, 95.0),
    "bank": (13.5, 21.8, 38.5, 48.4, 59.9, 71.3, 83.9, 92.7),
    "other_financial": (10.8, 18.8, 35.3, 48.1, 57.8, 74.7, 92.3, 99.5),
    "pension_fund": (15.9, 26.9, 45.1, 57.0, 67.8, 80.6, 95.1, 99.1),
    "other_corporation": (17.6, 30.0, 45.1, 55.9, 64.4, 77.0, 91.2, 97.3),
}
_KOSDAQ: Mapping[str, tuple[float, ...]] = {
    "individual": (23.8, 36.9, 52.9, 63.3, 72.7, 83.2, 94.3, 98.7),
    "foreign_registered": (23.4, 35.3, 50.2, 59.8, 67.8, 77.5, 89.4, 95.5),
    "financial_investment": (17.5, 28.9, 43.5, 52.9, 60.8, 71.2, 85.1, 93.9),
    "insurance": (5.3, 10.7, 21.9, 34.2, 45.0, 62.6, 89.4, 99.7),
    "investment_trust": (4.2, 9.6, 21.1, 34.0, 46.2, 61.5, 85.4, 97.5),
    "private_fund": (8.5, 15.9, 29.4, 42.3, 54.3, 69.4, 91.1, 99.5),
    "bank": (10.7, 24.2, 50.5, 60.9, 66.3, 77.9, 91.6, 99.0),
    "other_financial": (22.4, 34.4, 49.4, 59.6, 71.3, 80.5, 93.8, 99.5),
    "pension_fund": (10.9, 20.4, 36.5, 49.0, 59.2, 73.8, 93.6, 99.0),
    "other_corporation": (20.8, 33.4, 49.8, 59.9, 68.1, 80.0, 93.5, 98.8),
}
_LIKE = {"foreign_other": "foreign_registered", "government": "pension_fund"}
_PERSISTENCE = 0.94
_APART = 0.6
"""Noise of a sector's own, in units of what is common to its market."""
_INDIVIDUAL = LEAVES.index("individual")
_TILTS: Mapping[str, Mapping[str, tuple[float, float, float]]] = {
    "KOSPI": {
        "foreign_registered": (0.062, 0.16, 0.09),
        "financial_investment": (0.060, 0.25, 0.10),
        "investment_trust": (0.200, 0.15, -0.03),
        "pension_fund": (0.030, 0.20, 0.15),
    },
    "KOSDAQ": {
        "foreign_registered": (0.050, 0.09, 0.19),
        "financial_investment": (0.050, 0.20, 0.16),
        "investment_trust": (0.160, 0.15, 0.00),
        "pension_fund": (0.080, 0.20, 0.10),
    },
}
_OTHERS = (0.12, 0.30, 0.02)
"""Persistent part, passing part and part that goes with the market, of (buy - sell) / (buy + sell) in a minute."""


def _eagerness(market: str, grid: Grid) -> Floats:
    """Part of what a leaf still has to trade that falls between two snapshots, shape (snapshots, leaves)."""
    known = _KOSPI if market == "KOSPI" else _KOSDAQ
    parts = np.empty((len(grid.snapshots), len(LEAVES)))
    ends = np.clip(grid.snapshots - grid.open - 1.0 / LATE, 0.0, grid.length - 1) * 380.0 / (grid.length - 1)
    ends[-1] = 381.0
    for place, leaf in enumerate(LEAVES):
        reached = known[_LIKE.get(leaf, leaf)]
        curve = np.interp(ends, _MOMENTS, [0.0, *reached, 100.0])
        parts[:, place] = np.diff(curve, prepend=0.0) / (100.0 - np.append(0.0, curve[:-1]))
    return parts


def liking(seed: int, grid: Grid, scopes: tuple[str, ...], market: str, moves: Floats, gross: Floats) -> Floats:
    """Parts of what buyers and sellers still have, shape (scopes, 2, snapshots, leaves); gross: shares of leaves.

    `moves` are the market's own by continuous minute: classes that go with the market buy when it rises. Scopes are
    parts of one market: most of what a class does is common to them.
    """
    moments = len(grid.snapshots)
    drawn = normals(seed, "investor minutes", grid.session, (market, *scopes), 2 * len(LEAVES), moments)
    drawn = drawn[:1] + _APART * drawn[1:]
    lasting = autoregressive(drawn[:, : len(LEAVES)], _PERSISTENCE)
    tilts = np.array([_TILTS[market].get(leaf, _OTHERS) for leaf in LEAVES])
    went = np.zeros(moments)
    went[1 : len(moves) + 1] += moves * (1.0 - 1.0 / LATE)
    went[2 : len(moves) + 2] += moves / LATE
    lean = tilts[:, 0, None] * lasting + tilts[:, 1, None] * drawn[:, len(LEAVES) :] + tilts[:, 2, None] * went
    lean[:, _INDIVIDUAL] = 0.0
    own = np.maximum(gross[:, _INDIVIDUAL], 0.02)
    lean[:, _INDIVIDUAL] = -np.cumsum(gross[:, :, None] * lean, axis=1)[:, -1] / own[:, None]
    np.clip(lean, -1.5, 1.5, out=lean)
    lean = np.moveaxis(lean, 1, 2)
    eager = _eagerness(market, grid)
    return np.stack([eager * np.exp(lean), eager * np.exp(-lean)], axis=1)


def split(won: Integers, shares: Integers, sides: Integers, parts: Floats) -> Integers:
    """Cumulative buys and sells by snapshot and leaf, shape (scopes, measures, sides, snapshots, leaves).

    `won` and `shares` (scopes, snapshots) are turnover and volume since the snapshot before; `sides` (scopes, 2
    measures, 2 sides, leaves) what each leaf bought and sold in the day: measures amount and volume, sides buy and
    sell. Every snapshot is closed: buys of all leaves, sells of all leaves and turnover are one number.
    """
    scopes, moments = won.shape
    rows = np.broadcast_to(np.stack([won, shares], axis=1)[:, :, None], (scopes, 2, 2, moments))
    wanted = np.broadcast_to(parts[:, None], (scopes, 2, 2, moments, len(LEAVES)))
    batch = scopes * 4
    made = walk(rows.reshape(batch, moments), sides.reshape(batch, -1), wanted.reshape(batch, moments, -1))
    return np.cumsum(made, axis=1).reshape(scopes, 2, 2, moments, len(LEAVES))


def frame(grid: Grid, scopes: tuple[str, ...], reached: Integers) -> pl.DataFrame:
    """Rows of `investor_minute_market`, one for each scope and snapshot, from the cumulative figures of `split`."""
    shown = np.moveaxis(reached, 3, 1)
    moments = len(grid.snapshots)
    columns: dict[str, pl.Series | Integers] = {
        "market": pl.Series(scopes, dtype=pl.String).gather(np.repeat(np.arange(len(scopes)), moments)),
        "session": pl.repeat(grid.session, len(scopes) * moments, eager=True, dtype=pl.Date),
        "at": grid.at(np.tile(grid.snapshots, len(scopes))),
    }
    for investor in investors.ALL:
        leaves = [investor.id] if investor.krx is not None else list(investors.members(investor.id))
        held = shown[..., [LEAVES.index(leaf) for leaf in leaves]].sum(axis=-1)
        for measure, name in enumerate(("amount", "volume")):
            buy, sell = held[:, :, measure, 0].ravel(), held[:, :, measure, 1].ravel()
            columns[investors.column(investor.id, "buy", name)] = buy
            columns[investors.column(investor.id, "sell", name)] = sell
            columns[investors.column(investor.id, "net", name)] = buy - sell
    return pl.DataFrame(columns)
