"""새는 곳이 없는가: the future changed, labels dealt out at random, figures withheld; nothing sound notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from sugeup.research import calibration, detection, detectors_more, rules
from sugeup.research.detection import Event, Tally
from sugeup.research.detectors import Found
from sugeup.research.figures import Figures, Floats

_KEPT: WeakKeyDictionary[Figures, dict[tuple[str, ...] | None, list[Found]]] = WeakKeyDictionary()
"""What was found in a market: it is looked at from several places."""


def future_changed(market: Figures, at: int, seed: int) -> Figures:
    """The market with every figure after place `at` times up to 1,000 and of random sign."""
    chance = np.random.default_rng(seed)

    def wrong(part: Floats) -> Floats:
        found = part.copy()
        after = found[..., at + 1 :]
        found[..., at + 1 :] = after * chance.uniform(1, 1000, after.shape) * chance.choice((-1.0, 1.0), after.shape)
        return found

    return market.over(wrong)


def looks_ahead(market: Figures, at: int, seed: int, names: tuple[str, ...] | None = None) -> list[str]:
    """Kinds of signals up to place `at` that differ when later figures change; a sound detector has none.

    Three readings must agree: all figures, wrong later figures, no later figures.
    """
    whole = _told(market, at, names)
    found = [name for name, told in _told(future_changed(market, at, seed), at, names).items() if told != whole[name]]
    cut = _told(market.until(at + 1), at, names)
    return sorted({*found, *(name for name, told in cut.items() if told != whole[name])})


def _told(market: Figures, at: int, names: tuple[str, ...] | None) -> dict[str, bytes]:
    found = {}
    for one in _detected(market, names):
        parts = [part[:, : at + 1] for part in (one.fired, one.judged)]
        strength = np.where(parts[0], one.strength[:, : at + 1], 0.0)
        found[f"{one.kind} {one.direction}"] = b"".join(part.tobytes() for part in (*parts, strength))
    return found


def _detected(market: Figures, names: tuple[str, ...] | None) -> list[Found]:
    kept = _KEPT.setdefault(market, {})
    if names not in kept:
        kept[names] = detectors_more.detect(market, names)
    return kept[names]


def withheld(market: Figures, rows: Sequence[int], at: int) -> Figures:
    """The market as it was known on place `at` when the figures of some stocks of that session were not out yet."""
    cut = market.until(at + 1)

    def later(part: Floats) -> Floats:
        found = part.copy()
        if found.ndim == 2:
            found[list(rows), at] = np.nan
        return found

    return cut.over(later)


def invented(market: Figures, rows: Sequence[int], at: int, names: tuple[str, ...] | None = None) -> list[str]:
    """Kinds that judge a stock of `rows` on place `at` although its figures are withheld, or change an earlier session.

    Rows that are not stocks (sectors, the market) are sums and are looked at for earlier sessions alone.
    """
    before = _told(market, at - 1, names)
    hidden = withheld(market, rows, at)
    after = _told(hidden, at - 1, names)
    wrong = [name for name, told in after.items() if told != before[name]]
    for one in detectors_more.detect(hidden, names):
        if one.members is None and one.judged[list(rows), at].any():
            wrong.append(f"{one.kind} {one.direction}")
    return sorted(set(wrong))


def by_chance(
    market: Figures, labels: pl.DataFrame, seed: int, names: tuple[str, ...] | None = None
) -> dict[str, tuple[Tally, Tally]]:
    """Counts of each kind on the labels, and on the same labels dealt out at random over stocks and days."""
    planted = detection.events(labels, market.days)
    moved = detection.shuffled(planted, market.codes, market.shape[1], seed)
    found = {}
    for one in detectors_more.detect(market, names):
        rule = rules.of(one.kind, one.direction)
        found[rule.name] = tuple(_tally(one, rule, each, market) for each in (planted, moved))
    return found  # type: ignore[return-value]


def _tally(one: Found, rule: rules.Rule, planted: Sequence[Event], market: Figures) -> Tally:
    return detection.tally(one, rule, planted, market.codes)


def accepted_by_chance(
    score: Floats, outcome: Floats, told: Sequence[date], known: Sequence[date], *, times: int, seed: int
) -> float:
    """How often a calibration is accepted when outcomes are dealt out at random: near 0 where nothing leaks."""
    chance = np.random.default_rng(seed)
    found = [
        calibration.fit("SHUFFLED", list(score), list(chance.permutation(outcome)), told, known).refused is None
        for _ in range(times)
    ]
    return sum(found) / times
