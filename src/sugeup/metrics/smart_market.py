"""What the market around a smart-money signal looks like (시장 맥락): trend of a price, betas, flow by beta."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sugeup.errors import Refused
from sugeup.metrics import rolling
from sugeup.metrics.dense import Floats, floats, lines, whole
from sugeup.metrics.outcome import Outcome, Reason, codes

TRENDS = ("DOWNWARD", "SIDEWAYS", "UPWARD")
CLEAR = 2.0
"""Size of t from which a slope is a trend."""
LAG = 5


def price_trend(price: ArrayLike, *, n: int = 20) -> Outcome:
    """Does the price rise or fall steadily (주가 추세)? UPWARD, DOWNWARD, or SIDEWAYS where |t| is below 2.

    price: (..., sessions), adjusted closes, oldest first. Least-squares slope of the log price over n sessions, t with
    Bartlett weights over 5 sessions (Newey & West 1987). Extras `slope`, log points per session; `t`, null when the
    line fits without error. INSUFFICIENT_HISTORY: fewer than n sessions; MISSING_INPUT: a session without a price.
    """
    span = whole("n", n, 3)
    shape, (rows,) = lines(price=price)
    cut = rows[:, max(0, rows.shape[1] - span) :]
    with np.errstate(invalid="ignore", divide="ignore"):
        level = np.where(cut > 0, np.log(cut), np.nan)
    ticks = np.broadcast_to(np.arange(level.shape[1], dtype=np.float64), level.shape)
    few = np.full(len(rows), cut.shape[1] < span)
    if few.any():
        slope, t = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    else:
        found = rolling.impact(ticks.copy(), np.ones(level.shape), level, span, span, LAG, 1)
        slope, t = found[0][:, 0], found[1][:, 0]
    reason = codes(few.shape, (few, Reason.INSUFFICIENT_HISTORY), (np.isnan(slope), Reason.MISSING_INPUT))
    side = np.where((np.abs(t) >= CLEAR) | (np.isnan(t) & (slope != 0)), np.sign(slope), 0.0)
    value = np.where(reason > 0, np.nan, side + 1)
    lead = shape[:-1]
    extra = {"slope": slope.reshape(lead), "t": t.reshape(lead)}
    return Outcome(value.reshape(lead), reason.reshape(lead), extra, TRENDS)


def betas(ret: ArrayLike, market: ArrayLike, *, least: int = 40) -> Floats:
    """Slope of each stock's return on the market's over the sessions handed in (베타), (stocks,); NaN below `least`.

    ret: (stocks, sessions), decimal, NaN where not traded; market: (sessions,).
    """
    few = whole("least", least, 3)
    moved, whole_market = floats("ret", ret), floats("market", market)
    if moved.ndim != 2 or whole_market.shape != moved.shape[1:]:
        raise Refused(f"ret must be (stocks, sessions) and market (sessions,); received {moved.shape}, {market!r:.40}.")
    both = np.isfinite(moved) & np.isfinite(whole_market)
    n = both.sum(axis=1)
    y, x = np.where(both, moved, 0), np.where(both, whole_market, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = x.sum(axis=1) / n
        away = np.where(both, x - mean[:, None], 0)
        spread = (away**2).sum(axis=1)
        found: Floats = np.where((n >= few) & (spread > 0), (away * y).sum(axis=1) / spread, np.nan)
    return found


def beta_tilt(net: ArrayLike, turnover: ArrayLike, beta: ArrayLike) -> Floats:
    """Flow into the third of stocks with the highest beta less that into the lowest (고베타 선호), (sessions,).

    net, turnover: (stocks, sessions), of windows or days; beta: (stocks,). Σnet ÷ Σturnover over the stocks of a third
    with both; NaN where a third has none, or fewer than 30 stocks have a beta.
    """
    flow, traded, slopes = floats("net", net), floats("turnover", turnover), floats("beta", beta)
    if flow.shape != traded.shape or slopes.shape != flow.shape[:1]:
        raise Refused(f"shapes do not fit together: net {flow.shape}, turnover {traded.shape}, beta {slopes.shape}.")
    known = slopes[np.isfinite(slopes)]
    if known.size < 30:
        return np.full(flow.shape[1], np.nan)
    low, high = np.quantile(known, [1 / 3, 2 / 3])
    usable = np.isfinite(flow) & (traded > 0)
    flow, traded = np.where(usable, flow, 0), np.where(usable, traded, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        upper, lower = (flow[part].sum(axis=0) / traded[part].sum(axis=0) for part in (slopes >= high, slopes <= low))
    found: Floats = upper - lower
    return found
