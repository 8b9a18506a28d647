"""Signals of a whole market in one pass are those of the interactive answers, and no later row changes them."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sugeup import registry
from sugeup.archive import Archive
from sugeup.market import sessions
from sugeup.metrics.regimes import Regimes
from sugeup.sandbox.plan import Plan
from sugeup.usecases import (
    sentiment_regime,
    signal_anomalies,
    signal_board,
    signal_market,
    signal_patterns,
    signal_shorts,
)
from sugeup.usecases.signal_kinds import KOREAN
from sugeup.usecases.smart_money_signals import signals_of
from tests.support import nightly
from tests.support.nightly import DATASETS, Night
from tests.usecases.stock_lake import ask

PLAN = Plan(seed=11, stocks=40, sessions=160, turbulence=1.5, events=5, event_count=10)
DAYS = PLAN.days()
STORED = (*DATASETS, "corporate_actions")
UNTIL = 8
"""Sessions that come later."""
TODAY = DAYS[-1 - UNTIL]
RICH = DAYS[-26]
"""A session on which most kinds of patterns are told."""
MOMENTS = ("ingested_at", "known_at")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    found = nightly.lake(tmp_path_factory.mktemp("board") / "lake", PLAN, UNTIL)
    found.arrive(DAYS[0], TODAY, datasets=("corporate_actions",))
    return found


@pytest.fixture(scope="module")
def later(night: Night, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The same lake after the sessions that come later."""
    found = night.copy(tmp_path_factory.mktemp("later") / "lake")
    found.clock.at(DAYS[-1], 19)
    found.arrive(DAYS[-UNTIL], DAYS[-1], datasets=STORED)
    return found


def rows(night: Night, day: date) -> pl.DataFrame:
    return signal_board.load(night.archive, day).rows.sort("signal_id").drop(MOMENTS)


@pytest.mark.parametrize("method", ["FOREIGN_SURGE", "INSTITUTION_CLUSTER", "LARGE_ORDERS"])
def test_smart_money_signals_are_the_rows_of_the_answer_that_lists_them_all(night: Night, method: str) -> None:
    tracker = registry.usecases()["get_smart_money_tracker"]
    total = 0
    for day in (DAYS[-31], DAYS[-30], DAYS[-27]):
        answer = registry.bind(tracker, night.archive)(detection_method=method, count=500, session=day)
        told = signals_of(answer).sort("signal_id")  # type: ignore[arg-type]
        board = signal_board.load(night.archive, day).rows.filter(detector=method).sort("signal_id")
        same = [name for name in told.columns if name not in {*MOMENTS, "scope", "evidence", "withdrawn"}]
        assert_frame_equal(told.select(same), board.select(same))
        total += told.height
    assert total or method == "LARGE_ORDERS"


@pytest.mark.slow
def test_patterns_are_those_that_the_answer_about_each_stock_calls_significant(night: Night) -> None:
    found = signal_board.load(night.archive, RICH).rows.filter(pl.col("metric").str.starts_with("pat."))
    stocks = night.archive.read("instruments").filter(pl.col("kind") == "STOCK")["code"].unique().sort()
    checked = 0
    for code in stocks.to_list():
        if night.archive.read("daily_bars", columns=[], scopes=[code], start=RICH, end=RICH).is_empty():
            continue
        answer = ask("get_stock_patterns", night.archive, stock_code=code, session=str(RICH))
        expected: dict[str, Any] = {
            signal_patterns.kind(group, one["pattern"]): one["meta"]["sign_p"]["p_adj"]
            for group, one in answer["accumulation"].items()
            if one["significant"]
        }
        for block in ("surge_dump", "liquidity_sweep"):
            if answer[block]["pattern"] is not None:
                expected[answer[block]["pattern"]] = None
        mine = dict(found.filter(code=code).select("kind", "p_adj").iter_rows())
        assert set(expected) == set(mine), code
        for kind, p in expected.items():
            assert p is None or p == pytest.approx(mine[kind], abs=1e-4)
        checked += 1
    assert checked >= 35
    assert {"DUMP", "UP_SWEEP", "DOWN_SWEEP", "FOREIGN_DISTRIBUTION"} <= set(found["kind"])


