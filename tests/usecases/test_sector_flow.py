"""get_sector_investor_flow: sums of the members that the map had on each day, and nothing where too much is missing."""

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
from sugeup.metrics import rotation
from sugeup.sandbox.plan import Plan
from sugeup.usecases import sector_scene
from sugeup.usecases.sector_blocks import trend_of
from sugeup.usecases.sector_flow import risk
from tests.support.archives import days, four_groups, open_archive, rows
from tests.support.simulated import simulated_archive
from tests.support.truths import texts

CASE = registry.usecases()["get_sector_investor_flow"]
LAST = days(1)[-1]
DATASETS = (
    "daily_bars",
    "investor_day_stock",
    "investor_day_market",
    "instruments",
    "index_day",
    "sector_membership",
)


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    plan = Plan(stocks=60, sessions=300, first=date(2024, 12, 2))
    return simulated_archive(tmp_path_factory.mktemp("sectors"), plan, datasets=DATASETS)


@pytest.fixture(scope="module")
def truth(market: Archive) -> pl.DataFrame:
    """Rows of every member with its sector, bar and flow."""
    flows = market.read("investor_day_stock")
    bars = market.read("daily_bars", columns=["amount", "market_cap", "raw_close", "base_price"])
    members = market.read("sector_membership", columns=["sector", "valid_to"]).select("code", "sector", "valid_to")
    joined = bars.join(flows, on=["code", "session"], how="left").join(members, on="code")
    return joined.filter(pl.col("valid_to").is_null() | (pl.col("session") <= pl.col("valid_to")))


def newest(truth: pl.DataFrame, n: int) -> list[date]:
    return truth["session"].unique().sort().to_list()[-n:]


@pytest.mark.parametrize("period", ["1D", "5D", "20D"])
def test_a_sector_is_the_sum_of_its_members(market: Archive, truth: pl.DataFrame, period: str) -> None:
    cut = truth.filter(pl.col("session").is_in(newest(truth, int(period[:-1]))))
    answer = ask(market, period=period, top_n=60)
    assert set(cut["sector"]) == {one["sector_code"] for one in answer["sector_flows"]}
    for one in answer["sector_flows"]:
        own = cut.filter(pl.col("sector") == one["sector_code"])
        assert 1.0 == one["coverage"]
        for group in ("foreign", "institution"):
            bought, sold = (int(own[f"{group}_{side}_amount"].sum()) for side in ("buy", "sell"))
            block = one[group]
            assert (bought, sold, bought - sold) == (
                block["buy_amount"], block["sell_amount"], block["net_amount"],
            )  # fmt: skip
            nets = own.group_by("code").agg(pl.col(f"{group}_net_amount").sum().alias("net"))
            sizes = nets["net"].abs()
            if sizes.sum():
                assert pytest.approx(((sizes / sizes.sum()) ** 2).sum(), abs=0.0006) == block["concentration"]
                best = nets.sort(pl.col("net").abs(), descending=True)["code"][0]
                assert best == block["top_stocks"][0]["code"]


def test_abnormal_nets_add_to_zero_and_equal_the_matrix_on_sums_by_hand(market: Archive, truth: pl.DataFrame) -> None:
    last = newest(truth, 5)
    cut = truth.filter(pl.col("session").is_in(last))
    both = pl.col("foreign_net_amount") + pl.col("institution_net_amount")
    nets = dict(cut.group_by("sector").agg(both.sum()).iter_rows())
    sizes = dict(
        truth.filter(pl.col("session") == last[-1]).group_by("sector").agg(pl.col("market_cap").sum()).iter_rows()
    )
    weight = {sector: size / sum(sizes.values()) for sector, size in sizes.items()}
    expected = rotation.rotation_matrix(nets, weight).extra["abnormal"]
    answer = ask(market, top_n=60)
    found = {one["sector_code"]: one["rotation"]["abnormal_net"] for one in answer["sector_flows"]}
    assert set(expected) == set(found)
    for sector, amount in expected.items():
        assert pytest.approx(amount, abs=1.0) == found[sector]
    assert pytest.approx(0, abs=len(found)) == sum(found.values())
    lists = answer["rotation_analysis"]
    outflow = {one["sector_code"]: one["outflow"] for one in lists["from_sectors"]}
    inflow = {one["sector_code"]: one["inflow"] for one in lists["to_sectors"]}
    assert {sector: amount for sector, amount in found.items() if amount} == outflow | inflow
    sizes_shown = [abs(one["rotation"]["abnormal_net"]) for one in answer["sector_flows"]]
    assert sorted(sizes_shown, reverse=True) == sizes_shown


