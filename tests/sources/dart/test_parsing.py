"""The feed says whom to ask; reports become rows; a refusal says what to do."""

from __future__ import annotations

from datetime import date

import pytest

from sugeup.errors import ConfigError, Refused, Retryable, SchemaDrift
from sugeup.sources.dart import DART
from sugeup.sources.dart.feed import Place
from sugeup.sources.dart.judging import judge
from sugeup.sources.vendor import Ask, Outcome, Page, Request
from tests.sources.dart.answers import (
    BUY,
    CALLS,
    CODE,
    CORP,
    DAY,
    FEED,
    MAJOR,
    OFFICER,
    ROWS,
    SELL,
    STATUS,
    TRUST,
    ask,
    feed,
    reply,
    status,
    told,
)

HOLDINGS, DECISIONS, PERIODS = (DART.endpoint(name) for name in CALLS)
REQUEST = Request("/majorstock.json", {"crtfc_key": "0123456789012345678901234567890123456789"})
ENDPOINT = {call: DART.endpoint(name) for name, calls in CALLS.items() for call in calls}


def parsed(call: str, *rows: dict[str, str], span: tuple[date, date] = (DAY, DAY)) -> Page:
    return ENDPOINT[call].parse(ask(call, *span), reply(told(*rows)))


def due(page: Page) -> list[tuple[str, str, str]]:
    return [] if page.after is None else [(one.call, one.code, one.period) for one in Place.of(page.after).due]


def test_the_feed_gives_no_rows_and_one_question_for_each_company_and_kind() -> None:
    officer = FEED | {"report_nm": "임원ㆍ주요주주특정증권등소유상황보고서"}
    other = FEED | {"stock_code": "000660", "corp_code": "00164779"}
    page = HOLDINGS.parse(ask(), reply(feed(FEED, FEED, officer, other)))
    assert 0 == page.frame.height
    assert [("majorstock", CODE, ""), ("elestock", CODE, ""), ("majorstock", "000660", "")] == due(page)


def test_reports_of_other_kinds_and_about_companies_without_a_stock_are_counted() -> None:
    rows = [FEED | {"report_nm": "공개매수신고서"}, FEED | {"stock_code": ""}, FEED | {"stock_code": " "}]
    page = HOLDINGS.parse(ask(), reply(feed(*rows)))
    assert (None, [2, 1]) == (page.after, list(page.notes.values()))


def test_what_is_due_by_a_page_is_asked_before_the_next_page() -> None:
    page = HOLDINGS.parse(ask(), reply(feed(*[FEED] * 100, pages=2)))
    assert [("majorstock", CODE, "")] == due(page)
    assert page.after is not None and f"/{'majorstock'}.json" == HOLDINGS.build(page.after).path
    after = HOLDINGS.parse(page.after, reply(told(MAJOR))).after
    assert after is not None and "2" == HOLDINGS.build(after).query["page_no"]
    assert HOLDINGS.parse(after, reply(status("013"))).after is None


def test_a_long_span_is_read_part_by_part() -> None:
    wide = Ask((), date(2025, 1, 2), date(2025, 6, 2))
    first = HOLDINGS.build(wide).query
    assert ("20250102", "20250328") == (first["bgn_de"], first["end_de"])
    after = HOLDINGS.parse(wide, reply(status("013"))).after
    assert after is not None
    assert ("20250329", "20250602") == tuple(HOLDINGS.build(after).query[name] for name in ("bgn_de", "end_de"))
    assert HOLDINGS.parse(after, reply(status("013"))).after is None


def test_a_day_without_reports_has_none() -> None:
    page = HOLDINGS.parse(ask(), reply(status("013")))
    assert (0, None) == (page.frame.height, page.after)


