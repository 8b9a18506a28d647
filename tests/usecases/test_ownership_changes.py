"""get_ownership_changes: foreign holdings as published, splits undone, and null for what nobody publishes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from sugeup.market import sessions
from sugeup.sandbox.plan import Plan
from tests.support.archives import days, open_archive, rows
from tests.support.simulated import simulated_archive
from tests.support.truths import texts
from tests.usecases.explained import explained

CASE = registry.usecases()["get_ownership_changes"]
DATASETS = ("instruments", "daily_bars", "foreign_holding", "investor_day_stock", "corporate_actions")
LAST = days(1)[-1]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A simulated market in which some stocks were split."""
    return simulated_archive(tmp_path_factory.mktemp("own"), Plan(seed=7, stocks=150, sessions=130), datasets=DATASETS)


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


def archive_of(
    tmp_path: Path,
    held: list[int],
    *,
    listed: int | None = 1000,
    close: list[int] | None = None,
    base: list[int] | None = None,
    flows: list[int | None] | None = None,
    **about: Any,
) -> Archive:
    """005930 with one holding, bar and flow per session up to the newest."""
    archive, history = open_archive(tmp_path), days(len(held))
    prices = close or [100] * len(held)
    archive.fill(
        "instruments",
        rows("instruments", [{"code": "005930", "valid_from": history[0], "name": "삼성전자", "market": "KOSPI"}]),
    )
    holdings = [
        {"code": "005930", "session": day, "held_shares": shares, "listed_shares": listed} | about
        for day, shares in zip(history, held, strict=True)
    ]
    archive.fill("foreign_holding", rows("foreign_holding", holdings))
    bars = [
        {"code": "005930", "session": day, "raw_close": price, "base_price": start, "volume": 10, "status": "TRADED"}
        for day, price, start in zip(history, prices, base or [prices[0], *prices[:-1]], strict=True)
    ]
    archive.fill("daily_bars", rows("daily_bars", bars))
    if flows is not None:
        given = [
            {"code": "005930", "session": day, "foreign_net_volume": net, "institution_net_volume": -1}
            for day, net in zip(history, flows, strict=True)
        ]
        archive.fill("investor_day_stock", rows("investor_day_stock", given))
    return archive


def test_level_and_change_follow_the_rows_of_the_simulated_truth(market: Archive) -> None:
    code = _plain(market)
    answer = ask(market, stock_code=code, period="3M")
    held = market.read("foreign_holding", scopes=[code]).tail(60)
    bars = market.read("daily_bars", scopes=[code]).tail(60)
    first, last = held.row(0, named=True), held.row(-1, named=True)
    foreign = answer["ownership_data"]["current"]["foreign"]
    assert last["held_shares"] == foreign["shares"]
    assert round(100 * last["held_shares"] / last["listed_shares"], 2) == foreign["percentage"]
    assert last["held_shares"] * bars["raw_close"][-1] == foreign["value"]
    assert last["limit_shares"] - last["held_shares"] == foreign["room_shares"]
    change = answer["ownership_data"]["changes"]["foreign"]
    moved = 100 * (last["held_shares"] / last["listed_shares"] - first["held_shares"] / first["listed_shares"])
    assert round(moved, 2) == change["percentage_change"]
    assert last["held_shares"] - first["held_shares"] == change["shares_change"]
    assert change["quantity_effect"] + change["price_effect"] == change["value_change"]
    net = market.read("investor_day_stock", scopes=[code])["foreign_net_volume"].tail(59).sum()
    assert (net, change["shares_change"] - net) == (change["net_bought"], change["off_exchange"])
    assert 60 == len(answer["ownership_data"]["historical"]) == answer["period"]["sessions"]


def test_a_split_inside_the_period_is_no_purchase(market: Archive) -> None:
    actions = market.read("corporate_actions")
    split = actions.filter(pl.col("effective_session").is_between(*_span(market, 60))).row(0, named=True)
    code, effective, factor = split["code"], split["effective_session"], split["share_factor"]
    held = market.read("foreign_holding", scopes=[code]).tail(60)
    answer = ask(market, stock_code=code, period="3M")
    expected = held["held_shares"][-1] - held["held_shares"][0] * factor
    assert expected == answer["ownership_data"]["changes"]["foreign"]["shares_change"]
    assert any(str(effective) in warning for warning in answer["warnings"])


def test_the_correlation_is_of_changes_with_interval_and_count(market: Archive) -> None:
    code = _plain(market)
    held = market.read("foreign_holding", scopes=[code])
    bars = market.read("daily_bars", scopes=[code])
    percent = (held["held_shares"] / held["listed_shares"]).to_numpy()
    x, y = np.diff(percent)[-60:], (bars["raw_close"] / bars["base_price"] - 1).to_numpy()[-60:]
    ranks = [np.argsort(np.argsort(side)) for side in (x, y)]
    found = ask(market, stock_code=code)["correlation_analysis"]
    about = found["meta"]["price_vs_foreign_ownership"]
    assert abs(np.corrcoef(*ranks)[0, 1] - found["price_vs_foreign_ownership"]) < 0.02
    assert 60 == about["n"] and about["ci"][0] <= found["price_vs_foreign_ownership"] <= about["ci"][1]
    assert 25 == found["meta"]["volatility_vs_ownership_change"]["n"]


