"""The record of signals of one stock: newest first, with evidence, and what followed once it is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from sugeup.market import sessions
from sugeup.records.ledger import Asked
from sugeup.store.state import State
from tests.support.archives import days, open_archive, rows

CASE = registry.usecases()["get_signals"]
HISTORY = days(20)
CODE = "005930"
CLOSES = [100 + place for place in range(20)]
LEVELS = [1000.0 + 2 * place for place in range(20)]


def told(place: int, kind: str = "FOREIGN_SURGE", **about: Any) -> dict[str, Any]:
    day = HISTORY[place]
    known = datetime.combine(day, time(19, 40), sessions.SEOUL).astimezone(UTC)
    return {
        "code": CODE,
        "session": day,
        "signal_id": f"{day:%Y%m%d}-{kind}-1-ALL-{CODE}",
        "kind": kind,
        "scope": "STOCK",
        "direction": "BUY",
        "detector": "FOREIGN_SURGE",
        "family": "ALL",
        "horizon": 5,
        "strength": 99.5,
        "statistic": 0.2,
        "z": 4.0,
        "p": 0.005,
        "p_adj": 0.02,
        "n_tested": 900,
        "basis": "AMOUNT",
        "metric": "tk.robust_z",
        "metric_version": "1",
        "evidence": json.dumps({"net_buy_days": 5}),
        "withdrawn": False,
        "known_at": known,
        "ingested_at": known,
    } | about


def store(archive: Archive, *given: dict[str, Any]) -> None:
    archive.fill("signals", rows("signals", given, source="sugeup"))


@pytest.fixture
def stored(tmp_path: Path) -> Archive:
    archive = open_archive(tmp_path)
    listing = {"code": CODE, "valid_from": HISTORY[0], "name": "삼성전자", "market": "KOSPI"}
    other = listing | {"code": "000660", "name": "SK하이닉스"}
    archive.fill("instruments", rows("instruments", [listing, other]))
    bars = [
        {"code": CODE, "session": day, "raw_close": close, "base_price": close - 1, "volume": 10, "amount": 1000}
        for day, close in zip(HISTORY, CLOSES, strict=True)
    ]
    archive.fill("daily_bars", rows("daily_bars", bars))
    index = [
        {"index_code": "KOSPI", "session": day, "close": level} for day, level in zip(HISTORY, LEVELS, strict=True)
    ]
    archive.fill("index_day", rows("index_day", index))
    store(
        archive,
        told(2),
        told(10, direction="SELL", kind="FOREIGN_DISTRIBUTION"),
        told(17),
        told(19, kind="DUMP", direction="NONE", strength=None, p=None, p_adj=None, z=None, detector=None, final=False),
    )
    return archive


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(stock_code=CODE, **arguments))


def test_signals_come_newest_first_with_their_evidence(stored: Archive) -> None:
    answer = ask(stored)
    assert [HISTORY[at].isoformat() for at in (19, 17, 10, 2)] == [row["session"] for row in answer["rows"]]
    first = answer["rows"][-1]
    assert ("FOREIGN_SURGE", "외국인 순매수 급증", "BUY", 99.5, 0.02, 900, {"net_buy_days": 5}) == tuple(
        first[name] for name in ("kind", "korean", "direction", "strength", "p_adj", "n_tested", "evidence")
    )
    assert (4, str(HISTORY[-1]), True) == (answer["total"], answer["analysed_until"], answer["provisional"])
    assert f"{HISTORY[2]}T19:40:00+09:00" == first["known_at"]


def test_what_followed_is_the_return_of_five_sessions_ahead_of_the_index(stored: Archive) -> None:
    rows_of = {row["session"]: row for row in ask(stored)["rows"]}
    for place, side in ((2, 1), (10, -1)):
        stock = CLOSES[place + 5] / CLOSES[place] - 1
        index = LEVELS[place + 5] / LEVELS[place] - 1
        row = rows_of[str(HISTORY[place])]
        assert (round(100 * (stock - index), 2), side > 0) == (row["excess_return_pct"], row["followed"])


def test_what_did_not_happen_yet_says_when_it_will_be_known(stored: Archive) -> None:
    row = ask(stored)["rows"][1]
    about = row["meta"]["excess_return_pct"]
    assert (None, None, "NOT_PUBLISHED_YET") == (row["excess_return_pct"], row["followed"], about["reason"])
    assert str(sessions.next(HISTORY[17], 5)) in about["note"]


def test_a_signal_without_a_side_is_neither_right_nor_wrong(stored: Archive) -> None:
    row = ask(stored, kind="dump")["rows"][0]
    assert (None, "OUT_OF_SCOPE") == (row["followed"], row["meta"]["followed"]["reason"])


def test_a_missing_bar_afterwards_is_named(stored: Archive, tmp_path: Path) -> None:
    missing = open_archive(tmp_path / "other")
    missing.fill("instruments", rows("instruments", [{"code": CODE, "valid_from": HISTORY[0], "market": "KOSPI"}]))
    store(missing, told(2))
    row = ask(missing)["rows"][0]
    assert (None, "MISSING_INPUT") == (row["excess_return_pct"], row["meta"]["excess_return_pct"]["reason"])


def test_a_halted_session_after_a_signal_moves_no_price(stored: Archive) -> None:
    day = HISTORY[5]
    halted = {"code": CODE, "session": day, "raw_close": CLOSES[4], "base_price": CLOSES[4], "volume": 0, "amount": 0}
    stored.fill("daily_bars", rows("daily_bars", [halted | {"status": "HALTED"}]))
    row = ask(stored)["rows"][-1]
    stock = CLOSES[4] / CLOSES[2] * CLOSES[7] / CLOSES[5] - 1
    assert round(100 * (stock - (LEVELS[7] / LEVELS[2] - 1)), 2) == row["excess_return_pct"]


def test_a_withdrawn_signal_stays_in_the_record_and_says_so(stored: Archive) -> None:
    store(stored, told(17, withdrawn=True, known_at=stored.clock.now(), ingested_at=stored.clock.now()))
    row = ask(stored)["rows"][1]
    assert (True, str(HISTORY[17])) == (row["withdrawn"], row["session"])
    assert "철회" in "\n".join(str(part) for part in CASE.text(registry.bind(CASE, stored)(stock_code=CODE)))


def test_pages_kinds_and_spans_choose_among_the_rows(stored: Archive) -> None:
    seen, cursor = [], None
    while True:
        answer = ask(stored, limit=3, **({} if cursor is None else {"cursor": cursor}))
        seen += [row["session"] for row in answer["rows"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert [str(HISTORY[at]) for at in (19, 17, 10, 2)] == seen
    assert [str(HISTORY[10])] == [row["session"] for row in ask(stored, kind="FOREIGN_DISTRIBUTION")["rows"]]
    span = ask(stored, start=HISTORY[3], end=HISTORY[18])
    assert 2 == span["total"] == len(span["rows"])


def test_an_unknown_kind_and_a_span_turned_round_are_refused(stored: Archive) -> None:
    with pytest.raises(Refused, match="Nearest: FOREIGN_SURGE"):
        ask(stored, kind="FOREIGN SURGE")
    with pytest.raises(Refused, match="'MOON' is none of the") as told:
        ask(stored, kind="MOON")
    assert "FOREIGN_SURGE" in told.value.details["allowed"]
    with pytest.raises(Refused, match="after end"):
        ask(stored, start=HISTORY[3], end=HISTORY[2])


def test_a_stock_that_was_never_analysed_says_which_job_does_it(stored: Archive) -> None:
    with pytest.raises(NoData, match="NOT_COLLECTED") as caught:
        payload.plain(registry.bind(CASE, stored)(stock_code="000660"))
    assert "sugeup job run analyse" in (caught.value.hint or "")


def test_a_stock_that_was_analysed_and_showed_nothing_has_an_empty_list(stored: Archive, tmp_path: Path) -> None:
    State(tmp_path / "state.sqlite").record(
        [Asked("signals", "sugeup", "000660", HISTORY[3], HISTORY[8], 0, stored.clock.now())]
    )
    case = registry.bind(CASE, stored)
    answer = payload.plain(case(stock_code="000660"))
    assert ([], 0, str(HISTORY[8])) == (answer["rows"], answer["total"], answer["analysed_until"])
    assert answer["as_of"].startswith(f"{HISTORY[8]}T15:30")
    assert str(HISTORY[8]) in "\n".join(str(part) for part in CASE.text(case(stock_code="000660")))


def test_every_null_of_a_row_has_its_reason(stored: Archive) -> None:
    for row in ask(stored)["rows"]:
        for name, value in row.items():
            assert value is not None or row["meta"][name]["reason"], name


def test_text_and_rows_hold_every_signal(stored: Archive) -> None:
    answer = registry.bind(CASE, stored)(stock_code=CODE)
    text = "\n".join(str(part) for part in CASE.text(answer))
    assert all(str(HISTORY[at]) in text for at in (2, 10, 17, 19))
    flat = CASE.rows(answer)
    assert 4 == len(flat) and {"net_buy_days": 5} == json.loads(flat[0]["evidence"])
    assert not any(isinstance(value, dict) for row in flat for value in row.values())