@pytest.mark.slow
def test_on_real_figures_in_shares_they_are_those_of_the_answers_too(sample: Archive) -> None:
    """The bundled sample has no won of stocks: what is judged on shares goes through the same factors of shares."""
    day = date(2026, 1, 29)
    board = signal_board.load(sample, day)
    found = board.rows.filter(metric="pat.accumulation")
    assert ("VOLUME", {"VOLUME"}) == (board.scene.basis, set(found["basis"]))
    for code in sample.read("investor_day_stock", columns=[], start=day, end=day)["code"].unique().sort().to_list():
        groups = ask("get_stock_patterns", sample, stock_code=code, session=str(day))["accumulation"]
        expected = {signal_patterns.kind(name, one["pattern"]) for name, one in groups.items() if one["significant"]}
        assert expected == set(found.filter(code=code)["kind"]), code
    assert found.height >= 15


def test_evidence_is_the_figures_of_the_answer(night: Night) -> None:
    found = signal_board.load(night.archive, TODAY).rows.filter(metric="pat.accumulation").row(0, named=True)
    evidence, group = json.loads(found["evidence"]), found["kind"].rsplit("_", 1)[0].lower()
    one = ask("get_stock_patterns", night.archive, stock_code=found["code"], session=str(TODAY))["accumulation"][group]
    assert (one["cum_net"], one["same_sign_days"]) == (evidence["net"], evidence["days"])
    assert one["percentile"] == pytest.approx(evidence["percentile"], abs=0.1)
    assert ("BUY" if one["cum_net"] > 0 else "SELL") == found["direction"]


def test_double_buying_is_that_of_the_market_brief(night: Night) -> None:
    for day in (DAYS[-30], DAYS[-27], DAYS[-20]):
        brief = ask("get_market_brief", night.archive, session=str(day), top=10)["stocks"]
        found = signal_board.load(night.archive, day).rows
        for side in ("buy", "sell"):
            listed = {one["code"] for one in brief[f"double_{side}"]}
            assert listed == set(found.filter(kind=f"DOUBLE_{side.upper()}")["code"]), (day, side)


def test_a_reversal_has_the_signs_that_it_tells(night: Night) -> None:
    found = signal_board.load(night.archive, TODAY).rows.filter(metric="alr.flow_reversal")
    assert found.height
    for direction, text in found.select("direction", "evidence").iter_rows():
        evidence = json.loads(text)
        sign = 1 if direction == "BUY" else -1
        assert evidence["z"] * sign >= 1 and evidence["z_a_week_before"] * sign <= -1


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(back=st.integers(0, 60))
def test_no_signal_of_a_session_changes_when_later_rows_come(night: Night, later: Night, back: int) -> None:
    day = DAYS[-1 - UNTIL - back]
    before, after = rows(night, day), rows(later, day)
    assert_frame_equal(before, after)


def test_answers_are_the_same_with_and_without_what_is_stored(night: Night, tmp_path: Any) -> None:
    bare, full = night.copy(tmp_path / "bare"), night.copy(tmp_path / "full")
    full.collected(TODAY)
    full.clock.at(TODAY, 19, 30)
    assert full.run().error is None
    bare.clock.at(TODAY, 19, 30)
    code = str(full.archive.read("signals").filter(scope="STOCK")["code"][0])
    asked: dict[str, dict[str, Any]] = {
        "get_stock_patterns": {"stock_code": code},
        "get_smart_money_tracker": {"detection_method": "FOREIGN_SURGE"},
        "get_market_brief": {},
        "get_investor_sentiment": {},
    }
    for name, arguments in asked.items():
        assert ask(name, bare.archive, **arguments) == ask(name, full.archive, **arguments), name


