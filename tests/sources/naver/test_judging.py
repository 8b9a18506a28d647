"""How answers are taken: figures pass, a page is told as a page, a refusal leaves the site alone."""

from __future__ import annotations

import pytest

from sugeup.errors import Refused, SchemaDrift
from sugeup.sources.naver.judging import BLOCKED_WAIT, PAGE, judge
from sugeup.sources.vendor import Outcome, Reply
from tests.sources.naver.answers import ENDPOINTS, EVENING, ask, recorded, reply

REQUEST = ENDPOINTS[0].build(ask(ENDPOINTS[0]))
STOCK = next(one for one in ENDPOINTS if one.name == "naver_stock_trend")
HTML = b"<!DOCTYPE html><html><body><div id=root></div></body></html>"


def page(status: int = 200, kind: str = "text/html; charset=utf-8") -> Reply:
    return reply(HTML, status=status, kind=kind)


@pytest.mark.parametrize("name", ["market_trend_daily", "market_trend_deposit", "stock_trend"])
def test_every_quoted_answer_is_one(name: str) -> None:
    assert Outcome.DONE is judge(REQUEST, reply(recorded(name))).outcome


@pytest.mark.parametrize("kind", ["text/html", "application/json", ""])
def test_a_page_in_place_of_figures_is_asked_again_and_told_as_one(kind: str) -> None:
    found = judge(REQUEST, page(kind=kind))
    assert (Outcome.AGAIN, f"{PAGE} (status 200)") == (found.outcome, found.said)


@pytest.mark.parametrize("status", [404, 410, 301, 302])
def test_a_question_that_is_gone_is_a_changed_interface(status: int) -> None:
    with pytest.raises(SchemaDrift, match="no longer answered") as raised:
        judge(REQUEST, page(status))
    assert ("naver", REQUEST.path) == (raised.value.details["vendor"], raised.value.details["endpoint"])
    assert PAGE in raised.value.message and "turn this source off" in str(raised.value.hint)


def test_an_address_that_is_refused_leaves_the_site_alone_for_an_hour() -> None:
    found = judge(REQUEST, page(403))
    assert (Outcome.LIMITED, BLOCKED_WAIT) == (found.outcome, found.wait)
    assert "this address is refused" in found.said


def test_too_many_calls_wait_as_long_as_is_asked() -> None:
    answer = Reply(429, {"retry-after": "7"}, b"{}", EVENING)
    assert (Outcome.LIMITED, 7.0) == (judge(REQUEST, answer).outcome, judge(REQUEST, answer).wait)
    assert Outcome.LIMITED is judge(REQUEST, page(429)).outcome


@pytest.mark.parametrize("status", [500, 502, 503])
def test_trouble_of_the_vendor_passes(status: int) -> None:
    assert Outcome.AGAIN is judge(REQUEST, page(status)).outcome
    assert Outcome.AGAIN is judge(REQUEST, reply({"message": "x"}, status=status)).outcome


@pytest.mark.parametrize("body", [b"", b'{"content": [', b"nothing", b"\xff\xfe"])
def test_an_answer_that_is_cut_is_asked_again(body: bytes) -> None:
    assert Outcome.AGAIN is judge(REQUEST, reply(body)).outcome


def test_a_question_that_is_not_taken_is_ours_to_change_and_a_stock_the_callers() -> None:
    answer = reply({"message": "too_big"}, status=400)
    with pytest.raises(SchemaDrift, match=r"does not take the question as we put it.*too_big"):
        judge(REQUEST, answer)
    with pytest.raises(Refused, match="too_big"):
        judge(STOCK.build(ask(STOCK)), answer)
