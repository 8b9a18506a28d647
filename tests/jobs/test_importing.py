"""Imports of files: what is stored, what is rejected and why, and that repeating changes nothing."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sugeup.archive import Archive
from sugeup.errors import Refused
from sugeup.jobs.importing import ImportReport, import_files
from sugeup.market import sessions
from tests.support.lakes import archive_in

SLICES = Path(__file__).parents[1] / "fixtures" / "layouts"
DAY = "2026-02-13"
BAR = {"code": "005930", "session": DAY, "raw_open": 180_000, "raw_high": 184_000, "raw_low": 179_000,
       "raw_close": 181_000, "volume": 1_000_000, "amount": 181_500_000_000}  # fmt: skip
INDEX = {"index_code": "KOSPI", "session": DAY, "close": 5500.1, "amount": 20_000_000_000_000}
MARKET = {"market": "KOSPI", "session": DAY, "individual_net_amount": 300_000_000_000,
          "foreign_net_amount": -500_000_000_000, "institution_net_amount": 150_000_000_000,
          "other_corporation_net_amount": 50_000_000_000}  # fmt: skip
FLOW = {"code": "005930", "session": DAY, "foreign_net_volume": -120_000}


def put(folder: Path, rows: Sequence[Mapping[str, Any]], name: str = "given.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(pl.DataFrame(list(rows), infer_schema_length=None).write_csv().encode(encoding))
    return path


def taken(archive: Archive, folder: Path, rows: Sequence[Mapping[str, Any]], **about: Any) -> ImportReport:
    return import_files(archive, [put(folder, rows)], **about)


def reasons(report: ImportReport) -> list[str]:
    return report.rejected["reason"].to_list()


def test_rows_in_our_columns_are_stored_with_their_provenance(archive: Archive, tmp_path: Path) -> None:
    report = taken(archive, tmp_path, [FLOW])
    assert report.stored == 1
    stored = archive.read("investor_day_stock").row(0, named=True)
    assert (stored["source"], stored["venue"], stored["products"], stored["hours"], stored["final"]) == (
        "user_file", "KRX", "STOCK", "UNKNOWN", True,
    )  # fmt: skip
    assert stored["known_at"] == datetime(2026, 2, 18, 23, 10, tzinfo=UTC)
    assert stored["ingested_at"] == archive.clock.now()
    assert stored["foreign_net_volume"] == -120_000
    assert stored["individual_net_volume"] is None


def test_a_source_may_be_named_by_the_caller_or_by_the_rows(archive: Archive, tmp_path: Path) -> None:
    taken(archive, tmp_path, [FLOW], source="my_terminal")
    assert archive.read("investor_day_stock")["source"].to_list() == ["my_terminal"]
    report = taken(archive, tmp_path, [FLOW | {"source": "pykrx_copy"}, FLOW | {"source": "naver_stock_copy"}])
    assert [(t.source, t.replaced, t.kept) for t in report.tables] == [
        ("naver_stock_copy", 1, 0),
        ("pykrx_copy", 1, 0),
    ]
    assert archive.read("investor_day_stock")["source"].to_list() == ["pykrx_copy"]


def test_a_code_given_as_a_number_keeps_its_zeros(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "given.parquet"
    pl.DataFrame([FLOW | {"code": 5930, "session": date(2026, 2, 13)}]).write_parquet(path)
    import_files(archive, [path])
    assert archive.read("investor_day_stock")["code"].to_list() == ["005930"]


def test_a_korean_spreadsheet_is_read(archive: Archive, tmp_path: Path) -> None:
    row = {"code": "005930", "valid_from": "20260322", "name": "삼성전자", "market": "KOSPI", "kind": "STOCK"}
    import_files(archive, [put(tmp_path, [row], encoding="cp949")])
    assert archive.read("instruments")["name"].to_list() == ["삼성전자"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (FLOW | {"code": ""}, "code is empty"),
        (FLOW | {"code": "59-30"}, "malformed"),
        (FLOW | {"code": "abcdef"}, "malformed"),
        (FLOW | {"session": "2026-02-30"}, "not a date"),
        (FLOW | {"session": "13일"}, "not a date"),
        (FLOW | {"session": "2026-02-14"}, "weekend (Saturday)"),
        (FLOW | {"session": "2026-02-17"}, "설날"),
        (FLOW | {"session": "2027-02-12"}, "future"),
        (FLOW | {"session": "1999-01-04"}, "OUT_OF_HISTORY"),
        (FLOW | {"foreign_net_volume": "NaN"}, "not a whole number"),
        (FLOW | {"foreign_net_volume": "many"}, "not a whole number"),
        (FLOW | {"venue": "NYSE"}, "venue is not one of KRX, NXT, CONSOLIDATED"),
        (FLOW | {"known_at": "2026-02-12T09:00:00"}, "known_at lies before"),
        (FLOW | {"known_at": "2026-12-24T09:00:00"}, "known_at lies in the future"),
        (BAR | {"volume": -1}, "volume is negative"),
        (BAR | {"raw_low": 185_000}, "raw_low is above raw_high"),
        (BAR | {"raw_close": 190_000}, "raw_close lies outside raw_low to raw_high"),
        (BAR | {"raw_open": 0}, "raw_open is 0"),
        (BAR | {"raw_close": 181_234}, "tick grid"),
        (BAR | {"amount": 181_500}, "looks like million (백만) won: give won, multiply by 1,000,000"),
        (BAR | {"amount": 1_815}, "looks like hundred million (억) won"),
        (FLOW | {"foreign_buy_volume": 5, "foreign_sell_volume": 3}, "foreign_net_volume is not"),
        (
            FLOW | {"foreign_registered_net_volume": -100_000, "foreign_other_net_volume": -5_000},
            "leaves of foreign do not add",
        ),
    ],
)
def test_a_bad_row_is_rejected_with_the_reason_and_the_others_are_stored(
    archive: Archive, tmp_path: Path, row: dict[str, Any], said: str
) -> None:
    good = dict(BAR if "raw_close" in row else FLOW) | {"code": "000660"}
    both = [good | dict.fromkeys(row.keys() - good.keys()), row]
    report = taken(archive, tmp_path, both)
    assert said in reasons(report)[0]
    assert report.rejected["row"].to_list() == [2]
    assert "given.csv" in report.rejected["file"].item()
    assert report.tables[0].added == 1
    assert archive.read(report.tables[0].dataset)["code"].to_list() == ["000660"]


def test_exact_repeats_are_merged_and_counted_contradictions_are_all_rejected(archive: Archive, tmp_path: Path) -> None:
    other = FLOW | {"code": "000660"}
    report = taken(archive, tmp_path, [FLOW, FLOW, other, other | {"foreign_net_volume": 7}])
    assert report.tables[0].left_out == {"exact repeat of another row": 1}
    assert report.rejected["row"].to_list() == [3, 4]
    assert all("contradicts" in reason for reason in reasons(report))
    assert archive.read("investor_day_stock")["code"].to_list() == ["005930"]


def test_a_market_row_in_million_won_is_rejected_against_the_turnover_of_its_session(
    archive: Archive, tmp_path: Path
) -> None:
    taken(archive, tmp_path, [INDEX])
    wrong = MARKET | {name: value // 10**6 for name, value in MARKET.items() if isinstance(value, int)}
    report = taken(archive, tmp_path, [wrong])
    assert "turnover" in reasons(report)[0]
    assert "million (백만) won: give won" in reasons(report)[0]
    huge = MARKET | {name: value * 10**6 for name, value in MARKET.items() if isinstance(value, int)}
    assert "too large" in reasons(taken(archive, tmp_path, [huge]))[0]
    assert taken(archive, tmp_path, [MARKET]).stored == 1


def test_a_market_row_in_hundred_million_won_is_rejected_without_any_turnover(archive: Archive, tmp_path: Path) -> None:
    wrong = MARKET | {name: value // 10**8 for name, value in MARKET.items() if isinstance(value, int)}
    assert "no net amount of the market reaches 10 million won" in reasons(taken(archive, tmp_path, [wrong]))[0]
    assert archive.read("investor_day_market").is_empty()


def test_one_group_alone_may_be_small_on_a_day_but_not_in_a_whole_file(archive: Archive, tmp_path: Path) -> None:
    days = [day.isoformat() for day in sessions.last(6, date(2026, 2, 13))]
    rows = [{"market": "KOSPI", "session": day, "foreign_net_amount": 5 * 10**11} for day in days]
    assert taken(archive, tmp_path, [rows[0] | {"foreign_net_amount": 4}, *rows[1:]]).stored == 6
    wrong = [row | {"foreign_net_amount": 500_000} for row in rows]
    assert len(reasons(taken(archive, tmp_path, wrong))) == 6
    taken(archive, tmp_path, [INDEX | {"session": day} for day in days])
    thousand = [row | {"foreign_net_amount": 5 * 10**8} for row in rows]
    assert all("thousand (천) won" in reason for reason in reasons(taken(archive, tmp_path, thousand)))


def test_an_investors_amount_is_held_against_the_prices_of_the_day(archive: Archive, tmp_path: Path) -> None:
    taken(archive, tmp_path, [BAR])
    right = FLOW | {"foreign_buy_volume": 100_000, "foreign_buy_amount": 18_150_000_000}
    wrong = right | {"foreign_buy_amount": 18_150}
    report = taken(archive, tmp_path, [wrong])
    assert "not near the day's prices" in reasons(report)[0]
    assert "million (백만) won" in reasons(report)[0]
    assert taken(archive, tmp_path, [right]).stored == 1


def test_prices_of_a_fund_are_on_their_own_grid_once_its_kind_is_known(archive: Archive, tmp_path: Path) -> None:
    bar = {"code": "069500", "session": DAY, "raw_close": 43_185, "volume": 10}
    report = taken(archive, tmp_path, [bar | {"session": "2024-01-02"}])
    assert "import its row of instruments" in reasons(report)[0]
    taken(archive, tmp_path, [{"code": "069500", "valid_from": "2024-01-02", "name": "KODEX 200", "kind": "ETF"}])
    assert taken(archive, tmp_path, [bar | {"session": "2024-01-02"}]).stored == 1


def test_groups_that_do_not_add_to_zero_are_stored_with_a_warning(archive: Archive, tmp_path: Path) -> None:
    report = taken(archive, tmp_path, [MARKET | {"individual_net_amount": 300_123_456_789}])
    assert report.tables[0].warnings == {"groups do not add to zero (amount)": 1}
    assert report.stored == 1


def test_a_rounded_file_of_an_unknown_source_is_allowed_its_rounding(archive: Archive, tmp_path: Path) -> None:
    row = {"market": "KOSPI", "session": DAY, "foreign_buy_amount": 5_000_000_000_000,
           "foreign_sell_amount": 4_000_001_000_000, "foreign_net_amount": 1_000_000_000_000}  # fmt: skip
    assert taken(archive, tmp_path, [row]).stored == 1
    exact = row | {"foreign_buy_amount": 5_000_000_000_001}
    assert "is not foreign_buy_amount minus" in reasons(taken(archive, tmp_path, [exact]))[0]


def test_a_broken_snapshot_is_rejected_and_the_minutes_around_it_are_stored(archive: Archive) -> None:
    report = import_files(archive, [SLICES / "market_investor_1min.csv"])
    assert reasons(report) == ["private_fund_net_amount is not private_fund_buy_amount minus private_fund_sell_amount"]
    assert archive.read("investor_minute_market")["at"].dt.minute().to_list() == [3, 5]


def test_a_bad_figure_in_a_long_file_rejects_its_whole_day(archive: Archive, tmp_path: Path) -> None:
    text = (SLICES / "market_daily_net.csv").read_text(encoding="utf-8")
    path = tmp_path / "market_daily_net.csv"
    path.write_text(text.replace("-4049825335", "N/A"), encoding="utf-8")
    report = import_files(archive, [path])
    assert report.rejected.height == 4
    assert sum("belongs to the same" in reason for reason in reasons(report)) == 3
    kosdaq = archive.read("investor_day_market", scopes=["KOSDAQ"])
    assert date(2005, 1, 3) not in kosdaq["session"].to_list()
    assert kosdaq["individual_net_amount"].null_count() == 0


def test_one_refused_file_does_not_keep_the_others_out(archive: Archive, tmp_path: Path) -> None:
    picture = tmp_path / "chart.csv"
    picture.write_bytes(b"\x89PNG\r\n")
    report = import_files(archive, [picture, put(tmp_path, [FLOW]), SLICES / "stocks_ohlcv.csv"])
    assert report.stored == 1
    assert [Path(name).name for name in report.refused] == ["chart.csv", "stocks_ohlcv.csv"]
    assert "PNG" in report.refused[str(picture)].message
    assert archive.read("daily_bars").is_empty()


def test_when_every_file_is_refused_the_reason_is_raised(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"stocks_ohlcv.csv: .*adjusted"):
        import_files(archive, [SLICES / "stocks_ohlcv.csv"])
    with pytest.raises(Refused, match="none of 2 files"):
        import_files(archive, [SLICES / "stocks_ohlcv.csv", tmp_path / "absent.csv"])
    with pytest.raises(Refused, match="no file was named"):
        import_files(archive, [])


def test_every_slice_that_is_taken_is_stored_and_adds_nothing_when_repeated(archive: Archive) -> None:
    paths = sorted(SLICES.glob("*.csv"))
    first = import_files(archive, paths)
    assert {t.layout for t in first.tables} == {
        "index_daily", "krx_end_of_day", "close_allmarket", "sector_map", "market_daily_net",
        "market_daily_detail_kospi", "market_daily_detail_kospi_naver", "market_daily_buysell_kospi",
        "market_investor_1min", "stock_daily_net_volume", "stock_daily_foreign_inst", "stock_short_daily",
        "derivatives_daily", "market_funds_daily", "vkospi_daily", "theme_members", "ticks", "minute_bars",
        "market_index_1min", "stock_investor_estimates", "program_market_intraday", "stock_program_intraday",
    }  # fmt: skip
    assert len(first.refused) == 8
    again = import_files(archive, paths)
    assert again.stored == 0
    assert sum(t.same for t in again.tables) == first.stored


def test_the_rejected_rows_can_be_written_to_a_file(archive: Archive, tmp_path: Path) -> None:
    report = taken(archive, tmp_path, [FLOW | {"code": "삼성전자"}, FLOW])
    path = report.write_rejected(tmp_path / "given.rejected.csv")
    written = pl.read_csv(path, infer_schema=False)
    assert written.columns == ["file", "row", "dataset", "key", "reason", "value"]
    assert written.row(0, named=True)["key"] == f"삼성전자 {DAY}"
    assert written.row(0, named=True)["row"] == "1"


def test_progress_is_told_from_nothing_to_the_whole(archive: Archive, tmp_path: Path) -> None:
    told: list[float] = []
    import_files(archive, [put(tmp_path, [FLOW])], progress=lambda _said, part: told.append(part))
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


def test_an_interrupted_import_leaves_whole_tables_and_is_completed_by_repeating_it(archive: Archive) -> None:
    path = SLICES / "stock_short_daily.csv"

    def interrupt(said: str, _part: float) -> None:
        if "short_balance" in said:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_files(archive, [path], progress=interrupt)
    assert archive.read("short_day").height == 4
    assert archive.read("short_balance").is_empty()
    completed = import_files(archive, [path])
    assert [(table.dataset, table.added, table.same) for table in completed.tables] == [
        ("short_day", 0, 4),
        ("short_balance", 4, 0),
    ]


def test_the_future_is_told_by_the_archives_clock_alone(tmp_path: Path) -> None:
    archive = archive_in(tmp_path / "old", datetime(2026, 2, 12, 15, 0, tzinfo=UTC))
    assert taken(archive, tmp_path, [FLOW]).stored == 1
    earlier = archive_in(tmp_path / "older", datetime(2026, 2, 12, 14, 59, tzinfo=UTC))
    assert "future (today is 2026-02-12)" in reasons(taken(earlier, tmp_path, [FLOW]))[0]


def test_three_hundred_thousand_rows_are_no_trouble(archive: Archive, tmp_path: Path) -> None:
    codes = pl.DataFrame({"code": [f"{number:06d}" for number in range(3_000)]})
    days = pl.DataFrame({"session": sessions.last(100, date(2026, 2, 13))})
    path = tmp_path / "many.parquet"
    codes.join(days, how="cross").with_columns(short_volume=pl.int_range(pl.len())).write_parquet(path)
    assert import_files(archive, [path]).stored == 300_000


ROWS = st.lists(
    st.builds(
        lambda code, day, value: {"code": code, "session": day, "foreign_net_volume": value},
        st.sampled_from(["005930", "000660", "0009K0", "59", "no code"]),
        st.sampled_from(["2026-02-11", "20260212", "2026-02-13", "2026-02-14", "?"]),
        st.one_of(st.none(), st.integers(-(10**6), 10**6).map(str), st.just("x")),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, seed=st.integers(0, 10**6))
def test_importing_twice_or_in_another_order_is_importing_once(rows: list[dict[str, Any]], seed: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder)
        once, twice = archive_in(path / "once"), archive_in(path / "twice")
        first = import_files(once, [put(path, rows)])
        shuffled = random.Random(seed).sample(rows, len(rows))  # noqa: S311
        second = import_files(twice, [put(path, shuffled)])
        assert import_files(twice, [put(path, rows)]).stored == 0
        assert once.read("investor_day_stock").equals(twice.read("investor_day_stock"))
        assert (first.stored, first.rejected.height) == (second.stored, second.rejected.height)
        assert once.read("investor_day_stock").height == first.stored
