"""빚: shares lent between institutions (대차), loans of brokers to individuals (신용), market funds (증시자금)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sugeup.sandbox.accounting import Trades
from sugeup.sandbox.draws import Draws, autoregress, generator
from sugeup.sandbox.followers import Followers
from sugeup.sandbox.indices import Indices
from sugeup.sandbox.lifecycle import Lifecycle
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.prices import Prices
from sugeup.sandbox.universe import Universe, Whole
from sugeup.sandbox.views import LEAVES

Figures = npt.NDArray[np.floating[Any]]
_INDIVIDUAL = LEAVES.index("individual")
LENT_PART = 0.6
"""Part of the price that a broker lends on shares bought with a loan."""


@dataclass(frozen=True, eq=False)
class Ledger:
    """A balance of shares and won: what is new, what is repaid, what is left; by session and stock."""

    new: Whole
    repaid: Whole
    balance: Whole
    new_amount: Whole
    repaid_amount: Whole
    balance_amount: Whole


@dataclass(frozen=True, eq=False)
class Leverage:
    """Lending between institutions; loans for buying (융자) and borrowed shares (대주) of individuals; market funds."""

    lending: Ledger
    loan: Ledger
    stock_loan: Ledger
    deposits: Whole
    receivables: Whole
    futures_deposits: Whole


def leverage(
    plan: Plan,
    stocks: Universe,
    life: Lifecycle,
    priced: Prices,
    trades: Trades,
    followed: Followers,
    levels: Indices,
) -> Leverage:
    """Lending, credit and funds of a plan."""
    draws = Draws(plan.seed, range(plan.sessions), plan.stocks)
    lending = _ledger(
        draws, "lending", life, priced,
        start=followed.short_balance[0] * 1.6 + 0.004 * stocks.shares,
        new=1.1 * followed.short_volume + 0.004 * priced.volume,
        least=followed.short_balance,
        usual=followed.short_balance.mean(axis=0) * 1.6 + 0.004 * stocks.shares,
        part=1.0,
    )  # fmt: skip
    bought = trades.buy_volume[:, :, _INDIVIDUAL].astype(np.float64)
    eager = np.exp(0.35 * draws.once("loan") - 0.15 * np.maximum(stocks.size, 0))
    held = 0.011 * eager * stocks.shares
    loan = _ledger(
        draws, "loan", life, priced,
        start=held, new=0.055 * eager * bought, least=None, usual=held, part=LENT_PART,
    )  # fmt: skip
    stock_loan = _ledger(
        draws, "stock-loan", life, priced,
        start=0.00004 * stocks.shares, new=0.0006 * bought, least=None, usual=0.00004 * stocks.shares, part=1.0,
    )  # fmt: skip
    deposits, receivables, futures = _funds(plan, levels, float((priced.amount.sum(axis=1)).mean()))
    return Leverage(lending, loan, stock_loan, deposits, receivables, futures)


def _ledger(
    draws: Draws, what: str, life: Lifecycle, priced: Prices, *,
    start: Figures, new: Figures, least: Whole | None, usual: Figures, part: float,
) -> Ledger:  # fmt: skip
    """A balance that new positions raise and repayments draw back towards its usual level.

    `part` is how much of the price each new share adds in won; the won of repayments leave at the balance's own mean
    price. Lending is told at today's price instead (`least` given): its balance never falls below what is sold short.
    """
    shape = priced.volume.shape
    found = [np.zeros(shape, dtype=np.int64) for _ in range(6)]
    wish = new * np.exp(0.6 * draws.normal(f"{what}-new") - 0.18)
    back = np.exp(0.6 * draws.normal(f"{what}-back") - 0.18)
    typical = np.maximum(new.mean(axis=0), 0.0)
    now = np.floor(start).astype(np.int64)
    scale = np.ones(shape[1])
    price = np.where(priced.base[0] > 0, priced.base[0], 0)
    worth = np.rint(now * price * part).astype(np.int64)
    for row in range(shape[0]):
        open_ = life.listed[row] & ~life.halted[row]
        scale = scale * life.factor[row]
        now = np.floor(now * life.factor[row] + 1e-6).astype(np.int64)
        first = (worth == 0) & (now > 0) & life.listed[row]
        worth = np.where(first, np.rint(now * priced.base[row] * part).astype(np.int64), worth)
        added = np.where(open_, np.floor(wish[row]), 0).astype(np.int64)
        pace = typical * (now / np.maximum(usual * scale, 1.0))
        repaid = np.where(open_, np.minimum(np.floor(pace * back[row]), now), 0).astype(np.int64)
        if least is not None:
            added = np.where(open_, added + np.maximum(least[row] - (now + added - repaid), 0), added)
        gone = np.rint(worth * (repaid / np.maximum(now, 1))).astype(np.int64)
        cost = np.rint(added * priced.average[row] * part).astype(np.int64)
        now, worth = now + added - repaid, worth + cost - gone
        value = now * priced.close[row] if least is not None else worth
        for series, figure in zip(found, (added, repaid, now, cost, gone, value), strict=True):
            series[row] = figure
    return Ledger(*found)


def _funds(plan: Plan, levels: Indices, turnover: float) -> tuple[Whole, Whole, Whole]:
    """Deposits, receivables and deposits for derivatives: they follow KOSPI two sessions later, when trades settle."""
    days = plan.sessions
    moves = np.concatenate([np.zeros(2), levels.returns("KOSPI")])[:days]
    chance = generator(plan.seed, "funds")
    noise = chance.standard_normal((3, days))
    level = np.cumsum(0.55 * moves) + 0.03 * autoregress(noise[0], 0.75)
    deposits = 2.6 * turnover * np.exp(level)
    receivables = 0.045 * turnover * np.exp(0.12 * autoregress(noise[1], 0.8))
    futures = 0.55 * turnover * np.exp(0.05 * autoregress(noise[2], 0.9))
    whole = [np.rint(series).astype(np.int64) for series in (deposits, receivables, futures)]
    return whole[0], whole[1], whole[2]
