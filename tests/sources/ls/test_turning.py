"""Where the next page begins: earlier days, a place of the vendor with its key, or the other half of a row."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sugeup.market import sessions
from sugeup.sources.ls import LS
from sugeup.sources.replies.parts import groups
from sugeup.sources.vendor import Ask, Endpoint, Page, Reply
from tests.sources.ls.answers import Document, documents, key, question, recorded, reply

FIRST, LAST = date(2026, 8, 3), date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 6, 50, tzinfo=UTC)
Answer = Callable[[dict[str, Any], dict[str, str]], Reply]


def turned(endpoint: Endpoint, asked: Ask, answer: Answer) -> tuple[list[Page], list[dict[str, Any]]]:
    """Every page as the hub would hand it on, and the fields of each question."""
    seen: list[dict[str, Any]] = []

    def pages() -> Any:
        part: Ask | None = asked
        while part is not None:
            request = endpoint.build(part)
            seen.append(dict(next(iter((request.body or {}).values()))))
            page = endpoint.parse(part, answer(seen[-1], dict(request.headers)))
            yield page
            part = page.after
            assert len(seen) < 60

    join = endpoint.join
    return [group[0] if join is None else join(asked, group) for group in groups(pages())], seen


def of_days(name: str, last: str, cap: int, field: str = "date") -> Answer:
    """A vendor that gives the newest `cap` sessions up to the day in a field."""
    template = documents(LS.endpoint(name))[0]
    block = key(template, question(LS.endpoint(name)))

    def answer(fields: dict[str, Any], _headers: dict[str, str]) -> Reply:
        end = datetime.strptime(fields[last], "%Y%m%d").date()  # noqa: DTZ007
        found = copy.deepcopy(template)
        row = found[block][0]
        days = list(sessions.sessions(FIRST - timedelta(days=30), end))[::-1][:cap]
        found[block] = [{**row, field: f"{day:%Y%m%d}"} for day in days]
        return reply(found, NOW)

    return answer


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("t8410", "edate"),
        ("t1717", "todt"),
        ("t1716", "todt"),
        ("t1716_holding", "todt"),
        ("t1665", "to_date"),
        ("t1927", "edate"),
        ("t1941", "edate"),
        ("t8428", "tdate"),
    ],
)
def test_days_are_asked_for_up_to_the_one_before_the_oldest_until_all_are_there(name: str, last: str) -> None:
    endpoint = LS.endpoint(name)
    scope = () if name == "t8428" else (("KOSPI",) if name == "t1665" else ("005930",))
    pages, seen = turned(endpoint, Ask(scope, FIRST, date(2026, 11, 20)), of_days(name, last, 30))
    found = [day for page in pages for day in page.frame["session"]]
    assert list(sessions.sessions(FIRST, date(2026, 11, 20))) == sorted(found)
    assert len(seen) == -(-len(found) // 30)
    assert "20261120" == seen[0][last]


@pytest.mark.parametrize(("name", "last", "parts"), [("t1702", "todt", 4), ("t1633", "tdate", 2)])
def test_every_question_of_a_row_is_put_before_earlier_days_are_asked_for(name: str, last: str, parts: int) -> None:
    scope = ("KOSPI",) if name == "t1633" else ("005930",)
    pages, seen = turned(LS.endpoint(name), Ask(scope, FIRST, date(2026, 11, 20)), of_days(name, last, 30))
    found = [day for page in pages for day in page.frame["session"]]
    assert list(sessions.sessions(FIRST, date(2026, 11, 20))) == sorted(found)
    ends = [fields[last] for fields in seen]
    assert len(ends) == parts * len(pages)
    assert all(1 == len(set(ends[start : start + parts])) for start in range(0, len(ends), parts))


def test_the_running_day_is_left_out_of_every_part_until_its_figures_stand() -> None:
    answer = of_days("t1702", "todt", 5)

    def early(fields: dict[str, Any], headers: dict[str, str]) -> Reply:
        found = answer(fields, headers)
        return Reply(200, found.headers, found.body, datetime(2026, 11, 24, 6, 44, tzinfo=UTC))

    pages, _ = turned(LS.endpoint("t1702"), Ask(("005930",), date(2026, 11, 20), LAST), early)
    assert [date(2026, 11, 20), date(2026, 11, 23)] == sorted(day for page in pages for day in page.frame["session"])


def placed(name: str, beside: str, days: list[list[str]], place: str, *, header: bool) -> Answer:
    """A vendor with pages of these days, each found by the place that the page before it told."""
    template = recorded(name)
    block = next(found for found in template if found.endswith("OutBlock1"))
    asked_by = {"t1514": "cts_date", "t1921": "date", "t1637": "date"}[name]

    def answer(fields: dict[str, Any], headers: dict[str, str]) -> Reply:
        told = str(fields[asked_by]).strip()
        number = next((n for n, listed in enumerate(days[:-1], 1) if told == listed[-1]), 0)
        if header and number:
            assert ("Y", f"K{number}") == (headers["tr_cont"], headers["tr_cont_key"])
        found = copy.deepcopy(template)
        dated = "mmdate" if name == "t1921" else "date"
        found[block] = [{**found[block][0], dated: day} for day in days[number]]
        more = number < len(days) - 1
        place_of: dict[str, dict[str, object]] = {
            "t1514": {"cts_date": days[number][-1]},
            "t1921": {"date": days[number][-1], "idx": number + 1},
            "t1637": {"cts_idx": number + 1},
        }
        found[beside] = {**found[beside], **place_of[name]} if more else {place: ""}
        said = {"tr_cont": "Y" if more else "N", "tr_cont_key": f"K{number + 1}"} if header else {}
        return reply(found, NOW, headers=said)

    return answer


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(("name", "scope"), [("t1514", "KOSPI"), ("t1921", "005930"), ("t1637", "005930")])
def test_a_place_that_the_vendor_tells_is_handed_back_with_its_key(name: str, scope: str, header: bool) -> None:
    days = [["20261120", "20261119"], ["20261118", "20261117"], ["20261116", "20261113"]]
    answer = placed(name, f"{name}OutBlock", days, "cts_date", header=header)
    pages, seen = turned(LS.endpoint(name), Ask((scope,), date(2026, 11, 2), date(2026, 11, 20)), answer)
    assert 3 == len(pages) == len(seen)
    assert 6 == sum(page.frame.height for page in pages)


@pytest.mark.parametrize(("name", "scope"), [("t1514", "KOSPI"), ("t1921", "005930"), ("t1637", "005930")])
def test_no_more_pages_are_turned_than_days_are_wanted(name: str, scope: str) -> None:
    days = [["20261120", "20261119"], ["20261118", "20261117"], ["20261116", "20261113"]]
    answer = placed(name, f"{name}OutBlock", days, "cts_date", header=True)
    wanted = date(2026, 11, 19) if name != "t1921" else date(2026, 11, 17)
    _, seen = turned(LS.endpoint(name), Ask((scope,), wanted, date(2026, 11, 20)), answer)
    assert 1 == len(seen)


def test_minutes_of_a_market_are_turned_back_measure_after_measure() -> None:
    """t1602: three pages of won, three of shares, cut at the minute in which the first answer came."""
    template = recorded("t1602")
    times = ["14303000", "14300000", "14290000", "14280000", "14270000", "14260000"]
    asked: list[str] = []

    def answer(fields: dict[str, Any], _headers: dict[str, str]) -> Reply:
        asked.append(fields["gubun1"])
        told = fields["cts_time"].strip()
        start = 0 if not told else times.index(told)
        found: Document = copy.deepcopy(template)
        whole = found["t1602OutBlock"]
        row = {name: whole[f"svolume_{name[3:]}"] for name in found["t1602OutBlock1"][0] if name != "time"}
        late = ["14310000"] if len(asked) > 3 and not start else []
        found["t1602OutBlock1"] = [{**row, "time": time} for time in [*late, *times[start : start + 2]]]
        whole["cts_time"] = times[start + 2] if start + 2 < len(times) else ""
        return reply(found, datetime(2026, 11, 24, 5, 32 if len(asked) > 3 else 31, 20, tzinfo=UTC))

    pages, _ = turned(LS.endpoint("t1602"), Ask(("KOSPI",), LAST, LAST), answer)
    assert ["2", "2", "2", "1", "1", "1"] == asked
    assert 1 == len(pages)
    frame, faulty = pages[0].frame, pages[0].faults
    assert (5, 0) == (frame.height, faulty.height)
    assert (356_300_000_000, 3_563_000) == (frame["foreign_net_amount"][0], frame["foreign_net_volume"][0])


def test_bars_of_a_minute_are_turned_back_by_day_and_time() -> None:
    template = recorded("t8412")
    moments = [("20261124", "093100"), ("20261124", "093000"), ("20261123", "152900"), ("20261123", "152800")]

    def answer(fields: dict[str, Any], headers: dict[str, str]) -> Reply:
        told = (fields["cts_date"], fields["cts_time"])
        start = moments.index(told) if told in moments else 0
        assert headers["tr_cont"] == ("Y" if told[0] else "N")
        found = copy.deepcopy(template)
        row = found["t8412OutBlock1"][0]
        listed = moments[start : start + 2]
        found["t8412OutBlock1"] = [{**row, "date": day, "time": time} for day, time in listed[::-1]]
        following = moments[start + 2] if start + 2 < len(moments) else ("", "")
        found["t8412OutBlock"].update(cts_date=following[0], cts_time=following[1])
        return reply(found, NOW, headers={"tr_cont": "Y" if following[0] else "N", "tr_cont_key": "K"})

    pages, seen = turned(LS.endpoint("t8412"), Ask(("005930",), date(2026, 11, 23), LAST), answer)
    assert [2, 2] == [page.frame.height for page in pages]
    assert ["", "20261123"] == [fields["cts_date"] for fields in seen]
    assert 10_000_000 == pages[0].frame["amount"][0]
    _, seen = turned(LS.endpoint("t8412"), Ask(("005930",), LAST, LAST), answer)
    assert 1 == len(seen)


def test_a_market_as_it_stands_keeps_the_minute_of_the_first_of_its_two_answers() -> None:
    endpoint = LS.endpoint("t1601")
    found = documents(endpoint)[0]
    received = iter([datetime(2026, 11, 24, 2, 10, 59, tzinfo=UTC), datetime(2026, 11, 24, 2, 11, 0, tzinfo=UTC)])
    pages, seen = turned(endpoint, Ask(("KOSDAQ",), LAST, LAST), lambda *_: reply(found, next(received)))
    row = pages[0].frame.row(0, named=True)
    assert datetime(2026, 11, 24, 2, 10, tzinfo=UTC) == row["at"]
    assert datetime(2026, 11, 24, 2, 11, tzinfo=UTC) == row["known_at"]
    assert ["2", "1"] == [fields["gubun1"] for fields in seen]
    told = found["t1601OutBlock2"]
    assert told["ms_08"] * 100_000_000 == row["individual_buy_amount"]
    assert told["md_08"] * 1000 == row["individual_sell_volume"]


def test_before_the_open_nothing_is_dated_and_no_second_question_is_put() -> None:
    endpoint = LS.endpoint("t1601")
    at = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    pages, seen = turned(endpoint, Ask(("KOSPI",), LAST, LAST), lambda *_: reply(documents(endpoint)[0], at))
    assert (0, 1) == (pages[0].frame.height, len(seen))


def test_derivatives_are_in_contracts() -> None:
    endpoint = LS.endpoint("t1601")
    found = documents(endpoint)[0]
    pages, _ = turned(endpoint, Ask(("KOSPI200_FUTURES",), LAST, LAST), lambda *_: reply(found, NOW))
    row = pages[0].frame.row(0, named=True)
    assert found["t1601OutBlock3"]["ms_08"] == row["individual_buy_volume"]
    assert "ALL" == row["products"]
