"""종목: the stocks of a plan, what they are and how long they are listed; their codes and names are invented.

Codes begin with 8, where the exchange lists no stock, so a simulated code is never taken for a real one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sugeup.sandbox import sectors
from sugeup.sandbox.draws import Array, Draws, generator
from sugeup.sandbox.grid import MARKETS, grid
from sugeup.sandbox.plan import Plan

Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
KOSPI_SHARE = 0.34
PREFERRED_SHARE, LETTER_SHARE = 0.041, 0.0217
EOK = 100_000_000
_LETTERS = "ACDFGHJKLMNPRSTVWXYZ"


@dataclass(frozen=True, eq=False)
class Universe:
    """Arrays with one place per stock, in the order of `codes`. `market` and `sector` are places in their tables."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    names_en: tuple[str, ...]
    market: Whole
    sector: Whole
    parent: Whole
    """Place of the ordinary share of a preferred one, -1 of ordinary shares."""
    ln_cap: Array
    """Logarithm of the capitalisation at the start, in 억원."""
    size: Array
    price: Whole
    shares: Whole
    par: Whole
    sigma: Array
    turnover: Array
    """Usual share of the listed shares that is traded in a day."""
    beta: Array
    nxt: Flags
    kospi200: Flags

    @property
    def preferred(self) -> Flags:
        """True for preferred shares."""
        return self.parent >= 0

    def market_name(self, at: int) -> str:
        """KOSPI or KOSDAQ."""
        return MARKETS[int(self.market[at])]


def universe(plan: Plan) -> Universe:
    """The stocks of a plan."""
    n = plan.stocks
    draws = Draws(plan.seed, (), n)
    codes, parent = _codes(plan)
    kosdaq = draws.once_uniform("market") >= KOSPI_SHARE
    kosdaq[parent[parent >= 0]] = False
    market = _inherit(kosdaq.astype(np.int64), parent)
    sector = _inherit(_sector(draws, market), parent)
    body, tail = _even(draws, "cap"), -np.log1p(-_even_uniform(draws, "cap-tail"))
    ln_cap = np.where(market == 0, 7.2 + 1.45 * body + 1.15 * tail, 6.1 + 0.94 * body + 0.82 * tail)
    ln_cap = _bent(ln_cap, np.where(market == 0, 12.5, 10.4), np.where(market == 0, 1.08, 0.55)).clip(3.9, 15.2)
    ln_cap = np.where(parent >= 0, np.maximum(ln_cap[parent] - 3.0 + 0.4 * draws.once("preferred"), 3.9), ln_cap)
    size = ((ln_cap - 7.4) / 1.7).clip(-2.5, 4.0)
    taste = draws.once("taste")
    sigma = 0.0272 * np.exp(0.40 * (0.6 * taste + 0.8 * draws.once("sigma")) - 0.02 * size)
    usual = np.where(market == 0, 0.0030, 0.0055)
    large = np.maximum(size, 0)
    turnover = usual * np.exp(
        (1 - 0.13 * large) * (0.75 * taste + 0.66 * draws.once("turnover"))
        - 0.10 * np.maximum(size - 2, 0)
        - 0.20 * np.maximum(ln_cap - 12.0, 0)
    )
    beta = (0.85 + 0.42 * draws.once("beta") + 0.1 * size) * (sigma / 0.03) ** 0.7
    table = grid(plan.first)
    price = table.nearest(np.exp(8.9 + 1.45 * draws.once("price")).clip(150, 1_500_000), market)
    shares = np.maximum(np.floor(np.exp(ln_cap) * EOK / price).astype(np.int64), 200_000)
    par = np.array([100, 200, 500, 1_000, 5_000])[(draws.once_uniform("par") * 5).astype(np.int64)]
    ranked = np.argsort(np.argsort(-(np.log(turnover) + ln_cap)))
    in_200 = np.zeros(n, dtype=bool)
    ordinary = np.flatnonzero((market == 0) & (parent < 0))
    members = max(1, min(200, round(0.6 * len(ordinary))))
    in_200[ordinary[np.argsort(-ln_cap[ordinary], kind="stable")[:members]]] = True
    names, names_en = _names(parent, sector)
    return Universe(
        codes, names, names_en, market, sector, parent, ln_cap, size, price, shares, par, sigma, turnover, beta,
        ranked < round(0.29 * n), in_200,
    )  # fmt: skip


