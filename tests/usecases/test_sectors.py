"""The lists of sectors and the daily sums of one: what is stored, on the day asked for, page by page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from sugeup.sandbox.plan import Plan
from tests.support.archives import days, open_archive, rows
from tests.support.simulated import simulated_archive

LIST = registry.usecases()["list_sectors"]
HISTORY = registry.usecases()["get_sector_flows"]


def ask(case: registry.UseCase, archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(case, archive)(**arguments))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    datasets = ("daily_bars", "investor_day_stock", "instruments", "sector_membership")
    return simulated_archive(tmp_path_factory.mktemp("listed"), Plan(stocks=30, sessions=40), datasets=datasets)


def test_every_sector_is_listed_with_its_members(market: Archive) -> None:
    stored = market.read("sector_membership").filter(pl.col("valid_to").is_null())
    expected = dict(stored.group_by("sector").len().iter_rows())
    answer = ask(LIST, market)
    assert expected == {one["sector_code"]: one["members"] for one in answer["sectors"]}
    assert len(expected) == answer["total"] == answer["schemes"][0]["sectors"]
    assert ("KRX_INDUSTRY", stored.height) == (answer["sector_scheme"], answer["schemes"][0]["stocks"])
    assert all(one["market"] == ("KOSPI" if one["sector_code"][0] == "0" else "KOSDAQ") for one in answer["sectors"])


def test_the_list_has_pages(market: Archive) -> None:
    whole = [one["sector_code"] for one in ask(LIST, market)["sectors"]]
    first = ask(LIST, market, limit=5)
    second = ask(LIST, market, limit=5, cursor=first["next_cursor"])
    assert whole[:10] == [one["sector_code"] for one in first["sectors"] + second["sectors"]]


def test_the_sample_has_three_schemes(sample: Archive) -> None:
    answer = ask(LIST, sample)
    assert ["KSIC", "NAVER", "WICS"] == [one["scheme"] for one in answer["schemes"]]
    assert "WICS" == answer["sector_scheme"]
    assert 62 == sum(one["members"] for one in answer["sectors"])
    assert "NAVER" == ask(LIST, sample, scheme="naver")["sector_scheme"]
    with pytest.raises(NoData, match="OUT_OF_HISTORY"):
        ask(LIST, sample, session="2020-01-02")


def test_daily_sums_are_those_of_the_members_newest_first(market: Archive) -> None:
    sector = ask(LIST, market)["sectors"][0]["sector_code"]
    codes = market.read("sector_membership").filter(pl.col("sector") == sector)["code"].to_list()
    flows = market.read("investor_day_stock", scopes=codes)
    expected = dict(flows.group_by("session").agg(pl.col("foreign_net_amount").sum()).iter_rows())
    answer = ask(HISTORY, market, sector=sector, limit=500)
    assert 40 == answer["total"] == len(answer["rows"])
    found = [row["session"] for row in answer["rows"]]
    assert sorted(found, reverse=True) == found
    told = {row["session"]: row["foreign_net_amount"] for row in answer["rows"]}
    assert {str(day): net for day, net in expected.items() if told[str(day)] is not None} == {
        day: net for day, net in told.items() if net is not None and day in {str(one) for one in expected}
    }
    pages, cursor = [], None
    while True:
        page = ask(HISTORY, market, sector=sector, limit=7, **({} if cursor is None else {"cursor": cursor}))
        pages += page["rows"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert answer["rows"] == pages


def test_a_span_of_sessions_can_be_asked_for(market: Archive) -> None:
    sector = ask(LIST, market)["sectors"][0]["sector_code"]
    days = [row["session"] for row in ask(HISTORY, market, sector=sector)["rows"]]
    part = ask(HISTORY, market, sector=sector, start=days[9], end=days[5])
    assert days[5:10] == [row["session"] for row in part["rows"]]
    assert f"{days[5]}T15:30:00+09:00" == part["as_of"]
    assert [] == ask(HISTORY, market, sector=sector, start="2030-01-02")["rows"]
    with pytest.raises(Refused, match="after end"):
        ask(HISTORY, market, sector=sector, start=days[0], end=days[3])


def test_an_unknown_sector_is_refused_and_a_lake_without_a_map_says_so(market: Archive, tmp_path: Any) -> None:
    with pytest.raises(Refused, match="UNKNOWN_SECTOR"):
        ask(HISTORY, market, sector="없는업종")
    with pytest.raises(NoData, match=r"NOT_COLLECTED.*universe"):
        ask(LIST, open_archive(tmp_path))


def test_nulls_have_reasons_and_texts_their_lines(market: Archive) -> None:
    for one in ask(LIST, market)["sectors"]:
        for row in ask(HISTORY, market, sector=one["sector_code"])["rows"]:
            assert all(value is not None or row["meta"][name]["reason"] for name, value in row.items())
    answer = registry.bind(HISTORY, market)(sector=ask(LIST, market)["sectors"][0]["sector_code"], limit=5)
    text = "\n".join(str(part) for part in HISTORY.text(answer))
    assert "외국인" in text and "next: --cursor" in text
    assert 5 == len(HISTORY.rows(answer))
    listed = registry.bind(LIST, market)(limit=5)
    assert "KRX_INDUSTRY" in str(LIST.text(listed)[0]) and 5 == len(LIST.rows(listed))


def test_a_delisted_member_leaves_its_sector_and_an_unnamed_one_stays(tmp_path: Path) -> None:
    archive, history = open_archive(tmp_path), days(4)
    members = [
        {"code": code, "scheme": "WICS", "valid_from": history[0], "sector": "에너지"} for code in ("000001", "000002")
    ]
    archive.fill("sector_membership", rows("sector_membership", members))
    gone = {"code": "000001", "valid_from": history[0], "market": "KOSPI", "delisted_on": history[1]}
    archive.fill("instruments", rows("instruments", [gone]))
    assert [2, 1] == [ask(LIST, archive, session=day)["sectors"][0]["members"] for day in (history[1], history[2])]
