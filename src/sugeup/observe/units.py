"""Whether figures are in the units that we take them for: an amount over its volume has to lie near the price. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

FACTOR = 3.0
"""How far an average price of a few sessions may lie from the newest close."""
LEAST = 100
"""Shares below which an amount over a volume says little."""


@dataclass(frozen=True)
class Misfit:
    """Figures `name` whose amount over volume is `times` what it should be."""

    name: str
    times: float


def price(frame: pl.DataFrame) -> float | None:
    """The newest close in a frame of daily bars; None when it holds none."""
    if "raw_close" not in frame.columns or "session" not in frame.columns:
        return None
    held = frame.drop_nulls("raw_close").sort("session")
    return None if held.is_empty() else float(held["raw_close"][-1])


def misfits(frame: pl.DataFrame, near: float) -> list[Misfit]:
    """Pairs of amount (won) and volume (shares) of a stock whose middle ratio is not near a price, won a share.

    Net figures are left out: bought dear and sold cheap, they may have any ratio.
    """
    found = []
    for name in frame.columns:
        if not name.endswith("amount") or "net" in name:
            continue
        other = f"{name.removesuffix('amount')}volume"
        if other not in frame.columns:
            continue
        held = frame.filter(pl.col(other).abs() >= LEAST, pl.col(name).abs() > 0)
        if held.is_empty():
            continue
        ratio = (held[name].abs() / held[other].abs()).median()
        times = float(ratio) / near  # type: ignore[arg-type]
        if not 1 / FACTOR <= times <= FACTOR:
            found.append(Misfit(name, times))
    return found
