"""Keys, tokens and limits are looked at without asking anybody, and without showing a value."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sugeup.archive.describing import Need, Source
from sugeup.hub.limits import Gate
from sugeup.hub.token_file import Held, TokenFile
from sugeup.hub.turns import Priority
from sugeup.observe import doors
from sugeup.observe.findings import Finding, State
from sugeup.sources.vendor import Pace

NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
DAY = date(2026, 11, 26)
GOOD = "PSabcdefghijklmnopqrstuvwxyz01234567"


def source(*places: str, on: bool = True) -> Source:
    needs = tuple(Need("key", name, place) for name, place in zip(("a_key", "a_secret"), places, strict=False))
    return Source("a", "A", "가", on, "", needs, (), "", "", 1, 1.0, None)


def states(found: list[Finding]) -> list[State]:
    assert all(one.todo or one.state is State.OK for one in found)
    return [one.state for one in found]


def test_keys_are_told_by_where_they_lie() -> None:
    (found,) = doors.keys([source("keychain", ".env")], {}, simulated=False)
    assert State.OK is found.state and "a from keychain and .env" == found.said


def test_half_of_a_pair_is_a_failure() -> None:
    found = list(doors.keys([source("keychain", "")], {}, simulated=False))
    assert [State.FAIL, State.OK] == states(found) and "SUGEUP_A_SECRET is not set" in found[0].said
    assert [State.OK] == states(list(doors.keys([source("keychain", "")], {}, simulated=True)))


def test_no_key_at_all_is_in_order_and_says_where_to_begin() -> None:
    (found,) = doors.keys([source("", "", on=False)], {}, simulated=False)
    assert State.OK is found.state and "sugeup sources" in found.todo


@pytest.mark.parametrize(
    "value",
    [
        "abc",
        "with space",
        "키입니다키입니다",
        "xxxxxxxxxx",
        "your-app-key",
        "<app key>",
        "여기에-입력",
        "CHANGE_ME",
        "k\n",
    ],
)
def test_what_can_be_no_key_is_said_without_it(value: str) -> None:
    assert (said := doors.implausible(value)) and value not in said
    (found, _) = doors.keys([source("environment", "environment")], {"a_key": value}, simulated=False)
    assert State.FAIL is found.state and value not in found.said + found.todo


def test_a_real_key_is_plausible_but_not_twice() -> None:
    assert "" == doors.implausible(GOOD)
    same = {"a_key": GOOD, "a_secret": GOOD}
    found = list(doors.keys([source("environment", "environment")], same, simulated=False))
    assert State.FAIL is found[0].state and "the same" in found[0].said


def test_a_source_that_there_is_not_is_named() -> None:
    (found,) = doors.chosen(["kis", "toss"], ["kis", "ls"])
    assert State.FAIL is found.state and "'toss'" in found.said


def token(folder: Path, ends: timedelta, issued: timedelta = timedelta(hours=-3)) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "kis-0123456789abcdef.token.json"
    TokenFile(path, "0123456789abcdef").write(Held("the-token-itself", NOW + issued, NOW + ends, "1"))
    return path


def test_a_token_is_told_by_its_times(tmp_path: Path) -> None:
    token(tmp_path / "hub", timedelta(hours=21))
    (found,) = doors.tokens(tmp_path / "hub", NOW)
    assert ("token kis", State.OK) == (found.check, found.state)
    assert "issued 2026-11-26 07:00, ends 2026-11-27 07:00 (in 21.0 h)" == found.said


def test_an_ended_token_is_in_order_and_one_of_the_future_is_not(tmp_path: Path) -> None:
    token(tmp_path / "hub", -timedelta(hours=1))
    (found,) = doors.tokens(tmp_path / "hub", NOW)
    assert State.OK is found.state and "another" in found.said
    token(tmp_path / "hub", timedelta(hours=9), timedelta(hours=1))
    assert [State.WARN] == states(list(doors.tokens(tmp_path / "hub", NOW)))


def test_an_open_or_damaged_token_file_is_noticed(tmp_path: Path) -> None:
    path = token(tmp_path / "hub", timedelta(hours=21))
    path.chmod(0o644)
    found = list(doors.tokens(tmp_path / "hub", NOW))
    assert [State.WARN, State.OK] == states(found) and "chmod 600" in found[0].todo
    assert "the-token-itself" not in json.dumps([one.said + one.todo for one in found])
    path.write_text("{")
    path.chmod(0o600)
    assert [State.WARN] == states(list(doors.tokens(tmp_path / "hub", NOW)))
    assert [] == list(doors.tokens(tmp_path / "none", NOW))


@pytest.mark.parametrize(
    ("quota", "state", "words"),
    [(None, State.OK, "no daily limit"), (10, State.OK, "3 calls on 2026-11-26 of 10"), (3, State.WARN, "used up")],
)
def test_calls_of_today_are_held_against_the_quota(tmp_path: Path, quota: int | None, state: State, words: str) -> None:
    gate = Gate(tmp_path / "kis-0123456789abcdef.gate.sqlite", Pace(10, 0.1), today=lambda: DAY)
    for _ in range(3):
        gate.enter(Priority.QUESTION, None)
    gate.close()
    (found,) = doors.limits(tmp_path, {"kis": quota}, DAY)
    assert ("calls kis", state) == (found.check, found.state) and words in found.said + found.todo
    (tomorrow,) = doors.limits(tmp_path, {"kis": 3}, DAY + timedelta(days=1))
    assert State.OK is tomorrow.state and "0 calls" in tomorrow.said


def test_little_left_of_a_quota_and_a_damaged_gate_are_noticed(tmp_path: Path) -> None:
    gate = Gate(tmp_path / "kis-0.gate.sqlite", Pace(100, 0.1), today=lambda: DAY)
    for _ in range(9):
        gate.enter(Priority.QUESTION, None)
    gate.close()
    assert [State.WARN] == states(list(doors.limits(tmp_path, {"kis": 10}, DAY)))
    (tmp_path / "kis-0.gate.sqlite").write_bytes(b"no database" * 100)
    for beside in tmp_path.glob("*.gate.sqlite-*"):
        beside.unlink()
    assert [State.WARN] == states(list(doors.limits(tmp_path, {"kis": 10}, DAY)))


def test_files_of_keys_that_others_may_read_are_noticed(tmp_path: Path) -> None:
    assert [] == list(doors.sealed(tmp_path / "keys"))
    (tmp_path / "keys.sealed.json").write_text("{}")
    (tmp_path / "keys.sealed.json").chmod(0o604)
    (found,) = doors.sealed(tmp_path)
    assert State.WARN is found.state and "keys.sealed.json" in found.said


def test_without_the_clock_they_were_issued_by_tokens_are_told_and_not_judged(tmp_path: Path) -> None:
    path = token(tmp_path / "hub", -timedelta(hours=1))
    (found,) = doors.tokens(tmp_path / "hub", None, " (sandbox)")
    assert ("token kis (sandbox)", State.OK) == (found.check, found.state)
    assert "issued 2026-11-26 07:00, ends 2026-11-26 09:00 by a clock that does not answer now" == found.said
    path.chmod(0o644)
    assert [State.WARN, State.OK] == states(list(doors.tokens(tmp_path / "hub", None)))


def test_without_a_day_the_newest_one_with_calls_is_told(tmp_path: Path) -> None:
    days = iter((DAY, DAY + timedelta(days=1), DAY + timedelta(days=1)))
    gate = Gate(tmp_path / "kis-0.gate.sqlite", Pace(10, 0.1), today=lambda: next(days))
    for _ in range(3):
        gate.enter(Priority.QUESTION, None)
    gate.close()
    (found,) = doors.limits(tmp_path, {"kis": 2}, None, " (sandbox)")
    assert ("calls kis (sandbox)", State.WARN) == (
        found.check,
        found.state,
    ) and "2 calls on 2026-11-27 of 2" in found.said
