"""get_smart_money_tracker where data are thin, torn or absent; and the rows that keep what it told."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sugeup import records, registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.market import publication
from sugeup.usecases.smart_money_signals import signals_of
from tests.support import archives
from tests.usecases.explained import explained
from tests.usecases.smart_money_lake import END, KINDS, SURGE, WON, Market

CASE = registry.load("sugeup.usecases.smart_money_tracker", "get_smart_money_tracker")
FOREIGN: dict[str, Any] = {"detection_method": "FOREIGN_SURGE"}
CLUSTER: dict[str, Any] = {"detection_method": "INSTITUTION_CLUSTER"}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The planted market, read only."""
    return Market().store(tmp_path_factory.mktemp("smart"))


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


def small(**figures: Any) -> Market:
    """A market just large enough for p-values: 20 stocks over 140 sessions."""
    return Market(stocks=20, length=140, seed=8, **figures)


def test_a_halted_stock_is_not_tested_and_not_zero(tmp_path: Path) -> None:
    market = small()
    market.amount[0, -3] = market.volume[0, -3] = 0
    for net in market.nets.values():
        net[0, -3] = 0
    answer = ask(market.store(tmp_path), **FOREIGN)
    assert (19, []) == (answer["stocks_tested"], answer["smart_money_signals"])
    assert any("1 of 20 stocks" in gap["what"] and "halted" in gap["what"] for gap in answer["coverage"])


def test_a_newly_listed_stock_is_not_tested_and_the_others_are(tmp_path: Path) -> None:
    market = small()
    archive = market.store(tmp_path, skip=("investor_day_stock", "daily_bars"))
    first = market.days[-15]
    for name, rows in (("investor_day_stock", market.flows()), ("daily_bars", market.bars())):
        kept = [row for row in rows if row["code"] != SURGE or row["session"] >= first]
        archive.fill(name, archives.rows(name, kept))
    answer = ask(archive, **FOREIGN)
    assert (19, 0) == (answer["stocks_tested"], answer["total_signals_found"])
    assert any("fewer than 20 earlier windows" in gap["what"] for gap in answer["coverage"])


