"""rank_flows: the order that the rows themselves give, every stock accounted for, and no figure from nothing."""

from __future__ import annotations

from datetime import date
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
from tests.support.archives import days, four_groups, open_archive, rows
from tests.support.simulated import simulated_archive

CASE = registry.usecases()["rank_flows"]
LAST = days(1)[-1]
DATASETS = ("daily_bars", "investor_day_stock", "instruments", "corporate_actions")


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return simulated_archive(tmp_path_factory.mktemp("ranked"), Plan(stocks=30, sessions=130), datasets=DATASETS)


@pytest.fixture(scope="module")
def truth(market: Archive) -> pl.DataFrame:
    """Every stored row of a stock with its bar, newest session last."""
    flows = market.read("investor_day_stock")
    bars = market.read("daily_bars", columns=["amount", "market_cap"])
    return bars.join(flows, on=["code", "session"], how="left").sort("code", "session")


def sums(truth: pl.DataFrame, column: str, sessions_back: int) -> dict[str, int]:
    """Sum per stock over the last sessions, of stocks with a figure on every session that they traded on."""
    last = truth["session"].unique().sort().to_list()[-sessions_back:]
    cut = truth.filter(pl.col("session").is_in(last))
    whole = cut.group_by("code").agg(
        pl.len().alias("rows"),
        (pl.col(column).is_null() & (pl.col("amount") > 0)).any().alias("gap"),
        (pl.col("amount") > 0).any().alias("traded"),
        pl.col(column).sum().alias("sum"),
    )
    kept = whole.filter((pl.col("rows") == sessions_back) & ~pl.col("gap") & pl.col("traded"))
    return dict(kept.select("code", "sum").iter_rows())


@pytest.mark.parametrize("period", ["1D", "5D", "20D", "60D"])
def test_stocks_come_in_the_order_of_their_summed_net_won(market: Archive, truth: pl.DataFrame, period: str) -> None:
    for direction, sign in (("BUY", 1), ("SELL", -1)):
        nets = sums(truth, "foreign_net_amount", int(period[:-1]))
        expected = sorted((code for code in nets if sign * nets[code] > 0), key=lambda code: (-sign * nets[code], code))
        answer = ask(market, direction=direction, period=period, limit=100)
        found = [stock["code"] for stock in answer["stocks"]]
        assert expected == found
        assert len(found) == answer["total"]
        assert [nets[code] for code in found] == [stock["net_amount"] for stock in answer["stocks"]]
        assert list(range(1, len(found) + 1)) == [stock["rank"] for stock in answer["stocks"]]


def test_the_share_of_turnover_is_the_sum_over_the_sum(market: Archive, truth: pl.DataFrame) -> None:
    nets, turnover = (sums(truth, column, 5) for column in ("institution_net_amount", "amount"))
    answer = ask(market, investor="INSTITUTION", by="NET_TO_TURNOVER", period="5D", limit=100)
    assert answer["stocks"]
    for stock in answer["stocks"]:
        assert round(100 * nets[stock["code"]] / turnover[stock["code"]], 2) == stock["net_to_turnover"]
    shares = [stock["net_to_turnover"] for stock in answer["stocks"]]
    assert sorted(shares, reverse=True) == shares


def test_a_streak_counts_back_to_the_first_session_of_another_side(market: Archive, truth: pl.DataFrame) -> None:
    answer = ask(market, investor="INDIVIDUAL", by="STREAK", direction="SELL", limit=100)
    assert answer["stocks"]
    for stock in answer["stocks"]:
        daily = truth.filter(pl.col("code") == stock["code"])["individual_net_amount"].to_list()
        length = 0
        while daily[-1 - length] is not None and daily[-1 - length] < 0:
            length += 1
        assert -length == stock["streak"]


def test_z_is_the_distance_of_the_week_from_sixty_weeks_before_it(market: Archive, truth: pl.DataFrame) -> None:
    answer = ask(market, limit=100)
    checked = 0
    for stock in answer["stocks"]:
        own = truth.filter(pl.col("code") == stock["code"])
        net, amount = (own[name].cast(pl.Float64).to_numpy()[-69:] for name in ("foreign_net_amount", "amount"))
        if np.isnan(net).any() or (amount == 0).any() or len(net) < 69:
            continue
        x = [net[end - 5 : end].sum() / amount[end - 5 : end].sum() for end in range(5, 70)]
        past = np.array(x[:60])
        middle = np.median(past)
        expected = (x[-1] - middle) / (1.4826 * np.median(np.abs(past - middle)))
        assert pytest.approx(expected, abs=0.006) == stock["z"]
        checked += 1
    assert checked > 5


