"""Absurd arguments of every question: refused with what was received and what is allowed, and nothing else breaks."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sugeup.archive import Archive
from sugeup.errors import Refused, SugeupError
from tests.support.asking import CASES, OF_STOCKS, asked, choices, days_of, every, helpful, needed
from tests.support.edges import Edges
from tests.support.truths import wrong

pytestmark = pytest.mark.slow
TEXT = "가" * 5_000
NUMBERS: tuple[Any, ...] = (
    0,
    -1,
    10**9,
    2**70,
    1.5,
    math.nan,
    math.inf,
    "",
    " ",
    "NaN",
    "1e400",
    "x",
    TEXT,
    [],
    {},
    True,
)
WORDS: tuple[Any, ...] = ("", " ", "NEITHER", "K0SPI", TEXT, 0, -1, 1.5, [], {}, None)
DAYS: tuple[Any, ...] = ("", "yesterday", "2026-02-30", "20261301", 0, -1, 10**9, 1.5, math.nan, TEXT, [], {}, True)
TEXTS: tuple[Any, ...] = ("", TEXT, "\x00", "' OR 1=1 --", 0, -1, 10**9, 1.5, math.nan, [], {}, True)
ARGUMENTS = [(case, name) for case, found in CASES.items() for name in found.arguments.model_fields]


def kind(case: str, name: str) -> str:
    """What sort of argument it is."""
    if choices(CASES[case], name):
        return "word"
    if name in days_of(CASES[case]):
        return "day"
    if name in {"cursor", "metric_id", "stock_code", "query", "sector", "scheme", "kind"}:
        return "text"
    return "flag" if "bool" in str(CASES[case].arguments.model_fields[name].annotation) else "number"


ABSURD = {"word": WORDS, "day": DAYS, "text": TEXTS, "number": NUMBERS, "flag": ("", "maybe", 2, -1, [], {}, TEXT)}


def refused(archive: Archive, edges: Edges, case: str, **arguments: Any) -> SugeupError | None:
    """The error of a call with these arguments; an answer must be as good as any."""
    answer = asked(archive, CASES[case], needed(CASES[case], edges.kinds["ordinary"]) | arguments)
    if not isinstance(answer, SugeupError):
        assert [] == wrong(CASES[case], answer), arguments
        return None
    return answer


@pytest.mark.parametrize(("case", "name"), ARGUMENTS)
def test_an_absurd_value_is_refused_by_name_or_answered_like_any_other(edges: Edges, case: str, name: str) -> None:
    for value in ABSURD[kind(case, name)]:
        error = refused(edges.archive, edges, case, **{name: value})
        if isinstance(error, Refused) and error.code == "INVALID_ARGUMENT":
            assert name in error.message, (value, error)
            assert TEXT[:200] not in error.message


@pytest.mark.parametrize(("case", "name"), [pair for pair in ARGUMENTS if kind(*pair) in {"word", "day"}])
def test_a_word_that_is_none_is_refused_with_the_words_that_are(edges: Edges, case: str, name: str) -> None:
    for value in ("NEITHER", TEXT, 10**9):
        error = refused(edges.archive, edges, case, **{name: value})
        assert isinstance(error, Refused) and "INVALID_ARGUMENT" == error.code
        allowed = choices(CASES[case], name) or ("YYYY-MM-DD",)
        assert all(str(word) in error.message for word in allowed), error


@pytest.mark.parametrize(("case", "name"), [pair for pair in ARGUMENTS if kind(*pair) == "number"])
@pytest.mark.parametrize("value", [math.nan, "x", "", TEXT, [], {}])
def test_what_is_no_number_is_refused(edges: Edges, case: str, name: str, value: Any) -> None:
    error = refused(edges.archive, edges, case, **{name: value})
    assert isinstance(error, Refused) and "INVALID_ARGUMENT" == error.code and name in error.message


@every
def test_a_venue_other_than_krx_is_refused_and_never_mixed_in(edges: Edges, name: str) -> None:
    error = refused(edges.archive, edges, name, venue="NXT")
    assert isinstance(error, Refused) and "INVALID_ARGUMENT" == error.code
    assert "'venue'" in error.message and "allowed" in error.message


@pytest.mark.parametrize("name", OF_STOCKS)
@pytest.mark.parametrize("text", [TEXT, "", " ", "\x00", "9" * 39, "🐉"])
def test_a_text_that_is_no_stock_is_refused(edges: Edges, name: str, text: str) -> None:
    error = refused(edges.archive, edges, name, stock_code=text)
    assert isinstance(error, Refused) and error.code in {"UNKNOWN_STOCK", "INVALID_ARGUMENT"}
    helpful(error)


@every
def test_an_argument_that_is_needed_is_asked_for_by_name(edges: Edges, name: str) -> None:
    for missing in needed(CASES[name], edges.kinds["ordinary"]):
        given = {one: value for one, value in needed(CASES[name], edges.kinds["ordinary"]).items() if one != missing}
        error = asked(edges.archive, CASES[name], given)
        assert isinstance(error, Refused) and f"'{missing}'" in error.message
