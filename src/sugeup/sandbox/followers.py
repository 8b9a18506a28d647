"""따라오는 것: programme trading, short selling and its balance, and shares held by foreigners, from settled trades.

Programme orders are mostly foreigners' baskets. About half of a day's short sales is bought back the same day. What
foreigners hold follows what they bought on the exchange, but for transfers outside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sugeup.sandbox.accounting import Trades
from sugeup.sandbox.activity import Activity
from sugeup.sandbox.draws import Array, Draws, autoregress, generator
from sugeup.sandbox.flows import boldness
from sugeup.sandbox.impulses import Impulses
from sugeup.sandbox.lifecycle import Lifecycle
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.prices import Prices
from sugeup.sandbox.universe import Universe, Whole
from sugeup.sandbox.views import LEAVES

_FOREIGN = [LEAVES.index("foreign_registered"), LEAVES.index("foreign_other")]
_AWAY = [LEAVES.index("individual"), LEAVES.index("other_corporation")]
FOLLOWS, OWN_NOISE = 0.88, 0.115
"""Part of foreigners' net that is programme trading, and its other noise as a fraction of volume."""
BUSY_SHORT, QUIET_SHORT = np.log(0.055), np.log(0.012)
"""Above the first the share of short sales grows more slowly, below the second it falls faster (logarithms)."""
CAPS = (1.0, 0.49, 0.40)
"""Legal limits of foreign ownership: none for nearly all, 49% or 40% for a few."""


@dataclass(frozen=True, eq=False)
class Followers:
    """Whole shares and won by session and stock."""

    program_buy_volume: Whole
    program_sell_volume: Whole
    program_buy_amount: Whole
    program_sell_amount: Whole
    short_volume: Whole
    short_amount: Whole
    short_balance: Whole
    held: Whole
    held_limit: Whole


def followers(
    plan: Plan, stocks: Universe, life: Lifecycle, priced: Prices, states: Activity, trades: Trades, planted: Impulses
) -> Followers:
    """What follows from the trades of a plan."""
    draws = Draws(plan.seed, range(plan.sessions), plan.stocks)
    bought, sold = (side[:, :, _FOREIGN].sum(axis=2) for side in (trades.buy_volume, trades.sell_volume))
    buys, sells = _program(draws, stocks, priced.volume, trades, bought, sold)
    short = _short(draws, stocks, priced.volume, states, planted)
    held, limit = _held(draws, stocks, life, priced.volume, bought - sold)
    return Followers(
        buys,
        sells,
        _won(draws, "program-buy", buys, priced),
        _won(draws, "program-sell", sells, priced),
        short,
        _won(draws, "short", short, priced),
        _balance(draws, stocks, life, short, planted),
        held,
        limit,
    )


def _won(draws: Draws, what: str, volume: Whole, priced: Prices) -> Whole:
    """Won of some shares near the day's average price; never more than the day's turnover."""
    room = np.minimum(priced.high - priced.average, priced.average - priced.low)
    paid = priced.average + 0.12 * draws.normal(f"paid-{what}").clip(-2.5, 2.5) * room
    return np.minimum(np.rint(volume * paid).astype(np.int64), priced.amount)


