"""Names of industries become the codes that brokers use; who is in an index is taken whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from sugeup.market.sector_names import INDUSTRIES
from sugeup.sources.krx_login import VENDOR, sectors
from sugeup.sources.krx_login.sectors import DOUBTFUL, PARTLY, UNINDEXED, UNKNOWN, UNNAMED
from sugeup.sources.vendor import Ask, Page, Remark
from tests.sources.krx_login.answers import DAY, MEMBER, NIGHT, SECTOR, ask, reply

INDUSTRY, MEMBERS = (VENDOR.endpoint(name) for name in ("krx_login_sectors", "krx_login_index_members"))
BEFORE = date(2021, 1, 21)


def industries(*stocks: tuple[str, object], cursor: str = "") -> Page:
    """The page of stocks with the names of their industries: of KOSPI, at cursor 1 of KOSDAQ."""
    rows = [dict(SECTOR, ISU_SRT_CD=code, IDX_IND_NM=name) for code, name in stocks]
    return INDUSTRY.parse(ask(INDUSTRY, cursor), reply({"block1": rows}))


def index(codes: Sequence[object], cursor: str = "") -> Page:
    return MEMBERS.parse(ask(MEMBERS, cursor), reply({"output": [dict(MEMBER, ISU_SRT_CD=code) for code in codes]}))


def test_a_stock_has_the_code_of_its_industry_from_the_session_of_the_page_on() -> None:
    page = INDUSTRY.parse(ask(INDUSTRY), reply({"block1": [SECTOR]}))
    row = page.frame.to_dicts()[0]
    assert ("095570", "KRX_INDUSTRY", "0026", BEFORE, NIGHT, "krx_login") == tuple(
        row[name] for name in ("code", "scheme", "sector", "valid_from", "known_at", "source")
    )
    assert ("sector_name" in row, {}, 0) == (False, dict(page.notes), page.faults.height)


@pytest.mark.parametrize("market", ["KOSPI", "KOSDAQ"])
def test_every_industry_of_the_exchange_is_known_by_its_name(market: str) -> None:
    mine = [one for one in INDUSTRIES if one.market == market]
    given = [(f"{number:06d}", one.korean) for number, one in enumerate(mine, 1)]
    page = industries(*given, cursor="" if market == "KOSPI" else "1")
    assert [one.code for one in mine] == page.frame["sector"].to_list()


@pytest.mark.parametrize("name", ["전기·전자", "전기전자", "전기ㆍ전자", " 전기 · 전자 "])
def test_blanks_and_middle_dots_of_a_name_do_not_count(name: str) -> None:
    assert ["0013"] == industries(("000001", name)).frame["sector"].to_list()
    assert ["1028"] == industries(("000001", name), cursor="1").frame["sector"].to_list()


@pytest.mark.parametrize(
    ("name", "code"), [("은행", "0021"), ("기타금융", "0021"), ("보험", "0025"), ("기타제조", "0027")]
)
def test_an_industry_without_an_index_is_part_of_the_one_that_holds_it(name: str, code: str) -> None:
    assert [code] == industries(("000001", name)).frame["sector"].to_list()


def test_a_name_that_nobody_knows_is_noted_with_the_number_of_its_stocks_and_the_others_stay() -> None:
    given = ("화학", "우주항공", "우주항공", "-", "", "광업", "농업, 임업 및 어업")
    page = industries(*((f"{number:06d}", name) for number, name in enumerate(given, 1)))
    assert ["000001"] == page.frame["code"].to_list()
    assert {UNKNOWN.format("우주항공"): 2, UNNAMED: 2, UNINDEXED: 2} == dict(page.notes)
    assert [UNKNOWN.format("우주항공")] == [said for said in page.notes if isinstance(said, Remark)]
    assert 0 == page.faults.height


def test_of_two_industries_the_one_that_the_other_holds_counts_and_two_equals_are_none() -> None:
    held, twice, equals = ("제조", "화학"), ("화학", "화학"), ("화학", "유통")
    names = {"000001": held, "000002": twice, "000003": equals}
    page = industries(*((code, name) for code, both in names.items() for name in both))
    assert [("000001", "0008"), ("000002", "0008")] == page.frame.select("code", "sector").rows()
    assert {DOUBTFUL: 1} == dict(page.notes)


def test_a_security_of_another_code_is_left_out() -> None:
    assert ["00088K"] == industries(("00088K", "화학"), ("KR7005930003", "화학")).frame["code"].to_list()


def test_both_markets_and_three_indices_are_asked_one_after_the_other() -> None:
    asked = []
    part: Ask | None = Ask((), DAY, DAY)
    while part is not None:
        asked.append(INDUSTRY.build(part).query)
        part = INDUSTRY.parse(part, reply({"block1": []})).after
    assert [{"trdDd": "20210121", "mktId": market} for market in ("STK", "KSQ")] == asked
    part, numbers, names = Ask((), DAY, DAY), [], []
    while part is not None:
        query = MEMBERS.build(part).query
        numbers.append(f"{query['indIdx']}{query['indIdx2']}")
        page = MEMBERS.parse(part, reply({"output": [MEMBER]}))
        names += page.frame["sector"].to_list()
        part = page.after
    assert (["1028", "2203", "5300"], [*sectors.INDICES]) == (numbers, names)


def test_members_of_an_index_have_the_index_as_their_sector() -> None:
    rows = index(["005930", "000660"]).frame.select("code", "scheme", "sector", "valid_from").rows()
    assert [(code, "INDEX", "KOSPI200", BEFORE) for code in ("005930", "000660")] == rows


@pytest.mark.parametrize("unreadable", [None, "-", 7, "KR7005930003", ["005930"]])
def test_an_index_of_which_a_row_cannot_be_read_has_no_members_at_all(unreadable: object) -> None:
    """Whoever is not listed has left the index: a row that is lost would close a membership."""
    page = index(["005930", unreadable])
    assert (0, {PARTLY: 1}) == (page.frame.height, dict(page.notes))


def test_an_answer_without_rows_says_nothing() -> None:
    assert 0 == industries().frame.height == index([]).frame.height
    assert ({}, {}) == (dict(industries().notes), dict(index([]).notes))
