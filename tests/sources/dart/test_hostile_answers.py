"""Whatever the regulator answers, there is a page or the word that the answer has changed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup import records
from sugeup.errors import SchemaDrift, SugeupError
from sugeup.sources.dart import DART
from sugeup.sources.vendor import Reply, Request
from tests.sources.dart.answers import CALLS, EVENING, FEED, ROWS, ask, feed, reply, told

EVERY = [(name, call) for name, calls in CALLS.items() for call in ("", *calls)]
ALL = pytest.mark.parametrize(("name", "call"), EVERY)
FILINGS = records.dataset("filings")
texts = st.one_of(
    st.text(max_size=12), st.sampled_from(["", "-", "0", "NaN", "1,2,3", "20260230", "00000000", "a:b,c@d"])
)
anything = st.one_of(texts, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(texts, max_size=2))


@ALL
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_values_of_any_kind_give_a_page_or_drift(name: str, call: str, data: st.DataObject) -> None:
    row: dict[str, Any] = copy.deepcopy(ROWS[call] if call else FEED)
    for field in data.draw(st.lists(st.sampled_from(sorted(row)), max_size=4)):
        row[field] = data.draw(anything)
    body = told(row) if call else feed(row)
    try:
        page = DART.endpoint(name).parse(ask(call), reply(body))
    except SchemaDrift:
        return
    assert FILINGS.conform(page.frame).height == page.frame.height
    if page.after is not None:
        assert DART.endpoint(name).build(page.after).path.endswith(".json")


@ALL
@settings(max_examples=15, deadline=None)
@given(block=st.one_of(anything, st.lists(anything, max_size=3), st.dictionaries(texts, anything, max_size=3)))
def test_lists_of_any_shape_give_a_page_or_drift(name: str, call: str, block: Any) -> None:
    try:
        assert 0 <= DART.endpoint(name).parse(ask(call), reply({"status": "000", "list": block})).frame.height
    except SchemaDrift:
        return


@ALL
@pytest.mark.parametrize("body", [b"", b"<html></html>", b'{"status": "000", "li', b"[]", b'{"status": "000"}'])
def test_what_is_no_answer_is_said_to_have_changed(name: str, call: str, body: bytes) -> None:
    with pytest.raises(SchemaDrift):
        DART.endpoint(name).parse(ask(call), Reply(200, {}, body, EVENING))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100), st.sampled_from([200, 400, 404, 429, 500, 503]))
def test_bytes_of_any_kind_are_judged(body: bytes, status: int) -> None:
    try:
        DART.judge(Request("/list.json"), Reply(status, {}, body, EVENING))
    except SugeupError as error:
        assert error.hint or error.details
