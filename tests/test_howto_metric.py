"""The how-to page for a new metric does what it says: its blocks register, pass their own tests, and keep the rules."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "how-to" / "add-a-metric.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r'^```python title="([^"]+)"\n(.*?)^```$', PAGE, flags=re.DOTALL | re.MULTILINE))
OUTPUT = re.findall(r"^```text\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
METRIC, TEST = "src/sugeup/metrics/absorbed_days.py", "tests/metrics/test_absorbed_days.py"
PACKAGE = "newcomer_metrics"
OURS = 'lint.isort.known-first-party = ["sugeup"]'
"""The module of the page is not there yet, so that its imports would be sorted as those of a stranger."""

REGISTERED = f"""
import sys
from sugeup import registry
registry.discover("{PACKAGE}")
one = registry.metrics()["inv.absorbed_days"]
print(one.inputs, dict(one.defaults), one.function.__module__)
"""
EXPLAINED = f"""
import sys
from sugeup import registry
from sugeup.faces import cli
registry.discover("{PACKAGE}")
cli.app(["explain", "inv.absorbed_days"])
"""


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of metrics outside the repository that holds the file of the page, and its test beside it."""
    folder = tmp_path_factory.mktemp("newcomer")
    package = folder / PACKAGE
    package.mkdir()
    (package / "__init__.py").write_text('"""Metrics of a newcomer."""\n', encoding="utf-8")
    (package / Path(METRIC).name).write_text(BLOCKS[METRIC], encoding="utf-8")
    test = BLOCKS[TEST].replace("from sugeup.metrics.absorbed_days", f"from {PACKAGE}.absorbed_days")
    (folder / Path(TEST).name).write_text(test, encoding="utf-8")
    return folder


def run(newcomer: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with the newcomer's package on its path, in the newcomer's folder."""
    about = {"PYTHONPATH": str(newcomer), "SUGEUP_DATA_DIR": str(newcomer / "data"), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=newcomer, env=os.environ | about, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_the_page_shows_one_file_one_test_and_one_output() -> None:
    assert [METRIC, TEST] == list(BLOCKS)
    assert 1 == len(OUTPUT)


def test_the_file_alone_registers_the_metric(newcomer: Path) -> None:
    done = run(newcomer, "-c", REGISTERED)
    assert f"('net', 'turnover') {{'n': 20}} {PACKAGE}.absorbed_days\n" == done.stdout, done.stderr


@pytest.mark.slow
def test_the_test_of_the_page_and_the_example_in_the_docstring_pass(newcomer: Path) -> None:
    done = run(newcomer, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--doctest-modules", ".")
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "9 passed" in done.stdout


@pytest.mark.slow
def test_explain_prints_what_the_page_shows(newcomer: Path) -> None:
    done = run(newcomer, "-c", EXPLAINED)
    assert OUTPUT[0] == done.stdout, done.stderr


@pytest.mark.slow
def test_a_metric_that_peeks_fails_the_test_of_the_page(newcomer: Path, tmp_path: Path) -> None:
    peeking = BLOCKS[METRIC].replace("span * bought / whole_trade)", "span * bought / traded.mean())")
    assert BLOCKS[METRIC] != peeking
    package = tmp_path / PACKAGE
    package.mkdir()
    (package / "__init__.py").touch()
    (package / Path(METRIC).name).write_text(peeking, encoding="utf-8")
    (tmp_path / "test_peeking.py").write_text((newcomer / Path(TEST).name).read_text("utf-8"), encoding="utf-8")
    done = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "future", "test_peeking.py")
    assert 1 == done.returncode and "1 failed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("name", [METRIC, TEST])
def test_the_blocks_keep_the_style_of_the_repository(name: str) -> None:
    for rule in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *rule, "--config", OURS, "--stdin-filename", name, "-"],
            cwd=ROOT,
            input=BLOCKS[name],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert 0 == done.returncode, done.stdout + done.stderr
