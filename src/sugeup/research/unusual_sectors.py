"""이상 순환매: sectors whose members gain while those of another lose, on every session of a market, for research."""

from __future__ import annotations

import numpy as np

from sugeup.metrics.evened_flow import evened_flow
from sugeup.metrics.evened_sectors import SPAN, evened_sector_flow, unusual_rotation
from sugeup.metrics.outcome import Outcome
from sugeup.metrics.unusual_flow import POOL, SIDES
from sugeup.research.detectors import Found
from sugeup.research.figures import Figures, Floats

NAMES = {"BUY": "SECTOR_UNUSUAL_INFLOW", "SELL": "SECTOR_UNUSUAL_OUTFLOW"}
GROUPS = ("foreign", "institution")


def evened(market: Figures, span: int = SPAN) -> Outcome:
    """`sec.evened_flow` of the sectors of a market at every session, in the order of `names`."""
    places = {name: at for at, name in enumerate(names(market))}
    votes = sum(
        (evened_flow(market.net[one], market.turnover, n=span).value for one in GROUPS), np.zeros(market.shape)
    ) / np.sqrt(len(GROUPS))
    sector = np.array([-1 if one is None else places[one] for one in market.sectors])
    return evened_sector_flow(votes, sector, _numbered(market.markets))


def names(market: Figures) -> tuple[str, ...]:
    """Codes of the sectors that have a stock."""
    return tuple(sorted({one for one in market.sectors if one is not None}))


def judged(market: Figures, span: int = SPAN) -> Outcome:
    """`sec.unusual_rotation` on every session, each tested as on its evening; extras `p`, `p_adj`, `partner`."""
    flow, group = evened(market, span), _listed(market)
    cuts = [slice(max(0, at - POOL), at + 1) for at in range(len(market.days))]
    told = [unusual_rotation(flow.value[:, cut], flow.extra["n"][:, cut], group, stretch=2 * span) for cut in cuts]
    extra = {name: np.stack([one.extra[name] for one in told], axis=1) for name in told[0].extra}
    value, reason = (np.stack([getattr(one, name) for one in told], axis=1) for name in ("value", "reason"))
    return Outcome(value, reason, extra, SIDES)


def unusual_rotations(market: Figures) -> list[Found]:
    """이상 순환매 of foreigners and institutions together, a row for each sector."""
    if not names(market):
        return []
    told = judged(market)
    members = tuple(
        tuple(code for code, one in zip(market.codes, market.sectors, strict=True) if one == name)
        for name in names(market)
    )
    can = np.isfinite(told.value)
    return [
        Found(kind, side, told.value == SIDES.index(side), can, 100 * (1 - told.extra["p"]), members)
        for side, kind in NAMES.items()
    ]


def _listed(market: Figures) -> Floats:
    """Number of the market of each sector; one number more for sectors with members on several."""
    found = []
    for name in names(market):
        on = {one for one, sector in zip(market.markets, market.sectors, strict=True) if sector == name}
        found.append(on.pop() if len(on) == 1 else None)
    return _numbered(found)


def _numbered(markets: tuple[str | None, ...] | list[str | None]) -> Floats:
    """Names as numbers."""
    places = {name: at for at, name in enumerate(dict.fromkeys(markets))}
    return np.array([places[one] for one in markets], dtype=np.float64)
