"""활동과 수익률: the hidden state of every stock (how busy it is) and the return that it asks for, before the grid.

Rare news drives both: it lifts activity for weeks, moves the price, mostly up, and is paid for by small losses on the
other days. Industry and market move stocks together. What is planted arrives as impulses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sugeup.sandbox import sectors
from sugeup.sandbox.draws import Array, Draws, autoregress, decay
from sugeup.sandbox.impulses import Impulses
from sugeup.sandbox.lifecycle import BURN_IN
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.universe import Universe

MARKET_SD = 0.0128
"""Standard deviation of the market's daily move in normal times."""
NEWS, UP = 0.024, 0.92
"""Probability of news about a stock of size 0, and of its moving the price up."""
SHOCK, SHOCK_DOWN = 1.24, 0.70
"""Return of news of size 1 in units of the stock's noise, and how much of it bad news has."""
NEWS_MOST = 4.0
"""Largest size of news."""
NEWS_FAST, NEWS_SLOW = 1.08, 0.44
"""What news of size 1 adds to activity, fading within days and within weeks."""
CALM = 0.12
"""How much less activity varies in a stock one size larger than 0."""
LESS = 0.57
"""Lowers the logarithm of volume, so that the usual turnover is that of a usual day."""
INDUSTRY_SEEN = 0.10
"""Part of the industry's move that investors answer in a single stock; the move itself has 0.27 of it."""
SCALE = 0.675
"""Ordinary returns in units of the stock's noise, at usual activity."""
RETURN_NOISE, VOLUME_NOISE = 1.05, 0.8
"""Noise of one stock by which planted returns and volumes are measured: in its sigma, and in ln V around its mean."""
SHAPE = 7.0
"""Degrees of freedom of ordinary returns."""


@dataclass(frozen=True, eq=False)
class Activity:
    """By session and stock (burn-in removed; `strength` keeps one day more in front), and by session and market."""

    wanted: Array
    """Return asked for, before limits and grid, with what was planted."""
    strength: Array
    """Own return of the day in units of the stock's noise, without what was planted; shape (sessions + 1, stocks)."""
    volume: Array
    """Logarithm of the share of the listed shares that is traded, without the day's noise."""
    busy: Array
    """How much busier than usual the stock is, about standard."""
    spread: Array
    """Expected standard deviation of the day's return."""
    market: Array
    """Standardised move of KOSPI and KOSDAQ, one day more in front; shape (sessions + 1, 2)."""


def activity(plan: Plan, stocks: Universe) -> Activity:
    """The states of a plan before anything is planted."""
    days = range(-BURN_IN, plan.sessions)
    draws = Draws(plan.seed, days, plan.stocks)
    market = _market(draws, plan.turbulence)
    news, sign = _news(draws, stocks)
    busy = (
        0.46 * autoregress(draws.normal("busy-slow"), 0.982)
        + 0.42 * autoregress(draws.normal("busy-fast"), 0.70)
        + NEWS_FAST * decay(news, 0.72)
        + NEWS_SLOW * decay(news, 0.965)
        + 0.30 * autoregress(draws.daily("busy-market"), 0.9)
    )
    busy *= (1.0 - CALM * np.maximum(stocks.size, 0.0)).clip(0.45, 1.0)
    shape = draws.student("return", SHAPE)
    scale = SCALE * np.exp(0.625 * np.minimum(busy, 3.0) - 0.30)
    jump = sign * SHOCK * news * np.exp(0.15 * np.minimum(busy, 5.0))
    own = scale * shape + jump - _drift(stocks)
    industry = _industry(draws, stocks)
    strength = INDUSTRY_SEEN * industry + 0.93 * own
    common = np.where(stocks.market == 0, market[:, :1], market[:, 1:]) * stocks.beta
    wanted = 0.9 * common + stocks.sigma * (0.27 * industry + 0.93 * own)
    volume = np.log(stocks.turnover) + busy + 0.30 * draws.normal("volume") + 0.30 * np.abs(shape) * 1.22
    volume += 0.45 * news - LESS
    keep = slice(BURN_IN, None)
    return Activity(
        wanted=wanted[keep],
        strength=strength[BURN_IN - 1 :],
        volume=_bent(volume[keep]),
        busy=busy[keep],
        spread=stocks.sigma * np.sqrt(0.86 * scale[keep] ** 2 + 0.25),
        market=market[BURN_IN - 1 :] / (MARKET_SD * plan.turbulence),
    )