def _even_uniform(draws: Draws, purpose: str) -> Array:
    """Uniform draws that fill [0, 1) evenly, in random order: the largest company is large in every plan."""
    order = generator(draws.seed, f"{purpose}-order").permutation(draws.stocks)
    return np.asarray((order + draws.once_uniform(purpose)) / draws.stocks)


def _even(draws: Draws, purpose: str) -> Array:
    """Normal draws with mean 0 and spread 1 in this very sample."""
    drawn = draws.once(purpose)
    return np.asarray((drawn - drawn.mean()) / drawn.std())


def _bent(values: Array, knee: Array, slope: Array) -> Array:
    """Values above the knee grow by `slope` only."""
    return np.where(values > knee, knee + slope * (values - knee), values)


def _codes(plan: Plan) -> tuple[tuple[str, ...], Whole]:
    """Codes in order and the parent of each preferred one."""
    n = plan.stocks
    chance = generator(plan.seed, "codes")
    preferred, lettered = round(PREFERRED_SHARE * n), round(LETTER_SHARE * n)
    numbers = chance.permutation(10_000)[: n - preferred - lettered]
    ordinary = [f"8{number:04d}0" for number in numbers]
    made = chance.permutation(1_000 * len(_LETTERS))[:lettered]
    with_letter = [f"8{number % 1_000:03d}{_LETTERS[number // 1_000]}0" for number in made]
    parents = ordinary[:preferred]
    own = {code[:5] + "5": code for code in parents}
    codes = tuple(sorted([*ordinary, *with_letter, *own]))
    place = {code: at for at, code in enumerate(codes)}
    return codes, np.array([place[own[code]] if code in own else -1 for code in codes], dtype=np.int64)


def _sector(draws: Draws, market: Whole) -> Whole:
    """Place in `sectors.ALL` by Zipf's law within each market."""
    chance = draws.once_uniform("sector")
    found = np.zeros(len(market), dtype=np.int64)
    start = 0
    for at, name in enumerate(MARKETS):
        weights = np.arange(1, len(sectors.BY_MARKET[name]) + 1) ** -0.85
        edges = np.cumsum(weights) / weights.sum()
        drawn = np.minimum(np.searchsorted(edges, chance, side="right"), len(weights) - 1)
        found = np.where(market == at, start + drawn, found)
        start += len(weights)
    return found


def _inherit(own: Whole, parent: Whole) -> Whole:
    return np.where(parent >= 0, own[parent], own)


def _names(parent: Whole, sector: Whole) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Invented names: a word that says so, a word of the industry, a number; 우 for the preferred share."""
    korean: dict[int, str] = {}
    english: dict[int, str] = {}
    counts: dict[str, int] = {}
    for at in np.flatnonzero(parent < 0):
        belongs = sectors.ALL[int(sector[at])]
        number = counts[belongs.code] = counts.get(belongs.code, 0) + 1
        word, word_en = sectors.INVENTED[(number - 1) % len(sectors.INVENTED)]
        korean[int(at)] = f"{word}{belongs.word}{number:03d}"
        english[int(at)] = f"{word_en} {belongs.word_en} {number:03d}"
    for at in np.flatnonzero(parent >= 0):
        korean[int(at)] = f"{korean[int(parent[at])]}우"
        english[int(at)] = f"{english[int(parent[at])]} (1P)"
    order = range(len(parent))
    return tuple(korean[at] for at in order), tuple(english[at] for at in order)
