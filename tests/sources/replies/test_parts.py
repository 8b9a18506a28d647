"""Pages that hold parts of the same rows are gathered and joined, and nothing but whole rows comes out."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sugeup.sources.files.layout import FAULT_SCHEMA, ROW
from sugeup.sources.replies.parts import ORIGIN, TORN, groups, joined
from sugeup.sources.vendor import Ask, Page

ASK = Ask(("005930",), date(2026, 1, 2), date(2026, 1, 9))
KEY = ("code",)


def page(values: dict[str, int], column: str, *, more: bool, faults: int = 0) -> Page:
    frame = pl.DataFrame(
        {
            ROW: list(range(1, len(values) + 1)),
            "code": list(values),
            column: list(values.values()),
            **dict.fromkeys(ORIGIN, "x"),
        },
        schema_overrides={"code": pl.String, column: pl.Int64, ROW: pl.Int64},
    )
    found = pl.DataFrame([(9, "unread", "?")] * faults, schema=FAULT_SCHEMA, orient="row")
    return Page(frame, ASK.at("more") if more else None, found, {"left out": 1}, part=more)


def test_parts_up_to_the_page_that_is_none_belong_together() -> None:
    a, b = (page({}, "a", more=True) for _ in range(2))
    c, d = (page({}, "a", more=False) for _ in range(2))
    assert [[a, b, c], [d]] == list(groups([a, b, c, d]))
    assert [] == list(groups([a]))  # what never became whole


def test_a_page_that_leads_nowhere_ends_its_group_even_when_it_says_it_is_a_part() -> None:
    last = page({}, "a", more=False)
    alone = Page(last.frame, None, part=True)
    assert [[alone]] == list(groups([alone]))


def test_rows_are_joined_in_the_order_of_the_first_answer_and_faults_are_gathered() -> None:
    found = joined(
        [page({"b": 1, "a": 2}, "x", more=True, faults=1), page({"a": 20, "b": 10}, "y", more=False, faults=1)],
        KEY,
        [["x"], ["y"]],
    )
    assert [("b", 1, 10), ("a", 2, 20)] == found.frame.select("code", "x", "y").rows()
    assert (2, {"left out": 1}, None) == (found.faults.height, found.notes, found.after)


def test_pages_of_one_question_are_put_together_and_the_first_of_two_rows_stands() -> None:
    pages = [
        page({"a": 1}, "x", more=True),
        page({"a": 7, "b": 2}, "x", more=True),
        page({"a": 3, "b": 4}, "y", more=False),
    ]
    assert [("a", 1, 3), ("b", 2, 4)] == sorted(
        joined(pages, KEY, [["x"], ["y"]]).frame.select("code", "x", "y").rows()
    )


def test_a_question_that_was_not_asked_leaves_no_row() -> None:
    found = joined([page({"a": 1}, "x", more=False)], KEY, [["x"], ["y"]])
    assert (0, [TORN]) == (found.frame.height, found.faults["reason"].to_list())


@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 9), max_size=8),
    st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 9), max_size=8),
)
def test_a_row_is_whole_or_a_fault(first: dict[str, int], second: dict[str, int]) -> None:
    found = joined([page(first, "x", more=True), page(second, "y", more=False)], KEY, [["x"], ["y"]])
    both = first.keys() & second.keys()
    assert {code: (first[code], second[code]) for code in both} == {
        code: (x, y) for code, x, y in found.frame.select("code", "x", "y").iter_rows()
    }
    assert sorted(first.keys() ^ second.keys()) == sorted(found.faults["value"])
