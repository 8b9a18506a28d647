"""get_investor_sentiment: scores that the rows themselves give, drivers that add up, and nothing from nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from sugeup.jobs.sample import load_sample
from sugeup.market import sessions
from sugeup.metrics import sentiment
from sugeup.sandbox.plan import Plan
from sugeup.usecases.sentiment_scores import additive
from tests.support.archives import days, four_groups, open_archive, rows
from tests.support.lakes import archive_in
from tests.support.simulated import simulated_archive
from tests.support.truths import texts
from tests.usecases.explained import explained

CASE = registry.usecases()["get_investor_sentiment"]
DATASETS = (
    "daily_bars",
    "investor_day_stock",
    "investor_day_market",
    "index_day",
    "instruments",
    "sector_membership",
    "short_day",
    "market_funds",
)
SESSIONS = 160
MARKETS = ["KOSPI", "KOSDAQ"]


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    plan = Plan(stocks=40, sessions=SESSIONS)
    return simulated_archive(tmp_path_factory.mktemp("mood"), plan, datasets=DATASETS)


@pytest.fixture(scope="module")
def last(market: Archive) -> date:
    newest = market.read("investor_day_market", columns=[])["session"].max()
    assert isinstance(newest, date)
    return newest


@pytest.fixture(scope="module")
def by_sector(market: Archive) -> dict[str, Any]:
    return ask(market, granularity="BY_SECTOR")


def series(market: Archive, dataset: str, key: str, column: str) -> np.ndarray:
    """A column by session, added over both markets."""
    found = market.read(dataset, columns=[column]).filter(pl.col(key).is_in(MARKETS))
    return found.group_by("session").agg(pl.col(column).sum()).sort("session")[column].to_numpy().astype(float)


def percentile(x: list[float] | np.ndarray, gap: int) -> float:
    """Place of the last value among those that end `gap` sessions earlier or before."""
    past = [one for one in list(x)[: len(x) - gap] if np.isfinite(one)][-250:]
    assert len(past) >= 60
    below, equal = (sum(test) for test in ([one < x[-1] for one in past], [one == x[-1] for one in past]))
    return float(100 * (below + equal / 2) / len(past))


def rolled(x: np.ndarray, window: int) -> list[float]:
    return [float(np.sum(x[at - window + 1 : at + 1])) if at >= window - 1 else np.nan for at in range(len(x))]


def test_the_components_are_percentiles_of_the_rows(market: Archive) -> None:
    found = ask(market)["sentiment_scores"]["overall"]["components"]
    up, down, same = (
        series(market, "index_day", "index_code", name) for name in ("advancers", "decliners", "unchanged")
    )
    assert (
        round(percentile(np.round(np.array(rolled(up / (up + down + same), 10)) / 10, 12), 10), 1) == found["breadth"]
    )
    close = market.read("index_day", columns=["close"], scopes=["KOSPI"]).sort("session")["close"].to_numpy()
    momentum = [np.nan] * 20 + [close[at] / close[at - 20] for at in range(20, len(close))]
    assert round(percentile(momentum, 20), 1) == found["momentum"]
    sold = market.read("short_day", columns=["short_amount"]).group_by("session").agg(pl.col("short_amount").sum())
    traded = series(market, "index_day", "index_code", "amount")
    share = sold.sort("session")["short_amount"].to_numpy() / traded[-sold.height :]
    assert round(100 - percentile(share, 1), 1) == found["short_inverse"]
    loans = market.read("market_funds", columns=["loan_balance_amount"]).sort("session")["loan_balance_amount"]
    known = loans.to_numpy()[:-2].astype(float)  # public two sessions later
    growth = [np.nan] * 22 + [known[at] / known[at - 20] for at in range(20, len(known))]
    assert round(percentile(growth, 20), 1) == found["credit"]


def test_the_score_is_the_mean_of_the_components_and_the_impacts_add_up_to_it(market: Archive) -> None:
    scores = ask(market)["sentiment_scores"]
    known = [value for name, value in scores["overall"]["components"].items() if name != "meta" and value is not None]
    assert len(known) == scores["overall"]["meta"]["score"]["n"] >= 4
    assert pytest.approx(sum(known) / len(known), abs=0.06) == scores["overall"]["score"]
    drivers = scores["sentiment_drivers"]["positive"] + scores["sentiment_drivers"]["negative"]
    assert round(scores["overall"]["score"] - 50, 2) == round(sum(one["impact"] for one in drivers), 2)
    assert all(one["impact"] >= 0 for one in scores["sentiment_drivers"]["positive"])
    assert all(one["impact"] < 0 for one in scores["sentiment_drivers"]["negative"])


@given(st.lists(st.floats(0, 100), min_size=4, max_size=6))
def test_rounded_impacts_keep_adding_up(values: list[float]) -> None:
    parts = {f"part{at}": value for at, value in enumerate(values)}
    score = sum(values) / len(values)
    impacts = {name: float(value) for name, value in sentiment.impacts(parts).items()}
    found = additive(score, impacts)
    assert round(round(score, 2) - 50, 2) == round(sum(found.values()), 2)
    assert all(abs(found[name] - impacts[name]) <= 0.0101 for name in parts)


@pytest.mark.parametrize(("period", "window"), [("1D", 1), ("1W", 5), ("1M", 20)])
def test_a_class_is_scored_by_its_own_past(market: Archive, period: str, window: int) -> None:
    answer = ask(market, granularity="BY_TYPE", period=period)
    turnover = series(market, "index_day", "index_code", "amount")
    stocks = market.read("investor_day_stock", columns=["foreign_net_amount", "institution_net_amount"])
    for group in ("foreign", "institution"):
        block = answer["sentiment_scores"]["by_investor_type"][group]
        net = series(market, "investor_day_market", "market", f"{group}_net_amount")
        flow = percentile(np.array(rolled(net, window)) / np.array(rolled(turnover, window)), window)
        assert round(flow, 1) == block["components"]["flow_pct"]
        lasting = np.array(rolled(net, 20)) / np.array(rolled(np.abs(net), 20))
        assert round(percentile(lasting, 20), 1) == block["components"]["persistence_pct"]
        known = stocks.filter(pl.col(f"{group}_net_amount").is_not_null())
        share = known.group_by("session").agg((pl.col(f"{group}_net_amount") > 0).mean().alias("share"))
        wide = percentile(
            np.round(np.array(rolled(share.sort("session")["share"].to_numpy(), window)) / window, 12), window
        )
        assert pytest.approx(wide, abs=0.06) == block["components"]["breadth_pct"]
        parts = [value for name, value in block["components"].items() if name != "meta"]
        assert pytest.approx(sum(parts) / 3, abs=0.06) == block["score"]


def test_divergence_is_foreigners_less_the_weighted_home_investors(market: Archive, last: date) -> None:
    scores = ask(market, granularity="BY_TYPE")["sentiment_scores"]
    told = market.read("investor_day_market").filter((pl.col("session") == last) & pl.col("market").is_in(MARKETS))
    size = {
        group: sum(told[f"{group}_buy_amount"].to_list()) + sum(told[f"{group}_sell_amount"].to_list())
        for group in ("institution", "individual")
    }
    by = {group: block["score"] for group, block in scores["by_investor_type"].items()}
    home = sum(size[group] * by[group] for group in size) / sum(size.values())
    found = scores["divergence_indicators"]
    assert pytest.approx(by["foreign"] - home, abs=0.02) == found["foreign_vs_domestic"]
    assert pytest.approx(by["institution"] - by["individual"], abs=0.02) == found["institution_vs_individual"]


def test_every_null_says_why(market: Archive, by_sector: dict[str, Any]) -> None:
    explained(ask(market))
    explained(by_sector)
    explained(ask(market, market="KOSDAQ", granularity="BY_TYPE", period="1M"))


def test_sectors_are_scored_inside_and_named_after_the_map(market: Archive, by_sector: dict[str, Any]) -> None:
    listed = by_sector["sentiment_scores"]["by_sector"]
    members = market.read("sector_membership").filter(pl.col("valid_to").is_null())
    assert {one["sector_code"] for one in listed} <= set(members["sector"])
    assert any(one["foreign"] is not None for one in listed)
    for one in listed:
        assert all(one[group] is None or 0 <= one[group] <= 100 for group in ("foreign", "institution", "individual"))


def test_narrative_fields_stay_null(by_sector: dict[str, Any]) -> None:
    kinds = by_sector["sentiment_scores"]["by_investor_type"]
    for block, name in ((kinds["foreign"], "key_drivers"), (kinds["institution"], "concerns")):
        assert block[name] is None and block["meta"][name]["reason"] == "NOT_AVAILABLE_FROM_SOURCE"
    regime = by_sector["market_regime"]
    assert regime["key_risks"] is None and regime["meta"]["key_risks"]["reason"] == "NOT_AVAILABLE_FROM_SOURCE"


def test_a_short_index_has_no_regime(market: Archive) -> None:
    regime = ask(market)["market_regime"]
    assert regime["current"] is None and "INSUFFICIENT_HISTORY" == regime["meta"]["current"]["reason"]
    assert "750" in regime["meta"]["current"]["note"]


def test_the_default_answers_overall_alone(market: Archive, last: date) -> None:
    answer = ask(market)
    assert not {"by_investor_type", "by_sector", "divergence_indicators"} & answer["sentiment_scores"].keys()
    assert [] == answer["actionable_insights"] and answer["meta"]["actionable_insights"]["note"]
    assert str(last) == answer["session"] and answer["as_of"].startswith(f"{last}T15:30")


def test_later_rows_change_no_earlier_answer(market: Archive, last: date, tmp_path: Path) -> None:
    before = sessions.previous(last)
    earlier = open_archive(tmp_path, name="simulated")
    for name in ("investor_day_market", "index_day", "market_funds", "short_day", "instruments"):
        kept = market.read(name)
        kept = kept if "session" not in kept.columns else kept.filter(pl.col("session") <= before)
        earlier.fill(name, kept.with_columns(pl.lit("exchange").alias("source")))
    then, now = ask(earlier, session=str(before)), ask(market, session=str(before))
    for name in ("breadth", "momentum", "short_inverse", "credit"):
        first, second = (one["sentiment_scores"]["overall"]["components"][name] for one in (then, now))
        assert first is not None and first == second
    assert then["session"] == now["session"] == str(before)


def test_a_session_in_a_ban_has_no_short_component(tmp_path: Path) -> None:
    day = date(2024, 3, 29)
    archive = open_archive(tmp_path)
    flows = [{"market": one, "session": day} | four_groups(-3, 1, 1) for one in MARKETS]
    archive.fill("investor_day_market", rows("investor_day_market", flows))
    found = ask(archive)["sentiment_scores"]["overall"]["components"]
    assert found["short_inverse"] is None and "OUT_OF_SCOPE" == found["meta"]["short_inverse"]["reason"]


def test_one_session_answers_with_reasons_and_an_empty_lake_with_the_command(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    with pytest.raises(NoData) as empty:
        ask(archive)
    assert "NOT_COLLECTED" == empty.value.code and "sugeup" in (empty.value.hint or "")
    day = days(1)[0]
    flows = [{"market": one, "session": day} | four_groups(-3, 1, 1) for one in MARKETS]
    archive.fill("investor_day_market", rows("investor_day_market", flows))
    answer = ask(archive, granularity="BY_SECTOR")
    explained(answer)
    assert answer["sentiment_scores"]["overall"]["score"] is None
    assert answer["coverage"] and all(gap["how"] for gap in answer["coverage"])
    assert [] == answer["sentiment_scores"]["sentiment_drivers"]["positive"]


def test_groups_that_do_not_add_up_are_not_scored(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    wrong = four_groups(-3_000_000_000, 1, 1) | {"other_corporation_net_amount": 0}
    flows = [{"market": one, "session": days(1)[0]} | wrong for one in MARKETS]
    archive.fill("investor_day_market", rows("investor_day_market", flows))
    answer = ask(archive, granularity="BY_TYPE")
    block = answer["sentiment_scores"]["by_investor_type"]["foreign"]
    assert block["score"] is None and "RECONCILIATION_FAILED" == block["meta"]["score"]["reason"]
    explained(answer)


def test_holidays_future_days_and_wrong_words_are_refused(market: Archive, last: date) -> None:
    with pytest.raises(NoData) as closed:
        ask(market, session="2025-12-25")
    assert "MARKET_CLOSED" == closed.value.code
    with pytest.raises(NoData):
        ask(market, session=str(sessions.next(last, 30)))
    with pytest.raises(Refused):
        ask(market, period="5D")


def test_the_text_is_short_and_stands_on_its_own(market: Archive) -> None:
    answer = registry.bind(CASE, market)(granularity="BY_SECTOR")
    concise = "\n".join(str(part) for part in CASE.text(answer))
    assert len(concise.splitlines()) <= 25 and "외국인" in concise and "50 = 평소" in concise
    detailed = texts(CASE, answer, detailed=True)
    assert detailed.startswith(concise) and "NOT_AVAILABLE_FROM_SOURCE" in detailed
    assert {"market", "foreign"} <= {row["of"] for row in CASE.rows(answer)}


def test_no_word_of_an_observation_advises(by_sector: dict[str, Any]) -> None:
    for one in by_sector["actionable_insights"]:
        assert not any(word in one["insight"] for word in ("하세요", "추천", "매수하", "주목"))
        assert one["confidence"] is None and "UNCALIBRATED" == one["meta"]["confidence"]["reason"]
        assert one["evidence"]["p_adj"] <= 0.10


@pytest.mark.slow
def test_the_sample_tells_classes_and_regime_and_why_the_rest_is_null(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    load_sample(archive)
    answer = ask(archive, granularity="BY_SECTOR")
    explained(answer)
    scores = answer["sentiment_scores"]
    assert scores["overall"]["score"] is None and scores["overall"]["components"]["momentum"] is not None
    assert all(block["score"] is not None for block in scores["by_investor_type"].values())
    assert "MISSING_INPUT" == scores["by_investor_type"]["foreign"]["components"]["meta"]["breadth_pct"]["reason"]
    assert answer["market_regime"]["current"] in ("RISK_ON", "RISK_OFF")
    assert {"breadth", "basis", "short_inverse", "credit", "smart_flow"} == {
        gap["what"].split("(")[-1].rstrip(")") for gap in answer["coverage"]
    }
    explained(ask(archive, period="REAL_TIME", granularity="BY_TYPE"))
