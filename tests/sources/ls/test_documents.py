"""Errors and traps of the vendor's documents, each with what is done about it."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from sugeup import records
from sugeup.sources import origins
from sugeup.sources.checks import Context, check
from sugeup.sources.kis import KIS
from sugeup.sources.ls import LS, indices, summary
from sugeup.sources.vendor import Ask
from tests.sources.ls.answers import CLOSED, SPECIFICATION, ask, documents, recorded, reply, turned

FLOWS, SPLIT = LS.endpoint("t1702"), LS.endpoint("t1665")
BARS = pl.DataFrame(
    {
        "code": ["005930"] * 2,
        "session": [date(2025, 8, 5), date(2025, 8, 4)],
        "raw_low": [3200, 3150],
        "raw_high": [3300, 3260],
    }
)


def checked(name: str, frame: pl.DataFrame, source: str, bars: pl.DataFrame | None = BARS) -> list[str]:
    origin = origins()[source]
    against = Context(now=CLOSED, unit_won=origin.unit_won, unit_shares=origin.unit_shares, bars=bars)
    return check(records.dataset(name), frame, against).faults["reason"].to_list()


def body(name: str, cursor: str = "") -> dict[str, Any]:
    endpoint = LS.endpoint(name)
    return dict(next(iter((endpoint.build(ask(endpoint).at(cursor)).body or {}).values())))


def test_the_other_corporations_with_government_are_named_in_two_ways_and_read_in_neither() -> None:
    answers = documents(FLOWS)
    renamed = copy.deepcopy(answers)
    for found in renamed:
        for row in found["t1702OutBlock1"]:
            row["amt0017"] = row.pop("tjj0017")
    told = {"amt0017": "tjj0017"}
    assert told == SPECIFICATION["endpoints"]["t1702"]["also"]
    assert turned(FLOWS, answers).frame.equals(turned(FLOWS, renamed).frame)


def test_won_and_shares_are_0_and_1_about_markets_and_1_and_0_about_a_stock() -> None:
    assert [("0", "1"), ("0", "2"), ("1", "1"), ("1", "2")] == [
        (fields["volvalgb"], fields["msmdgb"])
        for fields in (body("t1702", cursor) for cursor in ("", "20261124.1", "20261124.2", "20261124.3"))
    ]
    assert ("0", "1") == (body("t1633")["gubun1"], body("t1633", "20261124.1")["gubun1"])
    assert ("0", "1") == (body("t1662")["gubun1"], body("t1662", "2026-11-24T06:50:00+00:00")["gubun1"])
    assert ("2", "1") == (body("t1601")["gubun1"], body("t1601", "2026-11-24T06:50:00+00:00")["gubun1"])
    assert "1" == body("t1637")["gubun1"]


def test_flipped_flags_are_noticed_by_the_unit_check() -> None:
    won, also_won, shares, also_shares = documents(FLOWS)
    sound = turned(FLOWS, [won, also_won, shares, also_shares]).frame
    assert [] == checked("investor_day_stock", sound, "ls")
    flipped = turned(FLOWS, [shares, also_shares, won, also_won]).frame
    reasons = checked("investor_day_stock", flipped, "ls")
    assert 2 == len(reasons)
    assert all("a wrong unit" in reason for reason in reasons)


@pytest.mark.parametrize("factor", [1_000, 1_000_000])
def test_an_inferred_unit_that_is_wrong_is_noticed(factor: int) -> None:
    frame = turned(FLOWS, documents(FLOWS)).frame
    larger = frame.with_columns(pl.col("^.*_amount$") * factor)
    smaller = frame.with_columns(pl.col("^.*_amount$") // factor)
    assert 2 == len(checked("investor_day_stock", larger, "ls"))
    assert 2 == len(checked("investor_day_stock", smaller, "ls"))


def test_programme_of_a_stock_is_in_thousand_won_as_its_net_shows() -> None:
    endpoint = LS.endpoint("t1637")
    frame = turned(endpoint, documents(endpoint)).frame
    average = (frame["program_net_amount"] / frame["program_net_volume"]).to_list()
    assert all(3_500 < price < 3_900 for price in average)
    row = recorded("t1637")["t1637OutBlock1"][0]
    row.update(stksvalue=400_000, stksvolume=105_700, offervalue=211_086, offervolume=55_765)
    bars = BARS.head(1).with_columns(session=pl.lit(date(2023, 6, 5)), raw_low=pl.lit(3600), raw_high=pl.lit(3800))
    whole = turned(endpoint, [{"rsp_cd": "00000", "t1637OutBlock1": [row]}]).frame
    assert [] == checked("program_day_stock", whole, "ls_program", bars)
    wrong = whole.with_columns(pl.col("^.*_amount$") * 1_000)
    assert 1 == len(checked("program_day_stock", wrong, "ls_program", bars))


def test_sides_that_a_chart_leaves_at_zero_are_null_beside_their_net() -> None:
    endpoint = LS.endpoint("t1637")
    row = turned(endpoint, documents(endpoint)).frame.row(0, named=True)
    assert (188_914_000, 49_935) == (row["program_net_amount"], row["program_net_volume"])
    sides = [row[f"program_{side}_{measure}"] for side in ("buy", "sell") for measure in ("amount", "volume")]
    assert [None] * 4 == sides


def test_a_cut_code_in_the_answer_does_not_become_the_code_of_a_row() -> None:
    endpoint = LS.endpoint("t1637")
    assert "A00120" == recorded("t1637")["t1637OutBlock1"][0]["shcode"]
    assert ["005930"] == turned(endpoint, documents(endpoint)).frame["code"].unique().to_list()


def test_the_institutions_of_a_stock_lack_government_and_ours_have_it() -> None:
    answers = documents(FLOWS)
    for found in answers:
        for row in found["t1702OutBlock1"]:
            row["tjj0011"] = 7
    row = turned(FLOWS, answers).frame.row(0, named=True)
    seven = answers[0]["t1702OutBlock1"][0]["tjj0018"]
    assert (seven + 7) * 1_000_000 == row["institution_buy_amount"]


def test_leaves_that_miss_the_vendors_institutions_reject_the_row() -> None:
    answers = documents(FLOWS)
    answers[2]["t1702OutBlock1"][0]["tjj0018"] += 9
    page = turned(FLOWS, answers)
    assert 1 == page.frame.height
    assert "기관계" in page.faults["reason"][0]


def test_the_institutions_of_a_market_have_government_and_foreigners_are_17() -> None:
    row = turned(SPLIT, documents(SPLIT)).frame.filter(pl.col("session") == date(2023, 6, 16)).row(0, named=True)
    assert (-14_200_000_000, 200_000_000) == (row["institution_net_amount"], row["foreign_net_amount"])
    assert -243 == recorded("t1665")["t1665OutBlock1"][1]["sv_18"]  # to the rounding of its eight leaves
    assert (200_000_000, 0, -242_000) == (
        row["foreign_registered_net_amount"],
        row["foreign_other_net_amount"],
        row["institution_net_volume"],
    )


def test_an_index_of_a_chart_is_a_hundred_times_too_large_and_not_read() -> None:
    assert "252618.00" == recorded("t1665")["t1665OutBlock1"][0]["jisu"]
    assert "close" not in turned(SPLIT, documents(SPLIT)).frame.columns


def test_percentages_that_are_a_hundred_times_too_large_are_told_from_the_change_of_the_price() -> None:
    endpoint = LS.endpoint("t1716_holding")
    frame = turned(endpoint, documents(endpoint)).frame
    assert [52.51, 52.51] == frame["limit_use_pct"].to_list()
    assert [3134788284, 3134788354] == frame["held_shares"].to_list()
    right = documents(endpoint)
    for row in right[0]["t1716OutBlock"]:
        row.update(diff=str(float(row["diff"]) / 100), fsc_sjrate="52.51")
    assert [52.51, 52.51] == turned(endpoint, right).frame["limit_use_pct"].to_list()


@pytest.mark.parametrize(
    ("prices", "used", "told"),
    [
        ([(10_100, 100, 1.0)], [0.4], 1),
        ([(10_100, 100, 100.0)], [40.0], 100),
        ([(10_000, 0, 0.0)], [40.0], None),
        ([(10_000, 0, 0.0)], [4000.0], 100),
        ([(10_100, 100, 1.0), (9_900, -100, -100.0)], [40.0], None),
        ([(10_100, 100, 30.0)], [40.0], None),
        ([(None, None, None)], [None], None),
    ],
)
def test_a_scale_that_nothing_tells_leaves_the_percentage_null(
    prices: list[tuple[int | None, int | None, float | None]], used: list[float | None], told: int | None
) -> None:
    assert told == summary.scale(prices, used)


def test_holdings_of_a_session_that_are_not_public_yet_are_no_rows() -> None:
    endpoint = LS.endpoint("t1716_holding")
    at = datetime(2023, 6, 19, 7, 0, tzinfo=UTC)
    assert [date(2023, 6, 16)] == turned(endpoint, documents(endpoint), at=at).frame["session"].to_list()


def test_changes_against_the_row_before_are_not_asked_for() -> None:
    assert "0" == body("t1633")["gubun4"]


def test_a_list_by_day_is_asked_for_with_a_blank_start() -> None:
    assert (" ", "0", "20261124") == tuple(body("t1717")[name] for name in ("fromdt", "gubun", "todt"))


def test_zeros_throughout_are_no_row_however_much_was_traded() -> None:
    endpoint = LS.endpoint("t1717")
    zeros = recorded("t1717")
    assert 322192 == zeros["t1717OutBlock"][0]["volume"]
    page = turned(endpoint, [zeros])
    assert (0, 0) == (page.frame.height, page.faults.height)
    answers = documents(FLOWS)
    for found in answers:
        found["t1702OutBlock1"][0].update({name: 0 for name in found["t1702OutBlock1"][0] if name.startswith("tjj")})
    assert [date(2025, 8, 4)] == turned(FLOWS, answers).frame["session"].to_list()


def test_a_session_with_trades_and_no_short_sale_has_zeros() -> None:
    endpoint = LS.endpoint("t1927")
    found = recorded("t1927")
    found["t1927OutBlock1"][0].update(gm_vo=0, gm_va=0)
    assert 0 == turned(endpoint, [found]).frame.row(0, named=True)["short_volume"]


def test_counts_of_stocks_are_called_high_and_low() -> None:
    endpoint = LS.endpoint("t1514")
    row = turned(endpoint, documents(endpoint)).frame.row(0, named=True)
    assert (606, 253, 91, 2617.58, 2610.40) == tuple(
        row[name] for name in ("advancers", "decliners", "unchanged", "high", "low")
    )
    assert (263_165_000, 3_884_240_000_000) == (row["volume"], row["amount"])


def test_an_index_as_it_stands_says_the_same_as_its_day() -> None:
    day, now = (turned(LS.endpoint(name), documents(LS.endpoint(name))).frame for name in ("t1514", "t1511"))
    same = ["open", "high", "low", "close", "volume", "amount", "advancers", "decliners", "unchanged"]
    assert day.select(same).equals(now.select(same))


def test_loans_are_dated_by_the_trade_and_not_by_the_day_that_is_told() -> None:
    for name in ("t1926", "t1921"):
        endpoint = LS.endpoint(name)
        row = turned(endpoint, documents(endpoint)).frame.row(0, named=True)
        assert (date(2023, 6, 2), 4_208_557, 267_837_000_000) == (
            row["session"],
            row["loan_balance_shares"],
            row["loan_balance_amount"],
        )


def test_a_settlement_on_a_day_without_trading_is_a_fault() -> None:
    endpoint = LS.endpoint("t1926")
    found = recorded("t1926")
    found["t1926OutBlock"]["mmdate"] = "20230606"
    page = turned(endpoint, [found])
    assert (0, ["2023-06-06"]) == (page.frame.height, page.faults["value"].to_list())


def test_names_of_sectors_are_stretched_with_blanks() -> None:
    assert {"001": "종합", "002": "대형주"} == indices.sectors(reply(recorded("t8424")))


def test_raw_prices_are_asked_for_and_days_are_not_added_up() -> None:
    assert ("N", "N") == (body("t8410")["sujung"], body("t8410")["comp_yn"])
    assert ("1", "1") == (body("t1665")["gubun2"], body("t1665")["gubun3"])


def test_both_vendors_find_the_same_instrument_in_their_lists() -> None:
    endpoint = LS.endpoint("t8436")
    row = turned(endpoint, documents(endpoint)).frame.row(0, named=True)
    assert ("000020", "KR7000020008", "동화약품", "KOSPI", "STOCK") == tuple(
        row[name] for name in ("code", "isin", "name", "market", "kind")
    )
    assert "instruments" in {one.dataset for one in KIS.endpoints}


def test_minutes_of_the_day_before_follow_those_of_today() -> None:
    endpoint = LS.endpoint("t1621")
    found = documents(endpoint)[0]
    asked = Ask(("KOSPI",), date(2023, 6, 16), date(2023, 6, 19))
    page = endpoint.parse(asked, reply(found, datetime(2023, 6, 19, 7, 0, tzinfo=UTC)))
    assert page.after is not None
    assert "1" == body_of(endpoint.build(page.after))["bgubun"]
    assert endpoint.parse(page.after, reply(found, datetime(2023, 6, 19, 7, 0, tzinfo=UTC))).after is None


def body_of(request: Any) -> dict[str, Any]:
    return dict(next(iter(request.body.values())))
