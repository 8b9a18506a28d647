"""REAL_TIME: the running session at its newest minute, against the same minute of past sessions."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.faces import payload
from sugeup.market import sessions
from tests.support.archives import days, open_archive, rows
from tests.usecases.explained import explained

CASE = registry.usecases()["get_investor_sentiment"]
PAST = 30
DAYS = days(PAST + 1)
MARKETS = ("KOSPI", "KOSDAQ")


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


def sides(foreign: int) -> dict[str, int]:
    """Buys and sells of the groups that turn over 1,000 and add to zero."""
    nets = {"foreign": foreign, "institution": -2 * foreign, "individual": foreign, "other_corporation": 0}
    bought = {group: 250 + net for group, net in nets.items()}
    found = {f"{group}_buy_amount": bought[group] for group in nets}
    found |= {f"{group}_sell_amount": 250 for group in nets}
    return found | {f"{group}_net_amount": net for group, net in nets.items()}


def minutes(day: date, upto: int, foreign: int) -> list[dict[str, Any]]:
    opened = sessions.open_at(day)
    assert opened is not None
    at = [opened.astimezone(UTC) + timedelta(minutes=minute) for minute in range(1, upto + 1)]
    return [
        {"market": market, "session": day, "at": moment} | sides(foreign * minute)
        for market in MARKETS
        for minute, moment in enumerate(at, 1)
    ]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Foreigners buy a little more every day; today, thirty minutes old, they buy most."""
    archive = open_archive(tmp_path_factory.mktemp("running"))
    told = [row for at, day in enumerate(DAYS[:-1]) for row in minutes(day, 60, at - 20)]
    told += minutes(DAYS[-1], 30, 40)
    archive.fill("investor_minute_market", rows("investor_minute_market", told))
    daily = [
        {"market": market, "session": day} | sides(at - 20) for market in MARKETS for at, day in enumerate(DAYS[:-1])
    ]
    archive.fill("investor_day_market", rows("investor_day_market", daily))
    return archive


def test_the_running_minute_is_held_against_the_same_minute(running: Archive) -> None:
    answer = ask(running, period="REAL_TIME", granularity="BY_TYPE")
    assert str(DAYS[-1]) == answer["session"] and answer["as_of"].startswith(f"{DAYS[-1]}T09:30")
    kinds = answer["sentiment_scores"]["by_investor_type"]
    assert 100.0 == kinds["foreign"]["components"]["flow_pct"]
    assert 0.0 == kinds["institution"]["components"]["flow_pct"]
    assert "09:30" in kinds["foreign"]["components"]["meta"]["flow_pct"]["method"]
    assert f"{PAST} sessions" in kinds["foreign"]["components"]["meta"]["flow_pct"]["method"]


def test_stocks_have_no_minutes_by_investor(running: Archive) -> None:
    answer = ask(running, period="REAL_TIME", granularity="BY_TYPE")
    block = answer["sentiment_scores"]["by_investor_type"]["foreign"]["components"]
    assert block["breadth_pct"] is None
    assert "NOT_AVAILABLE_FROM_SOURCE" == block["meta"]["breadth_pct"]["reason"]
    explained(answer)


def test_the_market_score_is_that_of_the_last_close(running: Archive) -> None:
    answer = ask(running, period="REAL_TIME")
    assert str(DAYS[-2]) == answer["sentiment_scores"]["overall"]["session"]
    assert any(str(DAYS[-2]) in warning for warning in answer["warnings"])


def test_few_past_sessions_give_no_score(running: Archive) -> None:
    answer = ask(running, period="REAL_TIME", granularity="BY_TYPE", session=str(DAYS[10]))
    block = answer["sentiment_scores"]["by_investor_type"]["foreign"]
    assert block["score"] is None and "10 past sessions" in block["components"]["meta"]["flow_pct"]["note"]


def test_without_minutes_the_command_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoData) as absent:
        ask(open_archive(tmp_path), period="REAL_TIME")
    assert "NOT_COLLECTED" == absent.value.code and "intraday" in (absent.value.hint or "")