def test_double_lists_only_stocks_that_both_groups_trade_unusually(tmp_path: Path) -> None:
    archive = _two_groups(tmp_path)
    bought = ask(archive, by="DOUBLE")
    assert [("000001", "DOUBLE_BUY")] == [(one["code"], one["focus"]) for one in bought["stocks"]]
    assert all(one["foreign_z"] >= 2 and one["institution_z"] >= 2 for one in bought["stocks"])
    sold = ask(archive, by="DOUBLE", direction="SELL")
    assert ["000002"] == [one["code"] for one in sold["stocks"]]
    assert any("쌍끌이" in warning for warning in bought["warnings"])


def _two_groups(path: Path) -> Archive:
    """000001: both buy in the last week; 000002: both sell; 000003: foreigners alone buy."""
    archive, history = open_archive(path), days(80)
    week = {"000001": (1, 1), "000002": (-1, -1), "000003": (1, 0)}
    flows, bars = [], []
    for code, (foreign, institution) in week.items():
        for n, day in enumerate(history):
            late = n >= len(history) - 5
            noise = (n * 37) % 11 - 5
            nets = four_groups(noise, noise + 900 * foreign * late, (n * 23) % 7 - 3 + 900 * institution * late)
            flows.append({"code": code, "session": day} | nets)
            bars.append({"code": code, "session": day, "raw_close": 100, "base_price": 100, "volume": 100,
                         "amount": 10_000, "market_cap": int(code) * 10**9, "status": "TRADED"})  # fmt: skip
    archive.fill("investor_day_stock", rows("investor_day_stock", flows))
    archive.fill("daily_bars", rows("daily_bars", bars))
    return archive


def test_small_stocks_are_left_out_and_unsized_ones_are_told(tmp_path: Path) -> None:
    archive = _two_groups(tmp_path)
    bars = [{"code": "000003", "session": LAST, "raw_close": 100, "volume": 100, "amount": 10_000, "status": "TRADED"}]
    archive.fill("daily_bars", rows("daily_bars", bars))
    answer = ask(archive, min_market_cap=2 * 10**9)
    assert [] == answer["stocks"]
    assert any("market capitalisation of 1 stocks" in gap["what"] for gap in answer["coverage"])
    sold = ask(archive, min_market_cap=2 * 10**9, direction="SELL")
    assert ["000002"] == [one["code"] for one in sold["stocks"]]


