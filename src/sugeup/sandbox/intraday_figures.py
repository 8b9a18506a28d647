"""Intraday figures of a simulated market under the names of the committed stylised facts, to be held against them.

`im.`: flows of KOSPI and KOSDAQ by snapshot. `mb.`: minute bars of busy stocks (range of at least 50 ticks, trades in
350 minutes or more), the median of them; the real ones were 44 mostly small theme stocks. `tick015760.`: trades of
stocks like the one whose day of trades was measured, a large KOSPI stock with some four million shares a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from sugeup.market import investors
from sugeup.sandbox import intraday
from sugeup.sandbox.intraday_book import MARKETS, Book, Days, book
from sugeup.sandbox.intraday_draws import Floats, Integers
from sugeup.sandbox.intraday_prices import tick_sizes
from sugeup.sandbox.intraday_ticks import trades

Figure = float | tuple[float, ...]
_GROUPS = {"ind": "individual", "for": "foreign", "inst": "institution", "corp": "other_corporation"}
_SLOT_ENDS = (0, *range(30, 361, 30), 380, 390)
_RANGE, _MINUTES = 50, 350
_LAGS = (1, 2, 5, 10, 20, 50, 100)
_ALIKE, _LIKE_VOLUME, _LIKE_SIZE = 6, 4_000_000, 1.5


def figures(market: Days, sessions: Sequence[date]) -> dict[str, Figure]:
    """The figures over some sessions: one number, or a tuple in the order of the committed list.

    Stocks that are too quiet for a figure are left out; a figure for which nothing is left is nan. Takes about a second
    a session for 2,800 stocks.
    """
    found: dict[str, Figure] = {}
    gathered = [_session(book(market, session)) for session in sessions]
    for name in sorted({name for one in gathered for name in one}):
        values = [value for one in gathered for value in one.get(name, [])]
        found[name] = _middle(name, values)
    return found


def _middle(name: str, values: list[Floats]) -> Figure:
    usable = [value for value in values if np.isfinite(value).all()]
    if not usable:
        return float("nan")
    middle = np.median(usable, axis=0) if name.startswith("mb.") else np.mean(usable, axis=0)
    return tuple(float(one) for one in middle) if middle.ndim else float(middle)


def _session(of: Book) -> dict[str, list[Floats]]:
    found: dict[str, list[Floats]] = {}
    for part in (_flows(of), _bars(of), _trades(of)):
        for name, values in part.items():
            found.setdefault(name, []).extend(np.asarray(value, dtype=np.float64) for value in values)
    return found


def _flows(of: Book) -> dict[str, list[Floats | float]]:
    rows = intraday.rows(of.market, "investor_minute_market", of.session, MARKETS)
    levels = intraday.rows(of.market, "index_minute", of.session, MARKETS)
    found: dict[str, list[Floats | float]] = {}
    minutes = of.grid.snapshots - of.grid.open
    for market in MARKETS:
        flows = rows.filter(rows["market"] == market)
        bought = {name: flows[investors.column(leaf, "buy", "amount")].to_numpy() for name, leaf in _GROUPS.items()}
        sold = {name: flows[investors.column(leaf, "sell", "amount")].to_numpy() for name, leaf in _GROUPS.items()}
        turnover = np.sum(list(bought.values()), axis=0)
        for name in _GROUPS:
            share = 50.0 * (bought[name][-1] + sold[name][-1]) / turnover[-1]
            found[f"im.{market}.{name}.gross_share_pct"] = [share]
        at = np.searchsorted(minutes[:-1], np.minimum(_SLOT_ENDS, minutes[-2]))
        slots = np.diff(turnover[at]) / np.maximum(np.diff(_SLOT_ENDS), 1)
        found[f"im.{market}.intensity_rel_mean_by_slot"] = [slots / (turnover[-1] / 380.0)]
        fives = np.flatnonzero((minutes % 5 == 0) & (minutes <= of.grid.length - 1))
        level = levels.filter(levels["index_code"] == market)
        points = np.append(level["open"][0], level["close"].to_numpy())
        moved = np.diff(np.log(points[np.minimum(fives, of.grid.length - 1)]))
        for name in ("ind", "for", "inst"):
            net = np.diff((bought[name] - sold[name])[fives])
            found[f"im.{market}.{name}.netflow5m_acf1"] = [_correlation(net[1:], net[:-1])]
            found[f"im.{market}.{name}.corr_5m_flow_ret"] = [_correlation(net, moved)]
    return found


def _bars(of: Book) -> dict[str, list[Floats | float]]:
    made = of.minutes
    found: dict[str, list[Floats | float]] = {}
    days = [of.stocks[code] for code in made.codes]
    for place, day in enumerate(days):
        assert day.raw_high is not None
        assert day.raw_low is not None
        tick = int(tick_sizes(np.array([day.raw_close]), of.session, day.market)[0])
        traded = np.flatnonzero(made.shares[place])
        if day.raw_high - day.raw_low < _RANGE * tick or len(traded) < _MINUTES:
            continue
        for name, value in bar_figures(traded, made.prices.close[place], made.shares[place]).items():
            found.setdefault(f"mb.{name}", []).append(value)
    return found


def bar_figures(traded: Integers, close: Integers, shares: Integers) -> Mapping[str, Floats | float]:
    """Figures of one stock's minute bars; `traded` are the places of bars with volume."""
    moves = np.diff(np.log(close[traded]))
    size = np.abs(moves)
    volume = np.log(shares[traded])
    spread = max(float(moves.std()), 1e-12)
    slot = np.minimum(traded[1:] // 30, 12)
    total = np.sqrt(np.mean(moves**2))
    smile = np.array(
        [np.sqrt(np.mean(moves[slot == one] ** 2)) if (slot == one).any() else np.nan for one in range(13)]
    )
    return {
        "ret_acf1_median": _correlation(moves[1:], moves[:-1]),
        "absret_acf1_median": _correlation(size[1:], size[:-1]),
        "kurt_median": float(np.mean(((moves - moves.mean()) / spread) ** 4) - 3.0),
        "zero_return_share_median": float(np.mean(moves == 0)),
        "vol_smile_by_30min_from_0900": smile / max(total, 1e-12),
        "lnvol_minute_sd_median": float(volume.std()),
        "corr_lnvol_absret_median": _correlation(volume[1:], size),
    }


def _trades(of: Book) -> dict[str, list[Floats | float]]:
    made = of.minutes
    large = [
        place
        for place, code in enumerate(made.codes)
        if made.market[place] == "KOSPI" and of.stocks[code].size > _LIKE_SIZE
    ]
    like = sorted(large, key=lambda place: abs(np.log(of.stocks[made.codes[place]].volume / _LIKE_VOLUME)))
    found: dict[str, list[Floats | float]] = {}
    for place in like[:_ALIKE]:
        rows = trades(of.seed, made, place).drop_nulls("side")
        minute = rows["at"].dt.epoch("s").to_numpy() // 60
        told = tick_figures(minute, *(rows[name].to_numpy() for name in ("price", "volume", "side")))
        for name, value in told.items():
            found.setdefault(f"tick015760.{name}", []).append(value)
    return found


def tick_figures(minute: Integers, price: Integers, volume: Integers, side: Integers) -> Mapping[str, Floats | float]:
    """Figures of one stock's trades that have a side, in order."""
    _, start = np.unique(minute, return_index=True)
    bought = np.add.reduceat(side * volume, start)
    imbalance = bought / np.add.reduceat(volume, start)
    last = price[np.append(start[1:], len(price)) - 1]
    moves = np.diff(np.log(price))
    return {
        "trade_size_ln_sd": float(np.log(volume).std()),
        "side_acf_1_2_5_10_20_50_100": np.array([_correlation(side[lag:], side[:-lag]) for lag in _LAGS]),
        "imbalance_1m_acf1": _correlation(imbalance[1:], imbalance[:-1]),
        "corr_imbalance_ret_1m": _correlation(imbalance[1:], np.diff(np.log(last))),
        "tick_ret_acf1": _correlation(moves[1:], moves[:-1]),
    }


def _correlation(one: Floats | Integers, other: Floats | Integers) -> float:
    if len(one) < 3 or min(float(one.std()), float(other.std())) < 1e-12:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])
