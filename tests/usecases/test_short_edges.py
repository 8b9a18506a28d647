"""get_short_selling at the edges: bans, halts, splits, new listings, missing lists, thin lakes; figures by hand."""

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
from tests.support.archives import days, open_archive, rows
from tests.usecases.explained import explained

CASE = registry.usecases()["get_short_selling"]
LAST = days(1)[-1]
SHORT = 120
"""Sessions of the hand-made stock: 40 before the judged one and the whole quarter before."""


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    answer = payload.plain(registry.bind(CASE, archive)(**arguments))
    explained(answer)
    return answer


def hand_made(
    tmp_path: Path,
    *,
    end: date = LAST,
    last: dict[str, Any] | None = None,
    listed_on: date | None = date(2000, 1, 4),
    n: int = SHORT,
    kind: str = "STOCK",
    amounts: bool = True,
    code: str = "000660",
) -> Archive:
    """KOSPI stock with a tenth of turnover sold short on each session; `last` replaces figures of the newest."""
    archive, history = open_archive(tmp_path), days(n, end)
    about = {"code": code, "valid_from": history[0], "name": "SK하이닉스", "market": "KOSPI", "kind": kind}
    archive.fill("instruments", rows("instruments", [about | {"listed_on": listed_on}]))
    sold, bars = [], []
    for day in history:
        figures = {"short_volume": 10, "short_amount": 1000, "volume": 100, "amount": 10_000, "status": "TRADED"}
        figures |= {"raw_close": 100, "base_price": 100, "listed_shares": 1000} | (last or {} if day == end else {})
        key = {"code": code, "session": day}
        sold.append(key | {name: figures[name] for name in ("short_volume", "short_amount")})
        if not amounts:
            sold[-1]["short_amount"] = None
        names = ("volume", "amount", "status", "raw_close", "base_price", "listed_shares")
        bars.append(key | {name: figures[name] for name in names})
    archive.fill("short_day", rows("short_day", sold))
    archive.fill("daily_bars", rows("daily_bars", bars))
    return archive


def mark(archive: Archive, *given: tuple[date, str, str]) -> None:
    archive.fill(
        "designations",
        rows("designations", [{"code": code, "session": day, "kind": kind} for day, code, kind in given]),
    )


FALL = {"raw_close": 94, "short_amount": 7000, "short_volume": 70}
"""-6%, 7 times the mean, 70% of turnover."""


def test_a_fall_with_many_short_sales_is_type_1_of_kospi(tmp_path: Path) -> None:
    archive = hand_made(tmp_path, last=FALL)
    mark(archive, (LAST, "999999", "ADMINISTRATIVE"))
    rule = ask(archive, stock_code="000660")["stock"]["overheating"]
    assert ("TYPE1", 7.0, 10.0, 40, 10.0, 20.0, False) == tuple(
        rule[name]
        for name in (
            "type",
            "multiple",
            "average_ratio_40",
            "traded_40",
            "quarter_ratio",
            "threshold",
            "barred_today",
        )
    )
    assert rule["meta"]["quarter_ratio"]["estimated"] and "KOSPI200" in rule["meta"]["quarter_ratio"]["note"]


def test_distances_tell_how_far_a_stock_is_from_each_type(tmp_path: Path) -> None:
    rule = ask(hand_made(tmp_path), stock_code="000660")["stock"]["overheating"]
    assert "NONE" == rule["type"]
    second = next(kind for kind in rule["types"] if kind["type"] == "TYPE2")
    assert {"multiple": 5.0, "return": 10.0} == {part["measure"]: part["distance"] for part in second["requirements"]}
    assert second["met"] is False


def test_a_banned_stock_that_falls_on_is_extended_and_without_the_list_it_is_not_judged(tmp_path: Path) -> None:
    listed = hand_made(tmp_path / "a", last=FALL)
    mark(listed, (LAST, "000660", "SHORT_OVERHEAT"))
    assert "EXTENDED" == ask(listed, stock_code="000660")["stock"]["overheating"]["type"]
    unknown = ask(hand_made(tmp_path / "b", last=FALL), stock_code="000660")["stock"]["overheating"]
    assert (None, "MISSING_INPUT") == (unknown["type"], unknown["meta"]["type"]["reason"])
    assert "official list" in unknown["meta"]["type"]["note"]


def test_a_disagreement_with_the_exchange_is_shown_and_not_resolved(tmp_path: Path) -> None:
    archive = hand_made(tmp_path)
    mark(archive, (LAST, "000660", "SHORT_OVERHEAT"))
    first = ask(archive, stock_code="000660")["stock"]["overheating"]["beside"][0]
    assert ("NONE", True, False) == (first["ours"], first["official"], first["agree"])
    assert {"both": 0, "official_only": ["000660"]}.items() <= ask(archive, market="KOSPI")["market"]["beside"][
        0
    ].items()


