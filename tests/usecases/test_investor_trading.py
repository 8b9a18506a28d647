"""get_investor_trading: the right sums, the right reason for every null, and never a made-up figure."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from sugeup.market import investors, sessions
from tests.conftest import N, wave
from tests.support.archives import days, four_groups, open_archive, rows
from tests.support.truths import texts

CASE = registry.usecases()["get_investor_trading"]
LAST = days(1)[-1]


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


def test_a_market_answer_sums_the_period_and_says_where_it_came_from(archive: Archive) -> None:
    answer = ask(archive, market="KOSPI", period="5D")
    expected = sum(wave(n + 3) * 10**9 for n in range(N - 5, N))
    foreign = answer["investor_data"]["foreign"]
    assert expected == foreign["net_amount"]
    assert round(100 * expected / (5 * 10**13), 2) == foreign["net_to_turnover"]
    assert ("MARKET", "KOSPI", ["exchange", "hts"], False) == (
        answer["scope"],
        answer["market"],
        answer["sources"],
        answer["provisional"],
    )
    assert "2026-02-27T15:30:00+09:00" == answer["as_of"]
    assert {"name": "5D", "start": "2026-02-23", "end": "2026-02-27", "sessions": 5} == answer["period"]


def test_all_is_kospi_plus_kosdaq(archive: Archive) -> None:
    both = ask(archive)["investor_data"]["individual"]["net_amount"]
    parts = [ask(archive, market=m)["investor_data"]["individual"]["net_amount"] for m in ("KOSPI", "KOSDAQ")]
    assert sum(parts) == both


def test_all_takes_the_newest_session_that_both_markets_have(archive: Archive) -> None:
    ahead = sessions.next(LAST)
    archive.fill(
        "investor_day_market",
        rows("investor_day_market", [{"market": "KOSPI", "session": ahead} | four_groups(1, 2, 3)]),
    )
    assert str(LAST) == ask(archive)["period"]["end"]
    assert str(ahead) == ask(archive, market="KOSPI")["period"]["end"]


def test_sub_types_come_from_the_source_that_has_them_and_add_to_the_group(archive: Archive) -> None:
    institution = ask(archive, market="KOSPI")["investor_data"]["institution"]
    inside = institution["sub_categories"]
    leaves = [leaf for leaf in investors.members("institution") if inside[leaf] is not None]
    assert institution["net_amount"] == sum(inside[leaf] for leaf in leaves)
    assert "hts" == inside["meta"]["bank"]["source"]
    assert "NOT_AVAILABLE_FROM_SOURCE" == inside["meta"]["government"]["reason"]


def test_sub_types_that_do_not_add_to_the_group_are_withheld(archive: Archive) -> None:
    row = {"market": "KOSPI", "session": LAST, "foreign_net_amount": 0}
    row |= {f"{leaf}_net_amount": 10**12 for leaf in investors.members("institution")}
    archive.fill("investor_day_market", rows("investor_day_market", [row], "hts"))
    inside = ask(archive, market="KOSPI")["investor_data"]["institution"]["sub_categories"]
    assert inside["bank"] is None
    assert "RECONCILIATION_FAILED" == inside["meta"]["bank"]["reason"]


def test_groups_that_do_not_close_are_withheld_and_never_repaired(archive: Archive) -> None:
    row = {"market": "KOSDAQ", "session": LAST} | four_groups(1, 2, 3) | {"other_corporation_net_amount": 10**9}
    archive.fill("investor_day_market", rows("investor_day_market", [row]))
    answer = ask(archive, market="KOSDAQ")
    assert answer["data_quality"]["closure_ok"] is False
    for group in investors.GROUPS:
        block = answer["investor_data"][group]
        assert (None, "RECONCILIATION_FAILED") == (block["net_amount"], block["meta"]["net_amount"]["reason"])


def test_a_missing_group_is_reported_and_not_made_from_the_others(archive: Archive) -> None:
    row = {"market": "KOSDAQ", "session": LAST} | four_groups(1, 2, 3) | {"other_corporation_net_amount": None}
    archive.fill("investor_day_market", rows("investor_day_market", [row]))
    answer = ask(archive, market="KOSDAQ")
    assert answer["data_quality"]["closure_ok"] is None
    assert answer["investor_data"]["other_corporation"]["net_amount"] is None
    assert 2 == answer["investor_data"]["foreign"]["net_amount"]


def test_on_shares_alone_ratios_are_answered_and_won_are_not(archive: Archive) -> None:
    answer = ask(archive, stock_code="005930")
    foreign = answer["investor_data"]["foreign"]
    assert wave(N - 1 + 3) * 20 == foreign["net_volume"]
    assert (None, "MISSING_INPUT") == (foreign["net_amount"], foreign["meta"]["net_amount"]["reason"])
    assert foreign["trend"] in {"ACCUMULATING", "NEUTRAL", "DISTRIBUTING"}
    for name in ("trend", "intensity", "consistency", "momentum", "net_to_turnover"):
        assert "VOLUME_BASIS" == foreign["meta"][name]["method"]
    assert answer["historical_comparison"]["vs_yesterday"]["foreign_net_change"] is None


def test_both_sides_in_won_give_prices_ratio_and_participation(archive: Archive) -> None:
    answer = ask(archive, stock_code="000660")
    foreign = answer["investor_data"]["foreign"]
    assert (600, 400, 200) == (foreign["buy_amount"], foreign["sell_amount"], foreign["net_amount"])
    assert (60.0, 40.0) == (foreign["average_buy_price"], foreign["average_sell_price"])
    assert 20.0 == foreign["net_ratio"]
    assert 50.0 == answer["market_impact"]["volume_contribution"]
    assert (52, 4.0) == (answer["stock_info"]["current_price"], answer["stock_info"]["change_rate"])


def test_participation_of_all_groups_adds_to_100(archive: Archive) -> None:
    asked = {"FOREIGN": "foreign", "INSTITUTION": "institution", "INDIVIDUAL": "individual"}
    shares = [ask(archive, stock_code="000660", investor_type=t)["market_impact"]["volume_contribution"] for t in asked]
    rest = 100 * 10 / 2000
    assert 100.0 == sum(shares) + rest


def test_a_short_history_gives_null_with_the_reason_and_no_neutral(archive: Archive) -> None:
    foreign = ask(archive, stock_code="000660")["investor_data"]["foreign"]
    for name in ("trend", "intensity"):
        assert (None, "INSUFFICIENT_HISTORY") == (foreign[name], foreign["meta"][name]["reason"])


def test_a_session_without_a_row_leaves_no_partial_sum(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    given = [
        {"market": "KOSPI", "session": day} | four_groups(1, 2, 3) for number, day in enumerate(days(5)) if number != 2
    ]
    archive.fill("investor_day_market", rows("investor_day_market", given))
    answer = ask(archive, market="KOSPI", period="5D")
    foreign = answer["investor_data"]["foreign"]
    assert (None, "MISSING_INPUT") == (foreign["net_amount"], foreign["meta"]["net_amount"]["reason"])
    assert 1 == answer["data_quality"]["missing_rows"]


def test_a_halted_session_is_no_observation_and_no_gap(archive: Archive) -> None:
    halted = {"code": "000660", "session": LAST, "raw_close": 52, "base_price": 52, "volume": 0, "amount": 0}
    archive.fill("daily_bars", rows("daily_bars", [halted | {"status": "HALTED"}]))
    answer = ask(archive, stock_code="000660")
    assert answer["stock_info"]["halted"] is True
    foreign = answer["investor_data"]["foreign"]
    assert (None, "HALTED") == (foreign["net_amount"], foreign["meta"]["net_amount"]["reason"])


def test_without_details_only_sums_and_two_ratios_are_returned(archive: Archive) -> None:
    answer = ask(archive, stock_code="000660", include_details=False, investor_type="FOREIGN")
    sums = {f"{side}_{measure}" for side in investors.SIDES for measure in investors.MEASURES}
    assert sums | {"net_to_turnover", "net_ratio", "meta"} == set(answer["investor_data"]["foreign"])
    assert {"foreign"} == set(answer["investor_data"])
    assert not {"market_impact", "historical_comparison"} & set(answer)


def test_every_null_in_a_block_has_its_reason(archive: Archive) -> None:
    for arguments in ({"market": "KOSPI"}, {"stock_code": "005930", "period": "60D"}, {"stock_code": "000660"}, {}):
        for path, block in _blocks(ask(archive, **arguments)):
            for name, value in block.items():
                if value is None:
                    assert block["meta"][name]["reason"], f"{arguments} {path}.{name}"


def test_provisional_rows_make_the_answer_provisional(archive: Archive) -> None:
    ahead = sessions.next(LAST)
    given = [{"market": "KOSPI", "session": ahead} | four_groups(1, 2, 3)]
    archive.fill("investor_day_market", rows("investor_day_market", given, final=False))
    assert ask(archive, market="KOSPI")["provisional"] is True
    assert ask(archive, market="KOSPI", session=LAST)["provisional"] is False


def test_figures_of_the_simulated_lake_are_labelled(tmp_path: Path) -> None:
    archive = open_archive(tmp_path, name="simulated")
    given = [{"market": "KOSPI", "session": LAST} | four_groups(1, 2, 3)]
    archive.fill("investor_day_market", rows("investor_day_market", given))
    assert ask(archive, market="KOSPI")["simulated"] is True


def test_a_derived_base_price_is_marked(archive: Archive) -> None:
    from dataclasses import replace

    origin = replace(archive.origin("exchange"), notes={"daily_bars": "base_price derived from the return"})
    archive._origins = {"exchange": origin}
    assert "DERIVED_BASE_PRICE" == ask(archive, stock_code="005930")["stock_info"]["meta"]["change_rate"]["method"]


def test_the_correlation_has_its_interval_and_count(archive: Archive) -> None:
    impact = ask(archive, market="KOSPI")["market_impact"]
    low, high = impact["meta"]["price_correlation"]["ci"]
    assert -1 <= low <= impact["price_correlation"] <= high <= 1
    assert 60 == impact["meta"]["price_correlation"]["n"]


def test_a_past_session_is_answered_without_the_figures_after_it(archive: Archive) -> None:
    """Appending future rows never changes the answer of a past session."""
    past = days(40)[0]
    before = ask(archive, market="KOSPI", session=past, period="20D")
    last = [{"market": "KOSPI", "session": day} | four_groups(9, 9, 9) for day in days(30)]
    archive.fill("investor_day_market", rows("investor_day_market", last))
    assert before == ask(archive, market="KOSPI", session=past, period="20D")


@pytest.mark.parametrize("code", ["005930", "5930", 5930, "A005930", "삼성전자", "samsung electronics"])
def test_a_stock_may_be_written_in_many_ways(archive: Archive, code: str | int) -> None:
    assert "005930" == ask(archive, stock_code=code)["stock_info"]["code"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ({"stock_code": "삼전"}, "UNKNOWN_STOCK", "005930 삼성전자"),
        ({"stock_code": "005931"}, "UNKNOWN_STOCK", "005930"),
        ({"period": "3D"}, "INVALID_ARGUMENT", "'5D'"),
        ({"market": "NASDAQ"}, "INVALID_ARGUMENT", "'KOSDAQ'"),
        ({"session": "2026-02-3O"}, "INVALID_ARGUMENT", "YYYY-MM-DD"),
        ({"investor": "FOREIGN"}, "INVALID_ARGUMENT", "investor_type"),
        ({"stock_code": "x" * 500}, "INVALID_ARGUMENT", "40"),
        ({"stock_code": True}, "INVALID_ARGUMENT", "stock_code"),
    ],
)
def test_a_bad_argument_is_refused_with_what_is_allowed(
    archive: Archive, arguments: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(Refused) as caught:
        ask(archive, **arguments)
    assert code == caught.value.code
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("session", "code", "words"),
    [
        (date(2026, 2, 17), "MARKET_CLOSED", "설날"),
        (date(2026, 2, 28), "MARKET_CLOSED", "2026-02-27"),
        (date(2026, 3, 12), "NOT_PUBLISHED_YET", "2026-03-13 08:10"),
        (date(2010, 1, 5), "OUT_OF_HISTORY", "first stored session"),
        (date(1999, 1, 5), "OUT_OF_HISTORY", "2005"),
    ],
)
def test_a_session_without_figures_is_explained(archive: Archive, session: date, code: str, words: str) -> None:
    with pytest.raises(NoData) as caught:
        ask(archive, market="KOSPI", session=session)
    assert code == caught.value.code
    assert words in str(caught.value)


def test_a_known_stock_without_flows_is_not_collected(archive: Archive) -> None:
    with pytest.raises(NoData, match=r"NOT_COLLECTED.*035720 카카오"):
        ask(archive, stock_code="035720")


def test_an_empty_lake_names_the_commands_that_fill_it(tmp_path: Path) -> None:
    for arguments in ({}, {"stock_code": "005930"}, {"stock_code": "삼성전자"}):
        with pytest.raises(NoData, match=r"NOT_COLLECTED.*sugeup demo"):
            ask(open_archive(tmp_path), **arguments)


def test_prices_that_end_before_the_session_are_a_warning(archive: Archive) -> None:
    ahead = sessions.next(LAST)
    archive.fill(
        "investor_day_market",
        rows("investor_day_market", [{"market": "KOSPI", "session": ahead} | four_groups(1, 2, 3)]),
    )
    assert any(str(LAST) in warning for warning in ask(archive, market="KOSPI")["warnings"])
    assert not any("Prices" in warning for warning in ask(archive, market="KOSPI", session=LAST)["warnings"])


def test_every_null_of_a_measure_says_why_in_words(archive: Archive) -> None:
    for _, block in _blocks(ask(archive, stock_code="000660")):
        for name, about in block["meta"].items():
            assert "reason" not in about or about.get("note"), name


def test_sub_types_that_are_not_known_stay_visible_in_the_text(archive: Archive) -> None:
    answer = registry.bind(CASE, archive)(market="KOSPI")
    line = next(str(part) for part in CASE.text(answer) if str(part).startswith("기관 세부"))
    assert "국가·지자체 –" in line and "연기금등" in line


def test_the_text_says_when_it_was_computed_on_shares(archive: Archive) -> None:
    answer = registry.bind(CASE, archive)(stock_code="005930")
    assert any("VOLUME_BASIS" in str(part) for part in CASE.text(answer))


def test_the_text_stands_on_its_own_in_eok(archive: Archive) -> None:
    answer = registry.bind(CASE, archive)(market="KOSPI", period="1D")
    text = "\n".join(str(part) for part in CASE.text(answer))
    eok = f"{wave(N - 1 + 3) * 10:+,}"
    assert "외국인합계" in text and eok in text and "확정" in text and "exchange" in text
    assert "null" not in text
    whole = texts(CASE, answer, detailed=True)
    assert (
        "null OUT_OF_SCOPE: a market has no average price: investor_data" in whole
        and f"{wave(N - 1 + 3) * 10 * 10**8:,}" in whole
    )


def _blocks(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(node, dict):
        return []
    found = [(path, node)] if "meta" in node else []
    for name, value in node.items():
        if name != "meta":
            found += _blocks(value, f"{path}.{name}")
    return found
