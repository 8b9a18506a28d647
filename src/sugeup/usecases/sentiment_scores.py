"""Percentiles behind the moods: of the market's readings, and of what each investor class does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sugeup.metrics import behavior, investor, sentiment, statistics
from sugeup.metrics.outcome import Outcome
from sugeup.metrics.windows import cut_windows
from sugeup.usecases import unusual
from sugeup.usecases.panels import Floats
from sugeup.usecases.sentiment_scene import GROUPS, LEAST, MONTH, RANKED, TENTH, Scene

FULL, TYPED = 4, 2
"""Fewest components of the market's score and of an investor's."""
Parts = Mapping[str, Floats]


def ranks(x: Floats, gap: int, last: int) -> Floats:
    """`tk.percentile_rank` of figures of windows of `gap` sessions on each of the last sessions, (..., last).

    Each is held against up to `RANKED` figures that end `gap` sessions earlier, so that no window is its own reference;
    NaN where fewer than `LEAST` of them are known.
    """
    rows = x.reshape(-1, x.shape[-1])
    kept = min(last, rows.shape[1])
    past = cut_windows(rows, RANKED + gap, kept)[..., :RANKED]
    found = np.full((len(rows), last), np.nan)
    found[:, last - kept :] = statistics.percentile_rank(rows[:, rows.shape[1] - kept :], past, min_n=LEAST).value
    return found.reshape(*x.shape[:-1], last)


def averaged(x: Floats, window: int) -> Floats:
    """Mean of the last `window` sessions at every session; NaN where one of them is missing.

    Rounded to twelve decimals, so that equal shares stay equal and the rounding of sums decides no rank.
    """
    mean: Floats = (unusual.sums(np.atleast_2d(x), window).reshape(x.shape) / window).round(12)
    return mean


@dataclass(frozen=True, eq=False)
class MarketMood:
    """The market's components on the last sessions; `smart` holds the values of `smt.market_index` on them, or none."""

    scene: Scene
    last: int
    smart: Floats | None = None

    @cached_property
    def components(self) -> dict[str, Floats]:
        """Name -> percentiles (last,), NaN where null."""
        scene, nothing = self.scene, np.full(self.last, np.nan)
        close = scene.figures["close"]
        momentum = np.full(close.shape, np.nan)
        momentum[MONTH:] = close[MONTH:] / close[:-MONTH] - 1
        parts = {
            "breadth": (averaged(scene.breadth, TENTH), TENTH),
            "momentum": (momentum, MONTH),
            "basis": (scene.basis, 1),
            "short_inverse": (scene.shorts[0], 1),
            "credit": (scene.loans[0], MONTH),
        }
        found = {name: nothing if x is None else ranks(x, gap, self.last) for name, (x, gap) in parts.items()}
        found["short_inverse"] = 100 - found["short_inverse"]
        found["smart_flow"] = nothing if self.smart is None else self.smart
        return found

    def at(self, back: int = 0) -> dict[str, float]:
        """The components so many sessions before the last."""
        return {name: float(part[len(part) - 1 - back]) for name, part in self.components.items()}

    @cached_property
    def score(self) -> Outcome:
        """`sen.overall` on the last sessions."""
        return sentiment.overall(self.components, min_components=FULL)


@dataclass(frozen=True, eq=False)
class TypeMoods:
    """Components of one investor class, name -> (rows, last): a row for the market, or one for each sector."""

    components: dict[str, Floats]

    @property
    def last(self) -> int:
        """Sessions."""
        return int(self.components["flow_pct"].shape[1])

    @cached_property
    def score(self) -> Outcome:
        """`sen.type_score`, (rows, last)."""
        return sentiment.type_score(self.components, min_components=TYPED)

    def change(self, back: int, row: int = 0) -> dict[str, Any]:
        """Score of the last session less that of some sessions before; null unless both use the same components."""
        if self.last <= back:
            return {"value": None, "reason": "INSUFFICIENT_HISTORY"}
        now, before = ({name: part[row, at] for name, part in self.components.items()} for at in (-1, -1 - back))
        return sentiment.change(now, before, min_components=TYPED).at()


def daily(net: Floats, turnover: Floats, breadth: Floats | None, window: int, last: int) -> TypeMoods:
    """Moods of rows of daily figures (rows, sessions): net and turnover in won, share of stocks net bought."""
    lasting = signed(net)
    nothing = np.full((len(net), last), np.nan)
    flow = ranks(unusual.ratios(net, turnover, window), window, last)
    wide = nothing if breadth is None else ranks(averaged(breadth, window), window, last)
    return TypeMoods({"flow_pct": flow, "persistence_pct": ranks(lasting, MONTH, last), "breadth_pct": wide})


def signed(net: Floats) -> Floats:
    """Σ net ÷ Σ size of net over 20 sessions, on every session: `beh.consistency` with its direction."""
    lasting = behavior.consistency(net, window=MONTH)
    way: Floats = lasting.value * np.where(np.isfinite(lasting.value), lasting.extra["direction"], 0)
    return way


def of_markets(scene: Scene, breadth: Mapping[str, Floats] | None, window: int, last: int) -> dict[str, TypeMoods]:
    """Moods of the three classes over the whole market; `breadth`: share of stocks net bought by session."""
    return {
        group: daily(
            scene.net(group)[None],
            scene.turnover[None],
            None if breadth is None else breadth[group][None],
            window,
            last,
        )
        for group in GROUPS
    }


@dataclass(frozen=True, eq=False)
class Apart:
    """`sen.divergence` on the last sessions, and where today's lies among those before."""

    scene: Scene
    moods: Mapping[str, TypeMoods]
    window: int
    given: Mapping[str, Floats] | None = None
    """Share of institutions and individuals in the trading, where it is not that of whole sessions."""

    @cached_property
    def outcome(self) -> Outcome:
        """By session: scores of the classes, weighted by their share in the trading of the window."""
        last = next(iter(self.moods.values())).last
        shares = dict(self.given or {})
        for group in ("institution", "individual") if self.given is None else ():
            bought, sold, traded = (
                unusual.sums(self.scene.figures[name][None], self.window)[0, -last:]
                for name in (f"{group}_buy_amount", f"{group}_sell_amount", "amount")
            )
            shares[group] = investor.participation(bought, sold, traded).value
        return sentiment.divergence({group: mood.score.value[0] for group, mood in self.moods.items()}, shares)

    @cached_property
    def percentile(self) -> dict[str, Any]:
        """Percentile of today's among up to 250 earlier ones that used the same components."""
        value, names = self.outcome.value, list(self.moods)
        known = np.stack([np.isfinite(part[0]) for name in names for part in self.moods[name].components.values()])
        same = (known == known[:, -1:]).all(axis=0)
        past = np.where(same, value, np.nan)[: max(0, len(value) - self.window)][-RANKED:]
        return statistics.percentile_rank(value[-1], past, min_n=LEAST).at()


def additive(score: float, impacts: Mapping[str, float]) -> dict[str, float]:
    """Impacts rounded to cents of a point so that they still add up to the rounded score - 50, by largest remainder."""
    cents = {name: int(np.floor(100 * impact)) for name, impact in impacts.items()}
    left = round(100 * round(score, 2)) - 5000 - sum(cents.values())
    order = sorted(impacts, key=lambda name: (cents[name] - 100 * impacts[name], name))
    for name in order[:left]:
        cents[name] += 1
    return {name: cent / 100 for name, cent in cents.items()}
