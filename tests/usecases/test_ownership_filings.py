"""get_ownership_changes with reports stored: treasury shares, the pension fund above 5%, the newest reports, bounds."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive, Supply
from sugeup.faces import payload
from sugeup.market.clock import FixedClock
from sugeup.sources import vendors
from sugeup.store.state import State
from tests.support.archives import NOW, ORIGINS, days, open_archive, open_lake, rows
from tests.usecases.explained import explained

CASE = registry.usecases()["get_ownership_changes"]
HISTORY = days(4)
FILED = HISTORY[0]
STATUS = {"kind": "TREASURY_STATUS", "holder": "모의전자", "held_shares": 21, "change_shares": 1}
PENSION = {"kind": "MAJOR", "holder": "국민연금공단", "held_shares": 77, "held_pct": 7.7, "change_shares": 2}


def with_holdings(archive: Archive, base: tuple[int, ...] = (100, 100, 100, 100)) -> Archive:
    """005930: 1,000 shares listed, foreigners hold 100 of them, 100 won each."""
    name = {"code": "005930", "valid_from": HISTORY[0], "name": "모의전자", "market": "KOSPI"}
    archive.fill("instruments", rows("instruments", [name]))
    held = [{"code": "005930", "session": day, "held_shares": 100, "listed_shares": 1000} for day in HISTORY]
    archive.fill("foreign_holding", rows("foreign_holding", held))
    bars = [
        {"code": "005930", "session": day, "raw_close": price, "base_price": price, "volume": 10, "status": "TRADED"}
        for day, price in zip(HISTORY, base, strict=True)
    ]
    archive.fill("daily_bars", rows("daily_bars", bars))
    return archive


def report(day: date = FILED, number: int = 1, code: str = "005930", **told: Any) -> dict[str, Any]:
    return {"code": code, "corp_code": "90000001", "filed_on": day, "receipt_no": f"{day:%Y%m%d}{number:06d}"} | told


def stored(path: Path, *reports: dict[str, Any], **given: Any) -> Archive:
    archive = with_holdings(open_archive(path), **given)
    archive.fill("filings", rows("filings", reports))
    return archive


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    answer = payload.plain(registry.bind(CASE, archive)(**({"stock_code": "005930"} | arguments)))
    explained(answer)
    return answer


def test_treasury_shares_come_from_the_newest_report_of_a_period_with_its_date(tmp_path: Path) -> None:
    older = report(FILED - timedelta(days=90), **{**STATUS, "held_shares": 5})
    answer = ask(stored(tmp_path, older, report(**STATUS)))
    own = answer["ownership_data"]["current"]["treasury"]
    assert (21, 2.1, 2100) == (own["shares"], own["percentage"], own["value"])
    assert {str(FILED)} == {own["meta"][name]["as_of"] for name in ("shares", "percentage", "value")}
    assert "exchange" in answer["sources"] or "거래소" in "".join(answer["sources"])


def test_bounds_of_concentration_need_treasury_shares_and_have_them_then(tmp_path: Path) -> None:
    """f = 0.1, t = 0.021: f² + t² + r²/2 to f² + t² + r²."""
    found = ask(stored(tmp_path, report(**STATUS)))["correlation_analysis"]
    rest = 1 - 0.1 - 0.021
    assert found["concentration_low"] == pytest.approx(0.01 + 0.021**2 + rest**2 / 2, abs=1e-4)
    assert found["concentration_high"] == pytest.approx(0.01 + 0.021**2 + rest**2, abs=1e-4)
    assert (None, "NOT_AVAILABLE_FROM_SOURCE") == (
        found["ownership_concentration"],
        found["meta"]["ownership_concentration"]["reason"],
    )


def test_a_split_since_the_period_leaves_the_percentage_null(tmp_path: Path) -> None:
    answer = ask(stored(tmp_path, report(**STATUS), base=(100, 100, 20, 20)))
    own = answer["ownership_data"]["current"]["treasury"]
    assert (21, None, "CORPORATE_ACTION_GAP") == (
        own["shares"],
        own["percentage"],
        own["meta"]["percentage"]["reason"],
    )
    assert "CORPORATE_ACTION_GAP" == answer["correlation_analysis"]["meta"]["concentration_low"]["reason"]


@pytest.mark.parametrize(
    ("told", "percent", "words"),
    [
        (PENSION, 7.7, "대량보유 report filed on"),
        (PENSION | {"held_pct": 4.6}, None, "below 5% nothing has to be reported"),
        (PENSION | {"holder": "기관투자자 A"}, None, "no holding of 5% of the pension fund"),
    ],
)
def test_the_pension_fund_is_told_by_its_report_as_long_as_it_is_above_five_percent(
    tmp_path: Path, told: dict[str, Any], percent: float | None, words: str
) -> None:
    inner = ask(stored(tmp_path, report(**told)))["ownership_data"]["current"]["institution"]["breakdown"]
    assert percent == inner["national_pension"] and words in inner["meta"]["national_pension"]["note"]
    assert "NOT_AVAILABLE_FROM_SOURCE" == inner["meta"]["insurance"]["reason"]


def test_the_newest_reports_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    officers = [
        report(day, 7, kind="OFFICER", holder="임원 A", held_shares=30 + n, change_shares=1)
        for n, day in enumerate(HISTORY)
    ]
    told = ask(stored(tmp_path, report(**PENSION), *officers))["ownership_data"]["filings"]
    assert (5, f"stored since {HISTORY[0]}") == (told["total"], told["meta"]["total"]["window"])
    assert [str(day) for day in HISTORY[:0:-1]] == [one[:10] for one in told["newest"]]
    assert f"{HISTORY[3]} 임원·주요주주 임원 A 33주 증감 +1" == told["newest"][0]
    assert "`sugeup filings CODE`" in told["meta"]["total"]["note"]


def test_a_past_answer_knows_no_later_report(tmp_path: Path) -> None:
    archive = stored(tmp_path, report(**STATUS), report(HISTORY[3], **{**STATUS, "held_shares": 99}))
    assert 21 == ask(archive, session=str(HISTORY[2]))["ownership_data"]["current"]["treasury"]["shares"]


def test_reports_of_others_alone_mean_that_nothing_was_filed_about_this_one_since(tmp_path: Path) -> None:
    answer = ask(stored(tmp_path, report(code="000660", **STATUS)))
    own, told = answer["ownership_data"]["current"]["treasury"], answer["ownership_data"]["filings"]
    assert "MISSING_INPUT" == own["meta"]["shares"]["reason"] and str(FILED) in own["meta"]["shares"]["note"]
    assert (0, []) == (told["total"], told["newest"])
    assert ["NOT_AVAILABLE_FROM_SOURCE"] == [gap["reason"] for gap in answer["coverage"] if "기관" in gap["what"]]


def test_without_any_report_the_key_that_gives_them_is_named(tmp_path: Path) -> None:
    supply = Supply(shut=list(vendors().values()))
    bare = Archive("real", open_lake(tmp_path), State(tmp_path / "s.sqlite"), FixedClock(NOW), ORIGINS, supply)
    answer = ask(with_holdings(bare))
    data = answer["ownership_data"]
    about = data["filings"]["meta"]["total"]
    assert "NOT_COLLECTED" == about["reason"] and "DART (dart) would give it" in about["note"]
    own = data["current"]["treasury"]["meta"]["shares"]
    assert ("NOT_COLLECTED", "no reports (지분공시) stored, see filings") == (own["reason"], own["note"])
    (gap,) = (gap for gap in answer["coverage"] if "공시" in gap["what"])
    assert "NOT_COLLECTED" == gap["reason"] and "`sugeup sources`" in gap["how"]
    assert "are not collected" not in str(answer)


def test_the_page_for_people_names_treasury_shares_and_the_newest_reports(tmp_path: Path) -> None:
    answer = registry.bind(CASE, stored(tmp_path, report(**STATUS), report(number=2, **PENSION)))(stock_code="005930")
    said = "\n".join(str(part) for part in CASE.text(answer))
    for words in (
        f"자사주 treasury ({FILED} 공시): 21주 · 2.10%",
        "지분공시 2건",
        "대량보유 (5%) 국민연금공단 77주 7.70%",
    ):
        assert words in said
    assert len(said.splitlines()) <= 25
