"""Industries and the index: which lists are asked for, what of them counts, and what a list that is not whole gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sugeup import records
from sugeup.errors import SchemaDrift
from sugeup.market import sector_names
from sugeup.sources.checks import Context, check
from sugeup.sources.ls import LS, sectors
from sugeup.sources.vendor import Ask, Page
from tests.sources.ls.answers import CLOSED, Document, recorded, reply

INDUSTRIES, INDEX = LS.endpoint("t1516"), LS.endpoint("t1516_index")
DAY = date(2026, 11, 24)
ASK = Ask((), DAY, DAY)
LIST = {"001": "종       합", "002": "대   형  주", "013": "전기·전자", "021": "금       융", "024": "증       권"}
LISTS = (LIST, LIST)


def listed(names: Mapping[str, str]) -> Document:
    return {"rsp_cd": "00000", "t8424OutBlock": [{"upcode": code, "hname": name} for code, name in names.items()]}


def of(*codes: str, following: str = "") -> Document:
    """A page of members, as the vendor's example has them."""
    found = recorded("t1516")
    row = found["t1516OutBlock1"][0]
    found["t1516OutBlock"]["shcode"] = following
    found["t1516OutBlock1"] = [{**row, "shcode": code} for code in codes]
    return found


def asked(
    answers: Mapping[str, Iterable[Document]], lists: Iterable[Mapping[str, str]] = LISTS, endpoint: Any = INDUSTRIES
) -> tuple[Page, list[tuple[str, str]]]:
    """The joined page when each industry is answered so, one answer after the other, and what was asked."""
    left = {code: iter(pages) for code, pages in answers.items()}
    every, part, pages, seen = iter(lists), ASK, [], []
    while True:
        fields = next(iter((endpoint.build(part).body or {}).values()))
        place = (fields["upcode"], fields["gubun"]) if "upcode" in fields else ("", "")
        seen.append(place)
        found = next(left[place[0]]) if place[0] else listed(next(every))
        page = endpoint.parse(part, reply(found))
        pages.append(page)
        assert page.part == (page.after is not None)
        if page.after is None:
            return endpoint.join(ASK, pages), seen
        part = page.after


def sorted_into(page: Page) -> dict[str, str]:
    return dict(page.frame.select("code", "sector").rows())


def twice(*codes: str) -> list[Document]:
    return [of(*codes), of(*codes)]


USUAL = {"013": twice("005930"), "021": twice("000100", "000200"), "024": twice("000200")}


def test_only_industries_are_asked_for_and_each_twice() -> None:
    page, seen = asked(USUAL)
    assert [("", "")] * 2 + [("013", "1"), ("021", "1"), ("024", "1")] * 2 == seen
    assert {"005930": "0013", "000100": "0021", "000200": "0024"} == sorted_into(page)
    assert {("KRX_INDUSTRY", DAY, "ls_listing")} == {*page.frame.select("scheme", "valid_from", "source").rows()}
    assert 2 == page.notes[sectors.OTHER]
    assert len(sector_names.INDUSTRIES) - 3 == page.notes[sectors.LACKING]


def test_a_stock_of_kosdaq_is_asked_for_on_that_market_and_has_the_codes_of_the_exchange() -> None:
    names = {"301": "종       합", "309": "제       조", "328": "전기·전자", "311": "유       통"}
    answers = {"309": twice("000300", "000400"), "328": twice("000300"), "311": twice("000500")}
    page, seen = asked(answers, (names, names))
    assert {("", ""), ("309", "2"), ("311", "2"), ("328", "2")} == {*seen}
    assert {"000300": "1028", "000400": "1009", "000500": "1011"} == sorted_into(page)


def test_an_industry_that_is_new_to_us_is_known_by_its_name_and_one_that_is_not_is_told_alone() -> None:
    names = {**LIST, "041": "오락·문화", "042": "우주항공", "510": "KRX100"}
    page, _ = asked({**USUAL, "041": twice("000700")}, (names, names))
    assert "0041" == sorted_into(page)["000700"]
    assert (4, 1) == (page.notes[sectors.OTHER], page.notes[sectors.RENAMED])


def test_what_one_of_two_answers_lacks_is_there_all_the_same() -> None:
    """A stock of 증권 that one answer leaves out does not become one of 금융, nor when one list leaves 증권 out."""
    for lists, first in (
        (LISTS, of()),
        (({**LIST, "024": "x"}, LIST), of("000200")),
        ((LIST, {"013": "전기·전자"}), of()),
    ):
        page, _ = asked({**USUAL, "024": [first, of("000200")]}, lists)
        assert {"005930": "0013", "000100": "0021", "000200": "0024"} == sorted_into(page)


def test_of_a_wide_industry_nothing_is_said_while_one_inside_it_is_empty() -> None:
    page, _ = asked({**USUAL, "024": [of(), of()]})
    assert {"005930": "0013"} == sorted_into(page)
    assert (1, 2) == (page.notes[sectors.EMPTY], page.notes[sectors.DOUBTFUL])


