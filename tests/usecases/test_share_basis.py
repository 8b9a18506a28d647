"""The share basis: known splits are undone, unknown ones are told, and nothing else moves a share count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sugeup.usecases import share_basis
from tests.support.archives import days, open_archive, rows

SESSIONS = days(5)
CODE = "005930"


def basis(tmp_path: Path, actions: list[dict[str, Any]], base: list[int | None], close: list[int]) -> Any:
    archive = open_archive(tmp_path)
    if actions:
        archive.fill("corporate_actions", rows("corporate_actions", [{"code": CODE} | one for one in actions]))
    bars = rows(
        "daily_bars",
        [
            {"code": CODE, "session": day, "raw_close": price, "base_price": start}
            for day, price, start in zip(SESSIONS, close, base, strict=True)
        ],
    )
    return share_basis.load(archive, CODE, SESSIONS, bars)


def test_shares_before_a_split_are_brought_to_the_scale_after_it(tmp_path: Path) -> None:
    split = {"effective_session": SESSIONS[3], "kind": "SPLIT", "share_factor": 5.0}
    found = basis(tmp_path, [split], [100, 100, 100, 20, 20], [100, 100, 100, 20, 20])
    assert [500, 500, 500, 100, 100] == found.latest(np.full(5, 100.0)).value.tolist()
    assert [20, 20, 20, 20, 20] == found.prices(np.array([100.0, 100, 100, 20, 20])).tolist()
    assert ((), (SESSIONS[3],)) == (found.gaps, found.changed)


def test_a_base_price_that_jumps_without_a_stored_factor_is_a_gap(tmp_path: Path) -> None:
    found = basis(tmp_path, [], [100, 100, 50, 50, 50], [100, 100, 50, 50, 50])
    outcome = found.latest(np.full(5, 100.0))
    assert (SESSIONS[2],) == found.gaps
    assert "CORPORATE_ACTION_GAP" == outcome.at(1)["reason"]
    assert 100 == outcome.at(2)["value"]


@pytest.mark.parametrize(("kind", "gaps"), [("DIVIDEND", 0), ("RIGHTS", 1), ("OTHER", 1)])
def test_an_action_without_a_factor_is_a_gap_unless_it_leaves_shares_alone(
    tmp_path: Path, kind: str, gaps: int
) -> None:
    action = {"effective_session": SESSIONS[2], "kind": kind, "share_factor": None}
    assert gaps == len(basis(tmp_path, [action], [100, 100, 90, 90, 90], [100, 100, 90, 90, 90]).gaps)


def test_a_rounded_base_price_and_one_that_is_missing_are_no_gap(tmp_path: Path) -> None:
    assert () == basis(tmp_path, [], [1000, 1003, None, 1000, 999], [1000, 1000, 1000, 1000, 1000]).gaps


def test_actions_outside_the_sessions_change_nothing(tmp_path: Path) -> None:
    outside = [
        {"effective_session": days(30)[0], "kind": "SPLIT", "share_factor": 50.0},
        {"effective_session": SESSIONS[0], "kind": "SPLIT", "share_factor": 2.0},
    ]
    found = basis(tmp_path, outside, [10] * 5, [10] * 5)
    assert [7.0] * 5 == found.latest(np.full(5, 7.0)).value.tolist()


@pytest.mark.parametrize(("base", "gaps"), [(125, 0), (50, 1)])
def test_a_move_over_sessions_that_are_not_stored_is_a_gap_only_beyond_the_price_limit(
    tmp_path: Path, base: int, gaps: int
) -> None:
    bars = rows(
        "daily_bars",
        [
            {"code": CODE, "session": SESSIONS[0], "raw_close": 100, "base_price": 100},
            {"code": CODE, "session": SESSIONS[2], "raw_close": base, "base_price": base},
        ],
    )
    assert gaps == len(share_basis.load(open_archive(tmp_path), CODE, SESSIONS, bars).gaps)
