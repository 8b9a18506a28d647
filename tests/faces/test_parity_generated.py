"""200 generated questions, right and wrong, over the whole registry: every door gives the same answer or refusal."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.app import App
from sugeup.archive import Archive
from sugeup.errors import SugeupError
from sugeup.faces import payload
from sugeup.faces.answering import Answering
from sugeup.market.clock import FixedClock
from sugeup.registry import UseCase
from sugeup.settings import LakeName, Settings
from tests.conftest import SAMPLE_NOW
from tests.support.asking import CASES, TOOLS, choices
from tests.support.faces import Door, Ended, by_command, by_process, by_rest, by_tool
from tests.torture.fuzzing import EDGE, NASTY, RIGHT

pytestmark = pytest.mark.slow
CALLS, SEED = 200, 20_260_901
MOST = 300
"""Longer texts are the business of HTTP's own limits."""
SECTORS = ["반도체와반도체장비", "제약", "WICS", "없는업종"]


def generated() -> list[tuple[UseCase, dict[str, Any]]]:
    """Every use-case in turn, with arguments from one seed: mostly right, some at an edge, now and then hostile."""
    chance = random.Random(SEED)  # noqa: S311 (the same questions each time)
    return [(case, arguments(case, chance)) for case in (list(CASES.values()) * CALLS)[:CALLS]]


def arguments(case: UseCase, chance: random.Random) -> dict[str, Any]:
    """Arguments of one call."""
    given: dict[str, Any] = {}
    for name, field in case.arguments.model_fields.items():
        if field.is_required() or chance.random() < 0.4:
            given[name] = value(case, name, chance)
    if chance.random() < 0.04:
        given["nonsense"] = "1"
    return given


def value(case: UseCase, name: str, chance: random.Random) -> Any:
    """A value that can be written at every door.

    HTTP refuses control characters and has no path with a slash; the command line has only right flags.
    """
    if "bool" in str(case.arguments.model_fields[name].annotation):
        return chance.random() < 0.5
    right = [*map(str, choices(case, name)), *(() if choices(case, name) else RIGHT.get(name, SECTORS))]
    drawn = chance.random()
    pool = right if drawn < 0.75 else EDGE.get(name, right) if drawn < 0.9 else NASTY
    in_path = f"{{{name}}}" in case.path
    fitting = [
        one
        for one in pool
        if len(one) <= MOST and one.isprintable() and not (in_path and ("/" in one or one.strip(". ") == ""))
    ]
    return chance.choice(fitting or right)


@pytest.fixture(scope="module")
def home(sample_home: Path) -> Iterator[Path]:
    """The sample, for the command line too, at the same time for everybody."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SUGEUP_DATA_DIR", str(sample_home))
        patched.setenv("SUGEUP_LAKE", "demo")
        patched.setattr("sugeup.app.SystemClock", lambda: FixedClock(SAMPLE_NOW))
        yield sample_home


@pytest.fixture(scope="module")
def doors(home: Path) -> Iterator[dict[str, Door]]:
    """Each door over an application of its own, so that no answer is handed from one to another."""

    def answering() -> Answering:
        return Answering(App.open(Settings(data_dir=home), LakeName.DEMO, FixedClock(SAMPLE_NOW)))

    with by_tool(answering()) as tool, by_rest(answering()) as web:
        yield {"mcp": tool, "rest": web, "cli": by_command}


@pytest.fixture(scope="module")
def archive(home: Path) -> Archive:
    """The sample for the library."""
    return App.open(Settings(data_dir=home), LakeName.DEMO, FixedClock(SAMPLE_NOW)).archive


def direct(archive: Archive, case: UseCase, given: dict[str, Any]) -> Ended:
    """What the library says."""
    try:
        return "OK", payload.plain(registry.bind(case, archive)(**given))
    except SugeupError as error:
        return error.code, error.message


def test_every_door_gives_the_same_answer_to_200_generated_questions(archive: Archive, doors: dict[str, Door]) -> None:
    ended: Counter[str] = Counter()
    for case, given in generated():
        expected = direct(archive, case, given)
        ended[expected[0]] += 1
        for name, door in doors.items():
            if name == "mcp" and case.tool is None:
                continue
            found = door(case, given)
            assert expected[0] == found[0], (name, case.name, given, expected, found)
            if expected[0] == "OK":
                assert expected == found, (name, case.name, given)
            elif name == "rest":
                assert expected[1] == found[1], (case.name, given)
    assert CALLS == ended.total()
    assert ended["OK"] >= 60 and ended.total() - ended["OK"] >= 60, ended
    assert {"INVALID_ARGUMENT", "UNKNOWN_STOCK", "NOT_COLLECTED"} <= set(ended)


def test_the_generated_questions_ask_every_use_case_and_are_the_same_each_time() -> None:
    asked = Counter(case.name for case, _ in generated())
    assert set(CASES) == set(asked) and min(asked.values()) >= 5
    assert set(TOOLS) <= set(asked)
    assert generated() == generated()


PROCESSES: list[tuple[str, dict[str, Any]]] = [
    ("get_investor_trading", {"stock_code": "005930", "period": "5D", "include_details": False}),
    ("get_prices", {"stock_code": "000660", "limit": "3"}),
    ("rank_flows", {"investor": "martians"}),
    ("get_stock", {"stock_code": "123456"}),
]


@pytest.mark.parametrize(("name", "given"), PROCESSES)
def test_a_process_of_its_own_answers_as_the_library(archive: Archive, name: str, given: dict[str, Any]) -> None:
    expected, found = direct(archive, CASES[name], given), by_process(CASES[name], given)
    assert _timeless(expected) == _timeless(found)


def _timeless(ended: Ended) -> Ended:
    """Without the time of the call, which a process takes from the machine."""
    code, told = ended
    if code != "OK":
        return ended
    kept = {name: value for name, value in told.items() if name != "generated_at"}
    return code, kept | {"warnings": [re.sub(r"\d+ days ago", "N days ago", said) for said in told["warnings"]]}