def test_pages_follow_each_other_without_gap_or_repeat(market: Archive) -> None:
    whole = [stock["code"] for stock in ask(market, limit=100)["stocks"]]
    found, cursor = [], None
    while True:
        page = ask(market, limit=3, **({} if cursor is None else {"cursor": cursor}))
        found += [stock["code"] for stock in page["stocks"]]
        assert len(whole) == page["total"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert whole == found


def test_sub_types_are_ranked_where_a_source_has_them(market: Archive, truth: pl.DataFrame) -> None:
    nets = sums(truth, "pension_fund_net_amount", 1)
    answer = ask(market, investor="PENSION_FUND", limit=100)
    assert [nets[stock["code"]] for stock in answer["stocks"]] == [stock["net_amount"] for stock in answer["stocks"]]
    assert "pension_fund" == answer["investor"]


def test_every_listed_stock_is_ranked_covered_or_accounted_for(market: Archive) -> None:
    for period in ("1D", "60D"):
        answer = ask(market, period=period)
        missing = sum(int(gap["what"].split(" of ")[0].replace(",", "")) for gap in answer["coverage"])
        assert answer["universe"] == answer["covered"] + missing


def test_a_stock_without_a_figure_on_a_traded_session_is_no_partial_sum(tmp_path: Path) -> None:
    archive = _two_groups(tmp_path)
    hole = rows("investor_day_stock", [{"code": "000001", "session": LAST}])
    archive.fill("investor_day_stock", hole.with_columns(ingested_at=pl.col("ingested_at").dt.offset_by("1d")))
    answer = ask(archive, period="5D")
    assert "000001" not in [one["code"] for one in answer["stocks"]]
    assert any("1 of 3 stocks" in gap["what"] and "NOT_COLLECTED" == gap["reason"] for gap in answer["coverage"])


def test_a_halt_is_no_trade_and_no_gap(tmp_path: Path) -> None:
    archive = _two_groups(tmp_path)
    ahead = sessions.next(LAST)
    flows = [{"code": code, "session": ahead} | four_groups(1, 2, 3) for code in ("000002", "000003")]
    archive.fill("investor_day_stock", rows("investor_day_stock", flows))
    halted = {"code": "000001", "session": ahead, "raw_close": 100, "base_price": 100, "volume": 0, "amount": 0}
    traded = [{"code": c, "session": ahead, "raw_close": 100, "volume": 9, "amount": 900} for c in ("000002", "000003")]
    archive.fill("daily_bars", rows("daily_bars", [halted | {"status": "HALTED"}, *traded]))
    answer = ask(archive, period="5D", session=ahead)
    stock = next(one for one in answer["stocks"] if one["code"] == "000001")
    assert stock["halted"] is True
    assert stock["net_amount"] > 0
    for name in ("z", "streak", "focus", "change_rate"):
        assert (None, "HALTED") == (stock[name], stock["meta"][name]["reason"])
    assert any("HALTED" == gap["reason"] for gap in ask(archive, session=ahead)["coverage"])


def test_a_stock_listed_inside_the_period_has_no_net_of_it(tmp_path: Path) -> None:
    archive = _two_groups(tmp_path)
    listing = [{"code": code, "valid_from": days(80)[0], "name": code, "market": "KOSPI", "kind": "STOCK",
                "listed_on": days(3)[0] if code == "000001" else date(2000, 1, 4)}
               for code in ("000001", "000002", "000003")]  # fmt: skip
    archive.fill("instruments", rows("instruments", listing))
    answer = ask(archive, period="5D")
    assert ["000003"] == [one["code"] for one in answer["stocks"]]
    assert any("NEW_LISTING" == gap["reason"] for gap in answer["coverage"])
    streak = next(one for one in ask(archive, period="5D", by="STREAK")["stocks"] if one["code"] == "000001")
    assert (None, "NEW_LISTING") == (streak["net_amount"], streak["meta"]["net_amount"]["reason"])


def test_shares_before_a_split_count_on_the_scale_after_it(tmp_path: Path) -> None:
    """Foreigners buy 10 of 100 shares on each of four sessions; then 1 becomes 10 and they buy 100 of 1,000."""
    archive = open_archive(tmp_path)
    flows, bars = [], []
    for day, times in zip(days(5), (1, 1, 1, 1, 10), strict=True):
        flows.append({"code": "000001", "session": day} | four_groups(-10 * times, 10 * times, 0, "volume"))
        price = 1000 // times
        bar = {"raw_close": price, "base_price": price, "volume": 100 * times, "status": "TRADED"}
        bars.append({"code": "000001", "session": day} | bar)
    archive.fill("investor_day_stock", rows("investor_day_stock", flows))
    archive.fill("daily_bars", rows("daily_bars", bars))
    unknown = ask(archive, by="STREAK", period="5D")
    (stock,) = unknown["stocks"]
    assert (None, "CORPORATE_ACTION_GAP") == (stock["net_volume"], stock["meta"]["net_volume"]["reason"])
    assert "CORPORATE_ACTION_GAP" in {gap["reason"] for gap in unknown["coverage"]}
    split = {"code": "000001", "effective_session": LAST, "kind": "SPLIT", "share_factor": 10.0}
    archive.fill("corporate_actions", rows("corporate_actions", [split]))
    (stock,) = ask(archive, period="5D")["stocks"]
    assert (500, 10.0, 5) == (stock["net_volume"], stock["net_to_turnover"], stock["streak"])


def test_every_null_of_a_stock_has_its_reason(market: Archive, sample: Archive, tmp_path: Path) -> None:
    answers = [ask(market, by=by, period=p) for by in ("NET_AMOUNT", "STREAK", "DOUBLE") for p in ("1D", "60D")]
    answers += [ask(sample), ask(sample, by="STREAK", period="60D"), ask(_two_groups(tmp_path))]
    for answer in answers:
        for stock in answer["stocks"]:
            for name, value in stock.items():
                assert value is not None or stock["meta"][name]["reason"], (stock["code"], name)


def test_the_sample_is_ranked_on_shares_and_won_are_named_as_missing(sample: Archive) -> None:
    answer = ask(sample)
    assert "NET_TO_TURNOVER" == answer["by"]
    assert "VOLUME_BASIS" == answer["columns"]["net_to_turnover"]["method"]
    assert 62 == answer["universe"] and answer["stocks"]
    assert all(stock["net_amount"] is None and stock["net_volume"] > 0 for stock in answer["stocks"])
    assert any("net won" == gap["what"] for gap in answer["coverage"])
    rows_of = sample.read("investor_day_stock", scopes=[answer["stocks"][0]["code"]])
    newest = rows_of.filter(pl.col("session") == date.fromisoformat(answer["period"]["end"]))
    assert newest["foreign_net_volume"].item() == answer["stocks"][0]["net_volume"]
    won = ask(sample, by="NET_AMOUNT")
    assert [] == won["stocks"] and any("ranking by won" == gap["what"] for gap in won["coverage"])


def test_a_session_of_which_little_is_collected_is_passed_over_with_a_warning(sample: Archive) -> None:
    answer = ask(sample)
    assert "2026-02-13" == answer["period"]["end"]
    assert any("at most 1 stocks" in warning for warning in answer["warnings"])
    assert 1 == len(ask(sample, session="2026-02-23", direction="BUY")["stocks"]) + len(
        ask(sample, session="2026-02-23", direction="SELL")["stocks"]
    )


def test_a_past_session_is_answered_without_the_figures_after_it(tmp_path: Path) -> None:
    archive = _two_groups(tmp_path)
    asked: list[dict[str, Any]] = [{"by": by, "period": "5D", "session": LAST} for by in ("STREAK", "DOUBLE", None)]
    before = [ask(archive, **arguments) for arguments in asked]
    ahead = sessions.next(LAST)
    later = [{"code": code, "session": ahead} | four_groups(-9, 999, 99) for code in ("000001", "000002", "000003")]
    archive.fill("investor_day_stock", rows("investor_day_stock", later))
    assert before == [ask(archive, **arguments) for arguments in asked]
    assert str(ahead) == ask(archive)["period"]["end"]


def test_what_cannot_be_answered_says_so(market: Archive, tmp_path: Path) -> None:
    with pytest.raises(NoData, match="NOT_COLLECTED"):
        ask(open_archive(tmp_path))
    with pytest.raises(NoData, match="MARKET_CLOSED"):
        ask(market, session="2025-05-05")
    with pytest.raises(NoData, match="OUT_OF_HISTORY"):
        ask(market, session="2024-05-07")
    with pytest.raises(NoData, match="NOT_PUBLISHED_YET"):
        ask(market, session=sessions.next(market.clock.now().date(), 3))
    with pytest.raises(Refused, match="FOREIGN"):
        ask(market, investor="ALIENS")


def test_without_names_one_market_is_refused_and_all_is_answered(tmp_path: Path) -> None:
    archive = _two_groups(tmp_path)
    assert 3 == ask(archive)["universe"]
    with pytest.raises(NoData, match="NOT_COLLECTED"):
        ask(archive, market="KOSPI")


def test_a_lake_of_one_session_ranks_it_and_knows_nothing_of_the_past(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    archive.fill(
        "investor_day_stock", rows("investor_day_stock", [{"code": "000001", "session": LAST} | four_groups(-5, 5, 0)])
    )
    (stock,) = ask(archive)["stocks"]
    assert 5 == stock["net_amount"]
    assert 1 == stock["streak"]
    for name in ("net_to_turnover", "z", "focus", "current_price", "change_rate", "market_cap", "halted"):
        assert stock[name] is None and stock["meta"][name]["reason"]


def test_the_text_stands_on_its_own(market: Archive) -> None:
    answer: Any = registry.bind(CASE, market)(limit=100)
    lines = "\n".join(str(part) for part in CASE.text(answer)).splitlines()
    assert len(lines) <= 25
    text = "\n".join(lines)
    for word in ("외국인합계", "순매수", "억원", "SIMULATED", "연속", answer.stocks[0].code):
        assert word in text
    assert "null" not in text
    flat = CASE.rows(answer)
    assert len(answer.stocks) == len(flat) and {"session", "net_amount", "z"} <= set(flat[0])