def test_a_holder_of_five_percent_is_read_with_commas_and_signs() -> None:
    row = parsed("majorstock", MAJOR).frame.row(0, named=True)
    assert ("20250602000123", CODE, CORP, DAY) == tuple(
        row[name] for name in ("receipt_no", "code", "corp_code", "filed_on")
    )
    assert ("MAJOR", "주요주주 A", 1_190_000_000, 19.69, -99_646) == tuple(
        row[name] for name in ("kind", "holder", "held_shares", "held_pct", "change_shares")
    )


def test_the_whole_history_of_a_company_comes_and_the_days_asked_for_stay() -> None:
    older = MAJOR | {"rcept_no": "20240102000001", "rcept_dt": "2024-01-02"}
    assert ["20250602000123"] == parsed("majorstock", MAJOR, older).frame["receipt_no"].to_list()
    whole = parsed("majorstock", MAJOR, older, span=(date(2024, 1, 1), DAY))
    assert 2 == whole.frame.height


def test_an_officer_is_read_and_a_dash_is_no_zero() -> None:
    first = parsed("elestock", OFFICER).frame.row(0, named=True)
    assert ("OFFICER", "임원 A", 12_500, 0.0, 500) == tuple(
        first[name] for name in ("kind", "holder", "held_shares", "held_pct", "change_shares")
    )
    none = parsed("elestock", OFFICER | {"sp_stock_lmp_irds_cnt": "-", "sp_stock_lmp_rate": ""}).frame
    assert (None, None) == none.select("change_shares", "held_pct").row(0)


@pytest.mark.parametrize(
    ("call", "row", "kind", "change"),
    [
        ("tsstkAqDecsn", BUY, "TREASURY_BUY", 12_500_000),
        ("tsstkDpDecsn", SELL, "TREASURY_SELL", -2_000_000),
        ("tsstkAqTrctrCnsDecsn", TRUST, "TREASURY_TRUST", None),
        ("tsstkAqTrctrCcDecsn", TRUST, "TREASURY_TRUST_END", None),
    ],
)
def test_a_decision_tells_what_is_planned_and_what_was_held(
    call: str, row: dict[str, str], kind: str, change: int | None
) -> None:
    found = parsed(call, row).frame.row(0, named=True)
    assert (kind, change, 148_000_000, 2.48) == tuple(
        found[name] for name in ("kind", "change_shares", "held_shares", "held_pct")
    )
    assert (DAY, "삼성전자") == (found["filed_on"], found["holder"])


def test_decisions_are_told_apart_by_the_names_of_their_reports() -> None:
    names = {
        "주요사항보고서(자기주식취득결정)": "tsstkAqDecsn",
        "[기재정정]주요사항보고서(자기주식 처분 결정)": "tsstkDpDecsn",
        "주요사항보고서(자기주식취득신탁계약체결결정)": "tsstkAqTrctrCnsDecsn",
        "주요사항보고서(자기주식취득 신탁계약 해지 결정)": "tsstkAqTrctrCcDecsn",
        "주요사항보고서(유상증자결정)": None,
    }
    for name, call in names.items():
        page = DECISIONS.parse(ask(), reply(feed(FEED | {"report_nm": name})))
        assert ([] if call is None else [(call, CODE, "")]) == due(page)


def test_a_period_is_told_by_the_name_of_its_report() -> None:
    names = {
        "사업보고서 (2024.12)": "202411011",
        "[첨부정정]반기보고서 (2025.06)": "202511012",
        "분기보고서 (2025.03)": "202511013",
        "분기보고서 (2025.09)": "202511014",
        "분기보고서 (2025.12)": None,  # of a year that ends in March
        "투자설명서": None,
    }
    for name, period in names.items():
        page = PERIODS.parse(ask(), reply(feed(FEED | {"report_nm": name})))
        assert ([] if period is None else [("tesstkAcqsDspsSttus", CODE, period)]) == due(page)


def test_treasury_stock_at_the_end_of_a_period_is_the_total_of_ordinary_shares() -> None:
    part = STATUS | {"acqs_mth1": "배당가능이익범위 이내 취득", "trmend_qy": "50"}
    preferred = STATUS | {"stock_knd": "우선주식", "trmend_qy": "70"}
    found = parsed("tesstkAcqsDspsSttus", part, STATUS, preferred).frame
    assert [("TREASURY_STATUS", 104_000, 4_000)] == found.select("kind", "held_shares", "change_shares").rows()


