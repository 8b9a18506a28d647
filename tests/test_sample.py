"""The bundled sample: complete, small, reproducible, and equal to second copies that are not part of it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

import sugeup.sample
from sugeup.archive import Archive
from sugeup.jobs.importing import ImportReport
from sugeup.jobs.sample import FILES, load_sample
from sugeup.market import investors
from sugeup.sources import origins
from tests.support.lakes import archive_in

SAMPLE = Path(sugeup.sample.__file__).parent
CHECKS = Path(__file__).parent / "fixtures" / "checks"
SCRIPTS = Path(__file__).parents[1] / "scripts"
ROWS = {
    "instruments": 62,
    "sector_membership": 186,
    "index_day": 15_999,
    "daily_bars": 25_039,
    "investor_day_market": 15_893,
    "investor_day_stock": 16_313,
    "investor_minute_market": 2_405,
    "short_day": 15_940,
    "short_balance": 14_730,
    "foreign_holding": 2_498,
}
MILLION = 1_000_000
LEAVES = {
    "금융투자": "financial_investment",
    "보험": "insurance",
    "투신": "investment_trust",
    "사모펀드": "private_fund",
    "은행": "bank",
    "기타금융": "other_financial",
    "연기금등": "pension_fund",
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Archive, ImportReport]]:
    archive = archive_in(tmp_path_factory.mktemp("sample"))
    yield archive, load_sample(archive)


@pytest.fixture(scope="module")
def archive(loaded: tuple[Archive, ImportReport]) -> Archive:
    return loaded[0]


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_sample", SCRIPTS / "build_sample.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_row_of_the_sample_is_stored_and_none_rejected(loaded: tuple[Archive, ImportReport]) -> None:
    report = loaded[1]
    assert report.rejected.is_empty()
    assert report.refused == {}
    assert report.stored == sum(ROWS.values())
    assert not [t for t in report.tables if t.left_out]


def test_the_files_hold_the_rows_that_the_readme_counts() -> None:
    assert tuple(ROWS) == FILES
    assert {name: pl.read_parquet(SAMPLE / f"{name}.parquet").height for name in FILES} == ROWS
    said = (SAMPLE / "README.md").read_text(encoding="utf-8")
    by_source = {
        (name, source): count
        for name in FILES
        for source, count in pl.read_parquet(SAMPLE / f"{name}.parquet")["source"].value_counts().iter_rows()
    }
    for (name, source), count in by_source.items():
        assert f"`{source}`" in said
        assert name == "sector_membership" or f"| {count:,} |" in said, (name, source, count)
    assert f"{sum(ROWS.values()):,} rows" in said


def test_the_sample_is_at_most_three_megabytes() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.iterdir() if path.is_file()) <= 3_000_000


def test_every_source_of_the_sample_has_a_described_origin_with_its_commit_in_the_readme() -> None:
    said = (SAMPLE / "README.md").read_text(encoding="utf-8")
    named = {source for name in FILES for source in pl.read_parquet(SAMPLE / f"{name}.parquet")["source"].unique()}
    for source in named:
        origin = origins()[source]
        assert origin.provenance
        assert not origin.simulated
        line = next(line for line in said.splitlines() if line.startswith(f"| `{source}` |"))
        assert "@" in line


def test_loading_the_sample_again_adds_nothing(archive: Archive) -> None:
    assert load_sample(archive).stored == 0


def test_the_scope_is_two_markets_and_62_named_stocks(archive: Archive) -> None:
    instruments = archive.read("instruments")
    assert instruments.height == 62
    assert instruments["name_en"].null_count() == 0
    assert dict(instruments.select("code", "name_en").iter_rows())["005930"] == "Samsung Electronics"
    assert set(archive.read("investor_day_stock")["code"]) == set(instruments["code"])
    flows = archive.read("investor_day_market")
    assert flows.group_by("market").agg(pl.col("session").min()).sort("market").rows() == [
        ("KOSDAQ", date(2005, 1, 3)),
        ("KOSPI", date(2005, 1, 3)),
    ]


def test_the_exchanges_totals_are_preferred_and_add_to_zero_on_every_session(archive: Archive) -> None:
    flows = archive.read("investor_day_market", end=date(2026, 5, 29))
    exact = flows.filter(pl.col("source") == "krx_market_copy")
    assert exact.height == 10_562
    nets = [f"{group}_net_amount" for group in investors.GROUPS]
    assert exact.filter(pl.sum_horizontal(nets) != 0).is_empty()


def test_sub_types_are_found_behind_the_preferred_totals(archive: Archive) -> None:
    old = archive.read("investor_day_market", scopes=["KOSPI"], having=["private_fund_net_amount"])
    assert (old["session"].min(), old["session"].max(), set(old["source"])) == (
        date(2005, 1, 3), date(2023, 11, 30), {"hts_export"},
    )  # fmt: skip
    recent = archive.read(
        "investor_day_market", scopes=["KOSPI"], start=date(2023, 12, 12), having=["pension_fund_net_amount"]
    )
    assert (recent.height, set(recent["source"])) == (654, {"naver_market_copy"})
    assert recent["private_fund_net_amount"].null_count() == 654


def test_kospi_totals_equal_the_export_of_another_program_within_its_rounding(archive: Archive) -> None:
    second = pl.read_csv(CHECKS / "hts_kospi_flows.csv", try_parse_dates=True)
    assert second.height == 20
    stored = archive.read("investor_day_market", scopes=["KOSPI"])
    both = second.join(stored, left_on="date", right_on="session", how="left")
    for label, group in {"개인": "individual", "외국인": "foreign", "기타법인+기타": "other_corporation"}.items():
        apart = (both[label] * MILLION - both[f"{group}_net_amount"]).abs()
        assert apart.null_count() == 0
        assert max(apart) <= 2 * MILLION, label
    government = pl.when(pl.col("date") <= date(2012, 7, 13)).then(pl.col("국가·지자체")).otherwise(0)
    institution = both.select(
        ((pl.col("기관계") + government) * MILLION - pl.col("institution_net_amount")).abs().max()
    )
    assert institution.item() <= 2 * MILLION


def test_kospi_sub_types_equal_the_export_exactly(archive: Archive) -> None:
    second = pl.read_csv(CHECKS / "hts_kospi_flows.csv", try_parse_dates=True)
    stored = archive.read("investor_day_market", scopes=["KOSPI"], having=["bank_net_amount"])
    both = second.join(stored, left_on="date", right_on="session", how="left")
    for label, leaf in LEAVES.items():
        assert both.filter((pl.col(label) * MILLION).ne_missing(pl.col(f"{leaf}_net_amount"))).is_empty(), label


def test_stock_net_volumes_equal_those_of_a_portal_exactly(archive: Archive) -> None:
    second = pl.read_csv(
        CHECKS / "naver_stock_net_volume.csv", schema_overrides={"code": pl.String}, try_parse_dates=True
    )
    assert second.group_by("code").len()["len"].to_list() == [5] * 8
    stored = archive.read("investor_day_stock")
    assert set(stored["source"]) == {"pykrx_copy"}
    both = second.join(stored, left_on=["code", "date"], right_on=["code", "session"], how="left", suffix="_stored")
    assert both.filter(pl.col("foreign_net_volume").ne_missing(pl.col("foreign_net_volume_stored"))).is_empty()
    assert both.filter(pl.col("inst_net_volume").ne_missing(pl.col("institution_net_volume"))).is_empty()


def test_prices_with_turnover_are_preferred_and_equal_to_those_without(archive: Archive) -> None:
    file = pl.read_parquet(SAMPLE / "daily_bars.parquet")
    copy = file.filter(pl.col("source") == "pykrx_copy")
    raw = file.filter(pl.col("source") != "pykrx_copy")
    common = copy.join(raw, on=["code", "session"], suffix="_raw")
    assert common.height == 3_502
    for name in ("raw_open", "raw_high", "raw_low", "raw_close"):
        assert common.filter(pl.col(name).ne_missing(pl.col(f"{name}_raw"))).is_empty(), name
    stored = archive.read("daily_bars", scopes=["005930"], start=date(2026, 3, 6), end=date(2026, 3, 20))
    assert set(stored["source"]) == {"fdr_cache_eod"}
    assert stored["market_cap"].null_count() == 0


def test_adjusted_prices_are_not_in_the_sample(archive: Archive) -> None:
    copy = pl.read_parquet(SAMPLE / "daily_bars.parquet").filter(pl.col("source") == "pykrx_copy")
    assert not {"010120", "058470", "068270", "108490", "126340", "300080", "356860", "458870"} & set(copy["code"])
    assert copy.filter(pl.col("code") == "340570")["session"].max() == date(2026, 7, 24)
    before = copy.sort("code", "session").with_columns(pl.col("raw_close").shift(1).over("code").alias("before"))
    assert before.filter(pl.col("base_price") != pl.col("before")).is_empty()


def test_the_broken_snapshot_of_the_minutes_is_not_in_the_sample(archive: Archive) -> None:
    minutes = archive.read("investor_minute_market", scopes=["KOSPI"], start=date(2026, 6, 19), end=date(2026, 6, 19))
    seoul = minutes["at"].dt.convert_time_zone("Asia/Seoul").dt.replace_time_zone(None).to_list()
    assert datetime(2026, 6, 19, 10, 4) not in seoul
    assert (seoul[0], seoul[-1], len(seoul)) == (datetime(2026, 6, 19, 9, 0), datetime(2026, 6, 19, 15, 40), 400)


def test_a_short_balance_is_never_zero(archive: Archive) -> None:
    assert archive.read("short_balance").filter(pl.col("balance_shares") <= 0).is_empty()


def test_building_the_sample_again_gives_the_same_files(tmp_path: Path) -> None:
    build_sample = builder()
    if not build_sample.DATA.is_dir():
        pytest.skip(f"the collection of public figures is not at {build_sample.DATA}: the sample was not rebuilt")
    first, second = tmp_path / "first", tmp_path / "second"
    assert build_sample.build(build_sample.DATA, first) == ROWS
    build_sample.build(build_sample.DATA, second)
    for name in FILES:
        again = (first / f"{name}.parquet").read_bytes()
        assert again == (second / f"{name}.parquet").read_bytes(), name
        assert pl.read_parquet(first / f"{name}.parquet").equals(pl.read_parquet(SAMPLE / f"{name}.parquet")), name
