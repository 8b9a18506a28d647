"""Filling from sources: holes are asked for once, rows come before the ledger, what failed is told and stays a hole."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import polars as pl
import pytest

from sugeup.archive import Archive, Want
from sugeup.errors import ConfigError, Refused, Retryable, SchemaDrift
from sugeup.market import publication, sessions
from sugeup.sources.vendor import Reach, Scope
from tests.support.archives import rows
from tests.support.vendors import SetClock, Truth, archive_of, endpoint, truth_rows

DAYS = sessions.sessions(date(2026, 1, 5), date(2026, 1, 16))
TODAY = DAYS[-1]
CODES = ("005930", "000660", "035720")
SHORT = endpoint("short", "short_day")
FLOWS = endpoint("flows", "investor_day_stock", published=time(15, 45))


def flow(code: str, day: date, net: int = 5) -> dict[str, object]:
    return {"code": code, "session": day, "foreign_net_volume": net, "individual_net_volume": -net}


def everything() -> dict[str, pl.DataFrame]:
    short = [{"code": code, "session": day, "short_volume": n} for n, code in enumerate(CODES) for day in DAYS]
    return {
        "short_day": truth_rows("short_day", short),
        "investor_day_stock": truth_rows("investor_day_stock", [flow(code, day) for code in CODES for day in DAYS]),
    }


@pytest.fixture
def clock() -> SetClock:
    found = SetClock(None)  # type: ignore[arg-type]
    found.at(TODAY, 19)
    return found


@pytest.fixture
def truth(clock: SetClock) -> Truth:
    return Truth(everything(), clock)


@pytest.fixture
def archive(tmp_path: Path, clock: SetClock, truth: Truth) -> Archive:
    return archive_of(tmp_path, clock, truth, SHORT, FLOWS)


def want(**about: object) -> Want:
    return Want(**{"scopes": CODES, "first": DAYS[0], "last": TODAY} | about)  # type: ignore[arg-type]


def test_everything_is_asked_once_and_stored_and_then_nothing_more(archive: Archive, truth: Truth) -> None:
    done = archive.fill("short_day", want())
    assert (3, len(CODES) * len(DAYS), True) == (done.calls, done.rows.added, done.complete)
    assert len(CODES) * len(DAYS) == archive.read("short_day").height
    asked = truth.asked
    assert 0 == archive.fill("short_day", want()).calls
    assert asked == truth.asked


def test_only_the_holes_of_the_ledger_are_asked_not_what_rows_lack(archive: Archive, truth: Truth) -> None:
    archive.fill("short_day", want(scopes=CODES[:1], first=DAYS[3], last=DAYS[5]))
    truth.asks.clear()
    archive.fill("short_day", want(scopes=CODES[:1]))
    assert [(DAYS[0], DAYS[2]), (DAYS[6], TODAY)] == sorted((ask.first, ask.last) for _, ask in truth.asks)


def test_a_day_on_which_there_truly_is_nothing_is_not_asked_again(archive: Archive, truth: Truth) -> None:
    truth.rows["short_day"] = truth.rows["short_day"].filter(pl.col("code") != CODES[0])
    done = archive.fill("short_day", want(scopes=CODES[:1]))
    assert [0] == [span.rows for span in done.covered]
    assert 0 == archive.fill("short_day", want(scopes=CODES[:1])).calls


@pytest.mark.parametrize(
    ("dataset", "scope", "reach"),
    [("stock_estimate", Scope.STOCK, Reach.TODAY), ("market_funds", Scope.NONE, Reach.PAST)],
)
def test_a_row_that_is_left_out_once_inside_an_answer_is_asked_for_again(
    tmp_path: Path, clock: SetClock, dataset: str, scope: Scope, reach: Reach
) -> None:
    if dataset == "stock_estimate":
        told: list[dict[str, object]] = [
            {"code": code, "session": TODAY, "slot": slot, f"{'foreign' if slot == 1 else 'institution'}_net_volume": 5}
            for code in CODES
            for slot in (1, 3, 4, 5, 2)
        ]
    else:
        told = [{"session": day, "deposits": 5 * 10**13} for day in DAYS[:-2]]
    whole = truth_rows(dataset, told)
    truth = Truth({dataset: whole[:-1]}, clock)
    asked = iter(range(100))

    def second(_: object) -> None:  # called once the answer was made
        if next(asked) + 1 == (len(CODES) if scope is Scope.STOCK else 1):
            truth.rows[dataset] = whole

    truth.errors["figures"] = second
    archive = archive_of(tmp_path, clock, truth, endpoint("figures", dataset, scope=scope, reach=reach))
    scopes = CODES if scope is Scope.STOCK else ()
    last = TODAY if scope is Scope.STOCK else DAYS[-3]
    first = TODAY if scope is Scope.STOCK else DAYS[0]
    assert archive.fill(dataset, want(scopes=scopes, first=first, last=last)).complete
    assert whole.height == archive.read(dataset).height
    assert 0 == archive.fill(dataset, want(scopes=scopes, first=first, last=last)).calls


def test_a_faulty_row_of_the_whole_market_leaves_its_day_a_hole(tmp_path: Path, clock: SetClock) -> None:
    told: list[dict[str, object]] = [{"session": day, "deposits": 5 * 10**13} for day in DAYS[:4]]
    truth = Truth({"market_funds": truth_rows("market_funds", [told[0] | {"deposits": -1}, *told[1:]])}, clock)
    archive = archive_of(tmp_path, clock, truth, endpoint("funds", "market_funds", scope=Scope.NONE))
    assert 1 == archive.fill("market_funds", want(scopes=(), last=DAYS[3])).faults
    assert {DAYS[1]} == {span.first for span in archive.coverage("market_funds")}
    truth.rows["market_funds"] = truth_rows("market_funds", told)
    assert 1 == archive.fill("market_funds", want(scopes=(), last=DAYS[3])).rows.added


def test_a_provisional_day_inside_a_wider_answer_is_final_with_it(
    tmp_path: Path, clock: SetClock, truth: Truth
) -> None:
    """The ledger says what was stored, also of a day that was not asked for."""
    archive = archive_of(
        tmp_path, clock, truth, endpoint("flows", "investor_day_stock", published=time(15, 45), span=40)
    )
    clock.at(DAYS[3], 19)
    archive.fill("investor_day_stock", want(first=DAYS[3], last=DAYS[3]))
    clock.at(TODAY, 19)
    archive.fill("investor_day_stock", want())
    days = {span.last for span in archive.coverage("investor_day_stock") if span.final and span.first <= DAYS[3]}
    assert {DAYS[-2]} == days
    assert archive.read("investor_day_stock", end=DAYS[-2])["final"].all()


def test_a_day_that_was_not_published_when_asked_stays_a_hole(archive: Archive, truth: Truth, clock: SetClock) -> None:
    clock.at(TODAY, 14)
    archive.fill("investor_day_stock", want())
    assert {DAYS[-2]} == {span.last for span in archive.coverage("investor_day_stock")}
    clock.at(TODAY, 19)
    truth.asks.clear()
    assert len(CODES) == archive.fill("investor_day_stock", want()).rows.added
    assert {(TODAY, TODAY)} == {(ask.first, ask.last) for _, ask in truth.asks}


def test_the_evening_is_provisional_and_the_next_morning_confirms_it(
    archive: Archive, truth: Truth, clock: SetClock
) -> None:
    archive.fill("investor_day_stock", want())
    evening = archive.read("investor_day_stock", start=TODAY)
    assert [False] == evening["final"].unique().to_list()
    assert [clock.now()] == evening["known_at"].unique().to_list()
    assert 0 == archive.fill("investor_day_stock", want()).calls
    clock.at(sessions.next(TODAY), 8, 10)
    done = archive.fill("investor_day_stock", want(confirm=True))
    assert (len(CODES), len(CODES)) == (done.calls, done.rows.replaced)
    morning = archive.read("investor_day_stock", start=TODAY)
    assert [True] == morning["final"].unique().to_list()
    assert [publication.known_at("investor_day_stock", TODAY)] == morning["known_at"].unique().to_list()
    assert 0 == archive.fill("investor_day_stock", want(confirm=True)).calls
    as_of = archive.read("investor_day_stock", start=TODAY, as_of=evening["known_at"][0])
    assert [False] == as_of["final"].unique().to_list()


def test_a_faulty_row_is_reported_and_its_day_stays_a_hole(archive: Archive, truth: Truth) -> None:
    truth.broken["short_day", CODES[1]] = {"short_volume": -1}
    done = archive.fill("short_day", want())
    assert len(DAYS) == done.faults
    assert {CODES[0], CODES[2]} == {span.scope for span in archive.coverage("short_day")}
    fault = archive.coverage("short_day").faults[0]
    assert ("short_day", CODES[1], "-1") == (fault.dataset, fault.scope, fault.value)
    truth.broken.clear()
    assert len(DAYS) == archive.fill("short_day", want()).rows.added


def test_a_row_that_could_not_be_read_keeps_empty_days_from_counting_as_empty(archive: Archive, truth: Truth) -> None:
    truth.unreadable.add("short_day")
    truth.rows["short_day"] = truth.rows["short_day"].filter(pl.col("session") != DAYS[4])
    archive.fill("short_day", want(scopes=CODES[:1]))
    assert [(DAYS[0], DAYS[3]), (DAYS[5], TODAY)] == [(s.first, s.last) for s in archive.coverage("short_day")]


def test_what_came_before_a_fault_of_the_source_is_kept(archive: Archive, truth: Truth) -> None:
    truth.page = 4
    truth.errors["short"] = lambda ask: Retryable("down", code="SOURCE_DOWN") if ask.scopes == CODES[:1] else None
    done = archive.fill("short_day", want(scopes=CODES[:1]))
    assert (4, 1) == (done.rows.added, len(done.stopped))
    assert not done.complete and DAYS[0] == done.left[0].first
    truth.errors.clear()
    assert len(DAYS) - 4 == archive.fill("short_day", want(scopes=CODES[:1])).rows.added


@pytest.mark.parametrize("error", [SchemaDrift("a field is gone"), Retryable("down", code="SOURCE_DOWN")])
def test_a_source_that_changed_or_is_down_stops_and_another_endpoint_stands_in(
    tmp_path: Path, clock: SetClock, truth: Truth, error: SchemaDrift | Retryable
) -> None:
    spare = endpoint("spare", "short_day")
    archive = archive_of(tmp_path, clock, truth, SHORT, spare)
    truth.errors["short"] = lambda _: error
    done = archive.fill("short_day", want())
    assert [error] == list(done.stopped)
    assert len(CODES) * len(DAYS) == archive.read("short_day").height
    assert not done.left


def test_an_exhausted_quota_ends_the_dataset_and_tells_what_is_left(archive: Archive, truth: Truth) -> None:
    truth.errors["short"] = lambda _: Retryable("the quota of the day is used up", code="RATE_LIMITED")
    done = archive.fill("short_day", want())
    assert (0, {*CODES}) == (done.rows.added, {hole.scope for hole in done.left})
    assert {(DAYS[0], TODAY)} == {(hole.first, hole.last) for hole in done.left}


def test_a_refused_code_does_not_keep_the_others_from_being_stored(archive: Archive, truth: Truth) -> None:
    truth.errors["short"] = lambda ask: Refused("unknown code") if CODES[1] in ask.scopes else None
    done = archive.fill("short_day", want())
    assert {CODES[1]} == set(done.failures)
    assert 2 * len(DAYS) == done.rows.added


def test_wrong_keys_end_everything_with_the_words_of_the_source(archive: Archive, truth: Truth) -> None:
    truth.errors["short"] = lambda _: ConfigError("the key is wrong", code="NO_CREDENTIALS")
    with pytest.raises(ConfigError, match="the key is wrong"):
        archive.fill("short_day", want())


def test_codes_share_an_ask_up_to_the_batch(tmp_path: Path, clock: SetClock, truth: Truth) -> None:
    archive = archive_of(tmp_path, clock, truth, endpoint("many", "short_day", batch=2))
    archive.fill("short_day", want())
    assert [CODES[:2], CODES[2:]] == sorted((ask.scopes for _, ask in truth.asks), key=len, reverse=True)


def test_what_only_the_running_day_has_is_asked_for_that_day_alone(
    tmp_path: Path, clock: SetClock, truth: Truth
) -> None:
    archive = archive_of(tmp_path, clock, truth, endpoint("today", "short_day", reach=Reach.TODAY))
    done = archive.fill("short_day", want())
    assert {(TODAY, TODAY)} == {(ask.first, ask.last) for _, ask in truth.asks}
    assert done.complete
    clock.at(date(2026, 1, 17), 12)
    truth.asks.clear()
    assert 0 == archive.fill("short_day", want(scopes=("005380",))).calls


def test_a_source_keeps_only_so_many_sessions(tmp_path: Path, clock: SetClock, truth: Truth) -> None:
    archive = archive_of(tmp_path, clock, truth, endpoint("kept", "short_day", depth=3))
    archive.fill("short_day", want())
    assert {(DAYS[-3], TODAY)} == {(ask.first, ask.last) for _, ask in truth.asks}


def test_an_import_of_a_copy_does_not_keep_the_broker_from_being_asked(archive: Archive) -> None:
    given = [{"code": CODES[0], "session": day, "short_volume": 1} for day in DAYS]
    archive.fill("short_day", rows("short_day", given, source="portal"))
    assert 1 == archive.fill("short_day", want(scopes=CODES[:1])).calls
    given = [{"code": CODES[1], "session": day, "short_volume": 1} for day in DAYS]
    archive.fill("short_day", rows("short_day", given, source="exchange"))
    assert 0 == archive.fill("short_day", want(scopes=CODES[1:2])).calls


def test_bars_get_shares_and_market_cap_of_the_instrument_of_the_day(tmp_path: Path, clock: SetClock) -> None:
    bar = {"raw_open": 100, "raw_high": 100, "raw_low": 100, "raw_close": 100, "volume": 10, "amount": 1000}
    given = [{"code": CODES[0], "session": day, "status": "TRADED"} | bar for day in DAYS]
    truth = Truth({"daily_bars": truth_rows("daily_bars", given)}, clock)
    archive = archive_of(tmp_path, clock, truth, endpoint("bars", "daily_bars"))
    about = {"code": CODES[0], "valid_from": DAYS[2], "market": "KOSPI", "listed_shares": 7}
    archive.fill("instruments", rows("instruments", [about]))
    archive.fill("daily_bars", want(scopes=CODES[:1]))
    found = archive.read("daily_bars")
    assert [None, None, *[700] * (len(DAYS) - 2)] == found["market_cap"].to_list()
    assert [None, None, *[7] * (len(DAYS) - 2)] == found["listed_shares"].to_list()


def test_of_a_list_only_what_changed_is_stored_and_what_ended_is_closed(tmp_path: Path, clock: SetClock) -> None:
    def listed(day: date, names: dict[str, str]) -> pl.DataFrame:
        given = [{"code": c, "valid_from": day, "name": n, "market": "KOSPI"} for c, n in names.items()]
        return truth_rows("instruments", given)

    truth = Truth({"instruments": listed(DAYS[0], {"005930": "가", "000660": "나", "035720": "다"})}, clock)
    truth.published = time(8)
    archive = archive_of(tmp_path, clock, truth, endpoint("list", "instruments", scope=Scope.NONE, reach=Reach.NOW))
    for number, names in enumerate([None, None, {"005930": "가", "000660": "라"}]):
        clock.at(DAYS[number], 8, 5)
        if names is None:
            truth.rows["instruments"] = truth.rows["instruments"].with_columns(valid_from=pl.lit(DAYS[number]))
        else:
            truth.rows["instruments"] = listed(DAYS[number], names)
        archive.fill("instruments", Want((), DAYS[number], DAYS[number]))
    found = archive.read("instruments", columns=["name", "valid_to", "delisted_on"])
    told = [tuple(row) for row in found.select("code", "valid_from", "name", "valid_to", "delisted_on").iter_rows()]
    assert [
        ("000660", DAYS[0], "나", DAYS[1], None),
        ("000660", DAYS[2], "라", None, None),
        ("005930", DAYS[0], "가", None, None),
        ("035720", DAYS[0], "다", DAYS[1], DAYS[1]),
    ] == told


def test_a_row_that_a_source_leaves_out_once_is_asked_for_again(archive: Archive, truth: Truth) -> None:
    """Rows missing inside an answer must not count as 'truly nothing'."""
    truth.leave_out = {("005930", DAYS[4]), ("000660", DAYS[0])}
    done = archive.fill("short_day", want())
    assert (5, len(CODES) * len(DAYS)) == (done.calls, archive.read("short_day").height)
    assert 0 == archive.fill("short_day", want()).calls
