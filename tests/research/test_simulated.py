"""Detectors on whole simulated markets: the same signals as every evening, blind to the future, below the ideal."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sugeup.faces import evaluating, evaluating_market, evaluating_runs
from sugeup.faces.evaluating_runs import Size
from sugeup.research import (
    candidates,
    detection,
    detectors_more,
    events,
    leakage,
    matched_filter,
    power,
    report_page,
    rules,
)
from sugeup.research.figures import Figures
from sugeup.sandbox.market import SimulatedMarket
from sugeup.sandbox.plan import Plan
from sugeup.usecases import signal_board
from tests.support.simulated import fill, open_simulated

PLAN = Plan(seed=5, stocks=60, sessions=180, events=3, event_count=6)
NIGHTLY = tuple(
    name
    for name in detectors_more.DETECTORS
    if name not in {"anomaly", "sector_rotation", "unusual_rotation", "window_dressing"}
)
DATASETS = (
    "daily_bars",
    "investor_day_stock",
    "index_day",
    "instruments",
    "sector_membership",
    "corporate_actions",
    "short_day",
    "designations",
)


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return SimulatedMarket(PLAN)


@pytest.fixture(scope="module")
def seen(market: SimulatedMarket) -> Figures:
    return evaluating_market.read(market)


@pytest.mark.torture
def test_the_dense_detectors_tell_what_the_nightly_analysis_tells(
    market: SimulatedMarket, seen: Figures, tmp_path: Path
) -> None:
    archive = open_simulated(tmp_path / "lake", market.sessions[-1])
    fill(archive, market, DATASETS)
    found = detectors_more.detect(seen, NIGHTLY)
    for at in (150, 179):
        told = signal_board.load(archive, market.sessions[at]).rows.select("kind", "direction", "code")
        ours = {(one.kind, one.direction, seen.codes[row]) for one in found for row in np.flatnonzero(one.fired[:, at])}
        assert set(told.iter_rows()) == ours and 10 <= len(ours)


@pytest.mark.slow
def test_no_detector_and_no_candidate_looks_ahead(seen: Figures) -> None:
    assert [] == leakage.looks_ahead(seen, 150, seed=1)
    whole = candidates.candidates(seen)
    wrong = candidates.candidates(leakage.future_changed(seen, 150, 1))
    for one, other in zip(whole, wrong, strict=True):
        np.testing.assert_array_equal(one.fired[:, :151], other.fired[:, :151])


def test_the_check_notices_a_detector_that_looks_ahead(seen: Figures, monkeypatch: pytest.MonkeyPatch) -> None:
    def cheat(market: Figures) -> list[detectors_more.Found]:
        fired = np.zeros(market.shape, bool)
        fired[:, :-1] = np.nan_to_num(market.returns[:, 1:]) > 0.05
        return [detectors_more.Found("CHEAT", "BUY", fired, fired, np.full(market.shape, np.nan))]

    monkeypatch.setitem(detectors_more.DETECTORS, "cheat", cheat)
    assert ["CHEAT BUY"] == leakage.looks_ahead(seen, 150, seed=1, names=("cheat",))


def test_a_stock_whose_figures_are_withheld_is_not_judged(seen: Figures) -> None:
    names = ("foreign_surge", "institution_same_side", "accumulation", "surge_dump")
    assert [] == leakage.invented(seen, list(range(0, 60, 2)), 170, names)


def test_planted_events_are_found_far_more_often_than_labels_dealt_out_at_random(
    market: SimulatedMarket, seen: Figures
) -> None:
    counts = leakage.by_chance(seen, market.labels, 1, ("accumulation",))["FOREIGN_ACCUMULATION"]
    assert counts[0].found.total() > counts[1].found.total()


def test_the_ideal_detector_finds_stronger_events_better_and_nothing_in_nothing() -> None:
    quiet = evaluating_market.read(SimulatedMarket(Plan(seed=7, stocks=80, sessions=200)))
    shape = next(one for one in evaluating_market.shapes(80) if one.kind == "foreign_surge")
    found = matched_filter.scores(quiet, shape, (0.0, 1.0, 2.0), 1)
    areas = [matched_filter.auc(found.scan_null, found.scan[strength]) for strength in (0.0, 1.0, 2.0)]
    assert 0.5 == pytest.approx(areas[0], abs=0.02) and 0.8 < areas[1] < areas[2] <= 1.0
    known = matched_filter.auc(found.known_null, found.known[1.0])
    assert known > areas[1]
    assert 0.05 == pytest.approx(matched_filter.recall_at(found.scan_null, found.scan_null, 0.05), abs=0.02)


def test_an_event_study_of_planted_pumps_rises_and_has_intervals(market: SimulatedMarket, seen: Figures) -> None:
    fired = np.zeros(seen.shape, bool)
    for one in detection.events(market.labels, seen.days):
        if one.kind == "pump_and_dump":
            fired[seen.codes.index(one.codes[0]), one.first] = True
    steps = {step.offset: step for step in events.study(fired, np.nan_to_num(seen.excess), before=5, after=5)}
    assert steps[3].mean > steps[-1].mean + 0.05 and steps[3].n == steps[-5].n > 0
    assert all(step.lo is None or step.lo <= step.mean <= (step.hi or 0) for step in steps.values())


@pytest.mark.slow
def test_a_small_evaluation_writes_a_page_that_its_results_write_again(tmp_path: Path) -> None:
    size = Size((1,), 60, 160, strengths=(0.0, 2.0), processes=1)
    heard: list[tuple[int, int]] = []
    measured = power.summed(evaluating_runs.every(size, lambda done, whole: heard.append((done, whole))))
    leaked = {
        "future": {"at": [1], "kinds": []},
        "withheld": {"stocks": 1, "kinds": []},
        "labels": {"true": detection.rate(1, 2), "shuffled": detection.rate(0, 2)},
        "calibration": {"times": 1, "accepted": 0.0},
        "flows": [],
    }
    found = evaluating.of_parts(size, measured, leaked, None)
    evaluating.write(found, tmp_path, ship=False)
    assert [(1, 1)] == heard
    first = {file.name: file.read_bytes() for file in tmp_path.rglob("*.*") if file.is_file()}
    assert {"accuracy.json", "accuracy.md", "power.svg"} == set(first)
    assert 0 == evaluating.again(tmp_path, ship=False)
    assert first == {file.name: file.read_bytes() for file in tmp_path.rglob("*.*") if file.is_file()}
    stored = json.loads(first["accuracy.json"])
    assert {rule.name for rule in rules.RULES} == {row["name"] for row in stored["simulated"]["detectors"]}
    assert report_page.page(stored) == first["accuracy.md"].decode()
    assert "NaN" not in first["accuracy.json"].decode()
