"""The record of signals of one sector: by code or name, newest first, with what its index did afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sugeup import registry
from sugeup.archive import Archive
from sugeup.errors import NoData, Refused
from sugeup.faces import payload
from sugeup.records.ledger import Asked
from sugeup.store.state import State
from tests.support.archives import open_archive, rows
from tests.usecases.test_signals_list import HISTORY, store, told

CASE = registry.usecases()["get_sector_signals"]
STOCKS = registry.usecases()["get_signals"]
SECTORS = {"0013": ("전기·전자", "005930"), "0012": ("의료·정밀기기", "000660"), "1013": ("전기·전자", "035720")}
LEVELS = {"0013": [100.0 + place for place in range(20)], "KOSPI": [1000.0 + 2 * place for place in range(20)]}
EVIDENCE = {"scheme": "KRX_INDUSTRY", "partner_code": "0012", "partner_name": "의료·정밀기기", "window": 10}


def sector(place: int, kind: str = "SECTOR_UNUSUAL_INFLOW", **about: Any) -> dict[str, Any]:
    mine = {
        "code": "0013",
        "scope": "SECTOR",
        "family": "KOSPI",
        "detector": None,
        "evidence": json.dumps(EVIDENCE, ensure_ascii=False),
        "signal_id": f"{HISTORY[place]:%Y%m%d}-{kind}-1-KOSPI-0013",
    }
    return told(place, kind, **(mine | about))


@pytest.fixture
def stored(tmp_path: Path) -> Archive:
    archive = open_archive(tmp_path)
    listing = [
        {"code": code, "valid_from": HISTORY[0], "name": code, "market": "KOSPI" if name[0] == "0" else "KOSDAQ"}
        for name, (_, code) in SECTORS.items()
    ]
    archive.fill("instruments", rows("instruments", listing))
    members = [
        {"code": code, "scheme": "KRX_INDUSTRY", "valid_from": HISTORY[0], "sector": number, "sector_name": name}
        for number, (name, code) in SECTORS.items()
    ]
    archive.fill("sector_membership", rows("sector_membership", members))
    levels = [
        {"index_code": code, "session": day, "close": level}
        for code, closes in LEVELS.items()
        for day, level in zip(HISTORY, closes, strict=True)
    ]
    archive.fill("index_day", rows("index_day", levels))
    store(archive, sector(2), sector(10, "SECTOR_OUTFLOW", direction="SELL"), sector(17))
    return archive


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**({"sector": "0013"} | arguments)))


def test_signals_of_a_sector_come_newest_first_with_partner_and_what_its_index_did(stored: Archive) -> None:
    answer = ask(stored)
    assert ("SECTOR", "0013", "전기·전자", 3) == tuple(answer[name] for name in ("scope", "code", "name", "total"))
    assert [str(HISTORY[at]) for at in (17, 10, 2)] == [row["session"] for row in answer["rows"]]
    oldest, middle = answer["rows"][-1], answer["rows"][1]
    assert ("업종 이상 순환매 유입", "업종 순유출") == (oldest["korean"], middle["korean"])
    assert EVIDENCE == oldest["evidence"]
    for row, place, side in ((oldest, 2, 1), (middle, 10, -1)):
        own, index = (LEVELS[name][place + 5] / LEVELS[name][place] for name in ("0013", "KOSPI"))
        assert (round(100 * (own - index), 2), side > 0) == (row["excess_return_pct"], row["followed"])
    assert "NOT_PUBLISHED_YET" == answer["rows"][0]["meta"]["excess_return_pct"]["reason"]
    text = "\n".join(str(part) for part in CASE.text(registry.bind(CASE, stored)(sector="0013")))
    assert all(str(HISTORY[at]) in text for at in (2, 10, 17)) and "0013 전기·전자" in text
    assert {"0013"} == {row["code"] for row in CASE.rows(registry.bind(CASE, stored)(sector="0013"))}


def test_kinds_and_spans_choose_among_the_rows(stored: Archive) -> None:
    assert [str(HISTORY[10])] == [row["session"] for row in ask(stored, kind="sector_outflow")["rows"]]
    assert 1 == ask(stored, start=HISTORY[3], end=HISTORY[12])["total"]
    with pytest.raises(Refused, match="none of the"):
        ask(stored, kind="MOON")


def test_pages_follow_each_other_without_gap_or_repeat(stored: Archive) -> None:
    first = ask(stored, limit=2)
    second = ask(stored, limit=2, cursor=first["next_cursor"])
    assert ask(stored)["rows"] == first["rows"] + second["rows"]
    assert (None, 3) == (second["next_cursor"], second["total"])


def test_an_unknown_sector_is_refused_with_the_nearest_and_a_name_of_two_with_both(stored: Archive) -> None:
    with pytest.raises(Refused, match="Did you mean 0012 의료·정밀기기") as unknown:
        ask(stored, sector="의료정밀")
    assert "UNKNOWN_SECTOR" == unknown.value.code
    with pytest.raises(Refused, match=r"names 2 sectors: 0013 \(KOSPI\), 1013 \(KOSDAQ\)") as both:
        ask(stored, sector="전기전자")
    assert ["0013", "1013"] == [one["code"] for one in both.value.details["suggestions"]]
    with pytest.raises(Refused, match="no sector of"):
        ask(stored, sector="005930")


def test_without_an_index_the_return_is_null_and_says_so(stored: Archive) -> None:
    store(stored, sector(2, code="0012", signal_id="of another"))
    row = ask(stored, sector="의료·정밀기기")["rows"][0]
    about = row["meta"]["excess_return_pct"]
    assert (None, "MISSING_INPUT") == (row["excess_return_pct"], about["reason"]) and "index" in about["note"]
    for name, value in row.items():
        assert value is not None or row["meta"][name]["reason"], name


def test_a_sector_that_was_never_analysed_says_which_job_does_it(stored: Archive, tmp_path: Path) -> None:
    with pytest.raises(NoData, match="0012 의료·정밀기기 was not analysed") as caught:
        ask(stored, sector="0012")
    assert "sugeup job run analyse" in (caught.value.hint or "")
    State(tmp_path / "state.sqlite").record(
        [Asked("signals", "sugeup", "0012", HISTORY[3], HISTORY[8], 0, stored.clock.now())]
    )
    answer = ask(stored, sector="0012")
    assert ([], 0, str(HISTORY[8])) == (answer["rows"], answer["total"], answer["analysed_until"])


def test_signals_that_were_stored_before_there_were_any_of_sectors_stay_those_of_their_stocks(stored: Archive) -> None:
    """Rows of a lake that knew stocks and markets alone, also those without a scope."""
    store(stored, told(3, scope=None), told(4), told(5, code="KOSPI", scope="MARKET", signal_id="of a market"))
    assert [None, "STOCK"] == stored.read("signals", scopes=["005930"]).sort("session")["scope"].to_list()
    stock = payload.plain(registry.bind(STOCKS, stored)(stock_code="005930"))
    assert (2, 3) == (stock["total"], ask(stored)["total"])
