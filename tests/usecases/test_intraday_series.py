"""The lists behind the day by the clock: minutes of a market, tallies of a stock, page by page."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from sugeup.market import sessions
from tests.support.archives import open_archive, rows
from tests.support.clock_days import even, fill_market, fill_tallies, snapshots, unexplained

DAY = date(2026, 2, 27)
CODE = "005930"


def ask(archive: Archive, name: str, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(registry.usecases()[name], archive)(**arguments))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    found = open_archive(tmp_path)
    for day in (sessions.previous(DAY), DAY):
        fill_market(found, "KOSPI", snapshots("KOSPI", day, even, range(1, 8)))
        fill_tallies(found, CODE, day, [100, 100, 150, 90, None], [0, 40, 10, 70, None])
    given = {"code": CODE, "valid_from": date(2020, 1, 2), "name": "삼성전자", "market": "KOSPI"}
    found.fill("instruments", rows("instruments", [given]))
    return found


def test_minutes_of_the_newest_session_come_newest_first_as_running_totals(archive: Archive) -> None:
    answer = ask(archive, "get_market_minutes", market="KOSPI")
    assert (str(DAY), 7, None) == (answer["date"], answer["total"], answer["next_cursor"])
    assert "2026-02-27T09:07:00+09:00" == answer["as_of"] == answer["rows"][0]["at"]
    assert {"buy_amount": 21_000_000, "sell_amount": 7_000_000, "net_amount": 14_000_000} == answer["rows"][0]["flows"][
        "foreign"
    ]
    assert "bank" not in answer["rows"][0]["flows"]


def test_another_session_is_asked_for_by_its_date(archive: Archive) -> None:
    before = sessions.previous(DAY)
    assert str(before) == ask(archive, "get_market_minutes", market="KOSPI", date=before)["date"]
    with pytest.raises(NoData) as caught:
        ask(archive, "get_market_minutes", market="KOSPI", date=date(2026, 2, 17))
    assert "MARKET_CLOSED" == caught.value.code
    with pytest.raises(NoData) as caught:
        ask(archive, "get_market_minutes", market="KOSDAQ")
    assert "NOT_COLLECTED" == caught.value.code


@pytest.mark.parametrize(
    ("name", "about"), [("get_market_minutes", {"market": "KOSPI"}), ("get_stock_estimates", {"stock_code": CODE})]
)
def test_pages_hold_every_row_once(archive: Archive, name: str, about: dict[str, str]) -> None:
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        answer = ask(archive, name, limit=3, **about, **cursor)
        found += answer["rows"]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert found == ask(archive, name, limit=500, **about)["rows"]
    assert answer["total"] == len(found)
    with pytest.raises(Refused, match="no cursor"):
        ask(archive, name, cursor="nonsense", **about)


def test_tallies_are_estimates_and_their_silent_slots_are_null_with_the_reason(archive: Archive) -> None:
    answer = ask(archive, "get_stock_estimates", stock_code=CODE)
    assert (8, True) == (answer["total"], answer["provisional"])
    assert "2026-02-27T13:20:00+09:00" == answer["as_of"]
    last, *_, second, first = answer["rows"][:4]
    assert (4, "13:20", 90, 70) == tuple(
        last[key] for key in ("slot", "time", "foreign_net_volume", "institution_net_volume")
    )
    assert last["meta"]["foreign_net_volume"]["estimated"] is True
    assert (None, 40) == (second["foreign_net_volume"], second["institution_net_volume"])
    assert (100, None) == (first["foreign_net_volume"], first["institution_net_volume"])
    assert "NOT_PUBLISHED_YET" == first["meta"]["institution_net_volume"]["reason"]
    assert [] == [path for path in unexplained(answer) if path != "next_cursor"]


def test_tallies_of_a_span_and_of_a_stock_without_any(archive: Archive) -> None:
    answer = ask(archive, "get_stock_estimates", stock_code=CODE, start=DAY, end=DAY)
    assert {str(DAY)} == {row["session"] for row in answer["rows"]}
    with pytest.raises(Refused, match="after end"):
        ask(archive, "get_stock_estimates", stock_code=CODE, start=DAY, end=sessions.previous(DAY))
    with pytest.raises(NoData) as caught:
        ask(archive, "get_stock_estimates", stock_code=CODE, end=date(2025, 1, 3))
    assert "NOT_COLLECTED" == caught.value.code
    with pytest.raises(Refused) as unknown:
        ask(archive, "get_stock_estimates", stock_code="123456")
    assert "UNKNOWN_STOCK" == unknown.value.code


def test_both_lists_have_a_text_and_flat_rows(archive: Archive) -> None:
    for name, about in (("get_market_minutes", {"market": "KOSPI"}), ("get_stock_estimates", {"stock_code": CODE})):
        case = registry.usecases()[name]
        answer = registry.bind(case, archive)(limit=2, **about)
        text = "\n".join(str(part) for part in case.text(answer))
        assert "누적" in text and "--cursor" in text
        assert all(not isinstance(value, dict | list) for row in case.rows(answer) for value in row.values())
