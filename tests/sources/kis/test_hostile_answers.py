"""Whatever the vendor answers, the source gives a page or says that the answer has changed; nothing else escapes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup import records
from sugeup.errors import SchemaDrift, SugeupError
from sugeup.sources.kis import KIS
from sugeup.sources.kis.vendor import ROUTES
from sugeup.sources.vendor import Endpoint, Reply
from tests.sources.kis.answers import ASKED, CLOSED, ask, document, key, reply, rows

EVERY = pytest.mark.parametrize("endpoint", ASKED, ids=lambda one: one.name)
texts = st.one_of(
    st.text(max_size=20),
    st.integers(-(10**25), 10**25).map(str),
    st.sampled_from(
        ["", "-", "0", "NaN", "-0", "99991231", "00010101", "19491231", "20260230", "888888", "240000", "1e9", "٣"]
    ),
)
anything = st.one_of(
    texts, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(texts, max_size=2), st.just({})
)


@EVERY
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_values_of_any_kind_give_a_page_or_drift(endpoint: Endpoint, data: st.DataObject) -> None:
    found = copy.deepcopy(document(endpoint))
    route = ROUTES[endpoint.name]
    for number in range(len(route.blocks)):
        for row in rows(found, route, number):
            for name in data.draw(st.lists(st.sampled_from(sorted(row)), max_size=4)):
                row[name] = data.draw(anything)
    try:
        page = endpoint.parse(ask(endpoint), reply(found))
    except SchemaDrift:
        return
    dataset = records.dataset(endpoint.dataset)
    assert dataset.conform(page.frame).height == page.frame.height
    assert set(page.frame["row"]).isdisjoint(page.faults["row"]) or endpoint.dataset == "broker_members"


@EVERY
@settings(max_examples=15, deadline=None)
@given(
    block=st.one_of(
        anything, st.lists(anything, max_size=3), st.dictionaries(st.text(max_size=5), anything, max_size=3)
    )
)
def test_blocks_of_any_shape_give_a_page_or_drift(endpoint: Endpoint, block: Any) -> None:
    found = document(endpoint)
    found[key(found, ROUTES[endpoint.name])] = block
    try:
        assert endpoint.parse(ask(endpoint), reply(found)).frame.height >= 0
    except SchemaDrift as drift:
        assert drift.details["endpoint"] == ROUTES[endpoint.name].name


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([200, 403, 404, 429, 500, 503]))
def test_bytes_of_any_kind_are_judged_and_read_or_told(body: bytes, status: int) -> None:
    answer = Reply(status, {}, body, CLOSED)
    for endpoint in KIS.endpoints:
        request = endpoint.build(ask(endpoint))
        try:
            KIS.judge(request, answer)
        except SugeupError as error:
            assert str(error)
        with pytest.raises(SchemaDrift):
            endpoint.parse(ask(endpoint), answer)


@given(st.integers(0, 400))
def test_an_answer_cut_anywhere_is_asked_for_again_and_never_read(place: int) -> None:
    endpoint = KIS.endpoint("investor_trade_by_stock_daily")
    whole = json.dumps(document(endpoint)).encode()
    cut = Reply(200, {}, whole[: place * len(whole) // 401], CLOSED)
    assert "again" == KIS.judge(endpoint.build(ask(endpoint)), cut).outcome
    with pytest.raises(SchemaDrift):
        endpoint.parse(ask(endpoint), cut)
