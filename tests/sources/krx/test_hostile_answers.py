"""Whatever the exchange answers, there is a page, a reason why not, or the word that the answer has changed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup import records
from sugeup.errors import NoData, SchemaDrift, SugeupError
from sugeup.sources.krx import KRX
from sugeup.sources.vendor import Endpoint, Reply, Request
from tests.sources.krx.answers import EVERY, MORNING, ROWS, ask, reply

ALL = pytest.mark.parametrize("endpoint", EVERY, ids=lambda one: one.name)
texts = st.one_of(
    st.text(max_size=12), st.sampled_from(["", "-", "0", "NaN", "1e9", "20260230", "무액면", "1,2,3", "٣"])
)
anything = st.one_of(texts, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(texts, max_size=2))


@ALL
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_values_of_any_kind_give_a_page_or_a_reason(endpoint: Endpoint, data: st.DataObject) -> None:
    rows = copy.deepcopy(ROWS[endpoint.name])
    for row in rows:
        for name in data.draw(st.lists(st.sampled_from(sorted(row)), max_size=4)):
            row[name] = data.draw(anything)
    try:
        page = endpoint.parse(ask(endpoint), reply(rows))
    except (SchemaDrift, NoData):
        return
    assert records.dataset(endpoint.dataset).conform(page.frame).height == page.frame.height


@ALL
@settings(max_examples=25, deadline=None)
@given(block=st.one_of(anything, st.lists(anything, max_size=3), st.dictionaries(texts, anything, max_size=3)))
def test_blocks_of_any_shape_give_a_page_or_a_reason(endpoint: Endpoint, block: Any) -> None:
    try:
        assert 0 <= endpoint.parse(ask(endpoint), reply({"OutBlock_1": block})).frame.height
    except (SchemaDrift, NoData):
        return


@ALL
@pytest.mark.parametrize("body", [b"", b"<html></html>", b'{"OutBlock_1": [{"BAS', b"[]", b"{}", b"null"])
def test_what_is_no_answer_is_said_to_have_changed(endpoint: Endpoint, body: bytes) -> None:
    with pytest.raises(SchemaDrift):
        endpoint.parse(ask(endpoint), Reply(200, {}, body, MORNING))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100), st.sampled_from([200, 400, 401, 403, 404, 429, 500, 503]))
def test_bytes_of_any_kind_are_judged(body: bytes, status: int) -> None:
    try:
        KRX.judge(Request("/sto/stk_bydd_trd"), Reply(status, {}, body, MORNING))
    except SugeupError as error:
        assert error.hint or error.details
