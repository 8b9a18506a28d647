"""Chance by counter: every draw is a pure function of seed, purpose and place (day, stock), never of what came before.

A Philox generator is keyed by the seed and the name of the purpose, and its counter starts at the place, so any day of
any series can be drawn alone and adding a series changes no other.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_ORIGIN = 1_000_000
"""Added to a day's number, so that the days before the first session have counters too."""


@functools.cache
def _purpose(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def generator(seed: int, purpose: str, day: int = 0, stock: int = 0) -> np.random.Generator:
    """The generator of one purpose at one place; `day` may be negative, `stock` may be any whole number >= 0."""
    key = np.array([seed, _purpose(purpose)], dtype=np.uint64)
    counter = np.array([0, 0, stock, day + _ORIGIN], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


class Draws:
    """Draws of one seed for a row of days (numbers relative to the first session) and a fixed number of stocks."""

    def __init__(self, seed: int, days: Sequence[int], stocks: int) -> None:
        self.seed = seed
        self.days = tuple(days)
        self.stocks = stocks

    def normal(self, purpose: str) -> Array:
        """Standard normal by day and stock."""
        found = np.empty((len(self.days), self.stocks))
        for row, day in enumerate(self.days):
            generator(self.seed, purpose, day).standard_normal(out=found[row])
        return found

    def student(self, purpose: str, freedom: float) -> Array:
        """Student's t by day and stock, scaled to unit variance (freedom > 2)."""
        scale = np.sqrt((freedom - 2) / freedom)
        drawn = [generator(self.seed, purpose, day).standard_t(freedom, self.stocks) for day in self.days]
        return np.asarray(scale * np.stack(drawn))

    def uniform(self, purpose: str) -> Array:
        """Uniform in [0, 1) by day and stock."""
        return np.stack([generator(self.seed, purpose, day).random(self.stocks) for day in self.days])

    def once(self, purpose: str) -> Array:
        """Standard normal, one per stock."""
        return generator(self.seed, purpose).standard_normal(self.stocks)

    def once_uniform(self, purpose: str) -> Array:
        """Uniform in [0, 1), one per stock."""
        return generator(self.seed, purpose).random(self.stocks)

    def daily(self, purpose: str, width: int = 1) -> Array:
        """Standard normal by day, `width` of them: shape (days, width)."""
        return np.stack([generator(self.seed, purpose, day).standard_normal(width) for day in self.days])

    def daily_student(self, purpose: str, freedom: float, width: int = 1) -> Array:
        """Student's t of unit variance by day, `width` of them."""
        scale = np.sqrt((freedom - 2) / freedom)
        return np.asarray(
            scale * np.stack([generator(self.seed, purpose, day).standard_t(freedom, width) for day in self.days])
        )


def autoregress(noise: Array, phi: float) -> Array:
    """AR(1) of unit variance along the first axis from noise of unit variance; starts in its stationary state."""
    found = np.empty_like(noise)
    keep = np.sqrt(1 - phi * phi)
    found[0] = noise[0]
    for row in range(1, len(noise)):
        found[row] = phi * found[row - 1] + keep * noise[row]
    return found


def decay(shocks: Array, keep: float) -> Array:
    """Sum of past and present shocks along the first axis, each worth `keep` times as much a day later."""
    found = np.empty_like(shocks)
    found[0] = shocks[0]
    for row in range(1, len(shocks)):
        found[row] = keep * found[row - 1] + shocks[row]
    return found
