"""Random numbers of the intraday part: one counter-based generator per seed, purpose, session and scope.

Whatever is drawn for one stock depends on nothing else that was asked, so one stock alone has the same minutes as in a
pass over the market.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


def generator(seed: int, purpose: str, session: date, scope: str) -> np.random.Generator:
    """A Philox generator of its own for the purpose (`minutes`, `ticks` …), session and scope (code, market)."""
    return np.random.Generator(np.random.Philox(key=_key(seed, purpose, session, scope)))


def normals(seed: int, purpose: str, session: date, scopes: Sequence[str], *shape: int) -> Floats:
    """Standard normal numbers, shape (scopes, *shape); row i depends on `scopes[i]` only."""
    drawn = np.empty((len(scopes), *shape), dtype=np.float64)
    philox = np.random.Philox(key=[0, 0])
    numbers = np.random.Generator(philox)
    fresh: Any = philox.state
    for row, scope in enumerate(scopes):
        fresh["state"]["key"][:] = _key(seed, purpose, session, scope)
        philox.state = fresh
        numbers.standard_normal(out=drawn[row])
    return drawn


def autoregressive(noise: Floats, memory: float) -> Floats:
    """AR(1) series of unit variance along the last axis, from standard normal noise of the same shape."""
    series = np.ascontiguousarray(np.moveaxis(noise, -1, 0)).copy()
    fresh = float(np.sqrt(1.0 - memory * memory))
    for step in range(1, len(series)):
        series[step] *= fresh
        series[step] += memory * series[step - 1]
    return np.ascontiguousarray(np.moveaxis(series, 0, -1))


def _key(seed: int, purpose: str, session: date, scope: str) -> Any:
    named = hashlib.blake2b(f"{purpose}|{session.toordinal()}|{scope}".encode(), digest_size=8).digest()
    return np.array([seed % 2**64, int.from_bytes(named, "little")], dtype=np.uint64)
