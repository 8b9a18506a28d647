"""Holdings and short sales session by session: stored rows, newest first, null with its reason, ban sessions marked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from tests.support.archives import days, open_archive, rows

HOLDINGS = registry.usecases()["get_holdings"]
SHORTS = registry.usecases()["get_shorts"]
HISTORY = days(5)


@pytest.fixture
def stored(tmp_path: Path) -> Archive:
    archive = open_archive(tmp_path)
    code = {"code": "005930"}
    archive.fill("instruments", rows("instruments", [code | {"valid_from": HISTORY[0], "name": "삼성전자"}]))
    held = [code | {"session": day, "held_shares": 500 + n, "limit_shares": 1000} for n, day in enumerate(HISTORY)]
    archive.fill("foreign_holding", rows("foreign_holding", held))
    bars = [code | {"session": d, "volume": 100, "amount": 10_000, "listed_shares": 1000} for d in HISTORY[:-1]]
    archive.fill("daily_bars", rows("daily_bars", bars))
    sold = [code | {"session": day, "short_volume": 7, "short_amount": 800} for day in HISTORY]
    archive.fill("short_day", rows("short_day", sold))
    archive.fill("short_balance", rows("short_balance", [code | {"session": HISTORY[0], "balance_shares": 20}]))
    return archive


def ask(case: registry.UseCase, archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(case, archive)(**arguments))


def test_holdings_come_newest_first_with_shares_of_listed_and_of_the_limit(stored: Archive) -> None:
    answer = ask(HOLDINGS, stored, stock_code="005930", end=HISTORY[-2])
    first = answer["rows"][0]
    assert (4, str(HISTORY[-2]), 503, 50.3, 50.3, 497) == (
        answer["total"],
        first["session"],
        first["held_shares"],
        first["held_pct"],
        first["limit_use_pct"],
        first["room_shares"],
    )


def test_a_session_without_listed_shares_says_why_the_share_is_null(stored: Archive) -> None:
    newest = ask(HOLDINGS, stored, stock_code="005930")["rows"][0]
    assert (None, "MISSING_INPUT") == (newest["held_pct"], newest["meta"]["held_pct"]["reason"])


def test_shorts_carry_ratio_and_the_balance_of_the_same_session(stored: Archive) -> None:
    answer = ask(SHORTS, stored, stock_code="005930")["rows"]
    assert (7, 800, 8.0, 20, 2.0) == tuple(
        answer[-1][name] for name in ("short_volume", "short_amount", "short_ratio", "balance_shares", "balance_ratio")
    )
    assert (None, "MISSING_INPUT") == (answer[0]["short_ratio"], answer[0]["meta"]["short_ratio"]["reason"])
    assert answer[0]["balance_shares"] is None


def test_a_session_of_a_ban_is_marked_and_null(stored: Archive) -> None:
    banned = date(2025, 3, 28)
    zero = {"code": "005930", "session": banned, "short_volume": 0, "short_amount": 0}
    stored.fill("short_day", rows("short_day", [zero]))
    row = ask(SHORTS, stored, stock_code="005930", end=banned)["rows"][0]
    assert (True, None, "OUT_OF_SCOPE") == (row["ban"], row["short_volume"], row["meta"]["short_volume"]["reason"])


@pytest.mark.parametrize("case", [HOLDINGS, SHORTS])
def test_pages_follow_each_other_without_gap_or_repeat(stored: Archive, case: registry.UseCase) -> None:
    seen, cursor = [], None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        answer = ask(case, stored, stock_code="005930", limit=2, **more)
        seen += [row["session"] for row in answer["rows"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert sorted(map(str, HISTORY), reverse=True) == seen


@pytest.mark.parametrize("case", [HOLDINGS, SHORTS])
def test_text_and_rows_hold_every_session(stored: Archive, case: registry.UseCase) -> None:
    answer = registry.bind(case, stored)(stock_code="005930")
    text = "\n".join(str(part) for part in case.text(answer))
    assert all(str(day) in text for day in HISTORY)
    assert 5 == len(case.rows(answer))
    assert {"code": "005930"}.items() <= case.rows(answer)[0].items()


@pytest.mark.parametrize("case", [HOLDINGS, SHORTS])
def test_nothing_stored_and_a_span_turned_round_are_explained(
    stored: Archive, archive: Archive, case: registry.UseCase
) -> None:
    with pytest.raises(NoData, match="NOT_COLLECTED"):
        ask(case, archive, stock_code="005930")
    with pytest.raises(Refused, match="after end"):
        ask(case, stored, stock_code="005930", start=HISTORY[1], end=HISTORY[0])


@pytest.mark.parametrize("case", [HOLDINGS, SHORTS])
def test_every_null_of_a_row_has_its_reason(stored: Archive, case: registry.UseCase) -> None:
    for row in ask(case, stored, stock_code="005930")["rows"]:
        for name, value in row.items():
            assert value is not None or row["meta"][name]["reason"], name