def test_a_company_that_tells_no_number_has_no_row() -> None:
    nothing = STATUS | dict.fromkeys(("change_qy_acqs", "change_qy_incnr", "trmend_qy"), "-")
    assert 0 == parsed("tesstkAcqsDspsSttus", nothing).frame.height


def test_a_report_of_another_day_for_the_same_period_is_left_out_and_counted() -> None:
    page = parsed("tesstkAcqsDspsSttus", STATUS | {"rcept_no": "20250515000001"})
    assert (0, [1]) == (page.frame.height, list(page.notes.values()))


def test_a_number_without_a_day_is_a_fault() -> None:
    page = parsed("tsstkAqDecsn", BUY | {"rcept_no": "x"})
    assert (0, 1) == (page.frame.height, page.faults.height)


@pytest.mark.parametrize("code", ["010", "011", "012", "901"])
def test_a_key_that_opens_nothing_is_a_matter_of_the_settings(code: str) -> None:
    with pytest.raises(ConfigError) as refused:
        judge(REQUEST, reply(status(code)))
    assert refused.value.hint and code in refused.value.message


def test_beyond_the_calls_of_a_day_it_goes_on_tomorrow() -> None:
    with pytest.raises(Retryable) as spent:
        judge(REQUEST, reply(status("020")))
    assert ("RATE_LIMITED", "QUOTA") == (spent.value.code, spent.value.details["reason"])


def test_maintenance_is_a_source_that_is_down() -> None:
    with pytest.raises(Retryable) as closed:
        judge(REQUEST, reply(status("800")))
    assert ("SOURCE_DOWN", "MAINTENANCE") == (closed.value.code, closed.value.details["reason"])


@pytest.mark.parametrize("code", ["014", "021", "100", "101"])
def test_a_question_that_is_wrong_is_refused(code: str) -> None:
    with pytest.raises(Refused):
        judge(REQUEST, reply(status(code)))


def test_other_answers_are_done_or_asked_again() -> None:
    assert Outcome.DONE == judge(REQUEST, reply(told(MAJOR))).outcome == judge(REQUEST, reply(status("013"))).outcome
    for body, http in ((status("900"), 200), (b"<html>", 200), (status("000"), 503)):
        assert Outcome.AGAIN == judge(REQUEST, reply(body, http)).outcome
    assert Outcome.LIMITED == judge(REQUEST, reply(b"", 429)).outcome


def test_a_page_of_the_feed_that_lacks_rows_is_asked_again() -> None:
    whole = feed(FEED, FEED)
    assert Outcome.DONE == judge(REQUEST, reply(whole)).outcome
    assert Outcome.AGAIN == judge(REQUEST, reply(whole | {"list": [FEED]})).outcome


def test_an_answer_without_a_status_has_changed() -> None:
    with pytest.raises(SchemaDrift):
        judge(REQUEST, reply({"list": []}))


@pytest.mark.parametrize(
    ("call", "name"), [("majorstock", "stkqy"), ("elestock", "repror"), ("tsstkAqDecsn", "eaq_ostk")]
)
def test_a_field_that_is_gone_is_drift_naming_it(call: str, name: str) -> None:
    with pytest.raises(SchemaDrift) as drift:
        parsed(call, {key: value for key, value in ROWS[call].items() if key != name})
    assert {"vendor": "dart", "endpoint": call, "field": name} == drift.value.details


@pytest.mark.parametrize(("name", "value"), [("corp_code", "126380"), ("stock_code", "삼성전자")])
def test_a_number_of_another_form_is_drift(name: str, value: str) -> None:
    with pytest.raises(SchemaDrift):
        HOLDINGS.parse(ask(), reply(feed(FEED | {name: value})))
