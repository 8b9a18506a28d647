"""The bench compares equals: baselines give the product's answers, and the page says what was measured."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import bench
import numpy as np
import pytest
from bench import document, families, lake, markets, measure, metrics

from sugeup.registry import metrics as registered

NEVER_NULL = {"tk.brier", "tk.block_bootstrap_mean", "tk.isotonic"}  # on these panels
CASES = [
    pytest.param(make, case, id=case.id, marks=pytest.mark.slow) for make, cases in metrics.FAMILIES for case in cases
]


@pytest.mark.slow
@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(bench.__path__)])
def test_every_bench_can_be_imported(name: str) -> None:
    importlib.import_module(f"bench.{name}")


def test_every_metric_is_measured_or_said_why_not() -> None:
    """A metric nobody measures is the one that is slow."""
    cases = {case.id for _, cases in metrics.FAMILIES for case in cases}
    measured = {".".join(id.split(".")[:2]) for id in cases}
    assert not measured & set(families.LEFT_OUT)
    assert set(registered()) == measured | set(families.LEFT_OUT)
    assert all(families.LEFT_OUT.values())


@pytest.mark.parametrize(("make", "case"), CASES)
def test_a_baseline_answers_what_the_product_answers(make: type, case: metrics.Case) -> None:
    """A baseline that leaves the nulls out would make the product look slow, one that does more would flatter it."""
    panel, seen = make(7, 300, seed=3), set[int]()
    for unknown in (False, True):
        if unknown and make in {markets.bars, markets.readings}:  # of one stock nothing, and of the first sessions
            for array in panel.values():
                array[0], array[:, :5] = np.nan, np.nan
        assert metrics.disagreement(case, panel) == ""
        seen.update(np.unique(case.ours(panel)[1]).tolist())
    assert len(seen) > 1 or case.id in NEVER_NULL


def test_a_wrong_baseline_is_noticed() -> None:
    case = next(case for case in metrics.SERIES if case.id == "inv.net_ratio")
    wrong = metrics.Case(case.id, case.product, lambda b, s: (b, np.zeros(b.size, np.uint8)), case.inputs, flat=True)
    assert "inv.net_ratio: array 0" in metrics.disagreement(wrong, markets.market(3, 40))


def test_the_slope_of_a_square_is_two() -> None:
    assert measure.exponent([1, 2, 4], [3, 12, 48]) == pytest.approx(2)


@pytest.mark.slow
def test_a_bare_scan_reads_what_the_lake_reads(tmp_path: Path) -> None:
    store = lake.build(tmp_path, 6, 90)
    for scopes in (None, ["000010"]):
        assert lake.read(store, scopes).equals(lake.scan(store, scopes))
    assert lake.read(store, None).height == 6 * 60


def test_the_page_holds_every_figure_and_marks_what_was_missed() -> None:
    figures = [
        measure.Figure.at_most("metrics.time.inv.trend", 0.456, "ratio", 10),
        measure.Figure.at_most("lake.full_day", 1.4, "ratio", 1.3),
    ]
    text = document.page(figures)
    assert "| `metrics.time.inv.trend` | 0.46 | ratio | 10 |  |" in text
    assert "| `lake.full_day` | 1.4 | ratio | 1.3 | **missed** |" in text
    assert measure.MACHINE in text
