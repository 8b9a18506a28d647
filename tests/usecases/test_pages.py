"""Pages of every list: a cursor behind the end is an empty page that tells the total, and pages never repeat a row."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from pydantic import BaseModel

from sugeup.faces import payload
from tests.support.asking import CASES, asked, needed
from tests.support.asking import LISTS as EVERY
from tests.support.edges import Edges

pytestmark = pytest.mark.slow
BEHIND = base64.urlsafe_b64encode(b"row:100000").decode().rstrip("=")
LISTS = sorted(set(EVERY) - {"get_filings", "get_sector_signals", "get_session_signals", "get_signals"})
"""Filings and signals are not told by the market of the sandbox: their pages are tried where they are stored."""


def ask(edges: Edges, name: str, **arguments: Any) -> Any:
    answer = asked(edges.archive, CASES[name], needed(CASES[name], edges.kinds["ordinary"]) | arguments)
    assert isinstance(answer, BaseModel), answer
    return answer


def listed(answer: Any) -> list[Any]:
    plain = payload.plain(answer)
    return next(value for key in ("rows", "stocks", "sectors") if (value := plain.get(key)) is not None)


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_behind_the_end_is_an_empty_page_with_the_total(edges: Edges, name: str) -> None:
    first, behind = ask(edges, name, limit=1), ask(edges, name, cursor=BEHIND)
    assert 1 == len(listed(first))
    assert ([], None) == (listed(behind), behind.next_cursor)
    assert first.total == behind.total > 1
    assert [] == CASES[name].rows(behind) and "".join(map(str, CASES[name].text(behind)))


@pytest.mark.parametrize("name", LISTS)
def test_pages_follow_each_other_without_gap_or_repeat(edges: Edges, name: str) -> None:
    whole, found, cursor = ask(edges, name, limit=6), [], None
    for _ in range(3):
        page = ask(edges, name, limit=2, **({} if cursor is None else {"cursor": cursor}))
        found += listed(page)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert listed(whole)[: len(found)] == found and len(found) == min(6, whole.total)
