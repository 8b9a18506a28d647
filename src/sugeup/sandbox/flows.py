"""수급: which part of its volume each leaf of each stock buys net, and how much it trades at all, before accounting.

Net ÷ volume of a leaf is a sum of its answer to the stock's move today and yesterday, noise that persists, fresh noise
(foreigners take the other side of the institutions'), and its mood about the whole market. Foreigners and institutions
each lean against the other's fresh noise of the day before, so that what is left to 개인 persists less than its parts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sugeup.market import investors
from sugeup.sandbox.activity import Activity
from sugeup.sandbox.draws import Array, Draws, autoregress
from sugeup.sandbox.grid import MARKETS
from sugeup.sandbox.impulses import Impulses
from sugeup.sandbox.leaves import (
    CHARACTERS,
    COUNTER,
    FOREIGN,
    INSTITUTIONS,
    MOODS,
    SD_CORPORATION,
    SD_FOREIGN,
    SD_INSTITUTION,
    Character,
)
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.universe import Universe
from sugeup.sandbox.views import LEAVES

LEAN = 0.40
"""How strongly one group leans against the other's fresh noise of the day before."""
LASTING = {"foreign": 0.45, "institution": 0.20, "other_corporation": 0.30}
"""Part of each class factor that lasts for weeks."""
CROWD = 0.35
"""How much smaller net ÷ volume is on a day a whole unit busier: crowds trade among themselves."""
BURST = 0.22
"""Spread of the logarithm of how active institutions are in one stock on one day: it makes their tails."""
ON_KOSDAQ = {"foreign": 0.95, "institution": 0.87, "other_corporation": 1.0}
"""Size of flows on KOSDAQ against KOSPI, in stocks of the same size."""


def boldness(stocks: Universe, group: str) -> Array:
    """Size of a group's flows by stock: 1 in large stocks of KOSPI, less in small ones and on KOSDAQ."""
    small = (0.45 + 0.55 * (stocks.ln_cap - 6.2) / (9.2 - 6.2)).clip(0.45, 1.0)
    if group == "institution":
        small = small * (1 - 0.12 * np.maximum(stocks.size - 2.2, 0))
    if group == "other_corporation":
        small = small * (1 - 0.20 * np.maximum(stocks.size - 1.5, 0)).clip(0.5, 1.0)
    return np.asarray(small * np.where(stocks.market == 1, ON_KOSDAQ[group], 1.0))


def net_parts(plan: Plan, stocks: Universe, states: Activity, planted: Impulses) -> list[Array]:
    """Net ÷ volume of every leaf but 개인, in the order of `CHARACTERS`; each of shape (sessions, stocks)."""
    draws = Draws(plan.seed, range(-1, plan.sessions), plan.stocks)
    move = states.strength.clip(-3.0, 3.0)
    burst = np.exp(BURST * draws.normal("flow-burst") - BURST**2)
    fresh = {one.leaf: _fresh(draws, one) for one in CHARACTERS}
    against = {
        "foreign": sum(one.sd * _weight(one) * fresh[one.leaf] for one in CHARACTERS if one.leaf in INSTITUTIONS),
        "institution": next(one.sd * _weight(one) * fresh[FOREIGN] for one in CHARACTERS if one.leaf == FOREIGN),
    }
    whole = sum(one.sd for one in CHARACTERS if one.leaf in INSTITUTIONS)
    norm = np.sqrt(sum((one.sd * _weight(one)) ** 2 for one in CHARACTERS if one.leaf in INSTITUTIONS))
    crowd = np.asarray(against["foreign"]) / norm
    crowded = np.exp(-CROWD * np.maximum(states.busy - 1.0, 0.0))
    found = []
    for one in CHARACTERS:
        group = investors.BY_ID[one.leaf].group
        lasting = autoregress(_noise(draws, one, "lasting"), one.phi)
        part = one.today * move[1:] + one.yesterday * move[:-1]
        part += _weight(one) * fresh[one.leaf][1:] + _rest(one) * np.sqrt(one.stays) * lasting[1:]
        part *= one.sd
        if one.leaf == FOREIGN:
            part += one.sd * one.against * crowd[1:] + one.sd * _mood(draws, stocks, states, one)
            part -= LEAN * np.asarray(against["foreign"])[:-1]
        elif one.leaf in INSTITUTIONS:
            share = one.sd / whole
            part += (
                one.sd * _mood(draws, stocks, states, one) * 1.4
                - LEAN * share * np.asarray(against["institution"])[:-1]
            )
            part *= burst[1:]
        elif group == "other_corporation":
            part += one.sd * _mood(draws, stocks, states, one)
        found.append(part * boldness(stocks, group) * crowded)
    _plant(found, stocks, planted)
    return found