def test_a_list_of_a_morning_to_come_is_not_published_yet(tmp_path: Path) -> None:
    following = ask(hand_made(tmp_path, end=days(2)[0]), stock_code="000660")["stock"]["overheating"]["beside"][1]
    assert (None, "NOT_COLLECTED") == (following["official"], following["meta"]["official"]["reason"])
    ahead = sessions.next(LAST, 2)
    late = ask(hand_made(tmp_path / "b", end=ahead), stock_code="000660")["stock"]["overheating"]["beside"][1]
    assert "NOT_PUBLISHED_YET" == late["meta"]["official"]["reason"]


def test_a_ban_gives_null_and_never_0(tmp_path: Path) -> None:
    banned = date(2025, 3, 28)
    zero = {"short_volume": 0, "short_amount": 0}
    archive = hand_made(tmp_path, end=banned, last=zero)
    for answer in (ask(archive, stock_code="000660"), ask(archive, stock_code="000660", session="2024-06-05")):
        trading = answer["stock"]["trading"]
        assert answer["ban"] is True and [] == answer["stock"]["history"]
        for name in ("short_volume", "short_amount", "short_ratio", "average_ratio", "period_short_amount"):
            assert (None, "OUT_OF_SCOPE") == (trading[name], trading["meta"][name]["reason"])
        assert "OUT_OF_SCOPE" == answer["stock"]["overheating"]["meta"]["type"]["reason"]
    for arguments in ({"session": banned}, {"market": "KOSPI"}):
        whole = ask(archive, **arguments)
        assert whole["ban"] is True and [] == whole["market"]["top"]
    assert all(total["short_amount"] is None for total in whole["market"]["totals"])


def test_the_forty_sessions_skip_a_ban(tmp_path: Path) -> None:
    """On 2025-04-10 eight sessions since the ban count, and the 32 before it."""
    archive, end = hand_made(tmp_path, end=date(2025, 4, 10), last=FALL, n=10), date(2025, 4, 10)
    before = [day for day in days(400, end) if day < date(2023, 11, 6)][-40:]
    key = {"code": "000660"}
    sold = [key | {"session": day, "short_volume": 20, "short_amount": 2000} for day in before]
    bars = [
        key | {"session": day, "volume": 100, "amount": 10_000, "raw_close": 100, "base_price": 100, "status": "TRADED"}
        for day in before
    ]
    archive.fill("short_day", rows("short_day", sold))
    archive.fill("daily_bars", rows("daily_bars", bars))
    rule = ask(archive, stock_code="000660")["stock"]["overheating"]
    mean = (8 * 1000 + 32 * 2000) / 40
    assert (round(7000 / mean, 2), 40, 10.0) == (rule["multiple"], rule["traded_40"], rule["quarter_ratio"])


def test_short_sales_in_shares_give_a_ratio_and_no_verdict(tmp_path: Path) -> None:
    answer = ask(hand_made(tmp_path, amounts=False), stock_code="000660")["stock"]
    assert (10.0, "VOLUME_BASIS") == (
        answer["trading"]["short_ratio"],
        answer["trading"]["meta"]["short_ratio"]["method"],
    )
    assert answer["trading"]["short_amount"] is None
    assert (None, "MISSING_INPUT") == (answer["overheating"]["type"], answer["overheating"]["meta"]["type"]["reason"])


def test_a_newly_listed_stock_is_not_judged_for_that_reason(tmp_path: Path) -> None:
    rule = ask(hand_made(tmp_path, n=12, listed_on=days(12)[0]), stock_code="000660")["stock"]["overheating"]
    assert (None, "NEW_LISTING") == (rule["type"], rule["meta"]["type"]["reason"])
    old = ask(hand_made(tmp_path / "b", n=12), stock_code="000660")["stock"]["overheating"]
    assert "MISSING_INPUT" == old["meta"]["type"]["reason"], "its bars are missing, it is not new"


def test_an_etf_is_shown_and_not_judged(tmp_path: Path) -> None:
    stock = ask(hand_made(tmp_path, kind="ETF"), stock_code="000660")["stock"]
    assert 10.0 == stock["trading"]["short_ratio"]
    assert "OUT_OF_SCOPE" == stock["overheating"]["meta"]["type"]["reason"]


