"""Figures that describe a market: the stylised facts of the Korean one, measured on a simulated one.

Each function gives figures by name; the names and bands they are held against are in `targets.json`. Medians are over
stocks. Market flows are divided by one-sided turnover in won, flows of stocks by that stock's volume. Flows of stocks
were observed for 61 mostly large stocks only, so they are measured on stocks of the same ranks (`RANKS`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from sugeup.market import investors
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.views import LEAVES

Figures = dict[str, float]
Array = npt.NDArray[np.float64]
RANKS: Mapping[str, tuple[int, ...]] = {
    "KOSPI": (
        1, 2, 5, 7, 10, 13, 22, 33, 34, 48, 52, 58, 59, 65, 67, 76, 91, 125, 135, 137, 152, 240, 282, 306, 439,
    ),
    "KOSDAQ": (
        1, 6, 8, 9, 10, 13, 14, 15, 18, 23, 31, 57, 58, 61, 79, 90, 94, 95, 98, 121, 139, 164, 170, 182, 188, 196, 197,
        325, 415, 435, 493, 562, 599, 703, 790, 946,
    ),
}  # fmt: skip
"""Ranks by capitalisation within the market of the stocks whose flows were observed."""
GROUPS = {"ind": "individual", "for": "foreign", "inst": "institution", "corp": "other_corporation"}
LIMIT = 0.285
"""A return at least this large counts as a close at the limit."""


def measure(market: SimulatedMarket) -> Figures:
    """All figures of one market."""
    moves = returns(market)
    return {
        **_prices(moves),
        **_volumes(market, moves),
        **_stock_flows(market, moves),
        **_market_flows(market),
        **_shorts(market, moves),
        **_holdings(market),
    }


def acf(series: Array, lag: int) -> Array:
    """Autocorrelation of each column at a lag; missing values are left out in pairs."""
    return correlation(series[lag:], series[:-lag])


def correlation(left: Array, right: Array) -> Array:
    """Correlation of each column of two arrays; missing values are left out in pairs."""
    both = np.isfinite(left) & np.isfinite(right)
    count = both.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y = np.where(both, left, 0.0), np.where(both, right, 0.0)
        mx, my = x.sum(axis=0) / count, y.sum(axis=0) / count
        dx, dy = np.where(both, left - mx, 0.0), np.where(both, right - my, 0.0)
        found = (dx * dy).sum(axis=0) / np.sqrt((dx**2).sum(axis=0) * (dy**2).sum(axis=0))
    return np.asarray(np.where(count >= 30, found, np.nan))


def kurtosis(series: Array) -> Array:
    """Excess kurtosis of each column."""
    return _moment(series, 4) - 3.0


def streak(series: Array) -> Array:
    """Mean length of runs of one sign in each column; zeros and missing values end a run."""
    sign = np.sign(np.nan_to_num(series))
    starts = (sign != 0) & np.vstack([np.ones((1, sign.shape[1]), dtype=bool), sign[1:] != sign[:-1]])
    return np.asarray((sign != 0).sum(axis=0) / np.maximum(starts.sum(axis=0), 1))


def pair_correlation(series: Array) -> float:
    """Mean correlation over pairs of columns."""
    kept = series[:, np.isfinite(series).mean(axis=0) > 0.9]
    standard = (kept - np.nanmean(kept, axis=0)) / np.nanstd(kept, axis=0)
    filled = np.nan_to_num(standard)
    n = filled.shape[1]
    return float((((filled.sum(axis=1)) ** 2).mean() - (filled**2).mean(axis=0).sum()) / (n * (n - 1)))


def _moment(series: Array, power: int) -> Array:
    standard = (series - np.nanmean(series, axis=0)) / np.nanstd(series, axis=0)
    return np.asarray(np.nanmean(standard**power, axis=0))


def _median(values: Array) -> float:
    return float(np.nanmedian(values))


def returns(market: SimulatedMarket) -> Array:
    """Returns by session and stock; missing where not traded; only ordinary stocks traded on most sessions."""
    priced = market.priced
    found = np.where(market.traded, priced.close / np.maximum(priced.base, 1) - 1.0, np.nan)
    enough = market.traded.mean(axis=0) > 0.5
    found[:, ~enough | market.stocks.preferred] = np.nan
    return np.asarray(found)


def _kept(returns: Array) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isfinite(returns).any(axis=0))


def _prices(returns: Array) -> Figures:
    kept = returns[:, _kept(returns)]
    sd = np.nanstd(kept, axis=0)
    standard = np.abs((kept - np.nanmean(kept, axis=0)) / sd)
    top = np.sort(standard[np.isfinite(standard)])[::-1]
    tail = top[: len(top) // 100]
    whole = kept[np.isfinite(kept)]
    size = np.abs(kept)
    filled = np.nan_to_num((kept - np.nanmean(kept, axis=0)) / sd)
    first = np.linalg.eigvalsh(filled @ filled.T)[-1] / (filled**2).sum()
    return {
        **{f"ret.sd_{name}": float(np.percentile(sd, q)) for name, q in (("p10", 10), ("median", 50), ("p90", 90))},
        "ret.kurt_median": _median(kurtosis(kept)),
        "ret.skew_median": _median(_moment(kept, 3)),
        "ret.acf1_median": _median(acf(kept, 1)),
        **{f"ret.absacf{lag}_median": _median(acf(size, lag)) for lag in (1, 5, 20)},
        "ret.hill_std_pooled_top1pct": float(1.0 / np.log(tail / tail[-1]).mean()),
        "xs.avg_pair_corr": pair_correlation(kept),
        "xs.pc1_share": float(first),
        "xs.ew_market_sd": float(np.nanstd(np.nanmean(kept, axis=1))),
        "xs.dispersion_median": float(np.median(np.nanstd(kept, axis=1))),
        "xs.share_up": float((whole > 0).mean()),
        "xs.share_zero_return": float((whole == 0).mean()),
        "limit.up_close_bp": float(1e4 * (whole >= LIMIT).mean()),
        "limit.down_close_bp": float(1e4 * (whole <= -LIMIT).mean()),
    }


def _volumes(market: SimulatedMarket, returns: Array) -> Figures:
    kept = _kept(returns)
    volume = np.where(market.traded, np.log(np.maximum(market.priced.volume, 1)), np.nan)[:, kept]
    moves = returns[:, kept]
    return {
        "vol.logvol_sd_median": _median(np.nanstd(volume, axis=0)),
        **{f"vol.logvol_acf{lag}_median": _median(acf(volume, lag)) for lag in (1, 5, 20)},
        "vol.logvol_skew_median": _median(_moment(volume, 3)),
        "vol.corr_logvol_absret_median": _median(correlation(volume, np.abs(moves))),
        "vol.corr_logvol_ret_median": _median(correlation(volume, moves)),
        "uni.zero_volume_share": float(1 - market.traded.sum() / market.life.listed.sum()),
    }


def observed(market: SimulatedMarket) -> npt.NDArray[np.int64]:
    """Places of the stocks of the ranks observed, as far as the market has them."""
    cap = market.priced.close[0] * market.life.shares[0] * market.life.listed[0]
    usable = (market.traded.mean(axis=0) > 0.9) & ~market.stocks.preferred
    found: list[int] = []
    for at, ranks in enumerate(RANKS.values()):
        here = np.flatnonzero((market.stocks.market == at) & usable)
        ordered = here[np.argsort(-cap[here], kind="stable")]
        found += [int(ordered[rank - 1]) for rank in ranks if rank <= len(ordered)]
    return np.array(found, dtype=np.int64)


def net_of_group(market: SimulatedMarket, group: str, measure: str) -> npt.NDArray[np.int64]:
    """Net of a group by session and stock."""
    places = [LEAVES.index(leaf) for leaf in investors.members(group)]
    bought, sold = (getattr(market.trades, f"{side}_{measure}") for side in ("buy", "sell"))
    return np.asarray((bought[:, :, places] - sold[:, :, places]).sum(axis=2))


def _stock_flows(market: SimulatedMarket, returns: Array) -> Figures:
    chosen = observed(market)
    volume = np.where(market.traded, market.priced.volume, np.nan)[:, chosen]
    moves = returns[:, chosen]
    found: Figures = {}
    for short, group in GROUPS.items():
        flow = net_of_group(market, group, "volume")[:, chosen] / volume
        found[f"sflow.{short}.sd_pct_volume_median"] = 100 * _median(np.nanstd(flow, axis=0))
        for lag in (1, 2, 5, 20):
            found[f"sflow.{short}.acf{lag}_median"] = _median(acf(flow, lag))
        found[f"sflow.{short}.corr_ret_median"] = _median(correlation(flow, moves))
        found[f"sflow.{short}.corr_prev_ret_median"] = _median(correlation(flow[1:], moves[:-1]))
        found[f"sflow.{short}.corr_next_ret_median"] = _median(correlation(flow[:-1], moves[1:]))
        found[f"sflow.{short}.kurt_median"] = _median(kurtosis(flow))
        found[f"sflow.{short}.streak_mean"] = float(np.nanmean(streak(flow)))
        found[f"sflow.{short}.avg_pair_corr_across_stocks"] = pair_correlation(flow)
    return found


def _market_flows(market: SimulatedMarket) -> Figures:
    found: Figures = {}
    for at, name in enumerate(("KOSPI", "KOSDAQ")):
        here = market.stocks.market == at
        turnover = market.priced.amount[:, here].sum(axis=1)
        moves = market.levels.returns(name)[:, None]
        for short, group in GROUPS.items():
            flow = (net_of_group(market, group, "amount")[:, here].sum(axis=1) / turnover)[:, None]
            found[f"flow.{name}.{short}.sd_pct_turnover"] = float(100 * flow.std())
            for lag in (1, 5, 20):
                found[f"flow.{name}.{short}.acf{lag}"] = float(acf(flow, lag)[0])
            found[f"flow.{name}.{short}.corr_ret"] = float(correlation(flow, moves)[0])
            found[f"flow.{name}.{short}.corr_prev_ret"] = float(correlation(flow[1:], moves[:-1])[0])
            places = [LEAVES.index(leaf) for leaf in investors.members(group)]
            both = market.trades.buy_amount[:, here][:, :, places].sum() + (
                market.trades.sell_amount[:, here][:, :, places].sum()
            )
            found[f"im.{name}.{short}.gross_share_pct"] = float(100 * both / (2 * turnover.sum()))
    return found


def _shorts(market: SimulatedMarket, returns: Array) -> Figures:
    chosen = observed(market)
    short = market.followed.short_volume[:, chosen].astype(np.float64)
    ratio = np.where(short > 0, np.log(np.maximum(short, 1) / np.maximum(market.priced.volume[:, chosen], 1)), np.nan)
    return {
        "short.ln_ratio_acf1_median": _median(acf(ratio, 1)),
        "short.ln_ratio_acf5_median": _median(acf(ratio, 5)),
        "short.corr_lnratio_same_ret_median": _median(correlation(ratio, returns[:, chosen])),
    }


def _holdings(market: SimulatedMarket) -> Figures:
    chosen = observed(market)
    whole = (market.life.factor == 1.0).all(axis=0)[chosen]
    chosen = chosen[whole]
    net = net_of_group(market, "foreign", "volume")[1:, chosen].astype(np.float64)
    held = np.diff(market.followed.held[:, chosen].astype(np.float64), axis=0)
    program = (market.followed.program_buy_volume - market.followed.program_sell_volume)[1:, chosen]
    volume = np.maximum(market.priced.volume[1:, chosen], 1)
    by_day = correlation((program / volume).T, (net / volume).T)
    same = (np.sign(program) == np.sign(net))[(net != 0) & (program != 0)]
    return {
        "hold.corr_dh_net_median": _median(correlation(held, net)),
        "prog.stock.corr_program_foreign_est": float(np.nanmean(by_day)),
        "prog.stock.same_sign_share": float(same.mean()),
    }
