"""The LS sandbox never shows what is not public yet, and corrects in the morning what it showed in the evening."""

from __future__ import annotations

from typing import Any

import pytest

from sugeup.sandbox.ls.investors import CODES
from sugeup.sandbox.vendors import Options
from tests.support.ls_caller import LsCaller, calling_ls
from tests.support.sandboxes import FREELY, made, market

DAY, BEFORE, NEXT = "20250415", "20250414", "20250416"
CODE = market().codes[0]


def days(caller: LsCaller, name: str, block: str, field: str = "date", **given: Any) -> list[str]:
    found = caller.ask(name, **given)[block]
    return [row[field] for row in (found if isinstance(found, list) else [found])]


NEWEST = [
    ("t1927", "t1927OutBlock1", "date", {"2025-04-15T18:29": BEFORE, "2025-04-15T18:31": DAY}),
    ("t1941", "t1941OutBlock1", "date", {"2025-04-16T18:00": BEFORE, "2025-04-17T08:01": DAY}),
    ("t1921", "t1921OutBlock1", "mmdate", {"2025-04-17T07:59": NEXT, "2025-04-17T08:01": "20250417"}),
    ("t8428", "t8428OutBlock1", "date", {"2025-04-16T18:00": BEFORE, "2025-04-17T08:01": DAY}),
    ("t1514", "t1514OutBlock1", "date", {"2025-04-15T15:29": BEFORE, "2025-04-15T15:31": DAY}),
    ("t1665", "t1665OutBlock1", "date", {"2025-04-15T15:39": BEFORE, "2025-04-15T15:41": DAY}),
]


@pytest.mark.parametrize(("name", "block", "field", "moments"), NEWEST, ids=[one[0] for one in NEWEST])
def test_a_day_is_there_from_its_publication_on(name: str, block: str, field: str, moments: dict[str, str]) -> None:
    for moment, newest in moments.items():
        with calling_ls(made(moment)) as caller:
            assert newest == max(days(caller, name, block, field)), moment


def test_nothing_after_the_moment_is_shown_whatever_is_asked() -> None:
    with calling_ls(made("2025-04-15T11:00:20")) as caller:
        for name, block in (("t8410", "t8410OutBlock1"), ("t8412", "t8412OutBlock1"), ("t1637", "t1637OutBlock1")):
            given = {"edate": "20251231"} if name.startswith("t84") else {"gubun2": "1"}
            assert max(days(caller, name, block, **given)) == DAY
        minutes = caller.ask("t8412", sdate=DAY, edate=DAY)["t8412OutBlock1"]
        assert "105900" >= max(row["time"] for row in minutes)
        for name, block in (("t1602", "t1602OutBlock1"), ("t1632", "t1632OutBlock1"), ("t1662", "t1662OutBlock")):
            assert "110000" == max(row["time"][:6] for row in caller.ask(name)[block]), name


def test_investors_of_today_are_zeros_beside_the_running_price_until_they_are_there() -> None:
    with calling_ls(made("2025-04-15T15:39")) as caller:
        row = caller.ask("t1717", fromdt=" ", todt=DAY, gubun="0")["t1717OutBlock"][0]
        assert DAY == row["date"] and row["volume"] > 0
        assert not any(row[f"tjj{code}_vol"] for code in CODES)
    with calling_ls(made("2025-04-15T15:41")) as caller:
        assert any(
            caller.ask("t1717", fromdt=" ", todt=DAY, gubun="0")["t1717OutBlock"][0][f"tjj{one}_vol"] for one in CODES
        )


def test_holdings_and_short_sales_of_the_table_come_when_each_is_public() -> None:
    seen = {}
    for moment in ("2025-04-15T16:00", "2025-04-15T18:31", "2025-04-16T08:01"):
        with calling_ls(made(moment)) as caller:
            row = next(one for one in caller.ask("t1716")["t1716OutBlock"] if one["date"] == DAY)
            seen[moment] = (row["fsc_listing"] > 0, row["gm_volume"] > 0)
    assert [(False, False), (False, True), (True, True)] == list(seen.values())


def test_figures_of_the_evening_are_corrected_next_morning_and_add_up_both_times() -> None:
    options = Options(1.0, kis=FREELY.kis, ls=FREELY.ls)

    def asked(moment: str, measure: str, side: str) -> dict[str, Any]:
        with calling_ls(made(moment, options=options)) as caller:
            found = caller.ask("t1702", volvalgb=measure, msmdgb=side, fromdt=DAY, todt=DAY)["t1702OutBlock1"]
            return dict(found[0])

    evening, morning = (asked(moment, "1", "1") for moment in ("2025-04-15T19:00", "2025-04-16T08:01"))
    assert evening != morning
    truth = market().rows("investor_day_stock", *[market().sessions[30]] * 2, [CODE])
    assert truth["individual_buy_volume"][0] == morning["tjj0008"]
    for row in (evening, morning):
        assert row["tjj0018"] == sum(row[f"tjj000{leaf}"] for leaf in range(7))
        assert row["tjj0016"] == row["tjj0009"] + row["tjj0010"]


@pytest.mark.slow
def test_the_session_before_is_given_where_it_is_asked_for() -> None:
    with calling_ls(made("2025-04-15T11:00:20")) as caller:
        before = caller.ask("t1621", bgubun="1", cnt=500)["t1621OutBlock1"]
        assert {BEFORE} == {row["date"] for row in before} and len(before) > 380
        assert 121 == len(caller.ask("t1662", gubun3="0")["t1662OutBlock"])
        assert len(caller.ask("t1662", gubun3="1")["t1662OutBlock"]) > 380


@pytest.mark.slow
def test_pages_lead_back_without_a_gap_or_a_row_twice() -> None:
    with calling_ls(made("2025-04-15T15:45")) as caller:
        for name, field, beside in (("t1602", "cts_time", "t1602OutBlock"), ("t1632", "time", "t1632OutBlock")):
            seen: list[str] = []
            place: dict[str, str] = {}
            while True:
                sent = caller.send(name, {"tr_cont": "Y"} if place else None, **place)
                body = sent.json()
                seen += [row["time"] for row in body[f"{name}OutBlock1"]]
                following = body[beside][field]
                assert ("Y" if following else "N") == sent.headers["tr_cont"]
                if not following:
                    break
                place = {field: following}
            assert len(seen) == len(set(seen)) > 380
            assert seen == sorted(seen, reverse=True)