def test_a_split_of_unknown_factor_inside_the_window_takes_prices_away_and_not_the_signal(tmp_path: Path) -> None:
    market = small()
    market.close[0, -3:] = market.close[0, -3:] // 5
    market.base[0, -3] = market.close[0, -4] // 5
    market.base[0, -2:] = market.close[0, -3:-1]
    archive = market.store(tmp_path)
    torn = ask(archive, **FOREIGN)["smart_money_signals"][0]
    metrics, levels = torn["metrics"], torn["technical_context"]
    for block, name in (
        (metrics, "avg_buy_price"),
        (metrics, "unrealized_gain"),
        (metrics, "volume_weighted_price"),
        (levels, "support_level"),
    ):
        assert (None, "CORPORATE_ACTION_GAP") == (block[name], block["meta"][name]["reason"]), name
    assert 5 * WON // 5 == metrics["net_buy_amount"]
    action = {"code": SURGE, "effective_session": market.days[-3], "kind": "SPLIT", "share_factor": 5.0}
    archive.fill("corporate_actions", archives.rows("corporate_actions", [action]))
    mended = ask(archive, **FOREIGN)["smart_money_signals"][0]["technical_context"]
    lows = [market.close[0, at] * 99 // 100 / (5 if at < market.length - 3 else 1) for at in range(-21 + 140, 139)]
    assert round(min(lows), 2) == mended["support_level"]


def test_without_totals_sectors_or_names_the_signals_stay_and_the_rest_says_why(tmp_path: Path) -> None:
    archive = small().store(tmp_path, skip=("investor_day_market", "index_day", "sector_membership", "instruments"))
    answer = ask(archive, **FOREIGN)
    found = answer["smart_money_signals"][0]
    assert (SURGE, None, None) == (found["stock_code"], found["stock_name"], found["market"])
    index, position = answer["market_smart_money_index"], answer["institutional_positioning"]
    assert (None, "MISSING_INPUT") == (index["current_value"], index["meta"]["current_value"]["reason"])
    assert (None, None, None) == (index["sector_focus"], position["flow_tilt"], position["time_horizon"])
    assert {"sectors of stocks"} < {gap["what"] for gap in answer["coverage"]}
    explained(answer)


def test_without_kinds_of_institutions_the_cluster_cannot_be_asked_and_the_surge_can(tmp_path: Path) -> None:
    market = small()
    archive = market.store(tmp_path, skip=("investor_day_stock",))
    kept = [{name: value for name, value in row.items() if not name.startswith(KINDS)} for row in market.flows()]
    archive.fill("investor_day_stock", archives.rows("investor_day_stock", kept))
    cluster = ask(archive, **CLUSTER)
    assert 0 == cluster["total_signals_found"]
    assert any("MISSING_INPUT" == gap["reason"] and "사모" in gap["what"] for gap in cluster["coverage"])
    explained(cluster)
    surge = ask(archive, **FOREIGN)
    seen = surge["smart_money_signals"][0]["detection_details"]
    assert (None, "MISSING_INPUT") == (seen["institutional_buyers"], seen["meta"]["institutional_buyers"]["reason"])
    explained(surge)


def test_one_stored_session_tests_nothing_and_says_so(tmp_path: Path) -> None:
    archive = Market(stocks=20, length=6).store(tmp_path)
    day = archive.read("daily_bars")["session"].min()
    answer = ask(archive, session=day, **FOREIGN)
    assert (0, 0) == (answer["stocks_tested"], answer["total_signals_found"])
    assert answer["coverage"] and answer["market_smart_money_index"]["current_value"] is None
    explained(answer)


def test_a_past_session_is_answered_without_what_came_after(tmp_path: Path, market: Archive) -> None:
    past = Market().days[-9]
    before = Market()
    cut = len(before.days) - 8
    before.days = before.days[:cut]
    before.nets = {name: net[:, :cut] for name, net in before.nets.items()}
    shorter = before.store(tmp_path)
    whole, alone = ask(market, session=past, **FOREIGN), ask(shorter, session=past, **FOREIGN)
    assert whole | {"generated_at": None} == alone | {"generated_at": None}


def test_shares_stand_in_for_won_and_give_no_won(tmp_path: Path) -> None:
    market = small()
    archive = market.store(tmp_path, skip=("investor_day_stock",))
    rows = []
    for row in market.flows():
        kept = {"code": row["code"], "session": row["session"]}
        kept["foreign_net_volume"] = int(row["foreign_net_amount"] // 100_000)
        rows.append(kept)
    archive.fill("investor_day_stock", archives.rows("investor_day_stock", rows))
    answer = ask(archive, **FOREIGN)
    found = answer["smart_money_signals"][0]
    assert ("VOLUME", SURGE, 20.0) == (answer["basis"], found["stock_code"], found["evidence"]["net_to_turnover"])
    assert "VOLUME_BASIS" == found["evidence"]["meta"]["z"]["method"]
    assert (None, "MISSING_INPUT") == (
        found["metrics"]["net_buy_amount"],
        found["metrics"]["meta"]["net_buy_amount"]["reason"],
    )
    explained(answer)
    rows_of = signals_of(registry.bind(CASE, archive)(**FOREIGN))  # type: ignore[arg-type]
    assert ["VOLUME"] == rows_of["basis"].to_list()


def test_the_bundled_sample_answers_on_shares_and_names_what_it_lacks(sample: Archive) -> None:
    answer = ask(sample, **FOREIGN)
    assert "VOLUME" == answer["basis"] and answer["stocks_tested"] >= 50
    cluster = ask(sample, **CLUSTER)
    assert cluster["total_signals_found"] == 0 and cluster["coverage"]
    assert "INSTITUTION_CLUSTER" not in ask(sample)["coverage"][0]["how"]
    for one in (answer, cluster, ask(sample)):
        explained(one)


def test_signals_are_kept_once_with_the_test_that_they_passed(tmp_path: Path) -> None:
    archive = small().store(tmp_path)
    answer = registry.bind(CASE, archive)(**FOREIGN)
    rows = signals_of(answer)  # type: ignore[arg-type]
    told = rows.row(0, named=True)
    found = payload.plain(answer)["smart_money_signals"][0]
    assert (SURGE, END, "FOREIGN_SURGE", "BUY", 20, "ALL", 5) == tuple(
        told[name] for name in ("code", "session", "kind", "direction", "n_tested", "family", "horizon")
    )
    assert (found["strength"], found["evidence"]["p_adj"], 0.2, None) == tuple(
        told[name] for name in ("strength", "p_adj", "statistic", "confidence")
    )
    assert publication.known_at("investor_day_stock", END) == told["known_at"]
    assert (1, 0) == (archive.fill("signals", rows).added, archive.fill("signals", rows).added)
    stored = archive.read("signals", columns=[name for name in rows.columns if name not in {"ingested_at"}])
    assert rows.select(stored.columns).rows() == stored.rows()


def test_no_signal_is_known_before_it_was_told(tmp_path: Path) -> None:
    """Asked on the evening of the session, from provisional rows: known from that moment on, and not final."""
    market = small()
    archive = market.store(tmp_path, skip=("investor_day_stock",))
    told = archives.rows("investor_day_stock", market.flows(), final=False)
    archive.fill("investor_day_stock", told)
    answer = registry.bind(CASE, archive)(**FOREIGN)
    row = signals_of(answer).row(0, named=True)  # type: ignore[arg-type]
    assert (False, archive.clock.now()) == (row["final"], row["known_at"])
    assert row["known_at"] - row["ingested_at"] == timedelta(0)


def test_no_signals_are_an_empty_frame_of_the_dataset(market: Archive) -> None:
    rows = signals_of(registry.bind(CASE, market)())  # type: ignore[arg-type]
    assert (0, records.dataset("signals").frame_schema) == (rows.height, dict(rows.schema))


def test_the_list_is_cut_and_the_number_found_is_not(tmp_path: Path) -> None:
    market = Market()
    market.nets["foreign"][5:8, -5:] = WON // 4
    answer = ask(market.store(tmp_path), count=2, **FOREIGN)
    strengths = [one["strength"] for one in answer["smart_money_signals"]]
    assert (4, 2) == (answer["total_signals_found"], len(strengths))
    assert sorted(strengths, reverse=True) == strengths


def test_figures_of_another_venue_are_not_mixed_in(tmp_path: Path) -> None:
    market = small()
    archive = market.store(tmp_path)
    before = ask(archive, **FOREIGN)
    other = [{"code": SURGE, "session": END, "foreign_net_amount": -9 * WON}]
    archive.fill("investor_day_stock", archives.rows("investor_day_stock", other, venue="NXT"))
    assert before == ask(archive, **FOREIGN)


def test_csv_rows_are_one_for_each_signal(market: Archive) -> None:
    told = CASE.rows(registry.bind(CASE, market)(**FOREIGN))
    assert [SURGE] == [row["stock_code"] for row in told]
    assert pl.DataFrame(told)["zone_low"][0] <= pl.DataFrame(told)["zone_high"][0]
    assert str(END) == told[0]["session"] and date.fromisoformat(told[0]["session"]) == END
    assert np.isfinite(told[0]["z"])