def test_buying_is_told_apart_from_price(tmp_path: Path) -> None:
    change = ask(archive_of(tmp_path, [100, 100, 110], close=[100, 100, 120]), stock_code="005930")
    foreign = change["ownership_data"]["changes"]["foreign"]
    assert (10, 1.0, 1000, 110 * 20, "INCREASING", 1) == (
        foreign["shares_change"],
        foreign["percentage_change"],
        foreign["quantity_effect"],
        foreign["price_effect"],
        foreign["trend"],
        foreign["consecutive_days"],
    )


def test_a_change_below_the_threshold_is_marked_and_not_dropped(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, [100, 105])
    small = ask(archive, stock_code="005930")["ownership_data"]["changes"]["foreign"]
    assert (0.5, True) == (small["percentage_change"], small["below_threshold"])
    large = ask(archive, stock_code="005930", threshold=0.25)["ownership_data"]["changes"]["foreign"]
    assert large["below_threshold"] is False


def test_milestones_need_to_be_crossed_from_the_other_side(tmp_path: Path) -> None:
    events = ask(archive_of(tmp_path, [498, 501, 499, 502, 497]), stock_code="005930")["ownership_data"]["milestones"]
    assert [("외국인 지분 50% 돌파", "UP", 50.1), ("외국인 지분 50% 이탈", "DOWN", 49.7)] == [
        (event["event"], event["direction"], event["foreign_ownership"]) for event in events
    ]


def test_a_jump_of_the_base_price_without_a_factor_leaves_the_change_null(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, [100, 100, 500], close=[100, 100, 20], base=[100, 100, 20], flows=[1, 1, 1])
    foreign = ask(archive, stock_code="005930")["ownership_data"]["changes"]["foreign"]
    for name in ("shares_change", "percentage_change", "value_change", "consecutive_days"):
        assert (None, "CORPORATE_ACTION_GAP") == (foreign[name], foreign["meta"][name]["reason"])


def test_flows_imply_a_change_of_institutions_and_say_that_it_is_estimated(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, [100] * 4, flows=[5, 5, 5, 5])
    answer = ask(archive, stock_code="005930", investor_type="INSTITUTION")
    block = answer["ownership_data"]["changes"]["institution"]
    assert (-3, -0.3) == (block["net_bought"], block["flow_implied_change"])
    assert block["meta"]["flow_implied_change"]["estimated"] is True
    assert {"institution"} == set(answer["ownership_data"]["current"])


def test_a_session_without_flows_leaves_no_partial_sum(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, [100] * 4, flows=[5, None, 5, 5])
    foreign = ask(archive, stock_code="005930")["ownership_data"]["changes"]["foreign"]
    assert (None, "MISSING_INPUT") == (foreign["net_bought"], foreign["meta"]["net_bought"]["reason"])
    assert "1 of 3" in foreign["meta"]["net_bought"]["note"]


def test_without_listed_shares_the_share_of_the_stock_is_null_and_the_shares_are_not(tmp_path: Path) -> None:
    answer = ask(archive_of(tmp_path, [100, 120], listed=None), stock_code="005930")
    foreign = answer["ownership_data"]["current"]["foreign"]
    assert (120, 12_000, None) == (foreign["shares"], foreign["value"], foreign["percentage"])
    assert 20 == answer["ownership_data"]["changes"]["foreign"]["shares_change"]
    assert answer["ownership_data"]["milestones"] is None


def test_use_of_the_limit_is_divided_where_the_limit_is_known_and_as_published_where_not(tmp_path: Path) -> None:
    exact = ask(archive_of(tmp_path / "a", [400], limit_shares=490), stock_code="005930")
    foreign = exact["ownership_data"]["current"]["foreign"]
    assert (81.63, 90) == (foreign["limit_exhaustion"], foreign["room_shares"])
    told = ask(archive_of(tmp_path / "b", [400], limit_use_pct=81.6), stock_code="005930")
    foreign = told["ownership_data"]["current"]["foreign"]
    assert (81.6, None) == (foreign["limit_exhaustion"], foreign["room_shares"])
    assert "AS_PUBLISHED" == foreign["meta"]["limit_exhaustion"]["method"]
    none = ask(archive_of(tmp_path / "c", [0], limit_shares=0), stock_code="005930")
    assert "ZERO_DENOMINATOR" == none["ownership_data"]["current"]["foreign"]["meta"]["limit_exhaustion"]["reason"]


