"""Reports about one stock: newest first; what is not told is null and says so; none filed is an empty list."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive, Supply
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from sugeup.market.clock import FixedClock
from sugeup.sources import vendors
from sugeup.store.state import State
from tests.support.archives import NOW, ORIGINS, days, open_archive, open_lake, rows

FILINGS = registry.usecases()["get_filings"]
HISTORY = days(5)


@pytest.fixture
def stored(tmp_path: Path) -> Archive:
    archive = open_archive(tmp_path)
    names = [
        {"code": code, "valid_from": HISTORY[0], "name": name}
        for code, name in (("005930", "삼성전자"), ("000660", "SK하이닉스"))
    ]
    archive.fill("instruments", rows("instruments", names))
    code = {"code": "005930", "corp_code": "00126380"}
    told = [
        {"kind": "MAJOR", "holder": "주요주주 A", "held_shares": 1_000, "held_pct": 5.01, "change_shares": -200},
        {"kind": "OFFICER", "holder": "임원 A", "held_shares": 30, "held_pct": 0.0, "change_shares": 30},
        {"kind": "TREASURY_TRUST", "holder": "삼성전자", "held_shares": 50, "held_pct": 0.25},
    ]
    reports = [
        code | one | {"receipt_no": f"{day:%Y%m%d}000001", "filed_on": day}
        for one, day in zip(told, HISTORY, strict=False)
    ]
    archive.fill("filings", rows("filings", reports))
    return archive


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(FILINGS, archive)(**arguments))


def test_reports_come_newest_first_with_holder_shares_and_change(stored: Archive) -> None:
    answer = ask(stored, stock_code="005930")
    assert [str(day) for day in HISTORY[:3][::-1]] == [row["filed_on"] for row in answer["rows"]]
    last = answer["rows"][-1]
    assert ("MAJOR", "주요주주 A", 1_000, 5.01, -200) == tuple(
        last[name] for name in ("kind", "holder", "held_shares", "held_pct", "change_shares")
    )
    assert last["url"].endswith(f"rcpNo={HISTORY[0]:%Y%m%d}000001")
    assert 3 == answer["total"] and f"{HISTORY[2]}" == answer["as_of"][:10]


def test_what_a_report_does_not_tell_is_null_with_the_reason(stored: Archive) -> None:
    row = ask(stored, stock_code="005930")["rows"][0]
    assert (None, "NOT_AVAILABLE_FROM_SOURCE") == (row["change_shares"], row["meta"]["change_shares"]["reason"])


def test_a_stock_about_which_nobody_filed_has_an_empty_list_that_says_since_when(stored: Archive) -> None:
    answer = ask(stored, stock_code="000660")
    assert (0, [], None) == (answer["total"], answer["rows"], answer["as_of"])
    assert str(HISTORY[0]) in answer["coverage"][0]["what"]
    assert [] == ask(stored, stock_code="000660", start=HISTORY[0])["coverage"]


def test_pages_of_one_report_lead_to_the_end(stored: Archive) -> None:
    first = ask(stored, stock_code="005930", limit=2)
    rest = ask(stored, stock_code="005930", limit=2, cursor=first["next_cursor"])
    assert (2, 1, None) == (len(first["rows"]), len(rest["rows"]), rest["next_cursor"])


def test_the_page_for_people_names_kind_holder_percent_and_change(stored: Archive) -> None:
    answer = registry.bind(FILINGS, stored)(stock_code="005930")
    said = "\n".join(str(part) for part in FILINGS.text(answer))
    for word in ("대량보유 (5%)", "주요주주 A", "5.01", "-200", "+30", "자기주식 신탁 체결"):
        assert word in said
    assert 3 == len(FILINGS.rows(answer))


def test_a_lake_without_reports_says_which_key_gives_them(tmp_path: Path) -> None:
    supply = Supply(shut=list(vendors().values()))
    state = State(tmp_path / "state.sqlite")
    archive = Archive("real", open_lake(tmp_path), state, FixedClock(NOW), ORIGINS, supply)
    archive.fill("instruments", rows("instruments", [{"code": "005930", "valid_from": HISTORY[0], "name": "삼성전자"}]))
    with pytest.raises(NoData) as absent:
        ask(archive, stock_code="005930")
    assert "NOT_COLLECTED" == absent.value.code
    assert "DART (dart) would give it: `sugeup sources`" in str(absent.value.hint)
    assert ("dart_api_key",) == vendors()["dart"].access.keys


def test_a_span_that_ends_before_it_starts_is_refused(stored: Archive) -> None:
    with pytest.raises(Refused):
        ask(stored, stock_code="005930", start=date(2025, 6, 2), end=date(2025, 6, 1))


def test_reports_are_listed_although_the_ledger_was_lost(stored: Archive, tmp_path: Path) -> None:
    without = Archive("real", open_lake(tmp_path), State(tmp_path / "new.sqlite"), FixedClock(NOW), ORIGINS)
    assert 3 == len(ask(without, stock_code="005930")["rows"])
