"""Sectors of a lake that was filled from lists of codes alone: the exchange's names stand beside the codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from tests.support.archives import days, open_archive, rows

DAY = days(2)[0]
MEMBERS = {"000001": "0013", "000002": "1028", "000003": "0099"}


@pytest.fixture
def coded(tmp_path: Path) -> Archive:
    """Three stocks in the exchange's scheme, as a broker's master lists them: 0099 is no industry that is known."""
    archive = open_archive(tmp_path)
    listed = [{"code": code, "valid_from": DAY, "name": f"모의{code}", "market": "KOSPI"} for code in MEMBERS]
    archive.fill("instruments", rows("instruments", listed))
    members = [
        {"code": code, "scheme": "KRX_INDUSTRY", "valid_from": DAY, "sector": sector}
        for code, sector in MEMBERS.items()
    ]
    archive.fill("sector_membership", rows("sector_membership", members))
    flows = [{"code": code, "session": DAY, "foreign_net_amount": 1} for code in MEMBERS]
    archive.fill("investor_day_stock", rows("investor_day_stock", flows))
    return archive


def ask(archive: Archive, name: str, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(registry.usecases()[name], archive)(**arguments))


def test_lists_show_names_for_codes_and_the_code_of_an_unknown_one(coded: Archive) -> None:
    listed = {one["sector_code"]: one["sector_name"] for one in ask(coded, "list_sectors")["sectors"]}
    assert {"0013": "전기·전자", "1028": "전기·전자", "0099": "0099"} == listed
    stocks = {one["code"]: one["sectors"]["KRX_INDUSTRY"] for one in ask(coded, "list_stocks")["stocks"]}
    assert {"000001": "전기·전자", "000002": "전기·전자", "000003": "0099"} == stocks


def test_the_text_of_a_list_of_stocks_shows_the_name(coded: Archive) -> None:
    case = registry.usecases()["list_stocks"]
    answer = registry.bind(case, coded)()
    assert "전기·전자" in "\n".join(map(str, case.text(answer)))


@pytest.mark.parametrize("text", ["전기·전자", "전기전자", "electrical & electronic equipment"])
def test_a_sector_is_found_by_its_name_in_both_markets(coded: Archive, text: str) -> None:
    found = ask(coded, "get_sector_flows", sector=text)
    assert (["0013", "1028"], "전기·전자") == (found["sector_code"], found["sector_name"])


def test_a_name_that_a_source_tells_comes_first(coded: Archive) -> None:
    own = {"code": "000001", "scheme": "KRX_INDUSTRY", "valid_from": DAY, "sector": "0013", "sector_name": "전자"}
    coded.fill("sector_membership", rows("sector_membership", [own]))
    listed = {one["sector_code"]: one["sector_name"] for one in ask(coded, "list_sectors")["sectors"]}
    assert "전자" == listed["0013"]
    other = {"code": "000001", "scheme": "OWN", "valid_from": DAY, "sector": "0013"}
    coded.fill("sector_membership", rows("sector_membership", [other]))
    named = ask(coded, "list_sectors", scheme="OWN")["sectors"][0]["sector_name"]
    assert "0013" == named