def test_a_regime_is_told_on_the_session_on_which_it_changes(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Regimes((0.001, -0.001), (0.004, 0.02), 0.9, 0.9, 0.0, 800)
    monkeypatch.setattr(sentiment_regime, "newest_fit", lambda _: model)
    told = {day: sentiment_regime.block(night.archive, "KOSPI", day).current for day in DAYS[-70:-UNTIL]}
    days = list(told)
    changed = {day: told[day] for before, day in pairwise(days) if told[before] != told[day]}
    assert changed
    for day in days[1:]:
        family = signal_market.regime(night.archive, "KOSPI", day)
        kinds = [one.kind for one in family.found]
        assert ([f"REGIME_{changed[day]}"] if day in changed else []) == kinds
        assert family.tested and {"KOSPI"} >= {one.code for one in family.found}


def test_without_a_model_a_market_has_no_regime_that_could_change(night: Night) -> None:
    assert not signal_market.regime(night.archive, "KOSPI", TODAY).tested


def test_rare_selling_by_foreigners_is_told_of_the_market(night: Night, tmp_path: Any) -> None:
    mine = night.copy(tmp_path / "lake")
    truth = night.market.rows("investor_day_market", TODAY, TODAY)
    mine.clock.at(TODAY, 19)
    nets = {"foreign": -(10**13), "individual": 10**13, "institution": 0, "other_corporation": 0}
    names = {group: f"{group}_net_amount" for group in nets}
    here = pl.col("market") == "KOSPI"
    columns = [pl.when(here).then(net).otherwise(names[group]).alias(names[group]) for group, net in nets.items()]
    mine.store("investor_day_market", truth.with_columns(columns))
    family = signal_market.selling(mine.archive, "KOSPI", TODAY)
    assert ["MASSIVE_FOREIGN_SELLING"] == [one.kind for one in family.found]
    assert -(10**13) == family.found[0].evidence["net_amount"]
    assert not signal_market.selling(mine.archive, "KOSDAQ", sessions.previous(TODAY)).found


def test_overheated_stocks_are_those_of_the_answer_about_short_selling(night: Night, tmp_path: Any) -> None:
    mine = night.copy(tmp_path / "lake")
    assert not signal_shorts.found(mine.archive, DAYS[-20]).tested
    mine.arrive(DAYS[0], TODAY, datasets=("short_day",))
    for day, several in ((DAYS[-20], True), (DAYS[-11], True), (DAYS[-40], False)):
        listed = ask("get_short_selling", mine.archive, session=str(day))["market"]["overheated"]
        family = signal_shorts.found(mine.archive, day)
        assert {one["code"]: one["type"] for one in listed} == {one.code: one.evidence["type"] for one in family.found}
        assert (several, True) == (bool(listed), family.tested)


def test_every_kind_that_is_told_has_a_korean_name(night: Night) -> None:
    kinds = {kind for family in signal_board.load(night.archive, TODAY).families for kind in family.kinds}
    kinds |= {kind for family in signal_market.found(night.archive, "KOSPI", TODAY) for kind in family.kinds}
    sectors = signal_board.load_sectors(night.archive, TODAY)
    kinds |= {kind for family in sectors.families for kind in family.kinds}
    assert kinds == set(KOREAN)


@pytest.mark.slow
def test_a_strange_day_is_an_anomaly_by_a_model_of_the_year_before_its_month(tmp_path: Any) -> None:
    plan = Plan(seed=3, stocks=40, sessions=370, turbulence=1.0)
    mine = nightly.lake(tmp_path / "lake", plan, 1)
    day = plan.days()[-2]
    model = signal_anomalies.fitted(mine.archive, day)
    window = sessions.last(30 + 1, sessions.previous(day.replace(day=1)))
    assert str(window[0]) == model.last < str(day.replace(day=1))
    assert_frame_equal(
        signal_board.load(mine.archive, day, model).rows, signal_board.load(mine.archive, day, model).rows
    )
    # The strangest stock of the day, made stranger still: everybody's flow at twenty times its size.
    rows = mine.market.rows("investor_day_stock", day, day)
    code = str(rows["code"][0])
    flows = [name for name in rows.columns if name.endswith(("_amount", "_volume"))]
    big = rows.filter(pl.col("code") == code).with_columns((pl.col(name) * 200).alias(name) for name in flows)
    mine.clock.at(day, 19)
    mine.store("investor_day_stock", big)
    found = signal_board.load(mine.archive, day, model).rows.filter(kind="ANOMALY")
    assert code in set(found["code"])
    row = found.filter(code=code).row(0, named=True)
    evidence = json.loads(row["evidence"])
    assert ("NONE", 40, None) == (row["direction"], PLAN.stocks, evidence["type"])
    assert 0 < row["p"] <= row["p_adj"] <= 0.05 and np.isfinite(row["statistic"])
    assert evidence["severity"] > 5 and set(evidence["features"]) >= {"foreign_z", "turnover_z"}