def test_a_halted_session_has_no_ratio(tmp_path: Path) -> None:
    idle = {"short_volume": 0, "short_amount": 0, "volume": 0, "amount": 0, "status": "HALTED"}
    stock = ask(hand_made(tmp_path, last=idle), stock_code="000660")["stock"]
    assert "ZERO_DENOMINATOR" == stock["trading"]["meta"]["short_ratio"]["reason"]
    assert (None, True) == (stock["stock_info"]["change_rate"], stock["stock_info"]["halted"])
    assert 10.0 == stock["trading"]["average_ratio"]


def test_volumes_before_a_split_are_counted_in_the_shares_of_today(tmp_path: Path) -> None:
    archive = hand_made(tmp_path)
    split = {"code": "000660", "effective_session": days(3)[0], "kind": "SPLIT", "share_factor": 2.0}
    archive.fill("corporate_actions", rows("corporate_actions", [split]))
    trading = ask(archive, stock_code="000660", period="5D")["stock"]["trading"]
    assert (2 * 20 + 3 * 10, 5000) == (trading["period_short_volume"], trading["period_short_amount"])


def test_a_missing_balance_is_null_and_a_zero_before_its_publication_too(tmp_path: Path) -> None:
    archive = hand_made(tmp_path)
    assert "NOT_COLLECTED" == ask(archive, stock_code="000660")["stock"]["balance"]["meta"]["shares"]["reason"]
    given = [
        {"code": "000660", "session": day, "balance_shares": n} for day, n in zip(days(4), (50, 60, 0, 0), strict=True)
    ]
    archive.fill("short_balance", rows("short_balance", given))
    balance = ask(archive, stock_code="000660")["stock"]["balance"]
    assert (str(days(3)[0]), 60, 6.0, 0.6) == tuple(
        balance[name] for name in ("session", "shares", "ratio", "days_to_cover")
    )


def test_a_session_that_is_being_collected_is_not_the_newest_of_a_market(tmp_path: Path) -> None:
    archive = hand_made(tmp_path, code="000660")
    more = [{"code": code, "valid_from": days(60)[0], "market": "KOSPI"} for code in ("000001", "000002")]
    archive.fill("instruments", rows("instruments", more))
    archive.fill("short_day", rows("short_day", [one | {"session": LAST, "short_volume": 1} for one in _codes(more)]))
    ahead = sessions.next(LAST)
    archive.fill("short_day", rows("short_day", [{"code": "000660", "session": ahead, "short_volume": 1}]))
    assert str(LAST) == ask(archive, market="KOSPI")["session"]
    assert str(ahead) == ask(archive, market="KOSPI", session=ahead)["session"]


def _codes(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"code": one["code"]} for one in given]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"stock_code": "삼전"}, "UNKNOWN_STOCK"),
        ({"stock_code": "000660", "market": "KOSDAQ"}, "INVALID_ARGUMENT"),
        ({"rank_by": "NAME"}, "INVALID_ARGUMENT"),
        ({"top": 0}, "INVALID_ARGUMENT"),
    ],
)
def test_a_bad_argument_is_refused(tmp_path: Path, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(hand_made(tmp_path, n=3), **arguments)
    assert code == caught.value.code


@pytest.mark.parametrize(
    ("session", "code"),
    [("2026-02-17", "MARKET_CLOSED"), ("2026-03-12", "NOT_PUBLISHED_YET"), ("2018-01-04", "OUT_OF_HISTORY")],
)
@pytest.mark.parametrize("whose", [{"stock_code": "000660"}, {"market": "KOSPI"}])
def test_a_session_without_figures_is_explained(tmp_path: Path, whose: dict[str, str], session: str, code: str) -> None:
    with pytest.raises(NoData) as caught:
        ask(hand_made(tmp_path, n=3), session=session, **whose)
    assert code == caught.value.code


def test_a_stock_without_short_sales_and_an_empty_lake_say_how_to_get_them(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(NoData, match=r"NOT_COLLECTED.*sugeup job run daily"):
        ask(archive, stock_code="035720")
    for arguments in ({}, {"stock_code": "005930"}):
        with pytest.raises(NoData, match=r"NOT_COLLECTED"):
            ask(open_archive(tmp_path / "empty"), **arguments)


def test_a_lake_of_one_session_answers_with_what_it_has(tmp_path: Path) -> None:
    archive = hand_made(tmp_path, n=1)
    stock = ask(archive, stock_code="000660")["stock"]
    assert 10.0 == stock["trading"]["short_ratio"]
    assert stock["trading"]["average_ratio"] is None and stock["overheating"]["type"] is None
    assert 0 == ask(archive, market="KOSPI")["market"]["judged"]