def test_returns_are_weighted_by_the_sizes_of_the_day_before(market: Archive, truth: pl.DataFrame) -> None:
    moved = truth.sort("code", "session").with_columns(
        pl.col("market_cap").shift(1).over("code").alias("before"),
        pl.when(pl.col("amount") > 0).then(pl.col("raw_close") / pl.col("base_price") - 1).alias("ret"),
    )
    last = newest(truth, 5)
    answer = ask(market, top_n=60)
    for one in answer["sector_flows"]:
        own = moved.filter((pl.col("sector") == one["sector_code"]) & pl.col("session").is_in(last)).drop_nulls("ret")
        daily = own.group_by("session").agg(
            (pl.col("before") * pl.col("ret")).sum() / pl.col("before").filter(pl.col("ret").is_not_null()).sum()
        )
        if daily.height == 5:
            whole = 100 * (float(np.prod(1 + daily["before"].to_numpy())) - 1)
            assert pytest.approx(whole, abs=0.006) == one["sector_performance"]["return"]


def test_the_market_total_is_the_official_one(market: Archive, truth: pl.DataFrame) -> None:
    stored = market.read("investor_day_market", scopes=["KOSPI", "KOSDAQ"], start=newest(truth, 5)[0])
    overview = ask(market)["market_overview"]
    assert stored["foreign_net_amount"].sum() == overview["total_foreign_net"]
    assert stored["institution_net_amount"].sum() == overview["total_institution_net"]


def test_strength_of_rotation_is_a_share_of_turnover_and_its_place_in_the_past(market: Archive) -> None:
    found = ask(market)["rotation_analysis"]
    assert 0 < found["rotation_strength_pct"] < 100
    assert 0 <= found["rotation_strength"] <= 10
    assert (None, "NOT_AVAILABLE_FROM_SOURCE") == (found["cycle_phase"], found["meta"]["cycle_phase"]["reason"])
    assert found["meta"]["to_sectors"]["estimated"] is True


def test_one_investor_is_answered_alone(market: Archive, truth: pl.DataFrame) -> None:
    answer = ask(market, investor_type="FOREIGN", top_n=3)
    assert 3 == len(answer["sector_flows"])
    assert all("institution" not in one and one["foreign"] for one in answer["sector_flows"])
    cut = truth.filter(pl.col("session").is_in(newest(truth, 5)))
    nets = dict(cut.group_by("sector").agg(pl.col("foreign_net_amount").sum()).iter_rows())
    assert nets[answer["sector_flows"][0]["sector_code"]] == answer["sector_flows"][0]["foreign"]["net_amount"]


def test_a_sector_is_found_by_code_and_by_name_in_both_markets(market: Archive) -> None:
    stored = market.read("sector_membership")
    code = stored["sector"][0]
    (one,) = ask(market, sector=code)["sector_flows"]
    assert code == one["sector_code"]
    named = set(stored.filter(pl.col("sector_name") == one["sector_name"])["sector"])
    assert named == {found["sector_code"] for found in ask(market, sector=one["sector_name"])["sector_flows"]}


def test_an_unknown_sector_is_refused_with_suggestions(market: Archive) -> None:
    with pytest.raises(Refused, match=r"UNKNOWN_SECTOR.*sugeup sectors") as caught:
        ask(market, sector="전기전가")
    assert "전기·전자" in [one["name"] for one in caught.value.details["suggestions"]]
    with pytest.raises(Refused, match="UNKNOWN_SECTOR") as caught:
        ask(market, sector="xyz")
    assert caught.value.details["suggestions"]
    assert 404 == caught.value.status
    with pytest.raises(Refused, match="GICS"):
        ask(market, scheme="GICS")


def test_every_null_has_its_reason(market: Archive, sample: Archive, tmp_path: Path) -> None:
    answers = [ask(market, period=period, top_n=60) for period in ("1D", "5D", "20D")]
    answers += [ask(sample), ask(sample, sector="정보기술"), ask(_two_sectors(tmp_path))]
    for answer in answers:
        for path, block in _blocks(answer):
            for name, value in block.items():
                assert value is not None or block["meta"][name]["reason"], f"{path}.{name}"
                about = block["meta"].get(name, {}) if name != "meta" else {}
                assert "reason" not in about or about.get("note"), f"{path}.{name}: {about}"


