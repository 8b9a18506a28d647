"""Master files: zipped cp949 lines of the specification's widths, cut from the right as every reader of them does."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date

import pytest

from sugeup.sandbox.kis import masters
from sugeup.specifications import specification
from tests.support.sandboxes import Caller, calling, made, market

MARKET = market()
DAY = "2025-04-15"
TABLES = {entry["file"]: entry for entry in specification("kis")["master_files"]}


@pytest.fixture(scope="module")
def caller() -> Iterator[Caller]:
    with calling(made(f"{DAY}T08:10")) as found:
        yield found


def lines(caller: Caller, name: str) -> list[str]:
    found = caller.http.get(f"/common/master/{name}")
    assert 200 == found.status_code
    if not name.endswith(".zip"):
        return found.content.decode("cp949").splitlines()
    with zipfile.ZipFile(io.BytesIO(found.content)) as archive:
        assert [name.removesuffix(".zip")] == archive.namelist()
        return archive.read(archive.namelist()[0]).decode("cp949").splitlines()


def tail(line: str, market_name: str) -> dict[str, str]:
    table = TABLES[f"{market_name.lower()}_code.mst.zip"]
    cut = line[-table["tail_width"] :]
    return {name: cut[offset : offset + width].strip() for name, offset, width in table["tail"]}


@pytest.mark.parametrize("market_name", ["KOSPI", "KOSDAQ"])
def test_every_listed_stock_has_a_line_of_the_right_width(caller: Caller, market_name: str) -> None:
    table = TABLES[f"{market_name.lower()}_code.mst.zip"]
    known = {
        row["code"]: row
        for row in MARKET.rows("instruments", MARKET.sessions[0], MARKET.sessions[29]).to_dicts()
        if row["market"] == market_name
    }
    seen = {}
    for line in lines(caller, f"{market_name.lower()}_code.mst.zip"):
        head = line[: -table["tail_width"]]
        seen[head[:9].strip()] = (head[9:21], head[21:].strip(), tail(line, market_name))
    assert {code for code, row in known.items() if row["delisted_on"] is None} == set(seen)
    for code, (isin, name, fields) in seen.items():
        assert (known[code]["isin"], known[code]["name"]) == (isin, name)
        shares = fields.get("상장주수") or fields["상장 주수(천)"]
        assert abs(int(shares) - known[code]["listed_shares"] / 1_000) <= 0.5
        assert f"{known[code]['listed_on']:%Y%m%d}" == (fields.get("상장일자") or fields["주식 상장 일자"])


def test_base_prices_and_marks_are_those_of_this_morning(caller: Caller) -> None:
    day = date.fromisoformat(DAY)
    bars = {row["code"]: row for row in MARKET.rows("daily_bars", day, day).to_dicts()}
    marks = {(row["code"], row["kind"]) for row in MARKET.rows("designations", day, day).to_dicts()}
    sectors = {
        row["code"]: row["sector"] for row in MARKET.rows("sector_membership", MARKET.sessions[0], day).to_dicts()
    }
    for line in lines(caller, "kospi_code.mst.zip"):
        code, fields = line[:9].strip(), tail(line, "KOSPI")
        assert bars[code]["base_price"] == int(fields["기준가"])
        assert ((code, "HALT") in marks) == (fields["거래정지"] == "Y")
        assert ((code, "SHORT_OVERHEAT") in marks) == (fields["공매도과열"] == "Y")
        assert sectors[code] == fields["지수업종중분류"]
    for line in lines(caller, "kosdaq_code.mst.zip"):
        assert sectors[line[:9].strip()] == tail(line, "KOSDAQ")["지수 업종 중분류 코드"]


def test_every_name_of_a_filled_field_stands_in_the_specification() -> None:
    known = {name for entry in TABLES.values() for name, *_ in entry["tail"]}
    assert set() == {*masters._WORDS, *masters._COUNTS} - known


def test_the_lists_of_nxt_hold_what_it_trades(caller: Caller) -> None:
    rows = MARKET.rows("instruments", MARKET.sessions[0], MARKET.sessions[29]).to_dicts()
    wanted = {row["code"] for row in rows if row["nxt_tradable"] and row["delisted_on"] is None}
    listed = [*lines(caller, "nxt_kospi_code.mst.zip"), *lines(caller, "nxt_kosdaq_code.mst.zip")]
    assert wanted == {line[:9].strip() for line in listed}


def test_the_other_files_have_their_layouts(caller: Caller) -> None:
    assert [] == lines(caller, "konex_code.mst.zip")
    assert [] == lines(caller, "theme_code.mst.zip")
    indices = {line[1:5]: line[5:].strip() for line in lines(caller, "idxcode.mst.zip")}
    assert ("종합", "KOSDAQ", "KOSPI200") == (indices["0001"], indices["1001"], indices["2001"])
    members = lines(caller, "memcode.mst")
    assert {"0", "1"} == {line[-1] for line in members}
    assert all(line[:5].strip() and line[5:-2].strip() for line in members)
    (future,) = lines(caller, "fo_idx_code_mts.mst.zip")
    assert 9 == len(future.split("|"))
    assert "1" == future.split("|")[6]


def test_a_file_that_is_not_there_is_not_found(caller: Caller) -> None:
    for name in ("bonds.mst.zip", "kospi_code.mst", "memcode.mst.zip", "../plan"):
        assert 404 == caller.http.get(f"/common/master/{name}").status_code
