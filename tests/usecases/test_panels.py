"""Panels: every stored figure at its place, nothing where nothing is stored, and the session that is really there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import sessions
from sugeup.usecases import panels, unusual
from tests.support.archives import days, four_groups, open_archive, rows

LAST = days(1)[-1]


def flows(archive: Archive, given_rows: list[tuple[str, date, int]], **about: object) -> None:
    stored = [{"code": code, "session": day} | four_groups(-net, net, 0) for code, day, net in given_rows]
    archive.fill("investor_day_stock", rows("investor_day_stock", stored, **about))  # type: ignore[arg-type]


def test_a_panel_holds_what_is_stored_and_nan_elsewhere(tmp_path: Path) -> None:
    archive, history = open_archive(tmp_path), days(70)
    flows(archive, [("000001", history[0], 7), ("000002", history[-1], -3), ("000009", history[5], 1)])
    found = panels.panel(archive, "investor_day_stock", ["foreign_net_amount"], ["000002", "000001"], history)
    expected = np.full((2, 70), np.nan)
    expected[1, 0], expected[0, -1] = 7, -3
    np.testing.assert_array_equal(expected, found["foreign_net_amount"])
    np.testing.assert_array_equal(np.isfinite(expected), found.stored)
    assert ("exchange",) == found.sources
    assert history[-1] == found.until
    assert history[-3:] == found.last(3).days and 3 == found.last(3)["foreign_net_amount"].shape[1]


def test_many_stocks_are_read_like_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, history = open_archive(tmp_path), days(70)
    codes = [f"{n:06d}" for n in range(30)]
    flows(archive, [(code, day, n * 1000 + m) for n, code in enumerate(codes) for m, day in enumerate(history)])
    few = panels.panel(archive, "investor_day_stock", ["foreign_net_amount"], codes[::2], history)
    monkeypatch.setattr(panels, "FEW", 0)
    many = panels.panel(archive, "investor_day_stock", ["foreign_net_amount"], codes[::2], history)
    np.testing.assert_array_equal(few["foreign_net_amount"], many["foreign_net_amount"])
    assert 28 * 1000 + 69 == many.newest("foreign_net_amount")[-1]


def test_provisional_cells_and_another_venue_are_told_apart(tmp_path: Path) -> None:
    archive, history = open_archive(tmp_path), days(2)
    flows(archive, [("000001", history[0], 1)])
    flows(archive, [("000001", history[1], 2)], final=False)
    flows(archive, [("000002", history[1], 9)], venue="NXT")
    found = panels.panel(archive, "investor_day_stock", ["foreign_net_amount"], ["000001", "000002"], history)
    assert [[False, True], [False, False]] == found.provisional.tolist()
    assert np.isnan(found["foreign_net_amount"][1]).all()


def test_a_session_that_is_hardly_collected_is_not_the_latest(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    codes = [f"{n:06d}" for n in range(10)]
    ahead = sessions.next(LAST)
    flows(archive, [(code, LAST, 1) for code in codes] + [(code, ahead, 1) for code in codes[:7]])
    day, warnings = panels.latest(archive, "investor_day_stock")
    assert LAST == day
    assert any(str(ahead) in warning and "7 stocks" in warning for warning in warnings)
    flows(archive, [(codes[7], ahead, 1)])
    assert ahead == panels.latest(archive, "investor_day_stock")[0]


def test_all_is_the_newest_session_that_both_markets_have(tmp_path: Path) -> None:
    archive, ahead = open_archive(tmp_path), sessions.next(LAST)
    listed = [{"code": code, "valid_from": LAST, "market": market, "kind": "STOCK"} for code, market in
              (("000001", "KOSPI"), ("000002", "KOSDAQ"))]  # fmt: skip
    archive.fill("instruments", rows("instruments", listed))
    flows(archive, [("000001", LAST, 1), ("000002", LAST, 1), ("000001", ahead, 1)])
    assert LAST == panels.latest(archive, "investor_day_stock")[0]
    assert ahead == panels.latest(archive, "investor_day_stock", "KOSPI")[0]
    with pytest.raises(NoData, match=r"newest session|NOT_COLLECTED|NOT_PUBLISHED"):
        panels.latest(archive, "investor_day_stock", "KOSDAQ", ahead)


def test_old_rows_are_found_however_old(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    old = date(2021, 3, 2)
    flows(archive, [("000001", old, 1)])
    day, warnings = panels.latest(archive, "investor_day_stock")
    assert old == day and any("days ago" in warning for warning in warnings)


def test_the_universe_is_what_was_listed_on_the_day(tmp_path: Path) -> None:
    archive, history = open_archive(tmp_path), days(10)
    listed = [
        {"code": "000001", "valid_from": history[0], "market": "KOSPI", "kind": "STOCK"},
        {"code": "000002", "valid_from": history[0], "market": "KOSDAQ", "kind": "STOCK", "delisted_on": history[4]},
        {"code": "000003", "valid_from": history[6], "market": "KOSPI", "kind": "STOCK", "listed_on": history[6]},
        {"code": "000004", "valid_from": history[0], "market": "KOSPI", "kind": "ETF"},
        {"code": "000005", "valid_from": history[0], "market": "KONEX", "kind": "STOCK"},
    ]
    archive.fill("instruments", rows("instruments", listed))
    assert ("000001", "000002") == panels.universe(archive, history[4]).codes
    assert ("000001", "000003") == panels.universe(archive, history[9]).codes
    assert ("000003",) == panels.universe(archive, history[9], "KOSPI").codes[1:]
    assert {"000001": 0, "000003": 1} == panels.universe(archive, history[9]).place


def test_a_return_is_of_one_row_with_its_own_base_price(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    preferred = {"code": "000001", "session": LAST, "raw_close": 110}
    behind = {"code": "000001", "session": LAST, "raw_close": 111, "base_price": 100}
    archive.fill("daily_bars", rows("daily_bars", [preferred]))
    archive.fill("daily_bars", rows("daily_bars", [behind], "hts"))
    found = panels.prices(archive, ["000001"], [LAST])
    assert (111, 100) == (found["raw_close"].item(), found["base_price"].item())
    assert ("exchange", "hts") == found.sources


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(-50, 50), min_size=80, max_size=90), st.integers(1, 20))
def test_the_z_of_a_session_never_sees_its_own_window_or_the_future(daily: list[int], last: int) -> None:
    net, turnover = np.array([daily], dtype=float), np.full((1, len(daily)), 100.0)
    x = unusual.ratios(net, turnover, 5)
    whole = unusual.zs(x, 5, last)
    cut = unusual.zs(x[:, : x.shape[1] - last + 1], 5, 1)
    np.testing.assert_array_equal(whole.value[:, :1], cut.value)
    own = x.copy()
    own[:, -5:-1] = 1e9
    np.testing.assert_array_equal(unusual.zs(own, 5).value, unusual.zs(x, 5).value)


def test_pooled_p_needs_a_thousand_and_counts_the_larger_ones() -> None:
    z = np.tile(np.linspace(-3, 3, 20), (1, 1)).T * np.ones((20, 61))
    p = unusual.pooled_p(z)
    assert 60 * 20 == 1200
    assert pytest.approx((1 + 2 * 60) / 1201) == p[0, 0], "the largest size occurs on both ends, on every session"
    assert np.isnan(unusual.pooled_p(z[:, :40])).all()


def test_nothing_stored_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoData, match="NOT_COLLECTED"):
        panels.latest(open_archive(tmp_path), "investor_day_stock")
