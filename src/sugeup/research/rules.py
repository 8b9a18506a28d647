"""무엇을 맞혔다고 하는가: which planted events each kind of signal should find, and within which days; declared once.

`targets` are the events that recall is counted on. `also` are events in which what the signal says really happens, so
that a signal there is no false alarm. `after`: sessions after the last of an event in which a signal is still right.
"""

from __future__ import annotations

from dataclasses import dataclass

FOREIGN_BUYS = ("accumulation", "foreign_surge", "sector_rotation", "block_trade")
INSTITUTION_BUYS = ("accumulation_inst", "institution_same_side", "sector_rotation", "window_dressing", "block_trade")
INDIVIDUAL_SELLS = ("accumulation", "accumulation_inst", "foreign_surge", "sector_rotation", "window_dressing")
SINGLE = (
    "accumulation",
    "accumulation_inst",
    "distribution",
    "foreign_surge",
    "institution_same_side",
    "pump_and_dump",
    "block_trade",
    "short_squeeze",
    "short_overheating",
)
"""Kinds that happen to one stock."""
DECOYS = (
    "random_sign",
    "near_miss",
    "index_rebalance",
    "market_shock",
    "halt_inside",
    "split_inside",
    "own_noise",
)
UNWATCHED = {
    "block_trade": "one large print of 기타법인; LARGE_TRADE_CLUSTER looks for such prints in ticks, see its section",
    "short_squeeze": "no detector of short squeezes is told",
}
"""Planted kinds that nothing is meant to find, and why."""
WEEK, MONTH = 5, 10
"""Sessions of the windows that the detectors look at: a signal may come so much after what it tells of."""


@dataclass(frozen=True)
class Rule:
    """What one kind of signal with one direction is held against. `sign`: of the planted amplitude, 0 for any.

    `tests`: the detector controls false discoveries by a test; without one it is a condition that describes.
    """

    kind: str
    direction: str
    targets: tuple[str, ...]
    also: tuple[str, ...] = ()
    after: int = WEEK - 1
    sign: int = 0
    tests: bool = False

    @property
    def name(self) -> str:
        """Kind, with the direction where a kind has two."""
        return f"{self.kind} {self.direction}" if self.kind.endswith("REVERSAL") else self.kind


def _built(group: str, buys: tuple[str, ...], sells: tuple[str, ...], also: dict[str, tuple[str, ...]]) -> list[Rule]:
    return [
        Rule(f"{group}_ACCUMULATION", "BUY", buys, also.get("BUY", ()), MONTH - 1, 1),
        Rule(f"{group}_DISTRIBUTION", "SELL", sells, also.get("SELL", ()), MONTH - 1, 0),
    ]


RULES: tuple[Rule, ...] = (
    Rule("FOREIGN_SURGE", "BUY", ("foreign_surge",), FOREIGN_BUYS, WEEK - 1, 1, tests=True),
    Rule("INSTITUTION_SAME_SIDE", "BUY", ("institution_same_side",), INSTITUTION_BUYS, WEEK - 1, 1, tests=True),
    *_built("FOREIGN", ("accumulation",), (), {"BUY": FOREIGN_BUYS}),
    *_built("INSTITUTION", ("accumulation_inst",), ("distribution",), {"BUY": INSTITUTION_BUYS}),
    *_built("INDIVIDUAL", ("distribution",), ("accumulation", "accumulation_inst"), {"SELL": INDIVIDUAL_SELLS}),
    *_built("OTHER_CORPORATION", (), (), {"SELL": ("block_trade",)}),
    Rule("SURGE", "NONE", ("pump_and_dump",), (), MONTH - 1),
    Rule("DUMP", "NONE", ("pump_and_dump",), (), MONTH - 1),
    Rule("DOWN_SWEEP", "NONE", ()),
    Rule("UP_SWEEP", "NONE", ()),
    Rule("FOREIGN_FLOW_REVERSAL", "BUY", (), FOREIGN_BUYS, WEEK - 1, 1),
    Rule("FOREIGN_FLOW_REVERSAL", "SELL", (), ("sector_rotation",), WEEK - 1, -1),
    Rule("INSTITUTION_FLOW_REVERSAL", "BUY", (), INSTITUTION_BUYS, WEEK - 1, 1),
    Rule("INSTITUTION_FLOW_REVERSAL", "SELL", (), ("distribution",), WEEK - 1),
    Rule("DOUBLE_BUY", "BUY", (), (*FOREIGN_BUYS, *INSTITUTION_BUYS), WEEK - 1, 1),
    Rule("DOUBLE_SELL", "SELL", (), ("distribution",), WEEK - 1),
    Rule("FOREIGN_UNUSUAL_BUYING", "BUY", ("foreign_surge", "accumulation"), FOREIGN_BUYS, MONTH - 1, 1, tests=True),
    Rule("FOREIGN_UNUSUAL_SELLING", "SELL", (), ("sector_rotation",), MONTH - 1, -1, tests=True),
    Rule(
        "INSTITUTION_UNUSUAL_BUYING",
        "BUY",
        ("institution_same_side", "accumulation_inst"),
        INSTITUTION_BUYS,
        MONTH - 1,
        1,
        tests=True,
    ),
    Rule("INSTITUTION_UNUSUAL_SELLING", "SELL", ("distribution",), (), MONTH - 1, tests=True),
    Rule("ANOMALY", "NONE", (*SINGLE, "sector_rotation", "window_dressing"), (), 1, tests=True),
    Rule("SHORT_OVERHEAT", "NONE", ("short_overheating",), ("short_squeeze",), 0),
    Rule("SECTOR_INFLOW", "BUY", ("sector_rotation",), (), WEEK - 1, 1, tests=True),
    Rule("SECTOR_OUTFLOW", "SELL", ("sector_rotation",), (), WEEK - 1, -1, tests=True),
    Rule("SECTOR_UNUSUAL_INFLOW", "BUY", ("sector_rotation",), (), MONTH - 1, 1, tests=True),
    Rule("SECTOR_UNUSUAL_OUTFLOW", "SELL", ("sector_rotation",), (), MONTH - 1, -1, tests=True),
    Rule("WINDOW_DRESSING", "BUY", ("window_dressing",), (), 0, tests=True),
)
"""One rule for each kind of signal about a stock or a sector."""


def of(kind: str, direction: str) -> Rule:
    """The rule of a signal; KeyError where none is declared."""
    return _BY_KIND[kind, direction]


_BY_KIND = {(rule.kind, rule.direction): rule for rule in RULES}
