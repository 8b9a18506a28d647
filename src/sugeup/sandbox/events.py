"""심어 놓은 사건: planted events with their labels, and as many decoys, placed before prices and accounting.

What is planted is added to hidden series only, so the accounts still close and everything else follows. No stock has
two events, or an event and a decoy, within `APART` sessions. Labels are kept apart from everything a vendor serves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle, islice
from typing import Any

import numpy as np
import polars as pl

from sugeup.sandbox import templates
from sugeup.sandbox.activity import Activity
from sugeup.sandbox.draws import Draws, generator
from sugeup.sandbox.followers import usual_balance
from sugeup.sandbox.impulses import Impulse, Impulses
from sugeup.sandbox.leaves import SD_CORPORATION, SD_FOREIGN, SD_INDIVIDUAL, SD_INSTITUTION
from sugeup.sandbox.lifecycle import Lifecycle
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.templates import Row, Template
from sugeup.sandbox.universe import Flags, Universe, Whole
from sugeup.sandbox.views import LEAVES

APART = 60
STOCK_SESSIONS_PER_EVENT = 21_000
GROUP = 20
"""Stocks of one side of a sector rotation, and of one window dressing, in a large market."""
RULE_NEEDS = 41
"""Sessions before the overheating rule can be met."""
LABELS: dict[str, pl.DataType] = {
    "event_id": pl.String(),
    "kind": pl.String(),
    "codes": pl.List(pl.String()),
    "leaves": pl.List(pl.String()),
    "first": pl.Date(),
    "last": pl.Date(),
    "amplitude": pl.Float64(),
    "strength": pl.Float64(),
    "template": pl.String(),
    "decoy": pl.Boolean(),
}
"""Columns of labels; `codes` is empty for the whole market; `amplitude` multiplies the template, a JSON text."""


@dataclass(frozen=True, eq=False)
class Planted:
    """What was planted, the labels that say so, and which stocks have nothing."""

    impulses: Impulses
    labels: pl.DataFrame
    untouched: Flags


@dataclass(eq=False)
class Planter:
    """Places events one after another; keeps what is taken."""

    plan: Plan
    days: Sequence[date]
    stocks: Universe
    life: Lifecycle
    states: Activity
    chance: np.random.Generator
    impulses: list[Impulse] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        shape = (self.plan.sessions, self.plan.stocks)
        self.taken = np.zeros(shape, dtype=bool)
        whole = (self.life.factor == 1.0).all(axis=0) & (self.life.first < 0) & (self.life.last >= shape[0])
        self.usable = whole & ~self.stocks.preferred & (self.stocks.size > -1.2)
        self.traded = self.life.listed & ~self.life.halted

    def free(self, first: int, length: int) -> Flags:
        """Stocks that trade in the window and have nothing planted near it."""
        window = slice(max(first - 5, 0), first + length + 5)
        near = slice(max(first - APART, 0), first + length + APART)
        return np.asarray(self.usable & self.traded[window].all(axis=0) & ~self.taken[near].any(axis=0))

    def start(self, length: int, least: int = 5) -> int | None:
        """A first session at random; None when the plan is too short."""
        last = self.plan.sessions - length
        least = min(max(least, min(20, self.plan.sessions // 4)), max(last, 0))
        return int(self.chance.integers(least, last + 1)) if last > least else None

    def pick(self, allowed: Flags, count: int = 1) -> Whole | None:
        """Some of the allowed stocks at random; None when there are not enough."""
        places = np.flatnonzero(allowed)
        return None if len(places) < count else np.sort(self.chance.choice(places, count, replace=False))

    def amplitude(self, template: Template) -> float:
        """Amplitude of one event: the plan's strength times the default, with a spread of 30%."""
        return self.plan.events * template.default * float(np.exp(0.3 * self.chance.standard_normal() - 0.045))

    def add(self, template: Template, first: int, places: Whole, amplitude: float, signs: Sequence[float]) -> None:
        """Adds a template to some stocks; `signs` has one factor for each of its days."""
        for offset, (row, sign) in enumerate(zip(template.days, signs, strict=True)):
            for series, amount in balanced(row).items():
                self.impulses += [
                    Impulse(series, first + offset, int(at), sign * amplitude * amount) for at in places if amount
                ]

    def label(
        self, kind: str, template: Template, first: int, places: Whole, amplitude: float, *, decoy: bool = False
    ) -> None:
        """Writes a label and takes the window of its stocks."""
        last = first + template.length - 1
        self.taken[first : last + 1, places] = True
        self.labels.append(
            {
                "event_id": f"E{len(self.labels) + 1:05d}",
                "kind": kind,
                "codes": [self.stocks.codes[int(at)] for at in places],
                "leaves": [name for name in template.days[0] if name in (*LEAVES, "foreign", "institution")],
                "first": self.days[first],
                "last": self.days[last],
                "amplitude": amplitude,
                "strength": self.plan.events,
                "template": template.text(),
                "decoy": decoy,
            }
        )


