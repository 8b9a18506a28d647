"""Page after page, with an end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from sugeup.errors import SchemaDrift
from sugeup.hub import Hub, paging
from sugeup.sources.vendor import Ask, Page, Reply
from tests.hub import serving, tiny


def test_every_page_of_an_ask_is_given(hub: Hub, server: serving.TinyServer) -> None:
    server.pages = {"": "b", "b": "ccc"}
    assert [[0], [1], [3]] == [page.frame["n"].to_list() for page in hub.pages(tiny.NUMBERS, tiny.ask())]
    assert "TINY01" == server.seen_headers["tr_id"]


@pytest.mark.parametrize("leads_to", [{"": "b", "b": "b"}, {"": "b", "b": "c", "c": "b"}])
def test_pages_that_lead_back_are_a_drift_after_what_was_read(
    hub: Hub, server: serving.TinyServer, leads_to: dict[str, str | None]
) -> None:
    server.pages = leads_to
    read = []
    with pytest.raises(SchemaDrift) as caught:
        read.extend(hub.pages(tiny.NUMBERS, tiny.ask()))
    assert len(leads_to) == len(read)
    assert "tiny numbers: after 005930" in str(caught.value)
    assert "does not lead on" in str(caught.value)
    assert {"vendor": "tiny", "endpoint": "numbers"} == caught.value.details


def test_days_must_become_fewer_where_the_cursor_stays() -> None:
    start = replace(tiny.ask(), first=tiny.DAY - timedelta(days=9))
    asked = []

    def page(part: Ask) -> Page:
        asked.append(part.last)
        shorter = replace(part, last=part.last - timedelta(days=3))
        wider = replace(part, last=part.last + timedelta(days=30))
        return Page(pl.DataFrame(), shorter if len(asked) < 3 else wider)

    with pytest.raises(SchemaDrift, match="does not lead on"):
        list(paging.pages("tiny", "numbers", start, page))
    assert [tiny.DAY - timedelta(days=3 * n) for n in range(3)] == asked


def test_pages_without_end_are_a_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST", 7)
    read = []
    with pytest.raises(SchemaDrift, match="7 pages and no end"):
        read.extend(
            paging.pages("tiny", "numbers", tiny.ask(), lambda part: Page(pl.DataFrame(), part.at(part.cursor + "x")))
        )
    assert 7 == len(read)


def test_an_answer_that_its_parser_did_not_foresee_is_a_drift_with_vendor_and_endpoint(
    hub: Hub, server: serving.TinyServer
) -> None:
    server.plan.append({"code": "OK", "figures": []})
    with pytest.raises(SchemaDrift) as caught:
        list(hub.pages(tiny.NUMBERS, tiny.ask()))
    assert "tiny numbers: an answer could not be read (KeyError: 'numbers')" in str(caught.value)


def test_an_answer_that_is_no_json_is_a_drift(opened: Callable[..., Hub]) -> None:
    def judge(*_: object) -> object:
        raise ValueError("no json")

    hub = opened(vendor=replace(tiny.TINY, judge=judge))
    with pytest.raises(SchemaDrift, match="ValueError: no json"):
        hub.send(tiny.plain())


def test_the_moment_of_the_reply_is_that_of_the_injected_clock(opened: Callable[..., Hub]) -> None:
    clock = tiny.WallClock()
    clock.ahead = 86_400.0
    reply: Reply = opened(clock=clock).send(tiny.plain())
    assert abs((reply.received_at - clock.now()).total_seconds()) < 5
    assert "content-length" in reply.headers
