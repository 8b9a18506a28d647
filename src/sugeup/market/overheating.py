"""공매도 과열종목: the exchange's rule for stocks whose short selling is barred the next session, as dated rows.

The exchange designates after the close. A row holds for the sessions on which the rule was applied; the ban follows the
session after. Before 2017-09-25 the rule counted the growth of the short share, which no row here describes.

The floor of TYPE1 is not a number but a rule: `QUARTER_TIMES` times the short share of the previous quarter, the share
rounded to whole percent first, at most `QUARTER_CAP`; the quarter's share is that of the index constituents (KOSPI200
for KOSPI, KOSDAQ150 for KOSDAQ and KONEX). Checked against the floors of 2017: 6.0% gave 18%, 4.8% gave 15%; rounding
before multiplying: https://m.etoday.co.kr/view.php?idxno=1579039.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MARKETS = ("KOSPI", "KOSDAQ", "KONEX")
TYPES = ("TYPE1", "TYPE2", "TYPE3", "TYPE4")

QUARTER_TIMES = 3
QUARTER_CAP = 20.0
"""Percent of turnover, in every row of the table."""

LEAST_DAYS = 20
"""A stock that traded on fewer of the last 40 sessions is not designated (note 1 of the exchange's page)."""


@dataclass(frozen=True)
class Condition:
    """One way to be designated as `type`, for stocks of `markets`. Everything given must hold; None is not asked.

    `multiple`: short value ÷ its mean over the 40 sessions before, at least. Percent: `fall`, the day's return is at
    most -fall; `fall_below`, and above -fall_below; `share`, short value ÷ turnover of the day at least; `mean_share`,
    the same over 40 sessions. `quarter`: the day's share is at least the floor of the quarter.
    """

    type: str
    markets: tuple[str, ...]
    multiple: float
    fall: float | None = None
    fall_below: float | None = None
    share: float | None = None
    mean_share: float | None = None
    quarter: bool = False


@dataclass(frozen=True)
class Rule:
    """The conditions in force from `valid_from` to `valid_to` (None: still), highest priority first.

    `extension`: a fall of so many percent on a banned session prolongs the ban, whatever the types say; they apply
    again when it is not prolonged (note 4 of the exchange's page). None: there is no such clause.
    """

    valid_from: date
    valid_to: date | None
    conditions: tuple[Condition, ...]
    extension: float | None
    evidence: str


_OTHERS = ("KOSDAQ", "KONEX")
_PAGE = "https://data.krx.co.kr/contents/MMC/SRTS/srts/MMCSRTS008.cmd (page of 2024-05-04)"
_REVISION_2017 = "https://asiatoday.co.kr//kn/view.php?key=20170921010010633"
_EMERGENCY_2020 = (
    "https://m.wowtv.co.kr/NewsCenter/News/Read?articleId=A202003100351, first applied that evening; "
    "that TYPE1 kept its share and TYPE3 its multiple is not confirmed"
)
_REVISION_2022 = "https://m.sedaily.com/NewsView/26CETBEWP2"
_REOPENING_2025 = (
    "https://www.fsc.go.kr/eng/pr010101/84220 for the period; figures from 이데일리, 2025-05-01, "
    "'공매도 과열 종목 지정 기준 완화', after a table of the FSC"
)


def _falls(kospi: float, others: float) -> tuple[Condition, ...]:
    """TYPE1 and TYPE2 with the multiples of the markets."""
    return tuple(
        condition
        for markets, multiple in ((("KOSPI",), kospi), (_OTHERS, others))
        for condition in (
            Condition("TYPE1", markets, multiple, fall=5, fall_below=10, quarter=True),
            Condition("TYPE2", markets, multiple, fall=10),
        )
    )


def _habitual(multiple: float) -> Condition:
    return Condition("TYPE3", ("KOSDAQ",), multiple, mean_share=5)


def _heavy(share: float) -> Condition:
    return Condition("TYPE4", MARKETS, 2, fall=3, share=share)


_CRASH_2020 = (Condition("TYPE2", ("KOSPI",), 2, fall=20), Condition("TYPE2", _OTHERS, 1.5, fall=20))
_BEFORE_2022 = (*_falls(6, 5), _habitual(5))

RULES: tuple[Rule, ...] = (
    Rule(date(2017, 9, 25), date(2020, 3, 9), _BEFORE_2022, None, _REVISION_2017),
    Rule(date(2020, 3, 10), date(2020, 3, 15), (*_falls(3, 2), *_CRASH_2020, _habitual(5)), None, _EMERGENCY_2020),
    Rule(date(2020, 3, 16), date(2022, 10, 23), _BEFORE_2022, None, _REVISION_2017),
    Rule(date(2022, 10, 24), date(2025, 3, 30), (*_falls(6, 5), _habitual(5), _heavy(30)), 5, _REVISION_2022),
    Rule(date(2025, 3, 31), date(2025, 4, 30), (*_falls(6, 5), _habitual(3), _heavy(20)), 5, _REOPENING_2025),
    Rule(date(2025, 5, 1), date(2025, 5, 31), (*_falls(6, 5), _habitual(4), _heavy(25)), 5, _REOPENING_2025),
    Rule(date(2025, 6, 1), None, (*_falls(6, 5), _habitual(5), _heavy(30)), 5, _PAGE),
)

STANDING: Rule = RULES[-1]
"""The rule without temporary changes, in force now."""

BANS: tuple[tuple[date, date, str], ...] = (
    (date(2020, 3, 16), date(2021, 5, 2), "note 3 of " + _PAGE),
    (date(2023, 11, 6), date(2025, 3, 30), "FSC decisions; that the windows skip it is taken over from the ban before"),
)
"""전면 금지: first day, last day, evidence. The 40 sessions and the quarter are counted as if these did not exist."""


def on(day: date) -> Rule | None:
    """The rule applied after the close of a day; None before 2017-09-25, for which no row is kept."""
    rows = (rule for rule in RULES if rule.valid_from <= day and (rule.valid_to is None or day <= rule.valid_to))
    return next(rows, None)


def banned(day: date) -> bool:
    """Whether all short selling was forbidden on a day; such sessions are left out of the 40 and of the quarter."""
    return any(first <= day <= last for first, last, _ in BANS)