def _program(
    draws: Draws, stocks: Universe, volume: Whole, trades: Trades, bought: Whole, sold: Whole
) -> tuple[Whole, Whole]:
    """Programme purchases and sales: net follows foreigners; neither exceeds what foreigners and institutions trade."""
    noise = OWN_NOISE * volume * boldness(stocks, "foreign") * draws.normal("program")
    net = np.rint(FOLLOWS * (bought - sold) + noise).astype(np.int64)
    most_buy = volume - trades.buy_volume[:, :, _AWAY].sum(axis=2)
    most_sell = volume - trades.sell_volume[:, :, _AWAY].sum(axis=2)
    share = np.exp(0.2 * draws.normal("program-gross")) * (0.55 + 0.08 * stocks.size).clip(0.3, 0.85)
    gross = np.rint(share * (bought + sold)).astype(np.int64)
    buys = np.clip((gross + net) // 2, np.maximum(net, 0), most_buy).clip(0)
    sells = np.clip(buys - net, 0, most_sell)
    return np.minimum(buys, most_buy), sells


def _short(draws: Draws, stocks: Universe, volume: Whole, states: Activity, planted: Impulses) -> Whole:
    """Shares sold short: a share of volume that differs between stocks, persists, and falls when the price rises.

    Shares of small companies are seldom lent, so little of them is sold short.
    """
    within = np.sqrt(0.52) * autoregress(draws.normal("short-lasting"), 0.88)
    within += np.sqrt(0.48) * draws.normal("short-fresh")
    lent = -0.6 * np.maximum(0.6 - stocks.size, 0.0)
    level = -3.35 + lent + 0.70 * draws.once("short") + 0.87 * within - 0.26 * states.strength[1:].clip(-3, 3)
    level -= 0.32 * np.maximum(states.busy - 0.8, 0.0)
    level = np.where(level > BUSY_SHORT, BUSY_SHORT + 0.53 * (level - BUSY_SHORT), level)
    level = np.where(level < QUIET_SHORT, QUIET_SHORT + 1.9 * (level - QUIET_SHORT), level)
    share = np.minimum(np.exp(level + 0.80 * planted.dense("short")), 0.6)
    for one in planted.series(("short_is",)):
        share[one.row, one.stock] = one.amount
    return np.asarray(np.floor(volume * share).astype(np.int64))


def _balance(draws: Draws, stocks: Universe, life: Lifecycle, short: Whole, planted: Impulses) -> Whole:
    """Open short positions: half of the day's sales stay open, and positions are bought back towards a usual level."""
    usual = usual_balance(draws)
    stay = 0.5 * np.exp(0.5 * draws.normal("short-stay") - 0.125)
    back = np.exp(0.5 * draws.normal("short-back") - 0.125)
    shifts = 0.17 * planted.dense("balance")
    typical = np.maximum(short.mean(axis=0), 1.0)
    level = usual * np.exp(0.4 * draws.once("short-start"))
    found = np.zeros(short.shape, dtype=np.int64)
    now = np.floor(level * stocks.shares)
    for row in range(len(short)):
        now = np.floor(now * life.factor[row] + 1e-6)
        aim = usual * life.shares[row]
        cover = 0.5 * typical * (now / np.maximum(aim, 1.0)) * back[row] * life.listed[row] * ~life.halted[row]
        now = np.floor(np.clip((now + stay[row] * short[row] - np.minimum(cover, now)) * np.exp(shifts[row]), 0, None))
        now = np.minimum(now, np.floor(0.2 * life.shares[row]))
        found[row] = now
    return found


def _held(draws: Draws, stocks: Universe, life: Lifecycle, volume: Whole, net: Whole) -> tuple[Whole, Whole]:
    """Shares held by foreigners at the end of each session, and the most that they may hold."""
    cap = np.asarray(CAPS)[np.searchsorted([0.97, 0.99], draws.once_uniform("foreign-limit"), side="right")]
    start = (0.122 + 0.035 * stocks.size + 0.168 * draws.once("foreign-held")).clip(0.0002, 0.75)
    apart = 0.026 * _heavy(draws, "foreign-off-exchange").clip(-30, 30)
    found, limit = np.zeros(net.shape, dtype=np.int64), np.floor(life.shares * cap + 1e-6).astype(np.int64)
    now = np.floor(start * np.minimum(stocks.shares * cap, stocks.shares))
    for row in range(len(net)):
        now = np.floor(now * life.factor[row] + 1e-6) + net[row] + np.rint(apart[row] * volume[row])
        now = np.clip(now, 0, limit[row])
        found[row] = now
    return found, limit


def _heavy(draws: Draws, purpose: str) -> Array:
    """Draws with tails so heavy that they have no variance: Student's t of 1.7 degrees of freedom."""
    return np.stack([generator(draws.seed, purpose, day).standard_t(1.7, draws.stocks) for day in draws.days])


def usual_balance(draws: Draws) -> Array:
    """Usual balance of short positions by stock, as a share of the listed shares."""
    return np.asarray(np.exp(np.log(0.0032) + 1.06 * draws.once("short-balance")).clip(0.00002, 0.05))