def _blocks(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    if isinstance(node, list):
        return [pair for at, inner in enumerate(node) for pair in _blocks(inner, f"{path}[{at}]")]
    if not isinstance(node, dict):
        return []
    found = [(path, node)] if "meta" in node else []
    return found + [pair for name, inner in node.items() if name != "meta" for pair in _blocks(inner, f"{path}.{name}")]


def _two_sectors(path: Path, n: int = 12) -> Archive:
    """A: 000001 (900 of size) and 000002 (100); B: 000003. 000002 was in B until four sessions ago."""
    archive, history = open_archive(path), days(n)
    nets = {"000001": 30, "000002": 7, "000003": -20}
    sizes = {"000001": 900, "000002": 100, "000003": 1000}
    flows = [
        {
            "code": code,
            "session": day,
            "foreign_buy_amount": 100 + max(net, 0),
            "foreign_sell_amount": 100 - min(net, 0),
        }
        | {"institution_buy_amount": 50, "institution_sell_amount": 50}
        | four_groups(-net, net, 0)
        for code, net in nets.items()
        for day in history
    ]
    bars = [
        {"code": code, "session": day, "raw_close": 110, "base_price": 100, "amount": 1000, "market_cap": size}
        for code, size in sizes.items()
        for day in history
    ]
    moved = history[-4]
    members = [
        {"code": "000001", "sector": "A", "valid_from": history[0]},
        {"code": "000002", "sector": "B", "valid_from": history[0], "valid_to": sessions.previous(moved)},
        {"code": "000002", "sector": "A", "valid_from": moved},
        {"code": "000003", "sector": "B", "valid_from": history[0]},
    ]
    archive.fill("investor_day_stock", rows("investor_day_stock", flows))
    archive.fill("daily_bars", rows("daily_bars", [bar | {"status": "TRADED"} for bar in bars]))
    named = [{"scheme": "KRX_INDUSTRY", "sector_name": f"업종{row['sector']}"} | row for row in members]
    archive.fill("sector_membership", rows("sector_membership", named))
    return archive


def test_a_stock_counts_where_it_belonged_on_each_session(tmp_path: Path) -> None:
    """000002 moved from B to A four sessions ago: of its five sessions one is B's, four are A's."""
    found = {one["sector_code"]: one for one in ask(_two_sectors(tmp_path))["sector_flows"]}
    assert 5 * 30 + 4 * 7 == found["A"]["foreign"]["net_amount"]
    assert 5 * -20 + 1 * 7 == found["B"]["foreign"]["net_amount"]
    assert (2, 1) == (found["A"]["members"], found["B"]["members"])
    assert [("000001", 150), ("000002", 28)] == [
        (top["code"], top["net_amount"]) for top in found["A"]["foreign"]["top_stocks"]
    ]
    assert pytest.approx(100 * (1.1**5 - 1), abs=0.01) == found["A"]["sector_performance"]["return"]


def test_sums_are_withheld_below_nine_tenths_of_the_capitalisation(tmp_path: Path) -> None:
    for code, kept in (("000002", True), ("000001", False)):
        archive = _two_sectors(tmp_path / code)
        hole = rows("investor_day_stock", [{"code": code, "session": LAST}])
        archive.fill("investor_day_stock", hole.with_columns(ingested_at=pl.col("ingested_at").dt.offset_by("1d")))
        found = {one["sector_code"]: one for one in ask(archive, period="1D")["sector_flows"]}
        block = found["A"]["foreign"]
        if kept:
            assert (30, 0.9) == (block["net_amount"], found["A"]["coverage"])
        else:
            assert (None, "MISSING_INPUT") == (block["net_amount"], block["meta"]["net_amount"]["reason"])
            assert 0.1 == found["A"]["coverage"]
            assert [] == block["top_stocks"]
            assert any("업종A" in gap["what"] for gap in ask(archive, period="1D")["coverage"])


def test_a_halted_member_is_no_gap(tmp_path: Path) -> None:
    archive = _two_sectors(tmp_path)
    ahead = sessions.next(LAST)
    flows = [{"code": code, "session": ahead} | four_groups(-5, 5, 0) for code in ("000002", "000003")]
    bars = [
        {"code": code, "session": ahead, "raw_close": 110, "amount": 1000, "status": "TRADED"}
        for code in ("000002", "000003")
    ]
    halted = {"code": "000001", "session": ahead, "raw_close": 110, "amount": 0, "volume": 0, "status": "HALTED"}
    archive.fill("investor_day_stock", rows("investor_day_stock", flows))
    archive.fill("daily_bars", rows("daily_bars", [*bars, halted]))
    found = {one["sector_code"]: one for one in ask(archive, period="1D", session=ahead)["sector_flows"]}
    assert (5, 1.0) == (found["A"]["foreign"]["net_amount"], found["A"]["coverage"])
    assert (None, "NOT_AVAILABLE_FROM_SOURCE") == (
        found["A"]["foreign"]["buy_amount"],
        found["A"]["foreign"]["meta"]["buy_amount"]["reason"],
    )


def test_the_map_of_today_is_not_applied_to_the_past(tmp_path: Path) -> None:
    archive = _two_sectors(tmp_path)
    stored = archive.read("sector_membership")
    late = stored.filter(pl.col("valid_to").is_null()).with_columns(
        scheme=pl.lit("WICS"), valid_from=pl.lit(days(3)[0])
    )
    archive.fill("sector_membership", late)
    answer = ask(archive, scheme="WICS")
    assert {"INSUFFICIENT_HISTORY"} == {
        one["foreign"]["meta"]["net_amount"]["reason"] for one in answer["sector_flows"]
    }
    assert all(one["foreign"]["net_amount"] is None for one in answer["sector_flows"])
    assert all(
        one["foreign"]["net_amount"] is not None for one in ask(archive, scheme="WICS", period="1D")["sector_flows"]
    )
    early = ask(archive, scheme="WICS", period="1D", session=days(10)[0])
    assert [] == early["sector_flows"]
    assert ["OUT_OF_HISTORY"] == [gap["reason"] for gap in early["coverage"]]


def test_the_exchanges_scheme_is_taken_unless_another_covers_more(tmp_path: Path) -> None:
    archive = _two_sectors(tmp_path)
    stored = archive.read("sector_membership").filter(pl.col("valid_to").is_null())
    archive.fill("sector_membership", stored.with_columns(scheme=pl.lit("WICS"), sector_name=pl.lit("정보기술")))
    assert "KRX_INDUSTRY" == ask(archive)["sector_scheme"]
    assert "WICS" == ask(archive, sector="정보기술")["sector_scheme"]
    more = [{"code": f"00001{n}", "scheme": "NAVER", "valid_from": days(9)[0], "sector": "반도체"} for n in range(9)]
    archive.fill("sector_membership", rows("sector_membership", more))
    assert "NAVER" == ask(archive)["sector_scheme"]


def test_a_past_session_is_answered_without_the_figures_after_it(tmp_path: Path) -> None:
    archive = _two_sectors(tmp_path)
    before = ask(archive, session=LAST)
    ahead = sessions.next(LAST)
    later = [{"code": code, "session": ahead} | four_groups(-9, 999, 99) for code in ("000001", "000002", "000003")]
    archive.fill("investor_day_stock", rows("investor_day_stock", later))
    assert before == ask(archive, session=LAST)


def test_the_sample_has_official_totals_and_says_that_its_map_is_younger_than_its_flows(sample: Archive) -> None:
    answer = ask(sample)
    assert [] == answer["sector_flows"]
    assert ["OUT_OF_HISTORY"] == [gap["reason"] for gap in answer["coverage"]]
    start = date.fromisoformat(answer["period"]["start"])
    end = date.fromisoformat(answer["period"]["end"])
    stored = sample.read("investor_day_market", start=start, end=end).filter(pl.col("products") == "STOCK")
    assert stored["foreign_net_amount"].sum() == answer["market_overview"]["total_foreign_net"]


def test_signals_phases_and_places_of_all_sectors(market: Archive) -> None:
    parts = [one["rotation"] for one in ask(market, top_n=60)["sector_flows"]]
    told = [part for part in parts if part["signal"] is not None]
    assert len(told) > 10
    for part in told:
        assert part["signal"] in {"INFLOW", "OUTFLOW", "NEUTRAL"} and 0 < part["p_adj"] <= 1
        assert part["signal"] != "INFLOW" or part["z"] >= 0.5
        assert part["signal"] != "OUTFLOW" or part["z"] <= -0.5
    assert {part["phase"] for part in parts} <= {"LEADING", "WEAKENING", "LAGGING", "IMPROVING"}
    ranks = sorted(part["rank"] for part in parts if part["rank"] is not None)
    assert list(range(1, len(ranks) + 1)) == ranks and len(ranks) > 10


def test_planted_inflow_is_seen_by_the_signal(tmp_path: Path) -> None:
    """Fifteen sectors of noise over 200 sessions; in the last five one of them is bought far beyond its past."""
    archive, history = open_archive(tmp_path), days(200)
    draws = np.random.default_rng(7).normal(0, 100, (20, len(history))).round()
    draws[3, -5:] += 2_000
    codes = [f"0000{n:02d}" for n in range(20)]
    flows = [
        {"code": code, "session": day} | four_groups(0, int(draws[at, n]), 0)
        for at, code in enumerate(codes)
        for n, day in enumerate(history)
    ]
    bars = [{"code": code, "session": day, "amount": 10_000, "market_cap": 10**6} for code in codes for day in history]
    archive.fill("investor_day_stock", rows("investor_day_stock", flows))
    archive.fill("daily_bars", rows("daily_bars", [bar | {"status": "TRADED"} for bar in bars]))
    members = [{"code": c, "scheme": "KRX_INDUSTRY", "valid_from": history[0], "sector": f"S{c}"} for c in codes]
    archive.fill("sector_membership", rows("sector_membership", members))
    answer = ask(archive)
    first = answer["sector_flows"][0]
    assert ("S000003", "INFLOW") == (first["sector_code"], first["rotation"]["signal"])
    assert first["rotation"]["p_adj"] <= 0.1
    assert ["S000003"] == [
        one["sector_code"] for one in answer["rotation_analysis"]["to_sectors"] if one["significant"]
    ]


def test_words_for_trend_and_concentration_change_at_their_bounds() -> None:
    assert ["STRONG_OUTFLOW", "OUTFLOW", "OUTFLOW", "NEUTRAL", "NEUTRAL", "INFLOW", "STRONG_INFLOW"] == [
        trend_of(z) for z in (-1.5, -1.49, -0.5, -0.49, 0.49, 0.5, 1.5)
    ]
    assert ["LOW", "MODERATE", "MODERATE", "HIGH"] == [risk(hhi) for hhi in (0.149, 0.15, 0.25, 0.251)]


def test_without_members_or_flows_it_says_what_to_collect(tmp_path: Path) -> None:
    with pytest.raises(NoData, match="NOT_COLLECTED"):
        ask(open_archive(tmp_path / "empty"))
    archive = open_archive(tmp_path / "mapless")
    archive.fill(
        "investor_day_stock", rows("investor_day_stock", [{"code": "000001", "session": LAST} | four_groups(1, 2, 3)])
    )
    with pytest.raises(NoData, match=r"NOT_COLLECTED.*sugeup job run universe"):
        ask(archive)
    with pytest.raises(NoData, match="MARKET_CLOSED"):
        ask(_two_sectors(tmp_path / "holiday"), session="2026-02-17")


def test_the_text_stands_on_its_own(market: Archive) -> None:
    answer: Any = registry.bind(CASE, market)(top_n=10)
    lines = "\n".join(str(part) for part in CASE.text(answer)).splitlines()
    assert len(lines) <= 25
    text = "\n".join(lines)
    for word in ("외국인", "기관", "억원", "SIMULATED", "순환매", "KRX_INDUSTRY", answer.sector_flows[0].sector_name):
        assert word in text
    assert "null" not in text
    assert "rotation_analysis: cycle_phase" in texts(CASE, answer, detailed=True)
    flat = CASE.rows(answer)
    assert 10 == len(flat) and {"foreign_net_amount", "z", "signal", "score"} <= set(flat[0])


def test_the_history_of_sums_equals_the_answer(market: Archive) -> None:
    scene = sector_scene.load(market, "ALL", 1, None, None, None)
    answer = ask(market, period="1D", top_n=60)
    for one in answer["sector_flows"]:
        at = scene.map.place[one["sector_code"]]
        assert one["foreign"]["net_amount"] == scene.sums.foreign[at, -1]