def with_planted(states: Activity, plan: Plan, stocks: Universe, planted: Impulses) -> Activity:
    """The states with what is planted; how investors answer the day's own move is left as it was."""
    if not planted.all:
        return states
    wanted = states.wanted + planted.dense("return") * stocks.sigma * RETURN_NOISE
    volume = states.volume + planted.dense("volume") * VOLUME_NOISE
    for one in planted.series(("market",)):
        wanted[one.row] += one.amount * MARKET_SD * plan.turbulence * stocks.beta
        volume[one.row] += 0.15 * abs(one.amount)
    for one in planted.series(("return_is",)):
        wanted[one.row, one.stock] = np.log1p(one.amount)
    return replace(states, wanted=wanted, volume=volume)


def _bent(volume: Array) -> Array:
    """Turnover beyond a fifth of the listed shares grows by its square root only."""
    knee = np.log(0.20)
    return np.where(volume > knee, knee + 0.5 * (volume - knee), volume)


def _market(draws: Draws, turbulence: float) -> Array:
    """Moves of KOSPI and KOSDAQ: heavy tails, volatility that persists and rises after falls."""
    state = 0.62 * autoregress(draws.daily("market-state"), 0.97)[:, 0]
    shape = draws.daily_student("market", 9.0)[:, 0]
    apart = draws.daily_student("market-kosdaq", 7.0)[:, 0]
    found = np.empty((len(draws.days), 2))
    fear = 0.0
    for row in range(len(found)):
        scale = MARKET_SD * np.exp(state[row] + fear - 0.18)
        found[row] = scale * shape[row], scale * (0.93 * shape[row] + 0.42 * apart[row])
        fear = 0.9 * fear + 0.05 * max(-shape[row], 0.0) - 0.002
    return found * turbulence


def _news(draws: Draws, stocks: Universe) -> tuple[Array, Array]:
    """Size of the day's news (0: none) and its sign; bad news weighs less, because it comes in small steps."""
    happens = draws.uniform("news") < _chance(stocks)
    size = np.minimum(-1.2 * np.log1p(-draws.uniform("news-size")), NEWS_MOST)
    up = draws.uniform("news-sign") < UP
    return np.where(happens, size, 0.0), np.where(up, 1.0, -SHOCK_DOWN)


def _chance(stocks: Universe) -> Array:
    return np.asarray(NEWS * np.exp(-0.38 * stocks.size).clip(0.25, 2.0))


def _drift(stocks: Universe) -> Array:
    """Mean of the jumps, by numerical integration over the size of news and the state of activity."""
    points = (np.arange(2_000) + 0.5) / 2_000
    size = np.minimum(-1.2 * np.log1p(-points), NEWS_MOST)
    gaussian = np.exp(0.5 * 0.15**2 * (0.50**2 + 0.46**2 + 0.30**2))
    mean = SHOCK * float((size * np.exp(0.15 * (NEWS_FAST + NEWS_SLOW) * size)).mean()) * gaussian * 1.02
    return np.asarray(_chance(stocks) * mean * (UP - SHOCK_DOWN * (1 - UP)))


def _industry(draws: Draws, stocks: Universe) -> Array:
    """Standardised move of each stock's industry."""
    found = np.stack([Draws(draws.seed, (day,), len(sectors.ALL)).student("industry", 5.0)[0] for day in draws.days])
    return np.asarray(found[:, stocks.sector])
