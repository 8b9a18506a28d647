"""Signals against labels: what is true, what is found, what is false, and what chance alone would find."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from sugeup.research import detection, rules
from sugeup.research.detection import Event, Tally
from sugeup.research.detectors import Found
from sugeup.research.rules import Rule
from tests.support.archives import days

CODES = tuple(f"{at:06d}" for at in range(50))
SESSIONS = 200
RULE = Rule("FOREIGN_SURGE", "BUY", ("foreign_surge",), ("accumulation",), after=4, sign=1, tests=True)


def event(code: int, first: int, kind: str = "foreign_surge", *, length: int = 3, **about: bool) -> Event:
    return Event(f"E{code}", kind, (CODES[code],), first, first + length - 1, 1, about.get("decoy", False))


def found(*signals: tuple[int, int]) -> Found:
    fired = np.zeros((len(CODES), SESSIONS), bool)
    for row, at in signals:
        fired[row, at] = True
    return Found("FOREIGN_SURGE", "BUY", fired, np.ones(fired.shape, bool), np.full(fired.shape, np.nan))


def counted(signals: Found, *planted: Event) -> Tally:
    return detection.tally(signals, RULE, planted, CODES)


def test_a_perfect_detector_has_precision_and_recall_of_one_and_no_false_discovery() -> None:
    planted = [event(row, 20 + 3 * row) for row in range(20)]
    told = detection.told(counted(found(*((row, 20 + 3 * row) for row in range(20))), *planted))
    assert 1.0 == told["precision"]["value"] == told["recall"]["value"]
    assert 0.0 == told["false_discoveries"]["value"] == told["daily_fdr"] and 0.0 == told["delay"]["median"]


def test_a_signal_shortly_after_an_event_is_right_and_a_later_one_is_not() -> None:
    soon = counted(found((3, 46)), event(3, 40))
    assert (1, 1, 1) == (soon.alarms, soon.true, soon.found.total())
    late = counted(found((3, 47)), event(3, 40))
    assert (1, 0, 0) == (late.alarms, late.true, late.found.total())


def test_a_signal_before_the_event_begins_is_a_false_alarm() -> None:
    early = counted(found((3, 39)), event(3, 40))
    assert (1, 0, 0, 1) == (early.alarms, early.true, early.found.total(), early.events.total())


def test_signals_of_one_run_are_one_alarm_and_a_pause_makes_two() -> None:
    assert 1 == counted(found((3, 40), (3, 41), (3, 46))).alarms
    assert 2 == counted(found((3, 40), (3, 41), (3, 47))).alarms


def test_an_event_that_the_signal_also_tells_of_is_true_but_is_not_counted_for_recall() -> None:
    told = counted(found((3, 41)), event(3, 40, "accumulation"))
    assert (1, 1, 0) == (told.alarms, told.true, told.events.total())


def test_a_decoy_is_never_true_and_counts_as_fooled() -> None:
    told = counted(found((3, 41)), event(3, 40, decoy=True))
    assert (1, 0, 1, 1) == (told.alarms, told.true, told.decoys, told.fooled)


def test_an_event_on_the_other_side_is_no_target() -> None:
    other = Event("E", "foreign_surge", (CODES[3],), 40, 42, -1, False)
    told = counted(found((3, 41)), other)
    assert (0, 0) == (told.true, told.events.total())


def test_events_where_the_detector_could_not_judge_are_left_out() -> None:
    signals = found()
    blind = Found(signals.kind, "BUY", signals.fired, np.zeros(signals.fired.shape, bool), signals.strength)
    told = counted(blind, event(3, 40))
    assert (0, 0) == (told.events.total(), told.cells) and None is detection.told(told)["recall"]["value"]


def test_the_daily_rate_is_the_mean_over_sessions_of_the_false_share() -> None:
    told = counted(found((3, 41), (4, 41), (5, 90)), event(3, 40))
    assert (2, 1.5, SESSIONS) == (told.discoveries, told.false_share, told.days)
    assert pytest.approx(1.5 / SESSIONS) == detection.told(told)["daily_fdr"]


def test_counts_add_up_over_markets() -> None:
    one = counted(found((3, 41)), event(3, 40))
    both = one + one
    assert (2, 2, {"foreign_surge": 2}, [1, 1]) == (both.alarms, both.true, dict(both.found), both.delays)


def test_stretches_without_labels_count_false_alarms() -> None:
    told = counted(found((3, 199)), event(4, 150))
    assert (3 * len(CODES) - 1, 1) == (told.windows, told.struck)


def test_labels_dealt_out_at_random_keep_their_kinds_and_are_hardly_found() -> None:
    planted = [event(row, 20 + 3 * row) for row in range(40)]
    signals = found(*((row, 20 + 3 * row) for row in range(40)))
    moved = detection.shuffled(planted, CODES, SESSIONS, seed=1)
    assert [one.kind for one in planted] == [one.kind for one in moved]
    assert 40 == counted(signals, *planted).found.total() and 6 >= counted(signals, *moved).found.total()


def test_labels_become_places_and_those_outside_are_left_out() -> None:
    history = days(30)
    labels = pl.DataFrame(
        {
            "event_id": ["E1", "E2"],
            "kind": ["foreign_surge", "foreign_surge"],
            "codes": [[CODES[0]], [CODES[1]]],
            "first": [history[3], history[0] - timedelta(days=400)],
            "last": [history[5], history[0] - timedelta(days=398)],
            "amplitude": [-1.0, 1.0],
            "decoy": [False, False],
        }
    )
    assert (Event("E1", "foreign_surge", (CODES[0],), 3, 5, -1, False),) == detection.events(labels, history)


def test_every_rule_names_planted_kinds_and_no_kind_twice() -> None:
    planted = {*rules.SINGLE, "sector_rotation", "window_dressing"}
    assert all({*rule.targets, *rule.also} <= planted for rule in rules.RULES)
    assert len(rules.RULES) == len({(rule.kind, rule.direction) for rule in rules.RULES})
    aimed = {kind for rule in rules.RULES if rule.kind != "ANOMALY" for kind in rule.targets}
    assert planted - aimed == set(rules.UNWATCHED)
