"""투자자 구분: who trades on the Korean market, as the exchange classifies them.

Twelve leaves are disjoint and cover the market, so their net purchases add to zero. Two sums are stored as well,
because some sources publish nothing else: `foreign` 외국인합계 and `institution` 기관계 (eight leaves with 국가).
Classification: KRX 투자자 구분 코드 1000 to 9001.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Investor:
    """One investor class: `id` in columns and answers, `korean` on screens, `krx` the exchange's code (not of sums)."""

    id: str
    korean: str
    english: str
    krx: int | None
    group: str


LEAVES: tuple[Investor, ...] = (
    Investor("individual", "개인", "individuals", 8000, "individual"),
    Investor("foreign_registered", "외국인", "registered foreigners", 9000, "foreign"),
    Investor("foreign_other", "기타외국인", "other foreigners", 9001, "foreign"),
    Investor("financial_investment", "금융투자", "securities firms", 1000, "institution"),
    Investor("insurance", "보험", "insurers", 2000, "institution"),
    Investor("investment_trust", "투신", "investment trusts", 3000, "institution"),
    Investor("private_fund", "사모", "private funds", 3100, "institution"),
    Investor("bank", "은행", "banks", 4000, "institution"),
    Investor("other_financial", "기타금융", "other financial firms", 5000, "institution"),
    Investor("pension_fund", "연기금등", "pension funds", 6000, "institution"),
    Investor("government", "국가·지자체", "national and local government", 7000, "institution"),
    Investor("other_corporation", "기타법인", "other corporations", 7100, "other_corporation"),
)
SUMS: tuple[Investor, ...] = (
    Investor("foreign", "외국인합계", "foreigners", None, "foreign"),
    Investor("institution", "기관계", "institutions", None, "institution"),
)
ALL: tuple[Investor, ...] = LEAVES + SUMS
BY_ID: dict[str, Investor] = {investor.id: investor for investor in ALL}

GROUPS: tuple[str, ...] = ("individual", "foreign", "institution", "other_corporation")
"""The four disjoint groups of the closure identity, in the order of Korean screens."""

SIDES: tuple[str, ...] = ("buy", "sell", "net")
MEASURES: tuple[str, ...] = ("amount", "volume")


def members(group: str) -> tuple[str, ...]:
    """Ids of the leaves inside one of the four groups, e.g. the eight leaves of `institution`."""
    return tuple(leaf.id for leaf in LEAVES if leaf.group == group)


def korean(investor: str) -> str:
    """Korean label of an investor id."""
    return BY_ID[investor].korean


def column(investor: str, side: str, measure: str) -> str:
    """Column of the wide row: `foreign`, `net`, `amount` -> `foreign_net_amount`."""
    return f"{investor}_{side}_{measure}"