def gross_parts(plan: Plan, stocks: Universe, rows: slice) -> Array:
    """Usual part of all trading that each leaf but 개인 does; shape (rows, stocks, leaves of `CHARACTERS`)."""
    days = range(plan.sessions)[rows]
    draws = Draws(plan.seed, days, plan.stocks)
    small = ((stocks.ln_cap - 5.0) / 6.0).clip(0.0, 1.0)
    less = np.where(stocks.market == 0, 0.25 + 0.75 * small, 0.55 + 0.45 * small)
    found = np.empty((len(days), plan.stocks, len(CHARACTERS)))
    for at, one in enumerate(CHARACTERS):
        usual = np.where(stocks.market == 0, one.gross[0], one.gross[1]) * less
        found[:, :, at] = usual * np.exp(0.25 * draws.normal(f"gross-{one.leaf}"))
    return found


def _rest(one: Character) -> float:
    return float(np.sqrt(max(1 - one.today**2 - one.yesterday**2 - one.against**2, 0.05)))


def _weight(one: Character) -> float:
    return float(_rest(one) * np.sqrt(1 - one.stays))


def _noise(draws: Draws, one: Character, what: str) -> Array:
    purpose = f"flow-{what}-{one.leaf}"
    return draws.student(purpose, one.tail) if one.tail else draws.normal(purpose)


def _fresh(draws: Draws, one: Character) -> Array:
    return _noise(draws, one, "fresh")


def _mood(draws: Draws, stocks: Universe, states: Activity, one: Character) -> Array:
    """What a leaf does everywhere at once, by session and stock, in its own standard deviations."""
    group = investors.BY_ID[one.leaf].group
    own = _factor(draws, "foreign" if one.leaf == FOREIGN else one.leaf, LASTING[group])
    foreign = _factor(draws, "foreign", LASTING["foreign"])
    loading = (0.09 + 0.06 * np.maximum(stocks.size - 1.2, 0)).clip(0.0, 0.24)
    found = np.empty((len(own) - 1, len(stocks.codes)))
    for at, name in enumerate(MARKETS):
        mood = MOODS[group, name]
        level = mood.today * states.market[1:, at] + mood.yesterday * states.market[:-1, at]
        factor = mood.own * own[1:, at] + COUNTER.get((one.leaf, name), 0.0) * foreign[1:, at]
        here = stocks.market == at
        found[:, here] = level[:, None] + factor[:, None] * loading[here]
    return found


def _factor(draws: Draws, group: str, lasting: float) -> Array:
    """A class factor of unit variance by day and market, of a lasting and a passing part."""
    slow = autoregress(draws.daily(f"mood-slow-{group}", len(MARKETS)), 0.92)
    fast = autoregress(draws.daily(f"mood-fast-{group}", len(MARKETS)), 0.55)
    return np.asarray(np.sqrt(lasting) * slow + np.sqrt(1 - lasting) * fast)


def _plant(found: Sequence[Array], stocks: Universe, planted: Impulses) -> None:
    """Adds what is planted: to a leaf, to a group, or to 개인, for whom the named others take the opposite."""
    place = {one.leaf: at for at, one in enumerate(CHARACTERS)}
    sds = {one.leaf: one.sd for one in CHARACTERS}
    whole = sum(sds[leaf] for leaf in INSTITUTIONS)
    bold = {group: boldness(stocks, group) for group in ON_KOSDAQ}
    for one in planted.series((*LEAVES, "foreign", "institution")):
        if one.series in ("foreign", FOREIGN):
            found[place[FOREIGN]][one.row, one.stock] += one.amount * SD_FOREIGN * bold["foreign"][one.stock]
        elif one.series == "institution":
            for leaf in INSTITUTIONS:
                part = SD_INSTITUTION * sds[leaf] / whole
                found[place[leaf]][one.row, one.stock] += one.amount * part * bold["institution"][one.stock]
        else:
            group = investors.BY_ID[one.series].group
            sd = SD_CORPORATION if group == "other_corporation" else sds[one.series]
            found[place[one.series]][one.row, one.stock] += one.amount * sd * bold[group][one.stock]
