"""Several vendors of the same facts: the preferred one is asked, another stands in, and each can be asked alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from sugeup.archive import Archive, Want
from sugeup.errors import ConfigError, NoData, Retryable, SugeupError
from sugeup.market import sessions
from sugeup.sources.vendor import Ask, Endpoint, Reach, Scope
from tests.support.vendors import CODES, SetClock, Truth, archive_of, endpoint, small_market, vendor

DAYS = sessions.sessions(date(2026, 2, 2), date(2026, 2, 13))
WANT = Want(CODES, DAYS[0], DAYS[-1])


class Pair:
    """Two vendors of the same market: `broker`, which is preferred, and `second`."""

    def __init__(self, folder: Path, ours: Endpoint, theirs: Endpoint) -> None:
        self.clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.clock.at(DAYS[-1], 19)
        self.broker = Truth(small_market(DAYS), self.clock)
        named = {
            name: frame.with_columns(pl.lit("second").alias("source")) for name, frame in small_market(DAYS).items()
        }
        self.second = Truth(named, self.clock)
        self.archive: Archive = archive_of(
            folder, self.clock, self.broker, ours, second=(vendor(theirs, name="second"), self.second)
        )


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path, endpoint("short", "short_day"), endpoint("short_second", "short_day", source="second"))


def stored(archive: Archive) -> set[str]:
    return set(archive.read("short_day")["source"])


def test_the_preferred_vendor_is_asked_and_the_other_one_is_left_alone(pair: Pair) -> None:
    assert pair.archive.fill("short_day", WANT).complete
    assert ({"broker"}, 0) == (stored(pair.archive), pair.second.asked)
    assert ("broker", "second") == pair.archive.doors("short_day").open


@pytest.mark.parametrize(
    "error",
    [
        lambda _: Retryable("nobody answers", code="SOURCE_DOWN"),
        lambda _: Retryable("the day's calls are used up", code="RATE_LIMITED"),
        lambda _: ConfigError("the key is wrong", code="NO_CREDENTIALS"),
    ],
)
def test_another_vendor_stands_in_for_one_that_does_not_answer_and_that_is_told(
    pair: Pair, error: Callable[[Ask], SugeupError]
) -> None:
    pair.broker.errors["short"] = error
    filled = pair.archive.fill("short_day", WANT)
    assert ({"second"}, ()) == (stored(pair.archive), filled.left)
    assert len(CODES) * len(DAYS) == pair.archive.read("short_day").height
    assert [str(error(Ask((), DAYS[0], DAYS[0])))] == [str(one) for one in (*filled.stopped, *filled.barred)]


def test_what_one_vendor_refuses_and_another_has_is_no_failure(pair: Pair) -> None:
    pair.broker.errors["short"] = lambda _: NoData("not published yet", code="NOT_PUBLISHED_YET")
    filled = pair.archive.fill("short_day", WANT)
    assert filled.complete
    assert {"second"} == stored(pair.archive)


def test_when_nobody_lets_us_in_the_words_of_the_first_are_raised(pair: Pair) -> None:
    pair.broker.errors["short"] = lambda _: ConfigError("the first key is wrong")
    pair.second.errors["short_second"] = lambda _: ConfigError("the second key is wrong")
    with pytest.raises(ConfigError, match="the first key is wrong"):
        pair.archive.fill("short_day", WANT)


def test_a_vendor_that_is_back_is_not_asked_for_what_the_other_one_gave(pair: Pair) -> None:
    pair.broker.errors["short"] = lambda _: Retryable("nobody answers", code="SOURCE_DOWN")
    pair.archive.fill("short_day", WANT)
    before = pair.broker.asked
    del pair.broker.errors["short"]
    assert 0 == pair.archive.fill("short_day", WANT).calls
    assert before == pair.broker.asked


def test_one_vendor_can_be_asked_alone_for_what_another_has_covered_and_loses_against_it(pair: Pair) -> None:
    pair.archive.fill("short_day", WANT)
    filled = pair.archive.fill("short_day", Want(CODES, DAYS[0], DAYS[-1], vendor="second"))
    assert len(CODES) * len(DAYS) == filled.rows.kept
    assert {"broker"} == stored(pair.archive)
    assert 0 == pair.archive.fill("short_day", Want(CODES, DAYS[0], DAYS[-1], vendor="second")).calls


def test_a_sweep_is_asked_once_a_day_for_all_that_lack_it(tmp_path: Path) -> None:
    pair = Pair(
        tmp_path,
        endpoint("short", "short_day", sweep=True),
        endpoint("short_second", "short_day", source="second"),
    )
    pair.archive.fill("short_day", Want(CODES[:1], DAYS[2], DAYS[3]))
    before = pair.broker.asked
    assert pair.archive.fill("short_day", WANT).complete
    asks = [ask for _, ask in pair.broker.asks[before:]]
    assert list(DAYS) == [ask.first for ask in asks]
    assert [len(CODES) - (day in DAYS[2:4]) for day in DAYS] == [len(ask.scopes) for ask in asks]
    assert all(ask.first == ask.last for ask in asks)


def test_lists_are_asked_of_the_next_vendor_only_when_the_first_could_not_give_all(tmp_path: Path) -> None:
    def listed(name: str, source: str) -> Endpoint:
        return endpoint(name, "instruments", scope=Scope.NONE, reach=Reach.NOW, source=source)

    pair = Pair(tmp_path, listed("list", "broker"), listed("list_second", "second"))
    pair.broker.floating = pair.second.floating = {"instruments"}
    pair.broker.errors["list"] = lambda _: Retryable("nobody answers", code="SOURCE_DOWN")
    today = Want((), DAYS[-1], DAYS[-1])
    assert not pair.archive.fill("instruments", today).left
    assert {"second"} == set(pair.archive.read("instruments")["source"])
    del pair.broker.errors["list"]
    pair.archive.fill("instruments", today)
    before = pair.second.asked
    pair.archive.fill("instruments", today)
    assert before == pair.second.asked