def test_a_single_holding_is_a_level_without_a_run(tmp_path: Path) -> None:
    foreign = ask(archive_of(tmp_path, [100]), stock_code="005930")["ownership_data"]["changes"]["foreign"]
    assert (0, None) == (foreign["shares_change"], foreign["consecutive_days"])
    assert "MISSING_INPUT" == foreign["meta"]["consecutive_days"]["reason"]


def test_a_past_session_is_answered_without_what_came_after(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, [100, 110, 120, 500])
    past = days(4)[2]
    answer = ask(archive, stock_code="005930", session=past)
    assert (120, f"{past}T15:30:00+09:00") == (
        answer["ownership_data"]["current"]["foreign"]["shares"],
        answer["as_of"],
    )


def test_concentration_is_never_a_made_up_number(market: Archive) -> None:
    found = ask(market, stock_code=_plain(market))["correlation_analysis"]
    assert found["ownership_concentration"] is None
    assert "NOT_AVAILABLE_FROM_SOURCE" == found["meta"]["ownership_concentration"]["reason"]


def test_figures_of_another_venue_are_not_mixed_in(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, [100, 110])
    other = [{"code": "005930", "session": LAST, "held_shares": 999, "listed_shares": 1000}]
    archive.fill("foreign_holding", rows("foreign_holding", other, venue="NXT"))
    assert 110 == ask(archive, stock_code="005930")["ownership_data"]["current"]["foreign"]["shares"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"stock_code": "삼전"}, "UNKNOWN_STOCK"),
        ({"stock_code": "005930", "period": "2M"}, "INVALID_ARGUMENT"),
        ({"stock_code": "005930", "threshold": -1}, "INVALID_ARGUMENT"),
        ({}, "INVALID_ARGUMENT"),
    ],
)
def test_a_bad_argument_is_refused(tmp_path: Path, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(archive_of(tmp_path, [1]), **arguments)
    assert code == caught.value.code


def test_a_stock_without_holdings_and_an_empty_lake_say_how_to_get_them(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(NoData, match=r"NOT_COLLECTED.*sugeup job run confirm"):
        ask(archive, stock_code="035720")
    with pytest.raises(NoData, match=r"NOT_COLLECTED"):
        ask(open_archive(tmp_path / "empty"), stock_code="005930")


def test_a_holiday_and_a_future_session_are_explained(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, [1, 2])
    for day, code in (("2026-02-17", "MARKET_CLOSED"), (str(sessions.next(LAST, 9)), "NOT_PUBLISHED_YET")):
        with pytest.raises(NoData) as caught:
            ask(archive, stock_code="005930", session=day)
        assert code == caught.value.code


def test_the_text_says_who_how_much_since_when_and_what_is_unknown(market: Archive) -> None:
    answer = registry.bind(CASE, market)(stock_code=_plain(market))
    text = "\n".join(str(part) for part in CASE.text(answer))
    for word in ("외국인 보유", "%p", "연속", "not published", "SIMULATED", "순위상관"):
        assert word in text
    assert len(text.splitlines()) <= 25 and "null " not in text
    assert "null " in texts(CASE, answer, detailed=True)
    assert 60 == len(CASE.rows(answer))


def test_the_sample_answers_what_real_rows_hold_and_explains_the_rest(sample: Archive) -> None:
    answer = ask(sample, stock_code="000660", session="2026-02-20")
    foreign = answer["ownership_data"]["current"]["foreign"]
    assert (389_242_434, 53.47) == (foreign["shares"], foreign["percentage"])
    assert {"naver_stock_copy", "marcap"} <= set(answer["sources"])
    assert "MISSING_INPUT" == foreign["meta"]["limit_exhaustion"]["reason"]


def test_every_null_in_a_block_has_its_reason(market: Archive, sample: Archive, tmp_path: Path) -> None:
    answers = [
        ask(market, stock_code=_plain(market), period="1Y"),
        ask(sample, stock_code="005930"),
        ask(archive_of(tmp_path, [1], listed=None), stock_code="005930"),
    ]
    for answer in answers:
        explained(answer)


def _span(market: Archive, n: int) -> tuple[Any, Any]:
    held = market.read("foreign_holding", columns=[])["session"].unique().sort()
    return held[-n + 1], held[-1]


def _plain(market: Archive) -> str:
    """A stock that was listed and traded on every session and never split, and of which foreigners hold some."""
    bars = market.read("daily_bars", columns=["status"])
    split = market.read("corporate_actions")["code"]
    whole = bars.group_by("code").agg(pl.len(), (pl.col("status") == "TRADED").all().alias("open")).sort("code")
    held = market.read("foreign_holding", columns=["held_shares"]).group_by("code").agg(pl.col("held_shares").min())
    kept = whole.filter(pl.col("len") == pl.col("len").max(), "open", ~pl.col("code").is_in(split.implode()))
    return str(kept.join(held, on="code").filter(pl.col("held_shares") > 1000).sort("code")["code"][0])
