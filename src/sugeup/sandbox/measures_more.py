"""Further figures of a market, for facts without a simulated value to compare with: sizes, turnover, limits, holdings.

They are told beside the others in the report and are not part of the count. `measures` says how figures are taken.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sugeup.sandbox.lifecycle import YEAR
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.measures import LIMIT, Figures, acf, correlation, net_of_group, observed, pair_correlation, returns
from sugeup.sandbox.views import LEAVES

Array = npt.NDArray[np.float64]
_SUB = ("financial_investment", "investment_trust", "private_fund", "insurance", "pension_fund")


def measure_more(market: SimulatedMarket) -> Figures:
    """All further figures of one market."""
    moves = returns(market)
    return {
        **_sizes(market),
        **_turnover(market),
        **_listing(market),
        **_moves(market, moves),
        **_indices(market),
        **_flows(market, moves),
        **_shorts(market),
        **_held(market),
    }


def _sizes(market: SimulatedMarket) -> Figures:
    found: Figures = {}
    row = market.plan.sessions // 2
    for at, name in enumerate(("KOSPI", "KOSDAQ")):
        here = (market.stocks.market == at) & market.life.listed[row] & ~market.stocks.preferred
        cap = np.sort((market.life.shares * market.priced.close)[row, here] / 1e8)[::-1]
        tail = cap[: len(cap) // 10]
        found[f"cap.ln_mean_{name}"] = float(np.log(cap).mean())
        found[f"cap.ln_sd_{name}"] = float(np.log(cap).std())
        found[f"cap.hill_top10pct_{name}"] = float(1 / np.log(tail / tail[-1]).mean())
        if at == 0:
            found["cap.top10_share_KOSPI"] = float(cap[:10].sum() / cap.sum())
    return found


def _turnover(market: SimulatedMarket) -> Figures:
    cap = market.life.shares * np.maximum(market.priced.close, 1)
    share = np.where(market.traded, 100 * market.priced.amount / cap, np.nan)
    amount = np.sort(market.priced.amount, axis=1)[:, ::-1]
    found = {
        f"to.median_{name}": float(np.nanmedian(share[:, market.stocks.market == at]))
        for at, name in enumerate(("KOSPI", "KOSDAQ"))
    }
    found["to.between_stock_ln_sd"] = float(np.nanstd(np.log(np.nanmean(share, axis=0))))
    found["to.top10_share_of_amount"] = float((amount[:, :10].sum(axis=1) / amount.sum(axis=1)).mean())
    return found


def _listing(market: SimulatedMarket) -> Figures:
    years, life, stocks = market.plan.sessions / YEAR, market.life, market.stocks
    scale = 2_579 / market.plan.stocks / years
    return {
        "uni.listings_per_year": float((life.first >= 0).sum() * scale),
        "uni.delistings_per_year": float((life.last < market.plan.sessions).sum() * scale),
        "uni.preferred_share_of_codes": float(stocks.preferred.mean()),
        "uni.codes_with_letter": float(np.mean([not code.isdigit() for code in stocks.codes])),
        "uni.splits_or_bonus_per_1000_stock_years": float(
            1_000 * (life.factor > 1).sum() / (market.plan.stocks * years)
        ),
    }


def _moves(market: SimulatedMarket, moves: Array) -> Figures:
    mean = np.nanmean(moves, axis=1, keepdims=True)
    apart = moves - mean
    inside = []
    for sector in np.unique(market.stocks.sector):
        members = np.flatnonzero((market.stocks.sector == sector) & (np.isfinite(moves).mean(axis=0) > 0.9))
        if len(members) >= 8:
            inside.append(pair_correlation(apart[:, members]))
    up = moves[:-1] >= LIMIT
    after = moves[1:][up]
    return {
        "xs.within_sector_resid_corr": float(np.mean(inside)),
        "limit.next_day_mean": float(np.nanmean(after)),
        "limit.next_day_limit_again": float((after[np.isfinite(after)] >= LIMIT).mean()),
        "ret.acf1_market_adj_median": float(np.nanmedian(acf(apart, 1))),
        "ret.corr_r_nextabs_median": float(np.nanmedian(correlation(moves[:-1], np.abs(moves[1:])))),
    }


def _indices(market: SimulatedMarket) -> Figures:
    found: Figures = {}
    for name in ("KOSPI", "KOSDAQ"):
        moves = market.levels.returns(name)[:, None]
        found[f"idx.{name}.sd"] = float(moves.std())
        found[f"idx.{name}.absacf1"] = float(acf(np.abs(moves), 1)[0])
    return found


def _flows(market: SimulatedMarket, moves: Array) -> Figures:
    here = market.stocks.market == 0
    places = [LEAVES.index(leaf) for leaf in _SUB]
    net = (market.trades.buy_amount[:, here] - market.trades.sell_amount[:, here]).sum(axis=1)[:, places]
    pairs = np.corrcoef(net.T)[np.triu_indices(len(places), 1)]
    signs = np.sign(net).sum(axis=1)
    chosen = observed(market)
    volume = np.where(market.traded, market.priced.volume, np.nan)[:, chosen]
    adjusted = (moves - np.nanmean(moves, axis=1, keepdims=True))[:, chosen]
    foreign, inst = (net_of_group(market, group, "volume")[:, chosen] / volume for group in ("foreign", "institution"))
    fits = [_regress(adjusted[:, at], foreign[:, at], inst[:, at]) for at in range(len(chosen))]
    won = np.abs(net_of_group(market, "foreign", "amount")[:, chosen])
    top = np.sort(won, axis=1)[:, ::-1]
    return {
        "flowdet.KOSPI.subinst_mean_pair_corr": float(pairs.mean()),
        "flowdet.KOSPI.subinst_all_same_side": float((np.abs(signs) == len(places)).mean()),
        "sflow.for.top10pct_share_absnet_won": float(
            (top[:, : max(len(chosen) // 10, 1)].sum(axis=1) / top.sum(axis=1)).mean()
        ),
        "sflow.impact_bp_per_1pct_volume_for": float(np.nanmedian([fit[0] for fit in fits]) * 100),
        "sflow.impact_bp_per_1pct_volume_inst": float(np.nanmedian([fit[1] for fit in fits]) * 100),
        "sflow.flow_R2_of_market_adj_ret_median": float(np.nanmedian([fit[2] for fit in fits])),
    }


def _regress(move: Array, foreign: Array, inst: Array) -> tuple[float, float, float]:
    """Slopes on both flows and R² of a return."""
    good = np.isfinite(move) & np.isfinite(foreign)
    design = np.column_stack([np.ones(good.sum()), foreign[good], inst[good]])
    slopes, *_ = np.linalg.lstsq(design, move[good], rcond=None)
    rest = move[good] - design @ slopes
    return float(slopes[1]), float(slopes[2]), float(1 - rest.var() / move[good].var())


def _shorts(market: SimulatedMarket) -> Figures:
    chosen = observed(market)
    short = market.followed.short_volume[:, chosen].astype(np.float64)
    volume = np.where(market.traded, market.priced.volume, np.nan)[:, chosen]
    share = 100 * short / volume
    ln = np.log(np.where(short > 0, short / volume, np.nan))
    steps = np.cumsum(np.vstack([np.zeros((1, len(chosen))), short]), axis=0)
    mean = (steps[40:-1] - steps[:-41]) / 40
    times = short[40:] / np.maximum(mean, 1)
    ranks = (1, 10, 25, 50, 75, 90, 99)
    balance = 100 * market.followed.short_balance[:, chosen] / market.life.shares[:, chosen]
    found = _listed("short.open.ratio_pctiles_1_10_25_50_75_90_99", np.nanpercentile(share, ranks))
    found["short.ln_ratio_within_sd_median"] = float(np.nanmedian(np.nanstd(ln, axis=0)))
    found["short.ln_ratio_between_sd"] = float(np.nanstd(np.nanmean(ln, axis=0)))
    found["short.share_multiple_ge5"] = float((times >= 5).mean())
    middle = np.median(balance, axis=0)
    parts = np.percentile(middle, (10, 25, 50, 75, 90))
    return found | _listed("short.balance_pct_shares_stock_median_p10_25_50_75_90", parts)


def _held(market: SimulatedMarket) -> Figures:
    chosen = observed(market)
    level = 100 * market.followed.held[:, chosen] / market.life.shares[:, chosen]
    chosen = chosen[(market.life.factor == 1.0).all(axis=0)[chosen]]
    apart = np.diff(market.followed.held[:, chosen], axis=0) - net_of_group(market, "foreign", "volume")[1:, chosen]
    part = 100 * np.abs(apart) / np.maximum(market.priced.volume[1:, chosen], 1)
    found = _listed("hold.level_pctiles_5_25_50_75_95", np.percentile(level, (5, 25, 50, 75, 95)))
    return found | _listed("hold.abs_dh_minus_net_pct_volume_p50_90_99", np.percentile(part, (50, 90, 99)))


def _listed(name: str, values: Array) -> Figures:
    """A fact that is a list, as one figure for each of its places: name#1, name#2, …"""
    return {f"{name}#{place}": float(value) for place, value in enumerate(values, start=1)}
