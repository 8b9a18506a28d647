"""What docs/coverage.md says of sources is measured again: two sets give today what the file says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[1] / "scripts"
AGAIN = ("krx", "naver")
"""Two sets that are filled in seconds."""


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import coverage_file

    return dict(coverage_file.read())


@pytest.mark.torture
def test_two_sets_of_sources_answer_what_the_page_says_and_each_gap_says_how_to_fill_it(
    written: dict[str, Any],
) -> None:
    asked = [word for name in AGAIN for word in ("--only", name)]
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "measure_coverage.py"), "--print", *asked],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert 0 == done.returncode, done.stderr
    measured = json.loads(done.stdout)
    assert [*AGAIN] == [*measured]
    for name in AGAIN:
        assert written[name]["datasets"] == measured[name]["datasets"], name
        for question, answer in measured[name]["questions"].items():
            told = written[name]["questions"][question]
            assert (told.get("error"), told.get("fields")) == (answer.get("error"), answer.get("fields")), question
            for gap in answer.get("gaps", ()):
                assert 3 == len(gap) and all(gap), (name, question)
            if answer.get("error") == "NOT_COLLECTED":
                assert "`sugeup " in answer["hint"] and "broker's key" not in answer["hint"], (name, question)


def test_more_sources_never_store_fewer_datasets(written: dict[str, Any]) -> None:
    whole = set(written["all"]["datasets"])
    for name, one in written.items():
        assert set(one["datasets"]) <= whole, name


def test_without_a_source_every_question_is_refused_and_with_one_none_lacks_a_reason(written: dict[str, Any]) -> None:
    assert {"NOT_COLLECTED"} == {answer.get("error") for answer in written["no key"]["questions"].values()}
    for name, one in written.items():
        for question, answer in one["questions"].items():
            assert "INVALID_ARGUMENT" != answer.get("error"), (name, question)
