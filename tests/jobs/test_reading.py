"""A file that is no table is refused, naming it and why."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sugeup.errors import Refused
from sugeup.jobs.reading import read_table

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
TEXT = "code,session,foreign_net_volume\n005930,2026-02-13,5\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (PNG, "PNG image"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\x1f\x8brest", "gzip"),
        (b"PAR1" + b"x" * 50, "cut short"),
        (b"PAR1" + b"x" * 50 + b"PAR1", "damaged"),
        (b"a,b\n\0\0\0", "binary"),
        (b"<!DOCTYPE html><html>,</html>", "web page"),
        (b"a,b,\xff\x80\xff\n1,2,3\n", "unknown encoding"),
        (b"just a note\nwithout columns\n", "only one column"),
        (b"code,session,volume\n", "no rows"),
        (b"code,session,volume\n005930,2026-02-13,5\n005930,2026-02", "line 3 has 2 fields"),
        (b'code,session,"vol\n005930,2026', "quote"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "figures.csv"
    path.write_bytes(content)
    with pytest.raises(Refused, match=said) as caught:
        read_table(path)
    assert "figures.csv" in caught.value.message
    assert caught.value.hint


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no such file"):
        read_table(tmp_path / "absent.csv")
    with pytest.raises(Refused, match="directory"):
        read_table(tmp_path)


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    pl.DataFrame({"code": ["005930"] * 1000, "raw_close": range(1000)}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Refused, match="cut short"):
        read_table(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_korean_text_is_read_in_each_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes("code,name\n005930,삼성전자\n".encode(encoding))
    assert read_table(path).rows() == [("005930", "삼성전자")]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_columns_may_be_separated_by_comma_tab_or_semicolon(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "flows.csv"
    path.write_text(TEXT.replace(",", separator), encoding="utf-8")
    assert read_table(path).columns == ["code", "session", "foreign_net_volume"]


def test_values_of_a_csv_stay_text_until_the_layout_says_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    path.write_text(TEXT, encoding="utf-8")
    assert read_table(path).row(0) == ("005930", "2026-02-13", "5")
