"""The real part of the evaluation over the bundled sample, the shuffled flows of a simulated market, and their page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sugeup import settings
from sugeup.app import App
from sugeup.faces import evaluating, evaluating_evidence, evaluating_market, evaluating_real
from sugeup.jobs.sample import load_sample
from sugeup.research import evidence_pictures, outcomes, report_checks, report_evidence, shuffles
from sugeup.settings import LakeName

pytestmark = pytest.mark.torture


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The real part without the regime, which takes most of its time and is not in this part of the page."""
    folder = tmp_path_factory.mktemp("sample")
    archive = App.open(settings.load(data_dir=folder), LakeName.DEMO).archive
    load_sample(archive)
    markets, stocks = evaluating_real._markets(archive), evaluating_real._stocks(archive)
    whole = outcomes.detected(markets, outcomes.MARKET_DETECTORS)
    single = outcomes.detected(stocks, outcomes.STOCK_DETECTORS)
    rows = [
        *outcomes.rows("MARKET", markets, whole, [None] * len(markets.days)),
        *outcomes.rows("STOCK", stocks, single, [None] * len(stocks.days)),
    ]
    evidence = evaluating_evidence.measured(archive, markets, stocks, whole, single)
    found = {"stocks": {"last": str(stocks.days[-1])}, "rows": rows, "evidence": evidence}
    told: dict[str, Any] = json.loads(json.dumps(evaluating._rounded(found)))
    return told


@pytest.fixture(scope="module")
def flows() -> list[dict[str, Any]]:
    quiet = evaluating_market.read(evaluating_market.simulated(2, 0.0, 60, 300))
    return [row for block in shuffles.BLOCKS for row in shuffles.alarms(quiet, block, seed=2)]


def test_every_row_of_the_evidence_is_measured_on_the_sample(real: dict[str, Any]) -> None:
    told = real["evidence"]
    signals = {"flow.forecast", "inv.trend", "alr.flow_reversal"}
    assert signals == {row["signal"] for row in told["forecasts"]}
    assert {"MARKET", "STOCK"} == {row["level"] for row in told["forecasts"]}
    assert {"KOSPI", "KOSDAQ"} == {row["market"] for row in told["moods"]} and 12 == len(told["moods"])
    assert all(row["n"] > 1000 for row in told["lookalikes"])
    markets = {row["kind"]: row for row in told["stability"] if row["level"] == "MARKET"}
    assert 5 <= markets["FOREIGN_DISTRIBUTION"]["years"]["of"]
    assert all(row["n"] >= row["free"]["n"] for row in told["stability"])
    assert 4 <= len(told["paths"]) <= 6 and 3 == len(told["reliability"])


def test_the_overall_hit_rates_of_the_stability_table_are_those_of_the_signals(real: dict[str, Any]) -> None:
    first = {
        (row["level"], row["kind"], row["direction"]): row["value"] - row["base"]
        for row in real["rows"]
        if row["h"] == 5 and row["regime"] == "ALL" and row["value"] is not None
    }
    for row in real["evidence"]["stability"]:
        assert first[row["level"], row["kind"], row["direction"]] == pytest.approx(row["gap"], abs=2e-6)


def test_simulated_tallies_get_nearer_to_the_final_figure_through_the_session(real: dict[str, Any]) -> None:
    told = [row for row in real["evidence"]["revisions"]["simulated"] if row["investor"] == "foreign" and row["n"]]
    assert ["09:30", "11:20", "13:20", "14:30", "evening"] == [row["at"] for row in told]
    signs, sizes = ([row[name] for row in told] for name in ("agreement", "revision"))
    assert [one["value"] for one in signs] == sorted(one["value"] for one in signs)
    assert sizes == sorted(sizes, reverse=True) and not any(row["withdrawn"] for row in told)


def test_the_page_and_its_pictures_are_written_from_the_stored_figures(
    real: dict[str, Any], flows: list[dict[str, Any]]
) -> None:
    page = report_evidence.real(real) + report_checks.shuffled(flows)
    for heading in ("Forecasts of flows", "After extreme moods", "Stability", "Early figures", "Shuffled flows"):
        assert f"## {heading}" in page
    assert "None" not in page and "nan" not in page and "\n\n\n" not in page
    drawn = evidence_pictures.paths(real["evidence"]["paths"])
    assert drawn == evidence_pictures.paths(real["evidence"]["paths"]) and drawn.endswith("</svg>\n")
    assert 3 == evidence_pictures.reliability(real["evidence"]["reliability"]).count("stroke-dasharray")


def test_tests_on_shuffled_flows_are_false_in_at_most_a_tenth_of_their_families(flows: list[dict[str, Any]]) -> None:
    memoryless = [row for row in flows if row["block"] == 1]
    assert {"foreign_surge", "institution_same_side", "accumulation"} < {row["detector"] for row in memoryless}
    assert all(row["rate"]["value"] <= shuffles.MOST for row in memoryless)
    lasting = {row["detector"]: row["above"] for row in flows if row["block"] == 20}
    assert ["accumulation"] == [name for name, above in lasting.items() if above]
