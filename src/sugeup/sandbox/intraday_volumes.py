"""Shares traded by minute: the day's volume, spread by a curve of its market, its size and persistent noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sugeup.sandbox.intraday_clock import curve
from sugeup.sandbox.intraday_draws import Booleans, Floats, Integers, autoregressive

_QUICK, _QUICK_MEMORY = 1.12, 0.36
_SLOW, _SLOW_MEMORY = 0.60, 0.985
_AUCTION = 0.35
_SINGLE, _FEW, _LOT = 16, 1_000, 4
"""A day of fewer shares than the first trades in one bar; of fewer than the second, in lots of the third."""
NOISE_VARIANCE = _QUICK**2 + _SLOW**2


def auction_share(market: Sequence[str], size: Floats) -> Floats:
    """Share of the closing auction in a day's volume: large KOSPI stocks 9%, KOSDAQ 2.5%, small stocks 1%."""
    large = np.clip((size + 0.5) / 3.0, 0.0, 1.0)
    top = np.where(np.asarray(market) == "KOSPI", 0.093, 0.034)
    return np.asarray(0.01 + (top - 0.01) * large)


def activity(noise: Floats) -> Floats:
    """Deviation of ln volume from the curve, shape (stocks, minutes); noise has shape (stocks, 2, minutes)."""
    quick = autoregressive(noise[:, 0], _QUICK_MEMORY)
    slow = autoregressive(noise[:, 1], _SLOW_MEMORY)
    return _QUICK * quick + _SLOW * slow


def by_minute(
    volume: Integers, market: Sequence[str], size: Floats, active: Floats, auction_noise: Floats, flat: Booleans
) -> Integers:
    """Shares by bar, shape (stocks, bars); each row adds to `volume`.

    `flat` marks stocks whose day had one price; others trade at least once before the auction, and a day of few shares
    in few bars, so that its four prices find room.
    """
    stocks, continuous = active.shape
    theme = np.clip((0.6 - size) / 1.2, 0.0, 1.0)[:, None] * 0.6
    own = np.where((np.asarray(market) == "KOSPI")[:, None], curve("KOSPI", continuous), curve("KOSDAQ", continuous))
    own = own * (1.0 - theme) + theme * curve("THEME", continuous)
    weights = np.empty((stocks, continuous + 1))
    np.exp(active - NOISE_VARIANCE / 2, out=weights[:, :-1])
    weights[:, :-1] *= own
    share = auction_share(market, size)
    weights[:, -1] = share / (1.0 - share) * np.exp(_AUCTION * auction_noise - _AUCTION**2 / 2)
    reached = np.cumsum(weights, axis=1)
    reached *= (volume / reached[:, -1])[:, None]
    lot = np.where(volume < _FEW, _LOT, 1)[:, None]
    cumulative = np.rint(reached / lot).astype(np.int64) * lot
    np.minimum(cumulative, volume[:, None], out=cumulative)
    cumulative[:, -1] = volume
    shares = np.diff(cumulative, axis=1, prepend=0)
    stuck = np.flatnonzero(((shares[:, -1] == volume) | (volume < _SINGLE)) & (volume > 0) & ~flat)
    largest = np.argmax(weights[stuck, :-1], axis=1)
    shares[stuck] = 0
    shares[stuck, largest] = volume[stuck]
    return shares
