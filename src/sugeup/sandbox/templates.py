"""Templates of planted events: what is added to which series on which day, and how strong it must be to be found.

Amounts are in units of the stock's own noise (see `impulses`). `default` is the amplitude at which the best linear
detector that does not know the day reaches an AUC of 0.90 on a window of 60 sessions of real figures.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

Row = dict[str, float]


@dataclass(frozen=True)
class Template:
    """One kind of event: `days` holds the additions by series for each of its sessions."""

    kind: str
    default: float
    days: tuple[Row, ...]
    group: bool = False

    @property
    def length(self) -> int:
        """Sessions that it lasts."""
        return len(self.days)

    def text(self) -> str:
        """The template as JSON: series and amounts by day."""
        series = list(dict.fromkeys(name for day in self.days for name in day))
        return json.dumps({"series": series, "days": [[day.get(name, 0.0) for name in series] for day in self.days]})


def _same(row: Row, days: int) -> tuple[Row, ...]:
    return tuple(dict(row) for _ in range(days))


_BUYS = {"foreign": 1.0, "individual": -0.8, "return": 0.12, "volume": 0.05}
ACCUMULATIONS: tuple[Template, ...] = tuple(
    Template("accumulation", default, _same(_BUYS, days))
    for days, default in ((5, 1.89), (10, 1.31), (15, 1.11), (20, 0.94), (30, 0.73))
)
"""Foreigners buy for weeks; the longer, the smaller the amount that can be found."""
ACCUMULATION_INST = Template(
    "accumulation_inst", 1.24, _same({"institution": 1.0, "individual": -0.6, "return": 0.12, "volume": 0.05}, 15)
)
DISTRIBUTION = Template(
    "distribution", 1.29, _same({"institution": -1.0, "individual": 0.6, "return": -0.12, "volume": 0.05}, 15)
)
SURGE = Template(
    "foreign_surge",
    3.28,
    tuple(
        {"foreign": part, "individual": -0.8 * part, "return": 0.35 * part, "volume": 0.35 * part}
        for part in (1.0, 0.6, 0.35)
    ),
)
SAME_SIDE = Template(
    "institution_same_side",
    1.4,
    _same(
        {
            "financial_investment": 1.0,
            "investment_trust": 1.0,
            "private_fund": 1.0,
            "insurance": 1.0,
            "pension_fund": 1.0,
        },
        5,
    ),
)
PUMP = Template(
    "pump_and_dump",
    2.25,
    tuple(
        {"return": moved, "volume": busy}
        for moved, busy in ((0.7, 0.6), (1.0, 1.0), (1.0, 1.3), (0.6, 1.5), (-0.8, 1.3), (-0.8, 0.9), (-0.5, 0.6))
    ),
)
ROTATION = Template(
    "sector_rotation",
    0.27,
    _same({"foreign": 0.7, "institution": 1.0, "individual": -1.0, "return": 0.5}, 10),
    group=True,
)
BLOCK = Template("block_trade", 6.25, ({"other_corporation": -1.0, "foreign": 0.14, "return": 0.0, "volume": 0.25},))
DRESSING = Template(
    "window_dressing",
    0.82,
    tuple(
        {"institution": bought, "individual": sold, "return": moved}
        for bought, sold, moved in (
            (0.6, -0.4, 0.15),
            (0.8, -0.6, 0.25),
            (1.0, -0.7, 0.35),
            (-0.5, 0.4, -0.2),
            (-0.3, 0.2, -0.1),
        )
    ),
    group=True,
)
"""Three sessions before the end of a quarter and two after it."""
SQUEEZE = Template(
    "short_squeeze",
    2.36,
    (
        {"return": 1.0, "volume": 0.9, "short": 0.4, "balance": -0.5},
        {"return": 1.0, "volume": 1.1, "short": 0.1, "balance": -0.8},
        {"return": 0.5, "volume": 0.8, "short": -0.2, "balance": -0.6},
    ),
)
OVERHEATING = Template("short_overheating", 2.76, ({"return": -1.0, "short": 0.9, "volume": 0.6},))
"""Met by the exchange's rule, not by size: return and short share are set so that one of its types holds."""
RULES: tuple[tuple[float, float], ...] = ((-0.072, 0.38), (-0.118, 0.36), (-0.048, 0.37))
"""Return and short share that meet types 1, 2 and 4 of the overheating rule; each meets type 4, whatever volume is."""
NEAR_MISSES: tuple[tuple[float, float], ...] = ((-0.040, 0.16), (-0.078, 0.07), (-0.024, 0.24))
"""Return and short share at about 0.8 of the thresholds of those types, on KOSPI, where type 3 does not exist."""

SINGLE: tuple[Template, ...] = (ACCUMULATION_INST, DISTRIBUTION, SURGE, SAME_SIDE, PUMP, BLOCK, SQUEEZE, OVERHEATING)
"""Kinds that happen to one stock, besides the accumulations."""
KINDS: tuple[str, ...] = ("accumulation", *(one.kind for one in SINGLE), ROTATION.kind, DRESSING.kind)
DECOYS: tuple[str, ...] = (
    "random_sign",
    "near_miss",
    "index_rebalance",
    "market_shock",
    "halt_inside",
    "split_inside",
    "own_noise",
)
"""Kinds of decoys: nothing that a detector should report."""
