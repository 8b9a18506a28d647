"""공매도 과열: the dated rule of the exchange."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from sugeup.market import overheating
from sugeup.market.overheating import Condition


def conditions(day: date, kind: str, market: str) -> list[Condition]:
    rule = overheating.on(day)
    assert rule is not None
    return [one for one in rule.conditions if one.type == kind and market in one.markets]


def test_every_day_since_the_revision_of_2017_has_one_rule() -> None:
    """A hole between two rows would leave a day without any designation."""
    for before, after in pairwise(overheating.RULES):
        assert before.valid_to is not None
        assert after.valid_from == before.valid_to + timedelta(1)
    assert overheating.RULES[-1].valid_to is None
    assert overheating.on(date(2017, 9, 24)) is None
    for rule in overheating.RULES:
        assert rule is overheating.on(rule.valid_from)
        assert rule.valid_to is None or rule is overheating.on(rule.valid_to)
        assert rule.evidence


def test_the_standing_rule_is_that_of_2022_without_the_temporary_figures() -> None:
    assert overheating.STANDING.conditions == overheating.RULES[3].conditions
    assert overheating.STANDING is overheating.on(date(2026, 1, 2))


@pytest.mark.parametrize(
    ("day", "share", "multiple"),
    [
        (date(2025, 3, 28), 30, 5),
        (date(2025, 3, 31), 20, 3),
        (date(2025, 4, 30), 20, 3),
        (date(2025, 5, 2), 25, 4),
        (date(2025, 5, 30), 25, 4),
        (date(2025, 6, 2), 30, 5),
    ],
)
def test_the_reopening_of_2025_was_stricter_in_two_steps(day: date, share: float, multiple: float) -> None:
    for market in overheating.MARKETS:
        assert [share] == [one.share for one in conditions(day, "TYPE4", market)]
    assert [multiple] == [one.multiple for one in conditions(day, "TYPE3", "KOSDAQ")]


def test_four_days_of_march_2020_had_half_the_multiples() -> None:
    for day, kospi, kosdaq in ((date(2020, 3, 9), [6], [5]), (date(2020, 3, 10), [3, 2], [2, 1.5])):
        assert kospi == [one.multiple for one in conditions(day, "TYPE2", "KOSPI")]
        assert kosdaq == [one.multiple for one in conditions(day, "TYPE2", "KOSDAQ")]
    assert [10, 20] == [one.fall for one in conditions(date(2020, 3, 13), "TYPE2", "KONEX")]
    assert [6] == [one.multiple for one in conditions(date(2021, 5, 3), "TYPE2", "KOSPI")]


def test_heavy_shares_and_extensions_came_in_october_2022() -> None:
    before, after = overheating.on(date(2022, 10, 21)), overheating.on(date(2022, 10, 24))
    assert before and after
    assert {"TYPE1", "TYPE2", "TYPE3"} == {one.type for one in before.conditions}
    assert {"TYPE1", "TYPE2", "TYPE3", "TYPE4"} == {one.type for one in after.conditions}
    assert (None, 5) == (before.extension, after.extension)


def test_higher_types_come_first_and_konex_has_no_third() -> None:
    for rule in overheating.RULES:
        for market in overheating.MARKETS:
            order = [overheating.TYPES.index(one.type) for one in rule.conditions if market in one.markets]
            assert sorted(order) == order
            assert ("KOSDAQ" == market) == (2 in order)


def test_sessions_of_a_full_ban_do_not_count() -> None:
    days = {
        date(2020, 3, 13): False,
        date(2020, 3, 16): True,
        date(2021, 5, 2): True,
        date(2021, 5, 3): False,
        date(2023, 11, 3): False,
        date(2023, 11, 6): True,
        date(2025, 3, 28): True,
        date(2025, 3, 31): False,
    }
    assert days == {day: overheating.banned(day) for day in days}
