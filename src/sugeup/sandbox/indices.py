"""지수와 선물: levels weighted by capitalisation, from the stocks' own prices, and the nearest index future.

The return of an index is the value of its members at today's close over that at today's base price, so splits and
halts leave no trace. A stock counts from its second session on. The range within the day is drawn round open and close.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from sugeup.market import sessions
from sugeup.sandbox import sectors
from sugeup.sandbox.draws import Array, generator
from sugeup.sandbox.grid import MARKETS
from sugeup.sandbox.lifecycle import Lifecycle
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.prices import Prices
from sugeup.sandbox.universe import Flags, Universe, Whole
from sugeup.sandbox.views import FutureDay, IndexDay

STARTS = {"KOSPI": 2_400.0, "KOSDAQ": 690.0, "KOSPI200": 320.0}
SECTOR_START = 1_000.0
CARRY = 0.012
"""Interest less dividends, by year, that a future is worth more than its index."""
MULTIPLIER = 250_000
"""Won of a point of the index future."""
_YEARS = "6789012345ABCDEFGHJKLMNPQRSTVW"
"""Letter of the year in the code of a future: 6 is 1996 and 2026, W is 2025."""


@dataclass(frozen=True, eq=False)
class Indices:
    """Levels by session and index (in the order of `codes`), with volume, turnover and counts of members."""

    days: tuple[date, ...]
    codes: tuple[str, ...]
    previous: Array
    open: Array
    high: Array
    low: Array
    close: Array
    volume: Whole
    amount: Whole
    advancers: Whole
    decliners: Whole
    unchanged: Whole
    futures: tuple[FutureDay, ...]

    def returns(self, code: str) -> Array:
        """Return of one index by session."""
        at = self.codes.index(code)
        return np.asarray(self.close[:, at] / self.previous[:, at] - 1.0)

    def day(self, code: str, row: int) -> IndexDay:
        """One index on one session."""
        at = self.codes.index(code)
        return IndexDay(
            code,
            self.days[row],
            float(self.open[row, at]),
            float(self.high[row, at]),
            float(self.low[row, at]),
            float(self.close[row, at]),
            float(self.previous[row, at]),
            int(self.volume[row, at]),
            int(self.amount[row, at]),
        )


def members(stocks: Universe) -> dict[str, Flags]:
    """Which stocks belong to each index: markets, KOSPI200, then every industry, empty ones included."""
    found = {name: stocks.market == at for at, name in enumerate(MARKETS)}
    found["KOSPI200"] = stocks.kospi200
    return found | {sector.code: stocks.sector == at for at, sector in enumerate(sectors.ALL)}


def indices(plan: Plan, days: Sequence[date], stocks: Universe, life: Lifecycle, priced: Prices) -> Indices:
    """Levels of a plan's indices; an industry without a member keeps its level."""
    belongs = members(stocks)
    codes = tuple(belongs)
    table = np.stack([belongs[code] for code in codes], axis=1).astype(np.float64)
    counted = life.listed & (np.arange(len(days))[:, None] != life.first)
    shares = np.where(counted, life.shares, 0).astype(np.float64)
    value = np.where((shares * priced.base) @ table > 0, (shares * priced.base) @ table, 1.0)
    kept = (shares * priced.base) @ table > 0
    ratio = np.where(kept, (shares * priced.close) @ table / value, 1.0)
    gap = np.where(kept, (shares * priced.open) @ table / value, 1.0)
    start = np.array([STARTS.get(code, SECTOR_START) for code in codes])
    close: Array = np.round(start * np.cumprod(ratio, axis=0), 2).astype(np.float64)
    previous = np.vstack([start, close[:-1]])
    open_ = np.round(previous * gap, 2)
    reach = 0.45 * (np.abs(ratio - 1.0) + 0.006)
    chance = np.stack([generator(plan.seed, "index-range", row).random((2, len(codes))) for row in range(len(days))])
    high: Array = np.round(np.maximum(open_, close) * (1 + reach * chance[:, 0] ** 2), 2).astype(np.float64)
    low: Array = np.round(np.minimum(open_, close) * (1 - reach * chance[:, 1] ** 2), 2).astype(np.float64)
    whole = table.astype(np.int64)
    up, down = priced.close > priced.base, priced.close < priced.base
    counts = [(life.listed & what).astype(np.int64) @ whole for what in (up, down, ~up & ~down)]
    found = Indices(
        tuple(days), codes, previous, open_, high, low, close,
        priced.volume @ whole, priced.amount @ whole, counts[0], counts[1], counts[2],
        futures=(),
    )  # fmt: skip
    return Indices(**{**found.__dict__, "futures": tuple(_future(plan, found, row) for row in range(len(days)))})


def expiry(day: date) -> date:
    """최종거래일 of the nearest quarterly future: the second Thursday of March, June, September or December.

    The session before, when the exchange is closed on it.
    """
    year, month = day.year, -(-day.month // 3) * 3
    while True:
        first = date(year, month, 1)
        thursday = first + timedelta(days=(3 - first.weekday()) % 7 + 7)
        last = thursday if sessions.is_session(thursday) else sessions.previous(thursday)
        if last >= day:
            return last
        year, month = (year, month + 3) if month < 12 else (year + 1, 3)


def contract(last: date) -> str:
    """Code of the index future that expires then: 101, the letter of the year, the month."""
    return f"101{_YEARS[(last.year - 1996) % len(_YEARS)]}{last.month:02d}"


def _future(plan: Plan, levels: Indices, row: int) -> FutureDay:
    """The nearest future: index and carry, a basis of a few hundredths of a percent, prices in steps of 0.05."""
    day = levels.days[row]
    last = expiry(day)
    at = levels.codes.index("KOSPI200")
    chance = generator(plan.seed, "future", row)
    basis = 0.0006 * chance.standard_normal(2)
    left = (last - day).days / 365
    worth = 1 + CARRY * left
    close = _step(levels.close[row, at] * (worth + (0.0 if last == day else basis[0])))
    open_ = _step(levels.open[row, at] * (worth + basis[1]))
    high = max(_step(levels.high[row, at] * worth), open_, close)
    low = min(_step(levels.low[row, at] * worth), open_, close)
    move = abs(levels.close[row, at] / levels.previous[row, at] - 1)
    volume = int(230_000 * np.exp(0.25 * chance.standard_normal() + 12 * move))
    interest = int(250_000 * np.exp(0.06 * chance.standard_normal()) * (0.55 if last == day else 1.0))
    amount = round(volume * MULTIPLIER * (open_ + high + low + 2 * close) / 5)
    return FutureDay(contract(last), day, last, open_, high, low, close, volume, amount, interest)


def _step(level: float) -> float:
    return round(round(float(level) / 0.05) * 0.05, 2)
