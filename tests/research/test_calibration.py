"""A strength becomes a probability only when past signals of the kind proved it, out of sample."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import statistics
from sugeup.research import calibration, leakage, walkforward
from sugeup.research.figures import Floats

START = date(2024, 1, 2)


def dated(n: int, step: int = 1) -> tuple[list[date], list[date]]:
    told = [START + timedelta(days=step * at) for at in range(n)]
    return told, [day + timedelta(days=7) for day in told]


def drawn(n: int, seed: int, strongest: float) -> tuple[Floats, Floats]:
    """Strengths 0-100 and outcomes whose chance rises from 0.3 to `strongest` with them."""
    chance = np.random.default_rng(seed)
    score = chance.uniform(0, 100, n)
    return score, (chance.uniform(size=n) < 0.3 + (strongest - 0.3) * score / 100).astype(np.float64)


def test_strengths_that_mean_something_are_accepted_and_read_from_the_map() -> None:
    score, outcome = drawn(900, 1, 0.9)
    found = calibration.fit("FOREIGN_SURGE", list(score), list(outcome), *dated(900))
    assert (None, 900, True) == (found.refused, found.n, found.brier_skill is not None and found.brier_skill > 0.05)
    weak, strong = found.confidence(5.0), found.confidence(95.0)
    assert weak is not None and strong is not None and weak < 0.45 < 0.75 < strong
    assert strong == statistics.isotonic(score, outcome, 95.0).value
    assert None is found.confidence(None) is found.confidence(float("nan"))


def test_strengths_that_mean_nothing_are_refused_with_the_skill() -> None:
    score, outcome = drawn(900, 2, 0.3)
    found = calibration.fit("FOREIGN_SURGE", list(score), list(outcome), *dated(900))
    assert found.brier_skill is not None and found.brier_skill <= 0
    assert found.refused is not None and "skill" in found.refused and None is found.confidence(95.0)


def test_fewer_than_two_hundred_decided_signals_are_never_enough() -> None:
    score, outcome = drawn(199, 3, 1.0)
    found = calibration.fit("FOREIGN_SURGE", list(score), list(outcome), *dated(199))
    assert found.refused == "199 decided signals of this kind, needed: 200" and None is found.confidence(95.0)


def test_probabilities_that_are_off_on_average_are_refused() -> None:
    told, known = dated(800)
    score, outcome = drawn(800, 4, 0.9)
    late = np.arange(800) >= 400
    outcome[late] = (score[late] > 30).astype(np.float64)
    found = calibration.fit("FOREIGN_SURGE", list(score), list(outcome), told, known)
    assert found.apart is not None and found.apart < -0.05 and "off by" in (found.refused or "")


def test_signals_without_score_or_outcome_are_left_out_and_no_signals_are_no_map() -> None:
    score, outcome = drawn(300, 5, 0.9)
    told, known = dated(302)
    whole = calibration.fit("X", [*score, None, 50.0], [*outcome, 1.0, None], told, known)
    assert 300 == whole.n
    empty = calibration.fit("X", [], [], [], [])
    assert (0, None, None) == (empty.n, empty.base_rate, empty.confidence(50.0))


def test_a_stored_row_gives_the_same_confidence() -> None:
    score, outcome = drawn(600, 6, 0.9)
    found = calibration.fit("FOREIGN_SURGE", list(score), list(outcome), *dated(600))
    again = calibration.of_row(calibration.row(found))
    assert found == again and found.confidence(77.0) == again.confidence(77.0)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), strongest=st.floats(0.3, 1.0))
def test_a_larger_strength_never_has_a_smaller_probability(seed: int, strongest: float) -> None:
    score, outcome = drawn(400, seed, strongest)
    found = calibration.fit("X", list(score), list(outcome), *dated(400))
    read = np.interp(np.linspace(-10, 110, 50), found.scores, found.probabilities)
    assert (np.diff(read) >= 0).all() and 0 <= read.min() and read.max() <= 1


def test_outcomes_dealt_out_at_random_have_no_skill_and_are_refused() -> None:
    score, outcome = drawn(500, 7, 0.9)
    told, known = dated(500)
    chance = np.random.default_rng(1)
    shuffled = (calibration.fit("X", list(score), list(chance.permutation(outcome)), told, known) for _ in range(20))
    assert 0.0 > np.mean([one.brier_skill or 0.0 for one in shuffled])
    assert 0.0 == leakage.accepted_by_chance(score, outcome, told, known, times=20, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "a_day"), [(500, 1), (900, 6)])
def test_of_a_hundred_shuffles_at_most_one_is_accepted_and_the_truth_is(n: int, a_day: int) -> None:
    """With one signal a session and with six, whose outcomes then count as one block."""
    score, outcome = drawn(n, 7, 0.95)
    told = [START + timedelta(days=at // a_day) for at in range(n)]
    known = [day + timedelta(days=7) for day in told]
    assert 0.01 >= leakage.accepted_by_chance(score, outcome, told, known, times=100, seed=2)
    truth = calibration.fit("X", list(score), list(outcome), told, known)
    assert truth.refused is None and truth.skill_low is not None and truth.brier_skill is not None
    assert 0 < truth.skill_low < truth.brier_skill


def test_skill_that_may_be_chance_is_refused_with_its_lower_bound() -> None:
    score, outcome = drawn(500, 12, 0.55)
    found = calibration.fit("X", list(score), list(outcome), *dated(500))
    hopeful = replace(found, brier_skill=0.01, skill_low=-0.004, apart=0.0)
    assert "skill may be chance: Brier skill 0.0100, lower bound -0.0040" == hopeful.refused
    assert None is hopeful.confidence(95.0) is replace(hopeful, skill_low=None).confidence(95.0)
    assert replace(hopeful, skill_low=0.001).refused is None


def test_the_bound_needs_twenty_sessions_and_counts_signals_of_one_session_as_one() -> None:
    chance = np.random.default_rng(3)
    happened = (chance.uniform(size=400) < 0.5).astype(np.float64)
    said = np.where(happened > 0, 0.55, 0.45)
    day = [START + timedelta(days=at) for at in range(400)]
    assert None is calibration.lower_bound(said[:19], happened[:19], day[:19], 5)
    assert None is calibration.lower_bound(said, happened, [day[at // 40] for at in range(400)], 5)
    alone = calibration.lower_bound(said, happened, day, 5)
    assert alone is not None and 0 < alone
    mixed = np.where(chance.uniform(size=400) < 0.7, said, 1 - said)
    once, repeated = (calibration.lower_bound(np.repeat(mixed, k), np.repeat(happened, k), np.repeat(day, k), 5)
                      for k in (1, 7))  # fmt: skip
    assert once is not None and once == pytest.approx(repeated)


def test_a_month_learns_from_what_was_known_before_it_and_from_nothing_else() -> None:
    told, known = dated(120)
    for fold in walkforward.folds(told, known):
        first = date.fromisoformat(f"{fold.month}-01")
        assert all(known[at] < first for at in fold.train) and all(told[at] >= first for at in fold.test)
        assert {at for at, day in enumerate(known) if day < first} == set(fold.train.tolist())


def test_a_later_outcome_changes_no_earlier_prediction() -> None:
    told, known = dated(700)
    score, outcome = drawn(700, 8, 0.9)
    before = walkforward.predictions(score, outcome, told, known)
    outcome[500:] = 1 - outcome[500:]
    after = walkforward.predictions(score, outcome, told, known)
    same = np.array([day <= known[500] for day in told])
    assert np.isfinite(before[same]).sum() > 100
    np.testing.assert_array_equal(before[same], after[same])


def test_an_outcome_before_its_signal_is_refused() -> None:
    with pytest.raises(Refused, match="on or after"):
        list(walkforward.folds([START], [START - timedelta(days=1)]))


def test_the_reliability_table_counts_every_prediction_once() -> None:
    said = np.array([0.05, 0.15, 0.15, 0.95, 1.0])
    table = calibration.reliability(said, np.array([0.0, 0.0, 1.0, 1.0, 1.0]))
    assert [1, 2, 2] == [row["n"] for row in table] and 0.5 == table[1]["value"] and 1.0 == table[2]["value"]