def test_a_stock_of_two_industries_of_one_rank_is_left_out() -> None:
    page, _ = asked({**USUAL, "013": twice("005930", "000200")})
    assert {"005930": "0013", "000100": "0021"} == sorted_into(page)
    assert 1 == page.notes[sectors.TORN]


def test_pages_are_turned_by_the_code_that_is_named_until_none_is() -> None:
    pages = [of("000010", "000020", following="000020"), of("000020", "000030", following="000000")]
    page, seen = asked({"013": [*pages, *pages], "021": twice(), "024": twice("000040")})
    assert {"000010": "0013", "000020": "0013", "000030": "0013", "000040": "0024"} == sorted_into(page)
    assert 4 == seen.count(("013", "1"))
    second = INDUSTRIES.parse(ASK.at("013"), reply(pages[0], headers={"tr_cont": "Y", "tr_cont_key": "K"})).after
    assert second is not None
    request = INDUSTRIES.build(second)
    assert ("Y", "K") == (request.headers["tr_cont"], request.headers["tr_cont_key"])
    assert "000020" == (request.body or {})["t1516InBlock"]["shcode"]


@pytest.mark.parametrize("said", ["N", ""])
def test_the_last_page_may_name_its_last_stock(said: str) -> None:
    """With the vendor's word that nothing follows, or an empty page behind it."""
    last = of("000010", following="000010")
    after = INDUSTRIES.parse(ASK.at("013"), reply(last, headers={"tr_cont": said})).after
    if said == "N":
        assert after is None
    else:
        assert after is not None
        assert INDUSTRIES.parse(after, reply(of(following="000010"))).after is None


@pytest.mark.parametrize("following", ["", "x", "12345", "A|00010", "0001011"])
def test_more_that_cannot_be_asked_for_is_drift_and_not_a_shorter_list(following: str) -> None:
    found = reply(of("000010", following=following), headers={"tr_cont": "Y"})
    with pytest.raises(SchemaDrift) as caught:
        INDUSTRIES.parse(ASK.at("013"), found)
    assert {"vendor": "ls", "endpoint": "t1516", "field": "shcode"} == caught.value.details


@pytest.mark.parametrize("code", ["01", "0013", "abc", "1|3", "1,3"])
def test_a_list_with_codes_of_another_form_is_drift(code: str) -> None:
    with pytest.raises(SchemaDrift, match="three digits"):
        INDUSTRIES.parse(ASK, reply(listed({**LIST, code: "전기·전자"})))


def test_codes_of_another_form_than_six_characters_are_counted_and_left_out() -> None:
    page, _ = asked({**USUAL, "013": twice("005930", "58K123", "Q580001")})
    assert {"005930", "000100", "000200"} <= {*page.frame["code"]}
    assert "Q580001" not in page.frame["code"].to_list()
    assert 1 == page.notes[sectors.LONG]


def test_members_of_the_index_are_asked_for_twice_and_those_of_both_count() -> None:
    page, seen = asked({"101": [of("000100"), of("000100", "000200")]}, endpoint=INDEX)
    assert [("101", "1"), ("101", "1")] == seen
    rows = page.frame.select("code", "scheme", "sector").rows()
    assert [("000100", "INDEX", "KOSPI200"), ("000200", "INDEX", "KOSPI200")] == rows


def test_a_list_that_is_read_over_midnight_is_of_its_first_day() -> None:
    moments = [datetime(2026, 11, 24, 14, 59, tzinfo=UTC), datetime(2026, 11, 24, 15, 1, tzinfo=UTC)]
    first = INDEX.parse(ASK, reply(of("000100"), moments[0]))
    assert first.after is not None and INDEX.join is not None
    page = INDEX.join(ASK, [first, INDEX.parse(first.after, reply(of("000100", "000200"), moments[1]))])
    assert [DAY, DAY] == page.frame["valid_from"].to_list()
    assert [moments[1]] * 2 == page.frame["known_at"].to_list()


def test_nothing_listed_is_no_row_and_no_further_question() -> None:
    page, seen = asked({}, ({}, {"001": "종       합"}))
    assert (0, 2) == (page.frame.height, len(seen))


def test_the_checks_let_every_row_in() -> None:
    page, _ = asked(USUAL)
    context = Context(now=CLOSED, unit_won=1, unit_shares=1)
    checked = check(records.dataset("sector_membership"), page.frame, context)
    assert (page.frame.height, 0) == (checked.frame.height, checked.faults.height)


def test_wide_industries_hold_industries_of_their_own_market_that_are_in_no_other() -> None:
    every = [part for parts in sector_names.HOLDS.values() for part in parts]
    assert len(every) == len({*every})
    for wide, parts in sector_names.HOLDS.items():
        assert {wide, *parts} <= {one.code for one in sector_names.INDUSTRIES}
        assert {wide[0]} == {part[0] for part in parts}
        assert wide in sector_names.LARGE and not {*parts} & sector_names.LARGE
