"""Signals of one evening: the rarest first, counted by kind with the record of each, and what was not analysed."""

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
from sugeup.research import validation
from sugeup.store.state import State
from sugeup.usecases.wording import Grid
from tests.support.archives import days, open_archive, rows
from tests.usecases.test_signals_list import CODE, HISTORY, store, told

CASE = registry.usecases()["get_session_signals"]
LAST = HISTORY[-1]
RARE = "INSTITUTION_UNUSUAL_BUYING"
SECTOR = json.dumps({"name": "전기·전자", "scheme": "KRX_INDUSTRY"}, ensure_ascii=False)


@pytest.fixture
def analysed(tmp_path: Path) -> Archive:
    archive = open_archive(tmp_path)
    names = (("005930", "삼성전자"), ("000660", "SK하이닉스"))
    listed = [{"code": code, "valid_from": HISTORY[0], "name": name, "market": "KOSPI"} for code, name in names]
    archive.fill("instruments", rows("instruments", listed))
    store(
        archive,
        told(18),
        told(19, p_adj=0.04),
        told(19, code="000660", kind=RARE, signal_id="rare", p_adj=0.001, strength=99.999, z=6.5),
        told(
            19,
            code="000660",
            kind="DUMP",
            signal_id="dump",
            direction="NONE",
            p_adj=None,
            p=None,
            strength=None,
            z=None,
        ),
        told(19, code="000660", kind="FOREIGN_DISTRIBUTION", direction="SELL", signal_id="gone", withdrawn=True),
        told(19, code="0013", kind="SECTOR_INFLOW", signal_id="s", scope="SECTOR", p_adj=0.06, evidence=SECTOR),
        told(
            19,
            code="KOSPI",
            kind="MASSIVE_FOREIGN_SELLING",
            direction="SELL",
            signal_id="m",
            scope="MARKET",
            p_adj=None,
        ),
    )
    State(tmp_path / "state.sqlite").record(
        [Asked("signals", "sugeup", code, LAST, LAST, 0, archive.clock.now()) for code in (CODE, "000660")]
    )
    return archive


def ask(archive: Archive, **arguments: Any) -> dict[str, Any]:
    return payload.plain(registry.bind(CASE, archive)(**arguments))


def test_the_rarest_comes_first_and_what_was_not_tested_last(analysed: Archive) -> None:
    answer = ask(analysed)
    kinds = [RARE, "FOREIGN_SURGE", "SECTOR_INFLOW", "DUMP", "MASSIVE_FOREIGN_SELLING"]
    assert list(zip(("000660", CODE, "0013", "000660", "KOSPI"), kinds, strict=True)) == [
        (row["code"], row["kind"]) for row in answer["rows"]
    ]
    assert (str(LAST), 2, 5) == (answer["session"], answer["analysed"], answer["total"])
    assert ["SK하이닉스", "삼성전자", "전기·전자", "SK하이닉스", None] == [row["name"] for row in answer["rows"]]
    assert {"reason": "OUT_OF_SCOPE"}.items() <= answer["rows"][3]["meta"]["p_adj"].items()


def test_each_kind_says_how_many_and_what_its_record_is_worth(analysed: Archive) -> None:
    kinds = {one["kind"]: one for one in ask(analysed)["kinds"]}
    assert {"DUMP", "FOREIGN_SURGE", RARE, "MASSIVE_FOREIGN_SELLING", "SECTOR_INFLOW"} == set(kinds)
    for kind, one in kinds.items():
        verdict = validation.of(kind)
        assert (1, verdict.validated, verdict.why) == (one["n"], one["validated"], one["record"])


def test_a_withdrawn_signal_is_not_of_that_evening_any_more(analysed: Archive) -> None:
    assert 0 == ask(analysed, kind="FOREIGN_DISTRIBUTION")["total"]


def test_one_kind_one_side_and_pages_are_parts_of_the_whole(analysed: Archive) -> None:
    assert [RARE] == [row["kind"] for row in ask(analysed, kind=RARE.lower())["rows"]]
    assert {CODE, "000660", "0013"} == {row["code"] for row in ask(analysed, direction="buy")["rows"]}
    first = ask(analysed, limit=3)
    rest = ask(analysed, limit=3, cursor=first["next_cursor"])
    assert ask(analysed)["rows"] == first["rows"] + rest["rows"] and rest["next_cursor"] is None
    assert first["kinds"] == rest["kinds"]


def test_a_page_for_people_counts_the_kinds_and_lists_the_signals(analysed: Archive) -> None:
    said = CASE.text(registry.bind(CASE, analysed)())
    assert f"그날의 신호 · {LAST} · 2 종목 분석" == said[0]
    counts, listed = (one for one in said if isinstance(one, Grid))
    assert ["기관계 이상 순매수", "매수", "1"] in list(counts.rows)
    assert ["000660", "SK하이닉스", "기관계 이상 순매수", "매수", "100.00", "+6.50", "0.0010", ""] == list(
        listed.rows[0]
    )


def test_an_evening_that_nobody_analysed_says_which_was(analysed: Archive, tmp_path: Path) -> None:
    with pytest.raises(NoData, match=f"The last analysed one is {LAST}") as refused:
        ask(analysed, session=str(HISTORY[3]))
    assert "analyse --session" in (refused.value.hint or "")
    with pytest.raises(NoData, match="No session was analysed"):
        ask(open_archive(tmp_path / "other"))
    with pytest.raises(Refused, match="none of the"):
        ask(analysed, kind="SURGES")
    assert days(20) == HISTORY
