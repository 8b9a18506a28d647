"""Every question asked of every lake and moment: empty, one session, closed days, the future, a ban of short sales."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from sugeup.archive import Archive
from sugeup.errors import NoData, Refused, SugeupError
from sugeup.faces import payload
from sugeup.market import overheating, sessions
from tests.support.asking import CASES, LISTS, SILENT, asked, days_of, every, moment_of, needed, varied
from tests.support.edges import Edges
from tests.support.truths import texts, wrong

pytestmark = pytest.mark.slow
DATED = [name for name, case in CASES.items() if moment_of(case)]
SPANNED = [name for name in LISTS if {"start", "end"} <= set(days_of(CASES[name]))]
HOLIDAY, WEEKEND = "2025-10-06", "2025-10-11"
MAPPED = frozenset({"list_sectors"})
"""A list of sectors is of a day, which need not be a session."""


def ask(archive: Archive, edges: Edges, name: str, **arguments: Any) -> BaseModel | SugeupError:
    answer = asked(archive, CASES[name], needed(CASES[name], edges.kinds["ordinary"]) | arguments)
    if isinstance(answer, BaseModel):
        assert [] == wrong(CASES[name], answer), arguments
    return answer


@every
def test_an_empty_lake_has_no_answer_and_says_which_command_brings_one(bare: Archive, edges: Edges, name: str) -> None:
    for about in varied(CASES[name]):
        answer = ask(bare, edges, name, **about)
        if name in SILENT:
            assert isinstance(answer, BaseModel)
        else:
            assert isinstance(answer, NoData) and "NOT_COLLECTED" == answer.code


@every
def test_a_single_session_gives_figures_without_history_or_says_what_is_missing(single: Edges, name: str) -> None:
    for about in varied(CASES[name]):
        answer = ask(single.archive, single, name, **about)
        if isinstance(answer, SugeupError):
            assert isinstance(answer, NoData), answer


@every
def test_an_answer_of_any_session_explains_its_nulls(edges: Edges, name: str) -> None:
    moment = moment_of(CASES[name])
    for day in edges.market.sessions[::-49]:
        answer = ask(edges.archive, edges, name, **({} if moment is None else {moment: str(day)}))
        assert isinstance(answer, BaseModel | NoData), answer


@pytest.mark.parametrize("name", [name for name in DATED if name not in MAPPED])
@pytest.mark.parametrize("day", [HOLIDAY, WEEKEND])
def test_a_day_without_trading_is_closed_and_its_neighbours_are_named(edges: Edges, name: str, day: str) -> None:
    error = ask(edges.archive, edges, name, **{str(moment_of(CASES[name])): day})
    assert isinstance(error, NoData) and "MARKET_CLOSED" == error.code
    assert day in error.message and error.details["previous_session"] < day < error.details["next_session"]


@pytest.mark.parametrize("name", [name for name in DATED if name not in MAPPED])
def test_the_session_of_today_before_its_opening_is_not_published_yet(edges: Edges, name: str) -> None:
    today = sessions.next(edges.newest)
    early = edges.at(datetime.fromisoformat(f"{today}T07:30:00+09:00"))
    error = ask(early, edges, name, **{str(moment_of(CASES[name])): str(today)})
    assert isinstance(error, NoData) and error.code in {"NOT_PUBLISHED_YET", "NOT_COLLECTED"}, error
    if error.code == "NOT_PUBLISHED_YET":
        assert str(today) in error.message and str(error.details["available_at"]) > f"{today}T07:30"


@pytest.mark.parametrize("name", [name for name in DATED if name not in MAPPED])
@pytest.mark.parametrize("day", ["2027-12-30", "1999-01-04", "2031-01-02", "9999-12-31", "0001-01-01"])
def test_a_day_far_from_every_figure_is_an_error_that_says_so(edges: Edges, name: str, day: str) -> None:
    error = ask(edges.archive, edges, name, **{str(moment_of(CASES[name])): day})
    assert isinstance(error, SugeupError)
    assert error.code in {"NOT_PUBLISHED_YET", "OUT_OF_HISTORY", "MARKET_CLOSED", "INVALID_ARGUMENT", "NOT_COLLECTED"}


@pytest.mark.parametrize("name", SPANNED)
def test_a_span_that_is_turned_round_is_refused(edges: Edges, name: str) -> None:
    error = ask(edges.archive, edges, name, start="2025-09-02", end="2025-09-01")
    assert isinstance(error, Refused) and "INVALID_ARGUMENT" == error.code
    assert "2025-09-02" in error.message and "2025-09-01" in error.message


@pytest.mark.parametrize("name", SPANNED)
@pytest.mark.parametrize("span", [{"start": "2027-12-01"}, {"end": "2010-01-04"}])
def test_a_span_without_a_figure_is_an_empty_page_or_says_that_nothing_is_stored(
    edges: Edges, name: str, span: dict[str, str]
) -> None:
    answer = ask(edges.archive, edges, name, **span)
    if isinstance(answer, SugeupError):
        assert answer.code in {"NOT_COLLECTED", "OUT_OF_HISTORY"}
    else:
        assert ([], 0) == (payload.plain(answer)["rows"], payload.plain(answer)["total"])


BANNED = "2025-03-14"


def test_short_sales_of_a_ban_are_null_with_the_ban_as_the_reason_and_never_zero(edges: Edges) -> None:
    code = edges.kinds["ordinary"]
    assert overheating.banned(date.fromisoformat(BANNED))
    listed = ask(edges.archive, edges, "get_shorts", end=BANNED, limit=10)
    assert isinstance(listed, BaseModel)
    for row in payload.plain(listed)["rows"]:
        assert row["ban"] is True
        _forbidden(row, "short_volume", "short_amount", "short_ratio")
    answer = ask(edges.archive, edges, "get_short_selling", stock_code=code, session=BANNED)
    assert isinstance(answer, BaseModel)
    parts = payload.plain(answer)["stock"]
    _forbidden(parts["trading"], "short_volume", "short_amount", "short_ratio")
    _forbidden(parts["overheating"], "type")
    for row in parts["history"]:
        assert row["short_volume"] is None
    assert "금지" in texts(CASES["get_short_selling"], answer, False)


def test_a_market_in_a_ban_has_no_ranking_of_short_sales(edges: Edges) -> None:
    answer = ask(edges.archive, edges, "get_short_selling", session=BANNED)
    assert isinstance(answer, BaseModel)
    whole = payload.plain(answer)
    assert [] == whole["market"]["top"] and any("금지" in said for said in whole["warnings"])
    assert all(total["short_amount"] is None for total in whole["market"]["totals"])
    brief = ask(edges.archive, edges, "get_market_brief", session=BANNED)
    assert isinstance(brief, BaseModel)
    shorts = payload.plain(brief)["shorts"]
    assert {None} == set(shorts["short_ratio"].values()) and "OUT_OF_SCOPE" == shorts["meta"]["short_ratio"]["reason"]


def _forbidden(block: dict[str, Any], *fields: str) -> None:
    for field in fields:
        assert block[field] is None
        assert "OUT_OF_SCOPE" == block["meta"][field]["reason"] and "금지" in block["meta"][field]["note"]
