"""`Outcome.at`: plain values for JSON, never NaN; and the checks on inputs that all metrics share."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sugeup.errors import Refused
from sugeup.metrics.dense import between, cells, floats, lines, whole
from sugeup.metrics.outcome import REASONS, Outcome, Reason, Rows, Single, codes, nothing


def two_cells(**extra: np.ndarray) -> Outcome:
    """A present cell and a null one."""
    return Outcome(np.array([1.5, np.nan]), np.array([0, Reason.HALTED], np.uint8), extra)


def test_a_cell_is_a_plain_python_value() -> None:
    assert {"value": 1.5} == two_cells().at(0)
    assert {"value": None, "reason": "HALTED"} == two_cells().at(-1)


def test_extras_come_back_in_their_own_types() -> None:
    outcome = two_cells(
        z=np.array([2.5, np.inf]),
        n=np.array([7, 3]),
        sign=np.array([-1, nothing(np.int8)], np.int8),
        ok=np.array([True, True]),
        method=np.array(["MAD", ""]),
    )
    assert {"value": 1.5, "z": 2.5, "n": 7, "sign": -1, "ok": True, "method": "MAD"} == outcome.at(0)
    empty = {"value": None, "reason": "HALTED", "z": None, "n": 3, "sign": None, "ok": None, "method": None}
    assert empty == outcome.at(1)
    assert json.loads(json.dumps(outcome.at(0), allow_nan=False)) == outcome.at(0)


def test_a_label_is_shown_by_its_word() -> None:
    outcome = Outcome(np.array([[0.0, 1.0]]), np.zeros((1, 2), np.uint8), labels=("NO", "YES"))
    assert {"value": "YES"} == outcome.at(0, -1)


def test_no_session_at_all_is_too_short_a_history() -> None:
    outcome = Outcome(np.empty((1, 0)), np.empty((1, 0), np.uint8), {"n": np.empty((1, 0), int), "t": np.empty((1, 0))})
    assert {"value": None, "reason": "INSUFFICIENT_HISTORY", "n": 0, "t": None} == outcome.at(0, -1)


def test_a_null_without_a_reason_is_still_explained() -> None:
    outcome = Outcome(np.array([np.inf]), np.zeros(1, np.uint8))
    assert {"value": None, "reason": "MISSING_INPUT"} == outcome.at(0)


def test_rows_are_a_list_or_a_reason() -> None:
    assert {"value": [1, 2]} == Rows((1, 2)).at()
    assert {"value": None, "reason": "STALE"} == Rows(None, "STALE").at()


def test_the_reason_words_keep_their_numbers() -> None:
    """Kernels in a user's cache hold these numbers: changing one would change the words of old installations."""
    known = (
        " INSUFFICIENT_HISTORY NEW_LISTING MISSING_INPUT NOT_PUBLISHED_YET ZERO_DENOMINATOR ZERO_VARIANCE HALTED "
        "CORPORATE_ACTION_GAP MIXED_SCOPE RECONCILIATION_FAILED OUT_OF_SCOPE NOT_AVAILABLE_FROM_SOURCE UNCALIBRATED "
        "NO_SKILL NO_PATTERN NOT_NET_BUYER STALE MARKET_CLOSED"
    )
    assert tuple(known.split(" ")) == REASONS[:19]


def test_the_first_rule_that_holds_gives_the_reason() -> None:
    rules = ((np.array([True, False]), Reason.HALTED), (np.array([True, True]), Reason.STALE))
    assert [Reason.HALTED, Reason.STALE] == codes((2,), *rules).tolist()


def test_infinities_and_nulls_are_missing() -> None:
    assert np.isnan(floats("x", [None, np.inf, -np.inf, np.nan])).all()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: lines(net=[1, 2], turnover=[1]), "net 2, turnover 1"),
        (lambda: lines(net=3), "net"),
        (lambda: lines(net=["a"]), "net"),
        (lambda: lines(net=np.ones((2, 3)), turnover=np.ones((4, 3))), "turnover"),
        (lambda: cells(buy=[1, 2], sell=[1, 2, 3]), "sell"),
        (lambda: whole("window", 0, 1), "window=0"),
        (lambda: whole("window", 2.5, 1), "window=2.5"),
        (lambda: whole("window", None, 1), "window=None"),
        (lambda: whole("window", True, 1), "window=True"),
        (lambda: whole("window", float("nan"), 1), "window=nan"),
        (lambda: whole("window", float("inf"), 1), "window=inf"),
        (lambda: between("conf", 1, 0, 1, open_ended=True), "conf"),
        (lambda: between("p", [0.5, 1.5], 0, 1), "1.5"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_was_received(wrong: Any, said: str) -> None:
    with pytest.raises(Refused, match=said):
        wrong()


def test_market_turnover_may_stand_beside_many_investors() -> None:
    shape, (net, turnover) = lines(net=np.ones((3, 4)), turnover=np.arange(4.0))
    assert (3, 4) == shape
    assert [[0, 1, 2, 3]] * 3 == turnover.tolist()
    assert net.flags.c_contiguous and net.flags.writeable


def test_read_only_input_is_left_alone() -> None:
    given = np.arange(4.0)
    given.flags.writeable = False
    _, (taken,) = lines(net=given)
    assert taken.flags.writeable and not np.shares_memory(taken, given)


def test_a_value_that_stands_without_one_of_its_parts_says_why() -> None:
    reason = np.array([0, Reason.MISSING_INPUT], dtype=np.uint8)
    outcome = Outcome(np.array([1.0, 2.0]), reason, {"part": np.array([5.0, np.nan])})
    assert {"value": 1.0, "part": 5.0} == outcome.at(0)
    assert {"value": 2.0, "reason": "MISSING_INPUT", "part": None} == outcome.at(1)


def test_labels_keep_their_kind() -> None:
    """A yes must reach JSON as true, not as 1.0 and not as text."""
    cells = np.array([1.0, 0.0, np.nan])
    reason = np.array([0, 0, Reason.NO_PATTERN], dtype=np.uint8)
    assert [True, False, None] == [Outcome(cells, reason, {}, (False, True)).at(place)["value"] for place in range(3)]


def test_one_answer_of_named_parts_is_told_like_the_others() -> None:
    assert {"value": {"a": 1}, "n": 3} == Single({"a": 1}, extra={"n": 3}).at()
    assert {"value": None, "reason": "MISSING_INPUT"} == Single(None, Reason.MISSING_INPUT.name).at()
