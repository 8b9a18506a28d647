"""투자자의 성격: how each leaf trades, as figures. Flows are fractions of the stock's volume; 개인 takes what is left.

`sd` is the standard deviation of net ÷ volume in a large stock; `stays` the part of it that persists with `phi`;
`today` and `yesterday` the correlation with the stock's own move; `against` the weight of the institutions' fresh noise
in the stock, which foreigners take the other side of; `tail` the degrees of freedom of its noise (0: normal).
`gross` is the usual part of all that is bought and sold, in a large stock of KOSPI and of KOSDAQ.
"""

from __future__ import annotations

from dataclasses import dataclass

from sugeup.sandbox.views import LEAVES


@dataclass(frozen=True)
class Character:
    """One leaf's habits."""

    leaf: str
    sd: float
    stays: float
    phi: float
    today: float
    yesterday: float
    against: float
    tail: float
    gross: tuple[float, float]

    @property
    def place(self) -> int:
        """Place of the leaf in arrays of leaves."""
        return LEAVES.index(self.leaf)


FOREIGN = "foreign_registered"
CHARACTERS: tuple[Character, ...] = (
    Character(FOREIGN, 0.168, 0.37, 0.87, 0.47, -0.33, -0.48, 0, (0.385, 0.360)),
    Character("foreign_other", 0.004, 0.10, 0.70, 0.0, 0.0, 0.0, 4.0, (0.004, 0.004)),
    Character("financial_investment", 0.082, 0.34, 0.70, 0.46, 0.18, 0.0, 0, (0.075, 0.036)),
    Character("insurance", 0.022, 0.34, 0.80, 0.16, 0.08, 0.0, 0, (0.006, 0.004)),
    Character("investment_trust", 0.074, 0.48, 0.80, 0.48, 0.20, 0.0, 0, (0.042, 0.028)),
    Character("private_fund", 0.044, 0.42, 0.80, 0.41, 0.16, 0.0, 0, (0.018, 0.018)),
    Character("bank", 0.005, 0.20, 0.70, 0.0, 0.0, 0.0, 3.0, (0.003, 0.002)),
    Character("other_financial", 0.004, 0.20, 0.70, 0.0, 0.0, 0.0, 3.0, (0.002, 0.001)),
    Character("pension_fund", 0.050, 0.50, 0.84, 0.25, 0.09, 0.0, 0, (0.105, 0.030)),
    Character("government", 0.004, 0.20, 0.70, 0.0, 0.0, 0.0, 3.0, (0.003, 0.001)),
    Character("other_corporation", 0.026, 0.14, 0.83, 0.0, -0.01, 0.0, 2.5, (0.0063, 0.0062)),
)
"""Every leaf but 개인."""

INSTITUTIONS = ("financial_investment", "investment_trust", "private_fund", "insurance", "pension_fund")
"""Leaves that act in common when institutions do."""
SD_FOREIGN, SD_INSTITUTION, SD_INDIVIDUAL, SD_CORPORATION = 0.150, 0.138, 0.166, 0.021
"""Standard deviation of net ÷ volume of a group in a large stock."""


@dataclass(frozen=True)
class Mood:
    """How one group answers the whole market: to today's move, to yesterday's, and by a class factor of each leaf."""

    today: float
    yesterday: float
    own: float


MOODS: dict[tuple[str, str], Mood] = {
    ("foreign", "KOSPI"): Mood(0.08, 0.05, 1.1),
    ("foreign", "KOSDAQ"): Mood(0.07, -0.02, 0.35),
    ("institution", "KOSPI"): Mood(0.022, -0.010, 1.15),
    ("institution", "KOSDAQ"): Mood(0.02, -0.01, 0.8),
    ("other_corporation", "KOSPI"): Mood(-0.005, -0.01, 0.8),
    ("other_corporation", "KOSDAQ"): Mood(-0.015, -0.004, 0.5),
}
COUNTER: dict[tuple[str, str], float] = {
    ("financial_investment", "KOSPI"): -0.95,
    ("financial_investment", "KOSDAQ"): -0.15,
}
"""Weight of the foreigners' class factor in a leaf's: securities firms take the other side of foreigners in KOSPI."""