def balanced(row: Row) -> Row:
    """A template's day with the counterpart in place of 개인, who takes what is left in the accounts.

    With one group named, the other absorbs the difference to what 개인 should take; with both named, 개인 takes it all.
    """
    found = {name: amount for name, amount in row.items() if name != "individual"}
    if "individual" not in row:
        return found
    taken = row.get("foreign", 0.0) * SD_FOREIGN + row.get("institution", 0.0) * SD_INSTITUTION
    rest = -taken - row["individual"] * SD_INDIVIDUAL
    if "institution" not in row:
        found["institution"] = rest / SD_INSTITUTION
    elif "foreign" not in row:
        found["foreign"] = rest / SD_FOREIGN
    return found


def plant(plan: Plan, days: Sequence[date], stocks: Universe, life: Lifecycle, states: Activity) -> Planted:
    """The events and decoys of a plan; none when its strength is 0."""
    work = Planter(plan, days, stocks, life, states, generator(plan.seed, "events"))
    if plan.events > 0:
        count = plan.event_count
        if count is None:
            count = max(1, plan.stocks * plan.sessions // STOCK_SESSIONS_PER_EVENT)
        groups = min(count, max(1, count // 8))
        for _ in range(groups):
            _dress(work)
            _rotate(work)
        for template in _in_turn(count):
            _single(work, template)
        for kind in islice(cycle(kind for kind in templates.DECOYS if kind != "own_noise"), len(work.labels)):
            _decoy(work, kind)
    return Planted(
        Impulses(plan.sessions, plan.stocks, tuple(work.impulses)),
        pl.DataFrame(work.labels, schema=LABELS),
        work.usable & ~work.taken.any(axis=0),
    )


def _in_turn(count: int) -> Iterator[Template]:
    """Every single kind `count` times, kinds taking turns; accumulations of each length in turn."""
    for round_ in range(count):
        yield templates.ACCUMULATIONS[(round_ + 2) % len(templates.ACCUMULATIONS)]
        yield from templates.SINGLE


def _single(work: Planter, template: Template) -> None:
    """One event of one stock; left out when no stock is free for it."""
    rule = template is templates.OVERHEATING
    first = work.start(template.length, RULE_NEEDS if rule else 5)
    if first is None or (rule and first < RULE_NEEDS):
        return
    allowed = work.free(first, template.length)
    if template is templates.SQUEEZE:
        usual = usual_balance(Draws(work.plan.seed, (), work.plan.stocks))
        allowed &= usual >= np.quantile(usual[work.usable], 0.8)
    places = work.pick(allowed)
    if places is None:
        return
    amplitude = work.amplitude(template)
    if rule:
        _overheat(work, first, int(places[0]), templates.RULES, 0.6 * amplitude)
    else:
        chosen = _with_buyer(work, template) if template is templates.BLOCK else template
        work.add(chosen, first, places, amplitude, [1.0] * template.length)
        template = chosen
    work.label(template.kind, template, first, places, amplitude)


def _with_buyer(work: Planter, template: Template) -> Template:
    """The block trade with one of several buyers of what 기타법인 sells."""
    buyer, sd = (("foreign", SD_FOREIGN), ("institution", SD_INSTITUTION))[int(work.chance.integers(2))]
    day = {"other_corporation": -1.0, buyer: SD_CORPORATION / sd, "volume": template.days[0]["volume"]}
    return Template(template.kind, template.default, (day,))


def _overheat(work: Planter, first: int, at: int, cases: Sequence[tuple[float, float]], busy: float) -> None:
    """Sets return and short share to what one type of the rule asks for, or nearly; `busy` is added to volume."""
    moved, share = cases[int(work.chance.integers(len(cases)))]
    work.impulses.append(Impulse("return_is", first, at, moved))
    work.impulses.append(Impulse("short_is", first, at, share))
    work.impulses.append(Impulse("volume", first, at, busy))


def _rotate(work: Planter) -> None:
    """Money leaves some stocks of one industry for as many of another of the same market."""
    template, size = templates.ROTATION, _group_size(work)
    first = work.start(template.length)
    if first is None:
        return
    free = work.free(first, template.length)
    counts = {int(at): int((free & (work.stocks.sector == at)).sum()) for at in np.unique(work.stocks.sector)}
    roomy = [at for at, count in counts.items() if count >= size]
    work.chance.shuffle(roomy)
    pairs = [(a, b) for place, a in enumerate(roomy) for b in roomy[place + 1 :] if _same_market(work, a, b)]
    if not pairs:
        return
    amplitude = work.amplitude(template)
    for sector, sign in zip(pairs[0], (1.0, -1.0), strict=True):
        places = work.pick(free & (work.stocks.sector == sector), size)
        if places is not None:
            work.add(template, first, places, sign * amplitude, [1.0] * template.length)
            work.label(template.kind, template, first, places, sign * amplitude)


def _dress(work: Planter) -> None:
    """Institutions buy the winners of the quarter on its last three sessions and sell some on the next two."""
    template, size = templates.DRESSING, _group_size(work)
    ends = [
        row
        for row in range(12, work.plan.sessions - 2)
        if (work.days[row].month - 1) // 3 != (work.days[row + 1].month - 1) // 3
    ]
    if not ends:
        return
    first = int(work.chance.choice(ends)) - 2
    free = work.free(first, template.length)
    gained = work.states.wanted[max(first - APART, 0) : first].sum(axis=0)
    winners = free & (gained >= np.quantile(gained[free], 0.75) if free.any() else False)
    places = work.pick(winners, size)
    if places is not None:
        amplitude = work.amplitude(template)
        work.add(template, first, places, amplitude, [1.0] * template.length)
        work.label(template.kind, template, first, places, amplitude)


def _group_size(work: Planter) -> int:
    return min(GROUP, max(2, work.plan.stocks // 20))


def _same_market(work: Planter, a: int, b: int) -> bool:
    first, second = (int(work.stocks.market[np.argmax(work.stocks.sector == at)]) for at in (a, b))
    return first == second


def _decoy(work: Planter, kind: str) -> None:
    """One decoy; left out when the plan has no place for it."""
    shapes = [one for one in (*templates.SINGLE, *templates.ACCUMULATIONS) if one is not templates.OVERHEATING]
    shape = shapes[int(work.chance.integers(len(shapes)))]
    if kind in ("near_miss", "index_rebalance", "market_shock"):
        shape = templates.OVERHEATING if kind == "near_miss" else Template(kind, 1.0, ({"volume": 2.0},))
    first = work.start(shape.length, RULE_NEEDS if kind == "near_miss" else 5)
    if first is None:
        return
    if kind in ("halt_inside", "split_inside"):
        _around(work, kind, shape)
        return
    amplitude = work.amplitude(shape)
    if kind == "market_shock":
        work.impulses.append(Impulse("market", first, 0, float(work.chance.choice((-3.0, 3.0)))))
        work.label(kind, Template(kind, 1.0, ({"market": 3.0},)), first, np.array([], dtype=np.int64), 1.0, decoy=True)
        return
    allowed = work.free(first, shape.length)
    places = work.pick(allowed & (work.stocks.market == 0) if kind == "near_miss" else allowed)
    if places is None:
        return
    if kind == "near_miss":
        _overheat(work, first, int(places[0]), templates.NEAR_MISSES, 0.0)
    else:
        signs = (
            [1.0] * shape.length if kind == "index_rebalance" else list(work.chance.choice((-1.0, 1.0), shape.length))
        )
        work.add(shape, first, places, amplitude, signs)
    work.label(kind, shape, first, places, amplitude, decoy=True)


def _around(work: Planter, kind: str, shape: Template) -> None:
    """Labels a window round a halt or a split in which nothing is planted."""
    changed = work.life.factor != 1.0
    if kind == "halt_inside":
        changed = work.life.halted & ~np.vstack([np.ones((1, work.plan.stocks), dtype=bool), work.life.halted[:-1]])
    rows, places = np.nonzero(changed)
    for pick in work.chance.permutation(len(rows))[:20]:
        first, at = int(rows[pick]) - shape.length // 2, int(places[pick])
        near = slice(max(first - APART, 0), first + shape.length + APART)
        if first >= 0 and first + shape.length <= work.plan.sessions and not work.taken[near, at].any():
            work.label(kind, shape, first, np.array([at]), 0.0, decoy=True)
            return


def own_noise(
    planted: Planted, days: Sequence[date], codes: Sequence[str], net: Whole, strength: float
) -> pl.DataFrame:
    """The labels with decoys that nobody planted: the longest runs of foreign buying in stocks that have nothing.

    `net` is what foreigners bought less what they sold, by session and stock.
    """
    count = planted.labels.height // (2 * (len(templates.DECOYS) - 1))
    runs = _longest(net)
    order = [int(at) for at in np.argsort(-runs[1], kind="stable") if planted.untouched[at] and runs[1, at] >= 3]
    found = [
        {
            "event_id": f"E{planted.labels.height + place + 1:05d}",
            "kind": "own_noise",
            "codes": [codes[at]],
            "leaves": ["foreign"],
            "first": days[runs[0, at]],
            "last": days[runs[0, at] + runs[1, at] - 1],
            "amplitude": 0.0,
            "strength": strength,
            "template": templates.ACCUMULATIONS[0].text(),
            "decoy": True,
        }
        for place, at in enumerate(order[:count])
    ]
    return pl.concat([planted.labels, pl.DataFrame(found, schema=LABELS)])


def _longest(net: Whole) -> Whole:
    """First session and length of the longest run of positive values in each column."""
    run = np.zeros(net.shape[1], dtype=np.int64)
    best = np.zeros((2, net.shape[1]), dtype=np.int64)
    for row, values in enumerate(net):
        run = np.where(values > 0, run + 1, 0)
        longer = run > best[1]
        best[0] = np.where(longer, row - run + 1, best[0])
        best[1] = np.maximum(best[1], run)
    return best
