"""Master files written by the offsets of the specification become instruments, marks and industries."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import polars as pl
import pytest

from sugeup import records
from sugeup.errors import Refused, SchemaDrift
from sugeup.sources.checks import Context, check
from sugeup.sources.kis import KIS, futures, masters
from sugeup.sources.vendor import Ask, Page, Reply
from tests.sources.kis.answers import SPECIFICATION

MORNING = datetime(2026, 11, 24, 23, 5, tzinfo=UTC)
"""08:05 in Seoul on 2026-11-25."""
DAY = date(2026, 11, 25)
ASK = Ask((), DAY, DAY)
NAMES = {
    "KOSPI": {
        "group": "그룹코드",
        "large": "지수업종대분류",
        "middle": "지수업종중분류",
        "in_kospi200": "KOSPI200섹터업종",
        "in_krx300": "KRX300",
        "base_price": "기준가",
        "halt": "거래정지",
        "liquidation": "정리매매",
        "administrative": "관리종목",
        "warning": "시장경고",
        "par_amount": "액면가",
        "listed_on": "상장일자",
        "listed_shares": "상장주수",
        "preferred": "우선주",
        "short_overheat": "공매도과열",
        "market_cap": "시가총액",
    },
    "KOSDAQ": {
        "group": "증권그룹구분코드",
        "large": "지수업종 대분류 코드",
        "middle": "지수 업종 중분류 코드",
        "in_kosdaq150": "KOSDAQ150지수여부 (Y,N)",
        "in_krx300": "KRX300 종목 여부 (Y/N)",
        "base_price": "주식 기준가",
        "halt": "거래정지 여부",
        "liquidation": "정리매매 여부",
        "administrative": "관리 종목 여부",
        "warning": "시장 경고 구분 코드",
        "par_amount": "주식 액면가",
        "listed_on": "주식 상장 일자",
        "listed_shares": "상장 주수(천)",
        "preferred": "우선주 구분 코드",
        "short_overheat": "공매도과열종목여부",
        "market_cap": "전일기준 시가총액 (억)",
    },
}
PLAIN = {
    "group": "ST",
    "large": "0027",
    "middle": "0013",
    "base_price": "000266500",
    "halt": "N",
    "liquidation": "N",
    "administrative": "N",
    "warning": "00",
    "par_amount": "000000000100",
    "listed_on": "19750611",
    "listed_shares": "000000005919637",
    "preferred": "0",
    "short_overheat": "N",
    "market_cap": "015775834",
}
FILES = {
    market: entry
    for market in masters.FILES
    for entry in SPECIFICATION["master_files"]
    if entry["file"] == f"{masters.FILES[market]}.zip"
}


def line(market: str, code: str, name: str, **changed: str) -> str:
    tail = [" "] * FILES[market]["tail_width"]
    places = {field: (offset, width) for field, offset, width in FILES[market]["tail"]}
    for field, value in (PLAIN | changed).items():
        offset, width = places[NAMES[market][field]]
        assert len(value) == width, field
        tail[offset : offset + width] = value
    return f"{code:<9}KR7{code:0<9}"[:21] + name + "".join(tail)


def packed(*lines: str, name: str = "kospi_code.mst", ending: str = "\n") -> Reply:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, "".join(one + ending for one in lines).encode("cp949"))
    return Reply(200, {}, body.getvalue(), MORNING)


KOSPI = packed(
    line("KOSPI", "005930", "삼성전자                                "),
    line("KOSPI", "005935", "삼성전자우", preferred="1", middle="0000"),
    line("KOSPI", "069500", "KODEX 200", group="EF", large="0000", middle="0000"),
    line("KOSPI", "Q500001", "신한 레버리지 ETN", group="EN", large="0000", middle="0000"),
    line("KOSPI", "F70100022", "수익증권", group="BC"),
    line("KOSPI", "0009K0", "새 종목", halt="Y", administrative="Y", warning="02", short_overheat="Y", liquidation="Y"),
    ending="\r\n",
)


def parsed(name: str, reply: Reply = KOSPI, ask: Ask = ASK) -> Page:
    return KIS.endpoint(name).parse(ask, reply)


@pytest.mark.parametrize("market", list(masters.FILES))
def test_fields_begin_where_the_specification_says(market: str) -> None:
    places = {field: (offset, width) for field, offset, width in FILES[market]["tail"]}
    layout = masters.LAYOUTS[market]
    assert FILES[market]["tail_width"] == layout.width
    assert {name: places[NAMES[market][name]] for name in layout.fields} == dict(layout.fields)


def test_instruments_have_names_kinds_and_shares_from_that_day_on() -> None:
    page = parsed("master_instruments")
    samsung = page.frame.row(0, named=True)
    assert ("005930", "삼성전자", "KOSPI", "STOCK", date(1975, 6, 11), 100, 5_919_637_000, False, DAY) == tuple(
        samsung[name]
        for name in (
            "code",
            "name",
            "market",
            "kind",
            "listed_on",
            "par_amount",
            "listed_shares",
            "is_preferred",
            "valid_from",
        )
    )
    assert [("005935", True), ("069500", False), ("500001", False), ("0009K0", False)] == page.frame.select(
        "code", "is_preferred"
    ).rows()[1:]
    assert ["STOCK", "STOCK", "ETF", "ETN", "STOCK"] == page.frame["kind"].to_list()
    assert {masters.LONG: 1} == page.notes


def test_marks_are_one_row_each_with_the_step_of_a_warning() -> None:
    rows = parsed("master_designations").frame.select("code", "kind", "level", "session").rows()
    assert {
        ("0009K0", "WARNING", "2", DAY),
        ("0009K0", "HALT", None, DAY),
        ("0009K0", "ADMINISTRATIVE", None, DAY),
        ("0009K0", "SHORT_OVERHEAT", None, DAY),
        ("0009K0", "LIQUIDATION", None, DAY),
    } == set(rows)
    weekend = Reply(200, {}, KOSPI.body, datetime(2026, 11, 28, 0, tzinfo=UTC))
    assert 0 == parsed("master_designations", weekend, Ask((), DAY, date(2026, 12, 1))).frame.height


def test_an_industry_is_the_middle_code_else_the_large_one_and_funds_have_none() -> None:
    page = parsed("master_sectors")
    assert [("005930", "0013"), ("005935", "0027"), ("0009K0", "0013")] == page.frame.select("code", "sector").rows()
    assert {"KRX_INDUSTRY"} == set(page.frame["scheme"])


def test_a_member_of_several_indices_has_a_row_for_each() -> None:
    both = packed(
        line("KOSPI", "005930", "삼성전자", in_kospi200="5", in_krx300="Y"),
        line("KOSPI", "000020", "동화약품", in_kospi200="0", in_krx300="N"),
    )
    rows = parsed("master_indices", both).frame.select("code", "scheme", "sector").rows()
    assert {("005930", "INDEX", "KOSPI200"), ("005930", "INDEX", "KRX300")} == set(rows)
    second = packed(line("KOSDAQ", "247540", "에코프로비엠", in_kosdaq150="Y"), name="kosdaq_code.mst")
    page = parsed("master_indices", second, parsed("master_indices").after or ASK)
    assert [("247540", "KOSDAQ150")] == page.frame.select("code", "sector").rows()


@pytest.mark.parametrize("name", ["master_instruments", "master_designations", "master_sectors", "master_indices"])
def test_the_checks_pass_what_a_master_file_gives(name: str) -> None:
    endpoint = KIS.endpoint(name)
    page = parsed(name)
    dataset = records.dataset(endpoint.dataset)
    checked = check(dataset, page.frame, Context(now=MORNING))
    assert (page.frame.height, 0) == (checked.frame.height, checked.faults.height)
    assert page.frame.height == dataset.conform(page.frame).height


def test_the_file_of_the_second_market_follows_the_first_and_nothing_follows_it() -> None:
    endpoint = KIS.endpoint("master_instruments")
    assert ("/common/master/kospi_code.mst.zip", "files") == (endpoint.build(ASK).path, endpoint.build(ASK).host)
    after = parsed("master_instruments").after
    assert after is not None
    assert "/common/master/kosdaq_code.mst.zip" == endpoint.build(after).path
    second = packed(line("KOSDAQ", "035720", "카카오"), name="kosdaq_code.mst")
    page = parsed("master_instruments", second, after)
    assert ("KOSDAQ", None) == (page.frame["market"][0], page.after)


def test_the_universe_has_market_caps_of_the_day_before() -> None:
    row = masters.universe("KOSPI", KOSPI).row(0, named=True)
    assert (1_577_583_400_000_000, 266_500) == (row["market_cap"], row["base_price"])


def test_codes_that_nextrade_trades_are_joined_when_their_lists_are_there() -> None:
    listed = packed(line("KOSPI", "005930", "삼성전자"))
    assert "/common/master/nxt_kosdaq_code.mst.zip" == masters.nxt_file("KOSDAQ").path
    joined = masters.with_nxt(parsed("master_instruments").frame, masters.nxt_codes(listed))
    assert [True, False, False, False, False] == joined["nxt_tradable"].to_list()


def test_a_market_without_a_known_file_is_refused() -> None:
    with pytest.raises(Refused, match="KOSPI, KOSDAQ"):
        KIS.endpoint("master_instruments").build(Ask(("KONEX",), DAY, DAY))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, {}, b"no zip", MORNING),
        Reply(200, {}, KOSPI.body[:200], MORNING),
        packed("too short"),
        packed(line("KOSPI", "005930", "삼성전자")[:-1] + "\n" + "x" * 300),
        packed(line("KOSDAQ", "005930", "삼성전자") + "12"),
    ],
    ids=["no zip", "cut", "short line", "cut line", "other widths"],
)
def test_a_file_of_another_shape_is_drift(reply: Reply) -> None:
    with pytest.raises(SchemaDrift):
        parsed("master_instruments", reply)


def test_the_nearest_contracts_are_told_from_the_list() -> None:
    listed = packed(
        "1|A0163000|KR4A01630003|F 202603|1||1|2001|KOSPI200",
        "1|A0166000|KR4A01660000|F 202606|1||2|2001|KOSPI200",
        name="fo_idx_code_mts.mst",
    )
    assert [("A0163000", "F 202603")] == futures.contracts(listed)
    with pytest.raises(SchemaDrift, match="fields"):
        futures.contracts(packed("1|A0163000"))


def test_names_of_marks_and_kinds_are_those_of_the_records() -> None:
    frame = parsed("master_designations").frame
    assert set(frame["kind"]) == set(records.dataset("designations").column("kind").values)
    assert isinstance(frame.schema["session"], pl.Date)
