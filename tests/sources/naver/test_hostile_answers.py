"""Whatever the vendor answers, the source gives a page or says that the answer has changed; nothing else escapes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup import records
from sugeup.errors import NoData, SchemaDrift, SugeupError
from sugeup.sources.naver.judging import judge
from sugeup.sources.vendor import Endpoint, Reply
from tests.sources.naver.answers import ENDPOINTS, EVENING, MORNING, ask, document, parsed, reply, row, time_of

EVERY = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
texts = st.one_of(
    st.text(max_size=20),
    st.integers(-(10**25), 10**25).map(str),
    st.sampled_from(["", "-", "0", "NaN", "-0", "99991231", "19491231", "20260230", "888888", "240000", "1,000", "٣"]),
)
anything = st.one_of(
    texts, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(texts, max_size=2), st.just({})
)


@EVERY
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_values_of_any_kind_give_a_page_or_drift(endpoint: Endpoint, data: st.DataObject) -> None:
    changed: dict[str, Any] = row(endpoint, time=time_of(endpoint))
    for name in data.draw(st.lists(st.sampled_from(sorted(changed)), max_size=3)):
        changed[name] = data.draw(anything)
    if isinstance(changed.get("netAmounts"), list) and changed["netAmounts"]:
        item = data.draw(st.sampled_from(changed["netAmounts"]))
        if isinstance(item, dict) and item:
            item[data.draw(st.sampled_from(sorted(item)))] = data.draw(anything)
    try:
        found = parsed(endpoint, [changed])
    except (SchemaDrift, NoData) as error:  # no day at all: nothing is entered for the days that were asked for
        assert "naver" == error.details["vendor"]
        return
    dataset = records.dataset(endpoint.dataset)
    assert dataset.conform(found.frame).height == found.frame.height


@EVERY
@settings(max_examples=25, deadline=None)
@given(
    content=st.one_of(anything, st.lists(anything, max_size=3), st.dictionaries(st.text(max_size=5), anything)),
    beside=anything,
    bare=st.booleans(),
)
def test_answers_of_any_shape_give_a_page_or_an_error_of_ours(
    endpoint: Endpoint, content: Any, beside: Any, bare: bool
) -> None:
    whole = content if bare else {"content": content, "last": beside}
    try:
        assert endpoint.parse(ask(endpoint), reply(whole, MORNING)).frame.height >= 0
    except (SchemaDrift, NoData) as error:
        assert "naver" == error.details["vendor"]


@EVERY
@settings(max_examples=30, deadline=None)
@given(
    body=st.binary(max_size=200), status=st.integers(100, 599), kind=st.sampled_from(["text/html", "application/json"])
)
def test_any_bytes_are_judged_or_refused_in_words(endpoint: Endpoint, body: bytes, status: int, kind: str) -> None:
    try:
        judge(endpoint.build(ask(endpoint)), Reply(status, {"content-type": kind}, body, EVENING))
    except SugeupError as error:
        assert error.message and error.details["vendor"] == "naver"


@EVERY
def test_an_answer_cut_anywhere_is_never_a_page(endpoint: Endpoint) -> None:
    whole = json.dumps(document(endpoint, [row(endpoint, time=time_of(endpoint))])).encode()
    for end in range(0, len(whole) - 1, 37):
        with pytest.raises(SchemaDrift, match="not JSON"):
            endpoint.parse(ask(endpoint), reply(whole[:end]))


@EVERY
def test_a_row_that_cannot_be_read_is_a_fault_and_the_others_stay(endpoint: Endpoint) -> None:
    good, bad = row(endpoint, time=time_of(endpoint)), row(endpoint, time=time_of(endpoint))
    name = next(one for one in ("diffBuyAmt", "creditLoan", "frgnStock", "netAmounts") if one in bad)
    if name == "netAmounts":
        bad[name][0]["buyPrice"] = "much"
    else:
        bad[name] = "much"
    found = parsed(endpoint, [bad, good])
    assert (1, 1) == (found.frame.height, found.faults.height)
    assert "much" == found.faults["value"][0]
