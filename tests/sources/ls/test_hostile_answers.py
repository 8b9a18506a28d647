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
from sugeup.sources.ls import LS
from sugeup.sources.vendor import Endpoint, Reply
from tests.sources.ls.answers import ASKED, CLOSED, ask, documents, key, question, reply, rows, turned

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
    answers = copy.deepcopy(documents(endpoint))
    for found in answers:
        for row in rows(found, question(endpoint)):
            for name in data.draw(st.lists(st.sampled_from(sorted(row)), max_size=4)):
                row[name] = data.draw(anything)
    try:
        page = turned(endpoint, answers)
    except SchemaDrift:
        return
    dataset = records.dataset(endpoint.dataset)
    assert dataset.conform(page.frame).height == page.frame.height


@EVERY
@settings(max_examples=15, deadline=None)
@given(
    block=st.one_of(
        anything, st.lists(anything, max_size=3), st.dictionaries(st.text(max_size=5), anything, max_size=3)
    ),
    beside=anything,
)
def test_blocks_of_any_shape_give_a_page_or_drift(endpoint: Endpoint, block: Any, beside: Any) -> None:
    answers = documents(endpoint)
    for found in answers:
        for name in list(found):
            if name not in {"rsp_cd", key(found, question(endpoint))}:
                found[name] = beside
        found[key(found, question(endpoint))] = block
    try:
        assert turned(endpoint, answers).frame.height >= 0
    except SchemaDrift as drift:
        assert drift.details["endpoint"] == question(endpoint).name


@EVERY
@settings(max_examples=15, deadline=None)
@given(
    cursors=st.lists(anything, min_size=5, max_size=5),
    told=st.sampled_from(["", "Y", "N", "y", "X"]),
    following=st.text(st.characters(codec="ascii", exclude_characters="|"), max_size=18),
)
def test_places_of_any_kind_lead_back_or_nowhere(
    endpoint: Endpoint, cursors: list[Any], told: str, following: str
) -> None:
    found = documents(endpoint)[0]
    for name, block in found.items():
        if isinstance(block, dict) and name.lower() not in question(endpoint).blocks[0].keys:
            block.update(zip(("cts_date", "cts_time", "date", "cts_idx", "shcode"), cursors, strict=True))
    answer = reply(found, headers={"tr_cont": told, "tr_cont_key": following})
    asked = ask(endpoint)
    try:
        after = endpoint.parse(asked, answer).after
    except SchemaDrift:
        return
    if after is not None:
        assert after.cursor != asked.cursor
        assert endpoint.build(after).body


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([200, 403, 404, 429, 500, 503]))
def test_bytes_of_any_kind_are_judged_and_read_or_told(body: bytes, status: int) -> None:
    answer = Reply(status, {}, body, CLOSED)
    for endpoint in LS.endpoints:
        request = endpoint.build(ask(endpoint))
        try:
            LS.judge(request, answer)
        except SugeupError as error:
            assert str(error)
        with pytest.raises(SchemaDrift):
            endpoint.parse(ask(endpoint), answer)
    with pytest.raises(SugeupError):
        LS.token(answer)


@given(st.integers(0, 400))
def test_an_answer_cut_anywhere_is_asked_for_again_and_never_read(place: int) -> None:
    endpoint = LS.endpoint("t1702")
    whole = json.dumps(documents(endpoint)[0]).encode()
    cut = Reply(200, {}, whole[: place * len(whole) // 401], CLOSED)
    assert "again" == LS.judge(endpoint.build(ask(endpoint)), cut).outcome
    with pytest.raises(SchemaDrift):
        endpoint.parse(ask(endpoint), cut)
