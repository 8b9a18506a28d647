"""Whatever is asked, the answer is the vendor's: JSON with a verdict, never a failure of the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.market.sessions import SEOUL
from sugeup.sandbox.kis.routes import routes
from tests.support.sandboxes import ENDPOINTS, Caller, calling, made, market, usual

SERVED = sorted(route.name for route in routes().values() if route.answer is not None)
VALUES = st.sampled_from(
    [
        "", " ", "J", "NX", "UN", "U", "F", "0", "1", "3", "K", "Q", "D", "W", "0000", "0001", "1001", "2001", "0013",
        "KSP", "KSQ", "ETF", "20250415", "20250301", "20271231", "20280101", "19000101", "99999999", "2025041",
        "153000", "090000", "0", "60", "120", "9", "일이", "%00", "-1", "000000",
        "1028", *market().codes[:3],
    ]
)  # fmt: skip


@pytest.fixture(scope="module")
def caller() -> Iterator[Caller]:
    with calling(made("2025-04-15T16:00")) as found:
        yield found


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(SERVED), moment=st.datetimes(datetime(2025, 2, 20), datetime(2025, 7, 1)), data=st.data())
def test_any_parameters_at_any_moment_get_an_answer(
    caller: Caller, name: str, moment: datetime, data: st.DataObject
) -> None:
    caller.http.post("/sandbox/clock", json={"set": moment.replace(tzinfo=SEOUL).isoformat()})
    chosen = data.draw(st.lists(st.sampled_from(sorted(ENDPOINTS[name]["params"])), max_size=3, unique=True))
    given_ = {
        param: data.draw(VALUES) if param in chosen else usual(name, param, described) or data.draw(VALUES)
        for param, described in ENDPOINTS[name]["params"].items()
        if not param[-2:].isdigit()
    }
    found = caller.send(name, **given_)
    assert 200 == found.status_code
    assert found.json()["rt_cd"] in {"0", "1", "2"}
    assert found.json()["msg_cd"]


@settings(max_examples=60, deadline=None)
@given(path=st.text(max_size=30), tr_id=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=15))
def test_any_path_and_identifier_are_answered(caller: Caller, path: str, tr_id: str) -> None:
    found = caller.http.get("/uapi/" + quote(path, safe=""), headers=caller.headers(tr_id))
    assert found.status_code in {200, 404}
    assert "rt_cd" in found.json()
